"""Reductions: entries along axes combined into one: sum, mean, max, any, argmax.

Every primitive here has the params ``axis``, a sorted tuple of non-negative ints, and
``keepdims``. The fronts have NumPy's signatures.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np

from whence.core.aval import BOOL, Aval
from whence.core.errors import ShapeError, TraceError
from whence.core.notation import PRODUCT, Notation
from whence.core.primitive import (
    REAL,
    Constant,
    Differential,
    Example,
    Kink,
    Linear,
    Primitive,
    answers,
    define,
)
from whence.core.size import quotient
from whence.core.structure import Reduction
from whence.core.tracer import Tracer
from whence.ops.comparison import equal, select, truth
from whence.ops.promote import alike, zeros_like
from whence.ops.shape import broadcast, convert, reshape_to

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


def reduced(x: Aval, axis: tuple[int, ...], keepdims: bool) -> Aval:
    """The shape rule of the family."""
    return x.like(reduced_shape(x.shape, axis, keepdims=keepdims))


def stretch(y: Tracer, x: Tracer, axis: tuple[int, ...]) -> Tracer:
    """Repeat a reduced array over the axes it was reduced along."""
    return broadcast(reshape_to(y, kept(x.shape, axis)), shape=x.shape)


def count(x: Tracer | Aval, axis: tuple[int, ...]) -> int:
    """How many entries are combined into one; named sizes keep their names."""
    return Aval(tuple(x.shape[i] for i in axis)).size


def ratio(above: int, below: int) -> float:
    """A ratio of sizes; that of an empty mean is nan."""
    return quotient(above, below) if below > 0 else nan


def widened(x: Tracer) -> Tracer:
    """Booleans and small integers as int64, as NumPy adds them."""
    small = x.dtype.kind in "biu" and x.dtype.itemsize < 8
    return convert(x, dtype="int64") if small else x


def floating(x: Tracer) -> Tracer:
    """Integers as float64."""
    return x if x.dtype.kind in "fc" else convert(x, dtype="float64")


def reduction_front(primitive_name: str, prepare: Any = None) -> Any:
    """The front of a reduction: NumPy's axis, keepdims and dtype.

    Args:
        primitive_name: The reduction.
        prepare: What is done to the operand first.
    """
    from whence.core.primitive import named

    def front(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any
    ) -> Tracer:
        keepdims = bool(options.pop("keepdims", False))
        if given := [k for k, v in options.items() if v is not np._NoValue]:
            raise TraceError(
                f"np.{primitive_name} with {given[0]}= is not provided",
                remedy="np.where(condition, x, 0) inside",
            )
        (x,) = alike((a,))
        if dtype is not None:
            x = convert(x, dtype=str(np.dtype(dtype)))
        if prepare is not None:
            x = prepare(x)
        axes = axes_of(axis, x.ndim)
        return named(primitive_name)(x, axis=axes, keepdims=keepdims)

    return front


def reduction(**fields: Any) -> Primitive:
    """Define a reduction.

    Args:
        fields: The fields of ``Primitive`` that the family does not fix, and
            ``prepare``, what the front does to the operand first.
    """
    prepare = fields.pop("prepare", None)
    name, function = fields["name"], fields.pop("function")
    fields = {
        "result": reduced,
        "reference": lambda x, axis, keepdims: function(
            x, axis=axis, keepdims=keepdims
        ),
        "domain": (REAL,),
        "front": reduction_front(name, prepare),
        "examples": EXAMPLES,
        "notation": Notation(
            f"{name}({{0}}{{along}})",
            rf"\operatorname{{{{{name}}}}}{{below}}\left({{0}}\right)",
            f"np.{name}({{0}}{{along}})",
        ),
    } | fields
    return define(Primitive(**fields))


EXAMPLES = (
    Example(((4,),), {"axis": (0,), "keepdims": False}),
    Example(((2, 3),), {"axis": (1,), "keepdims": True}),
    Example(((2, 3),), {"axis": (0, 1), "keepdims": False}),
    Example(((),), {"axis": (), "keepdims": False}),
)

sum_ = reduction(
    name="sum",
    function=np.sum,
    derivative=Linear((lambda y_bar, x, axis, keepdims: stretch(y_bar, x, axis),)),
    structure=Reduction("add", 0.0),
    notation=Notation(
        "sum({0}{along})", r"\sum{below} {0}", "np.sum({0}{along})", PRODUCT, (PRODUCT,)
    ),
    source="a sum is linear; its transpose copies",
    because="sum rule",
    numpy=(np.sum,),
    prepare=widened,
)

mean = reduction(
    name="mean",
    function=np.mean,
    derivative=Linear(
        (
            lambda y_bar, x, axis, keepdims: stretch(
                y_bar * ratio(1, count(x, axis)), x, axis
            ),
        )
    ),
    definition=lambda x, axis, keepdims: (
        sum_(x, axis=axis, keepdims=keepdims) * ratio(1, count(x, axis))
    ),
    structure=Reduction("add", 0.0),
    source="a mean is linear; its transpose copies a share to each entry",
    because="a mean is linear",
    numpy=(np.mean,),
    prepare=floating,
)

any_ = reduction(
    name="any",
    function=np.any,
    result=lambda x, axis, keepdims: Aval(reduced(x, axis, keepdims).shape, BOOL),
    derivative=Constant("truth values do not move"),
    structure=Reduction("bitwise_or", 0.0),
    source="constant by cases",
    numpy=(np.any,),
    prepare=truth,
)

all_ = reduction(
    name="all",
    function=np.all,
    result=lambda x, axis, keepdims: Aval(reduced(x, axis, keepdims).shape, BOOL),
    derivative=Constant("truth values do not move"),
    structure=Reduction("bitwise_and", 1.0),
    source="constant by cases",
    numpy=(np.all,),
    prepare=truth,
)

# -------------------------------------------------------------------- extremes


def shared(
    y: Tracer,
    x: Any,
    x_dot: Any,
    axis: tuple[int, ...],
    keepdims: bool,
) -> Tracer:
    """The tangent of a largest or smallest entry; those that tie share evenly."""
    best = equal(x[0], stretch(y, x[0], axis))
    moved = select(best, x_dot[0], zeros_like(x_dot[0]))
    ties = sum_(convert(best, dtype=str(y.dtype)), axis=axis, keepdims=keepdims)
    total: Tracer = sum_(moved, axis=axis, keepdims=keepdims)
    return total / ties


def extreme_result(x: Aval, axis: tuple[int, ...], keepdims: bool) -> Aval:
    """The shape rule: nothing is the largest of no entries."""
    if not count(x, axis):
        raise ShapeError(
            f"the largest or smallest entry of {x}, which has none",
            remedy="if x.size: first",
        )
    return reduced(x, axis, keepdims)


NONEMPTY = EXAMPLES[:3]


def ties(y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    """Which maxima or minima are shared by several entries."""
    whole = y if keepdims else np.expand_dims(y, axis)
    return np.sum(x == whole, axis=axis, keepdims=keepdims) > 1


max_ = reduction(
    name="max",
    function=np.max,
    result=extreme_result,
    derivative=Differential(shared),
    structure=Reduction("maximum", -inf),
    notation=Notation("max({0}{along})", r"\max{below} {0}", "np.max({0}{along})"),
    source="by cases; ties share evenly by convention",
    because="only the largest moves",
    kink=Kink(
        ties,
        "slopes 0 and 1 by each of those that tie",
        "an even share for each that ties",
    ),
    numpy=(np.max, np.amax),
)

min_ = reduction(
    name="min",
    function=np.min,
    result=extreme_result,
    derivative=Differential(shared),
    structure=Reduction("minimum", inf),
    notation=Notation("min({0}{along})", r"\min{below} {0}", "np.min({0}{along})"),
    source="by cases; ties share evenly by convention",
    because="only the smallest moves",
    kink=Kink(
        ties,
        "slopes 0 and 1 by each of those that tie",
        "an even share for each that ties",
    ),
    numpy=(np.min, np.amin),
)


def place_of(function: Any) -> Any:
    """The reference of argmax and argmin."""

    def find(x: np.ndarray, axis: tuple[int, ...], keepdims: bool) -> Any:
        one = axis[0] if len(axis) == 1 else None
        return function(x, axis=one, keepdims=keepdims)

    return find


def place_front(name: str) -> Any:
    """The front of argmax and argmin, which take one axis or all."""
    write = reduction_front(name)

    def front(a: Any, axis: Any = None, out: Any = None, **options: Any) -> Tracer:
        return write(a, axis, **options)

    return front


def extreme_place(name: str, function: Any) -> Primitive:
    """Define argmax or argmin."""
    return reduction(
        name=name,
        function=function,
        reference=place_of(function),
        result=lambda x, axis, keepdims: Aval(
            extreme_result(x, axis, keepdims).shape, np.dtype("int64")
        ),
        derivative=Constant("a place does not move"),
        structure=Reduction(name, 0.0),
        source="constant by cases",
        numpy=(function,),
        front=place_front(name),
        examples=NONEMPTY,
    )


argmax = extreme_place("argmax", np.argmax)
argmin = extreme_place("argmin", np.argmin)

# -------------------------------------------------- in terms of the ones above


@answers(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, **options: Any) -> Tracer:
    """``np.ptp``: the largest less the smallest."""
    return np.max(a, axis, **options) - np.min(a, axis, **options)


@answers(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, **options: Any) -> Tracer:
    """``np.average``."""
    if weights is None:
        return np.mean(a, axis, **options)
    x, w = alike((a, weights), floating=True)
    return np.sum(x * w, axis) / np.sum(w, axis)


@answers(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Tracer:
    """``np.count_nonzero``."""
    return np.sum(truth(*alike((a,))), axis, keepdims=keepdims)


def reduced_by(function: Any) -> Any:
    """The front of ``np.add.reduce``, whose axis is the first."""

    def front(
        array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, **options: Any
    ) -> Any:
        given = {} if dtype is None else {"dtype": dtype}
        return function(array, axis=axis, **given, **options)

    return front


for _ufunc, _function in {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}.items():
    answers((_ufunc, "reduce"))(reduced_by(_function))
