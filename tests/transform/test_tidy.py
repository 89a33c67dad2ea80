import numpy as np
import pytest

import whence.ops  # noqa: F401 - makes every operation known
from whence.api.look import trace
from whence.core.check import check
from whence.transform.reverse import vjp
from whence.transform.tidy import tidy

X = np.array([0.5, -1.0, 2.0])


def names(graph):
    return [e.primitive.name for e in graph.equations]


def tidied(f, *args):
    return check(tidy(trace(f, *args)))


def test_what_nobody_needs_goes():
    def f(x):
        unused = np.exp(x)
        unused = unused + 1
        return x * 2

    assert names(tidied(f, X)) == ["mul"]


def test_what_is_written_twice_is_kept_once():
    graph = tidied(lambda x: np.sin(x) * np.cos(x) + np.sin(x) * np.cos(x), X)
    assert names(graph) == ["sin", "cos", "mul", "add"]


def test_params_are_a_part_of_what_is_the_same():
    f = lambda x: (np.sum(x, axis=0) * np.sum(x, axis=1), np.sum(x, axis=0))
    assert names(tidied(f, np.ones((2, 2)))) == ["sum", "sum", "mul"]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 0,
        lambda x: 0 + x,
        lambda x: x - 0,
        lambda x: x * 1,
        lambda x: 1.0 * x,
        lambda x: x / 1,
    ],
)
def test_zeros_and_ones_go(f):
    graph = tidied(f, X)
    assert names(graph) == []
    assert graph.outputs == graph.inputs


def test_a_float_zero_that_may_change_a_sign_stays():
    assert names(tidied(lambda x: x + 0.0, X)) == ["add"]
    assert names(tidied(lambda x: x * 0, X)) == ["mul"]


def test_values_keep_their_names_and_equations_their_origins():
    def f(x):
        h = np.sin(x)
        again = np.sin(x)
        return h * again

    graph = tidied(f, X)
    assert graph.names[graph.equations[0].results[0]] == "h"
    assert all(str(e.origin.where).startswith("test_tidy") for e in graph.equations)


def test_a_seeded_gradient_has_no_factor_one():
    graph = vjp(trace(lambda x: np.sum(np.sin(x)), X), seed=1.0)
    assert len(tidy(graph).inputs) == 1
    assert "mul" not in names(tidy(graph))
    np.testing.assert_allclose(tidy(graph)(X)[1], np.cos(X))


@pytest.mark.parametrize("seed", [1.0, None])
def test_a_seed_keeps_zeros_strong(seed):
    f = lambda x: np.where(x > 0, np.sqrt(x), 0.0)
    graph = check(vjp(trace(f, 0.0), seed=seed))
    bar = () if seed else (1.0,)
    assert check(tidy(graph))(0.0, *bar)[1] == 0.0
    assert graph(0.0, *bar)[1] == 0.0


def test_tidying_changes_no_number():
    f = lambda x: np.sum(np.exp(x * 1 - 0) / (1 + np.exp(x)) + np.tanh(x) * 1.0)
    graph = vjp(trace(f, X))
    for a, b in zip(graph(X, 1.0), tidy(graph)(X, 1.0), strict=True):
        np.testing.assert_array_equal(a, b)
