"""Contractions: products of two arrays' entries, summed over the axes they share.

One primitive, ``contract``, whose ``spec`` names the axes as einsum does: "ij,jk->ik"
is a matrix product, "i,j->ij" an outer product, "i,i->" a dot product. Its transposes
are contractions again, with the letters in another order, so that backpropagation
through a matrix product needs no transposes of its own.

Every letter stands in at least two of the three groups, and at most once in each.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import Any

import numpy as np

from whence.core.aval import Aval, joined_dtype
from whence.core.errors import ShapeError
from whence.core.notation import Notation
from whence.core.primitive import (
    REAL,
    Example,
    Multilinear,
    Primitive,
    answers,
    define,
)
from whence.core.structure import Contraction
from whence.core.tracer import Tracer, deepest
from whence.ops.diagonal import diagonal
from whence.ops.promote import lift, matched
from whence.ops.reduction import sum_
from whence.ops.shape import axis_of, reshape_to, transpose


def parts(spec: str) -> tuple[str, str, str]:
    """The letters of both operands and of the result."""
    operands, result = spec.split("->")
    first, second = operands.split(",")
    return first, second, result


def contracted(x: Aval, y: Aval, spec: str) -> Aval:
    """The shape rule: each letter has one length."""
    first, second, result = parts(spec)
    lengths: dict[str, int] = {}
    for letters, aval in ((first, x), (second, y)):
        assert len(letters) == aval.ndim, f"{spec} does not fit {aval}"
        for letter, length in zip(letters, aval.shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                raise ShapeError(
                    f"a product of {x} and {y}: the lengths {lengths[letter]} and "
                    f"{length} of their shared axis differ",
                    remedy="as many columns in A as rows in B; A.T transposes",
                )
    weak = x.weak and y.weak
    return Aval(tuple(lengths[i] for i in result), x.dtype, weak)


@lru_cache(maxsize=1_000)
def plan(spec: str) -> tuple[Any, ...]:
    """How a contraction becomes one matrix product, by the roles of its letters."""
    first, second, result = parts(spec)
    batch = [i for i in result if i in first and i in second]
    left = [i for i in result if i in first and i not in second]
    right = [i for i in result if i in second and i not in first]
    inner = [i for i in first if i in second and i not in result]
    to_left = tuple(first.index(i) for i in (*batch, *left, *inner))
    to_right = tuple(second.index(i) for i in (*batch, *inner, *right))
    made = [*batch, *left, *right]
    to_result = tuple(made.index(i) for i in result)
    return len(batch), len(left), len(inner), len(right), to_left, to_right, to_result


def contract_reference(x: np.ndarray, y: np.ndarray, spec: str) -> np.ndarray:
    """Contract by one call of ``matmul`` between transposes."""
    batch, left, inner, _, to_left, to_right, to_result = plan(spec)
    x, y = np.transpose(x, to_left), np.transpose(y, to_right)
    outer = x.shape[:batch]
    rows, columns = x.shape[batch : batch + left], y.shape[batch + inner :]
    shared = int(np.prod(y.shape[batch : batch + inner], dtype=int))
    height, width = int(np.prod(rows, dtype=int)), int(np.prod(columns, dtype=int))
    if not inner:
        product = x.reshape(*outer, height, 1) * y.reshape(*outer, 1, width)
    else:
        product = x.reshape(*outer, height, shared) @ y.reshape(*outer, shared, width)
    return product.reshape((*outer, *rows, *columns)).transpose(to_result)


def by_first(z_bar: Tracer, x: Tracer, y: Tracer, spec: str) -> Tracer:
    """The transpose by the first operand: contract with the second."""
    first, second, result = parts(spec)
    return contract(z_bar, y, spec=f"{result},{second}->{first}")


def by_second(z_bar: Tracer, x: Tracer, y: Tracer, spec: str) -> Tracer:
    """The transpose by the second operand: contract the first with the cotangent."""
    first, second, result = parts(spec)
    return contract(x, z_bar, spec=f"{first},{result}->{second}")


contract = define(
    Primitive(
        name="contract",
        result=contracted,
        reference=contract_reference,
        derivative=Multilinear((by_first, by_second)),
        structure=Contraction(),
        notation=Notation(
            "contract({0}, {1}, '{spec}')",
            r"\operatorname{{contract}}\left({0}, {1}\right)",
            "np.einsum('{spec}', {0}, {1})",
        ),
        domain=(REAL, REAL),
        source="bilinear; Giles 2008 for the matrix product",
        because="matrix product rule",
        examples=(
            Example(((3,), (3,)), {"spec": "i,i->"}),
            Example(((2, 3), (3,)), {"spec": "ij,j->i"}),
            Example(((2, 3), (3, 4)), {"spec": "ij,jk->ik"}),
            Example(((3,), (4,)), {"spec": "i,j->ij"}),
            Example(((5, 2, 3), (5, 3, 4)), {"spec": "bij,bjk->bik"}),
            Example(((2, 3), (2, 3)), {"spec": "ij,ij->j"}),
        ),
    )
)

LETTERS = "ijklmnopqrstuvwxyzabcdefgh"


@answers(np.matmul)
def matmul(x: Any, y: Any) -> Tracer:
    """``x @ y`` with NumPy's treatment of vectors and stacks of matrices."""
    x, y = joined(x, y)
    if not x.ndim or not y.ndim:
        raise ShapeError("@ needs arrays, not numbers", remedy="x * y for a number")
    stack = LETTERS[3 : 3 + max(x.ndim, y.ndim) - 2]
    first = stack[len(stack) - (x.ndim - 2) :] + "ij" if x.ndim > 1 else "j"
    second = stack[len(stack) - (y.ndim - 2) :] + "jk" if y.ndim > 1 else "j"
    result = stack + ("i" if x.ndim > 1 else "") + ("k" if y.ndim > 1 else "")
    return contract_letters(x, y, first, second, result)


