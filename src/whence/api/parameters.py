"""What a function calls itself and its parameters, as the user would read it.

parameters_of(f, 2) -> ["x", "y"]        title(f) -> "'f'"
"""

from __future__ import annotations

import inspect
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any

import numpy as np

UNKNOWN = ("x", "y", "z", "u", "v", "w")
POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def title(function: Any) -> str:
    """How a message names a function."""
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__name__", type(function).__name__)
    return "the function" if name == "<lambda>" else f"'{name}'"


def parameters_of(function: Any, count: int) -> list[str]:
    """The names of a function's positional parameters, at least as many as asked."""
    if type(function) is FunctionType and not hasattr(function, "__wrapped__"):
        names, rest = by_code(function.__code__)
    else:
        names, rest = by_signature(function)
    found = list(names)
    extra = range(1, count - len(found) + 1)
    if rest is not None:
        return [*found, *(f"{rest}{i}" for i in extra)]
    return [*found, *(UNKNOWN[i - 1] if i <= len(UNKNOWN) else f"x{i}" for i in extra)]


@lru_cache(maxsize=1_000)
def by_code(code: CodeType) -> tuple[tuple[str, ...], str | None]:
    """Positional parameters of a plain function, and what it calls all others."""
    positional = code.co_argcount
    takes_rest = bool(code.co_flags & inspect.CO_VARARGS)
    rest = code.co_varnames[positional + code.co_kwonlyargcount] if takes_rest else None
    return code.co_varnames[:positional], rest


def by_signature(function: Any) -> tuple[tuple[str, ...], str | None]:
    """The same for anything that can be called; NumPy's ufuncs have no such names."""
    if isinstance(function, np.ufunc):
        return (), None
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return (), None
    names = tuple(p.name for p in parameters if p.kind in POSITIONAL)
    rest = [p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL]
    return names, (rest[0] if rest else None)
