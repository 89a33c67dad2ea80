import numpy as np
import pytest

from whence import check
from whence.core.errors import ShapeError

X = np.array([[1.0, 2.0], [3.0, 4.0]])


def loss(p, scale):
    return scale * np.sum(p["W"] ** 2) + p["b"]


def right(p, scale):
    return {"b": 1.0, "W": 2 * scale * p["W"]}


def wrong(p, scale):
    W = 2 * scale * p["W"]
    W[1, 0] += 0.5
    return {"W": W, "b": 1.0}


P = {"W": X, "b": 0.0}


def test_a_right_gradient_is_right():
    report = check(loss, right, P, 3.0)
    assert report
    assert str(report).startswith("the gradient is right: 5 entries, ")


def test_a_wrong_entry_is_named():
    report = check(loss, wrong, P, 3.0)
    assert not report
    assert [entry.path for entry in report.wrong] == ["p['W'][1, 0]"]
    assert str(report) == (
        "the gradient is wrong: 1 of 5 entries deviate\n"
        "  p['W'][1, 0]   yours 18.5   ours 18   differences 18   deviation 0.021"
    )


def test_the_largest_deviations_come_first_and_few_are_shown():
    report = check(lambda x: np.sum(x**2), lambda x: 2 * x + np.arange(9.0), np.ones(9))
    lines = str(report).splitlines()
    assert lines[1].startswith("  x[8]")
    assert lines[-1] == "  and 3 more"


def test_a_nan_is_wrong():
    assert not check(lambda x: x * x, lambda x: float("nan"), 2.0)


def test_several_arguments_are_compared():
    assert check(lambda x, y: x * y, lambda x, y: (y, x), 2.0, 3.0, wrt=(0, 1))
    assert check("x*y", lambda x, y: x, x=2.0, y=3.0, wrt="y")


def test_another_shape_is_refused():
    with pytest.raises(ShapeError, match="your gradient by x has the shape"):
        check(lambda x: np.sum(x), lambda x: 1.0, np.ones(3))


def test_a_custom_derivative_that_lies_is_doubted():
    report = check(np.floor, lambda x: 5.0, 3.0)
    assert "agree with neither" in str(report)
