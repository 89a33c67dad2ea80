"""Traced values behave as NumPy's arrays do, or say what they cannot."""

import math
import pickle

import numpy as np
import pytest

from strategies import recorded, traced
from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.errors import TraceError
from whence.core.tracer import Tracer


def moving(value, name="x"):
    """A traced value that is differentiated, with a number."""
    value = np.asarray(value)
    builder = Builder()
    x = builder.input(Aval(value.shape, value.dtype), name, value)
    builder.moving.add(x.atom)
    return x


def value_of(x):
    return x.builder.number(x.atom)


# ------------------------------------------------------------ asked for numbers


def test_a_branch_takes_the_number():
    x = moving(2.0)
    assert (x * 2 > 3) and not (x < 0)
    assert x.builder.branched


def test_a_branch_on_many_entries_raises_as_numpy_does():
    with pytest.raises(ValueError, match="truth value of an array"):
        bool(moving([1.0, 2.0]) > 0)


def test_a_branch_without_numbers_says_what_to_do():
    x = Builder().input(Aval(), "x")
    with pytest.raises(TraceError, match="where\\(condition, x, y\\)"):
        bool(x > 0)


@pytest.mark.parametrize("convert", [float, int, complex, math.sin, range])
def test_a_plain_number_would_lose_the_derivative(convert):
    with pytest.raises(TraceError, match="differentiated"):
        convert(moving(2.0) * 2)


def test_what_depends_on_nothing_differentiated_has_numbers():
    builder = Builder()
    n = builder.input(Aval((), np.dtype(int)), "n", 3)
    assert (int(n), float(n * 2), list(range(n))) == (3, 6.0, [0, 1, 2])
    assert np.zeros(n).shape == (3,)
    assert f"{n:03d}" == "003"
    assert (n.item(), n.tolist()) == (3, 3)


def test_numpy_arrays_of_traced_values_are_refused_with_the_remedy():
    x = moving(2.0)
    with pytest.raises(TraceError, match=r"whence\.numpy"):
        np.array(x)
    with pytest.raises((TraceError, ValueError)) as error:
        np.array([x, x])
    cause = (
        error.value if isinstance(error.value, TraceError) else error.value.__cause__
    )
    assert isinstance(cause, TraceError)


def test_writing_into_a_numpy_array_is_refused():
    x, buffer = moving([1.0, 2.0]), np.zeros(2)
    with pytest.raises(TraceError, match="out="):
        buffer += x
    with pytest.raises(TraceError, match="acc = acc"):
        np.add(x, x, out=buffer)


def test_a_function_without_an_answer_is_named_with_the_nearest():
    with pytest.raises(TraceError) as error:
        np.nanmax(moving([1.0]))
    text = str(error.value)
    assert "nanmax has no derivative here" in text
    assert "test_tracer.py:" in text
    assert "whence.numpy." in text


def test_an_unknown_attribute_is_named_with_the_nearest():
    with pytest.raises(AttributeError, match="did you mean 'shape'"):
        moving([1.0]).shapes  # noqa: B018
    assert not hasattr(moving([1.0]), "fill_diagonal")


def test_pickling_is_refused_with_the_remedy():
    with pytest.raises(TraceError, match="copy"):
        pickle.dumps(moving(1.0))


def test_strings_and_none_are_no_operands():
    for other in ("text", None, {}):
        with pytest.raises(TypeError):
            moving(1.0) + other
    with pytest.raises(TraceError, match="masked"):
        moving([1.0]) + np.ma.masked_array([1.0], [True])


# ------------------------------------------------------------------ as an array


def test_it_has_the_attributes_of_an_array():
    x = moving(np.ones((2, 3)))
    assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((2, 3), 2, 6, 2, float)
    assert (x.itemsize, x.nbytes) == (8, 48)
    assert x.T.shape == (3, 2)


def test_its_repr_says_shape_name_and_maker():
    x = moving([1.0, 2.0])
    assert repr(x) == "<traced f64[2] x>"
    assert "made by sin" in repr(np.sin(x))


