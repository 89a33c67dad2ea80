"""How far entries lie from their mean and from zero: var, std, norm.

Each has a kink where there is no spread left; its derivative there is 0
(docs/conventions.md).
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import TraceError
from whence.core.notation import Notation
from whence.core.primitive import Differential, Example, Kink, answers, named
from whence.core.structure import Reduction
from whence.core.tracer import Tracer
from whence.ops.comparison import equal, select
from whence.ops.elementwise import absolute, sqrt
from whence.ops.promote import alike, zeros_like
from whence.ops.reduction import (
    axes_of,
    count,
    floating,
    mean,
    ratio,
    reduced,
    reduction,
    stretch,
    sum_,
)

# ------------------------------------------------------------- about the mean


def about_mean(x: Aval, axis: Any, ddof: int, keepdims: bool) -> Aval:
    """The shape rule of var and std."""
    return reduced(x, axis, keepdims)


def centred(x: Tracer, axis: tuple[int, ...]) -> Tracer:
    """Entries less their mean."""
    return x - stretch(mean(x, axis=axis, keepdims=False), x, axis)


def var_tangent(
    y: Tracer, x: Any, x_dot: Any, axis: tuple[int, ...], ddof: int, keepdims: bool
) -> Tracer:
    """2/(n − ddof) · Σ (x − mean) ẋ."""
    moved = centred(x[0], axis) * x_dot[0]
    share = ratio(2, count(x[0], axis) - ddof)
    return sum_(moved, axis=axis, keepdims=keepdims) * share


def var_definition(
    x: Tracer, axis: tuple[int, ...], ddof: int, keepdims: bool
) -> Tracer:
    """The mean of squares about the mean."""
    squares = centred(x, axis) ** 2
    share = ratio(1, count(x, axis) - ddof)
    return sum_(squares, axis=axis, keepdims=keepdims) * share


def std_tangent(
    y: Tracer, x: Any, x_dot: Any, axis: tuple[int, ...], ddof: int, keepdims: bool
) -> Tracer:
    """Σ (x − mean)/y ẋ / (n − ddof), and 0 where all entries are equal."""
    whole = stretch(y, x[0], axis)
    flat = equal(whole, 0)
    slope = select(flat, zeros_like(x[0]), centred(x[0], axis) / whole)
    share = ratio(1, count(x[0], axis) - ddof)
    return sum_(slope * x_dot[0], axis=axis, keepdims=keepdims) * share


def std_reference(
    x: np.ndarray,
    axis: tuple[int, ...],
    ddof: int,
    keepdims: bool,
) -> np.ndarray:
    """NumPy's, but exactly 0 where all entries are equal: their mean is rounded."""
    spread = np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)
    if not x.size:
        return spread
    low = np.min(x, axis=axis, keepdims=keepdims)
    flat = low == np.max(x, axis=axis, keepdims=keepdims)
    return np.where(flat & np.isfinite(spread), 0, spread).astype(x.dtype)


def spread_front(name: str) -> Any:
    """The front of var and std."""

    def front(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = 0,
        keepdims: Any = False,
        *,
        correction: Any = None,
        **options: Any,
    ) -> Tracer:
        if given := [k for k, v in options.items() if v is not np._NoValue]:
            raise TraceError(
                f"np.{name} with {given[0]}= is not provided",
                remedy="np.mean((x - m)**2), written out",
            )
        x = floating(alike((a,))[0])
        extra = ddof if correction in {None, np._NoValue} else correction
        whole = bool(keepdims) and keepdims is not np._NoValue
        made: Tracer = named(name)(
            x, axis=axes_of(axis, x.ndim), ddof=extra, keepdims=whole
        )
        return made

    return front


SPREAD = (
    Example(((4,),), {"axis": (0,), "ddof": 0, "keepdims": False}),
    Example(((3, 4),), {"axis": (1,), "ddof": 1, "keepdims": True}),
    Example(((2, 3),), {"axis": (0, 1), "ddof": 0, "keepdims": False}),
)

var = reduction(
    name="var",
    function=None,
    result=about_mean,
    reference=lambda x, axis, ddof, keepdims: np.var(
        x, axis=axis, ddof=ddof, keepdims=keepdims
    ),
    derivative=Differential(var_tangent),
    definition=var_definition,
    structure=Reduction("var", 0.0),
    notation=Notation(
        "var({0}{along})",
        r"\operatorname{{Var}}{below}\left({0}\right)",
        "np.var({0}{along})",
    ),
    source="the chain rule; the mean's own motion cancels",
    because="variance: twice the mean of (x − mean)·ẋ",
    numpy=(np.var,),
    front=spread_front("var"),
    examples=SPREAD,
)

