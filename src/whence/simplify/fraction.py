"""Fractions: a monomial as what stands above and below a fraction line.

    fraction_of(-2, (y - x)*z/w)  ->  the sign no, above [2, x - y, z], below [w]

Writers of programs and of formulas, and the measure of length, all see a product in
this way. No identity is used but (−1)·(y − x) = x − y.
"""

from __future__ import annotations

from fractions import Fraction

from whence.simplify.term import (
    ONE,
    App,
    Coefficient,
    Factor,
    Num,
    Sum,
    Term,
    scale,
    split,
    whole,
)

HALF = Fraction(1, 2)
LINEAR = frozenset({"contract", "sum", "mean", "transpose"})  # a minus goes in


def fraction_of(
    coefficient: Coefficient, x: Term
) -> tuple[bool, list[Factor], list[Factor]]:
    """A monomial as a sign and the factors above and below a fraction line.

    Exponents are positive. A negative sign goes into a sum where there is one, so that
    -(y - x)*z is (x - y)*z. The size of the coefficient is a factor.
    """
    above: list[Factor] = []
    below: list[Factor] = []
    negative = coefficient < 0
    turned = turnable(split(x)[1]) if negative else None
    for base, exponent in split(x)[1]:
        shown = base
        if base is turned:
            negative, shown = False, opposite(base)
        if isinstance(exponent, Term) or exponent > 0:
            above.append((shown, exponent))
        else:
            below.append((shown, -exponent))
    if isinstance(coefficient, Fraction):
        if abs(coefficient.numerator) != 1:
            above.insert(0, (Num(Fraction(abs(coefficient.numerator))), Fraction(1)))
        if coefficient.denominator != 1:
            below.insert(0, (Num(Fraction(coefficient.denominator)), Fraction(1)))
    elif abs(coefficient) != 1:
        above.insert(0, (Num(abs(coefficient)), Fraction(1)))
    if not negative:
        return False, above, below
    first, exponent = above[0] if above else (ONE, 1)
    if not isinstance(first, Num) or exponent != 1:
        return True, above, below
    return False, [(Num(-first.number), Fraction(1)), *above[1:]], below


def turnable(factors: tuple[Factor, ...]) -> Term | None:
    """The sum that best takes in a minus: one less a constant, else the first mixed."""
    sums = [(b, inner_sum(b)) for b, e in factors if whole(e) and e % 2]
    found = [(b, x) for b, x in sums if x is not None and mixed(x)]
    constants = [next((c for c, m in x.items if m == ONE), 0) for _, x in found]
    order = sorted(range(len(found)), key=lambda i: (constants[i] > 0, constants[i]))
    return found[order[0]][0] if found else None


def inner_sum(x: Term) -> Sum | None:
    """The sum that a minus before a term may go into: itself, or an operand of it."""
    if isinstance(x, Sum):
        return x
    if isinstance(x, App) and x.primitive.name in LINEAR:
        return next((y for y in x.operands if isinstance(y, Sum) and mixed(y)), None)
    return None


def opposite(x: Term) -> Term:
    """A term with the other sign, the sign gone into the sum inside."""
    if isinstance(x, Sum):
        return scale(-1, x)
    assert isinstance(x, App)
    inner = inner_sum(x)
    operands = tuple(scale(-1, y) if y is inner else y for y in x.operands)
    return App(x.primitive, operands, x.params, x.shape, x.given)


def mixed(x: Sum) -> bool:
    """Whether a sum has items of both signs, so that neither sign of it looks odd."""
    return any(c < 0 for c, _ in x.items) and any(c > 0 for c, _ in x.items)
