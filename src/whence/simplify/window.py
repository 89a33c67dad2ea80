"""Windows: the equations of one cotangent, back to the values at which algebra stops.

    look(atom, made, opaque) -> Window: how many there are, and what they may do

A window is looked over before it is read as a term, because reading costs more: one
that is too wide is left as it is, and in a long program so is one in which nothing can
cancel or overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from whence.core.graph import Atom, Equation, Literal, Value
from whence.transform.masks import STRONG_ZERO

WIDEST = 120  # equations; a wider window is left as it is
TALLEST = 4_000  # the same with what is used twice counted twice, as a term has it


@dataclass(frozen=True)
class Window:
    """What a look over a window found.

    Attributes:
        wide: Whether it has more equations than a window should.
        divides: Whether it divides by something computed, so that terms may cancel.
        masked: Whether strong zeros are put over a product in it.
        ends: The values at which it ends.
    """

    wide: bool
    divides: bool
    masked: bool
    ends: frozenset[Value]


def look(
    atom: Atom, made: Mapping[Value, Equation], opaque: Callable[[Value], bool]
) -> Window:
    """Look over the equations of a value, as many as a window may have."""
    seen: set[Atom] = {atom}
    ends: set[Value] = set()
    waiting = [atom]
    count, divides, masked = 0, False, False
    while waiting and count <= WIDEST:
        now = waiting.pop()
        if isinstance(now, Literal):
            continue
        equation = made.get(now)
        if equation is None or (opaque(now) and now is not atom):
            ends.add(now)
            continue
        count += 1
        divides = divides or can_divide(equation)
        masked = masked or equation.origin.rule == STRONG_ZERO
        fresh = [x for x in equation.operands if x not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    wide = count > WIDEST or size_as_term(atom, made, ends) > TALLEST
    return Window(wide, divides, masked, frozenset(ends))


def size_as_term(
    atom: Atom, made: Mapping[Value, Equation], ends: Collection[Value]
) -> int:
    """How many operations the term of a window has, no part of it shared."""
    sizes: dict[Atom, int] = {}
    waiting: list[Atom] = [atom]
    while waiting:
        now = waiting[-1]
        if now in sizes:
            waiting.pop()
        elif isinstance(now, Literal) or now in ends or now not in made:
            sizes[now] = 0
        else:
            operands = made[now].operands
            missing = [x for x in operands if x not in sizes]
            waiting.extend(missing)
            if not missing:
                sizes[now] = 1 + sum(sizes[x] for x in operands)
    return sizes[atom]


def can_divide(equation: Equation) -> bool:
    """Whether an equation divides by something that is no number of the program."""
    name = equation.primitive.name
    if name == "div":
        return not isinstance(equation.operands[1], Literal)
    if name == "power":
        by = equation.operands[1]
        return not isinstance(by, Literal) or by.number < 0  # type: ignore[operator]
    return name in ("inv", "solve")
