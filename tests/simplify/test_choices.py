"""Choices: each step keeps the numbers, on both sides of every condition."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, given, settings, strategies as st

from terms import DIGITS, OutsideDomainError, agree, built, by_symbol, number_of, points
from whence.core.primitive import named
from whence.simplify.choices import (
    OPPOSITE,
    choices_of,
    compared,
    merged_choices,
    one_choice,
    opposite,
    positive_part,
    pulled_choice,
    without_choice,
)
from whence.simplify.cost import cost
from whence.simplify.linear import is_indicator
from whence.simplify.search import search
from whence.simplify.term import ONE, ZERO, App, Prod, Sum, add, apply, mul, scale

X, Y, P = built("x"), built("y"), built("p")
numbers = st.sampled_from([*map(Fraction, (-2, -1, 1, 3)), Fraction(1, 2)])
simple = st.sampled_from([X, Y, P, 2 * X, X * Y, X - 1, P + Y, ZERO, ONE])


def compare(name, a, b):
    return apply(named(name), (a, b))


def where(condition, a, b):
    return apply(named("select"), (condition, a, b))


comparisons = st.builds(
    compare, st.sampled_from(sorted(OPPOSITE)), simple, simple
).filter(lambda x: isinstance(x, App))
few = comparisons | st.sampled_from([compare("greater", X, Y), compare("less", X, Y)])


@st.composite
def choices(draw, condition=None):
    """A choice that the constructor leaves as one."""
    branch = st.one_of(simple, st.builds(scale, numbers, simple))
    made = where(condition or draw(few), draw(branch), draw(branch))
    assume(choices_of(made))
    return made


def equal(found, wanted, at):
    """Whether two terms are the same number at a point."""
    with mpmath.workdps(DIGITS):
        values = by_symbol(at)
        try:
            truth = number_of(wanted, values)
        except (OutsideDomainError, ZeroDivisionError):
            assume(False)
        return agree(number_of(found, values), truth)


@given(few, simple, simple, numbers, points)
def test_what_goes_in_front_of_a_choice_keeps_its_number(condition, a, b, number, at):
    operands = (condition, scale(number, a), scale(number, b))
    plain = App(named("select"), operands, (), ())
    assert equal(pulled_choice(plain), plain, at)
    assert cost(pulled_choice(plain)) <= cost(plain)


@given(comparisons, simple, simple, points)
def test_the_opposite_of_a_comparison_holds_where_it_does_not(condition, a, b, at):
    other = opposite(condition)
    assert opposite(other) == condition
    turned = App(named("select"), (other, b, a), (), ())
    assert equal(turned, App(named("select"), (condition, a, b), (), ()), at)


def test_what_is_no_order_has_no_opposite():
    assert opposite(compare("equal", X, Y)) is None
    assert opposite(X) is None


@given(comparisons, simple, points)
def test_a_comparison_without_what_both_sides_have_holds_at_the_same_points(x, a, at):
    more = App(x.primitive, tuple(add(y, a) for y in x.operands), (), ())
    for start in (x, more):
        for rule, new in compared(start):
            assert rule == "compare"
            plain, other = (
                App(named("select"), (c, ONE, ZERO), (), ()) for c in (start, new)
            )
            assert equal(other, plain, at)


def test_what_both_sides_of_a_comparison_have_goes():
    ((_, new),) = compared(compare("greater", X * Y + P, P - X))
    assert new == compare("greater", X * Y + X, ZERO)
    assert list(compared(compare("greater", X, ZERO))) == []
    assert list(compared(compare("equal", X + P, P))) == []


@given(few, choices(), choices(), st.sampled_from([add, mul]), points)
def test_a_choice_inside_a_choice_is_made_to_the_same_number(c, a, b, combine, at):
    inside = where(c, combine(a, X), b)
    start = App(named("select"), (c, combine(inside, a), inside), (), ())
    ways = [new for _, new in merged_choices(start)]
    assert all(equal(new, start, at) and cost(new) <= cost(start) for new in ways)
    if c in [x.operands[0] for x in choices_of(inside)]:
        assert ways


@settings(max_examples=60)
@given(few, st.data(), simple, points)
def test_choices_on_one_condition_are_one_choice_of_the_same_number(c, data, a, at):
    first, second = (data.draw(choices(c)) for _ in range(2))
    start = add(mul(a, first), mul(P, second))
    assume(isinstance(start, Sum))
    on = [x.operands[0] for _, m in start.items for x in choices_of(m)]
    ways = [new for _, new in one_choice(start)]
    assert all(equal(new, start, at) for new in ways)
    if len(on) == 2 and on[0] in (on[1], opposite(on[1])):
        assert ways


@given(st.sampled_from(sorted(OPPOSITE)), simple, simple, points)
def test_a_positive_part_needs_no_condition_for_it(name, a, b, at):
    sign = -1 if name.startswith("less") else 1
    over = sign * (a - b)
    part = apply(named("maximum"), (over, ZERO))
    condition = compare(name, a, b)
    assume(positive_part(part) is not None and isinstance(condition, App))
    start = part * where(condition, ONE, ZERO) * P
    assume(isinstance(start, Prod) and choices_of(start))
    ways = [new for _, new in without_choice(start)]
    assert all(equal(new, start, at) and cost(new) < cost(start) for new in ways)


@pytest.mark.parametrize(
    ("name", "a", "b", "gone"),
    [
        ("greater", X, Y, True),
        ("less", Y, X, True),
        ("greater_equal", X, Y, True),
        ("less", X, Y, False),
        ("greater", X, P, False),
    ],
)
def test_an_indicator_goes_only_beside_its_own_positive_part(name, a, b, gone):
    for part in (
        apply(named("relu"), (X - Y,)),
        apply(named("maximum"), (ZERO, X - Y)),
    ):
        start = part * where(compare(name, a, b), ONE, ZERO)
        ways = [new for _, new in without_choice(start)]
        assert ways == ([part] if gone else [])


def test_a_square_of_a_positive_part_keeps_its_indicator():
    part = apply(named("relu"), (X,))
    start = part**-1 * where(compare("greater", X, ZERO), ONE, ZERO)
    assert list(without_choice(start)) == []


SHORT = {
    "two indicators": (
        X * where(compare("greater", X, Y), ONE, ZERO)
        + P * where(compare("less_equal", X, Y), ONE, ZERO),
        where(compare("greater", X, Y), X, P),
    ),
    "a choice made already": (
        where(
            compare("greater", X, Y),
            where(compare("greater", X, Y), X * P, Y),
            where(compare("less_equal", X, Y), Y, P),
        ),
        where(compare("greater", X, Y), X * P, Y),
    ),
}


@pytest.mark.parametrize("name", SHORT)
def test_the_search_makes_one_choice_of_several(name):
    start, wanted = SHORT[name]
    found, steps = search(start)
    (choice,) = choices_of(found)
    assert choice.operands[0] in (wanted.operands[0], opposite(wanted.operands[0]))
    assert cost(found) == cost(wanted)
    assert {step.rule for step in steps} == {"same choice"}


def test_an_indicator_of_the_opposite_is_written_as_one():
    found = where(compare("greater", X, ZERO), ZERO, ONE)
    assert found == where(compare("less_equal", X, ZERO), ONE, ZERO)
    assert is_indicator(found)
