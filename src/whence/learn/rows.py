"""The rows that a step sees: all of them, or a minibatch.

    Rows(data, batch, seed).at(step) -> the arrays of data, cut to the rows of the step

The order of an epoch is a function of the seed and the number of the epoch, and the
rows of a step one of its number. Nothing else is remembered, so a run that is continued
at step 1000 sees the rows that it would have seen without the pause. An epoch ends with
a smaller batch where the batch does not divide the rows; each row is seen once an
epoch.

    >>> rows = Rows((np.arange(5),), batch=2, seed=0)
    >>> [len(rows.at(step)[0]) for step in range(3)]
    [2, 2, 1]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whence.core.errors import ShapeError, UserError


@dataclass(frozen=True)
class Rows:
    """The data of a run, and how it is dealt out.

    Args:
        data: Arrays with a row per sample, passed to the loss after the parameters.
        batch: Rows of a step; None for all of them.
        seed: Of the order of the rows.
    """

    data: tuple[Any, ...]
    batch: int | None
    seed: int

    def __post_init__(self) -> None:
        if self.batch is not None:
            check(self.data, self.batch, self.seed)

    @property
    def count(self) -> int | None:
        """The number of rows, where they are dealt out."""
        return None if self.batch is None else len(self.data[0])

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return 1 if self.batch is None else -(-len(self.data[0]) // self.batch)

    def at(self, step: int) -> tuple[Any, ...]:
        """Return the arrays that the loss sees in a step, counted from 0."""
        if self.batch is None:
            return self.data
        epoch, position = divmod(step, self.steps)
        order = permutation(self.seed, epoch, len(self.data[0]))
        rows = order[position * self.batch : (position + 1) * self.batch]
        return tuple(array[rows] for array in self.data)


def arrays(data: Any, batch: int | None) -> tuple[Any, ...]:
    """Return the data as a tuple; where rows are dealt out, of arrays."""
    if not isinstance(data, tuple | list):
        raise UserError(
            f"data is a {type(data).__name__}",
            remedy="a tuple of what the loss takes after params: data=(X, y) or (X,)",
        )
    return tuple(data) if batch is None else tuple(np.asarray(x) for x in data)


def check(data: tuple[Any, ...], batch: int, seed: int) -> None:
    """Refuse data whose rows cannot be dealt out together."""
    if batch < 1 or seed < 0:
        raise UserError(
            f"batch is {batch} and seed is {seed}",
            remedy="a batch of at least one row, and a seed of at least 0",
        )
    if not data or any(np.ndim(x) == 0 for x in data):
        raise ShapeError(
            "there are no rows to take a batch from",
            remedy="data=(X, y), arrays with a row per sample; numbers belong in params"
            " or in the loss",
        )
    sizes = [len(x) for x in data]
    if len(set(sizes)) > 1 or not sizes[0]:
        raise ShapeError(
            f"the arrays of data have {sizes} rows",
            remedy="arrays of the same number of rows, at least one",
        )


@lru_cache(maxsize=2)
def permutation(seed: int, epoch: int, count: int) -> NDArray[np.intp]:
    """Return the order of the rows in an epoch."""
    order: NDArray[np.intp] = np.random.default_rng([seed, epoch]).permutation(count)
    order.flags.writeable = False
    return order
