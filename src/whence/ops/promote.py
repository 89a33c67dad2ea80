"""Make operands alike, as NumPy does before an entrywise operation.

    alike((x, 2.0)) -> tracers of one shape and dtype

Conversions and repetitions become equations of their own (``convert``, ``broadcast``);
numbers become literals of the common aval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from whence.core.aval import FLOAT64, Aval, joined_dtype
from whence.core.builder import Builder
from whence.core.errors import TraceError
from whence.core.graph import Literal
from whence.core.primitive import ANSWERS, Primitive
from whence.core.tracer import Tracer, deepest
from whence.ops.shape import broadcast_shapes, convert, spread


def lift(x: Any, builder: Builder) -> Tracer:
    """An operand as a tracer of a builder: numbers, arrays, lists, outer tracers."""
    if isinstance(x, Tracer) and x.builder is builder:
        return x
    if isinstance(x, (list, tuple)):
        x = as_array(x)
    if isinstance(x, np.ma.MaskedArray):
        raise TraceError(
            "a masked array met a traced value", remedy="array.filled(0) first"
        )
    return Tracer(builder, builder.adopt(x))


def as_array(x: Sequence[Any]) -> Any:
    """A nested list as an array; lists with traced values are stacked."""
    if any(isinstance(y, (Tracer, list, tuple)) for y in x) and deepest(list(x), {}):
        return ANSWERS[np.stack](
            [as_array(y) if isinstance(y, (list, tuple)) else y for y in x]
        )
    return np.asarray(x)


def alike(
    operands: Sequence[Any], *, floating: bool = False, same_dtype: bool = True
) -> list[Tracer]:
    """Give operands one shape and one dtype.

    Args:
        operands: At least one tracer among numbers, arrays and lists.
        floating: Whether integers become float64, as for exp.
        same_dtype: Whether dtypes are joined at all.
    """
    if are_alike(operands, floating=floating):
        return list(operands)
    builder = deepest(operands, {})
    if builder is None:
        raise TraceError(
            "a traced value is given where NumPy takes plain numbers alone",
            remedy="int(n), if n depends on nothing that is differentiated",
        )
    tracers = [lift(x, builder) for x in operands]
    avals = [x.aval for x in tracers]
    shape = avals[0].shape
    if any(x.shape != shape for x in avals):
        shape = broadcast_shapes(*(x.shape for x in avals))
    if not same_dtype:
        return [matched(x, shape, x.aval.dtype, x.aval.weak) for x in tracers]
    dtype, weak = joined_dtype(*avals)
    if floating and dtype.kind not in "fc":
        dtype = FLOAT64
    return [matched(x, shape, dtype, weak) for x in tracers]


def are_alike(operands: Sequence[Any], *, floating: bool) -> bool:
    """Whether operands are what they have to be already, as inside derivative rules."""
    first = operands[0]
    if not isinstance(first, Tracer):
        return False
    builder, aval = first.builder, first.atom.aval
    if floating and aval.dtype.kind not in "fc":
        return False
    for x in operands:
        if not isinstance(x, Tracer) or x.builder is not builder:
            return False
        if x.atom.aval is not aval and x.atom.aval != aval:
            return False
    return True


def matched(x: Tracer, shape: tuple[int, ...], dtype: np.dtype, weak: bool) -> Tracer:
    """An operand in the shape and dtype that all meet in."""
    atom = x.atom
    if isinstance(atom, Literal) and not atom.aval.shape:
        return Tracer(x.builder, Literal(atom.number, Aval(shape, dtype, weak)))
    if atom.aval.dtype != dtype:
        x = convert(x, dtype=str(dtype))
    return spread(x, shape)


def entrywise(primitive: Primitive, *, floating: bool) -> Any:
    """The front of an entrywise operation: NumPy's signature without out and where."""

    def front(*operands: Any, dtype: Any = None, where: Any = True) -> Tracer:
        if where is not True:
            raise TraceError(
                f"np.{primitive.name} with where= leaves entries unwritten",
                remedy="np.where(condition, f(x), 0), which says what the others are",
            )
        result = primitive(*alike(operands, floating=floating))
        return result if dtype is None else convert(result, dtype=str(np.dtype(dtype)))

    front.__name__ = primitive.name
    return front


def zeros_like(x: Tracer) -> Tracer:
    """A literal zero of the shape and dtype of a tracer."""
    return Tracer(x.builder, Literal(0, x.aval))


def filled(x: Tracer, number: float) -> Tracer:
    """A literal of the shape and dtype of a tracer."""
    return Tracer(x.builder, Literal(number, x.aval))


def literal_number(x: Tracer) -> Any:
    """The number an operand is in the program, or None if it is computed."""
    return x.atom.number if isinstance(x.atom, Literal) else None
