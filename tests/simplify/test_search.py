"""The search: shorter terms, the same numbers, and steps that lead there."""

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
from whence.simplify.cost import cost
from whence.simplify.search import moves, remembered, search
from whence.simplify.term import EULER, ONE, Symbol, apply, power

x, y, p = SYMBOLS["x"], SYMBOLS["y"], SYMBOLS["p"]
s = Symbol("s", positive=True)


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workdps(DIGITS):
        yield


def called(name, operand):
    return apply(named(name), (operand,))


@settings(max_examples=150)
@given(expressions(8), points)
def test_what_is_found_has_the_number_of_what_was_given(expression, at):
    wanted = truth(expression, at)
    found, _ = search(built(expression))
    assert agree(number_of(found, by_symbol(at)), wanted, digits=20)


@settings(max_examples=100)
@given(expressions(7), points)
def test_every_single_move_keeps_the_number(expression, at):
    wanted = truth(expression, at)
    for name, new in moves(built(expression), {}, {}):
        assert agree(number_of(new, by_symbol(at)), wanted, digits=20), name


@settings(max_examples=100)
@given(expressions(8))
def test_the_steps_lead_from_the_start_to_what_is_found(expression):
    start = built(expression)
    found, steps = search(start)
    assert cost(found) <= cost(start)
    ends = [start, *(step.after for step in steps)]
    assert ends[-1] == found
    assert [step.before for step in steps] == ends[:-1]
    assert all(step.rule for step in steps)


@settings(max_examples=60)
@given(expressions(7))
def test_a_remembered_search_finds_a_form_as_short(expression):
    start = built(expression)
    assert cost(remembered(start)[0]) == cost(search(start)[0])


SHORT = {
    "the logistic loss": (s * (1 - s) * ((1 - y) / (1 - s) - y / s), s - y),
    "fractions": (1 / x - (x - 1) / x, (2 - x) / x),
    "Pythagoras": (called("sin", x) ** 2 + called("cos", x) ** 2, ONE),
    "the square of a sum, less its parts": ((x + y) ** 2 - x**2 - y**2, 2 * x * y),
    "a common factor": (x * y + x * p, x * (y + p)),
    "cancelled terms": (x * (y + 1) - x * y, x),
    "an exponential": (power(EULER, x) / power(EULER, x - y), power(EULER, y)),
    "the tangent": (called("sin", x) / called("cos", x), called("tan", x)),
    "hyperbolic": (
        called("cosh", x) ** 2 - called("sinh", x) ** 2,
        ONE,
    ),
    "sign and size": (called("sign", x) * called("abs", x), x),
}


@pytest.mark.parametrize("name", SHORT)
def test_the_search_finds_the_form_of_a_person(name):
    start, wanted = SHORT[name]
    found, steps = search(start)
    assert cost(found) <= cost(wanted), f"{found}, not {wanted}"
    assert steps or found == start


def test_what_is_divided_by_on_the_way_is_told():
    _, steps = search(s * (1 - s) * ((1 - y) / (1 - s) - y / s))
    told = {c for step in steps for c in step.conditions}
    assert told >= {s, 1 - s}


def test_an_assumption_is_used_by_its_name():
    params = (("axis", (0,)), ("keepdims", False))
    total = apply(named("sum"), (Symbol("t", (3,)),), params, ())
    found, steps = search(p * total - p * y, assumed={total: ONE})
    assert found in (p * (1 - y), p - p * y)
    assert "onehot-sum" in [step.rule for step in steps]
