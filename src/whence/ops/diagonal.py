"""Triangles and diagonals of matrices: tril, triu, diagonal, its transpose, trace.

All are linear and act on the last two axes; the axes before them are stacks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.notation import Notation
from whence.core.primitive import (
    REAL,
    Example,
    Linear,
    Primitive,
    answers,
    define,
    named,
)
from whence.core.structure import Scatter, View
from whence.core.tracer import Tracer
from whence.ops.shape import lone, moveaxis


def triangle(name: str, function: Any, because: str) -> Primitive:
    """Define one of the two triangles."""

    def front(m: Any, k: int = 0) -> Tracer:
        return primitive(lone(m), k=k)

    primitive = Primitive(
        name=name,
        result=lambda x, k: x,
        reference=lambda x, k: function(x, k),
        derivative=Linear((lambda y_bar, x, k: primitive(y_bar, k=k),)),
        structure=View(),
        notation=Notation(
            f"{name}({{0}}, {{k}})",
            rf"\operatorname{{{{{name}}}}}_{{{{{{k}}}}}}\left({{0}}\right)",
            f"np.{name}({{0}}, {{k}})",
        ),
        domain=(REAL,),
        source="entries are kept or left out",
        because=because,
        numpy=(function,),
        front=front,
        examples=(
            Example(((3, 3),), {"k": 0}),
            Example(((2, 3),), {"k": -1}),
            Example(((2, 3, 2),), {"k": 1}),
        ),
    )
    return define(primitive)


tril = triangle("tril", np.tril, "the lower triangle moves")
triu = triangle("triu", np.triu, "the upper triangle moves")


def diagonal_length(rows: int, columns: int, offset: int) -> int:
    """How many entries a diagonal has."""
    if offset == 0 and rows == columns:
        return rows
    return max(
        0, min(rows, columns - offset) if offset > 0 else min(rows + offset, columns)
    )


def embed_reference(y: np.ndarray, shape: tuple[int, int], offset: int) -> np.ndarray:
    """Put rows on the diagonals of zeros."""
    length = y.shape[-1]
    result = np.zeros((*y.shape[:-1], *shape), y.dtype)
    at = np.arange(length)
    result[..., at + max(-offset, 0), at + max(offset, 0)] = y
    return result


diagonal = define(
    Primitive(
        name="diagonal",
        result=lambda x, offset: x.like(
            (*x.shape[:-2], diagonal_length(x.shape[-2], x.shape[-1], offset))
        ),
        reference=lambda x, offset: np.diagonal(x, offset, -2, -1),
        derivative=Linear(
            (
                lambda y_bar, x, offset: embed_diagonal(
                    y_bar, shape=x.shape[-2:], offset=offset
                ),
            )
        ),
        structure=View(),
        notation=Notation(
            "diagonal({0}, {offset})",
            r"\operatorname{{diag}}_{{{offset}}}\left({0}\right)",
            "np.diagonal({0}, {offset}, -2, -1)",
        ),
        domain=(REAL,),
        source="entries are picked, none changes",
        because="the diagonal moves as it does in the whole",
        examples=(
            Example(((3, 3),), {"offset": 0}),
            Example(((2, 4),), {"offset": 1}),
            Example(((5, 4, 3),), {"offset": -2}),
        ),
    )
)

embed_diagonal: Primitive = define(
    Primitive(
        name="embed_diagonal",
        result=lambda y, shape, offset: Aval((*y.shape[:-1], *shape), y.dtype, y.weak),
        reference=embed_reference,
        derivative=Linear(
            (lambda z_bar, y, shape, offset: diagonal(z_bar, offset=offset),)
        ),
        structure=Scatter(),
        notation=Notation(
            "diag({0}, {offset})",
            r"\operatorname{{diag}}_{{{offset}}}\left({0}\right)",
            "embed_diagonal({0}, {shape}, {offset})",
            helper=(
                "def embed_diagonal(y, shape, offset):\n"
                "    x = np.zeros((*y.shape[:-1], *shape))\n"
                "    i = np.arange(y.shape[-1])\n"
                "    x[..., i + max(-offset, 0), i + max(offset, 0)] = y\n"
                "    return x\n"
            ),
        ),
        domain=(REAL,),
        source="the transpose of picking the diagonal",
        because="a diagonal among zeros moves as it does alone",
        examples=(
            Example(((3,),), {"shape": (3, 3), "offset": 0}),
            Example(((2, 3),), {"shape": (3, 4), "offset": 1}),
        ),
    )
)


@answers(np.diagonal)
def diagonal_of(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tracer:
    """``np.diagonal``."""
    x = lone(a)
    if (axis1 % x.ndim, axis2 % x.ndim) != (x.ndim - 2, x.ndim - 1):
        x = moveaxis(x, (axis1, axis2), (-2, -1))
    return diagonal(x, offset=offset)


@answers(np.diag)
def diag(v: Any, k: int = 0) -> Tracer:
    """``np.diag``: the diagonal of a matrix, or the matrix of a diagonal."""
    x = lone(v)
    if x.ndim == 2:
        return diagonal(x, offset=k)
    length = x.shape[0] if k == 0 else x.shape[0] + abs(k)
    return embed_diagonal(x, shape=(length, length), offset=k)


@answers(np.linalg.diagonal)
def last_diagonal(x: Any, /, *, offset: int = 0) -> Tracer:
    """``np.linalg.diagonal``: of the last two axes."""
    return diagonal_of(x, offset, -2, -1)


@answers(np.linalg.trace)
def last_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Tracer:
    """``np.linalg.trace``: over the last two axes."""
    return trace(x, offset, -2, -1)


@answers(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tracer:
    """``np.trace``: the sum of the diagonal."""
    entries = diagonal_of(a, offset, axis1, axis2)
    return named("sum")(entries, axis=(entries.ndim - 1,), keepdims=False)
