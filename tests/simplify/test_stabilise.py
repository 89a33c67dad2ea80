"""The form that runs has the last digits of a slope where the short form has none."""

import mpmath
import numpy as np
import pytest
from scipy import special

import whence

POINTS = [-800.0, -300.0, -40.0, -1.5, 0.0, 1e-9, 0.7, 20.0, 40.0, 300.0, 800.0]


def slope(function, x):
    """A slope by differences, with so many digits that e^1600 leaves a hundred."""
    with mpmath.workdps(1000):
        h = mpmath.mpf(10) ** -60
        x = mpmath.mpf(x)
        return float((function(x + h) - function(x - h)) / (2 * h))


def logistic(z):
    return 1 / (1 + np.exp(-z))


SLOPES = {
    "sigmoid": (logistic, lambda z: 1 / (1 + mpmath.exp(-z))),
    "loss of a sure class": (
        lambda z: -np.log(logistic(z)),
        lambda z: mpmath.log(1 + mpmath.exp(-z)),
    ),
    "focal": (
        lambda z: -((1 - logistic(z)) ** 2) * np.log(logistic(z)),
        lambda z: mpmath.log(1 + mpmath.exp(-z)) / (1 + mpmath.exp(z)) ** 2,
    ),
    "softplus, turned": (
        lambda z: z + np.log(1 + np.exp(-z)),
        lambda z: z + mpmath.log(1 + mpmath.exp(-z)),
    ),
}


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_keep_their_digits_however_far_out(name):
    function, exact = SLOPES[name]
    for x in POINTS:
        with np.errstate(all="ignore"):
            found = whence.grad(function)(x)
        np.testing.assert_allclose(found, slope(exact, x), rtol=1e-10, atol=1e-300)


def cross_entropy(z, y):
    p = logistic(z)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("z", [40.0, -40.0, 700.0, 1.5])
def test_a_saturated_loss_is_explained_with_the_digits_that_run(z, y):
    wanted = slope(
        lambda z: (
            y * mpmath.log(1 + mpmath.exp(-z)) + (1 - y) * mpmath.log(1 + mpmath.exp(z))
        ),
        z,
    )
    derivation = whence.explain(cross_entropy, z, y)
    space = {}
    exec(derivation.code(), space)
    found = [
        whence.grad(cross_entropy)(z, y),
        derivation.results["z"],
        space["gradient"](z, y),
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-300)
    assert derivation.result == "p - y"  # what readers see stays short
    (stable,) = [s for s in derivation.steps if s.kind == "stabilise"]
    assert stable.rule == "split-saturation"


def test_the_sure_class_of_a_softmax_keeps_its_slope():
    def loss(q):
        p = np.exp(q) / np.sum(np.exp(q))
        return -np.log(p[0])

    found = whence.grad(loss)(np.array([40.0, 0.0, -1.0]))
    others = np.exp([-40.0, -41.0])
    np.testing.assert_allclose(found, [-others.sum(), *others], rtol=1e-12)


@pytest.mark.parametrize("power", [2, 3, 1.5])
def test_a_power_times_a_logarithm_has_its_limit(power):
    with np.errstate(all="ignore"):
        assert whence.grad(lambda x: x**power * np.log(x))(0.0) == 0


@pytest.mark.parametrize("z", [[1.0, 2.0, 3.0], [1e4, 0.0, -1e4], [800.0, 0.0, 0.0]])
def test_the_entropy_of_a_softmax_has_a_slope_and_code_wherever_it_saturates(z):
    def entropy(z):
        p = np.exp(z) / np.sum(np.exp(z))
        return -np.sum(p * np.log(p))

    z = np.array(z)
    derivation = whence.explain(entropy, z)
    assert derivation.checked
    space = {}
    exec(derivation.code(), space)
    p = special.softmax(z)
    expected = p * (np.sum(special.xlogy(p, p)) - special.log_softmax(z))
    np.testing.assert_allclose(space["gradient"](z), expected, rtol=1e-12)
    np.testing.assert_allclose(whence.grad(entropy)(z), expected, rtol=1e-12)


def bernoulli(p, y):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


@pytest.mark.parametrize(
    ("p", "y", "slope"), [(0.0, 0.0, 1.0), (1.0, 1.0, -1.0), (0.25, 1.0, -4.0)]
)
def test_a_label_without_weight_takes_nothing_from_a_sure_probability(p, y, slope):
    with np.errstate(all="ignore"):
        assert whence.grad(bernoulli)(p, y) == slope
        assert whence.explain(bernoulli, p, y).results["p"] == slope


def test_a_cross_entropy_has_its_slope_where_a_class_has_no_share():
    p, t = np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0])
    with np.errstate(all="ignore"):
        found = whence.grad(lambda p: -np.sum(t * np.log(p)))(p)
    np.testing.assert_array_equal(found, -t)


def test_the_guard_of_a_weight_changes_no_slope_of_the_slope():
    slope = whence.grad(bernoulli)
    np.testing.assert_allclose(
        whence.grad(slope, wrt="y")(0.3, 0.0), -1 / 0.3 - 1 / 0.7
    )
    np.testing.assert_allclose(whence.grad(slope)(0.3, 0.0), 1 / 0.49)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_the_geometric_mean_and_the_log_of_a_product_have_their_slopes(scale):
    x = np.array([1.0, 2.0, 4.0]) * scale
    with np.errstate(all="ignore"):
        mean = whence.grad(lambda x: np.prod(x) ** (1 / len(x)))(x)
        log = whence.grad(lambda x: np.log(np.prod(x)))(x)
    np.testing.assert_allclose(mean, 2 / (3 * x / scale), rtol=1e-12)
    np.testing.assert_allclose(log, 1 / x, rtol=1e-14)


def test_the_root_of_a_negative_product_has_no_slope():
    with np.errstate(all="ignore"):
        slope = whence.grad(lambda x: np.prod(x) ** 0.3)(np.array([-2.0, 1.0, 1.5]))
    assert np.isnan(slope).all()
