"""What text says of a derivation, LaTeX, Markdown and HTML say too."""

import re

import numpy as np
import pytest

import whence


def logistic(w, b, x, y):
    y_hat = 1 / (1 + np.exp(-(w * x + b)))
    return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))


def softmax_regression(W, X, Y):
    E = np.exp(X @ W)
    return -np.sum(Y * np.log(E / np.sum(E, axis=1, keepdims=True))) / len(X)


def attention(Q, K, V):
    E = np.exp(Q @ K.T)
    A = E / np.sum(E, axis=1, keepdims=True)
    return np.sum((A @ V) ** 2)


def far_out():
    return whence.explain(logistic, 40.0, 0.0, 1.0, 1.0, wrt="w")


def with_labels():
    X, Y = np.array([[1.0, 2.0], [0.5, -1.0]]), np.eye(3)[[2, 0]]
    return whence.explain(softmax_regression, np.ones((2, 3)), X, Y)


def attending():
    Q = np.array([[1.0, 0.5], [-0.5, 2.0]])
    return whence.explain(attention, Q, Q + 1, Q - 1, wrt=("Q", "K"))


VIEWS = {
    "text": str,
    "latex": lambda told: told.latex(),
    "markdown": lambda told: told.markdown(),
    "html": lambda told: re.sub(r"<[^>]*>", "", told.html()),
    "notebook, html": lambda told: re.sub(r"<[^>]*>", "", told._repr_html_()),
    "notebook, latex": lambda told: told._repr_latex_(),
}
every = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
in_full = pytest.mark.parametrize("view", list(VIEWS.values())[:5], ids=list(VIEWS)[:5])


@every
def test_the_form_that_runs_is_shown_where_the_short_one_loses_digits(view):
    shown = view(far_out())
    assert "stabilise" in shown
    assert "split-saturation" in shown
    assert "as it runs" in shown


@every
def test_no_form_that_runs_is_shown_where_the_short_one_has_its_digits(view):
    assert "stabilise" not in view(whence.explain(logistic, 0.5, 0.0, 1.0, 1.0))


@in_full
def test_an_assumption_stands_with_the_result(view):
    shown = view(with_labels())
    assert "rows of Y sum to 1" in shown
    assert "it holds in the data" in shown
    assert re.search("in general, without th(at|e) assumption", shown, re.IGNORECASE)


@every
def test_every_name_in_a_result_is_explained(view):
    shown = view(attending())
    assert re.search(r"[Ww]here.{0,12}(δ|\\delta)", shown, re.DOTALL)


@in_full
def test_a_derivation_that_is_no_matrix_says_so(view):
    told = whence.explain(
        lambda W: np.sum(W @ W @ W), np.array([[1.0, 2.0], [0.5, 1.0]]), order=2
    )
    assert "no matrix can be read off" in view(told).lower()
