"""Derivations for all sizes: no numbers, n and d in their place, code for any sizes."""

import math

import numpy as np
import pytest

import whence
from whence.api.containers import flatten
from whence.api.shapes import read_shapes
from whence.core.errors import ShapeError
from whence.explain.general import OTHERWISE, general


def network(X, W1, b1, W2, b2, Y):
    A = X @ W1 + b1
    H = np.tanh(A)
    Z = H @ W2 + b2
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(Y)


def mse(w, b, X, y):
    r = X @ w + b - y
    return np.mean(r**2)


def least_squares(w, X, y):
    n = X.shape[0]
    r = X @ w - y
    return r @ r / (2 * n)


def softmax_regression(W, b, X, y):
    Z = X @ W + b
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y]))


def one_sample(W, b, x, c):
    q = W @ x + b
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[c])


def attention(Q, K, V, G):
    S = Q @ K.T / np.sqrt(Q.shape[1])
    A = np.exp(S) / np.sum(np.exp(S), axis=1, keepdims=True)
    return np.sum((A @ V) * G)


def attention_by_math(Q, K, V, G):
    S = Q @ K.T / math.sqrt(Q.shape[1])
    A = np.exp(S) / np.sum(np.exp(S), axis=1, keepdims=True)
    return np.sum((A @ V) * G)


def variance(x):
    n = len(x)
    return np.sum((x - np.sum(x) / n) ** 2) / (n - 1)


def cross_entropy(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def gram(X):
    return np.linalg.slogdet(X.T @ X)[1] / X.size


def joined(x, y):
    z = np.concatenate([x, 2 * y])
    return np.mean(z**2)


def tail(x):
    return np.sum(x[1:] ** 2)


def dictionary(params, x, y):
    h = np.tanh(x @ params["W"] + params["b"])
    return np.mean((h - y) ** 2)


NETWORK = {"X": "n d", "W1": "d k", "b1": "k", "W2": "k m", "b2": "m", "Y": "n m"}
HEAD = {"Q": "n d", "K": "m d", "V": "m e", "G": "n e"}
CASES = {
    "network": (network, ("W1", "b1", "W2", "b2"), NETWORK),
    "one-hot": (network, ("W1", "b2"), {**NETWORK, "Y": "n m one-hot"}),
    "mse": (mse, ("w", "b"), {"w": "d", "X": "n d", "y": "n"}),
    "least squares": (least_squares, "w", {"w": "d", "X": "n d", "y": "n"}),
    "labels": (
        softmax_regression,
        ("W", "b"),
        {"W": "d m", "b": "m", "X": "n d", "y": "n in m"},
    ),
    "one sample": (
        one_sample,
        ("W", "b"),
        {"W": "m d", "b": "m", "x": "d", "c": "in m"},
    ),
    "attention": (attention, ("Q", "K", "V"), HEAD),
    "attention by math": (attention_by_math, ("Q", "K", "V"), HEAD),
    "variance": (variance, "x", {"x": "n"}),
    "cross-entropy": (cross_entropy, "p", {"p": "n", "y": "n"}),
    "tail": (tail, "x", {"x": "n"}),
    "gram": (gram, "X", {"X": "n d"}),
    "joined": (joined, ("x", "y"), {"x": "n", "y": "m"}),
    "dictionary": (
        dictionary,
        "params",
        {"params": {"W": "d k", "b": "k"}, "x": "n d", "y": "n k"},
    ),
    "formula": (
        "mean((X @ w - y)**2)",
        "w",
        {"X": "n d", "w": "d", "y": "n"},
    ),
}
OTHER_SIZES = {"n": 4, "d": 3, "k": 6, "m": 8, "e": 2}


def told(name):
    function, wrt, shapes = CASES[name]
    return whence.explain(function, wrt=wrt, shapes=shapes)


@pytest.mark.parametrize("name", CASES)
def test_every_line_is_checked_and_no_number_is_shown(name):
    derivation = told(name)
    assert derivation.checked, derivation
    assert derivation.story.checks.points == 10
    assert all(line.number is None for line in derivation.story.lines)


@pytest.mark.parametrize("name", CASES)
def test_code_runs_at_sizes_that_it_was_never_checked_at(name):
    function, wrt, shapes = CASES[name]
    declared = read_shapes(shapes if name != "mse" else {**shapes, "b": ""})
    plain = "shares" if name == "cross-entropy" else ""
    draw = np.random.default_rng(3)
    parts = declared.pop("params", {})
    at, inside = (
        {k: x.drawn(draw, OTHER_SIZES, plain) for k, x in tree.items()}
        for tree in (declared, parts)
    )
    scope = {}
    exec(told(name).code(), scope)
    found = scope["gradient"](**at, **inside)
    at |= {"params": inside} if inside else {}
    truth = flatten(whence.grad(function, wrt=wrt)(**at))[0]
    for a, b in zip(flatten(found)[0], truth, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("mse", "2*(X.T @ r)/n"),
        ("least squares", "(X.T @ r)/n"),
        ("variance", "2*(x - np.mean(x))/(n - 1)"),
        ("formula", "2*(X.T @ (X @ w - y))/n"),
        ("cross-entropy", "(p - y)/(n*p*(1 - p))"),
    ],
)
def test_sizes_stand_in_the_result(name, result):
    assert told(name).result.splitlines()[0] == result


@pytest.mark.parametrize("name", ["attention", "attention by math"])
def test_a_size_under_a_root_keeps_its_name_by_numpy_and_by_math(name):
    derivation = told(name)
    assert "S = Q Kᵀ/√d" in str(derivation)
    assert "K)/np.sqrt(d)" in derivation.code()


