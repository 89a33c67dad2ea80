"""Products as fractions: what stands above and below the line, and the sign."""

from fractions import Fraction

import numpy as np
import pytest

import whence
from whence.simplify.fraction import fraction_of
from whence.simplify.term import Num, Prod, Symbol, split


def test_a_minus_before_a_root_of_a_number_keeps_the_root():
    x = Symbol("x", positive=True)
    factors = split((2 * x) ** 0.5)[1]
    negative, above, below = fraction_of(Fraction(-1), Prod(factors))
    assert (negative, tuple(above), below) == (True, factors, [])


def test_a_minus_before_a_number_goes_into_it():
    negative, above, below = fraction_of(Fraction(-2), Symbol("x"))
    assert (negative, above[0], below) == (False, (Num(Fraction(-2)), 1), [])


def test_a_power_that_is_no_short_fraction_differentiates():
    exponent, x = 0.123456789012, np.array([1.0, 2.0])
    found = whence.grad(lambda x: np.exp(x[0]) * (x @ x) ** exponent)(x)
    value = np.exp(1.0) * 5.0**exponent
    assert found == pytest.approx(value * (np.array([1, 0]) + 2 * exponent * x / 5))
