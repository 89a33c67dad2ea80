"""A formula as it is typed: by the grammar, or else as people write by hand.

    parse("x^2 sin x") -> Formula, as of x**2*sin(x)

What the grammar reads is read by it alone. Only what it refuses is taken for
handwriting, in which any word may be a name. If that is no formula either, the reading
that got further has the better error.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.hand import HANDWRITTEN, Hand, called_by
from whence.frontend.formula.handwriting import sides
from whence.frontend.formula.leibniz import Names
from whence.frontend.formula.program import Formula, parse as parse_strictly
from whence.frontend.formula.words import CONSTANTS


def parse(text: str, given: Iterable[str] = ()) -> Formula:
    """Read a formula.

    Args:
        text: Statements separated by ``;`` or line ends.
        given: Names that are values, though they are known as constants (e, pi).

    Raises:
        FormulaError: At the first character that cannot be read.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    given = tuple(given)
    try:
        return parse_strictly(text, given)
    except FormulaError as error:
        refused = error
    try:
        return by_hand(text, given)
    except FormulaError as error:
        raise better(error, refused, text) from None


def better(by_hand: FormulaError, refused: FormulaError, text: str) -> FormulaError:
    """The error of the reading that got further."""
    if by_hand.at is None or refused.at is None:
        return refused
    if by_hand.at < refused.at and text[refused.at] not in HANDWRITTEN:
        return refused
    quoted = text[by_hand.at : by_hand.at + 1] in ("'", '"')  # text, by the grammar
    return refused if quoted and by_hand.at == refused.at else by_hand


def by_hand(text: str, given: tuple[str, ...]) -> Formula:
    """Read a formula as handwriting."""
    written, places = "", list[int]()
    names = Anything({name: name for name in given})
    for start, end in statements(text):
        left, *right = sides(text[start:end])
        if not right:
            left, right = (0, 0), [left]
        before = start + (right[0][0] if len(right) == 1 else end - start)
        written += text[start:before]
        places += range(start, before)
        if len(right) == 1:
            more, of = Hand(text, (before, end), names).written()
            written += more
            places += of[:-1]
        written += text[end : end + 1]
        places += [end]
    try:
        formula = parse_strictly(written, given)
    except FormulaError as error:
        at = None if error.at is None else places[min(error.at, len(places) - 1)]
        what, remedy = error.what, error.remedy
        raise FormulaError(what, remedy=remedy, text=text, at=at) from None
    return as_typed(formula, text, places)


def statements(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement begins and ends: with ; or, outside brackets, a line."""
    start, depth = 0, 0
    for match in re.finditer(r"[][()\n;]", text):
        sign = match.group()
        depth += (sign in "([") - (sign in ")]")
        if sign == ";" or (sign == "\n" and depth <= 0):
            yield start, match.start()
            start = match.end()
    yield start, len(text)


def as_typed(formula: Formula, text: str, places: list[int]) -> Formula:
    """A formula with its text and its places as they were typed."""
    ends = [*places, len(text)]
    for line in formula.statements:
        for node in ast.walk(line.expression):
            if isinstance(node, ast.expr | ast.keyword):
                node.col_offset = ends[node.col_offset]
                node.end_col_offset = ends[node.end_col_offset or 0]
    lines = tuple(replace(x, at=ends[x.at]) for x in formula.statements)
    return replace(formula, text=text, statements=lines)


class Anything(Names):
    """The names of a formula that nothing is known of: all words that are no others."""

    free: ClassVar[bool] = True

    def find(self, spelling: str) -> str | None:
        """A word, unless it is a function or a constant that is not given."""
        other = spelling in vocabulary.CONSTANTS or spelling in CONSTANTS
        known = self.spelled.get(spelling)
        return known or (None if other or called_by(spelling) else spelling)

    def kind(self, name: str | None = None) -> str:
        """Anything may be an array."""
        return "any"

    def derivative(self, line: str, at: int) -> None:
        """A formula has no derivatives."""
