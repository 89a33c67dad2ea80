"""Polynomials: a quotient times its divisor is the dividend, and no other is one."""

import math
from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, given, settings, strategies as st

from terms import DIGITS, agree, built, by_symbol, number_of, points
from whence.simplify.cost import cost
from whence.simplify.polynomial import cancelled_sums, polynomial, quotient
from whence.simplify.rule import function
from whence.simplify.term import Num, Sum, Symbol, power

X, Y = built("x"), built("y")
BASES = (X, Y, function("sin")(X), Symbol("n"))
coefficients = st.sampled_from([*map(Fraction, (-3, -2, -1, 1, 2, 3)), Fraction(1, 2)])


@st.composite
def polynomials(draw):
    """A sum of at least two monomials in x, y, sin x or a name."""
    total = Num(Fraction(0))
    for _ in range(draw(st.integers(2, 3))):
        item = Num(draw(coefficients))
        for base in draw(st.lists(st.sampled_from(BASES), max_size=2)):
            item = item * power(base, draw(st.integers(1, 2)))
        total = total + item
    assume(isinstance(total, Sum))
    return total


def expanded(a, b):
    """The product of two sums, multiplied out."""
    total = Num(Fraction(0))
    for c, m in a.items:
        for d, n in b.items:
            total = total + Num(c * d) * m * n
    return total


def of(x, at):
    """The number of a term at a point, n at 3 more than x."""
    values = by_symbol(at)
    return number_of(x, {**values, BASES[3]: values[X] + 3})


@given(polynomials(), polynomials(), points)
def test_a_product_is_divided_by_each_of_its_factors(a, b, at):
    whole = expanded(a, b)
    assume(isinstance(whole, Sum))
    found = quotient(whole, b)
    with mpmath.workdps(DIGITS):
        assert agree(of(found, at), of(a, at))


@given(polynomials(), polynomials(), coefficients)
def test_what_leaves_a_rest_is_not_divided(a, b, rest):
    whole = expanded(a, b) + Num(rest)
    assume(isinstance(whole, Sum))
    assert quotient(whole, b) is None


@settings(max_examples=60)
@given(polynomials(), polynomials(), points)
def test_a_fraction_is_cancelled_to_the_same_number_in_fewer_operations(a, b, at):
    whole = expanded(a, b)
    assume(isinstance(whole, Sum) and len(whole.items) > 1)
    for fraction in (whole / b, b / whole):
        ways = [new for _, new in cancelled_sums(fraction)]
        assert min(map(cost, ways)) < cost(fraction)
        with mpmath.workdps(DIGITS):
            assume(min(abs(of(x, at)) for x in (whole, b)) > 1e-6)
            assert all(agree(of(new, at), of(fraction, at)) for new in ways)


@pytest.mark.parametrize(
    ("x", "why"),
    [
        (X, "no sum"),
        (X + power(Y, Fraction(1, 2)), "a root"),
        (X + 1 / Y, "a fraction"),
        (X + power(Y, X), "a power that is no number"),
        (X + math.sin(1) * Y, "a coefficient that is not exact"),
    ],
)
def test_what_is_no_polynomial_is_none(x, why):
    assert polynomial(x, {}) is None, why


def test_a_fraction_in_lowest_terms_stays():
    assert list(cancelled_sums((X**2 + 1) / (X - 1))) == []
    assert list(cancelled_sums((X**2 - 1) / Y)) == []
