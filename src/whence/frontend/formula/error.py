"""The error of a formula: what is wrong with it, and a caret under the character.

    FormulaError(what, remedy=..., text=formula, at=character)

The place of a mistake in a formula is a character of its text, so it is shown rather
than named; ``line`` and ``column`` say it in numbers, for an editor.

    >>> print(FormulaError("no '^'", remedy="write **", text="x + x^2", at=5))
    no '^'
      at   x + x^2
                ^
      try  write **
"""

from __future__ import annotations

import unicodedata

from whence.core.errors import UserError

WIDEST = 72  # characters of a line that are shown
MARGIN = 7  # columns before the place, in the text of an error


class FormulaError(UserError, ValueError):
    """A mistake in a formula.

    Args:
        what: One sentence that says what happened.
        remedy: What to try instead.
        text: The formula.
        at: The character, counted from 0; None when it is not one character.

    Attributes:
        line: The line of that character, counted from 1.
        column: Its place in the line, counted from 0.
        at: Its place in the formula; None when it is not one character.
    """

    def __init__(
        self, what: str, *, remedy: str, text: str, at: int | None = None
    ) -> None:
        self.at = at
        before = text[: at or 0]
        self.line = 1 + before.count("\n")
        self.column = len(before) - (before.rfind("\n") + 1)
        super().__init__(what, remedy=remedy, where=pointed(text, at))


def pointed(text: str, at: int | None) -> str:
    """The line of a formula that holds a character, with a caret under it."""
    start = text.rfind("\n", 0, at or 0) + 1
    line = text[start:].split("\n", 1)[0]
    indent = len(line) - len(line.lstrip())
    line, column = line[indent:], max(0, (at or 0) - start - indent)
    left = max(0, min(column - WIDEST // 2, len(line) - WIDEST))
    before, after = "..." if left else "", "..." if left + WIDEST < len(line) else ""
    shown = "".join(printable(c) for c in line[left : left + WIDEST])
    if at is None:
        return before + shown + after
    width = sum(columns(c) for c in before + shown[: column - left])
    return f"{before}{shown}{after}\n{' ' * (MARGIN + width)}^"


def printable(character: str) -> str:
    """The character, or a space where it would disturb the line."""
    return character if character.isprintable() else " "


def columns(character: str) -> int:
    """The columns that a character takes on a terminal."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
