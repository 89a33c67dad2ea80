"""Tails: the probability of a normal number written out by hand, and its logarithm.

    (1 + erf(x/√2))/2   ->   ndtr(x)
    log(erfc(x))        ->   log_ndtr(−√2·x) + log 2

Far out a tail rounds to 0 or to 1, and its logarithm has no digits or no value;
``log_ndtr`` has both. Each is a repair: equal in the reals.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from whence.core.primitive import named
from whence.simplify.cost import cost
from whence.simplify.fraction import HALF
from whence.simplify.term import (
    ONE,
    ZERO,
    Coefficient,
    Num,
    Sum,
    Term,
    add,
    apply,
    children,
    from_factors,
    is_applied,
    items_of,
    mul,
    power,
    scale,
    split,
)

TAILS = frozenset({"erf", "erfc", "ndtr"})
ROOT = power(Num(Fraction(2)), HALF)


def normals(start: Term) -> Iterator[Term]:
    """Half of 1 ± erf(x/√2), and half of erfc(−x/√2), as Φ of x."""
    number, factors = split(start)
    for i, (base, exponent) in enumerate(factors):
        found = tail_of(base) if exponent == 1 else None
        if found is None or is_applied(base, "ndtr"):
            continue
        weight, z = found
        halved = isinstance(base, Sum) or number * weight == 1
        if halved and cost(z) < cost(z / ROOT):
            rest = from_factors(number * weight, [*factors[:i], *factors[i + 1 :]])
            yield mul(rest, apply(named("ndtr"), (z,)))


def tail_of(x: Term) -> tuple[Coefficient, Term] | None:
    """A term as a number times Φ of something, if it is that of an error function.

    Returns:
        The number b and the term z of b·Φ(z).
    """
    number, factors = split(x)
    if len(factors) != 1 or factors[0][1] != 1:
        return None
    ((base, _),) = factors
    if is_applied(base, "ndtr"):
        return number, children(base)[0]
    if is_applied(base, "erfc"):
        return 2 * number, scale(-1, mul(ROOT, children(base)[0]))
    if isinstance(base, Sum) and len(base.items) == 2:
        for (c, m), (d, one) in (base.items, base.items[::-1]):
            if is_applied(m, "erf") and one == ONE and abs(c) == d:
                sign = 1 if c > 0 else -1
                return 2 * d * number, scale(sign, mul(ROOT, children(m)[0]))
    return None


def logs_of_tails(start: Term) -> Iterator[Term]:
    """The log of a number times Φ as the log of each."""
    for c, m in items_of(start):
        found = tail_of(children(m)[0]) if is_applied(m, "log") else None
        if found is None or found[0] <= 0:
            continue
        weight, z = found
        inner = apply(named("log_ndtr"), (z,))
        outer = ZERO if weight == 1 else apply(named("log"), (Num(weight),))
        yield add(start, scale(-c, m), scale(c, add(inner, outer)))


NORMAL = {"is-ndtr": normals, "is-log-ndtr": logs_of_tails}
