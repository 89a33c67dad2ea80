"""Shifted exponentials: what runs is finite wherever the mathematics is."""

import mpmath
import numpy as np
import pytest

import whence
from strategies import traced
from whence.core.check import check
from whence.simplify.recognise import recognise
from whence.simplify.shift import SHIFT, shifted

exp, log = mpmath.exp, mpmath.log
RIGHT = [800.0, 20.0, 0.7, 1e-9]
LINE = [*RIGHT, *(-x for x in RIGHT)]


def bell(x, m):
    return np.exp(-((x - m) ** 2) / 2)


def bell_exact(x, m):
    return exp(-((x - m) ** 2) / 2)


FUNCTIONS = {  # what is written, the same with many digits, and where it is defined
    "sech": (lambda x: 1 / np.cosh(x), mpmath.sech, LINE),
    "csch": (lambda x: 1 / np.sinh(x), mpmath.csch, LINE),
    "log cosh": (lambda x: np.log(np.cosh(x)), lambda x: log(mpmath.cosh(x)), LINE),
    "log cosh by exponentials": (
        lambda x: np.log((np.exp(x) + np.exp(-x)) / 2),
        lambda x: log(mpmath.cosh(x)),
        LINE,
    ),
    "log sinh": (lambda x: np.log(np.sinh(x)), lambda x: log(mpmath.sinh(x)), RIGHT),
    "log sech squared": (
        lambda x: np.log(1 - np.tanh(x) ** 2),
        lambda x: -2 * log(mpmath.cosh(x)),
        LINE,
    ),
    "log expm1": (
        lambda x: np.log(np.expm1(x)),
        lambda x: log(mpmath.expm1(x)),
        RIGHT,
    ),
    "log of a product with 1 - e^(-x)": (
        lambda x: np.log(x * (1 - np.exp(-x))),
        lambda x: log(-x * mpmath.expm1(-x)),
        LINE,
    ),
    "Langevin": (
        lambda x: np.cosh(x) / np.sinh(x) - 1 / x,
        lambda x: mpmath.coth(x) - 1 / x,
        LINE,
    ),
    "Bernoulli": (
        lambda x: x / (np.exp(x) - 1),
        lambda x: x / mpmath.expm1(x),
        LINE,
    ),
    "Bose": (lambda x: 1 / (np.exp(x) - 1), lambda x: 1 / mpmath.expm1(x), LINE),
    "Planck": (
        lambda x: x**3 / (np.exp(x) - 1),
        lambda x: x**3 / mpmath.expm1(x),
        LINE,
    ),
    "three exponentials": (
        lambda x: np.exp(x) / (1 + np.exp(x) + np.exp(2 * x)),
        lambda x: exp(x) / (1 + exp(x) + exp(2 * x)),
        LINE,
    ),
    "a ratio": (
        lambda x: (np.exp(x) - 2) / (np.exp(x) + 3),
        lambda x: (exp(x) - 2) / (exp(x) + 3),
        LINE,
    ),
    "logistic density": (
        lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
        lambda x: exp(-x) / (1 + exp(-x)) ** 2,
        LINE,
    ),
    "unequal weights": (
        lambda x: np.log(0.25 * np.exp(x) + 0.75 * np.exp(-3 * x)),
        lambda x: log(0.25 * exp(x) + 0.75 * exp(-3 * x)),
        LINE,
    ),
    "mixture": (
        lambda x: np.log(0.25 * bell(x, -1) + 0.75 * bell(x, 2)),
        lambda x: log(0.25 * bell_exact(x, -1) + 0.75 * bell_exact(x, 2)),
        LINE,
    ),
}
CASES = [(name, x) for name, (_, _, at) in FUNCTIONS.items() for x in at]


def truth(function, x, order):
    """A derivative by differences, with so many digits that e^5000 leaves hundreds."""
    with mpmath.workdps(6000):
        x, h = mpmath.mpf(x), mpmath.mpf(10) ** -150
        up, here, down = (function(x + k * h) for k in (1, 0, -1))
        slope = (up - down) / (2 * h)
        return float((here, slope, (up - 2 * here + down) / h**2)[order])


@pytest.mark.parametrize(("name", "x"), CASES)
def test_value_and_slopes_are_right_far_out_and_near_zero(name, x):
    function, exact, _ = FUNCTIONS[name]
    with np.errstate(all="ignore"):
        value, slope = whence.value_and_grad(function)(x)
        second = whence.grad(whence.grad(function))(x)
    wanted = [truth(exact, x, order) for order in range(3)]
    size = max(1.0, *map(abs, wanted))  # what is less than its rounding may be lost
    assert np.isfinite([value, slope, second]).all()
    np.testing.assert_allclose(value, wanted[0], rtol=1e-9, atol=1e-15 * size)
    np.testing.assert_allclose(slope, wanted[1], rtol=1e-9, atol=1e-15 * size)
    np.testing.assert_allclose(second, wanted[2], rtol=1e-7, atol=1e-13 * size)


POWERS = {
    "Poisson": (
        lambda x, n: np.log(np.exp(-x) * x**n),
        lambda x: 300 * log(x) - x,
        [1000.0, 800.0, 0.7],
    ),
    "Hill": (
        lambda x, n: x**n / (2.0**n + x**n),
        lambda x: x**300 / (mpmath.mpf(2) ** 300 + x**300),
        [1000.0, 2.5, 2.0, 1.9, 0.7],
    ),
    "a saturated response": (
        lambda x, n: 1 / (1 + 3 * x**n),
        lambda x: 1 / (1 + 3 * x**300),
        [1000.0, 1.01, 0.99, 0.5],
    ),
}


