r"""Formulas in LaTeX are read whole: as well-formed MathML, and in lines that fit."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, strategies as st

import whence
from strategies import CASES, drawn
from whence.core.aval import aval_of
from whence.core.graph import Graph
from whence.core.notation import written
from whence.explain.catalogue import catalogue
from whence.explain.formula import broken, read, sides, tightened, width
from whence.explain.mathml import mathml

NOTATIONS = [
    c for c in CASES if not any(isinstance(p, Graph) for p in c.example.params.values())
]
atoms = st.sampled_from(
    ["x", r"\hat{y}", r"W_{1}^{\top}", r"\frac{a}{b}", r"\mathit{loss}", "2", r"e^{-z}"]
)
formulas = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from([" + ", " - ", r" \cdot ", r" \odot ", r"\,"]), inner
        ).map("".join),
        inner.map(r"\log\left({}\right)".format),
    ),
    max_leaves=30,
)


def shown(latex):
    """The text of a formula as a browser shows it, and that it is well formed."""
    return "".join(ET.fromstring(mathml(latex)).itertext())


@pytest.mark.parametrize("case", NOTATIONS, ids=str)
def test_every_notation_becomes_mathml_with_all_its_operands(case):
    arrays = drawn(case)
    names = [rf"\mathit{{u{i}}}" for i in range(len(arrays))]
    template = case.primitive.notation.latex
    latex = written(template, names, case.example.params, list(map(aval_of, arrays)))
    for i in range(len(case.example.shapes)):
        assert f"u{i}" in shown(latex), latex
    assert "\\" not in shown(latex)


@given(formulas)
def test_random_formulas_become_mathml(latex):
    assert "\\" not in shown(latex)


def test_fractions_roots_scripts_and_brackets_are_marked_up():
    assert "<mfrac><mi>a</mi><mi>b</mi></mfrac>" in mathml(r"\frac{a}{b}")
    assert "<msqrt><mi>a</mi></msqrt>" in mathml(r"\sqrt{a}")
    assert "<mroot><mi>a</mi><mn>3</mn></mroot>" in mathml(r"\sqrt[3]{a}")
    assert "<msubsup><mi>W</mi>" in mathml(r"W_{1}^{\top}")
    squared = mathml(r"\left(a\right)^{2}")
    assert re.search(
        r"<msup><mrow><mo[^>]*>\(</mo><mi>a</mi>.*<mn>2</mn></msup>", squared
    )


def test_a_sign_is_told_from_a_difference():
    assert mathml("-a").count('form="prefix"') == 1
    assert mathml("a - b").count('form="prefix"') == 0


def test_names_of_the_user_are_escaped():
    assert "<script>" not in mathml(r"\mathit{<script>}")
    assert shown(r"\mathit{<script>}") == "<script>"


def test_what_is_not_known_is_refused():
    with pytest.raises(AssertionError, match="unheard"):
        mathml(r"\unheard{x}")


@given(formulas, st.integers(20, 60))
def test_broken_lines_hold_the_formula_and_close_their_brackets(latex, room):
    lines = broken(latex, room)
    for line in lines:
        assert line.count(r"\left") == line.count(r"\right")
        assert line.count("{") == line.count("}")
    joined = "".join(lines).replace(r"\left.", "").replace(r"\right.", "")
    assert joined.replace(" ", "") == latex.replace(" ", "")


@given(formulas, st.integers(40, 60))
def test_broken_lines_keep_within_their_room_where_they_can(latex, room):
    for line in broken(latex, room):
        operators = [p for p in read(line)[1:] if p.kind == "operator"]
        assert width(read(line)) <= room or not operators


def test_a_long_sum_is_broken_before_its_operators():
    latex = " + ".join(["x"] * 12)
    assert broken(latex, 24)[1].startswith("+")


def test_an_index_at_a_name_with_a_number_has_braces():
    def pick(w1):
        return w1[0] ** 2

    assert "{w_{1}}_{0}" in whence.explain(pick, np.array([1.0, 2.0])).latex()


@pytest.mark.parametrize("law", catalogue(), ids=lambda law: law.name)
def test_every_law_becomes_mathml(law):
    assert "\\" not in shown(law.latex)


@pytest.mark.parametrize(
    ("grown", "small"),
    [
        (r"\sigma\left(z\right)", r"\sigma(z)"),
        (r"\left(\frac{a}{b} + c\right)^{2}", r"\left(\frac{a}{b} + c\right)^{2}"),
        (r"f\left(\left(x + 1\right)\,y\right)", r"f((x + 1)\,y)"),
        (r"\left(\left(x\right)\,\sum y\right)", r"\left((x)\,\sum y\right)"),
        (r"\left|x\right|\,y", r"\lvert x\rvert\,y"),
        (r"\left|x\right| y", r"\lvert x\rvert y"),
        (r"\left(a \right.", "(a "),
        (r"\left. + b\right)", " + b)"),
    ],
)
def test_brackets_grow_only_round_what_is_tall(grown, small):
    assert tightened(grown) == small


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        ("= a", ["= a"]),
        (r"=\frac{a = b}{c} = d + e = f", [r"=\frac{a = b}{c}", "= d + e", "= f"]),
        (r"\left(a = b\right) = c", [r"\left(a = b\right)", "= c"]),
        (r"\left.a\right|_{v} = c", [r"\left.a\right|_{v}", "= c"]),
    ],
)
def test_a_chain_of_equalities_comes_apart_outside_brackets(latex, parts):
    assert sides(latex) == parts


@pytest.mark.parametrize(
    "latex",
    [
        r"\left.\frac{\partial f}{\partial x}\right|_{v} + aaaaaaaaaa = bbbbbbb + c",
        r"\left(aaaaa + bbbbb\right)^{2} + \left(ccccc + ddddd\right)_{i}^{3} + eeeee",
    ],
)
def test_a_bracket_with_scripts_is_closed(latex):
    lines = broken(latex, 22)
    assert len(lines) > 1
    for line in lines:
        assert line.count(r"\left") == line.count(r"\right"), lines
    assert r"\left" not in lines[-1], "nothing is open any more"
