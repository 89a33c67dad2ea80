"""Forward and reverse mode of whole programs: what they write."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import gradient, recorded, traced
from whence import special
from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.check import check
from whence.core.errors import DerivativeError
from whence.core.graph import Literal
from whence.core.primitive import PRIMITIVES, NoDerivative
from whence.core.source import located
from whence.transform.forward import jvp
from whence.transform.reverse import vjp
from whence.transform.transpose import transpose


def names_of(graph):
    return [e.primitive.name for e in graph.equations]


def test_a_value_that_does_not_move_has_no_differential():
    graph = traced(lambda x, y: np.sin(x) * np.cos(y), 1.0, 2.0)
    forward = jvp(graph, graph.inputs[:1])
    differentials = [e for e in forward.equations if "differential" in e.origin.rule]
    assert [e.primitive.name for e in differentials] == ["cos", "mul", "mul"]


def test_the_lines_of_the_program_are_kept_as_they_are():
    graph = traced(lambda x: np.exp(x) * x, np.ones(3))
    for derivative in (jvp(graph), vjp(graph)):
        assert set(graph.values()) <= set(derivative.values())


def test_a_result_that_rests_has_a_zero_tangent_and_ignores_its_cotangent():
    graph = traced(lambda x: (np.floor(x), x * 2), np.ones(3))
    assert isinstance(jvp(graph).outputs[2], Literal)
    backward = vjp(graph)
    found = backward(np.ones(3), np.full(3, np.nan), np.ones(3))
    assert len(found) == 3
    np.testing.assert_array_equal(found[2], 2.0)


def test_an_input_that_nothing_depends_on_has_a_zero_gradient():
    assert gradient(lambda x, y: x, np.ones(2), np.ones(3))[1].tolist() == [0, 0, 0]


def test_the_gradient_of_an_output_that_is_an_input_is_its_cotangent():
    graph = traced(lambda x: (x, x), 2.0)
    assert vjp(graph)(2.0, 3.0, 4.0)[-1] == 7.0


def test_integers_do_not_move():
    graph = traced(lambda x, c: x[c] * c, np.array([1.0, 5.0]), np.array(1))
    assert len(jvp(graph).inputs) == 3
    assert vjp(graph)(np.array([1.0, 5.0]), 1, 1.0)[-1].tolist() == [0, 1]


def test_tangents_and_cotangents_are_named_after_their_values():
    builder = Builder()
    x = builder.input(Aval(), "x")
    y = np.sin(x)
    builder.name(y.atom, "y")
    graph = builder.finish(y.atom)
    assert {"x_dot", "y_dot"} <= set(jvp(graph).names.values())
    assert {"x_bar", "y_bar"} <= set(vjp(graph).names.values())


def test_a_missing_derivative_says_which_and_where():
    untold = replace(PRIMITIVES["sin"], derivative=NoDerivative("nobody wrote it"))
    with located("model.py:7"):
        graph = traced(untold, 0.5)
    with pytest.raises(DerivativeError) as error:
        jvp(graph)
    assert str(error.value).splitlines()[:2] == [
        "sin has no derivative here: nobody wrote it",
        "  at   model.py:7",
    ]


def test_the_transpose_of_a_linear_program_is_its_transpose():
    matrix = np.arange(6.0).reshape(2, 3)
    graph, captured = recorded(lambda x: matrix @ x + x[0] * np.ones(2), np.ones(3))
    backward = check(transpose(graph, graph.inputs[:1]))
    basis = [backward(*captured, e)[0] for e in np.eye(2)]
    columns = [graph(e, *captured)[0] for e in np.eye(3)]
    np.testing.assert_allclose(basis, np.transpose(columns))


def test_each_is_given_every_complete_cotangent():
    graph = traced(lambda x: np.sin(x) * x + x, np.ones(2))
    seen = []

    def each(builder, cotangent, value):
        seen.append(value)
        return cotangent

    vjp(graph, None, each)
    assert len(seen) == len(set(seen))
    assert seen


def test_products_of_matrices_need_no_transposes():
    graph = traced(lambda a, b: a @ b, np.ones((2, 3)), np.ones((3, 4)))
    assert set(names_of(vjp(graph))) == {"contract"}


def test_a_program_of_20000_equations_needs_no_recursion():
    def loop(x):
        y = x
        for _ in range(10_000):
            y = np.sin(y) * 1.0001
        return y

    graph = traced(loop, 0.5)
    assert len(graph.equations) == 20_000
    (slope,) = vjp(graph)(0.5, 1.0)[1:]
    forward = jvp(graph)(0.5, 1.0)[1]
    np.testing.assert_allclose(slope, forward, rtol=1e-10)


def test_float32_stays_float32_in_both_modes():
    x = np.ones(3, np.float32)
    graph = traced(lambda x: np.mean(special.softplus(x) ** 2) * 0.5, x)
    for derivative in (jvp(graph), vjp(graph)):
        assert all(y.aval.dtype == np.float32 for y in derivative.outputs)


def test_empty_arrays_have_empty_gradients():
    x = np.ones((0, 3))
    assert gradient(lambda x: np.sum(x * 2), x)[0].shape == (0, 3)
    assert gradient(lambda x: np.prod(x), x)[0].shape == (0, 3)