@pytest.mark.parametrize("name", POWERS)
def test_large_powers_are_right_where_they_overflow(name):
    function, exact, at = POWERS[name]
    for x in at:
        with np.errstate(all="ignore"):
            value, slope = whence.value_and_grad(function)(x, 300.0)
            second = whence.grad(whence.grad(function))(x, 300.0)
        wanted = [truth(exact, x, order) for order in range(3)]
        np.testing.assert_allclose(value, wanted[0], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(slope, wanted[1], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(second, wanted[2], rtol=1e-7, atol=1e-13)


def test_a_large_power_has_its_slope_at_zero():
    def hill(x, n):
        return x**n / (2.0**n + x**n)

    assert whence.grad(hill)(0.0, 300.0) == 0.0


@pytest.mark.parametrize("n", [3.0, 2.5, -1.0])
def test_the_log_of_a_negative_power_has_no_value(n):
    with np.errstate(all="ignore"):
        value, _ = whence.value_and_grad(lambda x, n: np.log(x**n))(-2.0, n)
    assert np.isnan(value)


def test_the_log_of_an_even_power_has_its_slope_below_zero():
    value, slope = whence.value_and_grad(lambda x, n: np.log(x**n))(-2.0, 4.0)
    np.testing.assert_allclose([value, slope], [np.log(16.0), -2.0])


X, W = np.array([1e4, 9999.0, 0.0]), np.array([0.2, -0.1, 0.5])
WEIGHTED = {
    "log(sum(w*exp(x)))": lambda e, w: e * w / (w @ e),
    "log(w @ exp(x))": lambda e, w: e * w / (w @ e),
    "log(mean(w*exp(x)))": lambda e, w: e * w / (w @ e),
}


@pytest.mark.parametrize("formula", WEIGHTED)
def test_weights_of_either_sign_are_right_at_huge_exponents(formula):
    e = np.exp(X - 1e4)
    with np.errstate(all="ignore"):
        by_x = whence.grad(formula, wrt="x")(x=X, w=W)
        by_w = whence.grad(formula, wrt="w")(x=X, w=W)
        told = [whence.explain(formula, wrt=n, x=X, w=W) for n in "xw"]
    np.testing.assert_allclose(by_x, WEIGHTED[formula](e, W), rtol=1e-12)
    np.testing.assert_allclose(by_w, e / (W @ e), rtol=1e-12)
    assert all(d.checked for d in told)
    np.testing.assert_allclose(told[0].results["x"], by_x, rtol=1e-12)
    np.testing.assert_allclose(told[1].results["w"], by_w, rtol=1e-12)


def test_the_log_of_an_exponential_has_the_slope_one():
    with np.errstate(all="ignore"):
        assert whence.grad(lambda x: np.log(np.exp(x)))(800.0) == 1.0


def test_each_row_is_shifted_by_its_own_largest():
    X = np.array([[1e4, 9999.0, 0.0], [-1e4, -9999.0, -1e5]])

    def loss(X):
        return np.sum(np.log(np.sum(W**2 * np.exp(X), axis=1)))

    e = W**2 * np.exp(X - X.max(axis=1, keepdims=True))
    with np.errstate(all="ignore"):
        found = whence.grad(loss)(X)
    np.testing.assert_allclose(found, e / e.sum(axis=1, keepdims=True), rtol=1e-12)


def test_a_mask_over_a_softmax_by_hand_leaves_huge_logits_finite():
    def masked(q, mask):
        e = np.exp(q) * mask
        p = e / np.sum(e)
        return p @ np.arange(3.0)

    with np.errstate(all="ignore"):
        found = whence.grad(masked)(
            np.array([1000.0, 999.0, 1001.0]), np.array([1.0, 1, 0])
        )
    p = 1 / (1 + np.e)
    np.testing.assert_allclose(found, [-p * (1 - p), p * (1 - p), 0], rtol=1e-12)


def test_the_step_that_runs_is_named():
    with np.errstate(all="ignore"):
        derivation = whence.explain("log(sum(w*exp(x)))", wrt="x", x=X, w=W)
        scope = {}
        exec(derivation.code(), scope)
        found = scope["gradient"](x=X, w=W)
    (step,) = [s for s in derivation.steps if s.kind == "stabilise"]
    assert step.rule == SHIFT
    np.testing.assert_allclose(found, derivation.results["x"], rtol=1e-12)


OTHERS = {
    "a polynomial": lambda x: x**3 / (1 + x**2),
    "a sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "a softmax": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "a bell": lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
    "an exponential linear unit": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "a low power": lambda x: x**3 / (1 + x**3),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_does_not_overflow_is_left_alone(name):
    graph = recognise(traced(OTHERS[name], np.array([0.3, 0.7])))[0]
    assert shifted(graph) == (graph, [])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_shifted_program_is_sound_and_keeps_its_names(name):
    graph = recognise(traced(FUNCTIONS[name][0], 0.7))[0]
    found, _ = shifted(graph)
    check(found)
    assert found.names == graph.names
    np.testing.assert_allclose(found(0.7), graph(0.7), rtol=1e-12)
