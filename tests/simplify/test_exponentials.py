"""Sums of exponentials written out by hand: right however far out, to any order."""

import mpmath
import numpy as np
import pytest

import whence


def slope(function, at, by, order):
    """A derivative by differences, with so many digits that e^3000 leaves hundreds."""
    with mpmath.workdps(3000):
        h = mpmath.mpf(10) ** -100
        points = [mpmath.mpf(x) for x in at]

        def moved(k):
            return function(
                *(x + k * h if i == by else x for i, x in enumerate(points))
            )

        if order == 1:
            return float((moved(1) - moved(-1)) / (2 * h))
        return float((moved(1) - 2 * moved(0) + moved(-1)) / h**2)


exp, log = mpmath.exp, mpmath.log
FUNCTIONS = {
    "a share of two": (
        lambda a, b: np.exp(a) / (np.exp(a) + np.exp(b)),
        lambda a, b: exp(a) / (exp(a) + exp(b)),
    ),
    "the other share": (
        lambda a, b: 3 * np.exp(b) / (2 * np.exp(a) + 2 * np.exp(b)),
        lambda a, b: 3 * exp(b) / (2 * exp(a) + 2 * exp(b)),
    ),
    "a log of two": (
        lambda a, b: np.log(np.exp(a) + np.exp(b)),
        lambda a, b: log(exp(a) + exp(b)),
    ),
    "a log of three": (
        lambda a, b: np.log((1 + np.exp(a) + np.exp(b)) / 3),
        lambda a, b: log((1 + exp(a) + exp(b)) / 3),
    ),
    "a log of a difference": (
        lambda a, b: np.log(np.exp(b) - np.exp(a)),
        lambda a, b: log(exp(b) - exp(a)),
    ),
    "a quotient": (
        lambda a, b: np.exp(2 * a) / np.exp(2 * b),
        lambda a, b: exp(2 * (a - b)),
    ),
    "a product": (
        lambda a, b: np.exp(a) * np.exp(-b),
        lambda a, b: exp(a - b),
    ),
}
POINTS = [(0.3, 0.7), (800.0, 801.5), (-800.0, -799.0), (-1000.0, 3.0)]


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [1, 2])
def test_slopes_of_exponentials_by_hand_are_right_far_out(name, at, order):
    function, same = FUNCTIONS[name]
    for by in (0, 1):
        taken = whence.grad(function, by)
        taken = whence.grad(taken, by) if order == 2 else taken
        with np.errstate(all="ignore"):
            found = taken(*at)
        wanted = slope(same, at, by, order)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_explain_gives_the_slope_that_runs(name, at):
    function, _ = FUNCTIONS[name]
    with np.errstate(all="ignore"):
        derivation = whence.explain(function, *at)
        scope = {}
        exec(derivation.code(), scope)
        wanted = whence.grad(function)(*at)
    assert derivation.checked, derivation.failure
    found = [derivation.results["a"], scope["gradient"](*at)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("mean", ["mean(exp(x))", "sum(exp(x))/len(x)"])
def test_the_log_of_a_mean_of_exponentials_is_a_logsumexp(mean):
    x = np.array([1e4, 9999.0, 0.0])
    with np.errstate(all="ignore"):
        derivation = whence.explain(f"log({mean})", x=x)
        value, found = whence.value_and_grad(f"log({mean})")(x)
    shares = np.exp(x - 1e4) / np.sum(np.exp(x - 1e4))
    np.testing.assert_allclose(found, shares, rtol=1e-12)
    np.testing.assert_allclose(value, 1e4 + np.log1p(np.exp(-1)) - np.log(3))
    assert derivation.operations == 0
    assert "is-logsumexp" in str(derivation)


HYPERBOLIC = {
    "sinh(x)*exp(-x)": "np.exp(-2*x)",
    "cosh(x)*exp(-x)": "-np.exp(-2*x)",
    "exp(x)/cosh(x)": "4*sigmoid(2*x)*(1 - sigmoid(2*x))",
    "(exp(x) - exp(-x))/2": "np.cosh(x)",
    "2/(exp(x) + exp(-x))": "-np.sinh(x)/np.cosh(x)**2",
}


@pytest.mark.parametrize("formula", HYPERBOLIC)
def test_hyperbolic_functions_by_exponentials_are_known(formula):
    derivation = whence.explain(formula, x=0.7)
    assert derivation.checked
    assert derivation.result == HYPERBOLIC[formula]


def test_a_ratio_of_hyperbolic_functions_named_on_the_way_is_tanh():
    def ratio(x):
        s = (np.exp(x) - np.exp(-x)) / 2
        c = (np.exp(x) + np.exp(-x)) / 2
        return s / c

    with np.errstate(all="ignore"):
        assert whence.grad(ratio)(800.0) == 0.0
    assert whence.explain(ratio, 0.7).result == "1 - np.tanh(x)**2"
