"""Hints ask for every derivative that a derivation finds, and give nothing away."""

import re

import numpy as np
import pytest

import whence
from whence.explain.derivation import Named
from whence.explain.hints import questions


def network(W, V, x, y):
    u = W @ x
    h = np.tanh(u)
    r = V @ h - y
    return r @ r


def of_network():
    draw = np.random.default_rng(0)
    shapes = {"W": (3, 2), "V": (2, 3), "x": 2, "y": 2}
    at = {name: draw.normal(size=shape) for name, shape in shapes.items()}
    return whence.explain(network, wrt=("W", "V"), at=at)


EVERY = {
    "composite": lambda: whence.explain("(x**2 + 1)**3", x=2.0),
    "paths": lambda: whence.explain("exp(-b*t)*cos(w*t)", wrt="t", t=1.0, b=0.5, w=3.0),
    "network": of_network,
}
every = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)


@every
def test_every_line_that_is_not_given_answers_one_question(make):
    story = make().story
    asked = [line for q in questions(story) for line in q.answer]
    assert asked == [x for x in story.lines if not isinstance(x.subject, Named)]


@every
def test_nothing_is_given_away_before_the_answers(make):
    told = make()
    before, answers = str(told.hints()).split("  answers\n")
    assert "____" in before and "____" not in answers
    for line in told.text(400).splitlines():
        if re.match(r" +(local|rewrite) ", line):
            right = line.split(" = ")[-1].split("  ")[0]
            if len(right) > 3:
                assert right not in before.split("name", 1)[1].replace(":", " :"), right


@every
def test_the_value_of_each_result_is_given_to_check_oneself(make):
    told = make()
    shown = [q.number for q in questions(told.story) if q.number is not None]
    assert len(shown) == len(told.story.results)


def test_a_question_names_the_outer_and_the_inner_function():
    shown = str(EVERY["composite"]().hints())
    assert "outer function u³: its derivative?" in shown
    assert "inner function x² + 1: its derivative?" in shown


def test_a_sum_over_paths_has_a_blank_for_each_factor():
    shown = EVERY["paths"]().hints().text(200)
    assert "____ · ____ + ____ · ____" in shown


@every
def test_the_answers_are_folded_where_a_format_can_fold(make):
    hints = make().hints()
    assert hints.markdown().count("<details>") == 1
    count = len(questions(make().story))
    assert hints.html().count("<summary>answer</summary>") == count
    assert hints._repr_html_().count("<summary>answer</summary>") == count
    assert hints._repr_markdown_() == hints.markdown()
    asked, answers = hints.latex().split(r"\textbf{Answers}")
    assert r"\underline" in asked and r"\underline" not in answers


def test_layers_that_repeat_are_asked_for_once():
    def deep(x, W):
        for _ in range(5):
            x = np.tanh(W @ x)
        return x @ x

    told = whence.explain(deep, np.ones(3), np.eye(3) / 2)
    hints = told.hints()
    assert len(questions(hints.story)) < len(questions(told.story))
    assert "t = 5…1" in str(hints) and "t = 5…1" in hints.html()
    assert r"t = 5, \dots, 1" in hints.latex()
    assert "t = 5…1" in told.html()


def test_a_second_derivative_is_asked_for_after_the_first():
    hints = whence.explain("x**2*sin(x)", x=2.0, order=2).hints()
    shown = str(hints)
    assert shown.count("  answers\n") == 2
    assert shown.index("∂f/∂x = ____") < shown.index("∂²f/∂x² = ____")
    assert "x²·sin(x): its derivative?" in shown
    assert "outer" not in shown, "there is no inner function"
    assert hints.latex().count(r"\textbf{Answers}") == 2
    assert hints.markdown().count("### Exercise") == 2


def test_what_the_second_exercise_gives_away_is_folded_in_a_page():
    hints = whence.explain("x**2*sin(x)", x=2.0, order=2).hints()
    for html in (hints.html(), hints._repr_html_()):
        first, then = html.split("when you have found it")
        assert "differentiated by x" in first and "f′(x)" not in first
        assert "f′(x)" in then


def test_the_matrix_of_second_derivatives_is_asked_for():
    X = np.array([[1.0, 2.0], [0.5, -1.0], [0.25, 3.0]])
    at = {"w": np.ones(2), "X": X}
    told = whence.explain(lambda w, X: np.sum(np.exp(X @ w)), at=at, order=2)
    asked, answers = str(told.hints()).split("  answers\n")[1:]
    assert "H = ____" in str(told.hints())
    assert "diag(" in answers and "diag(" not in asked
    for shown in (told.hints().latex(), told.hints().html()):
        assert "the matrix that the direction is multiplied with?" in shown