std = reduction(
    name="std",
    function=None,
    result=about_mean,
    reference=std_reference,
    derivative=Differential(std_tangent),
    definition=lambda x, axis, ddof, keepdims: sqrt(
        var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    ),
    structure=Reduction("std", 0.0),
    notation=Notation(
        "std({0}{along})",
        r"\operatorname{{std}}{below}\left({0}\right)",
        "np.std({0}{along})",
    ),
    source="the chain rule on the root of the variance; 0 at a constant",
    because="standard deviation in terms of its output",
    kink=Kink(
        lambda y, x, **_: y == 0,
        "slopes −1 and 1 along every line",
        "0, the least of all slopes there",
    ),
    numpy=(np.std,),
    front=spread_front("std"),
    examples=SPREAD,
)

# --------------------------------------------------------------------- norms


def norm_reference(
    x: np.ndarray,
    axis: tuple[int, ...],
    keepdims: bool,
) -> np.ndarray:
    """The root of a sum of squares, scaled only where a square is out of range."""
    with np.errstate(all="ignore"):
        plain = np.sqrt(np.sum(x * x, axis=axis, keepdims=True))
        safe = np.finfo(x.dtype).tiny ** 0.5 / np.finfo(x.dtype).eps
        if not np.all((plain > safe) & np.isfinite(plain)):
            top = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
            scale = np.where((top == 0) | np.isinf(top), 1, top).astype(x.dtype)
            plain = np.sqrt(np.sum((x / scale) ** 2, axis=axis, keepdims=True)) * scale
    return plain if keepdims else np.squeeze(plain, axis)


def norm_tangent(
    y: Tracer,
    x: Any,
    x_dot: Any,
    axis: tuple[int, ...],
    keepdims: bool,
) -> Tracer:
    """Σ x/y ẋ, and 0 at the origin."""
    whole = stretch(y, x[0], axis)
    slope = select(equal(whole, 0), zeros_like(x[0]), x[0] / whole)
    return sum_(slope * x_dot[0], axis=axis, keepdims=keepdims)


norm = reduction(
    name="norm",
    function=None,
    reference=norm_reference,
    derivative=Differential(norm_tangent),
    definition=lambda x, axis, keepdims: sqrt(
        sum_(x * x, axis=axis, keepdims=keepdims)
    ),
    structure=Reduction("hypot", 0.0),
    notation=Notation(
        "norm({0}{along})",
        r"\left\lVert {0} \right\rVert{below}",
        "np.linalg.norm({0}{along})",
    ),
    source="the chain rule on √Σx²; 0 at the origin by convention",
    because="length in terms of its output",
    front=None,
    kink=Kink(
        lambda y, x, **_: y == 0,
        "slopes −1 and 1 along every line",
        "0, the least of all slopes there",
    ),
)


def p_norm(x: Tracer, p: Any, axis: tuple[int, ...], **keep: Any) -> Tracer:
    """A norm of vectors other than their length."""
    if p == inf:
        return np.max(abs(x), axis, **keep)
    if p == -inf:
        return np.min(abs(x), axis, **keep)
    if p == 0:
        return np.sum(floating(x != 0), axis, **keep)
    if p == 1:
        return np.sum(abs(x), axis, **keep)
    return np.sum(absolute(x) ** p, axis, **keep) ** (1 / p)


def matrix_norm(x: Tracer, p: Any, axis: tuple[int, ...], keepdims: bool) -> Tracer:
    """A norm of matrices other than Frobenius's."""
    if p not in {1, -1, inf, -inf}:
        raise TraceError(
            f"np.linalg.norm of a matrix with ord={p!r} is not provided",
            remedy="ord='fro', 1 or inf",
        )
    down, over = axis if abs(p) == 1 else axis[::-1]
    totals = np.sum(abs(x), down, keepdims=True)
    most = (np.max if p > 0 else np.min)(totals, over, keepdims=True)
    return most if keepdims else np.squeeze(most, axis)


@answers(np.linalg.norm)
def norm_of(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Tracer:
    """``np.linalg.norm``: of vectors all, of matrices 'fro', 1 and inf."""
    x = floating(alike((x,))[0])
    given = (axis,) if isinstance(axis, int) else axis
    axes = tuple(range(x.ndim)) if given is None else tuple(i % x.ndim for i in given)
    if ord is None or ord == "fro" or (ord == 2 and len(axes) == 1):
        return norm(x, axis=axes_of(axes, x.ndim), keepdims=bool(keepdims))
    if len(axes) == 1:
        return p_norm(x, ord, axes, keepdims=bool(keepdims))
    return matrix_norm(x, ord, axes, bool(keepdims))


@answers(np.linalg.vector_norm)
def vector_norm(
    x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2
) -> Tracer:
    """``np.linalg.vector_norm``."""
    x = floating(alike((x,))[0])
    axes = axes_of(axis, x.ndim)
    if ord == 2:
        return norm(x, axis=axes, keepdims=bool(keepdims))
    return p_norm(x, ord, axes, keepdims=bool(keepdims))
