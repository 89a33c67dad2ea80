"""A derivation's code runs with NumPy and SciPy alone, and gives the gradient."""

import ast
import sys

import numpy as np
import pytest

import whence

V = np.array([0.3, -1.2, 2.0])
M = np.array([[0.3, -1.2], [1.5, 0.1]])
U = np.array([[0.7, 0.2], [-0.4, 1.1]])


def gated(r, U, h):
    return np.sum(np.tanh(r * (U @ h)) ** 2)


def scaled(s, A, B):
    return np.sum((s * (A @ B) / 3) ** 2)


def chosen(x):
    return np.sum(np.where((x > 0) & (x < 1), x**2, np.where(x < 0, -x, x)))


def captured(x):
    return np.sum(x * np.array([1.0, 2.0, 3.0])) ** 2


def picked(P, y):
    return -np.mean(np.log(P**2)[np.arange(len(y)), y])


PROGRAMS = {
    "a matrix product behind a factor": (gated, {"r": V[:2], "U": M, "h": V[1:]}),
    "a matrix product in a quotient": (scaled, {"s": 2.0, "A": M, "B": U}),
    "conditions joined": (chosen, {"x": V}),
    "a captured array": (captured, {"x": V}),
    "picked entries": (picked, {"P": M, "y": np.array([0, 1])}),
    "a maximum": ("abs(x)*maximum(x, 0)", {"x": 0.7}),
    "a minimum": ("minimum(x, y)*x", {"x": 0.7, "y": 0.5}),
    "powers": ("-x**2 + (-x)**2 + 2**x + x**x", {"x": 1.7}),
    "nested quotients": ("x/(y/(x + 1))/2", {"x": 1.7, "y": 0.3}),
    "a sum of differences": ("(x - (y - x))*(y - (x - y))", {"x": 1.7, "y": 0.3}),
    "special functions": ("log(1 + exp(x))*tanh(x)", {"x": 0.7}),
    "logarithms": ("log2(x)*log10(x) + log1p(x)*expm1(x)", {"x": 0.7}),
    "a quadratic form": (lambda A, x: x @ A @ x, {"A": M, "x": V[:2]}),
    "a trace": (lambda A, X: np.trace(A @ X.T @ X), {"A": M, "X": U}),
    "a determinant": (lambda X: np.log(np.linalg.det(X @ X.T)), {"X": M}),
    "an inverse": (lambda X: np.sum(np.linalg.inv(X)), {"X": M}),
    "a norm": (lambda x: np.linalg.norm(x), {"x": V}),
    "sums along axes": (
        lambda X: np.sum(X.sum(axis=0) ** 2) + np.sum(X.mean(1)),
        {"X": M},
    ),
    "slices": (lambda x: np.sum(x[1:] * x[:-1]), {"x": V}),
    "the largest": (lambda x: np.max(x) * np.min(x), {"x": V}),
    "softmax": (lambda q: np.sum(np.exp(q) / np.sum(np.exp(q)) * q), {"q": V}),
    "logsumexp": (lambda q: np.log(np.sum(np.exp(q))) ** 2, {"q": V}),
    "names of its own": (
        lambda gradient, delta_u: np.tanh(gradient**2 + delta_u) ** 3,
        {"gradient": 0.7, "delta_u": 0.3},
    ),
}
CASES = [
    (name, by)
    for name, (_, at) in PROGRAMS.items()
    for by, value in at.items()
    if np.asarray(value).dtype.kind == "f"
]


@pytest.mark.parametrize(("name", "by"), CASES)
def test_the_code_of_a_derivation_gives_the_gradient(name, by):
    f, at = PROGRAMS[name]
    derivation = whence.explain(f, wrt=by, at=at)
    assert derivation.checked
    space = {}
    source = derivation.code()
    exec(source, space)
    found = space["gradient"](**taken(space["gradient"], at))
    wanted = whence.grad(f, wrt=by, recognise=False)(**at)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-13, err_msg=source)
    assert np.shape(found) == np.shape(wanted)


def taken(function, at):
    """The arguments that generated code takes, by their names."""
    code = function.__code__
    return {k: at[k] for k in code.co_varnames[: code.co_argcount]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_code_of_a_derivation_imports_numpy_and_scipy_alone(name):
    f, at = PROGRAMS[name]
    source = whence.explain(f, at=at).code()
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= {"numpy", "scipy", *sys.stdlib_module_names}
    assert "whence" not in source


def test_the_arguments_of_the_code_are_in_the_order_of_the_function():
    def logistic(w, b, x, y):
        p = 1 / (1 + np.exp(-(w * x + b)))
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))

    source = whence.explain(logistic, 0.5, -0.5, 2.0, 1.0, wrt=("w", "b")).code()
    assert "def gradient(w, b, x, y):" in source


def test_an_exponent_of_several_terms_is_written_in_brackets():
    found = whence.explain("c**(1 - g)", wrt="c", at={"c": 0.5, "g": 0.3})
    assert "c**(1 - g)" in found.code()


def test_a_power_is_transposed_in_brackets():
    def fit(a, x, y):
        return np.sum(a * x**2 * y)

    derivation = whence.explain(fit, 2.0, np.arange(4.0), np.ones(4))
    assert "(x**2).T @" in derivation.code()
