"""Constants: the terms of a program's numbers, which keep the names they have.

    constant(1/n) -> 1/n          constant(0.6931471805599453) -> log 2

A number that was computed from sizes is read as what it was computed as, down to the
names of the sizes.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from whence.core.primitive import named
from whence.core.size import OPERATIONS, Size, Sized
from whence.simplify.term import EULER, Num, Symbol, Term, apply, exact, power

# floats that are a constant's, so that readers see log 2 and not 0.6931
CONSTANTS = {
    math.log(2): "log(2)",
    math.log(10): "log(10)",
    math.pi: "pi",
}
HALF = Fraction(1, 2)
PI = Symbol(("constant", "pi"), positive=True, number=math.pi)
ROOTS = {math.sqrt(n): Num(Fraction(n)) for n in (2, 3, 5)} | {
    math.sqrt(math.pi): PI,
    math.sqrt(2 * math.pi): 2 * PI,
}


def constant(number: Any) -> Term:
    """The term of a literal: sizes and well-known floats keep their names."""
    if isinstance(number, float) and number == math.e:
        return EULER
    if isinstance(number, float) and number == 2 * math.pi:
        return 2 * constant(math.pi)
    if isinstance(number, Sized):
        return size_term(number)
    if isinstance(number, float) and abs(number) in ROOTS:
        root = power(ROOTS[abs(number)], HALF)
        return root if number > 0 else -root
    if isinstance(number, float) and number == 2 / math.sqrt(math.pi):
        return 2 * power(PI, -HALF)
    if isinstance(number, float) and abs(number) in CONSTANTS:
        name = CONSTANTS[abs(number)]
        symbol = Symbol(("constant", name), positive=True, number=abs(number))
        return symbol if number > 0 else -symbol
    return Num(exact(number))


def size_term(size: Sized) -> Term:
    """The term of a number computed from sizes, down to the names of these.

    Rounding down is no algebra: n//2 is a name of its own.
    """
    if isinstance(size, Size) and (not size.made or size.made[0] == "floordiv"):
        name = size.name
        return Symbol(("size", name), order=name, positive=True, number=size)
    operation, *numbers = size.made
    operands = tuple(map(constant, numbers))
    if operation == "sqrt":
        return power(operands[0], HALF)
    if operation == "log":
        return apply(named(operation), operands)
    found: Term = OPERATIONS[operation][0](*operands)
    return found
