"""Remarks: conventions at kinks, branches that count, and chains in words."""

import json

import numpy as np
import pytest

import whence
from whence.explain.dialect import TEXT
from whence.explain.speaker import Speaker


def said(told, *kinds):
    speaker = Speaker(told.story, TEXT)
    return [
        "".join(map(speaker.part, remark.parts))
        for remark in told.story.remarks
        if not kinds or remark.kind in kinds
    ]


KINKS = [
    ("abs(x)", {"x": 0.0}, "|x|: slopes −1 and 1; by convention 0, the middle"),
    ("maximum(x, 2)", {"x": 2.0}, "by convention ½ for each"),
    ("minimum(x, y)", {"x": 1.0, "y": 1.0}, "by convention ½ for each"),
    ("relu(x)", {"x": 0.0}, "by convention 0, as in every network library"),
    ("clip(x, 0, 1)", {"x": 1.0}, "by convention ½ for each"),
    ("hypot(x, y)", {"x": 0.0, "y": 0.0}, "by convention 0, the least"),
    ("sqrt(x)", {"x": 0.0}, "by convention inf, the limit from the right"),
]


@pytest.mark.parametrize(("formula", "at", "words"), KINKS)
def test_a_kink_names_its_convention(formula, at, words):
    assert any(words in x for x in said(whence.explain(formula, **at), "kink"))


@pytest.mark.parametrize(("formula", "at", "words"), KINKS)
def test_beside_a_kink_there_is_no_convention(formula, at, words):
    beside = {k: v + 0.25 * i for i, (k, v) in enumerate(at.items(), 1)}
    assert not said(whence.explain(formula, **beside), "kink")


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (np.max, "an even share for each that ties"),
        (np.linalg.norm, "slopes −1 and 1 along every line"),
        (np.std, "slopes −1 and 1 along every line"),
    ],
)
def test_reductions_name_their_conventions(f, words):
    assert any(words in x for x in said(whence.explain(f, np.zeros(3)), "kink"))
    assert not said(whence.explain(f, np.array([1.0, 2.0, 4.0])), "kink")


def test_the_sides_of_a_kink_are_the_derivatives_there():
    (_, sides) = said(whence.explain("3*abs(x) + x", x=0.0), "kink")
    assert sides == "∂f/∂x is -2 left of the point and 4 right of it"


def test_a_kink_behind_a_branch_that_is_not_taken_is_silent():
    told = whence.explain("where(y > 0, abs(x), x**2)", wrt="x", x=0.0, y=-1.0)
    assert not said(told, "kink")


def test_a_kink_that_the_output_does_not_feel_is_silent():
    def f(x):
        u = np.maximum(x, 0)
        return np.sum(u**2)

    assert not said(whence.explain(f, np.array([0.0, 1.0])), "kink")


def test_kinks_in_arrays_are_counted():
    told = whence.explain(lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0, 0.0]))
    assert said(told, "kink")[0].startswith("|x| in 2 of 3 entries: ")


def test_the_branch_that_counts_is_named():
    def told(x):
        return said(whence.explain("where(x > 1, x**2, 3*x)", x=x), "branch")

    assert told(2.0) == ["x > 1 holds: the first branch counts"]
    assert told(0.5) == ["x > 1 does not hold: the second branch counts"]
    edge, sides = told(1.0)
    assert edge == "x > 1 is on its edge, and does not hold: the second branch counts"
    assert sides == "∂f/∂x is 3 left of the point and 2 right of it"


def test_the_larger_of_two_is_named():
    assert said(whence.explain("maximum(x, 2)*x", x=1.0), "branch") == [
        "max(x, 2) is 2"
    ]
    assert said(whence.explain("maximum(x, 2)*x", x=3.0), "branch") == [
        "max(x, 2) is x"
    ]
    many = whence.explain(
        lambda x: np.sum(np.maximum(x, 0) * x), np.array([-1.0, 2, 3])
    )
    assert said(many) == ["max(x, 0) is x in 2 of 3 entries and 0 in the others"]


