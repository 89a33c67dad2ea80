"""The names that NumPy's users reach operations by: attributes, methods, near misses.

    attribute(tracer, "sum")   -> the method of an array, bound to a tracer
    nearest("nansum")          -> "whence.numpy.sum" as a remedy
    similar("sigmod", known)   -> "sigmoid", the name that was mistyped

Methods of arrays are what the function of the same name becomes.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    close = similar(name, known)
    hint = f"; did you mean {close!r}?" if close else ""
    raise AttributeError(f"a traced array has no attribute {name!r}{hint}")


def answered() -> dict[str, Any]:
    """Every function of NumPy that has an answer, by its name."""
    return {
        function.__name__: answer
        for function, answer in ANSWERS.items()
        if hasattr(function, "__name__")
    }


def nearest(name: str) -> str:
    """A remedy for a function that has no answer: the same one without nan, if any.

    The name is one of NumPy's and no slip, so one that looks like it is no help.
    """
    plain = name.removeprefix("nan")
    hint = f"whence.numpy.{plain}, the nearest there is; or "
    known = plain != name and plain in answered()
    return f"{hint * known}whence.custom_derivative to give it one"


def similar(name: str, known: Iterable[str]) -> str | None:
    """The known name that was mistyped, if one is so like it that it may be.

    A slip leaves most of a word, and where it begins: solve is no slip for convolve.
    """
    first = name[:1].lower()
    lower = {x.lower(): x for x in known if x[:1].lower() == first}
    found = get_close_matches(name.lower(), lower, n=1, cutoff=ALIKE)
    return lower[found[0]] if found else None


ALIKE = 0.75  # of two names: the part of their letters that stands in both
