"""Deviations from a mean: the values of a program whose entries sum to 0.

    u = x − mean(x),  u/s,  −u     ->  centred along the axes of the mean

So a sum of them is 0, which is what makes the derivatives of layer norm, batch norm and
variances short.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.simplify.term import Shape

Axes = tuple[int, ...]


def centred_values(graph: Graph) -> dict[Value, Axes]:
    """The axes along which values of a program sum to 0, where there are any."""
    made = {y: e for e in graph.equations for y in e.results}
    found: dict[Value, Axes] = {}
    for equation in graph.equations:
        axes = centred_axes(equation, made, found)
        if axes:
            found[equation.results[0]] = axes
    return found


def centred_axes(
    equation: Equation, made: Mapping[Value, Equation], known: Mapping[Value, Axes]
) -> Axes:
    """The axes along which what an equation makes sums to 0."""
    name, operands = equation.primitive.name, equation.operands
    if name == "sub":
        return mean_axes(operands[0], operands[1], made)
    if name == "neg":
        return of(operands[0], known)
    if name in ("mul", "div"):
        for x, y in (operands, operands[::-1])[: 2 if name == "mul" else 1]:
            axes = of(x, known)
            if axes and rests(y, axes, made):
                return axes
    return ()


def of(x: Atom, known: Mapping[Value, Axes]) -> Axes:
    """The axes along which an operand is known to sum to 0."""
    return known.get(x, ()) if isinstance(x, Value) else ()


def mean_axes(x: Atom, y: Atom, made: Mapping[Value, Equation]) -> Axes:
    """The axes of a mean of x, if y is that mean spread over x again.

    Each mean has to come to the entries that it is of: in the shape that is spread, the
    axes of the mean have length 1. A mean of the columns, as a column, has not.
    """
    spread = before(y, ("broadcast", "convert"), made)
    value = before(spread, ("reshape", "convert"), made)
    mean = made.get(value) if isinstance(value, Value) else None
    if mean is None or mean.primitive.name != "mean" or mean.operands[0] is not x:
        return ()
    axes: Axes = mean.params["axis"]
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.aval.shape))
    lone = (1,) * (len(kept) - spread.aval.ndim)
    return axes if (*lone, *spread.aval.shape) == kept else ()


def before(x: Atom, moves: Collection[str], made: Mapping[Value, Equation]) -> Atom:
    """What an operand was before some operations that only move entries."""
    while isinstance(x, Value) and x in made and made[x].primitive.name in moves:
        x = made[x].operands[0]
    return x


def rests(y: Atom, axes: Axes, made: Mapping[Value, Equation]) -> bool:
    """Whether an operand is the same along some axes: it was repeated along them."""
    if isinstance(y, Literal) or not y.aval.shape:
        return True
    equation = made.get(y)
    if equation is None or equation.primitive.name != "broadcast":
        return False
    shape: Shape = equation.operands[0].aval.shape
    lone = y.aval.ndim - len(shape)
    return all(axis < lone or shape[axis - lone] == 1 for axis in axes)
