"""Terms: entrywise algebra in a normal form, in which equal things look equal.

    >>> x = Symbol("x")
    >>> x * 2 + x, x * x**2, x - x
    (3*x, x**3, 0)

The constructors bring sums and products into order, collect equal terms and merge equal
bases; they never distribute, factor or expand, which are steps that a search takes
(``simplify.search``). Numbers are exact fractions wherever the program's numbers are.
What a term is made of is in ``simplify.forms``, whose names are had from here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from whence.core.aval import Aval
from whence.core.primitive import Primitive, named
from whence.core.structure import Pointwise
from whence.ops.shape import broadcast_shapes
from whence.simplify.forms import (
    EULER,
    ONE,
    ZERO,
    App,
    Coefficient,
    Exponent,
    Factor,
    Item,
    Num,
    Prod,
    Shape,
    Sum,
    Symbol,
    Term,
    children,
    exact,
    is_applied,
    is_exact,
    is_positive,
    shape_of,
    symbols_of,
    term,
    whole,
)

__all__ = [
    "EULER",
    "ONE",
    "ZERO",
    "App",
    "Coefficient",
    "Exponent",
    "Factor",
    "Item",
    "Num",
    "Prod",
    "Shape",
    "Sum",
    "Symbol",
    "Term",
    "add",
    "apply",
    "children",
    "exact",
    "from_factors",
    "from_items",
    "is_applied",
    "is_exact",
    "is_positive",
    "items_of",
    "mul",
    "power",
    "rebuild",
    "scale",
    "shape_of",
    "split",
    "symbols_of",
    "term",
    "whole",
]

# -------------------------------------------------------------- constructors


def items_of(x: Term) -> tuple[Item, ...]:
    """A term as the items of a sum."""
    if isinstance(x, Sum):
        return x.items
    if isinstance(x, Num):
        return ((x.number, ONE),) if x.number != 0 else ()
    return ((Fraction(1), x),)


def from_items(items: Iterable[Item]) -> Term:
    """The sum of items: collected, without zeros, in order."""
    collected: dict[Term, Coefficient] = {}
    for coefficient, monomial in flattened(items):
        collected[monomial] = collected.get(monomial, Fraction(0)) + coefficient
    left = [(c, m) for m, c in collected.items() if c != 0]
    if not left:
        return ZERO
    if len(left) == 1:
        ((coefficient, monomial),) = left
        if isinstance(monomial, Num):
            return Num(coefficient * monomial.number)
        if coefficient == 1:
            return monomial
    return Sum(tuple(sorted(left, key=lambda item: item[1].text)))


def flattened(items: Iterable[Item]) -> Iterator[Item]:
    """Items of which none is a sum with the coefficient 1 or -1."""
    for coefficient, monomial in items:
        if isinstance(monomial, Sum) and abs(coefficient) == 1:
            for inner, m in monomial.items:
                yield coefficient * inner, m
        else:
            yield coefficient, monomial


def add(*terms: Term) -> Term:
    """The sum of terms."""
    return from_items(item for x in terms for item in items_of(x))


def scale(number: Any, x: Term) -> Term:
    """A number times a term; sums of several terms take it as a factor."""
    number = exact(number)
    if number == 0:
        return ZERO
    items = items_of(x)
    if len(items) <= 1 or number == -1:
        return from_items((number * c, m) for c, m in items)
    sign, turned = oriented(x, Fraction(1))
    return from_items([(number * sign, turned)])


def split(x: Term) -> tuple[Coefficient, tuple[Factor, ...]]:
    """A term as a coefficient and the factors of a product."""
    if isinstance(x, Num):
        return x.number, ()
    if isinstance(x, Sum) and len(x.items) == 1:
        coefficient, monomial = x.items[0]
        return coefficient, split(monomial)[1]
    if isinstance(x, Prod):
        return Fraction(1), x.factors
    return Fraction(1), ((x, Fraction(1)),)


def from_factors(coefficient: Coefficient, factors: Iterable[Factor]) -> Term:
    """A coefficient times a product: equal bases merged, in order."""
    factors = list(factors)
    if any(isinstance(b, App) and b.primitive.name == "scatter" for b, _ in factors):
        from whence.simplify.linear import picked

        factors = picked(factors)
    merged: dict[Term, Exponent] = {}
    for given, exponent in factors:
        sign, base = oriented(given, exponent)
        coefficient = coefficient * sign
        merged[base] = plus(merged[base], exponent) if base in merged else exponent
    left: list[Factor] = []
    for base, exponent in merged.items():
        if is_zero(exponent):
            continue
        found = power(base, exponent)
        number, inner = split(found)
        if number != 1 or inner != ((base, exponent),):
            coefficient = coefficient * number
            left.extend(inner)
        else:
            left.append((base, exponent))
    if len({b for b, _ in left}) < len(left):
        return from_factors(coefficient, left)
    return from_items([(coefficient, product(left))])


def oriented(base: Term, exponent: Exponent) -> tuple[int, Term]:
    """A sum to a whole power in one of its two signs, and the sign that turns it so.

    So that (x − y) and (y − x) are one base, and cancel. The constant is positive where
    there is one, as in 1 − s; else the first item is.
    """
    if isinstance(base, Sum) and whole(exponent) and leading(base) < 0:
        sign = -1 if Fraction(exponent).numerator % 2 else 1
        return sign, scale(-1, base)
    return 1, base


def leading(x: Sum) -> Coefficient:
    """The coefficient that decides the sign of a sum: a size, as in n − 1, or a 1."""
    sizes = [c for c, m in x.items if is_size(m)]
    constants = sizes or [c for c, m in x.items if m == ONE]
    return constants[0] if constants else x.items[0][0]


def is_size(x: Term) -> bool:
    """Whether a term is the name of a size."""
    return isinstance(x, Symbol) and isinstance(x.of, tuple) and x.of[0] == "size"


def product(factors: list[Factor]) -> Term:
    """A product of merged factors."""
    if not factors:
        return ONE
    if len(factors) == 1 and is_number(factors[0][1], 1):
        return factors[0][0]
    return Prod(tuple(sorted(factors, key=lambda f: (f[0].text, str(f[1])))))


def mul(*terms: Term) -> Term:
    """The product of terms, nothing distributed."""
    if len(terms) == 2 and isinstance(terms[0], Num):
        return scale(terms[0].number, terms[1])
    coefficient: Coefficient = Fraction(1)
    factors: list[Factor] = []
    for x in terms:
        number, more = split(x)
        coefficient = coefficient * number
        factors.extend(more)
    if coefficient == 0:
        return ZERO
    if len(factors) == 1 and is_number(factors[0][1], 1):
        return scale(coefficient, factors[0][0])
    return from_factors(coefficient, factors)


def plus(first: Exponent, second: Exponent) -> Exponent:
    """The sum of two exponents."""
    if isinstance(first, Term) or isinstance(second, Term):
        return plain(add(term(first), term(second)))
    return first + second


def plain(x: Term) -> Exponent:
    """An exponent without the term around it, if it is a number."""
    return x.number if isinstance(x, Num) else x


def is_number(x: Any, number: int) -> bool:
    """Whether an exponent is a given number."""
    return not isinstance(x, Term) and x == number


def is_zero(x: Exponent) -> bool:
    """Whether an exponent vanishes."""
    return is_number(plain(x) if isinstance(x, Term) else x, 0)


def power(base: Term, exponent: Exponent) -> Term:
    """A term raised to a power, as far as that holds for every number."""
    exponent = plain(exponent) if isinstance(exponent, Term) else exponent
    if isinstance(exponent, Term):
        return power_of_term(base, exponent)
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if isinstance(base, Num):
        return power_of_number(base, exponent)
    coefficient, factors = split(base)
    if whole(exponent) or (coefficient > 0 and all(is_positive(b) for b, _ in factors)):
        if isinstance(base, Sum) and len(base.items) > 1:
            sign, turned = oriented(base, exponent)
            return scale(sign, Prod(((turned, exponent),)))
        number = power(Num(coefficient), exponent)
        raised = [(b, times(e, exponent)) for b, e in factors]
        if factors == ((base, Fraction(1)),):
            return Prod(((base, exponent),))
        return mul(number, from_factors(Fraction(1), raised))
    if isinstance(base, Prod) and len(base.factors) == 1:
        return power_of_power(base, exponent)
    return Prod(((base, exponent),))


def power_of_power(base: Prod, exponent: Coefficient) -> Term:
    """(b^m)^n for a base of unknown sign: √(x²) is |x|, and (√x)^n merges."""
    ((inner, first),) = base.factors
    if is_exact(first) and is_exact(exponent):
        both = Fraction(first) * Fraction(exponent)
        if Fraction(first).numerator % 2 == 1:
            return power(inner, both)  # the inner power keeps the sign
        if Fraction(first).denominator == 1:
            return power(App(named("abs"), (inner,), (), inner.shape), both)
    return Prod(((base, exponent),))


def power_of_term(base: Term, exponent: Term) -> Term:
    """A base to a power that is no number; exponents of positive bases multiply."""
    if isinstance(base, Num) and base.number == 1:
        return ONE
    if isinstance(base, Prod) and all(is_positive(b) for b, _ in base.factors):
        return from_factors(
            Fraction(1), [(b, times(e, exponent)) for b, e in base.factors]
        )
    return Prod(((base, exponent),))


def power_of_number(base: Num, exponent: Coefficient) -> Term:
    """A number to a power: exact where it is exact."""
    number = base.number
    if number == 1:
        return ONE
    if whole(exponent) and (number != 0 or exponent > 0):
        return Num(number ** int(exponent))
    if is_exact(number) and number > 0 and is_exact(exponent):
        root = float(number) ** float(exponent)
        near = Fraction(root).limit_denominator(10_000)
        halves = Fraction(exponent).denominator
        if near**halves == Fraction(number) ** Fraction(exponent).numerator:
            return Num(near)
    return Prod(((base, exponent),))


def times(first: Exponent, second: Exponent) -> Exponent:
    """The product of two exponents."""
    if isinstance(first, Term) or isinstance(second, Term):
        return plain(mul(term(first), term(second)))
    return first * second


# --------------------------------------------------------------- whole terms


def rebuild(x: Term, new: Mapping[Term, Term]) -> Term:
    """A term with parts replaced by others, brought into normal form again."""
    if x in new:
        return new[x]
    match x:
        case Sum():
            return add(*(scale(c, rebuild(m, new)) for c, m in x.items))
        case Prod():
            parts = [
                power(
                    rebuild(b, new),
                    rebuild(e, new) if isinstance(e, Term) else e,
                )
                for b, e in x.factors
            ]
            return mul(*parts)
        case App():
            operands = tuple(rebuild(y, new) for y in x.operands)
            if operands == x.operands:
                return x
            if isinstance(x.primitive.structure, Pointwise):
                shape = broadcast_shapes(x.shape, *(y.shape for y in operands))
                given = tuple(aval.like(shape) for aval in x.given)
                return apply(x.primitive, operands, x.params, shape, given)
            return apply(x.primitive, operands, x.params, x.shape, x.given)
    return x


def apply(
    primitive: Primitive,
    operands: tuple[Term, ...],
    params: tuple[tuple[str, Any], ...] = (),
    shape: Shape | None = None,
    given: tuple[Aval, ...] = (),
) -> Term:
    """An operation applied to terms; numbers leave linear operations."""
    from whence.simplify.linear import pulled

    if shape is None:
        shape = broadcast_shapes(*(x.shape for x in operands))
    if not given and isinstance(primitive.structure, Pointwise):
        given = tuple(Aval(tuple(shape)) for _ in operands)
    return pulled(App(primitive, operands, params, shape, given))
