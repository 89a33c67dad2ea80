"""Strong zeros: which entries of a tangent or cotangent are zero by structure.

    follow(builder, start, masks)     the masks of what a rule has just written

A mask is a bool array, True where an entry may differ from zero; None where nothing is
known. It arises where a choice or a scatter puts zeros, moves with the entries, and
makes a product with an infinite partial what it is in the mathematics: zero, not nan. A
mask speaks of structure alone; a number that happens to be zero keeps its honest nan.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

from whence.core.aval import BOOL, Aval
from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Literal
from whence.core.primitive import Primitive, named
from whence.core.structure import Pointwise, Reduction, Scatter, View
from whence.core.tracer import Tracer

STRONG_ZERO = "strong zero"  # the rule by which a mask is put over a product

Mask = Tracer | None
Masks = dict[Atom, Mask]  # of every value that is linear in what moves


def joined(first: Mask, second: Mask) -> Mask:
    """Where either may differ from zero."""
    if first is None or second is None:
        return None
    return first if first.atom is second.atom else first | second


def narrowed(first: Mask, second: Mask) -> Mask:
    """Where both may differ from zero."""
    if first is None or second is None:
        return second if first is None else first
    return first if first.atom is second.atom else first & second


def under(mask: Mask, product: Tracer, primitive: Primitive) -> Tracer:
    """A product that is zero wherever the mask says so, whatever its other factor.

    Only an entrywise product has its zeros where its factor has them.
    """
    if mask is None or not isinstance(primitive.structure, Pointwise):
        return product
    builder = product.builder
    zero = Tracer(builder, Literal(0, product.aval))
    assert builder.origin is not None, "a derivative is written for a reason"
    with builder.because(builder.origin.then(STRONG_ZERO)):
        chosen: Tracer = named("select")(mask, product, zero)
    return chosen


def is_mask(equation: Equation) -> bool:
    """Whether a choice puts a mask over a product, or is the transpose of one."""
    origin = equation.origin
    earlier = origin.earlier.rule if origin.earlier is not None else ""
    return equation.primitive.name == "select" and STRONG_ZERO in (origin.rule, earlier)


def unmasked(graph: Graph) -> Graph:
    """A program without its masks: what they let through, everywhere.

    A mask also hides from a cotangent what its tangent never reaches, as where a ReLU
    rests; without it the cotangent is the derivative by the value, as books define it.
    """

    def opened(equation: Equation) -> Equation:
        condition, product, _ = equation.operands
        return replace(equation, operands=(condition, product, product))

    lines = (opened(e) if is_mask(e) else e for e in graph.equations)
    return replace(graph, equations=tuple(lines))


def follow(builder: Builder, start: int, masks: Masks) -> None:
    """Find the masks of what was written since a line, from those of what it reads.

    Args:
        builder: The graph being written.
        start: The number of the first new equation.
        masks: The masks known so far, of every value that moves; added to.
    """
    for equation in builder.equations[start:]:
        if movers(equation, masks):
            mask = passed(builder, equation, masks)
            for y in equation.results:
                masks[y] = mask


def movers(equation: Equation, masks: Masks) -> list[Atom]:
    """The operands that move: a literal does if it is a cotangent and no other can be.

    The cotangent 1 with which a gradient begins is a literal, and so is the 1 of 1 / x.
    """
    known = [x for x in equation.operands if x in masks]
    literals: list[Atom] = [x for x in known if isinstance(x, Literal) and x.number]
    return [x for x in known if not isinstance(x, Literal)] or literals


def passed(builder: Builder, equation: Equation, masks: Masks) -> Mask:
    """The mask of the result of an equation that is linear in what the masks are of."""
    primitive, params = equation.primitive, equation.params
    moving = [masks[x] for x in movers(equation, masks)]
    if primitive.name == "select":
        return of_choice(builder, equation, masks)
    match primitive.structure:
        case Pointwise():
            return reduce(joined, moving)
        case View():
            return moved(builder, equation, masks)
        case Reduction(combine="add") if moving[0] is not None:
            any_: Tracer = named("any")(moving[0], **params)
            return any_
        case Scatter():
            return scattered(builder, equation, moving[0])
    return None


def moved(builder: Builder, equation: Equation, masks: Masks) -> Mask:
    """The mask of moved entries: moved alike; entries that rest are zero."""
    linear: list[Atom] = [x for x in equation.operands if x.aval.moves]
    if all(x in masks and masks[x] is None for x in linear):
        return None
    given: list[Any] = []
    for x in equation.operands:
        known = masks.get(x)
        filling = Tracer(builder, Literal(x in masks, Aval(x.aval.shape, BOOL)))
        given.append(
            (filling if known is None else known) if x in linear else Tracer(builder, x)
        )
    picked: Tracer = equation.primitive(*given, **equation.params)
    return picked


def of_choice(builder: Builder, equation: Equation, masks: Masks) -> Mask:
    """The mask of where(c, x, y): a branch that rests is zero, so never reached."""
    condition, x, y = equation.operands
    chosen = Tracer(builder, condition)
    sides = [
        narrowed(chosen if branch is x else ~chosen, masks[branch])
        for branch in (x, y)
        if branch in movers(equation, masks)
    ]
    if len(sides) == 1:
        return sides[0]
    return None if masks[x] is None and masks[y] is None else joined(*sides)


def scattered(builder: Builder, equation: Equation, mask: Mask) -> Mask:
    """The mask of entries put among zeros: False wherever nothing was put."""
    moved, *rest = equation.operands
    if mask is None:
        mask = Tracer(builder, Literal(True, Aval(moved.aval.shape, BOOL)))
    operands: list[Any] = [Tracer(builder, x) for x in rest]
    put: Tracer = equation.primitive(mask, *operands, **equation.params)
    return put
