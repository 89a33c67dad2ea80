"""The words of a formula: numbers, names, texts and signs, each with its place.

    words(text) -> the words in order, without spaces and comments

Whatever is no word of a formula is refused here at its character, with what to write
instead: ``&&``, ``:=``, ``lambda``. How words follow each other is not
known here.

    >>> [word.text for word in words("2*x  # twice")]
    ['2', '*', 'x']
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from whence.frontend.formula.error import FormulaError

LONGEST = 10_000  # characters of a formula
DIGITS = 100  # characters of a number

OPENING = {"(": ")", "[": "]"}
CLOSING = {")": "(", "]": "["}
BINARY = frozenset({*"+-*/@%<>", "**", "//", "<=", ">=", "==", "!="})
SIGNS = frozenset({*BINARY, *OPENING, *CLOSING, "=", ",", ".", ":", ";", "\n", "..."})
CONSTANTS = frozenset({"True", "False", "None"})

WORD = re.compile(
    r"""
    (?P<space>[^\S\n]+|\#[^\n]*)
    |(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[^\W\d][\w\u0300-\u036F]*)
    |(?P<text>'[^'\n\\]*'|"[^"\n\\]*")
    |(?P<sign>\.\.\.|\*\*=|//=|:=|->|=>|=<|<>|&&|\|\||<<|>>
              |\*\*|//|<=|>=|==|!=|[-+*/%@&|^]=|.|\n)
    """,
    re.VERBOSE,
)

# What people write that is no word of a formula, and what to write instead.
SIGN_REMEDIES = {
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "&": "logical_and(a, b), or the product of the conditions",
    "&&": "logical_and(a, b), or the product of the conditions",
    "|": "logical_or(a, b), or abs(x) for an absolute value",
    "||": "logical_or(a, b), or norm(x) for a norm",
    "~": "logical_not(a)",
    "!": "logical_not(a), or != for 'differs'",
    "'": "x.T for a transpose, x1 rather than x' for a name",
    "’": "x.T for a transpose, x1 rather than x' for a name",
    ":=": "=, in a statement of its own: u = x + 1; u**2",
}
NAME_REMEDIES = {
    "lambda": "another name, such as lam",
    "if": "where(condition, x, y)",
    "else": "where(condition, x, y)",
    "and": "logical_and(a, b), or the product of the conditions",
    "or": "logical_or(a, b)",
    "not": "logical_not(a)",
    "for": "sum(x), mean(x), prod(x), which act on whole arrays",
    "is": "==",
    "def": "f(x) = x**2",
    "return": "the value as the last statement: u = x + 1; u**2",
}
LANGUAGE = "numbers, names, + - * / ** @, functions such as exp(x), and ( )"


@dataclass(frozen=True)
class Word:
    """A word of a formula: its kind, its text, and the character where it begins."""

    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        """The character after its last one."""
        return self.at + len(self.text)


def words(text: str) -> Iterator[Word]:
    """Read the words of a formula."""
    if len(text) > LONGEST:
        what = f"the formula has {len(text):,} characters, more than {LONGEST:,}"
        remedy = "a Python function, which may be as long as you like"
        raise FormulaError(what, remedy=remedy, text=text)
    at = 0
    while match := WORD.match(text, at):
        word = Word(str(match.lastgroup), match.group(), at)
        if word.kind == "name":
            word = identifier(word)
        at = word.end
        if word.kind != "space":
            check(text, word)
            yield word


def identifier(word: Word) -> Word:
    """The part of a word that Python takes for a name: of x² it is x."""
    name = word.text
    while name and not name.isidentifier():
        name = name[:-1]
    return Word("name", name, word.at) if name else Word("sign", word.text[0], word.at)


def check(text: str, word: Word) -> None:
    """Refuse what is no word of a formula, whatever stands around it."""
    found = word.text
    if word.kind == "name" and keyword.iskeyword(found) and found not in CONSTANTS:
        remedy = NAME_REMEDIES.get(found, f"another name, such as {found}_")
        refuse(text, word, f"{found!r} is a word of Python", remedy)
    if word.kind == "name" and found.startswith("__"):
        remedy = "a name that begins with a letter"
        refuse(text, word, f"{found!r} begins with two underscores", remedy)
    if word.kind == "number" and len(found) > DIGITS:
        remedy = "fewer digits: a float holds 17"
        refuse(text, word, f"a number of {len(found)} characters", remedy)
    if word.kind == "number" and re.fullmatch("0[0-9_]*[1-9][0-9_]*", found):
        refuse(text, word, f"{found!r} begins with a zero", found.lstrip("0_"))
    if word.kind == "sign" and found not in SIGNS:
        if found[-1] == "=" and found[:-1] in {*BINARY, *"&|^"}:
            remedy = f"x = x {found[:-1]} ..., in a statement of its own"
            refuse(text, word, f"{found!r} would change a value in place", remedy)
        remedy = SIGN_REMEDIES.get(found, LANGUAGE)
        refuse(text, word, f"{found!r} means nothing in a formula", remedy)


def refuse(text: str, word: Word, what: str, remedy: str) -> NoReturn:
    """Refuse a word of a formula, pointing at it."""
    raise FormulaError(what, remedy=remedy, text=text, at=word.at)
