"""Text keeps within its width, loses nothing, and lines up at the =."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

import whence
from whence.explain.layout import Row, columns, equated, sides, table, wrapped

names = st.sampled_from(["x", "ŷ", "β₁", "log(1 − ŷ)", "sum(Y, axis=1)", "2", "W₂ᵀ"])
formulas = st.recursive(
    names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " − ", "·", " ⊙ ", " "]), inner).map(
            "".join
        ),
        inner.map("({})".format),
    ),
    max_leaves=30,
)


def without_blanks(text):
    return "".join(text.split())


@given(formulas, st.integers(20, 100))
def test_a_wrapped_formula_is_the_same_formula(formula, room):
    assert without_blanks("".join(wrapped(formula, room))) == without_blanks(formula)


@given(formulas, st.integers(40, 100))
def test_a_wrapped_formula_keeps_within_its_room(formula, room):
    assert max(map(columns, wrapped(formula, room))) <= room


def test_a_formula_breaks_where_fewest_brackets_are_open():
    assert wrapped("a·(b + c + d + e) + f·(g + h)", 20) == [
        "a·(b + c + d + e)",
        "  + f·(g + h)",
    ]


def test_what_goes_on_inside_a_bracket_begins_below_it():
    assert wrapped("exp(first + second + third)", 20) == [
        "exp(first + second",
        "    + third)",
    ]


def test_the_sides_of_a_condition_stay_together():
    assert sides("a = where(x = 0, 1, 2) = b") == ["a", "where(x = 0, 1, 2)", "b"]


def test_a_chain_lines_up_at_its_signs():
    assert equated("∂f/∂x", "∂f/∂u · ∂u/∂x = 3u² · 2x", 24) == [
        "∂f/∂x = ∂f/∂u · ∂u/∂x",
        "      = 3u² · 2x",
    ]


def test_marks_above_letters_take_no_column():
    assert columns("x\u0302") == 1
    rows = [Row("name", "x\u0302", "1"), Row("name", "y", "x\u0302 + 1")]
    signs = {columns(x[: x.index("=")]) for x in table(rows, 80).splitlines()}
    assert len(signs) == 1


def long_network(X, weights, targets):
    hidden = X
    for W, b in weights:
        hidden = np.tanh(hidden @ W + b)
    return -np.mean(np.sum(targets * np.log(1 / (1 + np.exp(-hidden))), axis=1))


def long_formula():
    text = "log(1 + exp(-y*(w*x + b))) + lam*w**2/2 + tanh(a*w + b)*exp(-w*x)"
    return whence.explain(text, w=1.0, x=2.0, b=0.1, y=1.0, lam=0.1, a=2.0)


def long_derivation():
    draw = np.random.default_rng(0)
    weights = [(draw.normal(size=(3, 3)), draw.normal(size=3)) for _ in range(3)]
    X, Y = draw.normal(size=(2, 3)), np.eye(3)[:2]
    return whence.explain(long_network, X, weights, Y, wrt="weights")


@pytest.mark.parametrize("width", [80, 88, 100])
@pytest.mark.parametrize("told", [long_formula, long_derivation])
def test_a_long_derivation_keeps_within_its_width(told, width):
    for line in told().text(width).splitlines():
        assert columns(line) <= width, line


def test_a_wide_terminal_has_each_line_in_one_piece():
    shown = long_formula().text(400)
    lines = shown.split("\n\n")[2].splitlines()
    assert all(" = " in line for line in lines)


def test_a_long_number_stands_below_its_line():
    told = whence.explain("sin(x)**2", x=np.linspace(0.1, 0.6, 6))
    assert "≈ (0.1987, 0.3894, 0.5646, 0.7174, 0.8415, 0.932)" in str(told)
