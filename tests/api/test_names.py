"""Leaves are called what the program calls them."""

from typing import NamedTuple

import numpy as np
import pytest

from whence import trace


class Layer(NamedTuple):
    W: object
    b: object


PAIR = (np.ones(3), 2.0)
LAYERS = [(np.ones((3, 3)), 1.0), (np.ones((3, 3)), 2.0)]


def unpacked(params):
    w, b = params
    return w * b


def looped(params, x):
    for W, b in params:
        x = W @ x + b
    return x


def sliced(params, x):
    for W, b in params[:-1]:
        x = W @ x + b
    W, b = params[-1]
    return W @ x + b


def counted(params, x):
    for i, (W, b) in enumerate(params):
        x = W @ x + b * i
    return x


def zipped(weights, offsets):
    return sum(np.sum(W) * b for W, b in zip(weights, offsets, strict=True))


def loss(params, x):
    return np.sum(looped(params, x))


def nested(model):
    (w, b), scale = model["head"], model["scale"]
    return w * b * scale


def never(params):
    return params[0] * params[1]


x = np.ones(3)
CASES = {
    "unpacked": (unpacked, (PAIR,), "w b"),
    "list": (unpacked, (list(PAIR),), "w b"),
    "looped": (looped, (LAYERS, x), "W1 b1 W2 b2 x"),
    "sliced": (sliced, (LAYERS, x), "W1 b1 W2 b2 x"),
    "counted": (counted, (LAYERS, x), "W1 b1 W2 b2 x"),
    "zipped": (zipped, ([x, x], [1.0, 2.0]), "W1 W2 b1 b2"),
    "handed on": (loss, (LAYERS, x), "W1 b1 W2 b2 x"),
    "nested": (nested, ({"head": PAIR, "scale": 1.0},), "w b scale"),
    "never": (never, (PAIR,), "params1 params2"),
    "keys": (lambda p: p["W"] * p["b"], ({"W": x, "b": 1.0},), "W b"),
    "attributes": (looped, ([Layer(*pair) for pair in LAYERS], x), "W1 b1 W2 b2 x"),
}


@pytest.mark.parametrize(("f", "args", "names"), CASES.values(), ids=CASES)
def test_the_inputs_are_called(f, args, names):
    graph = trace(f, *args)
    assert " ".join(graph.names[y] for y in graph.inputs) == names
