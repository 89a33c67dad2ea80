"""What is not finite is found, and the likeliest remedy named."""

import numpy as np
import pytest

from whence.learn.faults import advice, bad_row, fault, finite

paths = ["params['W']", "params['b']"].copy


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_entry_is_seen(bad):
    array = np.ones((30, 40))
    array[17, 3] = bad
    assert not finite(array)


@pytest.mark.parametrize("good", [np.full(9, 1e200), np.float32(3e38), np.zeros(0)])
def test_large_and_empty_arrays_are_finite(good):
    assert finite(np.asarray(good))


def test_a_finite_step_has_no_fault():
    assert fault(1.0, [np.ones(2), np.ones(1)], paths) is None


def test_the_loss_is_named_before_the_gradients():
    assert fault(np.nan, [np.array([np.nan])], paths) == "the loss is nan"


def test_the_parameter_is_named_by_its_path():
    bad = [np.ones(2), np.array([np.nan, 1.0, np.inf])]
    words = "the gradient of params['b'] is not finite (2 of 3 entries)"
    assert fault(1.0, bad, paths) == words


def test_the_advice_has_three_parts():
    lines = advice("the loss is nan", 4, (), 0.1).splitlines()
    assert lines[0].startswith("the loss is nan at step 5")
    assert [line[:6] for line in lines[1:]] == ["  at  ", "  try "]


@pytest.mark.parametrize(
    ("count", "data", "step", "words"),
    [
        (4, (), 0.1, "step=0.01 (it is 0.1)"),
        (4, (), None, "smaller steps"),
        (0, (), 0.1, "a start at which"),
        (4, (np.ones(3), np.array([[1.0], [np.inf]])), 0.1, "data[1] has one in row 1"),
    ],
)
def test_the_remedy_fits_the_circumstances(count, data, step, words):
    assert words in advice("the loss is nan", count, data, step).splitlines()[-1]


@pytest.mark.parametrize("array", [np.arange(3), np.array(["a"]), 2.0, np.ones(2)])
def test_data_without_a_bad_row_have_none(array):
    assert bad_row(array) is None
