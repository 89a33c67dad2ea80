"""Totals: what can be done with a sum over axes, a mean or a matrix product.

    sum(t*(l + 1))  ->  sum(t*l) + sum(t)     each item by itself
    sum(p)          ->  1                     p a softmax along those axes
    sum(x*y)        ->  x·y                   a dot product

These are steps a reader sees. What needs no word (numbers and constant factors go in
front) the constructors do, in ``simplify.linear``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from whence.core.aval import Aval
from whence.core.primitive import named
from whence.simplify.constant import constant
from whence.simplify.rule import opened
from whence.simplify.term import (
    ONE,
    ZERO,
    App,
    Factor,
    Num,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    from_factors,
    is_exact,
    items_of,
    mul,
    scale,
    shape_of,
    split,
)

REDUCING = ("sum", "mean")


def reduced(x: App) -> Iterator[tuple[str, Term]]:
    """Every step that a sum, a mean or a contraction as a whole allows."""
    name = x.primitive.name
    if name in REDUCING and is_whole(x):
        yield "softmax-sum", ONE
    if name in REDUCING and is_centred(x):
        yield "deviations sum to 0", ZERO
    if name in (*REDUCING, "contract"):
        yield from by_items(x)
    if name == "sum":
        yield from dot_products(x)


def is_whole(x: App) -> bool:
    """Whether the entries of a softmax are summed along its axes, to 1."""
    (operand,) = x.operands
    if x.primitive.name != "sum" or operand.shape != x.given[0].shape:
        return False
    unit: object = ()
    if isinstance(operand, Symbol):
        unit = operand.unit
    elif isinstance(operand, App) and operand.primitive.name == "softmax":
        unit = dict(operand.params)["axis"]
    return bool(unit) and unit == dict(x.params)["axis"]


def is_centred(x: App) -> bool:
    """Whether deviations from a mean are summed along the axes of the mean."""
    (operand,) = x.operands
    if not isinstance(operand, Symbol) or operand.shape != x.given[0].shape:
        return False
    return bool(operand.centred) and operand.centred == dict(x.params)["axis"]


def means(x: Term) -> Iterator[tuple[str, Term]]:
    """A sum over n entries divided by n, as the mean."""
    for c, m in items_of(x):
        for i, (base, exponent) in enumerate(split(m)[1]):
            if exponent != 1 or not isinstance(base, App):
                continue
            if base.primitive.name != "sum":
                continue
            shape, axes = base.given[0].shape, dict(base.params)["axis"]
            count = mul(ONE, *(constant(shape[axis]) for axis in axes))
            mean = App(
                named("mean"), base.operands, base.params, base.shape, base.given
            )
            rest = [f for k, f in enumerate(split(m)[1]) if k != i]
            new = mul(Num(c), count, mean, from_factors(Fraction(1), rest))
            yield "mean", add(x, scale(-c, m), new)


def by_items(x: App) -> Iterator[tuple[str, Term]]:
    """A linear operation on a sum, as the sum of the operation on each item."""
    for i, operand in enumerate(x.operands):
        out = opened(operand)
        items = items_of(out)
        if not isinstance(out, Sum) or len(items) < 2:
            continue
        parts = []
        for c, m in items:
            operands = (*x.operands[:i], m, *x.operands[i + 1 :])
            part = apply(x.primitive, operands, x.params, x.shape, x.given)
            parts.append(scale(c, part))
        yield "distribute", add(*parts)


def dot_products(x: App) -> Iterator[tuple[str, Term]]:
    """A sum over products of the entries of two vectors, as their dot product."""
    params, (whole,) = dict(x.params), x.given
    if len(whole.shape) != 1 or params["keepdims"]:
        return
    _, factors = split(x.operands[0])
    vectors = [f for f in factors if is_vector(f, whole)]
    if len(vectors) < 2 or len(vectors) < len(factors):
        return
    *first, last = vectors
    pair = (from_factors(Fraction(1), first), from_factors(Fraction(1), [last]))
    spec = (("spec", "a,a->"),)
    yield "dot product", apply(named("contract"), pair, spec, (), (whole, whole))


def is_vector(factor: Factor, whole: Aval) -> bool:
    """Whether a factor has all entries of a vector, and stands above the fraction."""
    base, exponent = factor
    return shape_of(base, exponent) == whole.shape and (
        not is_exact(exponent) or exponent > 0
    )
