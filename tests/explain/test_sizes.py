"""The sizes in a program are found by tracing it at other sizes."""

import math

import numpy as np
import pytest

from whence.api.recording import record
from whence.api.shapes import Standing, read_shape
from whence.core.errors import TraceError
from whence.explain.sizes import at, expressions, stand_ins, with_names

SETS = stand_ins(["n", "d"])


@pytest.mark.parametrize("count", range(1, 13))
def test_no_two_sizes_coincide_in_all_sets(count):
    names = [f"n{i}" for i in range(count)]
    sets = stand_ins(names)
    for sizes in sets:
        assert len({*sizes.values()}) == count
    seen = set()
    for name in names:
        assert len({s[name] for s in sets}) == len(sets)
        seen.add(sets[0][name] - sets[1][name])
    assert len(seen) == count


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (lambda n, d: n, "n"),
        (lambda n, d: n * d, "n*d"),
        (lambda n, d: n + d, "n + d"),
        (lambda n, d: d - n, "d - n"),
        (lambda n, d: 2 * n - 1, "2*n - 1"),
        (lambda n, d: -n, "-n"),
        (lambda n, d: n * n, "n*n"),
        (lambda n, d: n // 2, "n//2"),
        (lambda n, d: n * d + 1, "n*d + 1"),
        (lambda n, d: 1 / n, "1/n"),
        (lambda n, d: 0.5 * n, "0.5*n"),
        (lambda n, d: 1 / (n - 1), "1/(n - 1)"),
        (lambda n, d: 2.0 / (n * d), "2/(n*d)"),
        (lambda n, d: math.sqrt(d), "sqrt(d)"),
        (lambda n, d: 1 / math.sqrt(2 * d), "0.7071067811865476/sqrt(d)"),
        (lambda n, d: math.log(n), "log(n)"),
    ],
)
def test_a_number_is_found_among_expressions_in_sizes(number, text):
    values = [number(**s) for s in SETS]
    found = next(expressions(values, SETS))
    assert repr(found) == text
    for value, sizes in zip(values, SETS, strict=True):
        assert math.isclose(at(found, sizes), value, rel_tol=1e-12)


def traced(function, *shapes):
    """The traces of a function at every set of sizes, named."""
    every = [
        record(function, [Standing(read_shape(s), sizes) for s in shapes])
        for sizes in SETS
    ]
    return with_names([r.graph for r in every], SETS)


def test_a_number_of_the_users_stays_one_though_it_equals_a_size():
    graph, *_ = traced(lambda x: np.sum(x) / 5 + len(x), "n")
    assert SETS[0]["n"] == 5
    texts = [repr(e.operands[1].number) for e in graph.equations[1:]]
    assert texts == ["5", "n"]


def test_axes_are_named_by_the_shape_rules_not_by_their_lengths():
    graph, other, *_ = traced(lambda x, w: (x @ w)[1:].reshape(-1, 1), "n d", "d")
    shapes = [repr(y.aval.shape) for e in graph.equations for y in e.results]
    assert shapes == ["(n,)", "(n - 1,)", "(n - 1, 1)"]
    assert [y.aval.shape for e in other.equations for y in e.results][-1] == (12, 1)


def test_a_program_that_does_other_things_at_other_sizes_is_told_by_its_line():
    def f(x):
        return np.sum(x) if len(x) < 10 else np.mean(x)

    with pytest.raises(TraceError, match="other sizes") as raised:
        traced(f, "n")
    assert raised.value.where.startswith("test_sizes.py:")
