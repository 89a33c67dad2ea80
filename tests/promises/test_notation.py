"""Every record shows all of its operands, and its code is NumPy that runs."""

import re

import numpy as np
import pytest

from strategies import CASES, drawn
from whence.core.aval import aval_of
from whence.core.graph import Graph
from whence.core.notation import ATOM, Call, Infix, index_text, written
from whence.core.primitive import Constant

# what brings a graph of its own is written by what is in the graph
WRITTEN = [
    c for c in CASES if not any(isinstance(p, Graph) for p in c.example.params.values())
]
every_case = pytest.mark.parametrize("case", WRITTEN, ids=str)


def shown(case, form):
    """A case in one of its three forms, with operands named u0, u1, …"""
    arrays = drawn(case)
    names = [f"u{i}" for i in range(len(arrays))]
    template = getattr(case.primitive.notation, form)
    return written(template, names, case.example.params, list(map(aval_of, arrays)))


@every_case
@pytest.mark.parametrize("form", ["text", "latex", "code"])
def test_every_operand_is_shown(case, form):
    text = shown(case, form)
    for i in range(len(case.example.shapes)):
        assert re.search(rf"(?<![a-z])u{i}(?![0-9])", text), text
    assert "{" not in text or form == "latex"


@every_case
def test_latex_closes_its_braces(case):
    text = shown(case, "latex")
    assert text.count("{") == text.count("}")
    left, right = (re.findall(rf"\\{s}(?![a-z])", text) for s in ("left", "right"))
    assert len(left) == len(right)


@every_case
def test_the_code_computes_what_the_reference_does(case):
    arrays, notation = drawn(case), case.primitive.notation
    names = {"np": np} | {f"u{i}": x for i, x in enumerate(arrays)}
    exec(notation.helper, names)
    found = eval(shown(case, "code"), names)
    wanted = case.primitive.reference(*arrays, **case.example.params)
    found = np.broadcast_to(
        found, np.shape(wanted)
    )  # NumPy repeats it where it is used
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


@every_case
def test_a_record_tells_its_source_and_its_reason(case):
    assert case.primitive.source
    if not isinstance(case.primitive.derivative, Constant):
        assert case.primitive.because or case.primitive.notation.text == "{0}"


def test_an_axis_is_written_unless_it_is_the_only_one():
    from whence.core.primitive import PRIMITIVES

    total = PRIMITIVES["sum"].notation

    def text(form, axis, shape, **more):
        params = {"axis": axis, "keepdims": False} | more
        template = getattr(total, form)
        return written(template, ["x"], params, [aval_of(np.zeros(shape))])

    assert text("text", (0,), 3) == "sum(x)"
    assert text("code", (0, 1), (2, 3)) == "np.sum(x)"
    assert text("text", (1,), (2, 3)) == "sum(x, axis=1)"
    assert text("code", (0, 2), (2, 3, 4)) == "np.sum(x, axis=(0, 2))"
    assert text("code", (0,), 3, keepdims=True) == "np.sum(x, keepdims=True)"
    assert text("latex", (1,), (2, 3)) == r"\sum_{\text{axis } 1} x"


def test_an_index_is_written_as_python_does():
    index = (1, (None, None, -1), None, (0, 2, None), "#0")
    assert index_text(index, ["x", "c"]) == "1, ::-1, None, 0:2, c"
    assert index_text((), ["x"]) == "()"


def test_calls_and_infixes_say_how_strongly_they_bind():
    assert Call("exp").binds == ATOM
    minus = Infix("-", "-", "-", 1, tight=True)
    assert (minus.need(0), minus.need(1)) == (1, 2)
