"""Lengths: what is divided by one more than once, or by a sum of squares.

    x/r², r = hypot(x, y)   ->   (x/r)/r
    x²/(1 + x²)²            ->   ((x/r)²/r)/r,    r = hypot(1, x)

The square of a length over- or underflows long before the length does. A coordinate
over its length is at most 1, so that is what is divided first; what is left is divided
by one length after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from whence.core.primitive import named
from whence.simplify.rule import distributed
from whence.simplify.term import (
    App,
    Coefficient,
    Exponent,
    Factor,
    Sum,
    Term,
    apply,
    from_factors,
    is_applied,
    is_exact,
    mul,
    power,
    split,
    whole,
)

if TYPE_CHECKING:
    from whence.simplify.stabilise import Makers


def root_of(x: Term) -> Term | None:
    """What a term is the square of."""
    number, factors = split(x)
    if number != 1 or any(isinstance(e, Term) or e % 2 for _, e in factors):
        return None
    return from_factors(Fraction(1), [(b, e / 2) for b, e in factors])


def length_of(x: Sum) -> Term | None:
    """The length √(x² + y² + …) of what a sum is of the squares of."""
    legs = [r for c, m in x.items if c == 1 and (r := root_of(m)) is not None]
    if len(legs) < 2 or len(legs) < len(x.items):
        return None
    return reduce(lambda a, b: apply(named("hypot"), (a, b)), legs)


def legs_of(x: Term) -> list[Term]:
    """The coordinates that a length is of."""
    if is_applied(x, "hypot"):
        assert isinstance(x, App)
        return [leg for y in x.operands for leg in legs_of(y)]
    if is_applied(x, "norm"):
        assert isinstance(x, App)
        return [x.operands[0]]
    return [x]


def over_lengths(x: Term, makers: Makers) -> Iterator[Term]:
    """What is divided by a length more than once, divided step by step."""
    number, factors = split(x)
    for i, (base, exponent) in enumerate(factors):
        if not is_exact(exponent) or not whole(exponent) or exponent > -1:
            continue
        rest = [*factors[:i], *factors[i + 1 :]]
        length = length_of(base) if isinstance(base, Sum) else makers.length(base)
        if length is None:
            continue
        legs = {sign * leg for leg in legs_of(length) for sign in (1, -1)}
        if isinstance(base, Sum):
            if not any(b in legs and squared(e) for b, e in rest):
                yield from opened(number, base, exponent, rest, legs)
                continue
            yield stepwise(number, length, -2 * int(exponent), rest, legs)
        elif exponent < -1:
            yield stepwise(number, base, -int(exponent), rest, legs)


def squared(exponent: object) -> bool:
    """Whether an exponent is a number from 2 on: then both sides may overflow."""
    return is_exact(exponent) and exponent >= 2  # type: ignore[operator]


def opened(
    number: Coefficient,
    base: Sum,
    exponent: Exponent,
    rest: list[Factor],
    legs: Collection[Term],
) -> Iterator[Term]:
    """A sum over a sum of squares, item by item, where both may overflow."""
    for i, (above, e) in enumerate(rest):
        if e != 1 or not isinstance(above, Sum):
            continue
        factors = [f for _, m in above.items for f in split(m)[1]]
        if any(b in legs and squared(n) for b, n in factors):
            others = [(base, exponent), *rest[:i], *rest[i + 1 :]]
            yield distributed(from_factors(number, others), above)


def stepwise(
    number: Coefficient,
    length: Term,
    count: int,
    rest: list[Factor],
    legs: Collection[Term],
) -> Term:
    """A product over a power of a length: coordinates first, then one by one."""
    left: list[Factor] = []
    for base, exponent in rest:
        taken = 0
        if base in legs and is_exact(exponent) and whole(exponent) and exponent > 0:
            taken = min(count, int(exponent))
        count -= taken
        if taken:
            left.append((over(base, length), Fraction(taken)))
        if not taken or exponent != taken:
            left.append((base, exponent - taken if taken else exponent))
    total = from_factors(number, left)
    for _ in range(count - 1):
        total = over(total, length)
    return mul(total, power(length, Fraction(-1))) if count else total


def over(x: Term, length: Term) -> Term:
    """A quotient that stays one, whatever stands beside it."""
    return apply(named("div"), (x, length))
