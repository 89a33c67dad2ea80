"""The legend: roles are read from the program; what is not sure is said weaker."""

import json

import numpy as np
import pytest

import whence

ROWS = np.random.default_rng(0).normal(size=(4, 3))
POINT = {
    "X": ROWS,
    "w": np.array([0.5, -1.0, 0.25]),
    "b": 0.25,
    "y": np.array([1.0, -1.0, 1.0, 0.5]),
    "c": np.array([0.5, 0.25, 1.0, 2.0]),
}


def roles(f, wrt, **at):
    told = whence.explain(f, wrt=wrt, at=at or None)
    return {entry.name: entry.role for entry in told.story.legend}


def least_squares(w, b, X, y):
    r = X @ w + b - y
    return np.mean(r**2)


def weighted(w, X, y, c):
    y_hat = X @ w
    return np.sum(c * (y_hat - y) ** 2)


def hinge(w, X, y):
    s = X @ w
    return np.mean(np.maximum(0, 1 - y * s))


def unnamed(A, v, target):
    p = A @ v
    return np.sum((p - target) ** 2)


def cross_entropy(W, x, k):
    q = W @ x
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[k])


def at(names):
    return {k: POINT[k] for k in names}


def test_least_squares_has_weights_a_bias_labels_and_a_loss():
    assert roles(least_squares, ("w", "b"), **at("wbXy")) == {
        "X": "input",
        "w": "weight",
        "b": "bias",
        "y": "label",
        "r": "intermediate",
        "least_squares": "loss",
    }


def test_the_weights_of_samples_are_no_labels():
    found = roles(weighted, "w", **at("wXyc"))
    assert (found["y"], found["c"]) == ("label", "input")
    assert found["y_hat"] == "prediction"


def test_a_margin_is_a_prediction():
    found = roles(hinge, "w", **at("wXy"))
    assert (found["y"], found["s"]) == ("label", "prediction")


def test_roles_do_not_hang_on_names():
    found = roles(unnamed, "A", A=ROWS, v=POINT["w"], target=POINT["y"])
    assert found["A"] == "weight"
    assert found["v"] == "input"
    assert found["p"] == "prediction"


def test_a_picked_class_makes_probabilities_a_prediction():
    found = roles(cross_entropy, "W", W=ROWS, x=POINT["w"], k=1)
    assert (found["p"], found["cross_entropy"]) == ("prediction", "loss")


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("(x**2 - y)**3", {"x": 2.0, "y": 1.0}),
        ("a*x*exp(-b*x)", {"x": 2.0, "a": 1.0, "b": 1.0}),
        ("(a*x + b)**3", {"x": 2.0, "a": 1.0, "b": 3.0}),
        ("(x*z - a)**2", {"x": 2.0, "z": 1.0, "a": 3.0}),
    ],
)
def test_calculus_has_no_labels_weights_or_losses(formula, at):
    found = set(roles(formula, "x", **at).values())
    assert found <= {"input", "constant", "intermediate", "output"}


def test_what_meets_a_probability_is_a_label_even_of_given_scores():
    def entropy(z, y, v):
        p = 1 / (1 + np.exp(-z))
        return -np.sum(v * (y * np.log(p) + (1 - y) * np.log(1 - p)))

    found = roles(entropy, "z", z=POINT["c"], y=POINT["c"] / 4, v=POINT["c"])
    assert (found["y"], found["p"], found["v"]) == ("label", "prediction", "input")


def test_a_captured_array_says_so():
    data = ROWS

    def f(w):
        return np.sum(np.tanh(data @ w))

    assert "captured array" in roles(f, "w", w=POINT["w"]).values()


def test_every_format_shows_the_legend():
    told = whence.explain(least_squares, wrt="w", at=at("wbXy"))
    assert "  label         y [4]" in str(told)
    assert r"$y \in \mathbf{R}^{4}$ is the label" in told.latex()
    assert "| $y$ | 4 | label |" in told.markdown()
    assert {"name": "y", "role": "label"} in json.loads(told.to_json())["legend"]


def test_three_numbers_need_no_legend_but_at_the_level_full():
    def shown(level):
        return str(whence.explain("(x**2 + 1)**3", x=2.0, level=level))

    assert "intermediate" not in shown("normal")
    assert "intermediate" in shown("full")


def test_an_array_of_the_program_itself_is_told_by_its_entries():
    def weighted(x):
        return np.sum(np.arange(3.0) * x**2)

    told = whence.explain(weighted, np.array([1.0, -1.0, 0.5]))
    assert "  fixed array  i = (0, 1, 2)\n" in str(told)
    assert "$i = (0, 1, 2)$ is a fixed array" in told.latex()
    assert "| $i$ | 3 | fixed array (0, 1, 2) |" in told.markdown()
    assert "<dt>fixed array</dt>" in told.html()


def test_a_long_array_of_the_program_itself_is_told_by_its_shape():
    told = whence.explain(lambda x: np.sum(np.arange(9.0) * x), np.ones(9))
    assert "  fixed array  i [9]\n" in str(told)


def test_what_a_line_says_of_a_name_is_not_said_again_below():
    told = str(whence.explain("exp(-b*t)*cos(w*t)", wrt="t", t=1.0, b=0.5, w=3.0))
    assert told.count("exp(") == 1 and "where" not in told
