"""The stiff points of functions: values and slopes agree with 100-digit arithmetic."""

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from strategies import gradient, recorded, slopes
from whence import special

DIGITS = 100
FAR = [-1e4, -745.5, -40.0, -1.0, -1e-8, 0.0, 1e-8, 1.0, 40.0, 745.5, 1e4]
NEAR = [-5.0, -1.0, -1e-12, 0.0, 1e-300, 1e-12, 0.5, 5.0, 30.0]
SMALL = [1e-300, 1e-17, 1e-8, 0.3, 0.99]

ENTRYWISE = {
    "sigmoid": (special.sigmoid, lambda x: 1 / (1 + mp.exp(-x)), FAR),
    "softplus": (special.softplus, lambda x: mp.log1p(mp.exp(x)), FAR),
    "log_sigmoid": (special.log_sigmoid, lambda x: -mp.log1p(mp.exp(-x)), FAR),
    "silu": (special.silu, lambda x: x / (1 + mp.exp(-x)), FAR[2:]),
    "gelu": (
        special.gelu,
        lambda x: x * mp.ncdf(x),
        [-20.0, -5.0, 0.0, 1e-9, 5.0, 40.0],
    ),
    "erf": (special.erf, mp.erf, NEAR),
    "erfc": (special.erfc, mp.erfc, [-5.0, 0.0, 1e-12, 5.0, 20.0]),
    "log_ndtr": (
        special.log_ndtr,
        lambda x: mp.log(mp.ncdf(x)),
        [-30.0, -5.0, 0.0, 5.0],
    ),
    "logit": (special.logit, lambda x: mp.log(x / (1 - x)), [1e-20, 1e-8, 0.5, 0.99]),
    "expm1": (np.expm1, mp.expm1, NEAR),
    "log1p": (np.log1p, mp.log1p, [-0.999, *SMALL, 1e300]),
    "tanh": (np.tanh, mp.tanh, FAR),
    "arcsinh": (np.arcsinh, mp.asinh, [-1e200, -1.0, 0.0, 1e-300, 1e200]),
    "arctanh": (np.arctanh, mp.atanh, [-0.999999, 0.0, 1e-12, 0.999999]),
    "gammaln": (special.gammaln, mp.loggamma, [1e-12, 0.5, 1.0, 30.0, 1e10]),
    "digamma": (special.digamma, mp.digamma, [1e-8, 0.5, 30.0, 1e10]),
}


def exact(function, x):
    """A function and its derivative at x, rounded once."""
    with mp.workdps(DIGITS):
        value, slope = function(mpf(x)), mp.diff(function, mpf(x))
        return float(mpmath.re(value)), float(mpmath.re(slope))


@pytest.mark.parametrize("name", ENTRYWISE)
def test_values_and_slopes_are_right_at_stiff_points(name):
    function, truth, points = ENTRYWISE[name]
    wanted = np.array([exact(truth, x) for x in points])
    graph, _ = recorded(function, np.array(points))
    values = graph(np.array(points))[0]
    # a result near 0 in terms of 1 - y is right to an epsilon of 1, not of itself
    np.testing.assert_allclose(values, wanted[:, 0], rtol=5e-14, atol=0)
    for slope in slopes(function, points)[0]:
        np.testing.assert_allclose(slope[0], wanted[:, 1], rtol=1e-12, atol=3e-16)


ROWS = {
    "ordinary": [0.3, -1.2, 2.0],
    "equal and huge": [1e4, 1e4, 1e4],
    "far apart": [1e4, -1e4, 0.0],
    "near": [1000.0, 1000.0 + 1e-9, 999.0],
    "tiny share": [0.0, -40.0, -700.0],
    "with -inf": [1.0, -np.inf, 2.0],
}


def shares(row):
    powers = [mp.exp(mpf(x)) for x in row]
    return [p / mp.fsum(powers) for p in powers]


