"""Values are called what the program calls them."""

import numpy as np

from strategies import recorded
from whence.core.source import located
from whence.core.tracer import name_value


def names(function, *arrays):
    """The names of what a function computes, in order."""
    graph, _ = recorded(function, *arrays)
    inputs = set(graph.inputs)
    return [graph.names.get(v, "") for v in graph.values() if v not in inputs]


def test_a_value_is_called_what_it_is_assigned_to():
    def f(x):
        hidden = np.tanh(x)
        y_hat = hidden * 2
        return y_hat  # noqa: RET504 - the name is what is tested

    assert names(f, 1.0) == ["hidden", "y_hat"]


def test_a_part_of_an_expression_has_no_name():
    def f(x):
        y = np.sin(x) * 2
        return y  # noqa: RET504 - the name is what is tested

    assert names(f, 1.0) == ["", "y"]


def test_a_name_met_again_is_numbered():
    def f(x):
        h = np.sin(x)
        h = np.cos(h)
        for _ in range(2):
            h = np.tanh(h)
        return h

    assert names(f, 1.0) == ["h1", "h2", "h3", "h4"]


def test_an_input_keeps_its_name():
    def f(x0):
        x0 = np.sin(x0)
        return x0  # noqa: RET504 - the name is what is tested

    assert names(f, 1.0) == ["x0_1"]


def test_tuples_attributes_and_keys_name_values():
    class Model:
        pass

    def f(x):
        model, params = Model(), {}
        a, b = np.sin(x), np.cos(x)
        model.out = a + b
        params["W"] = a * b
        difference = [c := a - b]
        return model.out + params["W"] + c + difference[0]

    assert names(f, 1.0)[:5] == ["a", "b", "out", "W", "c"]


def test_what_a_helper_returns_is_called_as_its_caller_calls_it():
    def helper(x):
        return np.exp(x)

    def f(x):
        w = helper(x)
        return w * 2

    assert names(f, 1.0)[0] == "w"


def test_in_place_operations_name_values():
    def f(x):
        total = x * 1
        total += x
        return total

    assert names(f, 1.0) == ["total1", "total2"]


def test_an_assignment_by_hand_names_a_value():
    def f(x):
        y = np.sin(x)
        name_value(y, "height")
        return y

    assert names(f, 1.0) == ["height"]


def test_every_line_knows_its_place_and_scope():
    def inner(x):
        return np.sin(x)

    def f(x):
        return inner(x) * 2

    graph, _ = recorded(f, 1.0)
    first, second = (e.origin.where for e in graph.equations)
    assert first.file == __file__
    assert first.scope[-2:] == ("f", "inner")
    assert second.scope[-1] == "f"
    assert str(first).startswith("test_names.py:")


def test_a_place_can_be_given():
    with located("line 3", ("main",)):
        graph, _ = recorded(np.sin, 1.0)
    where = graph.equations[0].origin.where
    assert (str(where), where.scope) == ("line 3", ("main",))
