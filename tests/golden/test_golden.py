"""Derivations as files: `make golden` rewrites them, and the review reads the diff."""

import numpy as np
import pytest

import whence
from textbook import composite, logistic, network, softmax_regression


def linear_regression(w, b, X, y):
    r = X @ w + b - y
    return np.mean(r**2)


def damped(t, a, b, omega):
    return a * np.exp(-b * t) * np.cos(omega * t)


def logistic_regression(w, X, y):
    z = X @ w
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def relu_network(W1, W2, x, y):
    h = np.maximum(W1 @ x, 0)
    r = W2 @ h - y
    return r @ r / 2


def deep_network(Ws, bs, x, y):
    h = x
    for W, b in zip(Ws, bs, strict=True):
        h = np.tanh(W @ h + b)
    return np.sum((h - y) ** 2) / 2


def recurrent(U, W, b, xs, y):
    h = np.zeros(2)
    for x in xs:
        h = np.tanh(U @ x + W @ h + b)
    return np.sum((h - y) ** 2) / 2


SMALL = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -0.75]])
CASES = {
    "composite": (composite, {"x": 2.0}, "x"),
    "logistic": (
        logistic,
        {"w": 0.5, "b": -0.5, "x": 2.0, "y": 1.0},
        ("w", "b", "x"),
    ),
    "softmax": (
        softmax_regression,
        {
            "W": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
            "x": np.array([1.0, 2.0]),
            "b": np.zeros(3),
            "c": 1,
        },
        ("W", "b", "x"),
    ),
    "network": (
        network,
        {
            "X": np.array([[1.0, 2.0], [-1.0, 0.5]]),
            "W1": np.array([[0.5, -0.5, 0.1], [0.25, 0.3, -0.2]]),
            "b1": np.zeros(3),
            "W2": np.array([[1.0, -1.0], [0.5, 0.5], [-0.5, 1.0]]),
            "b2": np.zeros(2),
            "Y": np.eye(2),
        },
        ("W1", "b1", "W2", "b2"),
    ),
    "linear_regression": (
        linear_regression,
        {"w": np.array([0.5, -1.0]), "b": 0.25, "X": SMALL, "y": np.ones(3)},
        ("w", "b"),
    ),
    "damped": (damped, {"t": 1.0, "a": 2.0, "b": 0.5, "omega": 3.0}, "t"),
    "relu_network": (
        relu_network,
        {
            "W1": SMALL,
            "W2": np.array([[0.5, -1.0, 0.25]]),
            "x": np.array([1.0, 0.5]),
            "y": np.array([0.75]),
        },
        ("W1", "W2"),
    ),
    "quotient": ("sin(x)/x", {"x": 1.5}, "x"),
    "deep_network": (
        deep_network,
        {
            "Ws": [
                np.eye(2) + i * np.array([[0.1, -0.2], [0.3, 0.2]]) for i in range(4)
            ],
            "bs": [np.array([0.1, -0.1 * i]) for i in range(4)],
            "x": np.array([0.5, -0.25]),
            "y": np.array([1.0, 0.0]),
        },
        ("Ws", "bs"),
    ),
    "recurrent": (
        recurrent,
        {
            "U": SMALL[:2],
            "W": 0.5 * np.eye(2),
            "b": np.array([0.1, -0.1]),
            "xs": 0.5 * np.array([[1.0, 0.5], [-0.5, 1.0], [0.0, -1.0]]),
            "y": np.array([1.0, 0.0]),
        },
        ("U", "W", "b"),
    ),
}


def told(name, level="normal"):
    function, at, by = CASES[name]
    return whence.explain(function, wrt=by, at=at, level=level)


def without_rounding(text):
    """A text without the deviations, whose last digits differ between machines."""
    told = ("agrees to", "differences to")
    lines = [x for x in text.splitlines() if not any(t in x for t in told)]
    return "\n".join(lines)


@pytest.mark.parametrize("name", CASES)
def test_a_derivation_reads_as_before(golden, name):
    derivation = told(name)
    assert derivation.checked
    golden(f"{name}.txt", without_rounding(str(derivation)))


def test_a_brief_derivation_reads_as_before(golden):
    golden("logistic-brief.txt", without_rounding(str(told("logistic", "brief"))))


def test_a_full_derivation_reads_as_before(golden):
    golden("logistic-full.txt", without_rounding(str(told("logistic", "full"))))


@pytest.mark.parametrize("name", ["logistic", "damped", "recurrent"])
def test_latex_reads_as_before(golden, name):
    golden(f"{name}.tex", told(name).latex())


def test_markdown_reads_as_before(golden):
    golden("softmax.md", without_rounding(told("softmax").markdown()))


@pytest.mark.parametrize("name", ["composite", "logistic"])
def test_html_reads_as_before(golden, name):
    golden(f"{name}.html", without_rounding(told(name).html()))


@pytest.mark.parametrize("name", ["composite", "network"])
def test_hints_read_as_before(golden, name):
    golden(f"{name}-hints.txt", str(told(name).hints()))


def test_hints_in_other_formats_read_as_before(golden):
    hints = told("damped").hints()
    golden("damped-hints.tex", hints.latex())
    golden("damped-hints.md", hints.markdown())
    golden("damped-hints.html", hints.html())


def test_json_reads_as_before(golden):
    lines = told("composite").to_json().splitlines()
    kept = [x for x in lines if '"automatic"' not in x and '"differences"' not in x]
    golden("composite.json", "\n".join(kept))


SHAPES = {
    "X": "n d",
    "W1": "d k",
    "b1": "k",
    "W2": "k m",
    "b2": "m",
    "Y": "n m one-hot",
}


def test_a_derivation_for_all_sizes_reads_as_before(golden):
    derivation = whence.explain(network, wrt=CASES["network"][2], shapes=SHAPES)
    assert derivation.checked
    golden("network_shapes.txt", without_rounding(str(derivation)))
    golden("network_shapes.py.txt", derivation.code())


@pytest.mark.parametrize("name", ["logistic", "softmax", "network", "deep_network"])
def test_code_reads_as_before(golden, name):
    golden(f"{name}.py.txt", told(name).code())


def test_a_kink_reads_as_before(golden):
    told = whence.explain("h = maximum(x, 0); exp(h) + abs(x)", x=0.0)
    golden("kink.txt", without_rounding(str(told)))
    golden("kink.md", without_rounding(told.markdown()))


def test_a_second_derivative_reads_as_before(golden):
    second = whence.explain(damped, at=CASES["damped"][1], wrt="t", order=2)
    golden("damped-second.txt", without_rounding(str(second)))


def test_a_hessian_reads_as_before(golden):
    at = {"w": np.array([0.5, -1.0]), "X": SMALL, "y": np.array([1.0, 0.0, 1.0])}
    hessian = whence.explain(logistic_regression, at=at, order=2)
    golden("hessian.txt", without_rounding(str(hessian)))
    golden("hessian.tex", hessian.latex())
    golden("hessian.py.txt", hessian.code())
