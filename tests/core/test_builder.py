"""Builders: what comes in from outside, and how they nest."""

import numpy as np
import pytest

from strategies import recorded
from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.check import check
from whence.core.errors import ShapeError, TraceError


def test_a_number_becomes_a_literal_of_the_common_aval():
    graph, captured = recorded(lambda x: x * 2 + np.float64(3), np.ones(2))
    assert not captured
    assert [e.operands[1].aval.shape for e in graph.equations] == [(2,), (2,)]


def test_an_array_becomes_an_input_once_and_is_copied():
    array = np.arange(3.0)
    graph, captured = recorded(lambda x: x * array + array, np.ones(3))
    assert len(captured) == 1
    array[:] = 0
    np.testing.assert_array_equal(graph(np.ones(3), *captured)[0], [0, 2, 4])


def test_a_value_of_an_outer_graph_becomes_an_input_bound_to_it():
    outer = Builder()
    x = outer.input(Aval(), "x", 2.0)
    inner = Builder(parent=outer)
    y = inner.input(Aval(), "y", 3.0)
    product = x * y + x
    graph = check(inner.finish(product.atom))
    assert len(graph.inputs) == 2
    (bound,) = (
        inner.bound.values()
        if len(inner.bound) == 1
        else [inner.bound[graph.inputs[1]]]
    )
    assert bound.atom is x.atom
    (result,) = outer.inline(graph, [y_outer := outer.input(Aval(), "z", 3.0), bound])
    assert outer.number(result.atom) == 8.0
    assert y_outer.builder is outer


def test_a_value_of_a_finished_graph_is_refused_with_its_line():
    old = Builder()
    kept = np.sin(old.input(Aval(), "x"))
    old.finish(kept.atom)
    fresh = Builder().input(Aval(), "y")
    with pytest.raises(TraceError, match="after that has ended") as error:
        fresh * kept
    assert "made by sin" in str(error.value)


def test_numbers_are_computed_when_asked_and_only_those_needed():
    builder = Builder()
    x = builder.input(Aval(), "x", 2.0)
    unknown = builder.input(Aval(), "y")
    y = np.sin(unknown)
    z = x * 3
    assert builder.number(z.atom) == 6.0
    with pytest.raises(TraceError, match="no"):
        builder.number(y.atom)


def test_it_knows_what_depends_on_what_moves():
    builder = Builder()
    x, n = builder.input(Aval(), "x", 2.0), builder.input(Aval(), "n", 3.0)
    builder.moving.add(x.atom)
    assert builder.depends((np.sin(x) + n).atom)
    assert not builder.depends((np.sin(n) * 2).atom)


def test_shapes_that_do_not_meet_are_refused_with_both():
    with pytest.raises(ShapeError, match=r"\(2\) and \(3\)"):
        recorded(lambda x, y: x + y, np.ones(2), np.ones(3))
    with pytest.raises(ShapeError, match="lengths"):
        recorded(lambda x, y: x @ y, np.ones((2, 3)), np.ones((2, 3)))


def test_what_is_no_number_is_refused():
    x = Builder().input(Aval(), "x")
    with pytest.raises(TraceError, match="type"):
        np.add(x, np.array(["a"], object))
