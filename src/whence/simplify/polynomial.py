"""Polynomials: sums that divide one another without a rest.

    (x² − 1)/(x − 1)  ->  x + 1            (2x + 2x³)/(1 + x²)  ->  2x

Sums are read as polynomials in whatever their factors are (x, sin x, a name), and
divided by their leading monomials, which finds every exact quotient.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from whence.simplify.term import (
    Coefficient,
    Factor,
    Sum,
    Term,
    from_factors,
    is_exact,
    mul,
    power,
    split,
    whole,
)

LONGEST = 12  # items; longer sums are not divided
Monomial = tuple[tuple[str, int], ...]  # powers by the text of their base, in order
Polynomial = dict[Monomial, Coefficient]


def cancelled_sums(x: Term) -> Iterator[tuple[str, Term]]:
    """A fraction whose numerator a sum below divides, or the other way round."""
    coefficient, factors = split(x)
    above = [f for f in factors if is_long(f) and f[1] > 0]
    below = [f for f in factors if is_long(f) and f[1] < 0]
    for top in above:
        for bottom in below:
            rest = [f for f in factors if f not in (top, bottom)]
            found = reduced(top, bottom)
            if found is not None:
                yield (
                    "polynomial division",
                    mul(from_factors(coefficient, rest), found),
                )


def is_long(factor: Factor) -> bool:
    """Whether a factor is a sum to a whole power that can be divided."""
    base, exponent = factor
    return isinstance(base, Sum) and 1 < len(base.items) <= LONGEST and whole(exponent)


def reduced(top: Factor, bottom: Factor) -> Term | None:
    """A power of one sum over a power of another, one of them divided once."""
    (above, n), (below, m) = top, bottom
    found = quotient(above, below)
    if found is not None:
        return mul(power(above, n - 1), found, power(below, m + 1))
    found = quotient(below, above)
    if found is not None:
        return mul(power(above, n - 1), power(below, m + 1), 1 / found)
    return None


def quotient(above: Term, below: Term) -> Term | None:
    """What one sum is of another, if that is a polynomial."""
    bases: dict[str, Term] = {}
    rest, by = polynomial(above, bases), polynomial(below, bases)
    if rest is None or by is None:
        return None
    order = sorted(bases)
    lead = max(by, key=lambda m: degrees(m, order))
    found: Polynomial = {}
    while rest:
        first = max(rest, key=lambda m: degrees(m, order))
        part = ratio(first, lead)
        if part is None or len(found) > LONGEST:
            return None
        size = rest[first] / by[lead]
        found[part] = size
        for monomial, c in by.items():
            place = product(monomial, part)
            left = rest.get(place, Fraction(0)) - size * c
            if left:
                rest[place] = left
            else:
                rest.pop(place, None)
    total: Term | None = None
    for monomial, c in found.items():
        item = from_factors(c, [(bases[b], Fraction(e)) for b, e in monomial])
        total = item if total is None else total + item
    return total


def polynomial(x: Term, bases: dict[str, Term]) -> Polynomial | None:
    """A sum as a polynomial with exact coefficients; None if it is none."""
    if not isinstance(x, Sum):
        return None
    found: Polynomial = {}
    for c, m in x.items:
        if not is_exact(c):
            return None
        powers = []
        for base, exponent in split(m)[1]:
            if not whole(exponent) or exponent < 0:
                return None
            bases[base.text] = base
            powers.append((base.text, int(exponent)))
        found[tuple(sorted(powers))] = c
    return found


def degrees(monomial: Monomial, order: list[str]) -> tuple[int, ...]:
    """The exponents of a monomial in the order of the bases."""
    powers = dict(monomial)
    return tuple(powers.get(base, 0) for base in order)


def ratio(first: Monomial, second: Monomial) -> Monomial | None:
    """One monomial over another, if that is a monomial."""
    powers = dict(first)
    for base, exponent in second:
        powers[base] = powers.get(base, 0) - exponent
    if any(e < 0 for e in powers.values()):
        return None
    return tuple(sorted((b, e) for b, e in powers.items() if e))


def product(first: Monomial, second: Monomial) -> Monomial:
    """The product of two monomials."""
    powers = dict(first)
    for base, exponent in second:
        powers[base] = powers.get(base, 0) + exponent
    return tuple(sorted(powers.items()))
