"""Random compositions of matrix functions: simplified gradients are the plain ones.

Nothing here has a name between operations, so that windows are as wide as they get, and
all matrices are square, so that an axis mistaken for another still fits.
"""

import random

import numpy as np
import pytest

import whence

ALONE = [
    np.tanh,
    lambda a: np.exp(a * 0.3),
    lambda a: np.where(a > 0, a, 0.0),
    lambda a: np.maximum(a, 0.1),
    lambda a: a.T,
    lambda a: a / (1 + np.exp(-a)),
    lambda a: np.abs(a) + 0.1,
    lambda a: np.exp(a) / np.sum(np.exp(a), axis=1, keepdims=True),
    lambda a: np.exp(a) / np.sum(np.exp(a), axis=0),
    lambda a: a - np.max(a, axis=1, keepdims=True),
    lambda a: np.log(1 + np.exp(a)),
    lambda a: a[[2, 0, 1]],
    lambda a: a[np.arange(3), [1, 2, 0]][:, None] + 0 * a,
    lambda a: a / np.sqrt(np.sum(a**2, axis=1, keepdims=True)),
    lambda a: a - np.log(np.sum(np.exp(a), axis=1, keepdims=True)),
    lambda a: np.broadcast_to(a.sum(axis=1), (3, 3)),
    lambda a: np.tile(a[0], (3, 1)),
    lambda a: np.where(a > 0.2, np.sqrt(np.where(a > 0.2, a, 1.0)), a),
    lambda a: np.log(1 / (1 + np.exp(-a))),
    lambda a: np.hypot(a, a.T + 1),
    lambda a: a.reshape(9)[::-1].reshape(3, 3),
    lambda a: np.einsum("ij,kj->ik", a, a),
    lambda a: np.outer(a[0], a[:, 1]),
    lambda a: np.var(a, axis=0) * a,
    lambda a: np.linalg.solve(a + 4 * np.eye(3), a),
    lambda a: np.prod(a, axis=1, keepdims=True) + a,
]
TOGETHER = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a @ b,
    lambda a, b: a @ b.T,
    lambda a, b: a / (np.abs(b) + 1),
    lambda a, b: np.where(a > b, a * b, b),
    lambda a, b: a * b.sum(axis=0),
    lambda a, b: a * b.sum(axis=1, keepdims=True),
]
LAST = [
    np.sum,
    np.mean,
    lambda a: np.sum(a**2),
    lambda a: np.log(np.sum(np.exp(a))),
    lambda a: a[0, 1] * a[2, 2],
    lambda a: np.trace(a @ a),
    np.linalg.norm,
]


def program(seed):
    """A function of two matrices, drawn by a seed."""
    draw = random.Random(seed)
    steps = [
        (draw.choice(ALONE), None)
        if draw.random() < 0.6
        else (draw.choice(TOGETHER), draw.randrange(9))
        for _ in range(draw.randint(1, 5))
    ]
    last = draw.choice(LAST)

    def f(x, c):
        values = [x, c, x * c]
        for step, other in steps:
            more = () if other is None else (values[other % len(values)],)
            values.append(step(values[-1], *more))
        return last(values[-1])

    return f


@pytest.mark.parametrize("block", range(6))
def test_simplified_gradients_of_compositions_are_the_plain_ones(block):
    compared = 0
    for seed in range(30 * block, 30 * block + 30):
        f, numbers = program(seed), np.random.default_rng(seed)
        x, c = numbers.normal(size=(2, 3, 3))
        with np.errstate(all="ignore"):
            value = f(x, c)
        if not np.isfinite(value) or abs(value) > 1e6:
            continue
        plain = whence.grad(f, recognise=False)(x, c)
        found = whence.grad(f)(x, c)
        if np.isfinite(plain).all():
            size = max(1.0, np.max(np.abs(plain)))
            np.testing.assert_allclose(found, plain, rtol=1e-8, atol=1e-8 * size)
            compared += 1
    assert compared > 20
