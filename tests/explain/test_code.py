"""A derivation's code runs with NumPy alone, and gives the gradient."""

import ast
import warnings

import numpy as np
import pytest

import whence
from whence import special
from whence.explain.code import once

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


def imported(source):
    """The modules that code imports."""
    nodes = ast.walk(ast.parse(source))
    assert "whence" not in source
    return {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_code_of_a_derivation_imports_numpy_alone(name):
    f, at = PROGRAMS[name]
    assert imported(whence.explain(f, at=at).code()) == {"numpy"}


Q = np.array([[1e4, 0.0, -1e4], [0.5, -0.25, 1.0]])
SATURATED = {
    "sigmoid": (lambda z: np.sum(special.sigmoid(z) ** 2), Q),
    "softplus": (lambda z: np.sum(special.softplus(z)), Q),
    "log_sigmoid": (lambda z: np.sum(special.log_sigmoid(z)), Q),
    "silu": (lambda z: np.sum(special.silu(z)), Q),
    "softmax": (lambda z: np.sum(special.softmax(z, axis=1)[:, 1] ** 2), Q),
    "softmax of all": (lambda z: special.softmax(z)[0, 1] + np.sum(z), Q),
    "logsumexp": (lambda z: np.sum(special.logsumexp(z, axis=1) ** 2), Q),
    "log_softmax": (lambda z: -np.sum(special.log_softmax(z, axis=1)[:, 0]), Q),
    "xlogy": (lambda p: np.sum(special.xlogy(p, p + 1)), np.array([0.0, 2.0])),
    "logit": (lambda p: np.sum(special.logit(p) ** 2), np.array([0.25, 0.875])),
}


@pytest.mark.parametrize("name", SATURATED)
def test_functions_that_numpy_has_not_are_written_out_and_do_not_overflow(name):
    f, x = SATURATED[name]
    source, scope = whence.explain(f, x).code(), {}
    assert imported(source) == {"numpy"}
    exec(source, scope)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = scope["gradient"](x)
    wanted = whence.grad(f)(x)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-300)


def test_special_functions_come_from_scipy():
    for f in (special.erf, special.gelu, special.ndtr, special.gammaln):
        source = whence.explain(lambda x, f=f: f(x) ** 2, 0.75).code()
        assert imported(source) == {"numpy", "scipy.special"}


def test_a_helper_gets_another_name_where_a_value_has_its_own():
    def loss(w, x):
        sigmoid = 1 / (1 + np.exp(-w * x))
        return np.log(sigmoid) + sigmoid**2

    derivation = whence.explain(loss, 0.5, 2.0)
    scope = {}
    exec(derivation.code(), scope)
    np.testing.assert_allclose(scope["gradient"](0.5, 2.0), derivation.results["w"])
    for step in derivation.steps:
        eval(step.before, dict(derivation.scope))
        eval(step.after, dict(derivation.scope))


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


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("where(x > 0.5, 1/x, x**2)", {"x": 0.0}),
        ("where(x > 0, sqrt(x), x)", {"x": -1.0}),
        ("log(1 + x**2)", {"x": 1e200}),
    ],
)
def test_code_of_plain_numbers_raises_and_warns_no_more_than_numpy(formula, at):
    space = {}
    exec(whence.explain(formula, **at).code(), space)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = space["gradient"](**at)
    np.testing.assert_allclose(found, whence.grad(formula, wrt="x")(**at))


def test_code_that_cannot_fail_takes_numbers_as_they_are():
    assert "np.float64" not in whence.explain("(x**2 + 1)**3", x=2.0).code()


def test_lines_that_several_derivatives_need_are_computed_once():
    def loss(w, b, X, y):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))

    at = np.ones(2), 0.5, M, np.array([1.0, 0.0])
    source = whence.explain(loss, *at, wrt=("w", "b"), order=2).code()
    assert source.count("p = sigmoid(") == 1


def test_a_line_is_computed_again_where_what_it_needs_is_another():
    lines = ["    u = x", "    p = u**2", "    u = y", "    p = u**2", "    p = u**2"]
    assert list(once(lines)) == lines[:4]
    lines = ["    u = x", "    with a:", "        u = y", "    u = x"]
    assert list(once(lines)) == lines


def test_code_divides_by_nothing_that_the_derivative_does_not():
    def focal(z, y, g):
        p = 1 / (1 + np.exp(-z))
        q = y * p + (1 - y) * (1 - p)
        return -np.mean((1 - q) ** g * np.log(q))

    z, y = np.array([0.3, 0.4, -1.0]), np.array([0.0, 1.0, 1.0])
    space = {}
    exec(whence.explain(focal, z, y, 2.0, wrt="z").code(), space)
    assert space["gradient"](np.array([40.0]), np.array([1.0]), 2.0) == 0
