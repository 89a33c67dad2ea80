"""The words a formula may call: names of functions, methods, attributes and constants.

    lookup(name) -> the function of that name, or None

Functions are those of ``whence.numpy`` and ``whence.special``, so that a new operation
is known here by its record alone. This file adds what people write in formulas and
NumPy does not: ``ln``, ``tr``, ``asin``, ``len``, ``logdet``, and ``max(x, 0)`` for the
greater of two values.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

CONSTANTS: Mapping[str, float] = {
    "pi": math.pi,
    "π": math.pi,
    "e": math.e,
    "inf": math.inf,
}
ALIASES: Mapping[str, str] = {
    "ln": "log",
    "pow": "power",
    "tr": "trace",
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "tan2")},
    **{f"a{name}": f"arc{name}" for name in ("sinh", "cosh", "tanh")},
}
ATTRIBUTES = frozenset({"T", "shape", "ndim", "size"})
METHODS = frozenset({"sum", "mean", "prod", "max", "min", "var", "std", "dot", "trace"})
KEYWORDS = frozenset({"axis", "keepdims", "ord", "ddof", "offset"})
# Functions that take a tuple or a list of values, or a shape, as one argument.
TAKES_TUPLE = frozenset(
    {"array", "stack", "concatenate", "hstack", "vstack"}
    | {"reshape", "transpose", "broadcast_to", "zeros", "ones", "full", "tile"}
)


def lookup(name: str) -> Callable[..., Any] | None:
    """Find a function by the name that a formula calls it by."""
    if name in OWN:
        return OWN[name]
    name = ALIASES.get(name, name)
    for place in places():
        found = vars(place).get(name)
        if not name.startswith("_") and is_function(found):
            return found
    return None


def places() -> tuple[ModuleType, ...]:
    """The modules whose functions a formula may call, the first found first."""
    from whence import numpy, special

    return numpy, special


def is_function(found: object) -> bool:
    """Whether a public value of a module is one of its functions."""
    return callable(found) and not isinstance(found, type | ModuleType)


def known() -> list[str]:
    """The names of all functions."""
    names = {*OWN, *ALIASES}
    for place in places():
        public = {n: v for n, v in vars(place).items() if not n.startswith("_")}
        names |= {name for name, value in public.items() if is_function(value)}
    return sorted(names)


def nearest(name: str, choices: list[str]) -> str | None:
    """The choice most like a name, if one is like it."""
    lower = {choice.lower(): choice for choice in reversed(choices)}
    found = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    return lower[found[0]] if found else None


# ------------------------------------------------- functions NumPy has not


def function(name: str) -> Callable[..., Any]:
    """The function of a name that must exist."""
    found = lookup(name)
    assert found is not None, f"the vocabulary has no {name}"
    return found


def greatest(x: Any, *others: Any, **options: Any) -> Any:
    """The greatest entry of one array, or the greatest of several values, entrywise."""
    if not others:
        return function("amax")(x, **options)
    for other in others:
        x = function("maximum")(x, other, **options)
    return x


def least(x: Any, *others: Any, **options: Any) -> Any:
    """The least entry of one array, or the least of several values, entrywise."""
    if not others:
        return function("amin")(x, **options)
    for other in others:
        x = function("minimum")(x, other, **options)
    return x


def length(x: Any) -> Any:
    """The number of rows of an array."""
    shape = x.shape if hasattr(x, "shape") else np.shape(x)
    if not shape:
        raise ValueError("a number has no length")
    return shape[0]


def logdet(matrix: Any) -> Any:
    """The logarithm of the absolute value of a determinant."""
    return function("slogdet")(matrix)[1]


OWN: Mapping[str, Callable[..., Any]] = {
    "max": greatest,
    "min": least,
    "len": length,
    "logdet": logdet,
}
