"""Naming: a term in which what a name stands for is called by the name.

    x·e^(x − 1)    with u = e^x    is    x·u·e^(−1)
    y − x          with r = x − y  is    −r

A meaning is found whole, up to a number, among the items of a longer sum, and once or
more among the factors of a longer product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from whence.simplify.cost import cost
from whence.simplify.naming import called
from whence.simplify.rule import operations_in
from whence.simplify.search import places
from whence.simplify.term import (
    EULER,
    Coefficient,
    Exponent,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    from_factors,
    is_exact,
    is_positive,
    mul,
    power,
    rebuild,
    scale,
    split,
    symbols_of,
    term,
)


def named_again(x: Term, meanings: Mapping[Symbol, Term]) -> Term:
    """A term in which what names stand for is called by them."""
    for symbol, meaning in meanings.items():
        if isinstance(meaning, Symbol) or not cost(meaning):
            continue
        if symbols_of(meaning) <= symbols_of(x):
            x = in_name(x, meaning, symbol)
    return x


def in_name(x: Term, meaning: Term, symbol: Symbol) -> Term:
    """A term with a meaning called by its name, in every way that makes it shorter."""
    if not operations_in(meaning) <= operations_in(x):
        return x
    whole = called(x, meaning, symbol)
    every = rebuild(whole, dict(occurrences(whole, meaning, symbol)))
    return every if cost(every) < cost(whole) else whole


def occurrences(x: Term, meaning: Term, symbol: Symbol) -> Iterator[tuple[Term, Term]]:
    """The places of a term at which a meaning stands, with what is written there."""
    coefficient, factors = split(meaning)
    base = from_factors(Fraction(1), factors)
    value = scale(1 / coefficient, symbol)
    for place in places(x):
        if place == base:
            yield place, value
        elif isinstance(place, Sum) and isinstance(base, Sum):
            yield from among_items(place, base, value)
        elif isinstance(place, Prod) and isinstance(base, Prod):
            yield from among_factors(place, base, value)


def among_items(place: Sum, base: Sum, value: Term) -> Iterator[tuple[Term, Term]]:
    """A sum that has all items of another, or all with the other sign."""
    for sign in (1, -1):
        if {(sign * c, m) for c, m in base.items} <= set(place.items):
            yield place, add(place, scale(-sign, base), scale(sign, value))
            return


def among_factors(place: Prod, base: Prod, value: Term) -> Iterator[tuple[Term, Term]]:
    """A product that has all factors of another, as often as it has them all."""
    left = dict(place.factors)
    if not all(b in left for b, _ in base.factors):
        return
    counts = {how_often(left[b], e) for b, e in base.factors}
    times = min(counts, key=abs)
    if not times or len({n > 0 for n in counts}) > 1:
        return
    for b, e in base.factors:
        rest = term(left[b]) - scale(times, term(e))
        if not isinstance(rest, Num) and b != EULER:
            return
        if isinstance(e, Term) and may_vanish(b) and number_in(rest) < 0:
            return  # it is divided by nowhere else: 1 − p is, where p saturates
        left[b] = rest.number if isinstance(rest, Num) else rest
    rest = from_factors(Fraction(1), left.items())
    yield place, mul(power(value, Fraction(times)), rest)


def number_in(x: Term) -> Coefficient:
    """A number, and 0 for any other term."""
    return x.number if isinstance(x, Num) else Fraction(0)


def may_vanish(x: Term) -> bool:
    """Whether a term is a sum that may be 0."""
    return isinstance(x, Sum) and not is_positive(x)


def how_often(exponent: Exponent, part: Exponent) -> int:
    """How often a power holds another: x⁵ holds x² twice, 1/e^x holds e^x −1 times."""
    if is_exact(exponent) and is_exact(part):
        return max(int(Fraction(exponent) / Fraction(part)), 0)
    if not isinstance(exponent, Term) or not isinstance(part, Term):
        return 0
    return -1 if exponent == scale(-1, part) else 1