@pytest.mark.parametrize("name", ROWS)
def test_functions_of_rows_are_right_at_stiff_points(name):
    row = ROWS[name]
    with mp.workdps(DIGITS):
        p = shares(row)
        total = mp.log(mp.fsum(mp.exp(mpf(x)) for x in row))
        logs = [float(mpf(x) - total) for x in row]
        shared, total = [float(x) for x in p], float(total)
        slope = [[float((i == j) - p[j]) for j in range(3)] for i in range(3)]
        curve = [[float(p[i] * ((i == j) - p[j])) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(special.softmax(row), shared, rtol=1e-13, atol=0)
    np.testing.assert_allclose(special.log_softmax(row), logs, rtol=1e-13, atol=0)
    np.testing.assert_allclose(special.logsumexp(row), total, rtol=1e-15)
    x = np.array(row)
    found = gradient(special.logsumexp, x)[0]
    np.testing.assert_allclose(found, shared, rtol=1e-13, atol=0)
    for i in range(3):
        (found,) = gradient(lambda z, i=i: special.softmax(z)[i], x)
        np.testing.assert_allclose(found, curve[i], rtol=1e-12, atol=2e-16)
        if np.isfinite(row[i]):
            (found,) = gradient(lambda z, i=i: special.log_softmax(z)[i], x)
            np.testing.assert_allclose(found, slope[i], rtol=1e-12, atol=2e-16)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_lengths_neither_overflow_nor_vanish(scale):
    x = np.array([3.0, 4.0]) * scale
    for length in (
        np.linalg.norm,
        lambda v: np.hypot(v[0], v[1]),
        lambda v: np.sqrt(2) * np.linalg.norm(np.stack([v, v])) / 2,
    ):
        graph, _ = recorded(length, x)
        np.testing.assert_allclose(graph(x)[0], 5 * scale, rtol=1e-15)
        np.testing.assert_allclose(gradient(length, x)[0], [0.6, 0.8], rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_angles_neither_overflow_nor_vanish(scale):
    y, x = 3.0 * scale, 4.0 * scale
    found = gradient(np.arctan2, np.array(y), np.array(x))
    np.testing.assert_allclose(np.array(found) * scale, [4 / 25, -3 / 25], rtol=1e-14)


@pytest.mark.parametrize("gap", [0.0, 1e-9, 40.0, 1e4, -1e4])
def test_logaddexp_shares_are_right(gap):
    with mp.workdps(DIGITS):
        first = float(1 / (1 + mp.exp(mpf(gap))))
    found = gradient(np.logaddexp, np.array(1.0), np.array(1.0 + gap))
    np.testing.assert_allclose(found, [first, 1 - first], rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("x", [-1e5, -40.0, -5.0, 0.5, 10.0, 50.0])
def test_the_log_of_a_normal_probability_has_its_slope_however_far_out(x):
    with mp.workdps(DIGITS):
        scaled = mp.erfc(mpf(-x) / mp.sqrt(2)) if x > -100 else None
        log_density = -(mpf(x) ** 2) / 2 - mp.log(2 * mp.pi) / 2
        if scaled is None:  # Mills: φ/Φ is −x·(1 + 1/x² − …) far out
            truth = float(-mpf(x) - 1 / mpf(x))
        else:
            truth = float(mp.exp(log_density) / (scaled / 2))
    found = gradient(special.log_ndtr, np.array(x))[0]
    np.testing.assert_allclose(found, truth, rtol=1e-13, atol=1e-300)


def test_special_takes_numbers_lists_and_arrays():
    assert special.sigmoid(0) == 0.5
    assert special.softmax([0, 0]).tolist() == [0.5, 0.5]
    rows = special.logsumexp(np.zeros((2, 4)), axis=1, keepdims=True)
    np.testing.assert_allclose(rows, np.full((2, 1), np.log(4)))
    assert special.relu(np.float32(-1)).dtype == np.float32


def test_scipy_functions_are_answered_too():
    import scipy.special

    found = gradient(lambda x: scipy.special.expit(x) + scipy.special.erf(x), 0.3)
    wanted = gradient(lambda x: special.sigmoid(x) + special.erf(x), 0.3)
    assert found[0] == wanted[0]
