"""Names put back where they are divided by: what `grad` runs has no gap of its own."""

from fractions import Fraction

import numpy as np
import pytest

import whence
from whence.simplify.term import Symbol, power
from whence.simplify.undivided import undivided

x, u, z = Symbol("x"), Symbol("u"), Symbol("z")
ROOT = power(x, Fraction(1, 2))


def meaning(symbol):
    return {u: ROOT}.get(symbol)


def with_a_name(x):
    r = np.sqrt(x)
    return r * x


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda x: x * np.sqrt(x), 0.0),
        (lambda x: np.sqrt(x) * np.sqrt(x), 1.0),
        (lambda x: np.sqrt(x) * np.sqrt(x) * x, 0.0),
        (with_a_name, 0.0),
        (lambda x: x * np.abs(x), 0.0),
        (lambda x: x**1.5, 0.0),
        (lambda x: np.abs(x) ** 3, 0.0),
    ],
)
def test_powers_by_hand_have_their_slope_at_zero(function, slope):
    with np.errstate(all="ignore"):
        assert whence.grad(function)(0.0) == slope
        derivation = whence.explain(function, 0.0)
    assert derivation.checked
    assert derivation.results["x"] == slope


def test_a_quotient_of_exponentials_has_its_slope_far_out():
    with np.errstate(all="ignore"):
        slope = whence.grad(lambda a, b: np.exp(a) / np.exp(b))(1000.0, 999.0)
    np.testing.assert_allclose(slope, np.e)


def test_a_power_of_a_rate_in_a_logarithm_has_its_slope_far_out():
    def log_density(mu, k):
        return np.log(np.exp(-mu) * mu**k)

    with np.errstate(all="ignore"):
        np.testing.assert_allclose(whence.grad(log_density)(1000.0, 800.0), -0.2)


def test_a_name_is_put_back_only_where_less_is_divided_by():
    assert undivided(x / (2 * u) + u, meaning) == Fraction(3, 2) * ROOT
    assert undivided(z / u, meaning) == z / u
    assert undivided(z * u, meaning) == z * u