def test_unpacking_stops_at_its_length():
    a, b = moving([1.0, 2.0])
    assert (a.shape, b.shape) == ((), ())
    with pytest.raises(ValueError, match="unpack"):
        a, b = moving([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "index", [5, -6, (0, 0), (slice(None), 1), [0, 9], (Ellipsis, Ellipsis), 1.5]
)
def test_a_wrong_index_raises_what_numpy_raises(index):
    array = np.arange(5.0)
    with pytest.raises((IndexError, TypeError)) as wanted:
        array[index]
    x = moving(array)
    with pytest.raises(type(wanted.value)):
        value_of(x[index])


def test_python_numbers_take_the_dtype_of_what_they_meet():
    x = moving(np.ones(2, np.float32))
    assert (x * 2.0 + 1).dtype == np.float32
    assert (x * np.float64(2)).dtype == np.float64
    assert np.sin(moving(np.ones(2, int))).dtype == np.float64


# ----------------------------------------------------------------- in place


def written(function, *arrays):
    """What a function that writes in place gives, and what NumPy gives."""
    graph, captured = recorded(function, *map(np.asarray, arrays))
    wanted = function(*map(np.asarray, arrays))
    return graph(*arrays, *captured)[0], wanted


def in_rows(x):
    y = x * 1
    for row in y:
        row += row[0]  # noqa: PLW2901 - the row is written, not the name
    return y


def through_a_transpose(x):
    y = x.copy()
    t = y.T
    t[0] = 7
    y[0, 1] = 5
    return t * y.T


def through_steps(x):
    y = x.copy()
    part = y[::-1, ::2]
    part[0] *= 10
    y[-1, 0] += 1
    return y + part.sum()


def out_of_place(x):
    y = x * 1
    z = y
    y = y + 1
    z += 5
    return y * z


def with_out(x):
    y = x * 2
    np.add(y, x, out=y)
    np.multiply(y[0], 3, out=y[0])
    return y


def sorted_in_place(x):
    y = x.copy()
    y.sort()
    return y


def swapped(x):
    y = x.copy()
    y[[0, 1]] = y[[1, 0]]
    return y


@pytest.mark.parametrize(
    "function",
    [
        in_rows,
        through_a_transpose,
        through_steps,
        out_of_place,
        with_out,
        sorted_in_place,
        swapped,
    ],
)
def test_writing_in_place_is_seen_through_views_as_in_numpy(function):
    found, wanted = written(function, np.arange(6.0).reshape(2, 3) % 4)
    np.testing.assert_array_equal(found, wanted)


def test_a_scalar_is_bound_anew():
    def f(x):
        total = x[0]
        total += 1
        return total * x

    found, wanted = written(f, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(found, wanted)


def test_an_argument_is_not_written_into():
    builder = Builder()
    atom = builder.input(Aval((2,)), "x").atom
    x = Tracer(builder, atom, borrowed=True)
    with pytest.raises(TraceError, match="copy"):
        x[0] = 1.0
    with pytest.raises(TraceError, match="copy"):
        x[:1][0] = 1.0


def test_a_write_through_a_reshape_is_refused():
    y = moving(np.ones((2, 3))) * 1
    with pytest.raises(TraceError, match="reshape"):
        y.reshape(3, 2)[0] = 1.0


def test_a_value_of_a_wrong_shape_is_not_put():
    y = moving(np.ones(3)) * 1
    with pytest.raises(ValueError, match="shape"):
        y[:2] = np.ones(3)


def test_the_graph_of_a_program_that_writes_assigns_once():
    graph = traced(in_rows, np.ones((2, 2)))
    results = [y for e in graph.equations for y in e.results]
    assert len(results) == len(set(results))


def test_a_function_that_only_looks_like_another_is_no_remedy():
    with pytest.raises(TraceError) as error:
        np.convolve(moving([1.0]), moving([1.0]))
    assert "whence.numpy." not in str(error.value)
    assert error.value.remedy.startswith("whence.custom_derivative")
