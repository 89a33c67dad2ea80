"""Avals print what is known of an array, and dtypes meet as in NumPy 2."""

import numpy as np
import pytest

from whence.core.aval import Aval, aval_of, joined_dtype
from whence.core.size import Size

N = Size(5, "n")


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
