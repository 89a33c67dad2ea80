"""Lines as people write them: ``∂L/∂z = ŷ − y``, ``= 6x·(x² + 1)²``, ``du = 2*x``.

    read(line, names) -> the statements of a line, each with what it is about

What is left of an equals sign says what a line is about, often as a derivative. Each
side is rewritten into the words of a formula by ``hand``, which ``grammar`` reads and
checks; every character keeps its place, so that a mistake is shown where it was typed.
A side that cannot be read does not keep the others from it.

    >>> (line,) = read("= 6x·(x² + 1)²", Names({"x": "x"}))
    >>> line.formula.text
    '6*x*(x**2 + 1)**2'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.hand import Hand
from whence.frontend.formula.leibniz import WORD, Derivative, Names
from whence.frontend.formula.program import Formula, parse

Subject = str | Derivative | None


@dataclass(frozen=True)
class Side:
    """One side of a line, with what it is said to be equal to.

    Attributes:
        text: As it was typed.
        subject: What it is about: a name, a derivative, or None for what came before.
        goes_on: Whether only an equals sign says what it is about: that before it.
        line: The whole line.
    """

    text: str
    subject: Subject
    goes_on: bool
    line: str = field(repr=False)


@dataclass(frozen=True)
class Statement(Side):
    """One statement of a line: that something has a value.

    Attributes:
        formula: The value.
        derivatives: The derivatives in it, by the names that stand for them there.
        places: The character of the line behind each character of the formula.
    """

    formula: Formula
    derivatives: Mapping[str, Derivative]
    places: tuple[int, ...] = field(repr=False)

    def pointed(self, error: FormulaError) -> FormulaError:
        """An error of the formula, told at its place in the line."""
        return at_its_place(error, self.line, self.places)


@dataclass(frozen=True)
class Unread(Side):
    """A side of a line that cannot be read.

    Attributes:
        error: What is wrong with it.
    """

    error: FormulaError


def read(line: str, names: Names) -> list[Statement | Unread]:
    """Read a line: ``name = form``, ``= next form``, ``form``, or ``a = form = form``.

    Raises:
        FormulaError: If it cannot be read what the line is about.
    """
    line = line.partition("#")[0]
    spans = list(sides(line))
    subject: Subject = None
    goes_on = False
    if len(spans) > 1:
        subject = left_side(line, spans[0], names)
        goes_on = not line[slice(*spans[0])].strip()
        spans = spans[1:] if subject is not None or goes_on else spans
    found: list[Statement | Unread] = []
    for span in spans:
        side = Side(line[slice(*span)].strip(), subject, goes_on, line)
        found.append(side_of(side, span, names))
        subject, goes_on = None, True
    return found


def sides(line: str) -> Iterator[tuple[int, int]]:
    """The parts of a line between its equals signs, outside of brackets."""
    start, depth = 0, 0
    for match in re.finditer(r"[<>=!]=|[=()\[\]]", line):
        sign = match.group()
        depth += (sign in "([") - (sign in ")]")
        if sign == "=" and depth <= 0:
            yield start, match.start()
            start = match.end()
    yield start, len(line)


def left_side(line: str, span: tuple[int, int], names: Names) -> Subject:
    """What stands left of an equals sign; None for a form, or nothing."""
    left = line[slice(*span)]
    start, end = span[0] + len(left) - len(left.lstrip()), span[0] + len(left.rstrip())
    word = re.fullmatch(rf"({WORD})(?:\s*\([^()+*/-]*\))?", line[start:end])
    if word and (name := names.find(word[1])):
        return name
    found = names.derivative(line, start)
    if found is not None and found[1] == end:
        return found[0]
    return word[1] if word and word[1] == word[0] else None


def side_of(side: Side, span: tuple[int, int], names: Names) -> Statement | Unread:
    """One side of a line, read as far as it can be."""
    hand = Hand(side.line, span, names)
    try:
        text, places = hand.written()
        try:
            formula = parse(text, (*names.spelled.values(), *hand.derivatives))
        except FormulaError as error:
            raise at_its_place(error, side.line, places) from None
    except FormulaError as error:
        return Unread(side.text, side.subject, side.goes_on, side.line, error)
    known = (side.text, side.subject, side.goes_on, side.line)
    return Statement(*known, formula, hand.derivatives, places)


def at_its_place(
    error: FormulaError, line: str, places: tuple[int, ...]
) -> FormulaError:
    """An error of a formula, told at its place in the line that it was written from."""
    at = places[min(error.column, len(places) - 1)]
    return FormulaError(error.what, remedy=error.remedy, text=line, at=at)
