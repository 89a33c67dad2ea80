"""What is written comes back: bits, names, origins, graphs inside graphs."""

import json

import numpy as np
import pytest

import whence
from whence import custom_derivative, trace
from whence.api.recording import record
from whence.core.aval import FLOAT64, Aval
from whence.core.builder import Builder
from whence.core.check import check
from whence.core.errors import TraceError
from whence.core.graph import Literal
from whence.core.serialize import Writer, from_json, to_json
from whence.core.size import Size, quotient
from whence.transform.forward import jvp
from whence.transform.reverse import vjp


@custom_derivative
def mine(x):
    return np.exp(x)


@mine.jvp
def _(primals, tangents):
    y = mine(*primals)
    return y, y * tangents[0]


def f(x, W, i):
    h = np.where(x > 0, mine(x), -np.inf) * np.mean(x)
    return np.sum(np.tanh(W[1:, ::-1] @ x[:2]) ** 2) + h[i] @ x + W[0, 0]


X, W, ROWS = (
    np.array([0.5, 1.0, 2.0]),
    np.arange(6.0).reshape(3, 2),
    np.array([0, 0, 2]),
)


def graphs():
    graph = trace(f, X, W, ROWS)
    yield graph, (X, W, ROWS)
    yield vjp(graph), (X, W, ROWS, np.float64(1.0))
    yield jvp(graph), (X, W, ROWS, X, W)
    yield vjp(jvp(graph)), (X, W, ROWS, X, W, np.float64(1.0), np.float64(0.5))


@pytest.mark.parametrize(("graph", "arrays"), list(graphs()))
def test_a_graph_comes_back(graph, arrays):
    text = to_json(graph)
    again = check(from_json(text))
    assert str(again) == str(graph)
    assert to_json(again) == text
    for mine_, theirs in zip(graph(*arrays), again(*arrays), strict=True):
        np.testing.assert_array_equal(mine_, theirs)


def test_origins_come_back_with_those_before_them():
    graph = vjp(trace(f, X, W, ROWS))
    again = from_json(to_json(graph))
    for old, new in zip(graph.equations, again.equations, strict=True):
        a, b = old.origin, new.origin
        while a is not None:
            assert (a.rule, str(a.where), a.where.scope) == (
                b.rule,
                str(b.where),
                b.where.scope,
            )
            a, b = a.earlier, b.earlier
        assert b is None


def test_an_operation_whose_rule_calls_it_comes_back():
    graph = from_json(to_json(trace(lambda x: mine(x), 0.5)))
    for _ in range(3):
        graph = jvp(graph)
    assert graph(*np.ones(len(graph.inputs)))[0] == np.exp(1.0)


NUMBERS = [
    *(0.0, -0.0, 0.1, 1e308, 5e-324, float("inf"), float("-inf"), float("nan")),
    *(0, 1, -(2**62), True, False, 1 + 2j, complex(-0.0, float("nan"))),
    *(Size(5, "n"), Size(5, "n") - 1, quotient(1, Size(5, "n")), quotient(1, 3)),
]


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_literals_come_back_by_their_bits(number):
    builder = Builder()
    literal = Literal(number, Aval((Size(3, "k"),), FLOAT64, weak=True))
    graph = from_json(to_json(builder.finish(literal)))
    assert graph.outputs == (literal,)
    assert type(graph.outputs[0].number) is type(number)
    assert repr(graph.outputs[0].aval.shape) == "(k,)"
    assert graph.outputs[0].aval.weak


PARAMS = [
    *(None, "ü", (1, (2.5, None)), [1, [2]], {"a": (1,), 2: "b"}, slice(None, 2, -1)),
    *(..., np.dtype("float32"), np.float32(0.1), np.int64(3)),
]


@pytest.mark.parametrize("param", PARAMS, ids=repr)
def test_params_come_back(param):
    def there_and_back(x):
        from whence.core.serialize import Reader

        text = json.dumps(Writer().content(x))
        empty = {"avals": [], "places": [], "origins": [], "graphs": []}
        return Reader(empty).content(json.loads(text))

    assert there_and_back(param) == param
    assert type(there_and_back(param)) is type(param)
    array = np.array([[1, 2], [3, 4]], np.int32)
    np.testing.assert_array_equal(there_and_back(array), array)
    assert there_and_back(array).dtype == array.dtype


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no JSON"),
        ("[]", "holds no graph"),
        ('{"format": "whence graph", "version": 99}', "version 99"),
    ],
)
def test_what_is_no_graph_is_refused(text, what):
    with pytest.raises(TraceError, match=what):
        from_json(text)


def test_an_unknown_operation_is_refused():
    text = to_json(trace(lambda x: np.sin(x), 1.0)).replace('"sin"', '"sinus"')
    with pytest.raises(TraceError, match="'sinus', an operation that is not known"):
        from_json(text)


def test_a_long_program_is_written():
    def loop(x):
        for _ in range(3_000):
            x = x * 0.5 + np.sin(x)
        return x

    graph = record(loop, (1.0,)).graph
    again = from_json(to_json(graph))
    assert again(1.0) == graph(1.0)
    assert whence.grad(loop)(1.0) == vjp(again)(1.0, 1.0)[1]
