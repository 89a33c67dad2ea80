"""Removable singularities: programs of textbooks have their value and every slope."""

import warnings

import mpmath
import numpy as np
import pytest

import whence

FLOAT_PI = mpmath.mpf(np.pi)  # as a program has it
GAPS = {
    "sin(x)/x": (lambda x: np.sin(x) / x, lambda x: mpmath.sin(x) / x, 0),
    "expm1(x)/x": (lambda x: np.expm1(x) / x, lambda x: mpmath.expm1(x) / x, 0),
    "(exp(x) - 1)/x": (lambda x: (np.exp(x) - 1) / x, lambda x: mpmath.expm1(x) / x, 0),
    "(1 - cos(x))/x**2": (
        lambda x: (1 - np.cos(x)) / x**2,
        lambda x: (1 - mpmath.cos(x)) / x**2,
        0,
    ),
    "(x - sin(x))/x**3": (
        lambda x: (x - np.sin(x)) / x**3,
        lambda x: (x - mpmath.sin(x)) / x**3,
        0,
    ),
    "x/(exp(x) - 1)": (lambda x: x / (np.exp(x) - 1), lambda x: x / mpmath.expm1(x), 0),
    "x/tan(x)": (lambda x: x / np.tan(x), lambda x: x / mpmath.tan(x), 0),
    "arcsin(x)/x": (lambda x: np.arcsin(x) / x, lambda x: mpmath.asin(x) / x, 0),
    "log1p(x)/x": (lambda x: np.log1p(x) / x, lambda x: mpmath.log1p(x) / x, 0),
    "log(x)/(x - 1)": (
        lambda x: np.log(x) / (x - 1),
        lambda x: mpmath.log(x) / (x - 1),
        1,
    ),
    "(sqrt(1 + x) - 1)/x": (
        lambda x: (np.sqrt(1 + x) - 1) / x,
        lambda x: (mpmath.sqrt(1 + x) - 1) / x,
        0,
    ),
    "sin(pi*x)/(pi*x)": (
        lambda x: np.sin(np.pi * x) / (np.pi * x),
        lambda x: mpmath.sin(FLOAT_PI * x) / (FLOAT_PI * x),
        0,
    ),
    "sinc(x)": (np.sinc, mpmath.sincpi, 0),
    "(1 - cos(sqrt(2)*x))/x**2": (
        lambda x: (1 - np.cos(np.sqrt(2) * x)) / x**2,
        lambda x: (1 - mpmath.cos(mpmath.mpf(np.sqrt(2)) * x)) / x**2,
        0,
    ),
    "1/tanh(x) - 1/x": (
        lambda x: 1 / np.tanh(x) - 1 / x,
        lambda x: mpmath.coth(x) - 1 / x,
        0,
    ),
}
ASIDE = [0.0, 1e-8, -1e-5, 0.1, 0.6]


def truth(function, x, order):
    """A derivative with many digits; at the gap itself, the limit beside it."""
    with mpmath.workdps(120):
        x = mpmath.mpf(x)
        h = mpmath.mpf(10) ** -20
        points = [x + (k + mpmath.mpf("0.37")) * h for k in range(-3, 4)]
        weights = fornberg(x, points, order)
        return float(sum(w * function(p) for w, p in zip(weights, points, strict=True)))


def fornberg(at, points, order):
    """The weights of values at points for a derivative: exact for polynomials."""
    n = len(points)
    rows = mpmath.matrix(n, n)
    for i in range(n):
        for j, p in enumerate(points):
            rows[i, j] = (p - at) ** i
    right = mpmath.matrix(n, 1)
    right[order] = mpmath.factorial(order)
    return list(mpmath.lu_solve(rows, right))


@pytest.mark.parametrize("name", GAPS)
def test_value_and_slopes_are_right_at_a_gap_and_near_it(name):
    function, exact, gap = GAPS[name]
    first = whence.value_and_grad(function)
    second = whence.grad(whence.grad(function))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # neither side is computed where it has no use
        for aside in ASIDE:
            x = gap + aside
            value, slope = first(x)
            found = [value, slope, second(x)]
            wanted = [truth(exact, x, order) for order in range(3)]
            np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", GAPS)
def test_a_derivation_at_a_gap_has_the_number_and_the_code_that_runs(name):
    function, exact, gap = GAPS[name]
    derivation = whence.explain(function, float(gap))
    assert derivation.checked
    wanted = truth(exact, gap, 1)
    space = {}
    exec(derivation.code(), space)
    (number,) = derivation.results.values()
    np.testing.assert_allclose(
        [number, space["gradient"](float(gap))], wanted, rtol=1e-12, atol=1e-15
    )


def test_directional_derivatives_and_hessians_are_right_at_a_gap():
    def f(x):
        return np.sum(np.sin(x) / x)

    x, v = np.array([0.0, 1e-9, 0.5]), np.array([1.0, 2.0, 3.0])
    value, slope = whence.jvp(f, (x,), (v,))
    curvature = (truth(lambda x: mpmath.sin(x) / x, a, 2) for a in x)
    np.testing.assert_allclose(value, 2 + np.sin(0.5) / 0.5)
    np.testing.assert_allclose(slope, whence.grad(f)(x) @ v, rtol=1e-12)
    np.testing.assert_allclose(
        np.diag(whence.hessian(f)(x)), list(curvature), rtol=1e-11
    )


def test_a_pole_stays_a_pole():
    with np.errstate(all="ignore"):
        assert np.isinf(whence.value_and_grad(lambda x: np.cos(x) / x)(0.0)[0])


def test_a_gap_stays_where_nothing_is_recognised():
    with np.errstate(all="ignore"):
        assert np.isnan(whence.grad(lambda x: np.sin(x) / x, recognise=False)(0.0))


def test_a_series_is_not_put_beside_a_series():
    def f(x):
        return np.sin(x) / x

    graph = whence.trace(whence.grad(whence.grad(f)), 0.3)
    series = [e for e in graph.equations if e.primitive.name == "polynomial"]
    assert len(series) <= 3


def test_a_factor_that_fills_a_gap_is_found_among_others():
    def f(x, v):
        return np.sum(v * np.exp(v) * np.sin(x) / x)

    v = np.array([2.0, -1.0])
    found = whence.grad(f, wrt=(0, 1))(np.array([0.0, 1e-9]), v)
    np.testing.assert_allclose(found[0], -v * np.exp(v) * [0, 1e-9] / 3, atol=1e-25)
    np.testing.assert_allclose(found[1], np.exp(v) * (1 + v), rtol=1e-14)
