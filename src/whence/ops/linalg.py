"""Linear algebra: inv, solve, det, slogdet, cholesky, powers of matrices.

Each acts on the last two axes; the axes before them are stacks. Matrices that are
singular raise NumPy's LinAlgError when the numbers are computed.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import ShapeError
from whence.core.notation import ATOM, LOOSE, Call, Notation
from whence.core.primitive import (
    REAL,
    Constant,
    Differential,
    Example,
    Primitive,
    answers,
    define,
)
from whence.core.structure import Library
from whence.core.tracer import Tracer
from whence.ops.contraction import joined, matmul
from whence.ops.diagonal import diagonal, embed_diagonal, tril
from whence.ops.promote import alike
from whence.ops.reduction import sum_
from whence.ops.shape import broadcast_shapes, reshape_to, spread, transpose


def flipped(x: Tracer) -> Tracer:
    """A matrix, or a stack of them, with rows for columns."""
    order = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
    return transpose(x, axes=order)


def square(x: Any) -> Tracer:
    """An operand that is a stack of square matrices.

    Raises:
        LinAlgError: As NumPy does.
    """
    (matrix,) = alike((x,), floating=True)
    shape: tuple[int, ...] = matrix.shape
    if len(shape) < 2:
        raise np.linalg.LinAlgError(
            f"{len(shape)}-dimensional array given. Array must be at least "
            "two-dimensional"
        )
    if shape[-1] != shape[-2]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")
    return matrix


def on_square(primitive_name: str) -> Any:
    """The front of an operation on square matrices."""
    from whence.core.primitive import named

    def front(a: Any) -> Tracer:
        return named(primitive_name)(square(a))

    return front


POSITIVE_DEFINITE = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.4], [0.5, -0.4, 2.0]])
MATRICES = (Example(((3, 3),)), Example(((2, 2, 2),)))

inv = define(
    Primitive(
        name="inv",
        result=lambda x: x,
        reference=np.linalg.inv,
        derivative=Differential(lambda y, x, x_dot: -matmul(matmul(y, x_dot[0]), y)),
        structure=Library("inv"),
        notation=Notation(
            "{0}⁻¹", "{{{0}}}^{{-1}}", "np.linalg.inv({0})", ATOM, (ATOM,)
        ),
        domain=(REAL,),
        source="Giles 2008, 2.2.3",
        because="inverse of a matrix, in terms of its output",
        numpy=(np.linalg.inv,),
        front=on_square("inv"),
        examples=MATRICES,
    )
)


def det_tangent(y: Tracer, x: Any, x_dot: Any) -> Tracer:
    """Jacobi: y times the sum of the entries of x⁻ᵀ ∘ ẋ."""
    return y * logabsdet_tangent(y, x, x_dot)


def logabsdet_tangent(y: Tracer, x: Any, x_dot: Any) -> Tracer:
    """The sum of the entries of x⁻ᵀ ∘ ẋ."""
    product = flipped(inv(x[0])) * x_dot[0]
    return sum_(product, axis=(x[0].ndim - 2, x[0].ndim - 1), keepdims=False)


def per_matrix(x: Aval) -> Aval:
    """The shape rule of a number for each matrix."""
    return x.like(x.shape[:-2])


det = define(
    Primitive(
        name="det",
        result=per_matrix,
        reference=np.linalg.det,
        derivative=Differential(det_tangent),
        structure=Library("det"),
        notation=Call("det", r"\det", "np.linalg.det"),
        domain=(REAL,),
        source="Jacobi's formula; Giles 2008, 2.2.4",
        because="Jacobi's formula",
        numpy=(np.linalg.det,),
        front=on_square("det"),
        examples=MATRICES,
    )
)

logabsdet = define(
    Primitive(
        name="logabsdet",
        result=per_matrix,
        reference=lambda x: np.linalg.slogdet(x)[1],
        derivative=Differential(logabsdet_tangent),
        structure=Library("slogdet"),
        notation=Notation(
            "log|det({0})|",
            r"\log\left|\det {0}\right|",
            "np.linalg.slogdet({0})[1]",
        ),
        domain=(REAL,),
        source="Jacobi's formula; Giles 2008, 2.2.4",
        because="Jacobi's formula",
        examples=MATRICES,
    )
)

signdet = define(
    Primitive(
        name="signdet",
        result=per_matrix,
        reference=lambda x: np.linalg.slogdet(x)[0],
        derivative=Constant("the sign of a determinant is constant between its jumps"),
        structure=Library("slogdet"),
        notation=Notation(
            "sign(det({0}))",
            r"\operatorname{{sign}}\det {0}",
            "np.linalg.slogdet({0})[0]",
        ),
        domain=(REAL,),
        source="constant by cases",
        examples=MATRICES,
    )
)


class SlogdetResult(NamedTuple):
    """What ``np.linalg.slogdet`` gives."""

    sign: Any
    logabsdet: Any


@answers(np.linalg.slogdet)
def slogdet(a: Any) -> SlogdetResult:
    """``np.linalg.slogdet``."""
    x = square(a)
    return SlogdetResult(signdet(x), logabsdet(x))


# --------------------------------------------------------------------- solve


def solved(a: Aval, b: Aval) -> Aval:
    """The shape rule: stacks are alike; b is a matrix, or one vector for one matrix."""
    fits = b.shape[: a.ndim - 1] == a.shape[:-1]
    if not fits or b.ndim not in {a.ndim, max(a.ndim - 1, 1)}:
        raise ShapeError(
            f"solve met {a} and {b}", remedy="b with as many rows as the matrix"
        )
    return b


def solve_reference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """NumPy's; a vector is one column."""
    return np.linalg.solve(a, b)


