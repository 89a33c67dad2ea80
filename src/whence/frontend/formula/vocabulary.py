"""The words a formula may call: names of functions, methods, attributes and constants.

    lookup(name) -> the function of that name, or None

Functions are those of ``whence.numpy`` and ``whence.special``, so that a new operation
is known here by its record alone. This file adds what people write in formulas and
NumPy does not: ``ln``, ``tr``, ``asin``, ``len``, ``logdet``, and ``max(x, 0)`` for the
greater of two values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from inspect import unwrap
from typing import Any

import numpy as np

from whence.core.primitive import ANSWERS

CONSTANTS: Mapping[str, float] = {
    "pi": math.pi,
    "π": math.pi,
    "e": math.e,
    "inf": math.inf,
}
ALIASES: Mapping[str, str] = {"ln": "log", "tr": "trace"}
# Functions that make arrays: no operations, so they have no record.
MAKERS = frozenset({"array", "arange", "eye", "linspace", "ones", "zeros"})
ATTRIBUTES = frozenset({"T", "shape", "ndim", "size"})
METHODS = frozenset({"sum", "mean", "prod", "max", "min", "var", "std", "dot", "trace"})
KEYWORDS = frozenset({"axis", "keepdims", "ord", "ddof", "offset"})
# Functions that take a tuple or a list of values, or a shape, as one argument.
TAKES_TUPLE = frozenset(
    {"array", "stack", "concatenate", "concat", "hstack", "vstack", "column_stack"}
    | {"reshape", "transpose", "permute_dims", "broadcast_to", "expand_dims", "tile"}
    | {"roll", "pad", "flip", "tensordot", "moveaxis", "multi_dot", "zeros", "ones"}
)


def lookup(name: str) -> Callable[..., Any] | None:
    """Find a function by the name that a formula calls it by."""
    return OWN.get(name) or functions().get(ALIASES.get(name, name))


@cache
def functions() -> Mapping[str, Callable[..., Any]]:
    """The functions that have a record, and a few that make arrays.

    NumPy has others, which write files or change their arguments: no formula can.
    """
    from whence import numpy, special

    found: dict[str, Callable[..., Any]] = dict(special.FOUND)
    for module, served in ((np.linalg, vars(numpy.linalg)), (np, numpy.FOUND)):
        found |= {
            name: serve
            for name, serve in served.items()
            if getattr(module, name) in ANSWERS or name in MAKERS
        }
    return found


def values_taken(name: str) -> int | None:
    """How many values a function that acts on entries takes; None for others."""
    function = unwrap(OWN.get(name) or functions()[ALIASES.get(name, name)])
    return function.nin if isinstance(function, np.ufunc) else None


def known() -> list[str]:
    """The names of all functions."""
    return sorted({*OWN, *ALIASES, *functions()})


# ------------------------------------------------- functions NumPy has not


def function(name: str) -> Callable[..., Any]:
    """The function of a name that must exist."""
    found = lookup(name)
    assert found is not None, f"the vocabulary has no {name}"
    return found


def greatest(x: Any, *others: Any, **options: Any) -> Any:
    """The greatest entry of one array, or the greatest of several values, entrywise."""
    if not others:
        return functions()["max"](x, **options)
    for other in others:
        x = functions()["maximum"](x, other, **options)
    return x


def least(x: Any, *others: Any, **options: Any) -> Any:
    """The least entry of one array, or the least of several values, entrywise."""
    if not others:
        return functions()["min"](x, **options)
    for other in others:
        x = functions()["minimum"](x, other, **options)
    return x


def length(x: Any) -> Any:
    """The number of rows of an array."""
    shape = x.shape if hasattr(x, "shape") else np.shape(x)
    if not shape:
        raise ValueError("a number has no length")
    return shape[0]


def logdet(matrix: Any) -> Any:
    """The logarithm of the absolute value of a determinant."""
    return functions()["slogdet"](matrix)[1]


def times(x: Any, y: Any) -> Any:
    """What stands side by side: a product with a number, or one of matrices."""
    if not (np.ndim(x) and np.ndim(y)):
        return x * y
    if np.ndim(x) == np.ndim(y) == 1:
        raise ValueError("two vectors side by side can be read in two ways")
    return x @ y


def inverse(x: Any) -> Any:
    """x⁻¹: of a matrix its inverse, of anything else 1/x."""
    return functions()["inv"](x) if np.ndim(x) > 1 else 1 / x


def joined(first: Any, *others: Any, axis: int = 0) -> Any:
    """Arrays end to end: as a tuple with the axis behind it, or one by one."""
    if isinstance(first, (tuple, list)):
        return functions()["concatenate"](first, *others, axis=axis)
    return functions()["concatenate"]((first, *others), axis=axis)


OWN: Mapping[str, Callable[..., Any]] = {
    "times": times,
    "inverse": inverse,
    "concatenate": joined,
    "max": greatest,
    "min": least,
    "len": length,
    "logdet": logdet,
}
