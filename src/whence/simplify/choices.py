"""Choices: entries taken from one of two terms, by a condition.

    select(c, 2x, 2y)               ->  2·select(c, x, y)       numbers go in front
    select(x > 0, 0, 1)             ->  [x ≤ 0]                 an indicator
    a·[c] + b·select(c, 0, 1)       ->  select(c, a, b)         the same choice
    q·x > q·x − x                   ->  x > 0                   what both sides have

What needs no word the constructor does (``pulled_choice``); the rest are steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from whence.core.primitive import named
from whence.core.structure import Pointwise
from whence.ops.shape import broadcast_shapes
from whence.simplify.rule import distributed, opened
from whence.simplify.term import (
    ONE,
    ZERO,
    App,
    Num,
    Prod,
    Sum,
    Term,
    add,
    apply,
    is_applied,
    items_of,
    mul,
    power,
    scale,
    split,
)

OPPOSITE = {
    "greater": "less_equal",
    "less": "greater_equal",
    "greater_equal": "less",
    "less_equal": "greater",
}


def pulled_choice(x: App) -> Term:
    """A choice between equals is no choice; a number in both branches goes in front."""
    condition, a, b = x.operands
    if a == b:
        return a
    if condition == ONE:
        return a
    if (a, b) == (ZERO, ONE) and (other := opposite(condition)) is not None:
        return App(x.primitive, (other, ONE, ZERO), x.params, x.shape, x.given)
    first, second = split(a)[0], split(b)[0]
    number = first if b == ZERO else second if a == ZERO else first
    if number in (1, 0) or (ZERO not in (a, b) and first != second):
        return x
    branches = tuple(scale(1 / number, y) for y in (a, b))
    inner = App(x.primitive, (condition, *branches), x.params, x.shape, x.given)
    return mul(Num(number), pulled_choice(inner))


def opposite(condition: Term) -> Term | None:
    """What holds where a comparison does not; None for any other condition."""
    if not isinstance(condition, App) or condition.primitive.name not in OPPOSITE:
        return None
    name = OPPOSITE[condition.primitive.name]
    return App(named(name), condition.operands, (), condition.shape, condition.given)


def compared(x: App) -> Iterator[tuple[str, Term]]:
    """A comparison without what both sides have, and without a difference."""
    if x.primitive.name not in OPPOSITE:
        return
    a, b = x.operands
    difference = add(
        *(distributed(Num(c), opened(m)) for c, m in items_of(a)),
        *(distributed(Num(-c), opened(m)) for c, m in items_of(b)),
    )
    left = add(*(scale(c, m) for c, m in items_of(difference) if c > 0))
    right = add(*(scale(-c, m) for c, m in items_of(difference) if c < 0))
    if (left, right) != (a, b):
        new = App(x.primitive, (left, right), x.params, x.shape, x.given)
        yield "compare", new


def clipped(x: Term) -> tuple[Term, Term] | None:
    """where(|r| ≤ d, r, d·sign(r)) as clip(r, −d, d), and d, which may not be negative.

    The slope of a Huber loss is such a choice.
    """
    if not isinstance(x, App) or x.primitive.name != "select":
        return None
    condition, inside, outside = x.operands
    if not isinstance(condition, App) or condition.primitive.name not in OPPOSITE:
        return None
    r, d = condition.operands
    within = condition.primitive.name.startswith("less")
    if not isinstance(r, App) or r.primitive.name != "abs":
        (r, d), within = (d, r), not within
    if not isinstance(r, App) or r.primitive.name != "abs":
        return None
    if not within:
        inside, outside = outside, inside
    (size,) = r.operands
    for sign in (1, -1):
        ends = mul(d, apply(named("sign"), (scale(sign, size),)))
        if inside == scale(sign, size) and outside == ends:
            operands = (inside, scale(-1, d), d)
            return apply(named("clip"), operands, (), x.shape, (x.given[1],) * 3), d
    return None


def merged_choices(x: App) -> Iterator[tuple[str, Term]]:
    """A choice inside a choice on the same condition is made already."""
    if x.primitive.name != "select":
        return
    condition, a, b = x.operands
    operands = (condition, decided(a, condition, 1), decided(b, condition, 2))
    if operands != x.operands:
        new = App(x.primitive, operands, x.params, x.shape, x.given)
        yield "same choice", new


def one_choice(x: Sum) -> Iterator[tuple[str, Term]]:
    """A sum whose items choose on the same condition, as one choice."""
    choices = [c for _, m in x.items for c in choices_of(m)]
    for choice in dict.fromkeys(choices):
        condition = choice.operands[0]
        same = (condition, opposite(condition))
        if sum(other.operands[0] in same for other in choices) > 1:
            sides = (decided(x, condition, 1), decided(x, condition, 2))
            shape = broadcast_shapes(condition.shape, *(y.shape for y in sides))
            given = tuple(aval.like(shape) for aval in choice.given)
            yield (
                "same choice",
                apply(choice.primitive, (condition, *sides), (), shape, given),
            )


def choices_of(x: Term) -> list[App]:
    """The choices among the factors of a product."""
    return [
        b for b, _ in split(x)[1] if isinstance(b, App) and b.primitive.name == "select"
    ]


def decided(x: Term, condition: Term, side: int) -> Term:
    """A term whose choices on a condition are made, as far as it is entrywise.

    Inside a matrix product or a sum the entries of a choice meet, so it stays.
    """
    match x:
        case Sum():
            return add(*(scale(c, decided(m, condition, side)) for c, m in x.items))
        case Prod():
            return mul(*(power(decided(b, condition, side), e) for b, e in x.factors))
        case App() if x.primitive.name == "select" and x.operands[0] == condition:
            return decided(x.operands[side], condition, side)
        case App() if x.primitive.name == "select" and is_opposite(x, condition):
            return decided(x.operands[3 - side], condition, side)
        case App() if side == 1 and (taken := between_equals(x, condition)):
            return decided(x.operands[taken], condition, side)
        case App() if isinstance(x.primitive.structure, Pointwise):
            operands = tuple(decided(y, condition, side) for y in x.operands)
            return apply(x.primitive, operands, x.params, x.shape, x.given)
    return x


def is_opposite(x: App, condition: Term) -> bool:
    """Whether a choice is on the opposite of a condition."""
    return x.operands[0] == opposite(condition)


def between_equals(x: App, condition: Term) -> int | None:
    """Which branch a comparison of two terms takes where these are equal."""
    if x.primitive.name != "select" or not isinstance(condition, App):
        return None
    inner = x.operands[0]
    if condition.primitive.name != "equal" or not isinstance(inner, App):
        return None
    if inner.operands not in (condition.operands, condition.operands[::-1]):
        return None
    return {"greater": 2, "less": 2, "greater_equal": 1, "less_equal": 1}.get(
        inner.primitive.name
    )


def without_choice(x: Prod) -> Iterator[tuple[str, Term]]:
    """max(0, u)·[u > 0] as max(0, u): where the condition fails, the rest is 0."""
    for choice in choices_of(x):
        condition = choice.operands[0]
        if choice.operands[1:] != (ONE, ZERO) or not isinstance(condition, App):
            continue
        if condition.primitive.name not in OPPOSITE:
            continue
        a, b = condition.operands
        sign = -1 if condition.primitive.name.startswith("less") else 1
        over = add(scale(sign, a), scale(-sign, b))
        if any(positive_part(y) == over and e == 1 for y, e in x.factors):
            rest = (power(y, e) for y, e in x.factors if y is not choice)
            yield "same choice", mul(*rest)


def into_choice(x: Prod) -> Iterator[tuple[str, Term]]:
    """A factor times a choice of which one branch is 0, inside the other branch."""
    for choice, e in x.factors:
        if e != 1 or not is_applied(choice, "select") or len(x.factors) == 1:
            continue
        condition, *branches = choice.operands
        if ZERO not in branches or ONE in branches or choice.shape != x.shape:
            continue
        rest = mul(*(power(y, n) for y, n in x.factors if y is not choice))
        inside = tuple(mul(rest, y) for y in branches)
        operands = (condition, *inside)
        yield (
            "distribute",
            apply(choice.primitive, operands, (), choice.shape, choice.given),
        )


def positive_part(x: Term) -> Term | None:
    """What a term is the positive part of: u, if it is max(0, u) or relu(u)."""
    if not isinstance(x, App):
        return None
    if x.primitive.name == "relu":
        return x.operands[0]
    if x.primitive.name == "maximum" and ZERO in x.operands:
        return next((y for y in x.operands if y != ZERO), None)
    return None
