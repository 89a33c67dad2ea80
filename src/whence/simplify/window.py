"""Windows: the equations of one cotangent, back to the values at which algebra stops.

    look(atom, made, opaque) -> Window: how many there are, and what they may do

A window is looked over before it is read as a term, because reading costs more: one
that is too wide is left as it is, and in a long program so is one in which nothing can
cancel or overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whence.core.graph import Atom, Equation, Literal, Value
from whence.transform.masks import STRONG_ZERO

WIDEST = 120  # equations; a wider window is left as it is


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
    return Window(count > WIDEST, divides, masked, frozenset(ends))


def can_divide(equation: Equation) -> bool:
    """Whether an equation divides by something that is no number of the program."""
    name = equation.primitive.name
    if name == "div":
        return not isinstance(equation.operands[1], Literal)
    if name == "power":
        by = equation.operands[1]
        return not isinstance(by, Literal) or by.number < 0  # type: ignore[operator]
    return name in ("inv", "solve")
