"""The names that NumPy's users reach operations by: attributes, methods, near misses.

    attribute(tracer, "sum")   -> the method of an array, bound to a tracer
    nearest("nansum")          -> "whence.numpy.sum" as a remedy

Methods of arrays are what the function of the same name becomes.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np

from whence.core.primitive import ANSWERS

METHODS = (  # noqa: SIM905 - a list of words is read as one
    "all any argmax argmin argsort astype clip conj conjugate copy cumprod cumsum "
    "diagonal dot flatten max mean min prod ravel repeat reshape round sort squeeze "
    "std sum swapaxes take trace transpose var"
).split()
PROPERTIES = {
    "T": "transpose",
    "mT": "matrix_transpose",
    "real": "real",
    "imag": "imag",
}


def attribute(tracer: Any, name: str) -> Any:
    """What ``tracer.name`` is.

    Raises:
        AttributeError: If arrays have no such name, or it has no answer.
    """
    if name in PROPERTIES:
        answer = ANSWERS.get(getattr(np, PROPERTIES[name]))
        if answer is not None:
            return answer(tracer)
    if name in METHODS:
        function = ANSWERS.get(name) or ANSWERS.get(getattr(np, name, None))
        if function is not None:
            return partial(function, tracer)
    known = [*METHODS, *PROPERTIES, "shape", "ndim", "size", "dtype"]
    close = get_close_matches(name, known, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise AttributeError(f"a traced array has no attribute {name!r}{hint}")


def answered() -> dict[str, Any]:
    """Every function of NumPy that has an answer, by its name."""
    return {
        function.__name__: answer
        for function, answer in ANSWERS.items()
        if hasattr(function, "__name__")
    }


def nearest(name: str) -> str:
    """A remedy for a function that has no answer: the nearest that has one."""
    close = get_close_matches(name, answered(), 1, cutoff=0.5)
    hint = f"whence.numpy.{close[0]}, the nearest there is; or " if close else ""
    return f"{hint}whence.custom_derivative to give it one"
