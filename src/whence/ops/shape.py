"""Operations that move entries and compute none: broadcast, reshape, transpose.

All are linear. Primitives demand equal shapes and dtypes, so the front-ends write
``broadcast`` and ``convert`` where NumPy would do it silently, and no derivative rule
ever mentions broadcasting.
"""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import ShapeError
from whence.core.graph import Literal
from whence.core.notation import ATOM, Notation
from whence.core.primitive import (
    REAL,
    Example,
    Linear,
    Primitive,
    answers,
    define,
    named,
)
from whence.core.size import Size
from whence.core.structure import Pointwise, View
from whence.core.tracer import Rearranged, Tracer

SILENT = Notation("{0}", "{0}", "{0}")  # NumPy does it by itself, and so do readers


def unbroadcast(y_bar: Tracer, x: Tracer, shape: tuple[int, ...]) -> Tracer:
    """Sum a cotangent over the axes along which an operand was repeated."""
    extra = len(shape) - len(x.shape)
    repeated = tuple(
        i for i in range(len(shape)) if i < extra or x.shape[i - extra] != shape[i]
    )
    total = named("sum")(y_bar, axis=repeated, keepdims=False)
    return total if total.shape == x.shape else reshape(total, shape=x.shape)


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape in which NumPy lets shapes meet; named sizes keep their names.

    Raises:
        ShapeError: If they do not meet.
    """
    rank = max(map(len, shapes), default=0)
    result: list[int] = []
    for axis in range(-rank, 0):
        lengths = [shape[axis] for shape in shapes if len(shape) >= -axis]
        long = [n for n in lengths if n != 1] or lengths[:1]
        if any(n != long[0] for n in long):
            shown = " and ".join(str(tuple(s)).replace(",)", ")") for s in shapes)
            raise ShapeError(
                f"operands of shapes {shown} do not broadcast together",
                remedy="x[:, None] adds an axis; shapes are matched from the right",
            )
        result.append(long[0])
    return tuple(result)


def broadcasted(x: Aval, shape: tuple[int, ...]) -> Aval:
    """The shape rule of broadcast."""
    if broadcast_shapes(x.shape, shape) != tuple(shape):
        raise ShapeError(
            f"{x} cannot be repeated to the shape {shape}",
            remedy="a shape that ends in the lengths of the array, or where it has 1",
        )
    return x.like(shape)


broadcast = define(
    Primitive(
        name="broadcast",
        result=broadcasted,
        reference=lambda x, shape: np.broadcast_to(x, shape),
        derivative=Linear((unbroadcast,)),
        structure=View(),
        notation=SILENT,
        domain=(REAL,),
        source="a copy is linear; its transpose adds up the copies",
        because="copied along an axis",
        examples=(
            Example(((3,),), {"shape": (2, 3)}),
            Example(((),), {"shape": (2, 3)}),
            Example(((2, 1),), {"shape": (4, 2, 3)}),
        ),
    )
)

convert: Primitive = define(
    Primitive(
        name="convert",
        result=lambda x, dtype: Aval(x.shape, np.dtype(dtype)),
        reference=lambda x, dtype: np.asarray(x).astype(dtype),
        derivative=Linear(
            (lambda y_bar, x, dtype: convert(y_bar, dtype=str(x.dtype)),)
        ),
        structure=Pointwise(),
        notation=SILENT,
        domain=(REAL,),
        source="rounding to another precision is linear up to rounding",
        examples=(Example(((3,),), {"dtype": "float64"}),),
    )
)


def reshaped(x: Aval, shape: tuple[int, ...]) -> Aval:
    """The shape rule of reshape."""
    if x.size != Aval(shape).size:
        raise ShapeError(
            f"cannot reshape {x} into shape {shape}",
            remedy="a shape with as many entries; -1 for one length to be found",
        )
    return x.like(shape)


reshape: Primitive = define(
    Primitive(
        name="reshape",
        result=reshaped,
        reference=lambda x, shape: np.reshape(x, shape),
        derivative=Linear((lambda y_bar, x, shape: reshape(y_bar, shape=x.shape),)),
        structure=View(),
        notation=Notation(
            "reshape({0}, {shape})",
            r"\operatorname{{reshape}}\left({0}\right)",
            "np.reshape({0}, {shape})",
        ),
        domain=(REAL,),
        source="entries move, none changes",
        because="the same entries in another shape",
        examples=(Example(((2, 3),), {"shape": (6,)}), Example(((),), {"shape": (1,)})),
    )
)


def transposed(x: Aval, axes: tuple[int, ...]) -> Aval:
    """The shape rule of transpose."""
    return x.like(tuple(x.shape[i] for i in axes))


def inverse_order(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes a permutation."""
    return tuple(int(i) for i in np.argsort(axes))


