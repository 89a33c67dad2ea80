"""Terms: the normal form holds the same numbers, and equal things look equal."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings

from terms import (
    DIGITS,
    SYMBOLS,
    agree,
    built,
    by_symbol,
    expressions,
    number_of,
    points,
    truth,
)
from whence.core.primitive import named
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    Num,
    Symbol,
    apply,
    exact,
    power,
    rebuild,
    symbols_of,
    term,
)

x, y, p = SYMBOLS["x"], SYMBOLS["y"], SYMBOLS["p"]
HALF = Fraction(1, 2)


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workdps(DIGITS):
        yield


@settings(max_examples=400)
@given(expressions(), points)
def test_the_normal_form_of_an_expression_has_its_number(expression, at):
    wanted = truth(expression, at)
    assert agree(number_of(built(expression), by_symbol(at)), wanted)


@settings(max_examples=150)
@given(expressions(), expressions(4), points)
def test_a_term_rebuilt_with_another_in_a_place_has_the_number_of_both(
    expression, other, at
):
    inner = truth(other, at)
    wanted = truth(expression, {**at, "x": inner})
    rebuilt = rebuild(built(expression), {x: built(other)})
    assert agree(number_of(rebuilt, by_symbol(at)), wanted)


@settings(max_examples=150)
@given(expressions())
def test_a_term_rebuilt_with_nothing_new_is_the_same_term(expression):
    made = built(expression)
    assert rebuild(made, {}) == made
    assert rebuild(made, {s: s for s in symbols_of(made)}) == made


@settings(max_examples=100)
@given(expressions(5), expressions(5), expressions(5))
def test_sums_and_products_do_not_depend_on_their_order(one, two, three):
    a, b, c = map(built, (one, two, three))
    assert a + b + c == c + (a + b) == (b + c) + a
    assert a - a == ZERO
    assert a * b * c == c * (a * b) == (b * c) * a


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (x * 2 + x, 3 * x),
        (x * x**2, x**3),
        (x - x, ZERO),
        (x / x, ONE),
        (x**0, ONE),
        (power(x**2, HALF), apply(named("abs"), (x,))),
        (power(x, HALF) ** 2, x),
        (power(p**2, HALF), p),
        (power(EULER, x) * power(EULER, y), power(EULER, x + y)),
        (power(EULER, x) ** 2, power(EULER, 2 * x)),
        ((x - y) / (y - x), Num(Fraction(-1))),
        ((1 - x) / (x - 1) ** 2, 1 / (1 - x)),
        ((2 * x) ** 3, 8 * x**3),
        (power(4 * p, HALF), 2 * power(p, HALF)),
        (apply(named("sin"), (-x,)), -apply(named("sin"), (x,))),
        (apply(named("cos"), (-x,)), apply(named("cos"), (x,))),
    ],
)
def test_equal_things_look_equal(found, wanted):
    assert found == wanted


def test_nothing_is_distributed_or_factored_by_itself():
    assert str(x * (x + y)) != str(x * x + x * y)
    assert (x + y) ** 2 != x**2 + 2 * x * y + y**2


def test_a_square_root_of_a_square_keeps_its_sign():
    assert power(x**2, HALF) != x
    for even in (2, 4, 6):
        root = number_of(power(x**even, HALF), {x: mpmath.mpf(-3)})
        assert agree(root, 3 ** (even // 2))


def test_short_decimals_are_fractions_and_others_floats():
    assert exact(0.1) == Fraction(1, 10)
    assert isinstance(exact(0.1234567891), float)
    assert exact(float("inf")) == float("inf")


def test_products_broadcast_as_arrays_do():
    row, column = Symbol("row", (3,)), Symbol("column", (2, 1))
    assert (row * column).shape == (2, 3)
    assert (row + column).shape == (2, 3)
    assert (term(2) * row).shape == (3,)
    assert (x * row).shape == (3,)
