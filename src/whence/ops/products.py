"""Products along axes, and what is left of one when a factor is taken out.

    prod(2, 3, 5)               ->  30
    product_of_others(2, 3, 5)  ->  (15, 10, 6)

A product is linear in each factor, and moves with it by the product of the others. That
is no quotient: it is formed from the factors before each and those after it, so it is
right where factors are 0, and so is every derivative of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from whence.core.notation import ATOM, PRODUCT, Notation
from whence.core.primitive import (
    REAL,
    Defined,
    Differential,
    Example,
    Primitive,
    define,
)
from whence.core.structure import Reduction, Rows
from whence.core.tracer import Tracer
from whence.ops.along import cumprod
from whence.ops.comparison import equal, select
from whence.ops.diagonal import embed_diagonal
from whence.ops.indexing import WHOLE, getitem
from whence.ops.join import concatenate, flip
from whence.ops.promote import filled
from whence.ops.reduction import count, reduction, sum_, widened
from whence.ops.shape import broadcast, reshape_to, transpose

Axes = tuple[int, ...]
MOST = 64  # factors; of more, higher derivatives are written in running products

# what code needs beside it
IN_NUMPY = """\
def product_of_others(x, axis):
    last = tuple(range(-len(axis), 0))
    x = np.moveaxis(x, axis, last)
    lead = x.shape[: x.ndim - len(axis)]
    rows = x.reshape(*lead, int(np.prod(x.shape[len(lead) :])))
    one = np.ones_like(rows[..., :1])
    before = np.cumprod(np.concatenate([one, rows[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([one, rows[..., :0:-1]], -1), -1)[..., ::-1]
    return np.moveaxis((before * after).reshape(x.shape), last, axis)
"""


def moved(y: Any, x: Any, x_dot: Any, axis: Axes, keepdims: bool) -> Tracer:
    """The tangent of a product: each factor's, times the product of the others."""
    others = product_of_others(x[0], axis=axis)
    total: Tracer = sum_(others * x_dot[0], axis=axis, keepdims=keepdims)
    return total


prod = reduction(
    name="prod",
    function=np.prod,
    derivative=Differential(moved),
    structure=Reduction("mul", 1.0),
    notation=Notation("prod({0}{along})", r"\prod{below} {0}", "np.prod({0}{along})"),
    source="a product is linear in each factor",
    because="product rule",
    numpy=(np.prod,),
    prepare=widened,
)


def others(x: np.ndarray, axis: Axes) -> np.ndarray:
    """The product of all entries but one, for each; the numbers of the operation."""
    last = tuple(range(-len(axis), 0))
    turned = np.moveaxis(x, axis, last)
    lead = turned.shape[: x.ndim - len(axis)]
    rows = turned.reshape(*lead, math.prod(turned.shape[len(lead) :]))
    one = np.ones_like(rows[..., :1])
    before = np.cumprod(np.concatenate([one, rows[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([one, rows[..., :0:-1]], -1), -1)[..., ::-1]
    return np.moveaxis((before * after).reshape(turned.shape), last, axis)


def left_out(x: Tracer, axis: Axes) -> Tracer:
    """The same over other operations, right at zeros to every order."""
    rest = tuple(i for i in range(x.ndim) if i not in axis)
    order, at, n = (*rest, *axis), len(rest), int(count(x, axis))
    turned = transposed(x, order)
    rows = reshape_to(turned, (*turned.shape[:at], n))
    found = without_each(rows, at) if n <= MOST else before_and_after(rows, at)
    back = tuple(order.index(i) for i in range(x.ndim))
    return transposed(reshape_to(found, turned.shape), back)


def transposed(x: Tracer, order: Axes) -> Tracer:
    """Put axes into an order, unless they stand in it."""
    return x if order == tuple(range(x.ndim)) else transpose(x, axes=order)


def without_each(rows: Tracer, at: int) -> Tracer:
    """The products of rows in which each entry in turn is 1: n² entries, one product.

    The derivative of that is a product of others again, at every order.
    """
    n = rows.shape[at]
    ones = filled(rows, 1)
    own = equal(embed_diagonal(ones, shape=(n, n), offset=0), 1)
    each = broadcast(reshape_to(rows, (*rows.shape[:at], 1, n)), shape=own.shape)
    result: Tracer = prod(
        select(own, filled(each, 1), each), axis=(at + 1,), keepdims=False
    )
    return result


def before_and_after(rows: Tracer, at: int) -> Tracer:
    """The product of the entries before each times that of those after it."""
    n, lead = int(rows.shape[at]), (WHOLE,) * at
    one = filled(getitem(rows, index=(*lead, (0, 1, None))), 1)
    first = getitem(rows, index=(*lead, (0, n - 1, None)))
    later = flip(getitem(rows, index=(*lead, (1, n, None))), at)
    before = cumprod(concatenate(one, first, axis=at), axis=at)
    after = flip(cumprod(concatenate(one, later, axis=at), axis=at), at)
    result: Tracer = before * after
    return result


product_of_others: Primitive = define(
    Primitive(
        name="product_of_others",
        result=lambda x, axis: x,
        reference=others,
        derivative=Defined(),
        definition=left_out,
        structure=Rows(),
        notation=Notation(
            "∏_(j≠i{along}) {0}ⱼ",
            r"\prod_{{j \ne i{beside}}} {{{0}}}_{{j}}",
            "product_of_others({0}, {axis})",
            PRODUCT,
            needs=(ATOM,),
            helper=IN_NUMPY,
        ),
        domain=(REAL,),
        source="a product without one factor is linear in each of the others",
        because="product rule, without one factor",
        examples=(
            Example(((4,),), {"axis": (0,)}),
            Example(((2, 3),), {"axis": (1,)}),
            Example(((2, 3),), {"axis": (0, 1)}),
            Example(((4,),), {"axis": (0,)}, fixed={0: np.array([2.0, 0.0, 3.0, 0.0])}),
            Example(((MOST + 1,),), {"axis": (0,)}),
        ),
    )
)
