"""Sizes keep their names, and dtypes meet as in NumPy 2."""

import numpy as np
import pytest

from whence.core.aval import Aval, Quotient, Size, aval_of, joined_dtype

N = Size(5, "n")


def test_arithmetic_with_sizes_keeps_names():
    assert [str(N * 2), str(2 * N), str(N + 1), str(N - 1)] == [
        "2·n",
        "2·n",
        "(n + 1)",
        "(n - 1)",
    ]
    assert N * 2 == 10 and N + 1 == 6 and N - 1 == 4


def test_a_ratio_of_sizes_is_a_float_that_remembers_both():
    share = 1 / N
    assert isinstance(share, Quotient)
    assert share == 0.2
    assert str(share) == "1/n"
    assert (share.above, share.below) == (1, N)


def test_a_size_serves_wherever_an_int_does():
    assert np.zeros(N).shape == (5,)
    assert list(range(N)) == [0, 1, 2, 3, 4]
    assert hash(N) == hash(5)


def test_avals_print_dtype_and_shape():
    assert str(Aval((N, 3))) == "f64[n,3]"
    assert str(aval_of(True)) == "bool[]"
    assert str(aval_of(np.zeros(2, np.int32))) == "i32[2]"
    assert Aval((N, 3)).size == 15


@pytest.mark.parametrize("number", [1, 1.0, 1j])
def test_python_numbers_are_weak(number):
    assert aval_of(number).weak
    assert not aval_of(np.asarray(number)[()]).weak


NUMBERS = [True, 1, 2.0, 1j, np.float32(1), np.int8(1), np.int64(1), np.float64(1)]


@pytest.mark.parametrize("x", NUMBERS, ids=repr)
@pytest.mark.parametrize("y", NUMBERS, ids=repr)
def test_dtypes_meet_as_numpy_decides(x, y):
    assert joined_dtype(aval_of(x), aval_of(y))[0] == np.result_type(x, y)
