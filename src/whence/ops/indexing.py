"""Reading and writing at an index: getitem, its transpose scatter, and setitem.

An index is a param: a tuple of ints, None, slices as triples ``(start, stop, step)``,
and "#0", "#1", … for arrays of integers, which are the last operands of the equation.
So an index may be known when the program is written, or be one of its values. An
Ellipsis is written out and a boolean mask becomes the integers of its True places.

    getitem(x, *arrays, index)        x[index]
    scatter(y, *arrays, index, shape) zeros of the shape, with y added at the index
    setitem(x, y, *arrays, index)     x, but y at the index; the last of several wins

The transpose of getitem is scatter and that of scatter is getitem.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from whence.core.aval import BOOL, Aval
from whence.core.builder import Builder
from whence.core.errors import ShapeError, TraceError
from whence.core.graph import Literal
from whence.core.notation import ATOM, LOOSE, Notation
from whence.core.primitive import (
    REAL,
    Constant,
    Example,
    Linear,
    Primitive,
    answers,
    define,
    named,
)
from whence.core.size import Size
from whence.core.structure import Library, Scatter, View
from whence.core.tracer import Tracer, deepest
from whence.ops.promote import alike, lift, zeros_like
from whence.ops.shape import (
    axis_of,
    broadcast_shapes,
    convert,
    lone,
    reshape_to,
    spread,
)

WHOLE = (None, None, None)
Part = int | tuple[int | None, ...] | str | None  # of an index
Index = tuple[Part, ...]

# --------------------------------------------------------- shapes and numbers


def indexed_shape(
    shape: tuple[int, ...], index: Index, arrays: tuple[Aval, ...]
) -> tuple[int, ...]:
    """The shape of ``x[index]``; whole axes keep the names of their sizes."""
    result: list[int] = []
    front, apart, previous = None, False, False  # where the arrays' axes go
    axis = 0
    advanced = bool(arrays)
    for part in (*index, *[WHOLE] * (len(shape) - consumed(index))):
        is_array = isinstance(part, (int, str)) and advanced
        if is_array:
            apart = apart or (front is not None and not previous)
            front = len(result) if front is None else front
        previous = is_array
        if part is None:
            result.append(1)
            continue
        if isinstance(part, tuple):
            result.append(sliced_length(shape[axis], part))
        axis += 1
    if not advanced:
        return tuple(result)
    place = 0 if apart or front is None else front
    result[place:place] = broadcast_shapes(*(x.shape for x in arrays))
    return tuple(result)


def sliced_length(length: int, part: tuple[int | None, ...]) -> int:
    """How long a slice of an axis is; n - 1 where a name was n long."""
    if part == WHOLE:
        return length
    found = len(range(length)[slice(*part)])
    start, stop, step = part
    if isinstance(length, Size) and step in (None, 1):
        first = 0 if start is None else start if start >= 0 else length + start
        last = length if stop is None else stop if stop >= 0 else length + stop
        if last - first == found:
            return last - first
    return found


def consumed(index: Index) -> int:
    """How many axes an index speaks of."""
    return sum(part is not None for part in index)


def whole_index(index: Index, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """An index as NumPy takes it."""
    return tuple(
        slice(*part)
        if isinstance(part, tuple)
        else arrays[int(part[1:])]
        if isinstance(part, str)
        else part
        for part in index
    )


def scatter_reference(
    y: np.ndarray, *arrays: np.ndarray, index: Index, shape: tuple[int, ...]
) -> np.ndarray:
    """Add entries into zeros; entries that meet at one place add up."""
    result = np.zeros(shape, np.asarray(y).dtype)
    where = whole_index(index, arrays)
    if not arrays:
        result[where] = y
    elif result.dtype == BOOL:
        np.logical_or.at(result, where, y)
    else:
        np.add.at(result, where, y)
    return result


def setitem_reference(
    x: np.ndarray, y: np.ndarray, *arrays: np.ndarray, index: Index
) -> np.ndarray:
    """A copy of x with y at the index."""
    result = np.array(x)
    result[whole_index(index, arrays)] = y
    return result


def survivors(*arrays: np.ndarray, index: Index, shape: tuple[int, ...]) -> np.ndarray:
    """Which entries are still there when all have been put: the last at each place."""
    where = whole_index(index, arrays)
    shape_put = np.broadcast_to(False, shape)[where].shape
    order = np.arange(int(np.prod(shape_put, dtype=int))).reshape(shape_put)
    places = np.full(shape, -1)
    places[where] = order
    return np.asarray(places[where] == order)


# -------------------------------------------------------------------- records


def setitem_by_value(
    z_bar: Tracer, x: Tracer, y: Tracer, *arrays: Tracer, index: Index
) -> Tracer:
    """Read the cotangent where the entries were put, but not what was overwritten."""
    y_bar = getitem(z_bar, *arrays, index=index)
    if not arrays:
        return y_bar
    last = survives(*arrays, index=index, shape=x.shape)
    return named("select")(last, y_bar, zeros_like(y_bar))


def setitem_transpose(operand: int) -> Any:
    """The transpose of setitem by x or by y; the arrays of the index never move."""
    if operand:
        return setitem_by_value
    return lambda z_bar, x, y, *arrays, index: setitem(
        z_bar, zeros_like(y), *arrays, index=index
    )


PICKED = Notation(
    "{0}[{index}]", "{0}_{{{index}}}", "{0}[{index}]", ATOM, (ATOM, LOOSE)
)

getitem = define(
    Primitive(
        name="getitem",
        result=lambda x, *arrays, index: x.like(indexed_shape(x.shape, index, arrays)),
        reference=lambda x, *arrays, index: np.asarray(x)[whole_index(index, arrays)],
        derivative=Linear(
            (
                lambda y_bar, x, *arrays, index: (
                    reshape_to(y_bar, x.shape)
                    if set(index) <= {None, WHOLE}  # new axes, and every entry
                    else scatter(y_bar, *arrays, index=index, shape=x.shape)
                ),
            )
        ),
        structure=View(),
        notation=PICKED,
        domain=(REAL,),
        source="entries are picked, none changes",
        because="picked entries move as they do in the whole",
        examples=(
            Example(((4,),), {"index": (1,)}),
            Example(((5, 3),), {"index": ((None, None, -2), None, 2)}),
            Example(((5, 3),), {"index": ((1, 4, None),)}),
            Example(((4,), ()), {"index": ("#0",)}, fixed={1: np.array(2)}),
            Example(((4, 3), (3,)), {"index": ("#0",)}, fixed={1: np.array([2, 0, 2])}),
            Example(
                ((4, 2, 3), (2, 1), (2,)),
                {"index": ("#0", WHOLE, "#1")},
                fixed={1: np.array([[1], [3]]), 2: np.array([0, 2])},
            ),
        ),
    )
)

scatter: Primitive = define(
    Primitive(
        name="scatter",
        result=lambda y, *arrays, index, shape: y.like(shape),
        reference=scatter_reference,
        derivative=Linear(
            (
                lambda z_bar, y, *arrays, index, shape: getitem(
                    z_bar, *arrays, index=index
                ),
            )
        ),
        structure=Scatter(),
        notation=Notation(
            "scatter({0} at [{index}])",
            r"\operatorname{{scatter}}_{{{index}}}\left({0}\right)",
            "scatter({0}, np.s_[{index}], {shape})",
            helper=(
                "def scatter(y, index, shape):\n"
                "    x = np.zeros(shape)\n"
                "    np.add.at(x, index, y)\n"
                "    return x\n"
            ),
        ),
        domain=(REAL,),
        source="the transpose of picking entries",
        because="entries among zeros move as they do alone",
        examples=(
            Example(((),), {"index": (1,), "shape": (4,)}),
            Example(((2,),), {"index": ((None, None, 2),), "shape": (4,)}),
            Example(
                ((3, 2), (3,)),
                {"index": ("#0",), "shape": (4, 2)},
                fixed={1: np.array([2, 0, 2])},
            ),
        ),
    )
)

setitem = define(
    Primitive(
        name="setitem",
        result=lambda x, y, *arrays, index: x,
        reference=setitem_reference,
        derivative=Linear(setitem_transpose),
        structure=View(),
        notation=Notation(
            "{0} with [{index}] = {1}",
            r"{0}\left[{index} \leftarrow {1}\right]",
            "setitem({0}, np.s_[{index}], {1})",
            LOOSE + 1,
            helper=(
                "def setitem(x, index, y):\n"
                "    x = np.array(x)\n"
                "    x[index] = y\n"
                "    return x\n"
            ),
        ),
        domain=(REAL, REAL),
        source="entries are replaced, none changes",
        because="replaced entries move as what replaces them",
        examples=(
            Example(((4,), ()), {"index": (1,)}),
            Example(((4, 2), (2, 2)), {"index": ((None, None, 2),)}),
            Example(
                ((4,), (3,), (3,)), {"index": ("#0",)}, fixed={2: np.array([2, 0, 2])}
            ),
        ),
    )
)

survives = define(
    Primitive(
        name="survives",
        result=lambda *arrays, index, shape: Aval(
            indexed_shape(shape, index, arrays), BOOL
        ),
        reference=survivors,
        derivative=Constant("which of several entries is put last does not move"),
        structure=Library("survives"),
        notation=Notation(
            "last put at [{index}]",
            r"\text{{last put at }} {index}",
            "survives(np.s_[{index}], {shape})",
            helper=(
                "def survives(index, shape):\n"
                "    places = np.full(shape, -1)\n"
                "    put = places[index]\n"
                "    order = np.arange(put.size).reshape(put.shape)\n"
                "    places[index] = order\n"
                "    return places[index] == order\n"
            ),
        ),
        domain=(REAL,),
        source="NumPy: the last of repeated indices wins",
        examples=(
            Example(
                ((3,),),
                {"index": ("#0",), "shape": (4,)},
                ("int64",),
                fixed={0: np.array([2, 0, 2])},
            ),
        ),
    )
)

# ----------------------------------------------------- the index as it is written


def read_index(index: Any, x: Tracer, builder: Builder) -> tuple[Index, list[Tracer]]:
    """An index as a param, and its arrays as operands.

    Raises:
        IndexError: As NumPy does, for an index out of bounds or too many of them.
    """
    parts: list[Part] = []
    arrays: list[Tracer] = []
    axis = 0
    for part in written_out(index, x):
        if part is None:
            parts.append(None)
            continue
        if isinstance(part, slice):
            parts.append(tuple(map(static, (part.start, part.stop, part.step))))
        elif isinstance(part, Tracer) or np.ndim(part):
            parts.append(f"#{len(arrays)}")
            arrays.append(checked(part, builder))
        else:
            parts.append(bounded(part, x.shape, axis))
        axis += 1
    while parts and parts[-1] == WHOLE:
        parts.pop()
    return tuple(parts), arrays


def static(bound: Any) -> int | None:
    """A bound of a slice."""
    return None if bound is None else operator.index(bound)


def bounded(part: Any, shape: tuple[int, ...], axis: int) -> int:
    """An int that lies within an axis."""
    if not hasattr(part, "__index__"):
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and "
            "integer or boolean arrays are valid indices"
        )
    i = operator.index(part)
    if not -shape[axis] <= i < shape[axis]:
        raise IndexError(
            f"index {i} is out of bounds for axis {axis} with size {shape[axis]}"
        )
    return i


def checked(part: Any, builder: Builder) -> Tracer:
    """An array of an index as an operand of integers."""
    array = lift(part, builder)
    if array.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    return array


def written_out(index: Any, x: Tracer) -> list[Any]:
    """The parts of an index: an Ellipsis as slices, masks as arrays of integers."""
    parts: list[Any] = []
    for part in index if isinstance(index, tuple) else (index,):
        parts.extend(unmasked(part))
    spoken = sum(p is not None and p is not Ellipsis for p in parts)
    if spoken > x.ndim:
        raise IndexError(
            f"too many indices for array: array is {x.ndim}-dimensional, "
            f"but {spoken} were indexed"
        )
    at = [i for i, p in enumerate(parts) if p is Ellipsis]
    if len(at) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if at:
        parts[at[0] : at[0] + 1] = [slice(None)] * (x.ndim - spoken)
    return parts


def unmasked(part: Any) -> list[Any]:
    """A part of an index, with lists as arrays and masks as places."""
    if part is None or part is Ellipsis or isinstance(part, slice):
        return [part]
    if isinstance(part, (list, np.ndarray)) and deepest((part,), {}) is None:
        part = np.asarray(part, None if np.size(part) else np.intp)
    if isinstance(part, (bool, np.bool_)) or getattr(part, "dtype", None) == BOOL:
        # a traced mask is asked for its numbers, which makes the path one of many
        return list(np.nonzero(np.asarray(part)))
    if isinstance(part, Tracer) and isinstance(part.atom, Literal) and not part.shape:
        return [part.atom.number]
    return [part]


@answers(operator.getitem)
def read(x: Tracer, index: Any) -> Tracer:
    """``x[index]``."""
    builder = deepest((x, index), {})
    assert builder is not None, "an index was entered without a traced operand"
    parts, arrays = read_index(index, x, builder)
    if not parts:
        return Tracer(x.builder, x.atom) if x.shape else x
    return getitem(x, *arrays, index=parts)


@answers(operator.setitem)
def write(x: Tracer, index: Any, value: Any) -> Tracer:
    """What x is after ``x[index] = value``."""
    if is_mask(index, x) and np.ndim(value) == 0:
        kept, mask, put = alike((x, index, value), same_dtype=False)
        return named("select")(mask, convert_to(put, x), kept)
    builder = deepest((x, value, index), {})
    assert builder is not None, "an assignment was entered without a traced operand"
    parts, arrays = read_index(index, x, builder)
    shape = indexed_shape(x.shape, parts, tuple(a.aval for a in arrays))
    put = convert_to(lift(value, builder), x)
    extra = put.ndim - len(shape)
    if extra > 0 and put.shape[:extra] == (1,) * extra:
        put = reshape_to(put, put.shape[extra:])
    if broadcast_shapes(put.shape, shape) != shape:
        raise ShapeError(
            f"an array of shape {put.shape} is put at places of shape {shape}",
            remedy="a value that broadcasts to the shape of x[index]",
        )
    put = spread(put, shape)
    if not parts:
        return put
    return setitem(x, put, *arrays, index=parts)


def is_mask(index: Any, x: Tracer) -> bool:
    """Whether an index is one mask for all entries."""
    dtype = getattr(index, "dtype", None)
    return dtype == BOOL and tuple(index.shape) == x.shape


def convert_to(value: Tracer, x: Tracer) -> Tracer:
    """A value in the dtype of the array it is put into."""
    if value.dtype == x.dtype:
        return value
    if value.dtype.kind == "c" and x.dtype.kind != "c":
        raise TraceError(
            "a complex value is put into a real array", remedy="value.real"
        )
    if isinstance(value.atom, Literal):
        number = value.atom.number
        return Tracer(value.builder, Literal(number, Aval(value.shape, x.dtype)))
    return convert(value, dtype=str(x.dtype))


# ------------------------------------------------------ NumPy's names for them


@answers(np.take)
def take(
    x: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = ""
) -> Tracer:
    """``np.take``."""
    x = lone(x) if axis is not None else lone(x).ravel()
    at = 0 if axis is None else axis_of(axis, x.ndim)
    plain = isinstance(indices, (Tracer, int, np.ndarray))
    where = indices if plain else np.asarray(indices)
    return read(x, (*[slice(None)] * at, where))


@answers(np.compress)
def compress(condition: Any, x: Any, axis: Any = None) -> Tracer:
    """``np.compress``."""
    (where,) = np.nonzero(np.asarray(condition))
    return take(x, where, axis)
