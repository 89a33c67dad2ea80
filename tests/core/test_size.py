"""Sizes keep their names, and what is computed from them knows how it was."""

import pickle

import numpy as np
import pytest

from whence.core.size import Measure, Size, quotient

N, D = Size(5, "n"), Size(7, "d")


@pytest.mark.parametrize(
    ("number", "text", "value"),
    [
        (N * 2, "2*n", 10),
        (2 * N, "2*n", 10),
        (N + 1, "n + 1", 6),
        (1 - N, "1 - n", -4),
        (N - (D - 1), "n - (d - 1)", -1),
        (N * (D - 1), "n*(d - 1)", 30),
        (-N, "-n", -5),
        (N + D - N, "d", 7),
        (N + D - D, "n", 5),
        (N**2, "n**2", 25),
        ((N - 1) ** 2, "(n - 1)**2", 16),
        (1 / N, "1/n", 0.2),
        (N / D, "n/d", 5 / 7),
        (1 / (N * D), "1/(n*d)", 1 / 35),
        (N * 0.5, "0.5*n", 2.5),
        (np.sqrt(D), "sqrt(d)", np.sqrt(7)),
        (np.log(N) / 2, "log(n)/2", np.log(5) / 2),
        (np.float64(3.0) * N, "3.0*n", 15.0),
        (N * np.int64(3), "3*n", 15),
    ],
)
def test_arithmetic_with_sizes_is_remembered(number, text, value):
    assert repr(number) == str(number) == text
    assert number == value
    assert type(number) is (Size if isinstance(value, int) else Measure)


@pytest.mark.parametrize("number", [N * 1, 1 * N, N + 0, 0 + N, N - 0, N**1])
def test_what_changes_nothing_is_not_written(number):
    assert repr(number) == "n"


def test_a_ratio_remembers_both_though_neither_has_a_name():
    third = quotient(1, 3)
    assert isinstance(third, float)
    assert repr(third) == "1/3"
    assert third.made == ("div", 1, 3)


def test_a_size_serves_wherever_an_int_does():
    assert np.zeros(N).shape == (5,)
    assert list(range(N)) == [0, 1, 2, 3, 4]
    assert hash(N) == hash(5)
    assert {5: "five"}[N] == "five"


def test_numpy_computes_with_a_size_as_with_an_int():
    assert np.array_equal(np.arange(3) * N, [0, 5, 10])
    assert type(np.arange(3) * N) is np.ndarray
    assert np.maximum(N, 6) == 6
    assert np.float64(0.5) < N


@pytest.mark.parametrize("number", [N, N - 1, 1 / N], ids=repr)
def test_a_size_is_pickled_with_its_name(number):
    again = pickle.loads(pickle.dumps(number))
    assert (repr(again), again, again.made) == (repr(number), number, number.made)