transpose: Primitive = define(
    Primitive(
        name="transpose",
        result=transposed,
        reference=lambda x, axes: np.transpose(x, axes),
        derivative=Linear(
            (lambda y_bar, x, axes: transpose(y_bar, axes=inverse_order(axes)),)
        ),
        structure=View(),
        notation=Notation(
            "{0}{order}", "{{{0}}}^{{{order_latex}}}", "{0}{order_code}", ATOM, (ATOM,)
        ),
        domain=(REAL,),
        source="entries move, none changes",
        because="transposed",
        examples=(Example(((2, 3),), {"axes": (1, 0)}),),
    )
)


def spread(x: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast unless the shape is right already."""
    return x if x.shape == shape else broadcast(x, shape=shape)


def reshape_to(x: Tracer, shape: tuple[int, ...]) -> Tracer:
    """Reshape unless the shape is right already."""
    return x if x.shape == shape else reshape(x, shape=shape)


# ---------------------------------------------------- NumPy's names for them


def lone(x: Any) -> Tracer:
    """The only operand of a function, which is a tracer or a list of tracers."""
    from whence.ops.promote import alike

    return alike((x,))[0]


def axis_of(axis: int, ndim: int) -> int:
    """One axis as a non-negative int."""
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"axis {axis} is out of range for an array of {ndim} axes",
            remedy=f"an axis from {-ndim} to {ndim - 1}" if ndim else "no axis at all",
        )
    return int(axis) % ndim


def full_shape(x: Tracer, shape: Any) -> tuple[int, ...]:
    """A shape given to reshape, with its -1 found."""
    given = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    given = tuple(n if isinstance(n, Size) else operator.index(n) for n in given)
    if -1 not in given:
        return given
    known = Aval(tuple(n for n in given if n != -1)).size
    found = x.size if known == 1 else x.size // max(known, 1)
    return tuple(found if n == -1 else n for n in given)


@answers(np.reshape)
def reshape_array(
    x: Any,
    /,
    shape: Any = None,
    order: str = "C",
    *,
    newshape: Any = None,
    copy: Any = 0,
) -> Tracer:
    """``np.reshape``; in the order of rows."""
    x = lone(x)
    if order != "C":
        raise ShapeError(f"reshape in order {order!r}", remedy="x.T.reshape(...).T")
    to = full_shape(x, newshape if shape is None else shape)
    if to == x.shape:
        return Tracer(x.builder, x.atom).view_of(x, SAME) if to else x
    return reshape(x, shape=to).view_of(
        x, Rearranged("reshape", partial(reshape, shape=to))
    )


SAME = Rearranged("reshape", lambda x: x, lambda x: x)


@answers("reshape")
def reshape_method(x: Tracer, *shape: Any, **options: Any) -> Tracer:
    """``x.reshape(2, 3)`` or ``x.reshape((2, 3))``."""
    return reshape_array(x, shape[0] if len(shape) == 1 else shape, **options)


@answers(np.ravel)
def ravel(x: Any, order: str = "C") -> Tracer:
    """``np.ravel``: all entries in one row."""
    return reshape_array(x, -1, order)


@answers("flatten")
def flatten(x: Tracer, order: str = "C") -> Tracer:
    """``x.flatten()``: a copy of all entries in one row."""
    return copy(ravel(x, order))


@answers(np.transpose, "transpose")
def transpose_array(x: Any, *axes: Any) -> Tracer:
    """``np.transpose``; all axes reversed if none are named."""
    x = lone(x)
    named_axes = axes[0] if len(axes) == 1 else axes or None
    if named_axes is None:
        order = tuple(reversed(range(x.ndim)))
    else:
        given = named_axes if isinstance(named_axes, (tuple, list)) else (named_axes,)
        order = tuple(axis_of(i, x.ndim) for i in given)
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(
            f"axes {named_axes} are no order of {x.ndim} axes", remedy="each axis once"
        )
    return in_order(x, order)


def in_order(x: Tracer, order: tuple[int, ...]) -> Tracer:
    """A view with the axes in an order."""
    if order == tuple(range(x.ndim)):
        return x
    back = partial(transpose, axes=inverse_order(order))
    view = Rearranged("transpose", partial(transpose, axes=order), back)
    return transpose(x, axes=order).view_of(x, view)


@answers(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any) -> Tracer:
    """The last two axes exchanged."""
    return swapaxes(x, -1, -2)


@answers(np.swapaxes)
def swapaxes(x: Any, axis1: int, axis2: int) -> Tracer:
    """``np.swapaxes``."""
    x = lone(x)
    order = list(range(x.ndim))
    i, j = axis_of(axis1, x.ndim), axis_of(axis2, x.ndim)
    order[i], order[j] = j, i
    return in_order(x, tuple(order))


@answers(np.moveaxis)
def moveaxis(x: Any, source: Any, destination: Any) -> Tracer:
    """``np.moveaxis``."""
    x = lone(x)
    sources = source if isinstance(source, (tuple, list)) else (source,)
    places = destination if isinstance(destination, (tuple, list)) else (destination,)
    moved = [axis_of(i, x.ndim) for i in sources]
    order = [i for i in range(x.ndim) if i not in moved]
    for place_, axis in sorted(
        (axis_of(p, x.ndim), i) for p, i in zip(places, moved, strict=True)
    ):
        order.insert(place_, axis)
    return in_order(x, tuple(order))


@answers(np.expand_dims)
def expand_dims(x: Any, axis: Any) -> Tracer:
    """``np.expand_dims``."""
    x = lone(x)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    ndim = x.ndim + len(axes)
    new = {axis_of(i, ndim) for i in axes}
    lengths = iter(x.shape)
    return viewed_as(x, tuple(1 if i in new else next(lengths) for i in range(ndim)))


@answers(np.squeeze)
def squeeze(x: Any, axis: Any = None) -> Tracer:
    """``np.squeeze``."""
    x = lone(x)
    axes = axis if isinstance(axis, (tuple, list)) or axis is None else (axis,)
    gone = {axis_of(i, x.ndim) for i in axes} if axes is not None else None
    if gone and any(x.shape[i] != 1 for i in gone):
        raise ShapeError(
            f"axis {axis} of {x.aval} has more than one entry",
            remedy="an axis of length 1",
        )
    drop = {i for i, n in enumerate(x.shape) if n == 1} if gone is None else gone
    return viewed_as(x, tuple(n for i, n in enumerate(x.shape) if i not in drop))


def viewed_as(x: Tracer, shape: tuple[int, ...]) -> Tracer:
    """A view that differs by axes of length one, which NumPy never copies."""
    if x.shape == shape:
        return x
    back = partial(reshape, shape=x.shape)
    view = Rearranged("reshape", partial(reshape, shape=shape), back)
    return reshape(x, shape=shape).view_of(x, view)


@answers(np.atleast_1d)
def atleast_1d(*arrays: Any) -> Any:
    """``np.atleast_1d``."""
    made = [viewed_as(x, x.shape or (1,)) for x in map(lone, arrays)]
    return made[0] if len(made) == 1 else tuple(made)


@answers(np.atleast_2d)
def atleast_2d(*arrays: Any) -> Any:
    """``np.atleast_2d``."""
    made = [viewed_as(x, (1,) * (2 - x.ndim) + x.shape) for x in map(lone, arrays)]
    return made[0] if len(made) == 1 else tuple(made)


@answers(np.broadcast_to)
def broadcast_to(x: Any, shape: Any, subok: Any = None) -> Tracer:
    """``np.broadcast_to``."""
    x = lone(x)
    to = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if broadcast_shapes(x.shape, to) != to:
        raise ShapeError(f"{x.aval} does not broadcast to {to}", remedy="x[:, None]")
    return spread(x, to)


@answers(np.broadcast_arrays)
def broadcast_arrays(*arrays: Any, subok: Any = None) -> tuple[Tracer, ...]:
    """``np.broadcast_arrays``."""
    from whence.ops.promote import alike

    return tuple(alike(arrays, same_dtype=False))


@answers(np.copy, "copy")
def copy(x: Any, order: str = "K", subok: Any = None) -> Tracer:
    """A new array with the same entries: no equation, only a handle of its own."""
    x = lone(x)
    return Tracer(x.builder, x.atom)


@answers(*([np.astype] if hasattr(np, "astype") else []), "astype")
def astype(x: Any, dtype: Any, copy: Any = True, **options: Any) -> Tracer:
    """The same entries in another dtype."""
    x = lone(x)
    to = np.dtype(dtype)
    if x.dtype == to:
        return Tracer(x.builder, x.atom)
    return convert(x, dtype=str(to))


def filled_like(number: Any) -> Any:
    """The front of ``np.zeros_like`` and ``np.ones_like``."""

    def front(
        x: Any, dtype: Any = None, *, shape: Any = None, **options: Any
    ) -> Tracer:
        return full_like(x, number, dtype, shape=shape)

    return front


@answers(np.full_like)
def full_like(
    x: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None, **options: Any
) -> Tracer:
    """``np.full_like``."""
    from whence.ops.promote import alike

    x, value = alike((x, fill_value), same_dtype=False)
    to = x.shape if shape is None else shape
    aval = Aval(to if isinstance(to, tuple) else (to,), np.dtype(dtype or x.dtype))
    if isinstance(value.atom, Literal):
        return Tracer(x.builder, Literal(value.atom.number, aval))
    return astype(spread(lone(fill_value), aval.shape), aval.dtype)


answers(np.zeros_like, np.empty_like)(filled_like(0))
answers(np.ones_like)(filled_like(1))


@answers(np.shape)
def shape_of(x: Any) -> tuple[int, ...]:
    """``np.shape``."""
    found: tuple[int, ...] = lone(x).shape
    return found


@answers(np.ndim)
def ndim_of(x: Any) -> int:
    """``np.ndim``."""
    return len(shape_of(x))


@answers(np.size)
def size_of(x: Any, axis: int | None = None) -> int:
    """``np.size``."""
    shape = shape_of(x)
    return Aval(shape).size if axis is None else shape[axis]
