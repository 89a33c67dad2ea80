"""What is known of an array before it has numbers: its shape, its dtype, its weakness.

    >>> Aval((Size(5, "n"), 3))
    f64[n,3]

A weak value is a Python number: it takes the dtype of what it meets, as NumPy 2
decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from whence.core.size import Size, Sized

FLOAT64 = np.dtype("float64")
BOOL = np.dtype("bool")
KINDS = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


Number = bool | int | float | complex


@dataclass(frozen=True, slots=True)
class Aval:
    """An abstract value.

    Attributes:
        shape: The lengths of the axes, as ints or named sizes.
        dtype: The NumPy dtype.
        weak: Whether it is a Python number, which takes the dtype of what it meets.
    """

    shape: tuple[int, ...] = ()
    dtype: np.dtype = FLOAT64
    weak: bool = False

    def __repr__(self) -> str:
        sizes = ",".join(map(str, self.shape))
        bits = "bool" if self.dtype == BOOL else _letters(self.dtype)
        return f"{bits}[{sizes}]"

    __str__ = __repr__

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        entries = 1
        for length in self.shape:
            entries *= length
        return entries

    @property
    def moves(self) -> bool:
        """Whether such a value can have a derivative: it is real or complex."""
        return self.dtype.kind in "fc"

    def like(self, shape: tuple[int, ...]) -> Aval:
        """The same dtype in another shape."""
        return Aval(shape, self.dtype, self.weak)


def _letters(dtype: np.dtype) -> str:
    return f"{dtype.kind}{8 * dtype.itemsize}"


def aval_of(number: object) -> Aval:
    """The aval of an array or a number; Python numbers are weak."""
    if type(number) in (bool, int, float, complex):
        return Aval((), np.dtype(type(number)), weak=type(number) is not bool)
    if isinstance(number, Sized):
        kind = int if isinstance(number, Size) else float
        return Aval((), np.dtype(kind), weak=True)
    array = np.asarray(number)
    return Aval(array.shape, array.dtype)


@lru_cache(maxsize=10_000)
def joined_dtype(*avals: Aval) -> tuple[np.dtype, bool]:
    """The dtype that operands meet in, as NumPy 2 decides, and whether it is weak."""
    if all(aval.weak for aval in avals):
        return np.result_type(*(aval.dtype for aval in avals)), True
    parts = [KINDS[x.dtype.kind](0) if x.weak else x.dtype for x in avals]
    return np.result_type(*parts), False
