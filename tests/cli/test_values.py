"""Values of the command line and of files."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from whence.cli.values import read_point, split
from whence.core.errors import UserError


def values(*items):
    return dict(read_point(items).values)


def mistake(*items):
    with pytest.raises(UserError) as caught:
        read_point(items)
    return caught.value


def test_numbers_are_read():
    assert values("x=2,y=-1.5e3", "flag=True") == {"x": 2, "y": -1500.0, "flag": True}


def test_lists_become_arrays():
    found = values("W=[[1,0],[0,1]],v=(1.5, 2),x=3")
    assert np.array_equal(found["W"], np.eye(2)) and found["W"].dtype.kind == "i"
    assert list(found["v"]) == [1.5, 2] and found["x"] == 3


def test_a_formula_without_names_is_a_number():
    found = values("x=pi/4,y=-inf,z=1/3,u=sqrt(2)")
    assert found["x"] == math.pi / 4 and found["y"] == -math.inf
    assert found["z"] == 1 / 3 and found["u"] == math.sqrt(2)


def test_names_are_compared_as_python_compares_them():
    assert values("y\u0302=1") == {"ŷ": 1}


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ("x", "'x' has no value"),
        ("x=", "no NAME=VALUE"),
        ("=2", "no NAME=VALUE"),
        ("2=x", "no NAME=VALUE"),
        ("x=abc", "'abc' has none"),
        ("x='abc'", "is no number"),
        ("x=None", "is no number"),
        ("x={1: 2}", "is no number"),
        ("x=[1,[2,3]]", "differ in length"),
        ("x=['a']", "is no number"),
        ("x=[1,2", "not closed"),
        ("x=__import__('os')", "is no value"),
        ("x=open('f')", "is no value"),
        ("x=1,x=2", "given twice"),
    ],
)
def test_what_is_no_value_is_refused(item, what):
    error = mistake(item)
    assert what in error.what
    assert error.where.startswith("--at ")


@given(st.text(max_size=40))
def test_random_text_raises_nothing_but_a_user_error(text):
    with contextlib.suppress(UserError):
        read_point([f"x={text}"])


@given(st.lists(st.text("abc=123", min_size=1), min_size=1))
def test_commas_outside_of_brackets_split(parts):
    assert split(",".join(parts)) == parts
    assert split(f"[{','.join(parts)}]") == [f"[{','.join(parts)}]"]


# ------------------------------------------------------------------------- files


def test_the_arrays_of_an_npz_are_read(tmp_path):
    file = tmp_path / "data.npz"
    np.savez(file, X=np.eye(2), y=np.arange(2))
    found = values(str(file), "y=3")
    assert np.array_equal(found["X"], np.eye(2)) and found["y"] == 3


def test_the_columns_of_a_csv_are_read(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text('size,price paid,kind\n1,0.5,"a, b"\n2,,c\n')
    found = values(str(file))
    assert list(found["size"]) == [1, 2] and found["size"].dtype.kind == "i"
    assert found["price_paid"][0] == 0.5 and np.isnan(found["price_paid"][1])
    assert list(found["kind"]) == ["a, b", "c"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("none.csv", None, "there is no file"),
        ("none.npz", None, "there is no file"),
        ("empty.csv", b"", "has no rows"),
        ("ragged.csv", b"a,b\n1,2\n3\n", "row 3 of"),
        ("bytes.csv", b"a\n\xff\n", "cannot be read"),
        ("text.npz", b"no archive", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, content, what):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    assert what in mistake(str(file)).what


def test_objects_in_an_npz_are_never_unpickled(tmp_path):
    file = tmp_path / "objects.npz"
    np.savez(file, x=np.array([object()], dtype=object))
    assert "cannot be read" in mistake(str(file)).what


# ----------------------------------------------------------------------- a point


def test_a_point_takes_from_a_file_only_what_is_needed(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("x,kind\n1,a\n2,b\n")
    point = read_point([str(file), "w=3,extra=4"])
    assert sorted(point.of(["w", "x"], [])) == ["extra", "w", "x"]
    with pytest.raises(UserError, match="'kind' holds text: 'a'"):
        point.of(["kind"], [])


def test_whole_numbers_become_floats_where_they_are_wanted():
    point = read_point(["W=[[1,0],[0,1]],c=[0,1],x=2,i=3,flag=True"])
    found = point.of(point.values, ["W", "x", "flag"])
    assert [found[name].dtype.kind for name in ("W", "c")] == ["f", "i"]
    kinds = [type(found[name]) for name in ("x", "i", "flag")]
    assert kinds == [float, int, bool]
