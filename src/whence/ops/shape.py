"""Operations that move entries and compute none: broadcast, convert, reshape, transpose.

All are linear. Primitives demand equal shapes and dtypes, so the front-ends write
``broadcast`` and ``convert`` where NumPy would do it silently, and no derivative rule
ever mentions broadcasting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import ShapeError
from whence.core.notation import Call, Notation
from whence.core.primitive import REAL, Example, Linear, Primitive, define, named
from whence.core.structure import Pointwise, View
from whence.core.tracer import Tracer

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


broadcast = define(
    Primitive(
        name="broadcast",
        result=lambda x, shape: x.like(shape),
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

convert = define(
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


reshape = define(
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
        examples=(Example(((2, 3),), {"shape": (6,)}), Example(((),), {"shape": (1,)})),
    )
)


def transposed(x: Aval, axes: tuple[int, ...]) -> Aval:
    """The shape rule of transpose."""
    return x.like(tuple(x.shape[i] for i in axes))


def inverse_order(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes a permutation."""
    return tuple(int(i) for i in np.argsort(axes))


transpose = define(
    Primitive(
        name="transpose",
        result=transposed,
        reference=lambda x, axes: np.transpose(x, axes),
        derivative=Linear(
            (lambda y_bar, x, axes: transpose(y_bar, axes=inverse_order(axes)),)
        ),
        structure=View(),
        notation=Call("transpose"),
        domain=(REAL,),
        source="entries move, none changes",
        examples=(Example(((2, 3),), {"axes": (1, 0)}),),
    )
)


def spread(x: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast unless the shape is right already."""
    return x if x.shape == shape else broadcast(x, shape=shape)
