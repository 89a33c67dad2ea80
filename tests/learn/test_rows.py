"""Rows are dealt out whole, together, and as the seed says."""

import numpy as np
import pytest

from whence.core.errors import UserError
from whence.learn.rows import Rows, arrays

X = np.arange(20.0).reshape(10, 2)
y = np.arange(10)


def epoch(rows, number=0):
    start = number * rows.steps
    return [rows.at(start + i) for i in range(rows.steps)]


def test_without_a_batch_the_data_pass_as_they_are():
    assert Rows((X, y), None, 0).at(7) == (X, y)


def test_an_epoch_shows_each_row_once():
    labels = np.concatenate([y_part for _, y_part in epoch(Rows((X, y), 3, 0))])
    assert sorted(labels) == list(y)


def test_the_arrays_are_cut_alike():
    for X_part, y_part in epoch(Rows((X, y), 4, 1)):
        assert np.array_equal(X_part[:, 0], 2 * y_part)


def test_each_epoch_has_an_order_of_its_own():
    first, second = (
        np.concatenate([part for (part,) in epoch(Rows((y,), 5, 0), number)])
        for number in range(2)
    )
    assert not np.array_equal(first, second)


def test_the_rows_of_a_step_depend_on_nothing_but_seed_and_step():
    whole = Rows((y,), 3, 5)
    list(map(whole.at, range(6)))
    assert np.array_equal(whole.at(9)[0], Rows((y,), 3, 5).at(9)[0])


def test_another_seed_gives_another_order():
    assert not np.array_equal(Rows((y,), 10, 0).at(0)[0], Rows((y,), 10, 1).at(0)[0])


def test_a_batch_larger_than_the_data_is_all_of_them():
    (part,) = Rows((y,), 100, 0).at(0)
    assert sorted(part) == list(y)


@pytest.mark.parametrize(
    ("data", "batch", "seed"),
    [
        ((X, y[:5]), 2, 0),
        ((), 2, 0),
        ((X, 3.0), 2, 0),
        ((X[:0],), 2, 0),
        ((X,), 0, 0),
        ((X,), 2, -1),
    ],
)
def test_data_that_cannot_be_dealt_out_are_refused(data, batch, seed):
    with pytest.raises(UserError, match="try"):
        Rows(data, batch, seed)


def test_a_single_array_as_data_is_refused():
    with pytest.raises(UserError, match=r"data=\(X, y\)"):
        arrays(X, None)
