"""Errors for the user's mistakes: what happened, where in their program, what to try.

    UserError(what, remedy=...)     str() is always these three parts, and nothing else

The place is found by itself, from the line of the user's program that is running. Each
kind is also the Python exception that a caller would expect (a ``TypeError`` for a
value of a wrong type, a ``ValueError`` for a wrong shape), so that existing handlers
work. Our own mistakes are ``assert`` with a sentence, never one of these.
"""

from __future__ import annotations

from whence.core.source import user_line


class UserError(Exception):
    """A mistake in the user's program, with a remedy.

    Args:
        what: One sentence that says what happened.
        remedy: What to try instead.
        where: The place, when it is known better than from the running line.
    """

    def __init__(self, what: str, *, remedy: str, where: str | None = None) -> None:
        self.what, self.remedy = what, remedy
        self.where = user_line() if where is None else where
        super().__init__(f"{what}\n  at   {self.where}\n  try  {remedy}")


class TraceError(UserError, TypeError):
    """The program does something with a traced value that a graph cannot hold."""


class ShapeError(UserError, ValueError):
    """Shapes or axes do not fit together."""


class DerivativeError(UserError, TypeError):
    """A derivative was asked for that does not exist or is not provided."""
