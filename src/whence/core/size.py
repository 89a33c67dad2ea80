"""Sizes: whole numbers that remember what the user calls them, through arithmetic.

    >>> n, d = Size(5, "n"), Size(7, "d")
    >>> 2 * n - 1, 1 / n, n * d, np.sqrt(d)
    (2*n - 1, 1/n, n*d, sqrt(d))

A size is an int wherever an int is wanted. Arithmetic with it, and a few functions of
NumPy, give numbers that know how they were computed, so that a mean over n rows has the
factor 1/n and not 0.2. Each prints as the Python expression that it is.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Self

import numpy as np

Real = int | float


class Sized:
    """A number in which sizes are: what ``Size`` and ``Measure`` have in common.

    Attributes:
        name: How it is written in Python.
        made: The operation and the operands it was computed from; nothing for a size
            that has a name of its own.
    """

    name: str
    made: tuple[Any, ...]

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__

    def __add__(self, other: Any) -> Any:
        return _arithmetic("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _arithmetic("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _arithmetic("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _arithmetic("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return _arithmetic("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _arithmetic("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _arithmetic("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _arithmetic("div", other, self)

    def __pow__(self, other: Any) -> Any:
        return _arithmetic("power", self, other)

    def __neg__(self) -> Any:
        return _arithmetic("neg", self)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **options: Any
    ) -> Any:
        """NumPy's functions of a number; anything else sees the plain number."""
        if any(_speaks_for_itself(x) for x in inputs):
            return NotImplemented
        name = UFUNCS.get(ufunc)
        if name and method == "__call__" and not options and all(map(_is_real, inputs)):
            return computed(name, *map(_python, inputs))
        return getattr(ufunc, method)(*map(plain, inputs), **options)


class Size(Sized, int):  # type: ignore[misc]
    """A whole number of entries, called by a name or computed from such."""

    def __new__(cls, value: int, name: str, made: tuple[Any, ...] = ()) -> Self:
        """Make a size of a value; ``name`` is how it is written in Python."""
        size = super().__new__(cls, value)
        size.name, size.made = name, made
        return size

    __hash__ = int.__hash__

    def __getnewargs__(self) -> tuple[Any, ...]:
        return int(self), self.name, self.made


class Measure(Sized, float):  # type: ignore[misc]
    """A real number computed from sizes: the 1/n of a mean, √d."""

    def __new__(cls, value: float, name: str, made: tuple[Any, ...] = ()) -> Self:
        """Make a measure of a value; ``name`` is how it is written in Python."""
        measure = super().__new__(cls, value)
        measure.name, measure.made = name, made
        return measure

    __hash__ = float.__hash__

    def __getnewargs__(self) -> tuple[Any, ...]:
        return float(self), self.name, self.made


OPERATIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "add": (operator.add, "{0} + {1}"),
    "sub": (operator.sub, "{0} - {1}"),
    "mul": (operator.mul, "{0}*{1}"),
    "div": (operator.truediv, "{0}/{1}"),
    "floordiv": (operator.floordiv, "{0}//{1}"),
    "power": (operator.pow, "{0}**{1}"),
    "neg": (operator.neg, "-{0}"),
    "sqrt": (math.sqrt, "sqrt({0})"),
    "log": (math.log, "log({0})"),
}
UFUNCS = {
    np.add: "add",
    np.subtract: "sub",
    np.multiply: "mul",
    np.true_divide: "div",
    np.power: "power",
    np.negative: "neg",
    np.sqrt: "sqrt",
    np.log: "log",
}
NEUTRAL = {"add": 0, "sub": 0, "mul": 1, "div": 1, "floordiv": 1, "power": 1}
BOTH_SIDES = frozenset({"add", "mul"})


def computed(name: str, *operands: Real) -> Any:
    """An operation on numbers; it is remembered where one of them is made of sizes."""
    function, _ = OPERATIONS[name]
    value = function(*map(plain, operands))
    if all(map(is_bare, operands)):
        return value
    for x, other in (operands, operands[::-1]) if name in NEUTRAL else ():
        if is_bare(other) and other == NEUTRAL[name] and type(value) is type(plain(x)):
            return x
        if name not in BOTH_SIDES:
            break
    if name == "sub" and (rest := less(*operands)) is not None:
        return rest
    if name == "mul" and is_bare(operands[1]):
        operands = operands[::-1]  # numbers stand before names
    kind = Size if isinstance(value, int) else Measure
    return kind(value, _written(name, operands), (name, *operands))


def less(whole: Real, part: Real) -> Real | None:
    """What is left of a sum without one of its two parts, if that is one."""
    if isinstance(whole, Sized) and whole.made[:1] == ("add",):
        for i in (1, 2):
            if repr(whole.made[i]) == repr(part):
                return whole.made[3 - i]
    return None


def quotient(above: Real, below: Real) -> Measure:
    """A ratio that remembers both, be they named or not: 1/3 and not 0.333."""
    value, operands = plain(above) / plain(below), (above, below)
    return Measure(value, _written("div", operands), ("div", *operands))


def is_bare(x: Any) -> bool:
    """Whether a number has no sizes in it."""
    return not isinstance(x, Sized)


def plain(x: Any) -> Any:
    """A number without its memory; anything else as it is."""
    if isinstance(x, Size):
        return int(x)
    return float(x) if isinstance(x, Measure) else x


def _written(name: str, operands: tuple[Real, ...]) -> str:
    """An operation as a Python expression."""
    _, template = OPERATIONS[name]
    if "(" in template:
        return template.format(*operands)
    tight = name in ("sub", "div", "floordiv", "power")
    parts = [
        f"({x!r})"
        if _level(x) < LEVELS[name] + (tight and i > 0)
        or (name == "power" and i == 0 and _level(x) < ATOM)
        else repr(x)
        for i, x in enumerate(operands)
    ]
    return template.format(*parts)


ATOM = 4
LEVELS = {"add": 0, "sub": 0, "mul": 1, "div": 1, "floordiv": 1, "neg": 2, "power": 3}


def _level(x: Real) -> int:
    """How strongly a number holds together as it is written."""
    if isinstance(x, Sized):
        return LEVELS.get(x.made[0], ATOM) if x.made else ATOM
    return ATOM if x >= 0 else 2


def _arithmetic(name: str, *operands: Any) -> Any:
    """An operator of Python on numbers of Python; others decide for themselves."""
    for x in operands:
        if not isinstance(x, (int, float)) or isinstance(x, np.generic):
            return NotImplemented
    return computed(name, *operands)


def _is_real(x: Any) -> bool:
    """Whether something is one real number, of Python or of NumPy."""
    return isinstance(x, (int, float, np.integer, np.floating))


def _python(x: Any) -> Any:
    """A number of NumPy as one of Python."""
    return x.item() if isinstance(x, np.generic) else x


def _speaks_for_itself(x: Any) -> bool:
    """Whether something else than an array says what NumPy's functions do with it."""
    own = getattr(type(x), "__array_ufunc__", None)
    return own not in (None, np.ndarray.__array_ufunc__, Sized.__array_ufunc__) and (
        not isinstance(x, np.generic)
    )
