"""The promises of derivatives, for every record: no operation is named here."""

import numpy as np
import pytest

from strategies import (
    CASES,
    MOVING,
    close,
    differences,
    directions,
    drawn,
    inner,
    moves,
    program,
)
from whence.core.check import check
from whence.core.graph import Graph, Literal
from whence.core.primitive import Constant, Linear
from whence.core.serialize import from_json, to_json
from whence.transform.forward import jvp
from whence.transform.reverse import vjp

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_moving_case = pytest.mark.parametrize("case", MOVING, ids=str)
every_constant = pytest.mark.parametrize(
    "case", [c for c in CASES if isinstance(c.primitive.derivative, Constant)], ids=str
)

RULES = ("differential of", "transpose of", "definition of", "strong zero")


def outward(graph, seed=2):
    """A cotangent for each output."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=y.aval.shape) for y in graph.outputs]


def second_order(case):
    """Whether the derivative of a case has derivatives."""
    from whence.core.errors import DerivativeError

    try:
        vjp(vjp(program(case)))
    except DerivativeError:
        return False
    return True


@every_case
def test_the_reference_gives_what_the_shape_rule_says(case):
    graph = check(program(case))
    found = graph(*drawn(case))
    for array, output in zip(found, graph.outputs, strict=True):
        assert array.shape == output.aval.shape
        assert array.dtype == output.aval.dtype


@every_moving_case
def test_forward_mode_agrees_with_differences(case):
    graph, x = program(case), drawn(case)
    x_dot = directions(x)
    _, y_dot = np.split(np.array(check(jvp(graph))(*x, *x_dot), dtype=object), 2)
    assert close(y_dot, differences(graph, x, x_dot), 1e-6)


@every_moving_case
def test_reverse_mode_is_the_transpose_of_forward_mode(case):
    graph, x = program(case), drawn(case)
    x_dot, y_bar = directions(x), outward(graph)
    y_dot = jvp(graph)(*x, *x_dot)[len(graph.outputs) :]
    x_bar = check(vjp(graph))(*x, *y_bar)[len(graph.outputs) :]
    forward, backward = inner(y_bar, y_dot), inner(x_bar, x_dot)
    size = inner(map(np.abs, y_bar), map(np.abs, y_dot)) + inner(
        map(np.abs, x_bar), map(np.abs, x_dot)
    )
    assert abs(forward - backward) <= 1e-12 * max(size, 1)


@every_moving_case
def test_the_derivative_of_the_gradient_agrees_with_differences(case):
    if not second_order(case):
        pytest.skip("the record says that it has no second derivative")
    graph, x = program(case), drawn(case)
    y_bar = outward(graph)
    gradient = vjp(graph)
    x_dot = directions(x)
    moving = gradient.inputs[: len(x)]
    wrt = [value for value in moving if value.aval.moves]
    pushed = check(jvp(gradient, wrt))(*x, *y_bar, *x_dot)
    found = pushed[len(gradient.outputs) :]

    def pulled(*arrays):
        return gradient(*arrays, *y_bar)

    assert close(found, differences(pulled, x, x_dot), 1e-5)


@every_moving_case
def test_second_derivatives_are_symmetric_in_reverse_over_reverse(case):
    if not second_order(case):
        pytest.skip("the record says that it has no second derivative")
    graph, x = program(case), drawn(case)
    y_bar, u, v = outward(graph), directions(x, 3), directions(x, 4)
    gradient = vjp(graph)
    wrt = [value for value in gradient.inputs[: len(x)] if value.aval.moves]
    twice = check(vjp(gradient, wrt))
    zeros = [np.zeros(y.aval.shape) for y in graph.outputs]

    def curved(direction):
        found = twice(*x, *y_bar, *zeros, *direction)
        return found[len(gradient.outputs) :]

    one, other = inner(curved(u), v), inner(curved(v), u)
    assert abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1)


@every_moving_case
def test_declared_linear_operands_are_linear(case):
    arrays, params = drawn(case), case.example.params
    other = drawn(case, seed=5)
    together = isinstance(case.primitive.derivative, Linear)
    rules = case.primitive.transposes(len(arrays))
    moving = [i for i, x in enumerate(arrays) if rules[i] and x.dtype.kind == "f"]
    groups = [moving] if together else [[i] for i in moving]
    free = moving if case.primitive.linear else []  # linear in all of these together

    def at(a, b, group):
        mixed = [
            a * x + b * y if i in group else np.zeros_like(x) if i in free else x
            for i, (x, y) in enumerate(zip(arrays, other, strict=True))
        ]
        return np.asarray(case.primitive.reference(*mixed, **params))

    for group in groups:
        parts = 2 * at(1, 0, group) - 3 * at(0, 1, group)
        assert close([at(2, -3, group)], [parts], 1e-12)


@every_constant
def test_what_is_constant_by_cases_has_no_tangent(case):
    graph = program(case)
    tangents = jvp(graph).outputs[len(graph.outputs) :]
    assert all(isinstance(y, Literal) and y.number == 0 for y in tangents)


def holds_graphs(case):
    """Whether an operation brings equations of its own, with origins of their own."""
    return any(isinstance(p, Graph) for p in case.example.params.values())


@every_case
def test_every_equation_leads_back_to_this_line(case):
    graph = program(case)
    if holds_graphs(case):
        pytest.skip("it brings equations of its own")
    for transformed in (graph, jvp(graph), vjp(graph)) if moves(case) else (graph,):
        for equation in transformed.equations:
            first = equation.origin.first()
            assert first.rule == "traced"
            assert first.where.file.endswith("strategies.py")


@every_case
def test_a_program_comes_back_from_json(case):
    graph = program(case)
    back = check(from_json(to_json(graph)))
    for found, wanted in zip(back(*drawn(case)), graph(*drawn(case)), strict=True):
        np.testing.assert_array_equal(found, wanted)


@every_moving_case
def test_equations_of_a_derivative_say_which_rule_wrote_them(case):
    graph = program(case)
    if holds_graphs(case):
        pytest.skip("it brings equations of its own")
    for equation in vjp(graph).equations[len(graph.equations) :]:
        rule = equation.origin.rule
        assert rule.startswith(RULES)
