"""Constants: floats are read as what they were computed as, and as nothing else."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from whence.explain.dialect import TEXT
from whence.explain.tree import value_of
from whence.explain.writer import Writer
from whence.simplify.constant import constant
from whence.simplify.fraction import is_decimal
from whence.simplify.term import Num, Symbol


def said(x):
    return Writer(TEXT, lambda symbol: str(symbol.of[-1])).write(constant(x))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (math.log(3), "log(3)"),
        (1 / math.log(7), "1/log(7)"),
        (math.sqrt(2 * math.pi), "√(2π)"),
        (1 / math.sqrt(2 * math.pi), "1/√(2π)"),
        (2 / math.sqrt(math.pi), "2/√π"),
        (math.sqrt(2 / math.pi), "√(2/π)"),
        (math.pi / 180, "π/180"),
        (-2 * math.pi, "−2π"),
        (math.sqrt(12), "√12"),
        (-math.sqrt(0.5), "−1/√2"),
    ],
)
def test_a_float_is_told_as_what_it_was_computed_as(number, text):
    assert said(number) == text
    assert value_of(constant(number)) == pytest.approx(number, rel=4e-16)


@given(st.floats(1e-3, 1e3))
def test_a_float_that_nobody_computed_stays_a_number(x):
    assert isinstance(constant(x), Num)


def test_a_short_decimal_is_itself_though_it_lies_near_a_root():
    assert constant(1.4142) == Num(Fraction("1.4142"))
    assert isinstance(constant(1.4142135623), Num)


@pytest.mark.parametrize(
    ("x", "yes"),
    [("0.044715", True), ("1/128", False), ("1/3000", False), ("3/7", False)],
)
def test_a_fraction_is_a_decimal_where_that_is_shorter(x, yes):
    assert is_decimal(Fraction(x)) is yes


def test_a_factor_that_is_a_decimal_is_one_factor():
    x = Symbol("x")
    text = Writer(TEXT, lambda symbol: symbol.of).write(Num(Fraction("0.044715")) * x)
    assert text == "0.044715x"
