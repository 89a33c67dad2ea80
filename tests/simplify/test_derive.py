"""Derivatives simplified as they form: the same numbers as the plain ones."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

import whence
from strategies import close, differences, recorded
from terms import FUNCTIONS, expressions
from whence import special
from whence.core.check import check
from whence.core.primitive import PRIMITIVES
from whence.simplify.derive import derive
from whence.simplify.recognise import recognise
from whence.simplify.stops import stops
from whence.transform.reverse import vjp

SHAPES = {"x": (2, 3), "y": (3,), "p": (2, 1)}
seeds = st.integers(0, 2**16)


def gradients(function, arrays):
    """The gradient by the plain transform, and the one simplified as it forms."""
    graph, captured = recorded(function, *arrays)
    wrt, every = graph.inputs[: len(arrays)], [*arrays, *captured]
    known, _ = recognise(graph)
    derived = derive(known, wrt, stops(known, wrt), seed=1.0)
    with np.errstate(all="ignore"):
        wanted = vjp(graph, wrt, seed=1.0)(*every)[1:]
        found = check(derived.graph)(*every)[1:]
    return found, wanted


def agreeing(function, *arrays, rtol=1e-9):
    """Both gradients of a function, which must agree where the plain one is finite."""
    arrays = [np.asarray(x, float) for x in arrays]
    found, wanted = gradients(function, arrays)
    for f, w in zip(found, wanted, strict=True):
        assert f.shape == w.shape
        known = np.isfinite(w)
        size = max(1.0, np.max(np.abs(w[known]), initial=0))
        np.testing.assert_allclose(f[known], w[known], rtol=rtol, atol=rtol * size)
    return found, wanted


def computed(expression, at):
    """An expression of strategies `expressions` as a program."""
    if not isinstance(expression, tuple):
        return at[expression] if isinstance(expression, str) else float(expression)
    name, *parts = expression
    values = [computed(x, at) for x in parts]
    if name in ("sigmoid", "softplus"):
        return getattr(special, {"sigmoid": "expit"}.get(name, name))(values[0])
    names = {"sub": "subtract", "mul": "multiply", "div": "divide"}
    if name == "power" and values[1] == int(values[1]):
        values[1] = int(values[1])
    return getattr(np, names.get(name, name))(*values)


@settings(max_examples=200)
@given(expressions(7), seeds)
def test_random_expressions_have_the_plain_gradient(expression, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.uniform(0.2, 2.0, shape) for shape in SHAPES.values()]

    def function(x, y, p):
        return np.sum(computed(expression, {"x": x, "y": y, "p": p}) * 1.5)

    with np.errstate(all="ignore"):
        value = function(*arrays)
        assume(np.isfinite(value) and abs(value) < 1e6)
        found, wanted = gradients(function, arrays)
    for f, w in zip(found, wanted, strict=True):
        assume(np.all(np.isfinite(w)) and np.max(np.abs(w)) < 1e6)
        size = max(1.0, np.max(np.abs(w)), abs(value))
        assert np.max(np.abs(f - w)) <= 1e-7 * size


LAYERS = ("tanh", "sigmoid", "relu", "square", "softmax", "none")
HEADS = ("squares", "absolute", "cross entropy", "logsumexp", "norm", "mean", "picked")
layers = st.lists(
    st.tuples(st.sampled_from(LAYERS), st.booleans(), st.integers(2, 4)),
    min_size=1,
    max_size=4,
)


def activated(name, a):
    """One activation, some spelled out."""
    match name:
        case "tanh":
            return np.tanh(a)
        case "sigmoid":
            return 1 / (1 + np.exp(-a))
        case "relu":
            return np.maximum(a, 0)
        case "square":
            return 0.1 * a**2
        case "softmax":
            e = np.exp(a - np.max(a, axis=1, keepdims=True))
            return e / np.sum(e, axis=1, keepdims=True)
    return a


def headed(name, h, target):
    """One number of a matrix."""
    match name:
        case "squares":
            return np.sum((h - target) ** 2) / len(h)
        case "absolute":
            return np.mean(np.abs(h - target))
        case "cross entropy":
            e = np.exp(h)
            p = e / np.sum(e, axis=1, keepdims=True)
            return -np.mean(np.sum(target * np.log(p), axis=1))
        case "logsumexp":
            return np.mean(np.log(np.sum(np.exp(h), axis=1)))
        case "norm":
            return np.sqrt(np.sum(h**2) + 0.1)
        case "mean":
            return np.mean(h) ** 2
    return -np.sum(h[np.arange(len(h)), 0]) + h[0, -1]


@settings(max_examples=60)
@given(layers, st.sampled_from(HEADS), seeds)
def test_random_networks_have_the_plain_gradient(plan, head, seed):
    rng = np.random.default_rng(seed)
    arrays, width = [rng.normal(size=(3, 2))], 2
    for _, _, wider in plan:
        arrays += [rng.normal(size=(width, wider)), rng.normal(size=wider)]
        width = wider
    target = rng.normal(size=(3, width))

    def network(X, *parameters):
        h = X
        for i, (name, bias, _) in enumerate(plan):
            a = h @ parameters[2 * i]
            h = activated(name, a + parameters[2 * i + 1] if bias else a)
        return headed(head, h, target)

    found, wanted = gradients(network, arrays)
    assert close(found, wanted, 1e-9)


V, M = np.array([0.0, 4.0, -1.0]), np.array([[0.0, 4.0], [-1.0, 2.0]])
MASKED = {
    "sqrt behind where": lambda x: np.sum(np.where(x > 0, np.sqrt(np.abs(x)), 0.0)),
    "log behind where": lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)),
    "division behind where": lambda x: np.sum(np.where(x == 0, x, 1 / x)),
    "square root past an index": lambda x: np.sqrt(x)[1],
    "log past an index": lambda x: np.log(x)[np.array([1])].sum(),
    "x log x": lambda x: np.sum(np.where(x > 0, x * np.log(x), 0.0)),
    "a safe norm": lambda x: np.sum(np.where(x > 0, np.sqrt(np.maximum(x, 0)), -x)),
    "two masks": lambda x: np.sum(
        np.where(x > 0, np.where(x > 1, np.log(x), np.sqrt(x)), x**2)
    ),
    "a power behind where": lambda x: np.sum(np.where(x > 0, x**0.5, 0)),
    "an exponential behind where": lambda x: np.sum(
        np.where(x < 2, np.exp(x**3), 1.0 * x)
    ),
    "a chain behind where": lambda x: np.sum(
        np.where(x > 0, np.exp(np.sqrt(x)) / x, x)
    ),
}


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_strong_zero_stays_zero_when_simplified(name, dtype):
    x = V.astype(dtype)
    (found,), (wanted,) = gradients(MASKED[name], [x])
    assert np.all(np.isfinite(wanted)), "the plain gradient is finite"
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    for recognised in (True, False):
        with np.errstate(all="ignore"):
            grad = whence.grad(MASKED[name], recognise=recognised)
            np.testing.assert_allclose(grad(x), wanted, rtol=1e-6)


ZOO = {
    "a polynomial": (lambda x: np.sum(x**3 - 2 * x), V),
    "a quotient": (lambda x: np.sum(x / (1 + x**2)), V),
    "trigonometric": (lambda x: np.sum(np.sin(x) * np.cos(2 * x)), V),
    "a sigmoid": (lambda x: np.sum(1 / (1 + np.exp(-x))), V),
    "softplus": (lambda x: np.sum(np.log(1 + np.exp(x))), V),
    "softmax": (lambda x: (np.exp(x) / np.sum(np.exp(x)))[1], V),
    "softmax of rows": (
        lambda x: np.sum((np.exp(x) / np.exp(x).sum(1, keepdims=True)) ** 2),
        M,
    ),
    "softmax of columns": (
        lambda x: np.sum((np.exp(x) / np.exp(x).sum(0)) ** 2),
        M,
    ),
    "no softmax": (lambda x: np.sum((np.exp(x) / np.exp(x).sum(1)) ** 2), M),
    "logsumexp": (lambda x: np.log(np.sum(np.exp(x))), V),
    "a norm": (lambda x: np.sqrt(np.sum(x**2)), V),
    "norms of rows": (lambda x: np.sum(np.sqrt(np.sum(x**2, axis=1))), M),
    "a tanh": (
        lambda x: np.sum((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
        V,
    ),
    "a determinant": (lambda x: np.linalg.det(x), M),
    "an inverse": (lambda x: np.sum(np.linalg.inv(x)), M),
    "a trace": (lambda x: np.trace(x @ x @ x), M),
    "a quadratic form": (lambda x: x @ np.outer(x, x + 1) @ x, V),
    "sorted": (lambda x: np.sum(np.sort(x) * np.arange(3.0)), V),
    "cumulated": (lambda x: np.sum(np.cumsum(x) ** 2), V),
    "a product": (lambda x: np.prod(x + 2), V),
    "a maximum": (lambda x: np.max(x) * np.min(x), V),
    "a clip": (lambda x: np.sum(np.clip(x, -0.5, 2.0) ** 2), V),
    "an absolute value": (lambda x: np.sum(np.abs(x + 0.5) ** 3), V),
    "a stack": (lambda x: np.sum(np.stack([x, x**2]) @ x), V),
    "reshaped": (lambda x: np.sum(x.reshape(4)[::-1] * np.arange(4.0)), M),
    "transposed": (lambda x: np.sum((x.T @ x) ** 2), M),
    "a mean and a variance": (lambda x: np.mean((x - x.mean()) ** 2), V),
    "normalised rows": (
        lambda x: np.sum(
            ((x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)) ** 3
        ),
        M,
    ),
    "powers of a variable": (lambda x: np.sum(np.abs(x + 5) ** x), V),
    "hypot": (lambda x: np.hypot(x[1], x[2]), V),
    "arctan2": (lambda x: np.arctan2(x[1], x[2]), V),
    "einsum": (lambda x: np.einsum("ij,jk,ki->", x, x, x), M),
    "gathered": (lambda x: np.sum(x[np.array([0, 0, 2])] ** 2), V),
    "row entries": (lambda x: np.sum(np.log(2 + x[np.arange(2), [1, 0]])), M),
}


@pytest.mark.parametrize("name", ZOO)
def test_grad_with_and_without_recognition_agree(name):
    function, x = ZOO[name]
    with_it = whence.grad(function)(x)
    without = whence.grad(function, recognise=False)(x)
    assert with_it.shape == x.shape
    np.testing.assert_allclose(with_it, without, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ZOO)
def test_derivatives_that_are_simplified_differentiate_again(name):
    function, x = ZOO[name]
    found = whence.hessian(function)(x)
    slope = whence.grad(function, recognise=False)
    direction = [np.random.default_rng(3).normal(size=x.shape)]
    (curved,) = differences(lambda x: [slope(x)], [x], direction, step=3e-4)
    pushed = np.tensordot(found, direction[0], axes=x.ndim)
    size = max(1.0, np.max(np.abs(curved)))
    np.testing.assert_allclose(pushed, curved, rtol=1e-5, atol=1e-5 * size)


@pytest.mark.parametrize("name", ZOO)
def test_the_simplified_gradient_is_the_plain_one(name):
    function, x = ZOO[name]
    agreeing(lambda x: function(x) * 1.0, x)


def test_every_function_of_the_random_expressions_is_an_operation():
    assert set(FUNCTIONS) <= set(PRIMITIVES)
