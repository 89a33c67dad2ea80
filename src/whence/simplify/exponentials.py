"""Sums of exponentials written out by hand, as the functions that they are.

    e^a/(e^a + e^b)     ->  σ(a − b)                    two-class-softmax
    log(e^a + e^b)      ->  logaddexp(a, b)             is-logaddexp
    log(e^a − e^b)      ->  a + log(−expm1(b − a))      log-of-difference
    (e^z + e^(−z))/2    ->  cosh(z)                     is-hyperbolic
    sinh(z)·e^(−z)      ->  (1 − e^(−2z))/2             hyperbolic-times-exp
    e^a/e^b             ->  e^(a − b)                   merge-exponentials

Each is a repair: equal in the reals, and finite where an exponential on the left is
not. When these are looked for is decided in ``simplify.recognise``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce

from whence.core.primitive import named
from whence.simplify.constant import constant
from whence.simplify.cost import cost
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    App,
    Coefficient,
    Factor,
    Num,
    Sum,
    Term,
    add,
    apply,
    from_factors,
    is_applied,
    items_of,
    mul,
    power,
    scale,
    split,
    term,
)

MOST = 6  # exponentials in a sum that is written out by hand
SHORT = 2  # operations; of longer exponents the shares are better left as they are
Exponential = tuple[Coefficient, Term]  # c·e^u as (c, u)


def exponentials(x: Term) -> list[Exponential]:
    """A sum of numbers times exponentials, as those; else nothing."""
    if not isinstance(x, Sum) or not 2 <= len(x.items) <= MOST:
        return []
    found = [(c, exponent_of(m)) for c, m in x.items]
    known = [(c, u) for c, u in found if u is not None]
    return known if len(known) == len(found) else []


def exponent_of(x: Term) -> Term | None:
    """The exponent of a term that is a power of e; that of 1 is 0."""
    _, factors = split(x)
    if x == ONE:
        return ZERO
    if len(factors) == 1 and factors[0][0] == EULER:
        return term(factors[0][1])
    return None


def log_of_number(x: Coefficient) -> Term:
    """The log of a positive number; that of 1/n is −log n."""
    if x == 1:
        return ZERO
    if x < 1:
        return scale(-1, log_of_number(1 / x))
    return apply(named("log"), (constant(x),))


def two_class_softmaxes(start: Term) -> Iterator[Term]:
    """The share of one of two exponentials in their sum, as a sigmoid."""
    number, factors = split(start)
    above = next((term(e) for b, e in factors if b == EULER), ZERO)
    for base, exponent in factors:
        both = exponentials(base) if exponent == -1 else []
        if len(both) != 2 or both[0][0] != both[1][0]:
            continue
        for (c, u), (_, v) in (both, both[::-1]):
            if u == above:
                rest = [f for f in factors if f[0] not in (EULER, base)]
                found = apply(named("sigmoid"), (add(u, scale(-1, v)),))
                yield mul(from_factors(number / c, rest), found)


def logs_of_sums(start: Term) -> Iterator[Term]:
    """A log of a sum of exponentials as logaddexp of their exponents."""
    for c, m, total in logs_in(start):
        parts = exponentials(total)
        sizes = {n for n, _ in parts}
        if len(sizes) != 1 or min(sizes) < 0 or any(cost(u) > SHORT for _, u in parts):
            continue
        exponents = sorted((u for _, u in parts), key=lambda u: u == ZERO)
        found = add(reduce(log_of_two, exponents), log_of_number(*sizes))
        yield add(start, scale(-c, m), scale(c, found))


def log_of_two(first: Term, second: Term) -> Term:
    """The log of the sum of two exponentials, by their exponents."""
    if second == ZERO:
        return apply(named("softplus"), (first,))
    return apply(named("logaddexp"), (first, second))


def logs_of_differences(start: Term) -> Iterator[Term]:
    """A log of one exponential less another, with the larger taken out."""
    for c, m, total in logs_in(start):
        parts = exponentials(total)
        if len(parts) != 2 or parts[0][0] != -parts[1][0]:
            continue
        (_, less), (size, most) = sorted(parts, key=lambda part: part[0])
        if most == ZERO:
            continue  # log(1 − e^b) has a rule of its own
        left = apply(named("expm1"), (add(less, scale(-1, most)),))
        found = add(most, apply(named("log"), (scale(-1, left),)), log_of_number(size))
        yield add(start, scale(-c, m), scale(c, found))


def logs_in(start: Term) -> Iterator[tuple[Coefficient, Term, Term]]:
    """The items of a term that are logs: the coefficient, the log, and what it is of.

    A number in front of a sum is multiplied into it.
    """
    for c, m in items_of(start):
        if is_applied(m, "log"):
            number, factors = split(m.operands[0])
            whole = from_factors(Fraction(1), factors)
            parts = ((number * d, y) for d, y in items_of(whole))
            yield c, m, (add(*(mul(Num(d), y) for d, y in parts)))


def hyperbolics(start: Term) -> Iterator[Term]:
    """Half a sum or difference of e^z and e^(−z) as cosh(z) or sinh(z)."""
    number, factors = split(start)
    for i, (base, exponent) in enumerate(factors):
        both = exponentials(base) if exponent in (1, -1) else []
        if len(both) != 2 or abs(both[0][0]) != abs(both[1][0]):
            continue
        (c, u), (d, v) = sorted(both, key=lambda part: leading_sign(part[1]))
        if add(u, v) != ZERO or u == ZERO:
            continue
        found = apply(named("cosh" if c == d else "sinh"), (v,))
        rest: list[Factor] = [f for k, f in enumerate(factors) if k != i]
        outside = mul(Num(number), power(Num(2 * d), exponent))
        if split(outside)[0] in (1, -1):  # else a person leaves it as it is
            yield mul(outside, from_factors(Fraction(1), rest), power(found, exponent))


def leading_sign(x: Term) -> bool:
    """Whether a term is written with a plus in front."""
    return items_of(x)[0][0] > 0 if items_of(x) else False


def hyperbolics_times_exp(start: Term) -> Iterator[Term]:
    """A sinh or cosh, or one over it, times e^z or e^(−z), in one exponential."""
    number, factors = split(start)
    u = next((e for b, e in factors if b == EULER and isinstance(e, Term)), None)
    if u is None:
        return
    for i, (base, exponent) in enumerate(factors):
        if not isinstance(base, App) or exponent not in (1, -1):
            continue
        name = base.primitive.name
        if name not in ("sinh", "cosh") or base.operands[0] not in (u, scale(-1, u)):
            continue
        sign = Fraction(1 if name == "cosh" or base.operands[0] == u else -1)
        rest: list[Factor] = [
            f for k, f in enumerate(factors) if k != i and f[0] != EULER
        ]
        found = single_exponential(name, scale(2, u), exponent)
        yield mul(from_factors(number * sign, rest), found)


def single_exponential(name: str, double: Term, exponent: Fraction) -> Term:
    """e^u·cosh(u) or e^u·sinh(u) by e^(2u), or e^u over either."""
    half = Fraction(1, 2)
    if exponent == -1 and name == "cosh":
        return 2 * apply(named("sigmoid"), (double,))
    if exponent == -1:
        return -2 / apply(named("expm1"), (scale(-1, double),))
    one = ONE if name == "cosh" else scale(-1, ONE)
    return scale(half, add(power(EULER, double), one))


def merged(start: Term, operands: Sequence[Term]) -> Iterator[Term]:
    """A product or quotient of exponentials, as one."""
    powers = [b for x in operands for b, _ in split(x)[1] if b == EULER]
    if len(powers) > 1:
        yield start
