"""Reductions: entries along axes combined into one: sum, mean, prod, max, var, norm.

Every primitive here has the params ``axis``, a sorted tuple of non-negative ints, and
``keepdims``. The fronts have NumPy's signatures.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import ShapeError
from whence.core.notation import Notation
from whence.core.primitive import REAL, Example, Linear, Primitive, define
from whence.core.structure import Reduction
from whence.core.tracer import Tracer
from whence.ops.promote import alike
from whence.ops.shape import broadcast, convert, reshape

Axis = int | tuple[int, ...] | None


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Axes as sorted non-negative ints; None means all.

    Raises:
        ShapeError: If an axis is out of range or named twice.
    """
    given = tuple(range(ndim)) if axis is None else axis
    found = [int(i) for i in (given if isinstance(given, tuple) else (given,))]
    for i in found:
        if not -ndim <= i < ndim:
            raise ShapeError(
                f"axis {i} is out of range for an array of {ndim} axes",
                remedy=f"an axis from {-ndim} to {ndim - 1}",
            )
    positive = sorted({i % ndim for i in found})
    if len(positive) < len(found):
        raise ShapeError("an axis is named twice", remedy="each axis once")
    return tuple(positive)


def kept(shape: tuple[int, ...], axis: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with the reduced axes kept as ones."""
    return tuple(1 if i in axis else n for i, n in enumerate(shape))


def reduced_shape(
    shape: tuple[int, ...], axis: tuple[int, ...], *, keepdims: bool
) -> tuple[int, ...]:
    """The shape that is left when axes are reduced."""
    if keepdims:
        return kept(shape, axis)
    return tuple(n for i, n in enumerate(shape) if i not in axis)


def reduced(x: Aval, axis: tuple[int, ...], keepdims: bool) -> Aval:  # noqa: FBT001
    """The shape rule of the family."""
    return x.like(reduced_shape(x.shape, axis, keepdims=keepdims))


def stretch(y: Tracer, x: Tracer, axis: tuple[int, ...]) -> Tracer:
    """Repeat a reduced array over the axes it was reduced along."""
    return broadcast(reshape_to(y, kept(x.shape, axis)), shape=x.shape)


def reshape_to(y: Tracer, shape: tuple[int, ...]) -> Tracer:
    """Reshape unless the shape is right already."""
    return y if y.shape == shape else reshape(y, shape=shape)


def reduction_front(primitive_name: str) -> Any:
    """The front of a reduction: NumPy's axis, keepdims, dtype and where."""
    from whence.core.primitive import named

    def front(
        x: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        *,
        keepdims: bool = False,
        where: Any = True,
    ) -> Tracer:
        (x,) = alike((x,))
        if dtype is not None:
            x = convert(x, dtype=str(np.dtype(dtype)))
        if where is not True:
            raise ShapeError("where= of a reduction", remedy="np.where(c, x, 0) inside")
        axes = axes_of(axis, x.ndim)
        return named(primitive_name)(x, axis=axes, keepdims=bool(keepdims))

    return front


EXAMPLES = (
    Example(((4,),), {"axis": (0,), "keepdims": False}),
    Example(((2, 3),), {"axis": (1,), "keepdims": True}),
    Example(((2, 3),), {"axis": (0, 1), "keepdims": False}),
    Example(((),), {"axis": (), "keepdims": False}),
)

sum_ = define(
    Primitive(
        name="sum",
        result=reduced,
        reference=lambda x, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims),
        derivative=Linear((lambda y_bar, x, axis, keepdims: stretch(y_bar, x, axis),)),
        structure=Reduction("add", 0.0),
        notation=Notation("sum({0}{along})", r"\sum{along} {0}", "np.sum({0}{along})"),
        domain=(REAL,),
        source="a sum is linear; its transpose copies",
        because="sum rule",
        numpy=(np.sum, (np.add, "reduce")),
        front=reduction_front("sum"),
        examples=EXAMPLES,
    )
)
