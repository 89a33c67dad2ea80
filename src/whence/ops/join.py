"""Arrays put together and taken apart: concatenate, stack, split, repeat, roll, pad.

One primitive, ``concatenate``; all else is written in it, in shapes and in slices.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np

from whence.core.aval import Aval, joined_dtype
from whence.core.errors import ShapeError, TraceError
from whence.core.notation import Notation
from whence.core.primitive import REAL, Example, Linear, Primitive, answers, define
from whence.core.structure import View
from whence.core.tracer import Tracer, deepest
from whence.ops.indexing import WHOLE, getitem, read, scatter, setitem
from whence.ops.promote import alike, as_array, lift, matched
from whence.ops.shape import (
    atleast_1d,
    atleast_2d,
    axis_of,
    lone,
    reshape_to,
    spread,
)


def concatenated(*parts: Aval, axis: int) -> Aval:
    """The shape rule: all lengths agree but that of the axis, which adds up."""
    first, *rest = parts
    for other in rest:
        same = other.dtype == first.dtype and other.ndim == first.ndim
        if not same or any(
            n != m
            for i, (n, m) in enumerate(zip(first.shape, other.shape, strict=True))
            if i != axis
        ):
            raise ShapeError(
                f"{first} and {other} are concatenated along axis {axis}",
                remedy="arrays that differ in the length of that axis alone",
            )
    length = reduce(add, (x.shape[axis] for x in parts))
    shape = (*first.shape[:axis], length, *first.shape[axis + 1 :])
    return Aval(shape, first.dtype, all(x.weak for x in parts))


def cut(operand: int) -> Any:
    """The transpose by one operand: its part of the cotangent."""

    def rule(y_bar: Tracer, *parts: Tracer, axis: int) -> Tracer:
        start = sum(x.shape[axis] for x in parts[:operand])
        length = parts[operand].shape[axis]
        return getitem(y_bar, index=(*[WHOLE] * axis, (start, start + length, None)))

    return rule


concatenate = define(
    Primitive(
        name="concatenate",
        result=concatenated,
        reference=lambda *parts, axis: np.concatenate(parts, axis=axis),
        derivative=Linear(cut),
        structure=View(),
        notation=Notation(
            "concatenate({all}{along})",
            r"\left[{all}\right]{below}",
            "np.concatenate([{all}]{along})",
        ),
        domain=(REAL,),
        source="entries are placed side by side, none changes",
        because="each part moves as it does alone",
        examples=(
            Example(((2,), (3,)), {"axis": 0}),
            Example(((2, 1), (2, 3), (2, 2)), {"axis": 1}),
        ),
    )
)


def listed(arrays: Any, dtype: Any = None) -> list[Tracer]:
    """A list of arrays in one dtype, each in its own shape."""
    parts = list(arrays)
    parts = [as_array(x) if isinstance(x, (list, tuple)) else x for x in parts]
    builder = deepest(parts, {})
    assert builder is not None, "arrays were joined without a traced one"
    tracers = [lift(x, builder) for x in parts]
    found, weak = joined_dtype(*(x.aval for x in tracers))
    to = found if dtype is None else np.dtype(dtype)
    return [matched(x, x.shape, to, weak) for x in tracers]


@answers(np.concatenate)
def concatenate_arrays(
    arrays: Any,
    /,
    axis: int | None = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    **_: Any,
) -> Tracer:
    """``np.concatenate``."""
    parts = listed(arrays, dtype)
    if axis is None:
        parts, axis = [reshape_to(x, (x.size,)) for x in parts], 0
    at = axis_of(axis, parts[0].ndim)
    return concatenate(*parts, axis=at) if len(parts) > 1 else parts[0]


@answers(np.stack)
def stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, **_: Any
) -> Tracer:
    """``np.stack``."""
    parts = listed(arrays, dtype)
    shape = parts[0].shape
    if any(x.shape != shape for x in parts):
        raise ShapeError(
            "all input arrays must have the same shape: "
            + " and ".join(sorted({str(x.shape) for x in parts})),
            remedy="np.broadcast_to(x, shape) on those that differ",
        )
    at = axis_of(axis, len(shape) + 1)
    rows = [reshape_to(x, (*shape[:at], 1, *shape[at:])) for x in parts]
    return concatenate_arrays(rows, at)


@answers(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, **_: Any) -> Tracer:
    """``np.vstack``."""
    return concatenate_arrays([atleast_2d(x) for x in listed(tup, dtype)], 0)


@answers(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, **_: Any) -> Tracer:
    """``np.hstack``."""
    parts = [atleast_1d(x) for x in listed(tup, dtype)]
    return concatenate_arrays(parts, 0 if parts[0].ndim == 1 else 1)


@answers(np.column_stack)
def column_stack(tup: Any) -> Tracer:
    """``np.column_stack``."""
    parts = [reshape_to(x, (x.size, 1)) if x.ndim < 2 else x for x in listed(tup)]
    return concatenate_arrays(parts, 1)


@answers(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Tracer:
    """``np.append``."""
    return concatenate_arrays([arr, values], axis)


# ---------------------------------------------------------------- taken apart


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """An index with a part at one axis."""
    return (*[slice(None)] * axis, part)


@answers(np.split, np.array_split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tracer]:
    """``np.split``."""
    x = lone(ary)
    at = axis_of(axis, x.ndim)
    bounds = np.array_split(np.arange(x.shape[at]), indices_or_sections)
    starts = np.cumsum([0, *(len(part) for part in bounds)])
    if not isinstance(indices_or_sections, int):
        starts = np.array([0, *indices_or_sections, x.shape[at]])
    return [read(x, along(at, slice(int(i), int(j)))) for i, j in pairwise(starts)]


@answers(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Tracer]:
    """``np.hsplit``."""
    return split(ary, indices_or_sections, 0 if lone(ary).ndim == 1 else 1)


@answers(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Tracer]:
    """``np.vsplit``."""
    return split(ary, indices_or_sections, 0)


@answers(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1) -> Tracer:
    """``np.diff``."""
    x = lone(a)
    at = axis_of(axis, x.ndim)
    for _ in range(n):
        x = read(x, along(at, slice(1, None))) - read(x, along(at, slice(None, -1)))
    return x


# ---------------------------------------------------------- turned and repeated


@answers(np.flip)
def flip(m: Any, axis: Any = None) -> Tracer:
    """``np.flip``."""
    x = lone(m)
    axes: Any = range(x.ndim) if axis is None else axis
    axes = (axes,) if isinstance(axes, int) else axes
    turned = {axis_of(i, x.ndim) for i in axes}
    index = [slice(None, None, -1 if i in turned else None) for i in range(x.ndim)]
    return read(x, tuple(index))


@answers(np.flipud)
def flipud(m: Any) -> Tracer:
    """``np.flipud``."""
    return flip(m, 0)


@answers(np.fliplr)
def fliplr(m: Any) -> Tracer:
    """``np.fliplr``."""
    return flip(m, 1)


@answers(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Tracer:
    """``np.roll``."""
    x = lone(a)
    if axis is None:
        return roll(reshape_to(x, (x.size,)), shift, 0).reshape(x.shape)
    shifts, axes = np.broadcast_arrays(shift, axis)
    for by, i in zip(shifts.ravel(), axes.ravel(), strict=True):
        at = axis_of(int(i), x.ndim)
        cut_at = (-int(by)) % max(int(x.shape[at]), 1)
        if cut_at:
            tail = read(x, along(at, slice(cut_at, None)))
            x = concatenate(tail, read(x, along(at, slice(None, cut_at))), axis=at)
    return x


@answers(np.tile)
def tile(A: Any, reps: Any) -> Tracer:
    """``np.tile``."""
    x = lone(A)
    times = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    ndim = max(x.ndim, len(times))
    shape = (1,) * (ndim - x.ndim) + x.shape
    times = (1,) * (ndim - len(times)) + times
    rows = reshape_to(x, tuple(n for m in shape for n in (1, m)))
    wide = spread(
        rows, tuple(n for t, m in zip(times, shape, strict=True) for n in (t, m))
    )
    return reshape_to(wide, tuple(t * m for t, m in zip(times, shape, strict=True)))


@answers(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Tracer:
    """``np.repeat``."""
    x = lone(a)
    if axis is None:
        x, axis = reshape_to(x, (x.size,)), 0
    at = axis_of(axis, x.ndim)
    if np.ndim(repeats):
        return read(x, along(at, np.repeat(np.arange(x.shape[at]), repeats)))
    before, n, after = x.shape[:at], x.shape[at], x.shape[at + 1 :]
    wide = spread(reshape_to(x, (*before, n, 1, *after)), (*before, n, repeats, *after))
    return reshape_to(wide, (*before, n * repeats, *after))


@answers(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Tracer:
    """``np.pad`` with constants."""
    if mode != "constant" or np.ndim(options.get("constant_values", 0)):
        raise TraceError(
            f"np.pad in mode {mode!r}", remedy="np.concatenate of the parts"
        )
    x = lone(array)
    widths = np.broadcast_to(pad_width, (x.ndim, 2)).tolist()
    sizes = list(zip(widths, x.shape, strict=True))
    index = tuple((i, i + n, None) for (i, _), n in sizes)
    shape = tuple(i + n + j for (i, j), n in sizes)
    if not options.get("constant_values"):
        return scatter(x, index=index, shape=shape)
    whole = alike((options["constant_values"], x.ravel()[0] * 0))[0]
    return setitem(spread(whole, shape), x, index=index)
