"""Deviations from a mean: what is said to sum to 0 does, and only that."""

import numpy as np
import pytest

import whence
from whence.explain.numbers import every_value
from whence.simplify.centred import centred_values

X = np.random.default_rng(0).normal(size=(3, 3))  # square: shapes alone tell nothing


def deviations_of(x):
    return x - np.mean(x)


CENTRED = {
    "columns": lambda X: X - X.mean(0),
    "columns, kept": lambda X: X - X.mean(0, keepdims=True),
    "rows, kept": lambda X: X - X.mean(1, keepdims=True),
    "rows, as a column": lambda X: X - X.mean(1).reshape(3, 1),
    "all": lambda X: X - X.mean(),
    "a vector": lambda X: deviations_of(X[0]),
    "turned round": lambda X: -(X - X.mean(0)),
    "scaled": lambda X: (X - X.mean(0)) / X.std(0),
    "weighted": lambda X: X[:, :1].T * (X - X.mean(0)),
}
OTHER = {
    "means of columns, as a column": lambda X: X - X.mean(0).reshape(3, 1),
    "means of rows, as a row": lambda X: X - X.mean(1, keepdims=True).reshape(1, 3),
    "means of rows, spread over rows": lambda X: X - X.mean(1),
    "a mean of another": lambda X: X - (2 * X).mean(0),
    "divided by what is not the same": lambda X: (X - X.mean(0)) / X,
    "weighted along the axis": lambda X: (X - X.mean(0)) * X[:, :1],
    "a sum": lambda X: X + X.mean(0),
}


@pytest.mark.parametrize("name", [*CENTRED, *OTHER])
def test_what_is_called_centred_sums_to_zero(name):
    graph = whence.trace({**CENTRED, **OTHER}[name], X)
    known = every_value(graph, [X])
    for value, axes in centred_values(graph).items():
        np.testing.assert_allclose(np.sum(known[value], axis=axes), 0, atol=1e-12)


@pytest.mark.parametrize("name", CENTRED)
def test_deviations_from_a_mean_are_centred(name):
    graph = whence.trace(CENTRED[name], X)
    assert graph.outputs[0] in centred_values(graph)


@pytest.mark.parametrize("name", OTHER)
def test_what_only_looks_like_deviations_is_not_centred(name):
    graph = whence.trace(OTHER[name], X)
    assert graph.outputs[0] not in centred_values(graph)


@pytest.mark.parametrize("name", [x for x in (*CENTRED, *OTHER) if x != "a vector"])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_gradient_by_weights_of_deviations_is_their_sum(name, axis):
    """It was 0 for the means of rows as a row: they were taken for those of columns."""
    deviations = {**CENTRED, **OTHER}[name](X)

    def weighted(c, X):
        d = {**CENTRED, **OTHER}[name](X)
        return np.sum(d * (c if axis == 0 else c[:, None]))

    found = whence.grad(weighted)(np.array([1.0, 2.0, 3.0]), X)
    np.testing.assert_allclose(found, deviations.sum(axis=axis), atol=1e-12)
