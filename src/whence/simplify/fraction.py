"""Fractions: a monomial as what stands above and below a fraction line.

    fraction_of(-2, (y - x)*z/w)  ->  the sign no, above [2, x - y, z], below [w]

Writers of programs and of formulas, and the measure of length, all see a product in
this way. No identity is used but (−1)·(y − x) = x − y.
"""

from __future__ import annotations

from fractions import Fraction

from whence.simplify.forms import ODD
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Coefficient,
    Factor,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    children,
    is_size,
    mul,
    power,
    scale,
    split,
    whole,
)

HALF = Fraction(1, 2)
LARGEST = 100  # denominator of a fraction that is never told as a decimal
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
    size = -coefficient if coefficient < 0 else coefficient
    if isinstance(size, Fraction) and not is_decimal(size):
        if size.numerator != 1:
            above.insert(0, (Num(Fraction(size.numerator)), Fraction(1)))
        if size.denominator != 1:
            below.insert(0, (Num(Fraction(size.denominator)), Fraction(1)))
    elif size != 1:
        above.insert(0, (Num(size), Fraction(1)))
    above, below = rooted(above, below)
    if not negative:
        return False, above, below
    first, exponent = above[0] if above else (ONE, 1)
    if not isinstance(first, Num) or exponent != 1:
        return True, above, below
    return False, [(Num(-first.number), Fraction(1)), *above[1:]], below


def is_decimal(x: Coefficient) -> bool:
    """Whether a number is shorter as a decimal, 0.044715, than as a fraction."""
    if not isinstance(x, Fraction) or x.denominator <= LARGEST:
        return False
    text = repr(float(abs(x)))
    return "e" not in text and len(text) < len(str(abs(x))) and Fraction(text) == abs(x)


def rooted(
    above: list[Factor], below: list[Factor]
) -> tuple[list[Factor], list[Factor]]:
    """Roots of numbers above and below the line as one: √2/√π is √(2/π)."""
    over = [r for r in map(root_of_number, above) if r is not None]
    under = [r for r in map(root_of_number, below) if r is not None]
    if not over or not under:
        return above, below
    whole_root = mul(*over, *(power(r, Fraction(-1)) for r in under))
    rest = [f for f in above if root_of_number(f) is None]
    at = sum(isinstance(b, Num) and e == 1 for b, e in rest[:1])
    rest.insert(at, (whole_root, HALF))
    return rest, [f for f in below if root_of_number(f) is None]


def root_of_number(factor: Factor) -> Term | None:
    """What a factor is the root of, if that is a number."""
    base, exponent = factor
    is_root = not isinstance(exponent, Term) and exponent == HALF
    return base if is_root and is_number((base, Fraction(1))) else None


def gathered(factors: list[Factor]) -> list[Factor]:
    """Factors with their square roots under one root: √2·√π is √(2π)."""
    roots = [b for b, e in factors if not isinstance(e, Term) and e == HALF]
    if len(roots) < 2:
        return factors
    found: list[Factor] = []
    for base, exponent in factors:
        if base not in roots or isinstance(exponent, Term) or exponent != HALF:
            found.append((base, exponent))
        elif base is roots[0]:
            found.append((mul(*roots), HALF))
    return found


def turnable(factors: tuple[Factor, ...]) -> Term | None:
    """The factor that best takes in a minus, in a sum: itself, or deep inside it."""
    found = [(b, inner_sum(b)) for b, e in factors if whole(e) and e % 2]
    known = [(oddness(x), i) for i, (_, x) in enumerate(found) if x is not None]
    return found[min(known)[1]][0] if known else None


def oddness(x: Sum) -> tuple[bool, Coefficient]:
    """How odd a sum looks with its other sign: least where a constant gets its plus."""
    constant = next((c for c, m in x.items if m == ONE), Fraction(0))
    return constant > 0, constant


def inner_sum(x: Term) -> Sum | None:
    """The sum that a minus before a term may go into.

    It is the term itself, a factor of it, or in an operand of a linear operation.
    """
    match x:
        case Sum():
            return x if mixed(x) else None
        case App() if x.primitive.name in LINEAR | ODD:
            parts = list(x.operands)
        case Prod():
            parts = [b for b, e in x.factors if whole(e) and e % 2]
        case _:
            return None
    found = [y for y in map(inner_sum, parts) if y is not None]
    return min(found, key=oddness) if found else None


def opposite(x: Term) -> Term:
    """A term with the other sign, the sign gone into the sum inside."""
    inner = inner_sum(x)
    match x:
        case App():
            at = next(i for i, y in enumerate(x.operands) if inner_sum(y) is inner)
            operands = (
                *x.operands[:at],
                opposite(x.operands[at]),
                *x.operands[at + 1 :],
            )
            return App(x.primitive, operands, x.params, x.shape, x.given)
        case Prod():
            at = next(i for i, (b, _) in enumerate(x.factors) if inner_sum(b) is inner)
            factors = list(x.factors)
            factors[at] = opposite(factors[at][0]), factors[at][1]
            return Prod(tuple(factors))
    return scale(-1, x)


def mixed(x: Sum) -> bool:
    """Whether a sum has items of both signs, so that neither sign of it looks odd.

    A size less something, n − 1, is greater than 0 and stays so.
    """
    if any(is_size(m) for _, m in x.items):
        return False
    return any(c < 0 for c, _ in x.items) and any(c > 0 for c, _ in x.items)


def is_number(factor: Factor) -> bool:
    """Whether a factor is a number: 2, π, or a root of such."""
    base, exponent = factor
    if isinstance(exponent, Term) or base == EULER:
        return False
    if isinstance(base, (Sum, Prod)):
        return all(is_number((x, 1)) for x in children(base))
    return isinstance(base, Num) or (isinstance(base, Symbol) and is_constant(base))


def is_constant(x: Symbol) -> bool:
    """Whether a symbol stands for a number that everybody knows."""
    return isinstance(x.of, tuple) and x.of[0] == "constant"
