"""Calling things by their names: what a name stands for is replaced by the name.

called(a*b*c, a*b, g)  ->  g*c         named as a factor
called(a @ b, a*b, g)  ->  sum(g)      a dot product is the sum of its products
"""

from __future__ import annotations

from fractions import Fraction

from whence.core.primitive import named
from whence.simplify.search import places
from whence.simplify.term import (
    App,
    Factor,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    apply,
    from_factors,
    is_positive,
    mul,
    rebuild,
    scale,
    split,
    term,
)


def called(x: Term, meaning: Term, symbol: Symbol) -> Term:
    """A term with every occurrence of another replaced, whole or as factors."""
    new: dict[Term, Term] = {meaning: symbol}
    number, factors = split(meaning)
    if abs(number) == 1 and (len(factors) > 1 or isinstance(meaning, Prod)):
        part, name = Prod(factors), scale(number, symbol)
        for place in places(x):
            if isinstance(place, Prod):
                rest = remaining(place, part)
                if rest is not None:
                    new.setdefault(place, mul(name, from_factors(Fraction(1), rest)))
            elif isinstance(place, App) and place not in new:
                dot = called_in_dot(place, part, symbol, name)
                if dot is not None:
                    new[place] = dot
    return rebuild(x, new)


def called_in_dot(x: App, part: Prod, symbol: Symbol, name: Term) -> Term | None:
    """The dot product of two vectors, its factors regrouped around a name."""
    if x.primitive.name != "contract" or dict(x.params)["spec"] != "a,a->":
        return None
    number, factors = split(mul(*x.operands))
    rest = remaining(Prod(factors), part)
    if rest is None or symbol.shape != x.given[0].shape:
        return None
    left = from_factors(number, rest)
    if not left.shape:
        params = (("axis", (0,)), ("keepdims", False))
        return mul(left, apply(named("sum"), (name,), params, (), x.given[:1]))
    if left.shape != symbol.shape or part in x.operands:
        return None
    return apply(x.primitive, (name, left), x.params, (), x.given)


def remaining(x: Prod, part: Prod) -> list[Factor] | None:
    """The factors of a product less those of another, if it has them all.

    Of x^(v − 1) less x^v there remains x^(−1), and of 1/x² less 1/x, 1/x. A sum that
    may be 0 is divided by nowhere else for that: 1 − p is, where p saturates.
    """
    left = dict(x.factors)
    for base, exponent in part.factors:
        if base not in left:
            return None
        now = left.pop(base)
        if now == exponent:
            continue
        if not isinstance(exponent, Term) and not isinstance(now, Term):
            if not now < exponent < 0:
                return None
            left[base] = now - exponent
            continue
        less = term(now) - term(exponent)
        if not isinstance(less, Num):
            return None
        if less.number < 0 and isinstance(base, Sum) and not is_positive(base):
            return None
        left[base] = less.number
    return list(left.items())
