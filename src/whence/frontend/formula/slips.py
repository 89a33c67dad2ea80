"""Typing slips in a formula, found before any grammar and told in plain words.

    statements(text) -> for each statement of the formula, its words

Two rules find nearly all of them: each bracket closes the one opened last, and values
and operators take turns. What passes here is nearly always an expression that Python
reads as well. What it means is not known here.

    >>> [[word.text for word in line] for line in statements("u = x + 1; u**2")]
    [['u', '=', 'x', '+', '1'], ['u', '**', '2']]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.words import (
    BINARY,
    CLOSING,
    OPENING,
    Word,
    refuse,
    words,
)

DEEPEST = 100  # brackets within brackets
SIGNS_IN_A_ROW = 20


def statements(text: str) -> list[list[Word]]:
    """Split a formula into statements and check the words of each.

    Raises:
        FormulaError: At the first slip.
    """
    found = [line for line in split(text) if line]
    if not found:
        raise FormulaError("the formula is empty", remedy="x**2 + 1", text=text)
    for line in found:
        check_turns(text, line)
    return found


# ------------------------------------------------------------------- brackets


def split(text: str) -> Iterator[list[Word]]:
    """The statements of a formula: they end at ; or, outside brackets, with a line."""
    line: list[Word] = []
    opened: list[Word] = []
    for word in words(text):
        if word.text == ";" and opened:
            never_closed(text, opened[-1])
        if word.text == ";" or (word.text == "\n" and not opened):
            yield line
            line = []
        elif word.text != "\n":
            match_brackets(text, word, opened)
            line.append(word)
    if opened:
        never_closed(text, opened[-1])
    yield line


def never_closed(text: str, bracket: Word) -> NoReturn:
    """Refuse a bracket that stays open."""
    remedy = f"a {OPENING[bracket.text]!r} where its part of the formula ends"
    refuse(text, bracket, f"this {bracket.text!r} is never closed", remedy)


def match_brackets(text: str, word: Word, opened: list[Word]) -> None:
    """Open or close a bracket, and refuse one that does not close the last opened."""
    if word.text in OPENING:
        opened.append(word)
        if len(opened) > DEEPEST:
            remedy = "a name for a part of the formula: u = x + 1; u**2"
            refuse(text, word, f"brackets stand more than {DEEPEST} deep", remedy)
    elif word.text in CLOSING:
        if not opened:
            remedy = f"a {CLOSING[word.text]!r} before it, or leave it out"
            refuse(text, word, f"this {word.text!r} closes nothing", remedy)
        before = opened.pop().text
        if before != CLOSING[word.text]:
            what = f"this {word.text!r} closes a {before!r}"
            refuse(text, word, what, f"a {OPENING[before]!r}")


# ---------------------------------------------- values and operators take turns

VALUE = frozenset({"value", "open", "prefix"})
LISTED = VALUE | {"close", "colon"}
FOLLOWS = {
    "start": VALUE,
    "operator": VALUE,
    "prefix": VALUE,
    "equals": VALUE,
    "open": LISTED,
    "comma": LISTED,
    "colon": LISTED | {"comma"},
    "value": frozenset({"operator", "close", "comma", "colon", "equals", "dot"}),
    "dot": frozenset({"value"}),
}
ROLES = {",": "comma", ":": "colon", "=": "equals", ".": "dot", "...": "value"}


def role(word: Word, before: str) -> str:
    """What a word does in its statement, after a word of the role ``before``."""
    if word.kind != "sign":
        return "value"
    if word.text in BINARY:
        return "prefix" if word.text in "+-" and before != "value" else "operator"
    if word.text in OPENING:
        return "open"
    return "close" if word.text in CLOSING else ROLES[word.text]


def check_turns(text: str, line: list[Word]) -> None:
    """Refuse a statement in which values and operators do not take turns."""
    before, last, signs = "start", None, 0
    opened: list[str] = []
    for word in line:
        now = role(word, before)
        signs = signs + 1 if now == "prefix" else 0
        if signs > SIGNS_IN_A_ROW:
            refuse(text, word, f"more than {SIGNS_IN_A_ROW} signs in a row", "one sign")
        if now not in FOLLOWS[before] and not continues(last, word):
            refuse_turn(text, last, word, before)
        check_separator(text, word, opened)
        before, last = "value" if now == "close" else now, word
    if last and before != "value":
        missing_right(text, last)


def continues(last: Word | None, word: Word) -> bool:
    """Whether a bracket makes a call or an index of the value before it."""
    if last is None or last.kind not in {"name", "sign"} or last.text == "...":
        return False
    return word.text == "[" or (word.text == "(" and last.kind == "name")


def check_separator(text: str, word: Word, opened: list[str]) -> None:
    """Refuse a comma outside brackets and a colon outside an index."""
    if word.text in OPENING:
        opened.append(word.text)
    elif word.text in CLOSING:
        opened.pop()
    elif word.text == ":" and opened[-1:] != ["["]:
        refuse(text, word, "':' stands outside of an index", "x[1:3] for a part of x")
    elif word.text == "," and not opened:
        remedy = "one value, or stack((x, y)) for an array of several"
        refuse(text, word, "',' stands outside of brackets", remedy)


def refuse_turn(text: str, last: Word | None, word: Word, before: str) -> NoReturn:
    """Say which value or operator is missing between two words."""
    if before == "value" and last:
        side_by_side(text, last, word)
    if last is None or before in {"open", "comma"}:
        remedy = "a value before it"
        refuse(text, word, f"{word.text!r} has nothing on its left", remedy)
    missing_right(text, last)


def missing_right(text: str, last: Word) -> NoReturn:
    """Refuse an operator without a second operand."""
    remedy = "x.T or x.shape" if last.text == "." else "a value after it"
    refuse(text, last, f"{last.text!r} has nothing on its right", remedy)


def side_by_side(text: str, last: Word, word: Word) -> NoReturn:
    """Refuse two values without an operator between them."""
    if "text" in {last.kind, word.kind}:
        quoted = word if word.kind == "text" else last
        refuse(text, quoted, "text is no value in a formula", "a name or a number")
    left = "(...)" if last.text in CLOSING else last.text
    right = f"{word.text}...{OPENING[word.text]}" if word.text in OPENING else word.text
    remedy = f"{left}*{right}"
    if last.kind == "name" and len(last.text) > 1:
        remedy = f"{left}({right}), or {left}*{right} for a product"
    what = f"nothing stands between {last.text!r} and {word.text!r}"
    refuse(text, word, what, remedy)
