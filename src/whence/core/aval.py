"""What is known of an array before it has numbers: its shape, its dtype, its weakness.

    >>> n = Size(5, "n")
    >>> n * 2, 1 / n
    (2·n, 1/n)
    >>> Aval((n, 3))
    f64[n,3]

A size is an int that remembers what the user calls it, through integer arithmetic and
through the quotients that means are made of. A weak value is a Python number: it takes
the dtype of what it meets, as NumPy 2 decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

FLOAT64 = np.dtype("float64")
BOOL = np.dtype("bool")
KINDS = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


class Size(int):
    """A length with a name; arithmetic with ints and other sizes keeps the name."""

    name: str

    def __new__(cls, value: int, name: str) -> Self:
        """Make a size of a value, called by a name."""
        size = super().__new__(cls, value)
        size.name = name
        return size

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__

    def __mul__(self, other: object) -> int:
        return _combined(int.__mul__, self, other, "{1}·{0}")

    __rmul__ = __mul__

    def __add__(self, other: object) -> int:
        return _combined(int.__add__, self, other, "({0} + {1})")

    __radd__ = __add__

    def __sub__(self, other: object) -> int:
        return _combined(int.__sub__, self, other, "({0} - {1})")

    def __truediv__(self, other: object) -> Quotient | float:
        if isinstance(other, int):
            return Quotient(self, other)
        return NotImplemented

    def __rtruediv__(self, other: object) -> Quotient | float:
        if isinstance(other, int):
            return Quotient(other, self)
        return NotImplemented


def _combined(operation: object, size: Size, other: object, text: str) -> int:
    """An integer operation on sizes, and on their names."""
    if not isinstance(other, int):
        return NotImplemented
    value: int = operation(int(size), int(other))  # type: ignore[operator]
    return Size(value, text.format(size, other))


class Quotient(float):
    """A ratio of sizes that remembers both: the 1/n of a mean."""

    above: int
    below: int

    def __new__(cls, above: int, below: int) -> Self:
        """Divide one size by another."""
        quotient = super().__new__(cls, int(above) / int(below))
        quotient.above, quotient.below = above, below
        return quotient

    def __repr__(self) -> str:
        return f"{self.above}/{self.below}"

    __str__ = __repr__


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
    if isinstance(number, (Size, Quotient)):
        return Aval((), np.dtype(type(number).__mro__[1]), weak=True)
    array = np.asarray(number)
    return Aval(array.shape, array.dtype)


@lru_cache(maxsize=10_000)
def joined_dtype(*avals: Aval) -> tuple[np.dtype, bool]:
    """The dtype that operands meet in, as NumPy 2 decides, and whether it is weak."""
    if all(aval.weak for aval in avals):
        return np.result_type(*(aval.dtype for aval in avals)), True
    parts = [KINDS[x.dtype.kind](0) if x.weak else x.dtype for x in avals]
    return np.result_type(*parts), False
