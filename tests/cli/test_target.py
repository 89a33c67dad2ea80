"""What the target of a command stands for, and how its mistakes are told."""

import sys
from pathlib import Path

import pytest

from whence.cli.target import load, users_program
from whence.cli.values import read_point
from whence.core.errors import UserError

MODEL = """\
from beside import offset

def loss(w, x, y=1.0):
    return w*x + y + offset

def fails(x):
    y = x + 1
    return {}[y]

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a model and a file beside it; what it imports is forgotten."""
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "beside.py").write_text("offset = 10\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    yield tmp_path
    for name in {*sys.modules} - before:
        del sys.modules[name]


def mistake(text, folder=None, source=None):
    if source is not None:
        (folder / "wrong.py").write_text(source)
    with pytest.raises(UserError) as caught:
        load(text)
    return caught.value


def test_a_formula_is_a_target():
    target = load("w*x + b")
    assert (target.function, target.file) == ("w*x + b", None)
    assert target.parameters == ["w", "x", "b"]


def test_a_constant_of_formulas_is_a_parameter_where_it_is_given():
    assert load("e*x", ("e", "x")).parameters == ["e", "x"]


def test_a_function_in_a_file_is_a_target(folder):
    target = load("model.py:loss")
    assert target.function(2, 3) == 17
    assert (target.parameters, target.file) == (["w", "x", "y"], Path("model.py"))


def test_a_file_that_does_not_exist_is_named(folder):
    assert mistake("modle.py:loss").what == "there is no file modle.py"


def test_a_function_that_does_not_exist_is_named_with_the_nearest(folder):
    error = mistake("model.py:los")
    assert error.what == "model.py has no function 'los'; it has loss, fails"
    assert error.remedy == "model.py:loss"


def test_a_file_without_a_function_lists_those_it_has(folder):
    what = mistake("model.py").what
    assert what == (
        "model.py is a file, and no function of it is named; it has loss, fails"
    )


def test_a_value_that_is_no_function_is_refused(folder):
    assert "'number' in model.py is no function" in mistake("model.py:number").what


@pytest.mark.parametrize(
    ("source", "what", "where"),
    [
        ("x = 1\ny = 1/0\n", "ZeroDivisionError: division by zero", "wrong.py:2"),
        ("import nowhere\n", "ModuleNotFoundError", "wrong.py:1"),
        ("def f(:\n  pass\n", "cannot be read", "wrong.py:1"),
        ("\nraise SystemExit(3)\n", "ends the program", "wrong.py:2"),
        ("from beside import nothing\n", "ImportError", "wrong.py:1"),
    ],
)
def test_an_import_that_fails_is_told_by_its_line(folder, source, what, where):
    error = mistake("wrong.py:f", folder, source)
    assert what in error.what and error.where == where


def test_a_file_may_have_the_name_of_a_module(folder):
    (folder / "json.py").write_text("def f(x):\n    return x\n")
    assert load("json.py:f").function(1) == 1
    assert hasattr(sys.modules["json"], "loads")


def test_an_error_in_the_users_function_is_told_by_its_line(folder):
    target = load("model.py:fails")
    with pytest.raises(UserError) as caught, users_program(target):
        target.function(1)
    error = caught.value
    assert (error.what, error.where) == (
        "model.py:fails raises KeyError: 2",
        "model.py:8",
    )


def test_our_own_mistakes_are_not_blamed_on_the_user(folder):
    with pytest.raises(AssertionError), users_program(load("model.py:loss")):
        raise AssertionError
    with pytest.raises(KeyError), users_program(load("x**2")):
        raise KeyError


def test_names_to_differentiate_by_are_checked():
    target = load("weight*x + bias")
    assert target.wrt(None) is None
    assert target.wrt("x") == "x"
    assert target.wrt("weight, bias") == ("weight", "bias")
    with pytest.raises(UserError, match="no parameter 'wieght'") as caught:
        target.wrt("wieght")
    assert caught.value.remedy == "weight"


def test_numbers_are_floats_in_a_formula_but_for_indices(folder):
    point = read_point(["p=[1,2],c=1,y=3"])
    found = load("p[c]*y").values(point, None)
    assert [type(found[name]) for name in ("c", "y")] == [int, float]
    found = load("model.py:loss").values(read_point(["w=1,x=2"]), "x")
    assert [type(found[name]) for name in ("w", "x")] == [int, float]


def test_missing_and_extra_values_are_refused(folder):
    target = load("model.py:loss")
    target.check({"w": 1, "x": 2})
    with pytest.raises(UserError, match="w and x have no value"):
        target.check({"y": 2})
    with pytest.raises(UserError, match="no parameter 'q'"):
        target.check({"w": 1, "x": 2, "q": 1})