def test_nothing_is_assumed_of_labels_unless_it_is_declared():
    general_form, one_hot = told("network"), told("one-hot")
    assert not general_form.story.checks.assumptions
    assert one_hot.story.checks.assumptions == ("the rows of Y sum to 1",)
    text = str(one_hot)
    assert "assuming  the rows of Y sum to 1 (as declared)" in text
    assert "(P − Y)/n" in text
    assert "in general, without that assumption" in text


def test_labels_below_a_size_are_one_class_for_each_row():
    text = str(told("labels"))
    assert "Xᵀ (P − e[i, y])/n" in text
    assert "assuming  each row has one class (as declared)" in text


def test_arguments_with_numbers_keep_them():
    def ridge(w, X, y, lam):
        r = X @ w - y
        return r @ r / len(y) + lam * w @ w

    shapes = {"w": "d", "X": "n d", "y": "n"}
    derivation = whence.explain(ridge, lam=0.5, shapes=shapes)
    assert "at λ = 0.5" in str(derivation).splitlines()[0]
    assert derivation.checked


def test_an_argument_without_shape_and_number_is_a_number():
    derivation = whence.explain("a*x**2", wrt=("a", "x"), shapes={})
    assert derivation.result == "x**2\n2*a*x"
    assert derivation.checked


# ------------------------------------------------------------------ with numbers


X, Y = np.arange(12.0).reshape(6, 2) / 7, np.linspace(-1, 1, 6)
POINT = {"w": np.array([0.5, -1.0]), "X": X, "y": Y}
SHAPES = {"w": "d", "X": "n d", "y": "n"}


def test_sizes_have_names_beside_the_numbers():
    derivation = whence.explain(least_squares, at=POINT, shapes=SHAPES)
    assert derivation.result == "(X.T @ r)/n"
    truth = whence.grad(least_squares)(**POINT)
    np.testing.assert_allclose(derivation.results["w"], truth)
    assert "X [n×d]" in str(derivation)
    assert derivation.checked


def test_len_is_named_though_it_is_an_int():
    def f(w, X, y):
        r = X @ w - y
        return r @ r / len(y)

    assert whence.explain(f, at=POINT, shapes=SHAPES).result == "2*(X.T @ r)/n"


def test_sizes_that_are_equal_at_the_point_keep_their_own_names():
    square = {"w": POINT["w"], "X": X[:2], "y": Y[:2]}
    derivation = whence.explain(least_squares, at=square, shapes=SHAPES)
    assert derivation.result == "(X.T @ r)/n"


def test_a_program_with_branches_keeps_what_names_its_arithmetic_carries():
    def f(w, X, y):
        if w[0] > 100:
            return np.sum(w)
        return np.mean((X @ w - y) ** 2)

    derivation = whence.explain(f, at=POINT, shapes=SHAPES)
    assert derivation.checked
    assert "/n" in derivation.result


def test_code_of_a_derivation_with_numbers_runs_at_other_sizes():
    derivation = whence.explain(least_squares, at=POINT, shapes=SHAPES)
    scope = {}
    exec(derivation.code(), scope)
    other = {"w": np.ones(3), "X": np.arange(12.0).reshape(4, 3), "y": np.ones(4)}
    truth = whence.grad(least_squares)(**other)
    np.testing.assert_allclose(scope["gradient"](**other), truth)


@pytest.mark.parametrize(
    ("shapes", "says"),
    [
        ({"w": "d d"}, "w has 1 axes, and 2 in shapes="),
        ({"w": "n", "y": "n"}, "n is 6 in y and 2 in w"),
        ({"w": "3"}, "3 is 2 in w"),
        ({"w": {"a": "n"}}, "w is built otherwise"),
    ],
)
def test_shapes_that_are_not_those_of_the_numbers_are_refused(shapes, says):
    with pytest.raises(ShapeError, match=says):
        whence.explain(least_squares, at=POINT, shapes=shapes)


def test_numbers_of_some_arguments_only_tell_nothing_but_their_sizes():
    derivation = whence.explain(least_squares, X=X, wrt="w", shapes=SHAPES)
    assert derivation.result == "(X.T @ r)/n"
    assert derivation.trials


# ------------------------------------------------------------------------ honesty


def test_a_line_that_is_another_at_other_sizes_ends_the_derivation():
    (first, _), (other, _) = told("mse").trials, told("least squares").trials
    story = general([first, other])
    assert story.checks.failure == OTHERWISE
    assert not story.results


def test_latex_markdown_and_json_speak_of_the_sizes():
    derivation = told("mse")
    assert r"\frac{2\,X^{\top}\,r}{n}" in derivation.latex()
    assert "| $X$ | n×d | input |" in derivation.markdown()
    assert '"n"' in derivation.to_json()


def test_names_do_not_stay_behind_for_a_derivation_without_them():
    draw = np.random.default_rng(0)
    for shapes in ({"x": "n"}, None, {"x": "m"}, None):
        found = whence.explain(variance, draw.normal(size=5), shapes=shapes).result
        named = set(found.replace("np.mean", "")) & {"n", "m"}
        assert named == (set(shapes["x"]) if shapes else set())


@pytest.mark.parametrize("name", CASES)
def test_both_sides_of_every_step_are_equal_where_sizes_have_names(name):
    derivation = told(name)
    for step in derivation.steps:
        before, after = (eval(x, derivation.scope) for x in (step.before, step.after))
        np.testing.assert_allclose(before, after, rtol=1e-7, atol=1e-10)
