"""A result is written in what the program has computed, where that is shorter."""

import json

import numpy as np
import pytest
from benchmarks.score import read

import whence
from whence.explain.naming import occurrences
from whence.explain.reuse import in_values
from whence.simplify.rules.identities import exp
from whence.simplify.term import Symbol, rebuild

X, Y, R = (Symbol(name, (3,)) for name in "xyr")


def half_squares(w, X, y):
    """Half the sum of squares, in one line."""
    return 0.5 * np.sum((y - X @ w) ** 2)


def form(w, X, z):
    """A bilinear form in an inverse."""
    return z @ np.linalg.inv(X) @ w


MATRIX = np.array([[2.0, 0.3], [-0.4, 1.5]])
ONES = np.array([1.0, -0.5])
TOLD = {
    "a residual": (half_squares, (ONES, MATRIX, ONES), "w"),
    "an inverse": (form, (ONES, MATRIX, 2 * ONES), "X"),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_reader_finds_every_step_true_with_the_names_given_at_the_end(name):
    function, at, by = TOLD[name]
    told = whence.explain(function, *at, wrt=by)
    assert told.checked
    found = read(told.to_json())
    assert found.complete, (found.wrong, found.unseen, found.nameless)
    assert found.operations == told.operations


def test_an_inverse_that_is_computed_is_not_inverted_again():
    told = whence.explain(form, *TOLD["an inverse"][1], wrt="X")
    assert "∂form/∂X = −v ⊗ (u w)" in str(told)
    assert "u = X⁻¹" in str(told)
    assert told.operations == 3


def test_a_number_that_is_short_to_say_gets_no_name():
    assert "u = " not in str(whence.explain("sin(x)/x", x=1.5))


def test_a_name_given_at_the_end_leaves_the_slopes_of_others_as_they_were():
    def f(x):
        return np.exp(x * x) * np.maximum(0.0, 1.0 - 2.0 * x)

    for x in (-0.3, 0.2):
        found = read(whence.explain(f, x).to_json())
        assert found.complete, (found.wrong, found.unseen, found.nameless)


@pytest.mark.parametrize(
    ("form", "meaning", "after"),
    [
        (2 * X * (Y - X), X - Y, -2 * X * R),
        (exp(Y - X + 1), Y - X, exp(R + 1)),
        (Y * exp(3 * X) * exp(Y) ** 2, 3 * X, Y * exp(R) * exp(Y) ** 2),
        (X * Y**2, X * Y, R * Y),
    ],
)
def test_a_value_is_found_with_either_sign_and_among_others(form, meaning, after):
    assert rebuild(form, dict(occurrences(form, meaning, R))) == after


def test_a_name_that_saves_nothing_is_not_given():
    assert in_values(2 * X * (Y - X), [(R, X - Y)]) == 2 * X * (Y - X)


def test_every_step_that_rests_on_symmetry_says_so():
    def squares(S, d):
        return d @ np.linalg.solve(S, d)

    symmetric = np.array([[2.0, 0.5], [0.5, 1.0]])
    told = whence.explain(squares, symmetric, ONES, wrt="S")
    document = json.loads(told.to_json())
    resting = [x for x in document["steps"] if x["subject"] != "squares"]
    defined = [x for x in resting if x["rule"] != "definition"]
    assert defined
    assert all(x["assumptions"] == ["S is symmetric"] for x in defined)
    assert "symmetry" in str(told)
    assert read(document).complete


def test_a_value_that_recognition_made_can_be_called_by_a_name():
    def gated(x, W, V, v):
        a = W @ x
        u = V @ x
        h = a / (1 + np.exp(-a)) * u
        return v @ h

    random = np.random.default_rng(0)
    W, V = random.normal(size=(2, 4, 3))
    at = random.normal(size=3), W, V, random.normal(size=4)
    found = whence.explain(gated, *at, wrt="V")
    assert found.checked
    assert found.operations == 2, "the outer product of v ⊙ w and x, w = a ⊙ σ(a)"


@pytest.mark.parametrize(
    ("function", "x", "form"),
    [
        ("x**(x**2)", 1.3, "x·f·(2·log(x) + 1)"),
        ("exp(x)/x", 1.3, "f − f/x"),
        ("1/(1/x + 1/2)", 1.3, "f²/x²"),
    ],
)
def test_a_number_is_written_in_the_output_where_that_is_shorter(function, x, form):
    told = whence.explain(function, x=x)
    found = read(told.to_json())
    assert found.complete, (found.wrong, found.unseen, found.nameless)
    assert form in str(told)
    assert "f" not in told.result


def test_nothing_is_divided_by_that_was_not_before():
    for cube in ("x**3", "x**2*sin(x)", "exp(-x)*cos(x)"):
        told = whence.explain(cube, x=0.0)
        assert told.checked
        assert told.results["x"] == whence.grad(cube)(0.0)
        assert "/" not in told.result


def test_a_score_is_moved_by_how_far_values_are_from_it():
    def rayleigh(x, A):
        return (x @ A @ x) / (x @ x)

    told = whence.explain(rayleigh, ONES, MATRIX, wrt="x")
    assert told.operations <= 6
    assert read(told.to_json()).complete


def test_a_share_is_told_by_what_is_left_to_the_whole():
    told = whence.explain("x**n/(k + x**n)", wrt="x", x=1.3, n=2.5, k=0.7)
    assert "n·f·(1 − f)/x" in str(told)
    assert read(told.to_json()).complete
