"""Reuse: a result written in what the program has computed on its way.

    Xᵀ (X w − y)/n    is    Xᵀ r/n    where r = X w − y is computed already

A person who has computed r does not write out again what it is. Names are given at the
end, when nothing is left to cancel, and only to what makes a result shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from whence.core.structure import Pointwise
from whence.simplify.cost import cost
from whence.simplify.naming import remaining
from whence.simplify.search import places
from whence.simplify.term import (
    EULER,
    App,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    from_factors,
    mul,
    rebuild,
    scale,
    split,
    symbols_of,
)

WORTH = 2  # operations that a name has to save; that of a function of arrays, one


def in_values(form: Term, values: Mapping[Symbol, Term]) -> Term:
    """A form in which computed values are called by their names, where that is shorter.

    Args:
        form: The form.
        values: What the program computes, the longest first.
    """
    while True:
        ways = list(renamings(form, values))
        if not ways:
            return form
        form = min(ways, key=cost)


def renamings(form: Term, values: Mapping[Symbol, Term]) -> Iterator[Term]:
    """A form with one more value called by its name, for each that is worth it."""
    known = symbols_of(form)
    for symbol, meaning in values.items():
        if symbols_of(meaning) <= known:
            new = dict(occurrences(form, meaning, symbol))
            worth = 1 if is_costly(meaning) else WORTH
            if new and cost(called := rebuild(form, new)) <= cost(form) - worth:
                yield called


def is_costly(x: Term) -> bool:
    """Whether a term is a function of arrays: not arithmetic, nor sin(x)."""
    if isinstance(x, Prod):
        return bool(x.shape) and len(x.factors) == 1 and x.factors[0][0] == EULER
    if not isinstance(x, App):
        return False
    return bool(x.shape) or not isinstance(x.primitive.structure, Pointwise)


def occurrences(
    form: Term, meaning: Term, symbol: Symbol
) -> Iterator[tuple[Term, Term]]:
    """The places of a form at which a value stands, with what is written there.

    It may stand there up to a number, or among the items of a longer sum, or among the
    factors of a longer product.
    """
    coefficient, factors = split(meaning)
    base = from_factors(Fraction(1), factors)
    value = scale(1 / coefficient, symbol)
    for place in places(form):
        if place == base:
            yield place, value
        elif isinstance(place, Sum) and isinstance(base, Sum):
            yield from among_items(place, base, value)
        elif isinstance(place, Prod) and isinstance(base, Prod):
            rest = remaining(place, base)
            if rest is not None:
                yield place, mul(value, from_factors(Fraction(1), rest))


def among_items(place: Sum, base: Sum, value: Term) -> Iterator[tuple[Term, Term]]:
    """A sum that has all items of another, or all with the other sign."""
    for sign in (1, -1):
        if {(sign * c, m) for c, m in base.items} <= set(place.items):
            yield place, add(place, scale(-sign, base), scale(sign, value))
            return