def solve_tangent(y: Tracer, x: Any, x_dot: Any) -> Tracer:
    """Solve for ḃ − Ȧ y."""
    a_dot, b_dot = x_dot
    right: Any = b_dot
    if a_dot is not None:
        moved = matmul(a_dot, y)
        right = -moved if right is None else right - moved
    return solve(x[0], right)


solve: Primitive = define(
    Primitive(
        name="solve",
        result=solved,
        reference=solve_reference,
        derivative=Differential(solve_tangent),
        linear={1: lambda z_bar, a, b: solve(flipped(a), z_bar)},
        structure=Library("solve"),
        notation=Notation(
            "solve({0}, {1})",
            r"{{{0}}}^{{-1}} {1}",
            "np.linalg.solve({0}, {1})",
            ATOM,
            (ATOM, LOOSE),
        ),
        domain=(REAL, REAL),
        source="Giles 2008, 2.3.1",
        because="linear system, in terms of its solution",
        examples=(
            Example(((3, 3), (3,))),
            Example(((3, 3), (3, 2))),
            Example(((2, 2, 2), (2, 2, 1))),
        ),
    )
)


@answers(np.linalg.solve)
def solve_system(a: Any, b: Any) -> Tracer:
    """``np.linalg.solve``: b is one vector, or a stack of matrices."""
    matrix, right = joined(a, b)
    matrix, (right,) = square(matrix), alike((right,), floating=True)
    vector = right.ndim == 1
    if vector and matrix.ndim > 2:
        right = reshape_to(right, (*right.shape, 1))
    if right.ndim > 1:
        stack = broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
        matrix = spread(matrix, (*stack, *matrix.shape[-2:]))
        right = spread(right, (*stack, *right.shape[-2:]))
    made: Tracer = solve(matrix, right)
    return reshape_to(made, made.shape[:-1]) if vector and made.ndim > 2 else made


# ------------------------------------------------------------------ cholesky


def cholesky_tangent(y: Tracer, x: Any, x_dot: Any) -> Tracer:
    """L Φ(L⁻¹ Ȧ L⁻ᵀ); NumPy reads the lower triangle, so Ȧ is mirrored from there."""
    lower = tril(x_dot[0], k=0)
    moved = lower + flipped(tril(x_dot[0], k=-1))
    inner = solve(y, flipped(solve(y, moved)))
    halves = embed_diagonal(diagonal(inner, offset=0), shape=y.shape[-2:], offset=0)
    return matmul(y, tril(inner, k=0) - 0.5 * halves)


cholesky = define(
    Primitive(
        name="cholesky",
        result=lambda x: x,
        reference=np.linalg.cholesky,
        derivative=Differential(cholesky_tangent),
        structure=Library("cholesky"),
        notation=Call("cholesky", r"\operatorname{chol}", "np.linalg.cholesky"),
        domain=(REAL,),
        source="Murray 2016, 3",
        because="Cholesky factor in terms of its output",
        numpy=(np.linalg.cholesky,),
        front=on_square("cholesky"),
        examples=(Example(((3, 3),), fixed={0: POSITIVE_DEFINITE}),),
    )
)


@answers(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Tracer:
    """``np.linalg.matrix_power``, by repeated squares."""
    x = square(a)
    if n < 0:
        return matrix_power(inv(x), -n)
    if n == 0:
        ones = x.diagonal(0, -2, -1) * 0 + 1
        return embed_diagonal(ones, shape=x.shape[-2:], offset=0)
    factors = []
    while n:
        if n % 2:
            factors.append(x)
        n //= 2
        x = matmul(x, x) if n else x
    return reduce(matmul, factors)
