"""Laurent series: exact coefficients, those of the function, and none where none is."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, given, settings, strategies as st

from terms import agree, number_of, of
from whence.simplify.rule import function
from whence.simplify.series import (
    FUNCTIONS,
    NoSeriesError,
    Series,
    constant,
    exp,
    laurent,
    log,
    series,
)
from whence.simplify.term import EULER, Symbol, power, term

X = Symbol("x")
COUNT = 8  # coefficients
ZERO = Fraction(0)
SHIFT = {"log": 1, "cbrt": 1}  # what stands inside is near this; elsewhere near 0
small = st.fractions(-2, 2, max_denominator=5)
slopes = small.filter(bool)


@st.composite
def drawn(draw, least=-2):
    """A series with a leading coefficient and some others."""
    return series(draw(st.integers(least, 2)), [draw(slopes), *draw(many)])


many = st.lists(small, min_size=4, max_size=4)


def about(u, x):
    """The number of a cut-off series."""
    return sum(of(c) * x ** (u.first + i) for i, c in enumerate(u.coefficients))


def same(a, b):
    """Whether two series have the same coefficients, as far as both are known."""
    end = min(a.end, b.end)
    return all(a.at(n) == b.at(n) for n in range(min(a.first, b.first), end))


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=20)
@given(a=slopes, b=small)
def test_the_coefficients_are_those_of_the_function(name, a, b):
    inside = SHIFT.get(name, 0) + a * X + b * X**2
    found = laurent(function(name)(inside), X, ZERO, COUNT)
    assert found.end >= COUNT - 1, "nothing cancels, so nearly all are known"
    x = mpmath.mpf(10) ** -12
    with mpmath.workdps(200):
        wanted = number_of(function(name)(inside), {X: x})
        assert agree(about(found, x), wanted, 12 * (COUNT - 2))


def test_every_function_that_has_a_series_gives_one_where_it_should():
    assert {"exp", "power"}.isdisjoint(FUNCTIONS), "those are products"
    for name in FUNCTIONS:
        inside = SHIFT.get(name, 0) + X
        assert laurent(function(name)(inside), X, ZERO, COUNT).coefficients


REMOVABLE = {
    "sin(x)/x": (function("sin")(X) / X, 0, [1, 0, Fraction(-1, 6), 0]),
    "(1 − cos x)/x²": ((1 - function("cos")(X)) / X**2, 0, [Fraction(1, 2), 0]),
    "(e^x − 1)/x": ((power(EULER, X) - 1) / X, 0, [1, Fraction(1, 2)]),
    "x/tan x": (X / function("tan")(X), 0, [1, 0, Fraction(-1, 3)]),
    "1/x²": (1 / X**2, -2, [1, 0, 0]),
    "log(x)/(x − 1) at 1": (function("log")(X) / (X - 1), 0, [1, Fraction(-1, 2)]),
}


@pytest.mark.parametrize("name", REMOVABLE)
def test_a_quotient_has_the_series_of_the_textbook(name):
    x, first, coefficients = REMOVABLE[name]
    found = laurent(x, X, Fraction("at 1" in name), COUNT)
    assert found.first == first
    assert list(found.coefficients[: len(coefficients)]) == coefficients


NONE = {
    "a branch point": power(X, Fraction(1, 2)),
    "an irrational value": function("exp2")(X) / X,
    "another irrational value": function("sin")(X + 1),
    "the logarithm of 0": function("log")(X),
    "an essential singularity": power(EULER, 1 / X),
    "an irrational root": power(X + 2, Fraction(1, 2)),
    "another symbol": X * Symbol("y"),
    "a number that is none": term(float("nan")) * X,
}


@pytest.mark.parametrize("name", NONE)
def test_what_has_no_series_of_fractions_is_refused(name):
    with pytest.raises(NoSeriesError):
        laurent(NONE[name], X, ZERO, COUNT)


@given(drawn(), drawn())
def test_the_rules_of_arithmetic_hold(u, v):
    inverse = v ** Fraction(-1)
    assert same(u * v * inverse, u)
    assert same((u + v) * v, u * v + v * v)
    assert same((u * u) ** Fraction(3), u ** Fraction(6))
    assert same((u * v).derived(), u.derived() * v + u * v.derived())


@given(drawn(0))
def test_an_integral_has_its_integrand_for_a_derivative(u):
    found = u.integrated(Fraction(5))
    assert same(found.derived(), u)
    assert found.at(0) == 5


@given(drawn())
def test_the_logarithm_undoes_the_exponential(u):
    assume(u.first > 0)
    assert same(log(exp(u)), u)


@given(drawn())
def test_the_integral_of_a_pole_is_no_series(u):
    assume(u.at(-1) or u.first < -1)
    with pytest.raises(NoSeriesError):
        u.integrated()


def test_a_leading_zero_is_no_coefficient():
    assert series(0, [ZERO, ZERO, Fraction(3)]) == Series(2, (Fraction(3),))
    assert (constant(Fraction(1), 4) + constant(Fraction(-1), 4)).coefficients == ()
    assert laurent(X - X**2 / X + X**3, X, ZERO, COUNT).first == 3
