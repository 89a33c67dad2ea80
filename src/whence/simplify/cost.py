"""How long a term is, in the operations a person would write.

    cost(2*x*(x**2 + 1)**3)  ->  5       2·, ·, ^, +, ^

An operator, a power and a function count one each; names, numbers, a sign that becomes
a minus between terms, transposes and picked entries count nothing.
"""

from __future__ import annotations

from fractions import Fraction

from whence.simplify.fraction import fraction_of, gathered, is_number
from whence.simplify.linear import is_indicator, is_one_hot
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Coefficient,
    Factor,
    Prod,
    Sum,
    Symbol,
    Term,
)

FREE = frozenset({"transpose", "broadcast", "convert", "reshape", "getitem"})


def cost(x: Term) -> int:
    """The number of operations in a term."""
    known: int | None = x.__dict__.get("_cost")
    if known is None:
        known = x.__dict__["_cost"] = counted(x)
    return known


def counted(x: Term) -> int:
    """Count a term that has not been counted."""
    match x:
        case Sum():
            return cost_of_sum(x)
        case Prod():
            return cost_of_product(Fraction(1), x)
        case App():
            if is_one_hot(x):
                return 0  # a name: e_c
            if is_indicator(x):
                return cost(x.operands[0])
            inside = sum(cost(y) for y in x.operands)
            return inside + (x.primitive.name not in FREE)
    return 0


def cost_of_sum(x: Sum) -> int:
    """The operators between the items, and the items."""
    total = len(x.items) - 1
    for coefficient, monomial in x.items:
        if monomial != ONE:
            size = -coefficient if coefficient < 0 else coefficient
            total += cost_of_product(size, monomial)
    if all(c < 0 for c, _ in x.items):
        total += not any(leads(c, m) for c, m in x.items)
    return total


def leads(coefficient: Coefficient, monomial: Term) -> bool:
    """Whether a negative item can stand first without a sign of its own."""
    return monomial == ONE or not fraction_of(coefficient, monomial)[0]


def cost_of_product(coefficient: Coefficient, x: Term) -> int:
    """The operators of a fraction, and its factors."""
    if isinstance(x, (Symbol, App)) or (isinstance(x, Sum) and coefficient == 1):
        return cost(x) + (abs(coefficient) != 1)
    negative, above, below = fraction_of(coefficient, x)
    above, below = unnumbered(gathered(above)), unnumbered(gathered(below))
    total = negative + max(len(above) - 1, 0) + max(len(below) - 1, 0) + bool(below)
    for base, exponent in (*above, *below):
        if isinstance(exponent, Term):
            total += 1 + cost(exponent) + (0 if base == EULER else cost(base))
        else:
            total += cost(base) + (exponent != 1)
    return total


def unnumbered(factors: list[Factor]) -> list[Factor]:
    """Factors with those that are numbers, like 2·√π, as one: a number has no cost."""
    numbers = [f for f in factors if is_number(f)]
    if not numbers:
        return factors
    return [(ONE, Fraction(1)), *(f for f in factors if f not in numbers)]
