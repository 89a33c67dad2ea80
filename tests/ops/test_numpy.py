"""NumPy's functions on traced values: the values are NumPy's, the gradients are right.

Each line is a function written with NumPy, and the shapes it is given. Evaluated on
arrays it is NumPy itself; recorded, its graph must give the same.
"""

import operator

import numpy as np
import pytest

from strategies import close, differences, inner, recorded
from whence.core.check import check
from whence.transform.forward import jvp
from whence.transform.reverse import vjp

PLACES = np.array([2, 0, 2])
TABLE = np.array([[0, 2], [1, 0]])
MASK = np.array([True, False, True, True])
WEIGHTS = np.arange(1.0, 4.0)


def assigned(x, *pairs):
    x = x.copy()
    for index, value in pairs:
        x[index] = value
    return x


def through_views(x):
    y = x * 1
    row = y[1]
    row[0] = 5 * x[0, 0]
    y.T[1] += x[:, 0]
    part = y[:, 1:][::-1]
    part *= 2
    return y, row, part


def added_in_place(x, y):
    total = np.zeros_like(x)
    for row in y:
        total += row * x
    return total


FUNCTIONS = {
    # arithmetic
    "operators": (lambda x, y: (x + y) * (x - y) / y - -x, (3,), (3,)),
    "powers": (lambda x, y: x**2 + x**-1 + 2**y + x**y, (3,), (3,)),
    "square, reciprocal": (lambda x: np.square(x) + np.reciprocal(x), (3,)),
    "float_power": (lambda x: np.float_power(x, 2.5) + np.positive(x), (3,)),
    "degrees": (lambda x: np.sin(np.deg2rad(x)) + np.degrees(x), (3,)),
    "remainders": (lambda x: x % 0.7 + np.fmod(x, 0.4) + x // 0.3, (3,)),
    "divmod": (lambda x: list(np.divmod(x, 0.7)), (3,)),
    "broadcast operands": (lambda x, y: x * y[:, None] + x, (2, 3), (2,)),
    "np.add with dtype": (lambda x: np.add(x, 1, dtype="float64"), (3,)),
    "fabs, sign": (lambda x: np.fabs(x) * np.sign(x), (3,)),
    "nan_to_num": (lambda x: np.nan_to_num(x * 2), (3,)),
    "heaviside": (lambda x: np.heaviside(x - 1, 0.5) * x, (4,)),
    "outer ufuncs": (
        lambda x, y: np.add.outer(x, y) * np.multiply.outer(x, y),
        (2,),
        (3,),
    ),
    # rounding and tests
    "rounding": (
        lambda x: np.floor(x) + np.ceil(x) + np.trunc(x) + np.rint(x) + x,
        (4,),
    ),
    "round": (lambda x: np.round(x, 1) + x.round() + x, (4,)),
    "finite": (lambda x: np.where(np.isfinite(x) & ~np.isnan(x), x, 0.0), (3,)),
    "array_equal": (lambda x: np.where(np.array_equal(x, x), x, 0), (3,)),
    "allclose": (lambda x: np.where(np.allclose(x, x + 1e-12), x, 0), (3,)),
    "logical": (
        lambda x: np.where(np.logical_or(x > 1, np.logical_not(x < 0.5)), x, 0),
        (5,),
    ),
    "logical_xor": (lambda x: np.where(np.logical_xor(x > 1, x > 0.7), x, 0), (5,)),
    # choices
    "where": (lambda x, y: np.where(x > y, x * y, y - x), (3,), (3,)),
    "clip": (lambda x: np.clip(x, 0.5, 1.1) + x.clip(min=0.6), (5,)),
    "clip with arrays": (lambda x, y: np.clip(x, y, 2 * y), (5,), (5,)),
    "extremes of two": (lambda x, y: np.maximum(x, y) - np.fmin(x, y), (4,), (4,)),
    # reductions
    "sums": (
        lambda x: [np.sum(x), x.sum(0), x.sum(axis=(0, 1), keepdims=True)],
        (2, 3),
    ),
    "means": (
        lambda x: [np.mean(x), x.mean(-1), x.mean(axis=0, keepdims=True)],
        (2, 3),
    ),
    "products": (lambda x: [np.prod(x), x.prod(0), x.prod(axis=1)], (3, 5)),
    "extremes": (lambda x: [np.max(x), x.min(0), x.max(axis=1, keepdims=True)], (2, 3)),
    "spread": (lambda x: [np.var(x), x.std(0), np.std(x, axis=1, ddof=1)], (3, 4)),
    "ptp, average": (lambda x: [np.ptp(x), np.average(x, 1, WEIGHTS)], (2, 3)),
    "argmax as index": (lambda x: x[np.argmax(x)] + x[x.argmin()], (4,)),
    "any, all": (lambda x: np.where(np.any(x > 1) | np.all(x > 0), x, 0), (4,)),
    "count_nonzero": (lambda x: x * np.count_nonzero(x > 1), (4,)),
    "reduce of ufuncs": (
        lambda x: [
            np.add.reduce(x),
            np.multiply.reduce(x, axis=1),
            np.maximum.reduce(x),
        ],
        (2, 3),
    ),
    "accumulate of ufuncs": (
        lambda x: np.add.accumulate(x) + np.multiply.accumulate(x, 1),
        (2, 3),
    ),
    "cumsum": (lambda x: [np.cumsum(x), x.cumsum(1), np.cumsum(x, axis=0)], (2, 3)),
    "cumprod": (lambda x: [np.cumprod(x), x.cumprod(axis=1)], (3, 5)),
    "norms": (
        lambda x: [np.linalg.norm(x), np.linalg.norm(x, axis=0), np.linalg.norm(x, 1)],
        (2, 3),
    ),
    "other norms": (
        lambda x: [np.linalg.norm(x[0], p) for p in (1, 2, 3, np.inf, -np.inf, 0)],
        (2, 3),
    ),
    "matrix norms": (
        lambda x: [np.linalg.norm(x, p) for p in ("fro", np.inf, 1, -1)],
        (2, 3),
    ),
    "norm with keepdims": (lambda x: np.linalg.norm(x, axis=1, keepdims=True), (2, 3)),
    "vector_norm": (lambda x: np.linalg.vector_norm(x, axis=1, ord=1), (2, 3)),
    "median": (lambda x: [np.median(x), np.median(x, axis=1)], (3, 4)),
    "sort": (lambda x: [np.sort(x, axis=0), np.sort(x), np.sort(x, axis=None)], (3, 4)),
    "take_along_axis": (lambda x: np.take_along_axis(x, TABLE, 1), (2, 3)),
    # shapes
    "reshape": (
        lambda x: [x.reshape(3, 2), x.reshape((-1,)), x.reshape(-1, 1)],
        (2, 3),
    ),
    "ravel": (lambda x: [x.ravel(), x.flatten(), np.ravel(x)], (2, 3)),
    "transposes": (
        lambda x: [x.T, x.transpose(1, 0, 2), np.transpose(x, (2, 0, 1)), x.mT],
        (2, 3, 4),
    ),
    "axes": (
        lambda x: [np.swapaxes(x, 0, -1), np.moveaxis(x, 0, -1), np.moveaxis(x, 2, 0)],
        (2, 3, 4),
    ),
    "moved axes": (lambda x: np.moveaxis(x, (0, 1), (-1, 0)), (2, 3, 4)),
    "expand, squeeze": (
        lambda x: [
            np.expand_dims(x, (0, 2)),
            np.squeeze(x[None]),
            x[:, None].squeeze(1),
        ],
        (2, 3),
    ),
    "atleast": (lambda x: [np.atleast_1d(x[0, 0]), np.atleast_2d(x[0])], (2, 3)),
    "broadcast_to": (lambda x: np.broadcast_to(x, (4, 2, 3)), (2, 3)),
    "broadcast_arrays": (lambda x, y: list(np.broadcast_arrays(x, y)), (2, 1), (3,)),
    "likes": (
        lambda x: x + np.zeros_like(x) + np.ones_like(x) + np.full_like(x, 3.0),
        (2, 3),
    ),
    "sizes": (lambda x: x / np.size(x) + np.ndim(x) * np.shape(x)[0] + len(x), (2, 3)),
    "copies": (lambda x: np.copy(x) + x.copy() + x.astype(np.float64), (3,)),
    "real numbers": (lambda x: x.real + np.real(x) + x.conj() + np.imag(x), (3,)),
    # joining
    "concatenate": (lambda x, y: np.concatenate([x, y, x * y[0]]), (2, 3), (1, 3)),
    "concatenate flat": (lambda x, y: np.concatenate((x, y), axis=None), (2, 3), (2,)),
    "concatenate constants": (lambda x: np.concatenate([x, WEIGHTS]), (2,)),
    "stack": (lambda x, y: [np.stack([x, y]), np.stack([x, y], axis=-1)], (3,), (3,)),
    "stack numbers": (lambda x: np.stack([x[0], 2.0, x[1] * x[0]]), (2,)),
    "vstack, hstack": (lambda x, y: [np.vstack([x, y]), np.hstack([x, y])], (3,), (3,)),
    "column_stack": (lambda x, y: np.column_stack([x, y]), (3,), (3, 2)),
    "append": (lambda x: np.append(x, x[0]), (3,)),
    "split": (lambda x: [*np.split(x, 3), *np.array_split(x, 2)], (6,)),
    "split at": (lambda x: np.split(x, [1, 4], axis=1), (2, 6)),
    "hsplit, vsplit": (lambda x: [*np.hsplit(x, 2), *np.vsplit(x, 2)], (2, 4)),
    "flips": (
        lambda x: [np.flip(x), np.flip(x, 1), np.flipud(x), np.fliplr(x)],
        (2, 3),
    ),
    "roll": (
        lambda x: [np.roll(x, 1), np.roll(x, -2, axis=1), np.roll(x, 7, 0)],
        (2, 3),
    ),
    "tile": (lambda x: [np.tile(x, 2), np.tile(x, (2, 1, 3))], (2, 3)),
    "repeat": (lambda x: [np.repeat(x, 2), x.repeat(3, axis=1)], (2, 3)),
    "repeat by counts": (lambda x: np.repeat(x, [1, 0, 2], axis=1), (2, 3)),
    "pad": (lambda x: [np.pad(x, 1), np.pad(x, ((0, 1), (2, 0)))], (2, 3)),
    "pad with ones": (lambda x: np.pad(x, 1, constant_values=1.0), (2,)),
    "diff": (lambda x: [np.diff(x), np.diff(x, 2, axis=0)], (3, 4)),
    # triangles and diagonals
    "triangles": (lambda x: np.tril(x) + np.triu(x, 1) * 2 + np.tril(x, -1), (3, 3)),
    "diag": (
        lambda x: [np.diag(x), np.diag(x[0]), np.diag(x, 1), np.diag(x[0], -1)],
        (3, 3),
    ),
    "diagonal": (lambda x: [np.diagonal(x), x.diagonal(1, 0, 2)], (3, 3, 4)),
    "trace": (lambda x: [np.trace(x), np.trace(x, 1), np.linalg.trace(x)], (3, 3)),
    # indexing
    "ints": (lambda x: [x[1], x[-1, 0], x[(0, 2)]], (2, 3)),
    "slices": (lambda x: [x[:, 1:], x[::-1], x[:, ::-2], x[1:, None]], (3, 4)),
    "ellipsis": (lambda x: [x[...], x[..., 0], x[0, ..., None], x[None]], (2, 3, 4)),
    "arrays": (lambda x: [x[PLACES], x[PLACES, [0, 1, 1]], x[:, [0, 0]]], (3, 2)),
    "tables": (lambda x: [x[TABLE], x[0, TABLE], x[TABLE, :, PLACES[:2]]], (3, 3, 3)),
    "mixed": (
        lambda x: [x[0, :, [0, 1]], x[:, 0, [0, 1]], x[[0], None, [1]]],
        (2, 3, 4),
    ),
    "masks": (lambda x: [x[MASK], x[x > 1], x[MASK, 0] if x.ndim > 1 else x], (4,)),
    "mask of rows": (lambda x: x[MASK, 1:], (4, 3)),
    "traced ints": (lambda x: x[np.argsort(x)], (4,)),
    "take": (
        lambda x: [np.take(x, 1), np.take(x, PLACES, axis=0), x.take([0], 1)],
        (3, 2),
    ),
    "compress": (lambda x: np.compress(MASK, x, axis=0), (4, 2)),
    "one-hot": (lambda x: np.eye(3)[1] @ x + (x * np.eye(3)[PLACES]).sum(), (3,)),
    "unpacking": (lambda x: [a * b for a, b in x], (3, 2)),
    # writing
    "assign ints": (lambda x, y: assigned(x, (0, y[0]), (-1, 2.0), (1, x[2])), 4, 2),
    "assign slices": (
        lambda x, y: assigned(x, (slice(1, 3), y), (0, y[0])),
        (4,),
        (2,),
    ),
    "assign arrays": (lambda x, y: assigned(x, (PLACES, y), ([1], 0.0)), (4,), (3,)),
    "assign masks": (lambda x: assigned(x, (x > 1, 0.0), (MASK, x[0])), (4,)),
    "assign by mask": (lambda x, y: assigned(x, (MASK, y)), (4,), (3,)),
    "assign all": (lambda x, y: assigned(x, (Ellipsis, y)), (2, 3), (3,)),
    "views": (through_views, (2, 3)),
    "in place": (added_in_place, (3,), (2, 3)),
    # products
    "matmul": (
        lambda x, y: [x @ y, x @ y[:, 0], x[0] @ y, x[0] @ y[:, 1]],
        (2, 3),
        (3, 4),
    ),
    "stacks": (
        lambda x, y: [x @ y, x[0] @ y, x @ y[0], x[:1] @ y],
        (5, 2, 3),
        (5, 3, 4),
    ),
    "constant factor": (lambda x: np.ones((2, 3)) @ x + x.dot(np.ones(2))[0], (3, 2)),
    "dot": (
        lambda x, y: [x.dot(y), np.dot(2.0, x), np.dot(x, y[:, 0])],
        (2, 3),
        (3, 4),
    ),
    "dot of stacks": (lambda x, y: np.dot(x, y), (2, 3), (4, 3, 2)),
    "outer, inner": (
        lambda x, y: [np.outer(x, y), np.inner(x, y), np.vdot(x, y)],
        3,
        3,
    ),
    "inner of rows": (lambda x, y: np.inner(x, y), (2, 3), (4, 3)),
    "tensordot": (
        lambda x, y: [np.tensordot(x, y), np.tensordot(x, y, axes=([0, 1], [1, 0]))],
        (3, 3),
        (3, 3),
    ),
    "tensordot of one axis": (lambda x, y: np.tensordot(x, y, axes=1), (2, 3), (3, 4)),
    "multi_dot": (lambda x, y: np.linalg.multi_dot([x, y, x]), (2, 3), (3, 2)),
    "einsum": (
        lambda x, y: [
            np.einsum(spec, x, y)
            for spec in ("ij,jk->ik", "ij,jk->ki", "ij,jk", "ij,jk->", "ij,jk->j")
        ],
        (2, 3),
        (3, 4),
    ),
    "einsum of one": (
        lambda x: [np.einsum(spec, x) for spec in ("ii", "ii->i", "ij->ji", "ij->j")],
        (3, 3),
    ),
    "einsum of three": (
        lambda x, y: (
            np.einsum("ij,jk,k->i", x, y, np.ones(4))
            + np.einsum("ij,jk,kl", x, y, y.T)[0, 0]
        ),
        (2, 3),
        (3, 4),
    ),
    "einsum with dots": (
        lambda x, y: [
            np.einsum("...ij,...jk->...ik", x, y),
            np.einsum("...j,j", x, y[0, :, 0]),
        ],
        (5, 2, 3),
        (5, 3, 4),
    ),
    # linear algebra
    "inv": (lambda x: np.linalg.inv(x + 4 * np.eye(3)), (3, 3)),
    "solve": (lambda x, y: np.linalg.solve(x + 4 * np.eye(3), y), (3, 3), (3,)),
    "solve for columns": (lambda x, y: np.linalg.solve(x, y), (2, 3, 3), (3, 2)),
    "solve stacks": (lambda x, y: np.linalg.solve(x, y), (2, 3, 3), (3,)),
    "det": (lambda x: [np.linalg.det(x), *np.linalg.slogdet(x)], (3, 3)),
    "cholesky": (lambda x: np.linalg.cholesky(x @ x.T + np.eye(3)), (3, 3)),
    "matrix_power": (
        lambda x: [np.linalg.matrix_power(x, n) for n in (0, 1, 3, -1)],
        (3, 3),
    ),
    "matrix_transpose": (lambda x: np.linalg.matrix_transpose(x) @ x, (2, 3, 4)),
    # Python's own
    "sum of a list": (lambda x: sum([x[0], x[1], 3.0]), (2,)),
    "abs, pow, neg": (lambda x: abs(-x) + pow(x, 3), (3,)),
    "operator module": (lambda x: operator.mul(x, 2) + operator.getitem(x, 0), (3,)),
}


def given(shapes):
    rng = np.random.default_rng(3)
    shapes = [s if isinstance(s, tuple) else (s,) for s in shapes]
    return [0.2 + 1.5 * rng.uniform(size=shape) for shape in shapes]


every_function = pytest.mark.parametrize("name", FUNCTIONS)


@every_function
def test_a_recorded_function_gives_what_numpy_gives(name):
    function, *shapes = FUNCTIONS[name]
    x = given(shapes)
    graph, captured = recorded(function, *x)
    found = check(graph)(*x, *captured)
    wanted = function(*x)
    wanted = wanted if isinstance(wanted, (tuple, list)) else (wanted,)
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == np.shape(b) and a.dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


@every_function
def test_its_derivatives_agree_with_differences_in_both_modes(name):
    function, *shapes = FUNCTIONS[name]
    x = given(shapes)
    graph, captured = recorded(function, *x)
    rng = np.random.default_rng(4)
    x_dot = [rng.normal(size=a.shape) for a in x]
    wrt, count = graph.inputs[: len(x)], len(graph.outputs)
    moving = [y.aval.moves for y in graph.outputs]
    y_dot = check(jvp(graph, wrt))(*x, *captured, *x_dot)[count:]
    y_dot = [y for y, m in zip(y_dot, moving, strict=True) if m]

    def outputs(*arrays):
        found = graph(*arrays, *captured)
        return [y for y, m in zip(found, moving, strict=True) if m]

    assert close(y_dot, differences(outputs, x, x_dot, 1e-4), 1e-6)
    y_bar = [rng.normal(size=y.aval.shape) for y in graph.outputs]
    x_bar = check(vjp(graph, wrt))(*x, *captured, *y_bar)[count:]
    bars = [y for y, m in zip(y_bar, moving, strict=True) if m]
    one, other = inner(bars, y_dot), inner(x_bar, x_dot)
    assert abs(one - other) <= 1e-10 * max(abs(one), 1)
