"""Layers told once: what repeats is found by its structure, and every number is right."""

import json

import numpy as np
import pytest

import whence
from whence.explain.folded import folded

draw = np.random.default_rng(7)


def arrays(*shapes):
    return [draw.normal(size=s) * 0.5 for s in shapes]


def net(Ws, bs, x, y):
    h = x
    for W, b in zip(Ws, bs, strict=True):
        h = np.tanh(W @ h + b)
    return 0.5 * np.sum((h - y) ** 2)


def deep(n, width=3):
    shapes = [(width, width)] * n
    return arrays(*shapes), arrays(*[(width,)] * n), *arrays(width, width)


def rnn(Wx, Wh, b, xs, y):
    h = np.zeros(3)
    for x in xs:
        h = np.tanh(Wx @ x + Wh @ h + b)
    return 0.5 * np.sum((h - y) ** 2)


RNN = arrays((3, 2), (3, 3), 3, (5, 2), 3)


def by_hand(W1, b1, W2, b2, W3, b3, x, y):
    h1 = np.tanh(W1 @ x + b1)
    h2 = np.tanh(W2 @ h1 + b2)
    h3 = np.tanh(W3 @ h2 + b3)
    return np.mean((h3 - y) ** 2)


BY_HAND = arrays((4, 3), 4, (5, 4), 5, (2, 5), 2, 3, 2)


def layer(params, h):
    return np.maximum(0, params["W"] @ h + params["b"])


def of_dicts(params, x, y):
    h = x
    for p in params[:-1]:
        h = layer(p, h)
    y_hat = params[-1]["W"] @ h + params[-1]["b"]
    return np.mean((y_hat - y) ** 2)


SIZES = [(5, 4), (6, 5), (4, 6), (2, 4)]
OF_DICTS = [dict(zip("Wb", arrays(s, s[0]), strict=True)) for s in SIZES]


def batch(Ws, bs, X, Y):
    H = X
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        H = 1 / (1 + np.exp(-(H @ W + b)))
    Z = H @ Ws[-1] + bs[-1]
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    return -np.mean(np.sum(Y * np.log(P), axis=1))


BATCH = (
    arrays((3, 4), (4, 4), (4, 4), (4, 2)),
    arrays(4, 4, 4, 2),
    *arrays((5, 3)),
    np.eye(2)[[0, 1, 1, 0, 1]],
)


def residual(Ws, bs, x, y):
    h = x
    for W, b in zip(Ws, bs, strict=True):
        h = h + np.tanh(W @ h + b)
    return 0.5 * np.sum((h - y) ** 2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(W, U, b, xs, y):
    h, c = np.zeros(2), np.zeros(2)
    for x in xs:
        z = W @ x + U @ h + b
        i, f, o = sigmoid(z[:2]), sigmoid(z[2:4]), sigmoid(z[4:6])
        g = np.tanh(z[6:])
        c = f * c + i * g
        h = o * np.tanh(c)
    return 0.5 * np.sum((h - y) ** 2)


LSTM = arrays((8, 3), (8, 2), 8, (4, 3), 2)


def gru(Wz, Uz, Wr, Ur, Wn, Un, xs, y):
    h = np.zeros(2)
    for x in xs:
        z = sigmoid(Wz @ x + Uz @ h)
        r = sigmoid(Wr @ x + Ur @ h)
        n = np.tanh(Wn @ x + Un @ (r * h))
        h = (1 - z) * n + z * h
    return 0.5 * np.sum((h - y) ** 2)


GRU = arrays(*[(2, 3), (2, 2)] * 3, (4, 3), 2)


def orbit(x, steps=40):
    for _ in range(steps):
        x = 1.1 * np.sin(x)
    return x


PROGRAMS = {
    "a loop": (net, deep(4), ("Ws", "bs")),
    "its input": (net, deep(4), ("x",)),
    "by hand": (by_hand, BY_HAND, ("W1", "b1", "W2", "b2", "W3", "b3", "x")),
    "dicts": (of_dicts, (OF_DICTS, *arrays(4, 2)), ("params",)),
    "a batch": (batch, BATCH, ("Ws", "bs")),
    "residual": (residual, deep(5), ("Ws", "bs", "x")),
    "recurrent": (rnn, RNN, ("Wx", "Wh", "b")),
    "its inputs": (rnn, RNN, ("xs",)),
    "lstm": (lstm, LSTM, ("W", "U", "b")),
    "gru": (gru, GRU, ("Wz", "Uz", "Wr", "Ur", "Wn", "Un")),
    "a scalar": (orbit, (0.3,), ("x",)),
}


@pytest.fixture(params=PROGRAMS, scope="module")
def told(request):
    f, args, wrt = PROGRAMS[request.param]
    return f, args, wrt, whence.explain(f, *args, wrt=wrt)


def leaves(x):
    if isinstance(x, dict):
        return [y for v in x.values() for y in leaves(v)]
    return [y for v in x for y in leaves(v)] if isinstance(x, (list, tuple)) else [x]


def test_every_derivation_is_checked_and_folds(told):
    *_, derivation = told
    assert derivation.checked, derivation.story.checks.failure
    assert derivation.story.recursions


def test_results_and_code_give_the_gradient(told):
    f, args, wrt, derivation = told
    wanted = leaves(whence.grad(f, wrt=wrt)(*args))
    found = list(derivation.results.values())
    scope = {}
    exec(derivation.code(), scope)
    point = {k: v for k, v in derivation.story.point.items()}
    takes = scope["gradient"].__code__.co_varnames
    takes = takes[: scope["gradient"].__code__.co_argcount]
    run = leaves(scope["gradient"](**{k: point[k] for k in takes}))
    assert len(wanted) == len(found) == len(run)
    for a, b, c in zip(wanted, found, run, strict=True):
        assert np.allclose(a, b, rtol=1e-9, atol=1e-12)
        assert np.allclose(a, c, rtol=1e-9, atol=1e-12)


def test_code_computes_nothing_twice(told):
    *_, derivation = told
    rights = [
        x.split(" = ", 1)[1] for x in derivation.code().splitlines() if " = " in x
    ]
    long = [x for x in rights if "@" in x]
    assert len(long) == len(set(long))
