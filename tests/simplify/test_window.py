"""Windows: how large one is, as equations and as a term."""

import numpy as np

import whence
from strategies import traced
from whence.simplify.window import TALLEST, look


def doubled(x, times):
    """A number doubled so often, each time as what was added to itself."""
    for _ in range(times):
        x = x + x
    return x


def window(times):
    """The whole program as a window."""
    graph = traced(lambda x: doubled(x, times), 1.0)
    made = {y: e for e in graph.equations for y in e.results}
    return look(graph.outputs[0], made, graph.inputs.__contains__)


def test_a_window_of_few_equations_with_a_tall_term_is_wide():
    assert not window(5).wide
    assert TALLEST < 2**20
    assert window(20).wide


def test_what_is_used_twice_again_and_again_is_differentiated():
    def function(x):
        y = doubled(np.exp(x), 60)
        return y / (1 + y * y)

    assert np.isfinite(whence.grad(whence.grad(function))(-41.0))


def test_a_long_loop_of_exponentials_is_differentiated():
    def function(x):
        for _ in range(80):
            x = np.tanh(x) * 1.01 + np.exp(-x) / (1 + x * x)
        return x

    assert np.isfinite(whence.grad(function)(1.0))
