"""The commands, from their arguments to what they print and how they end."""

import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from whence.cli import main

LOSS = "z = w*x + b; p = 1/(1 + exp(-z)); -(y*log(p) + (1 - y)*log(1 - p))"
POINT = "w=0.5,x=2,b=-0.5,y=1"
MODEL = """\
import numpy as np
import whence

def loss(W, x):
    return np.sum(np.tanh(W @ x)**2)

def layered(params, x):
    return np.sum(params["W"] @ x) + params["b"]

def fails(x):
    return {}["y"]*x

def singular(x):
    return np.sum(np.linalg.solve(np.zeros((2, 2)), x))

@whence.custom_derivative
def square(x):
    return x**2

@square.vjp
def _(y_bar, x):
    return 3*x*y_bar

def wrong(x):
    return square(x) + 1
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "model.py").write_text(MODEL)
    yield "model.py"
    sys.modules.pop("model", None)


def whence(*arguments, code=0):
    result = CliRunner().invoke(main, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def mistake(*arguments):
    """The three parts that a mistake is told in; nothing is on stdout."""
    result = whence(*arguments, code=1)
    assert not result.stdout
    what, *_, remedy = result.stderr.splitlines()
    assert "\n  at   " in result.stderr and remedy.startswith("  try  ")
    assert "Traceback" not in result.stderr
    return what


# ----------------------------------------------------------------------- explain


def test_explain_prints_a_derivation():
    shown = whence("explain", "h = (x**2 + 1)**3", "--at", "x=2").stdout
    assert "300" in shown and "chain" in shown


@pytest.mark.parametrize("level", ["brief", "normal", "full"])
def test_each_level_is_printed(level):
    assert whence("explain", "x**2", "--at", "x=2", "--level", level).stdout


def test_each_format_is_written():
    def shown(form):
        return whence("explain", LOSS, "--at", POINT, "--format", form).stdout

    assert json.loads(shown("json"))
    assert r"\begin{align*}" in shown("latex")
    assert shown("markdown") != shown("text")
    assert shown("html").startswith("<!DOCTYPE html>")
    compile(shown("python"), "<shown>", "exec")


def test_hints_leave_blanks_for_people_only():
    asked = ["explain", "(x**2 + 1)**3", "--at", "x=2", "--hints"]
    shown = whence(*asked).stdout
    assert "____" in shown and "answers" in shown
    assert "--hints" in whence(*asked, "--format", "json", code=2).stderr


def test_text_keeps_within_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    shown = whence("explain", LOSS, "--at", POINT).stdout
    assert max(map(len, shown.splitlines())) <= 70


def test_explain_writes_a_file(tmp_path):
    file = tmp_path / "out.tex"
    result = whence(
        "explain", "x**2", "--at", "x=2", "--format", "latex", "-o", str(file)
    )
    assert "\\" in file.read_text() and not result.stdout


@pytest.mark.parametrize("form", ["text", "latex", "markdown", "json"])
def test_a_derivation_that_stopped_is_printed_and_ends_with_one(model, form):
    result = whence(
        "explain", "model.py:wrong", "--at", "x=2", "--format", form, code=1
    )
    assert "square" in result.stdout
    what, where, remedy = result.stderr.splitlines()
    assert what.startswith("the derivation stopped: ")
    assert where == "  at   model.py:wrong"
    assert remedy.startswith("  try  whence grad")


def test_there_is_no_code_of_a_derivation_that_stopped(model):
    point = ["--at", "x=2", "--format", "python"]
    assert "the derivation stopped" in mistake("explain", "model.py:wrong", *point)


def test_explain_reads_a_function_from_a_file(model):
    point = ["--at", "W=[[1,0],[0,1]],x=[0.5,-1]"]
    assert "tanh" in whence("explain", "model.py:loss", *point).stdout


def test_explain_needs_no_numbers_where_it_has_shapes():
    formula, sizes = "mean((X @ w - y)**2)", "X=n d, w=d,y=n"
    shown = whence("explain", formula, "--wrt", "w", "--shapes", sizes).stdout
    assert "∂f/∂w = 2Xᵀ u/n" in shown
    assert "(n = 5, d = 7; n = 13, d = 11)" in shown


def test_a_shape_that_cannot_be_read_is_told_by_what_was_typed():
    assert mistake("explain", "x**2", "--shapes", "n d") == "'n d' is no shape"
    wrong = mistake("explain", "x**2", "--shapes", "x=n d!")
    assert wrong == "'d!' in the shape 'n d!' of x is no size"
    wrong = mistake("explain", "log(p[c])", "--shapes", "p=m")
    assert wrong.startswith("c stands for a whole number")


# -------------------------------------------------------------------------- grad


def test_a_second_derivative_is_printed():
    shown = whence("explain", "x**3", "--at", "x=2", "--order", "2").stdout
    assert "∂²f/∂x² = 6x" in shown
    code = whence(
        "explain", "x**3", "--at", "x=2", "--order", "2", "--format", "python"
    )
    assert "d2f_dx2 = 6*x" in code.stdout


# -------------------------------------------------------------------- my step


def test_a_line_of_ones_own_is_judged():
    right = whence("explain", LOSS, "--at", POINT, "--mine", "(p - y)*x")
    assert "(p - y)*x   equal  the same form" in right.stdout
    wrong = whence("explain", LOSS, "--at", POINT, "--mine", "(y - p)*x", code=1)
    assert "the sign is wrong" in wrong.stdout
    assert "yours gives" in wrong.stdout


def test_lines_of_ones_own_are_read_from_a_file(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("dL/dz = p − y\n\ndL/dw = (p − y)·x\n", encoding="utf-8")
    answer = whence("explain", LOSS, "--at", POINT, "--mine", str(file))
    assert answer.stdout.count("equal") == 2


def test_a_verdict_is_written_as_json():
    asked = ["explain", LOSS, "--at", POINT, "--mine", "2*x", "--format", "json"]
    assert json.loads(whence(*asked, code=1).stdout)["status"] == "wrong"


def test_a_verdict_has_no_other_format():
    asked = ["explain", "x**2", "--at", "x=2", "--mine", "2*x", "--format", "latex"]
    assert "no format latex" in mistake(*asked)


def test_a_line_that_cannot_be_read_is_a_mistake():
    answer = whence("explain", "x**2", "--at", "x=2", "--mine", "2*q", code=1)
    assert answer.stdout.splitlines()[:2] == [
        "   1  2*q   unreadable  nothing here is called 'q'; try one of f, x",
        "        ^",
    ]


def test_a_file_of_lines_that_is_not_there_is_named():
    asked = ("explain", "x**2", "--at", "x=2", "--mine", "my-steps.txt")
    assert "there is no file my-steps.txt" in mistake(*asked)


def test_a_long_line_is_no_file():
    long = " + ".join(["x/75"] * 150)
    assert whence("explain", "x**2", "--at", "x=2", "--mine", long).stdout


def test_hints_and_a_verdict_exclude_each_other():
    asked = ("explain", "x**2", "--at", "x=2", "--mine", "2x", "--hints")
    assert "one at a time" in whence(*asked, code=2).stderr


def test_grad_prints_the_value_and_each_gradient():
    shown = whence("grad", LOSS, "--at", POINT, "--wrt", "w,b").stdout.splitlines()
    assert [line.split()[:2] for line in shown] == [
        ["value", "scalar"],
        ["d/dw", "scalar"],
        ["d/db", "scalar"],
    ]
    found = [float(line.split()[2]) for line in shown]
    assert found == pytest.approx([0.474077, -0.755081, -0.377541], abs=1e-6)


def test_grad_writes_json_in_full_precision():
    shown = whence("grad", "x**2", "--at", "x=0.1", "--json").stdout
    assert json.loads(shown) == {"value": 0.1**2, "gradient": {"x": 0.2}}


def test_grad_prints_arrays_with_their_shapes(model):
    point = ["--at", "W=[[1,0],[0,1],[1,-1]],x=[0.5,-1]"]
    shown = whence("grad", "model.py:loss", *point).stdout
    assert "d/dW   3×2     [[" in shown
    found = json.loads(whence("grad", "model.py:loss", *point, "--json").stdout)
    x, w = np.array([0.5, -1]), np.array([[1, 0], [0, 1], [1, -1]])
    h = np.tanh(w @ x)
    expected = np.outer(2 * h * (1 - h**2), x)
    np.testing.assert_allclose(found["gradient"]["W"], expected, rtol=1e-12)


def test_grad_reads_its_point_from_a_file(model, tmp_path):
    np.savez(tmp_path / "data.npz", W=np.eye(2), x=np.ones(2), unused=1)
    (tmp_path / "data.csv").write_text("x,name\n1,a\n2,b\n")
    assert "2×2" in whence("grad", "model.py:loss", "--at", "data.npz").stdout
    shown = whence("grad", "sum(w*x)", "--at", "data.csv", "--at", "w=2", "--wrt", "x")
    assert "[2. 2.]" in shown.stdout


def test_numbers_that_are_not_finite_are_text_in_json():
    shown = whence("grad", "1/x", "--at", "x=inf", "--json").stdout
    assert "NaN" not in shown and "Infinity" not in shown


# ---------------------------------------------------------------------- mistakes


def test_mistakes_end_with_one_and_three_lines(model):
    assert mistake("explain", "1/sigmod(x)").startswith("there is no function 'sigmod'")
    assert mistake("grad", "x*y", "--at", "x=1") == "y has no value"
    assert mistake("explain", "x*y") == "x and y have no value"
    assert "no parameter 'z'" in mistake("grad", "x*y", "--at", "x=1,z=1")
    assert mistake("grad", "x", "--at", "x=1", "--wrt", "q").startswith(
        "the target has"
    )
    assert mistake("grad", "A @ x", "--at", "A=[[1,2]],x=[1]")
    assert mistake("explain", "nowhere.py:f") == "there is no file nowhere.py"
    out = ["--at", "x=1", "-o", "nowhere/file"]
    assert "cannot be written" in mistake("explain", "x**2", *out)


def test_an_error_in_the_users_function_names_its_line(model):
    result = whence("grad", "model.py:fails", "--at", "x=1", code=1)
    assert "KeyError" in result.stderr and "  at   model.py:11" in result.stderr


def test_a_mistake_without_a_line_of_the_user_names_the_target(model):
    for target in ("model.py:singular", "x*x"):
        assert (
            f"  at   {target}"
            in whence("grad", target, "--at", "x=[1,2]", code=1).stderr
        )


def test_commands_that_cannot_be_read_end_with_two():
    whence("explain", code=2)
    whence("explain", "x", "--format", "word", code=2)
    whence("unheard-of", code=2)


# ---------------------------------------------------------------- doctor, version


def test_the_doctor_finds_what_is_needed_and_computes_rightly():
    shown = whence("doctor").stdout
    for name in ("python", "numpy", "scipy", "llvmlite", "cpu"):
        assert f"\n{name} " in shown
    assert "gradient      right" in shown and "derivation    right" in shown


def test_the_doctor_says_what_is_wrong(monkeypatch):
    monkeypatch.setattr("whence.cli.doctor.gradient", lambda: (1.0, 2.0))
    shown = whence("doctor", code=1).stdout
    assert "1.0, but differences say 2.0" in shown and "\n  try  " in shown


def test_the_version_is_printed():
    assert whence("--version").stdout.startswith("whence ")


def test_help_names_each_command():
    shown = whence("--help").stdout
    assert all(name in shown for name in ("explain", "grad", "doctor"))


def test_the_command_is_installed():
    ask = "from whence.cli import main; main(['--version'], prog_name='whence')"
    done = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("whence ")
