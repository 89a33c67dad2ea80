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

PI = Symbol(("constant", "pi"), positive=True, number=math.pi)
# floats that are a constant's, so that readers see log 2 and not 0.6931
LOGARITHMS = {math.log(n): f"log({n})" for n in range(2, 21)}
SIMPLE = 360  # largest number above or below in what multiplies π or stands in a root
DIGITS = 15  # of a float that is not simply the decimal that it is written as
HALF = Fraction(1, 2)


def constant(number: Any) -> Term:
    """The term of a literal: sizes and well-known floats keep their names."""
    if isinstance(number, Sized):
        return size_term(number)
    if isinstance(number, float) and len(repr(number)) > DIGITS:
        found = well_known(abs(number))
        if found is not None:
            return found if number > 0 else -found
    return Num(exact(number))


def well_known(x: float) -> Term | None:
    """What a float was computed as: e, log 2, or a small fraction of π or in a root.

    Floats lie so close that none is one of these by chance.
    """
    if x == math.e:
        return EULER
    for y, exponent in ((x, Fraction(1)), (1 / x, Fraction(-1))):
        if y in LOGARITHMS:
            name = LOGARITHMS[y]
            return power(Symbol(("constant", name), positive=True, number=y), exponent)
    for times in (0, 1, -1):
        if (square := simple(x * x / math.pi**times)) is not None:
            return root(square) * power(PI, times * HALF)
        if times and (of := simple(x / math.pi**times)) is not None:
            return Num(of) * power(PI, Fraction(times))
    return None


def root(x: Fraction) -> Term:
    """The square root of a fraction, its parts under roots of their own."""
    above, below = (Num(Fraction(n)) for n in x.as_integer_ratio())
    return power(above, HALF) * power(below, -HALF)


def simple(x: float) -> Fraction | None:
    """The fraction of small numbers that a float is, but for its last two bits."""
    if not 1 / SIMPLE <= x <= SIMPLE:
        return None
    found = Fraction(x).limit_denominator(SIMPLE)
    near = found.numerator <= SIMPLE and abs(x - float(found)) <= 2 * math.ulp(x)
    return found if near else None


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
