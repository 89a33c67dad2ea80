"""Functions that serve traced values, arrays, lists and numbers alike.

    serving(np.sin) -> a function that writes an equation or computes a number

``whence.numpy`` and ``whence.special`` are filled by ``public`` and ``special`` here,
which make their functions from the records. They stand apart from both because a module
that holds NumPy's ``any`` and ``sum`` has lost Python's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np

from whence.core.aval import FLOAT64, aval_of
from whence.core.builder import Builder
from whence.core.names import similar
from whence.core.primitive import ANSWERS
from whence.core.tracer import Tracer, missing
from whence.ops.promote import as_array
from whence.ops.shape import astype

PREFIX = "special."


def holds_tracer(x: Any) -> bool:
    """Whether a value is traced, or a list with a traced value anywhere inside."""
    if isinstance(x, (list, tuple)):
        return any(map(holds_tracer, x))
    return isinstance(x, Tracer)


def serving(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy that takes traced values too, if it has an answer."""
    answer = ANSWERS.get(function)

    @wraps(function)
    def serve(*args: Any, **named: Any) -> Any:
        if not any(map(holds_tracer, (*args, *named.values()))):
            return function(*args, **named)
        if answer is None:
            raise missing(function)
        return answer(*args, **named)

    return serve


def array(
    object: Any, dtype: Any = None, *, copy: bool | None = True, **options: Any
) -> Any:
    """``np.array``, also of lists with traced values in them."""
    if not holds_tracer(object):
        return np.array(object, dtype, copy=copy, **options)
    made = as_array(object) if isinstance(object, (list, tuple)) else object
    return made.copy() if dtype is None else astype(made, dtype)


def asarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """``np.asarray``, also of lists with traced values in them."""
    if not holds_tracer(a):
        return np.asarray(a, dtype, **options)
    if isinstance(a, Tracer) and dtype in {None, a.dtype}:
        return a
    return array(a, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    """``np.full``, also with a traced value."""
    if not holds_tracer(fill_value):
        return np.full(shape, fill_value, dtype, **options)
    return ANSWERS[np.full_like](fill_value, fill_value, dtype, shape=shape)


def public(module: ModuleType) -> dict[str, Any]:
    """What NumPy has under its own names: functions, made to serve, and constants."""
    found: dict[str, Any] = {}
    for name in dir(module):
        value = getattr(module, name) if name in names_of(module) else None
        if callable(value):
            found[name] = value if isinstance(value, type) else serving(value)
        elif isinstance(value, (int, float)) or name == "newaxis":
            found[name] = value
    return found


def names_of(module: ModuleType) -> set[str]:
    """The names a module means to be used."""
    return {name for name in module.__all__ if not name.startswith("_")}


def special_serving(name: str, answer: Callable[..., Any]) -> Callable[..., Any]:
    """A function that takes traced values, and arrays by a graph of its own."""

    def serve(*args: Any, **named: Any) -> Any:
        first, *rest = (
            as_array(x) if isinstance(x, (list, tuple)) else x for x in args
        )
        if any(isinstance(x, Tracer) for x in (first, *rest)):
            return answer(first, *rest, **named)
        number = np.asarray(first)
        if number.dtype.kind not in "fc":
            number = number.astype(FLOAT64)
        builder = Builder()
        x = builder.input(aval_of(number), name, number)
        result: Tracer = answer(x, *rest, **named)
        return np.asarray(builder.number(result.atom))[()]

    serve.__name__ = serve.__qualname__ = name
    serve.__doc__ = f"``{name}(x)``, of traced values, arrays and numbers."
    return serve


def special() -> dict[str, Any]:
    """The functions of ``whence.special``, by their names."""
    names = [k for k in ANSWERS if isinstance(k, str) and k.startswith(PREFIX)]
    return {
        name.removeprefix(PREFIX): special_serving(
            name.removeprefix(PREFIX), ANSWERS[name]
        )
        for name in names
    }


def unknown(module: str, name: str, known: list[str]) -> AttributeError:
    """The error for a name that a module does not have, with the nearest."""
    close = similar(name, known) if not name.startswith("__") else None
    hint = f"; did you mean {close!r}?" if close else ""
    return AttributeError(f"{module} has no {name!r}{hint}")


OWN = {"array": array, "asarray": asarray, "asanyarray": asarray, "full": full}