@answers(np.dot, "dot")
def dot(x: Any, y: Any) -> Tracer:
    """``np.dot``: last axis of x with the second-last of y; a product for numbers."""
    x, y = joined(x, y)
    if not x.ndim or not y.ndim:
        return x * y
    first = LETTERS[: x.ndim]
    fresh = LETTERS[x.ndim : x.ndim + y.ndim]
    if y.ndim == 1:
        second, rest = first[-1], ""
    else:
        second = fresh[: y.ndim - 2] + first[-1] + fresh[-1]
        rest = fresh[: y.ndim - 2] + fresh[-1]
    return contract(x, y, spec=f"{first},{second}->{first[:-1] + rest}")


@answers(np.outer)
def outer(x: Any, y: Any) -> Tracer:
    """``np.outer``: every product of an entry of x with one of y."""
    x, y = joined(x, y)
    return contract(x.ravel(), y.ravel(), spec="i,j->ij")


def joined(*arrays: Any) -> list[Tracer]:
    """Operands in one dtype, each in its own shape."""
    builder = deepest(arrays, {})
    assert builder is not None, "a contraction was entered without a traced operand"
    tracers = [lift(z, builder) for z in arrays]
    dtype, weak = joined_dtype(*(t.aval for t in tracers))
    return [matched(t, t.shape, dtype, weak) for t in tracers]


def contract_letters(
    x: Tracer, y: Tracer, first: str, second: str, result: str
) -> Tracer:
    """Contract, where a stack of one is repeated."""
    for letter in set(first) & set(second):
        i, j = first.index(letter), second.index(letter)
        if (
            letter in result
            and 1 in (x.shape[i], y.shape[j])
            and x.shape[i] != y.shape[j]
        ):
            if x.shape[i] == 1:
                x, first = reshape_to(x, without(x.shape, i)), first.replace(letter, "")
            else:
                y, second = (
                    reshape_to(y, without(y.shape, j)),
                    second.replace(letter, ""),
                )
    return contract(x, y, spec=f"{first},{second}->{result}")


def without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """A shape less one axis."""
    return shape[:axis] + shape[axis + 1 :]


@answers(np.inner)
def inner(x: Any, y: Any) -> Tracer:
    """``np.inner``: over the last axes."""
    x, y = joined(x, y)
    if not x.ndim or not y.ndim:
        return x * y
    return tensordot(x, y, (-1, -1))


