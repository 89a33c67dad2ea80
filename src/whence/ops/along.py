"""Along one axis: running sums and products, sorting, picking by place.

A running sum is linear and its transpose runs the other way; a running product is
written out in products; sorting follows the permutation that it used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.notation import ATOM, Notation
from whence.core.primitive import (
    REAL,
    Constant,
    Defined,
    Differential,
    Example,
    Linear,
    Primitive,
    answers,
    define,
)
from whence.core.structure import Library, Rows, Scatter, View
from whence.core.tracer import Tracer
from whence.ops.indexing import WHOLE, getitem, read
from whence.ops.join import along, concatenate
from whence.ops.reduction import widened
from whence.ops.shape import axis_of, convert, lone, reshape_to


def running_front(name: str) -> Any:
    """The front of cumsum and cumprod."""
    from whence.core.primitive import named

    def front(
        a: Any, axis: int | None = None, dtype: Any = None, out: Any = None
    ) -> Any:
        x = widened(lone(a))
        if dtype is not None:
            x = convert(x, dtype=str(np.dtype(dtype)))
        if axis is None:
            x, axis = reshape_to(x, (x.size,)), 0
        at = axis_of(axis, x.ndim)
        params = {"reverse": False} if name == "cumsum" else {}
        return named(name)(x, axis=at, **params)

    return front


def cumsum_reference(x: np.ndarray, axis: int, reverse: bool) -> np.ndarray:
    """A running sum, from the front or from the back."""
    if not reverse:
        return np.cumsum(x, axis)
    return np.flip(np.cumsum(np.flip(x, axis), axis), axis)


cumsum: Primitive = define(
    Primitive(
        name="cumsum",
        result=lambda x, axis, reverse: x,
        reference=cumsum_reference,
        derivative=Linear(
            (
                lambda y_bar, x, axis, reverse: cumsum(
                    y_bar, axis=axis, reverse=not reverse
                ),
            )
        ),
        structure=Rows(),
        notation=Notation(
            "cumsum({0}{along}{back})",
            r"\operatorname{{cumsum}}{below}\left({0}\right)",
            "np.cumsum({0}{flip}{along}){flip}",
            needs=(ATOM,),
        ),
        domain=(REAL,),
        source="a running sum is linear; its transpose runs the other way",
        because="a running sum is linear",
        numpy=(np.cumsum,),
        front=running_front("cumsum"),
        examples=(
            Example(((4,),), {"axis": 0, "reverse": False}),
            Example(((2, 3),), {"axis": 1, "reverse": True}),
        ),
    )
)


def running_product(x: Tracer, axis: int) -> Tracer:
    """A running product in about log n steps, right at zeros to every order."""
    n, step = int(x.shape[axis]), 1
    lead = (WHOLE,) * axis
    while step < n:
        later = getitem(x, index=(*lead, (step, None, None)))
        earlier = getitem(x, index=(*lead, (0, n - step, None)))
        start = getitem(x, index=(*lead, (0, step, None)))
        x = concatenate(start, later * earlier, axis=axis)
        step *= 2
    return x


cumprod = define(
    Primitive(
        name="cumprod",
        result=lambda x, axis: x,
        reference=np.cumprod,
        derivative=Defined(),
        definition=running_product,
        structure=Rows(),
        notation=Notation(
            "cumprod({0}{along})",
            r"\operatorname{{cumprod}}{below}\left({0}\right)",
            "np.cumprod({0}{along})",
        ),
        domain=(REAL,),
        source="the product rule",
        because="product rule",
        numpy=(np.cumprod,),
        front=running_front("cumprod"),
        examples=(Example(((5,),), {"axis": 0}), Example(((2, 3),), {"axis": 1})),
    )
)

# ------------------------------------------------------------ picked by place


def put_along(y: np.ndarray, places: np.ndarray, axis: int, length: int) -> np.ndarray:
    """Add entries into zeros, each at its place along an axis."""
    shape = (*y.shape[:axis], length, *y.shape[axis + 1 :])
    result = np.zeros(shape, y.dtype)
    where: list[Any] = list(np.indices(y.shape, sparse=True))
    where[axis] = places
    if y.dtype.kind == "b":
        np.logical_or.at(result, tuple(where), y)
    else:
        np.add.at(result, tuple(where), y)
    return result


PLACES = np.array([[2, 0], [2, 1]])

take_along = define(
    Primitive(
        name="take_along",
        result=lambda x, places, axis: x.like(places.shape),
        reference=lambda x, places, axis: np.take_along_axis(x, places, axis),
        derivative=Linear(
            (
                lambda y_bar, x, places, axis: scatter_along(
                    y_bar, places, axis=axis, length=x.shape[axis]
                ),
            )
        ),
        structure=View(),
        notation=Notation(
            "take_along({0}, {1}{along})",
            r"\operatorname{{take}}{below}\left({0}, {1}\right)",
            "np.take_along_axis({0}, {1}, {axis})",
        ),
        domain=(REAL,),
        source="entries are picked, none changes",
        because="picked entries move as they do in the whole",
        examples=(Example(((2, 3), (2, 2)), {"axis": 1}, fixed={1: PLACES}),),
    )
)

scatter_along: Primitive = define(
    Primitive(
        name="scatter_along",
        result=lambda y, places, axis, length: y.like(
            (*y.shape[:axis], length, *y.shape[axis + 1 :])
        ),
        reference=put_along,
        derivative=Linear(
            (
                lambda z_bar, y, places, axis, length: take_along(
                    z_bar, places, axis=axis
                ),
            )
        ),
        structure=Scatter(),
        notation=Notation(
            "scatter_along({0}, {1}{along})",
            r"\operatorname{{scatter}}{below}\left({0}, {1}\right)",
            "scatter_along({0}, {1}, {axis}, {length})",
            helper=(
                "def scatter_along(y, places, axis, length):\n"
                "    x = np.zeros((*y.shape[:axis], length, *y.shape[axis + 1 :]))\n"
                "    where = list(np.indices(y.shape, sparse=True))\n"
                "    where[axis] = places\n"
                "    np.add.at(x, tuple(where), y)\n"
                "    return x\n"
            ),
        ),
        domain=(REAL,),
        source="the transpose of picking entries",
        because="entries among zeros move as they do alone",
        examples=(
            Example(((2, 2), (2, 2)), {"axis": 1, "length": 3}, fixed={1: PLACES}),
        ),
    )
)

# ------------------------------------------------------------------- sorting

argsort = define(
    Primitive(
        name="argsort",
        result=lambda x, axis: Aval(x.shape, np.dtype("int64")),
        reference=lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
        derivative=Constant("a permutation does not move"),
        structure=Library("argsort"),
        notation=Notation(
            "argsort({0}{along})",
            r"\operatorname{{argsort}}{below}\left({0}\right)",
            "np.argsort({0}, axis={axis}, kind='stable')",
        ),
        domain=(REAL,),
        source="constant by cases",
        examples=(Example(((4,),), {"axis": 0}),),
    )
)

sort = define(
    Primitive(
        name="sort",
        result=lambda x, axis: x,
        reference=lambda x, axis: np.sort(x, axis=axis, kind="stable"),
        derivative=Differential(
            lambda y, x, x_dot, axis: take_along(
                x_dot[0], argsort(x[0], axis=axis), axis=axis
            )
        ),
        structure=Library("sort"),
        notation=Notation(
            "sort({0}{along})",
            r"\operatorname{{sort}}{below}\left({0}\right)",
            "np.sort({0}, axis={axis})",
        ),
        domain=(REAL,),
        source="entries move, by the permutation that is used",
        because="sorted entries move as they do unsorted",
        examples=(Example(((4,),), {"axis": 0}), Example(((3, 2),), {"axis": 0})),
    )
)


@answers(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Tracer:
    """``np.take_along_axis``."""
    if axis is None:
        arr, axis = arr.ravel(), 0
    return take_along(arr, indices, axis=axis_of(axis, np.ndim(arr)))


@answers(np.argsort)
def argsort_of(a: Any, axis: int | None = -1, kind: Any = None, **_: Any) -> Tracer:
    """``np.argsort``; ties in the order in which they stand."""
    x = lone(a) if axis is not None else lone(a).ravel()
    return argsort(x, axis=axis_of(-1 if axis is None else axis, x.ndim))


@answers(np.sort)
def sort_of(a: Any, axis: int | None = -1, kind: Any = None, **_: Any) -> Tracer:
    """``np.sort``."""
    x = lone(a) if axis is not None else lone(a).ravel()
    return sort(x, axis=axis_of(-1 if axis is None else axis, x.ndim))


@answers("sort")
def sort_in_place(x: Tracer, axis: int = -1, kind: Any = None, **_: Any) -> None:
    """``x.sort()``, which changes x."""
    x.write(sort_of(x, axis).atom)


@answers(np.median)
def median(
    a: Any, axis: int | None = None, out: Any = None, *, keepdims: bool = False
) -> Tracer:
    """``np.median``: the middle entry, or the mean of both."""
    x = sort_of(lone(a), axis)
    at = 0 if axis is None else axis_of(axis, x.ndim)
    n = int(x.shape[at])
    middle = [read(x, along(at, i)) for i in {(n - 1) // 2, n // 2}]
    found: Tracer = middle[0] if len(middle) == 1 else 0.5 * (middle[0] + middle[1])
    if not keepdims:
        return found
    shape = lone(a).shape
    kept = tuple(1 if axis is None or i == at else m for i, m in enumerate(shape))
    return reshape_to(found, kept)


def accumulated_by(function: Any) -> Any:
    """The front of ``np.add.accumulate``, whose axis is the first."""

    def front(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        return function(array, axis)

    return front


answers((np.add, "accumulate"))(accumulated_by(np.cumsum))
answers((np.multiply, "accumulate"))(accumulated_by(np.cumprod))
