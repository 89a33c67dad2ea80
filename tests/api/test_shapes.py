"""What an argument is, in words: sizes by name, and what its entries are."""

import numpy as np
import pytest

import whence
from whence.api.shapes import Declared, leaves, read_shape, read_shapes
from whence.core.errors import DerivativeError, ShapeError, TraceError

SIZES = {"n": 5, "d": 7, "m": 3}


@pytest.mark.parametrize(
    ("shape", "sizes", "entries"),
    [
        ("n d", ("n", "d"), ""),
        ("n, d", ("n", "d"), ""),
        (("n", "d"), ("n", "d"), ""),
        ("n 3", ("n", 3), ""),
        (("n", 3), ("n", 3), ""),
        (3, (3,), ""),
        ("", (), ""),
        ((), (), ""),
        ("n in m", ("n",), "in m"),
        ("in 10", (), "in 10"),
        ("n bool", ("n",), "bool"),
        ("n m one-hot", ("n", "m"), "one-hot"),
        ("n m rows sum to 1", ("n", "m"), "rows sum to 1"),
        ("d d positive definite", ("d", "d"), "positive definite"),
    ],
)
def test_a_shape_is_read(shape, sizes, entries):
    assert read_shape(shape) == Declared(sizes, entries)


def test_lists_and_dicts_hold_a_shape_for_each_part():
    found = read_shapes({"layers": [{"W": "k d", "b": "k"}, {"W": "m k", "b": "m"}]})
    assert [x.sizes for x in leaves(found["layers"])] == [
        ("k", "d"),
        ("k",),
        ("m", "k"),
        ("m",),
    ]


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ("n d!", "'d!' in the shape 'n d!' of x is no size"),
        (("n", 2.5), "2.5 in the shape"),
        (-1, "-1 in the shape"),
        ("n in", "says that its entries are 'in'"),
        ("n positive thing", "says that its entries are 'positive thing'"),
        ("n d symmetric", "is symmetric, and not square"),
        ("one-hot", "has no sizes"),
    ],
)
def test_what_is_no_shape_is_refused(shape, says):
    with pytest.raises(ShapeError, match=says):
        read_shape(shape)


@pytest.mark.parametrize(
    ("shape", "holds"),
    [
        ("n in m", lambda x: x.dtype == np.int64 and set(x) <= {0, 1, 2}),
        ("n bool", lambda x: x.dtype == bool),
        ("n positive", lambda x: (x > 0).all()),
        ("n m one-hot", lambda x: set(x.flat) == {0, 1} and (x.sum(1) == 1).all()),
        ("n m rows sum to 1", lambda x: np.allclose(x.sum(1), 1) and (x > 0).all()),
        ("d d symmetric", lambda x: np.array_equal(x, x.T)),
        ("d d positive definite", lambda x: (np.linalg.eigvalsh(x) > 0).all()),
        ("2 d", lambda x: x.shape == (2, 7) and x.min() < 0 < x.max()),
    ],
)
def test_random_entries_are_what_is_said_of_them(shape, holds):
    declared = read_shape(shape)
    assert holds(declared.drawn(np.random.default_rng(0), SIZES, ""))


# ------------------------------------------------------------- what explain refuses


def loss(X, W, b):
    A = X @ W
    return np.sum(A + b)


@pytest.mark.parametrize(
    ("shapes", "says"),
    [
        ({"X": "n d", "W": "k m", "b": "m"}, r"\(X is n×d, W is k×m\)"),
        ({"X": "n d", "W": "d m", "b": "d"}, r"\(A is n×m, b is d\)"),
        ({"X": "n d", "b": "d"}, r"\(X is n×d, W is a number\)"),
        ({"X": "n d", "w": "d m"}, "speaks of 'w', which 'loss' does not take"),
        ({"X": "n b", "W": "b m"}, "'b' is a size in shapes=, and a value"),
        ({"X": "n A", "W": "A m"}, "'A' is a size in shapes=, and a value"),
        ("n d", "shapes= is of type str"),
    ],
)
def test_shapes_that_do_not_fit_are_told_by_the_arguments(shapes, says):
    with pytest.raises(ShapeError, match=says):
        whence.explain(loss, shapes=shapes)


def test_a_shape_error_names_its_line():
    with pytest.raises(ShapeError) as raised:
        whence.explain(loss, shapes={"X": "n d", "W": "k m"})
    line = loss.__code__.co_firstlineno + 1
    assert raised.value.where == f"test_shapes.py:{line}"


def test_a_branch_on_a_number_that_there_is_not_is_refused_with_the_remedy():
    def f(x):
        return np.sum(x) if x[0] > 0 else np.sum(x**2)

    with pytest.raises(TraceError, match=r"needs x \(f64\[n\]\), which has none") as r:
        whence.explain(f, shapes={"x": "n"})
    assert r.value.remedy.startswith("where(condition, x, y)")


def test_a_loop_over_a_size_is_refused():
    def f(x):
        total = 0.0
        for i in range(len(x)):
            total = total + x[i] ** 2
        return total

    with pytest.raises(TraceError, match="other things at other sizes"):
        whence.explain(f, shapes={"x": "n"})
    assert whence.explain(f, shapes={"x": "3"}).checked


def test_a_number_that_depends_on_sizes_in_an_unknown_way_is_refused():
    with pytest.raises(TraceError, match="in a way that has no name here"):
        whence.explain(lambda x: np.sum(x) * np.sin(len(x)), shapes={"x": "n"})


def test_a_function_without_a_value_at_random_numbers_is_refused():
    def f(x):
        return np.log(-np.sum(x**2))

    with pytest.raises(DerivativeError, match="no finite value"):
        whence.explain(f, shapes={"x": "n"})


def test_an_index_of_which_nothing_is_said_is_refused_with_the_remedy():
    with pytest.raises(ShapeError, match="says nothing of is a real number") as raised:
        whence.explain(lambda q, c: q[c], shapes={"q": "m"})
    assert '{"c": "in m"}' in raised.value.remedy


def test_a_derivation_without_numbers_gives_none():
    derivation = whence.explain("x**2", shapes={})
    with pytest.raises(DerivativeError, match="has no numbers"):
        _ = derivation.results
