"""A derivative as a function: what ``grad(f)`` is.

It can be called, pickled if its function can be imported, and looked into: a function
that uses it is known to read nothing but what the function in it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from whence.api.arguments import Wrt
from whence.core.errors import TraceError


@dataclass(frozen=True)
class Derivative:
    """A derivative of a function, to be called with the arguments of that function.

    Attributes:
        does: What a call does.
        function: The user's function, or a formula.
        wrt: What is differentiated.
        has_aux: Whether the function returns a pair.
        recognise: Whether known functions in it are recognised.
    """

    does: Callable[[Derivative, Any, Any], Any]
    function: Any
    wrt: Wrt
    has_aux: bool
    recognise: bool

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call the derivative."""
        return self.does(self, args, named)

    @property
    def __name__(self) -> str:
        inner = getattr(self.function, "__name__", type(self.function).__name__)
        return f"{self.does.__name__.strip('_')}({inner})"

    @property
    def __wrapped__(self) -> Any:
        return self.function

    def __repr__(self) -> str:
        return f"<{self.__name__}>"


def function_of(f: Any) -> Any:
    """The function that a user means: itself, or what a formula says.

    Raises:
        TraceError: If it cannot be called.
        FormulaError: If the formula cannot be read.
    """
    if isinstance(f, str):
        from whence.frontend.formula import parse

        return parse(f)
    if not callable(f):
        raise TraceError(
            f"a function was expected, and {f!r} is of type {type(f).__name__}",
            remedy="grad(f)(x): f by itself, and its arguments afterwards",
        )
    return f


def which(wrt: Wrt, argnums: Wrt) -> Wrt:
    """What is differentiated: by either of two names, or the first argument."""
    if wrt is not None and argnums is not None:
        raise TraceError(
            "wrt and argnums were both given, and they are the same",
            remedy="wrt alone",
        )
    found: Any = argnums if wrt is None else wrt
    if isinstance(found, list):
        return tuple(found)
    return 0 if found is None else found