def test_a_chain_of_numbers_is_told_in_words():
    (words,) = said(whence.explain("(x**2 + 1)**3", x=2.0))
    inner, outer, whole = words.split(", ")
    assert inner == "u grows 4 times as fast as x"
    assert outer == "f grows 75 times as fast as u"
    assert whole == "so f grows 300 times as fast as x"
    falling = said(whence.explain("exp(-x**2)", x=0.5))
    assert falling[0].endswith("so f falls 0.7788 times as fast as x grows")


@pytest.mark.parametrize("formula", ["x*exp(x)", "sin(x)/x", "x**x", "x**2"])
def test_several_paths_or_a_single_step_are_not_told_as_a_chain(formula):
    assert not said(whence.explain(formula, x=1.5), "words")


def test_an_error_times_an_input_is_told_so():
    def loss(w, b, x, y):
        z = w * x + b
        y_hat = 1 / (1 + np.exp(-z))
        return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

    told = whence.explain(loss, 0.5, -0.5, 2.0, 1.0, wrt=("w", "b"))
    assert said(told, "words") == [
        "the gradient by w is the error of the prediction times x",
        "the gradient by b is the error of the prediction",
    ]


def test_every_format_has_the_remarks():
    told = whence.explain("abs(x)", x=0.0)
    assert "at a kink |x|" in str(told)
    assert r"At a kink: $\lvert x\rvert$" in told.markdown()
    assert r"At a kink: $\lvert x\rvert$" in told.latex()
    assert "At a kink:" in told.html()
    kinds = {r["kind"] for r in json.loads(told.to_json())["remarks"]}
    assert kinds == {"kink"}


def test_without_numbers_nothing_is_said_of_a_point():
    told = whence.explain("sum(maximum(x, 0))", shapes={"x": "n"})
    assert not told.story.remarks


def branching(x):
    return x**2 if x > 1 else 3 * x


def root(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = (x + a / x) / 2
    return x


def test_a_condition_of_python_is_named_with_its_line():
    (taken,) = said(whence.explain(branching, 2.0), "branch")
    assert taken.startswith("“return x**2 if x > 1 else 3 * x” holds (test_remarks.py:")
    (other,) = said(whence.explain(branching, 0.5), "branch")
    assert "does not hold" in other


def test_a_loop_says_how_often_its_condition_held():
    (words,) = said(whence.explain(root, 2.0), "branch")
    assert words.startswith("“while abs(x * x - a) > 1e-12” held ")
    assert words.count("times, then not (test_remarks.py:") == 1


@pytest.mark.parametrize(
    ("formula", "x"), [("log(x)", -1.0), ("log(sin(x))", 4.0), ("1/x", 0.0)]
)
def test_a_point_without_a_value_is_told_and_never_put_into_words(formula, x):
    said = {r.kind for r in whence.explain(formula, x=x).story.remarks}
    assert said == {"domain"}


def test_a_series_is_told_only_where_it_runs():
    for x, kinds in ((0.25, {"series"}), (4.0, set())):
        remarks = whence.explain("sin(x)/x", x=x).story.remarks
        assert {r.kind for r in remarks} == kinds


@pytest.mark.parametrize("z", [34.5, 36.0, 40.0, -40.0, 800.0])
def test_a_loss_that_saturates_has_its_value_and_no_remark_on_it(z):
    def loss(z, y):
        p = 1 / (1 + np.exp(-z))
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))

    told = whence.explain(loss, z, 0.3, wrt="z")
    assert told.checked
    assert "no value" not in str(told)


@pytest.mark.parametrize("z", [34.5, 36.0, 40.0, 800.0])
def test_lines_are_judged_elsewhere_where_the_program_as_written_is_noise(z):
    told = whence.explain(
        "-(y*log(1/(1+exp(-z))) + (1-y)*log(1 - 1/(1+exp(-z))))", wrt="z", z=z, y=0.3
    )
    assert told.checked
    assert told.operations == 1


def test_a_function_of_several_entries_says_that_its_sum_is_differentiated():
    x = np.array([1.0, 2.0, 3.0])
    told = whence.explain(lambda x: np.exp(x) / np.sum(np.exp(x)), x)
    assert "of a sum  f has several entries" in str(told)
    assert "of a sum" not in str(whence.explain(lambda x: np.sin(x) ** 2, x))
    assert "of a sum" not in str(whence.explain(lambda x: np.sum(np.sin(x)), x))
