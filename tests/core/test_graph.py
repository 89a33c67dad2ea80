"""Graphs: literals by bits, printing, checking, and names made unique."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import traced
from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.check import check
from whence.core.graph import Equation, Literal, Origin, Value
from whence.core.primitive import PRIMITIVES
from whence.core.source import Place

SCALAR = Aval()
SOMEWHERE = Origin("traced", Place(text="model.py:1"))


def line(name, operands, aval=SCALAR, **params):
    return Equation(
        PRIMITIVES[name], tuple(operands), (Value(aval),), SOMEWHERE, params
    )


def test_literals_are_equal_by_bits():
    zero, minus = Literal(0.0, SCALAR), Literal(-0.0, SCALAR)
    nan = Literal(float("nan"), SCALAR)
    assert zero == Literal(0.0, SCALAR) and hash(zero) == hash(Literal(0.0, SCALAR))
    assert zero != minus
    assert nan == Literal(float("nan"), SCALAR)
    assert Literal(1, SCALAR) != Literal(1.0, SCALAR) != Literal(True, SCALAR)
    assert Literal(1.0, SCALAR) != Literal(1.0, Aval((2,)))


def test_values_are_equal_only_to_themselves():
    assert Value(SCALAR) != Value(SCALAR)


def test_a_graph_prints_as_it_is_stored():
    builder = Builder()
    w, x = (builder.input(Aval((3,)), name) for name in "wx")
    with builder.because(SOMEWHERE):
        y = np.exp(w * x)
        total = y.sum()
    builder.name(total.atom, "total")
    assert str(builder.finish(total.atom)) == (
        "(w: f64[3], x: f64[3])\n"
        "      a = mul w x                          | traced, model.py:1\n"
        "      b = exp a                            | traced, model.py:1\n"
        "  total = sum b axis=(0,) keepdims=False   | traced, model.py:1\n"
        "-> total"
    )


def broken():
    """Graphs that are none, and what is said of them."""
    good = traced(lambda x: np.sin(x) * 2, 1.0)
    first, second = good.equations
    stray = Value(SCALAR)
    wide = replace(first, results=(Value(Aval((2,))),))
    return {
        "unknown value": replace(good, equations=(second, first)),
        "assigns a value again": replace(good, equations=(first, first, second)),
        "listed twice": replace(good, inputs=good.inputs * 2),
        "gives": replace(good, equations=(wide,), outputs=()),
        "an output is unknown": replace(good, outputs=(stray,)),
        "has other results": replace(
            good, equations=(replace(first, results=(stray, Value(SCALAR))),)
        ),
        "no origin": replace(good, equations=(replace(first, origin=None), second)),
        "reads an unknown": replace(
            good, equations=(line("sin", [stray]),), outputs=()
        ),
    }


@pytest.mark.parametrize("fault", broken())
def test_check_refuses_what_is_no_graph_and_says_why(fault):
    with pytest.raises(AssertionError, match=fault):
        check(broken()[fault])


def test_an_origin_leads_back_to_the_first():
    later = SOMEWHERE.then("differential of sin").then("transpose of mul")
    assert later.first() is SOMEWHERE
    assert str(later) == "transpose of mul, model.py:1"


def test_a_graph_is_called_with_numbers():
    assert traced(lambda x, y: (x * y, x + y), 2.0, 3.0)(2.0, 3.0) == (6.0, 5.0)