@answers(np.vdot, np.linalg.vecdot)
def vdot(x: Any, y: Any) -> Tracer:
    """``np.vdot``: the sum of all products."""
    x, y = joined(x, y)
    return contract(x.ravel(), y.ravel(), spec="i,i->")


@answers(np.tensordot)
def tensordot(x: Any, y: Any, axes: Any = 2) -> Tracer:
    """``np.tensordot``."""
    x, y = joined(x, y)
    if isinstance(axes, int):
        axes = (range(x.ndim - axes, x.ndim), range(axes))
    pairs = [[i] if isinstance(i, int) else list(i) for i in axes]
    left = [axis_of(i, x.ndim) for i in pairs[0]]
    right = [axis_of(i, y.ndim) for i in pairs[1]]
    first = list(LETTERS[: x.ndim])
    second = list(LETTERS[x.ndim : x.ndim + y.ndim])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    result = [k for k in (*first, *second) if not (k in first and k in second)]
    spec = f"{''.join(first)},{''.join(second)}->{''.join(result)}"
    return contract(x, y, spec=spec)


@answers(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Tracer:
    """``np.linalg.multi_dot``, from the left."""
    return reduce(dot, arrays)


# --------------------------------------------------------------------- einsum


@answers(np.einsum)
def einsum(subscripts: Any, *operands: Any, **options: Any) -> Tracer:
    """``np.einsum`` with its letters as text, for any number of operands."""
    if not isinstance(subscripts, str):
        raise ShapeError(
            "np.einsum with its axes as lists", remedy="np.einsum('ij,jk->ik', x, y)"
        )
    arrays = joined(*operands)
    groups, result = read_subscripts(subscripts, arrays)
    wanted = [set(result).union(*groups[i + 1 :]) for i in range(len(groups))]
    total, letters = lone_letters(arrays[0], groups[0], wanted[0])
    for i in range(1, len(arrays)):
        others = set(letters) | wanted[i]
        other, group = lone_letters(arrays[i], groups[i], others)
        total, letters = lone_letters(total, letters, {*group, *wanted[i]})
        kept = "".join(dict.fromkeys(k for k in letters + group if k in wanted[i]))
        total = contract_letters(total, other, letters, group, kept)
        letters = kept
    order = tuple(letters.index(k) for k in result)
    if order == tuple(range(len(order))):
        return total
    return transpose(total, axes=order)


def read_subscripts(subscripts: str, arrays: list[Tracer]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with the dots written out."""
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    groups = left.split(",")
    if len(groups) != len(arrays):
        raise ShapeError(
            f"np.einsum {subscripts!r} has letters for {len(groups)} arrays, not "
            f"{len(arrays)}",
            remedy="one group of letters for each array",
        )
    free = "".join(k for k in LETTERS.upper() if k not in subscripts)
    longest = ""
    for i, (group, x) in enumerate(zip(groups, arrays, strict=True)):
        spoken = len(group.replace("...", ""))
        if spoken != x.ndim if "..." not in group else spoken > x.ndim:
            raise ShapeError(
                f"np.einsum has {group!r} for an array of {x.ndim} axes",
                remedy="one letter for each axis",
            )
        dots = free[len(free) - (x.ndim - spoken) :] if x.ndim > spoken else ""
        longest = max(longest, dots, key=len)
        groups[i] = group.replace("...", dots)
    if not arrow:
        letters = "".join(groups)
        alone = sorted(k for k in set(letters) - set(longest) if letters.count(k) == 1)
        return groups, longest + "".join(alone)
    return groups, result.replace("...", longest)


def lone_letters(x: Tracer, letters: str, wanted: set[str]) -> tuple[Tracer, str]:
    """Take diagonals of repeated letters, and sum over those that nobody wants."""
    for letter in dict.fromkeys(letters):
        while letters.count(letter) > 1:
            i = letters.index(letter)
            j = letters.index(letter, i + 1)
            rest = [k for k in range(x.ndim) if k not in {i, j}]
            x = diagonal(transpose(x, axes=(*rest, i, j)), offset=0)
            letters = "".join(letters[k] for k in rest) + letter
    gone = tuple(i for i, letter in enumerate(letters) if letter not in wanted)
    if not gone:
        return x, letters
    total: Tracer = sum_(x, axis=gone, keepdims=False)
    return total, "".join(k for k in letters if k in wanted)
