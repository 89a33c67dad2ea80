"""Lines as people write them: ``∂L/∂z = ŷ − y``, ``= 6x·(x² + 1)²``, ``du = 2*x``.

    read(line, names) -> the statements of a line, each with what it is about

Handwriting is freer than a formula: superscripts, ``2x``, ``Xᵀ r``, a minus of print,
derivatives as quotients. A line is rewritten into the words of a formula, which
``grammar`` reads and checks; every character keeps its place, so that a mistake is
shown where it was typed.

    >>> (line,) = read("= 6x·(x² + 1)²", Names({"x": "x"}))
    >>> line.formula.text
    '6*x*(x**2 + 1)**2'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.leibniz import WORD, Derivative, Names, derivative
from whence.frontend.formula.program import Formula, parse
from whence.frontend.formula.words import CONSTANTS

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
        found.append(Hand(line, span, names).read(side))
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
    found = derivative(line, start, names)
    if found is not None and found[1] == end:
        return found[0]
    return word[1] if word and word[1] == word[0] else None


TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<module>(?:np|numpy|special|whence|linalg)\.)
    |(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)
    |(?P<transposed>ᵀ|\^T\b|\^⊤|\^\{{\\top\}})
    |(?P<word>{WORD})
    |(?P<sign>\*\*|//|<=|>=|==|!=|.)
    """,
    re.VERBOSE,
)
SIGNS = {
    **dict.fromkeys("·⋅×∙⊙∘", "*"),
    **dict.fromkeys("−–", "-"),
    "÷": "/",
    "^": "**",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "{": "(",
    "}": ")",
}
EXPONENTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
CALLED = {"σ": "sigmoid", "Σ": "sum"}


@dataclass
class Opened:
    """A bracket, or a word such as √ that takes one factor, not closed yet."""

    start: int  # where its factor begins in the formula
    closes: str  # what closes it; nothing if the end of the factor does


class Hand:
    """One side of a line, being rewritten into the words of a formula."""

    def __init__(self, line: str, span: tuple[int, int], names: Names) -> None:
        self.line, self.names = line, names
        self.at, self.end = span
        self.text = ""
        self.places: list[int] = []
        self.derivatives: dict[str, Derivative] = {}
        self.value = ""  # what stands before: nothing, a number, an array, a value
        self.factor = 0  # where the last factor begins
        self.divided = False  # whether it stands below a slash
        self.opened: list[Opened] = []

    def read(self, side: Side) -> Statement | Unread:
        """The statement of this side."""
        try:
            formula, places = self.formula()
        except FormulaError as error:
            return Unread(side.text, side.subject, side.goes_on, side.line, error)
        return Statement(
            side.text,
            side.subject,
            side.goes_on,
            side.line,
            formula,
            self.derivatives,
            places,
        )

    def formula(self) -> tuple[Formula, tuple[int, ...]]:
        """The formula of this side, and the character behind each of its characters.

        Raises:
            FormulaError: At the first thing that cannot be read.
        """
        while self.at < self.end:
            self.step()
        self.close_factors()
        places = (*self.places, self.end)
        try:
            return parse(self.text, self.taken()), places
        except FormulaError as error:
            raise at_its_place(error, self.line, places) from None

    def step(self) -> None:
        """Rewrite the next word."""
        match = TOKEN.match(self.line, self.at, self.end)
        assert match is not None, "any character is a sign"
        kind, word = str(match.lastgroup), match.group()
        if kind in ("word", "sign") and not self.after_dot():
            found = derivative(self.line, self.at, self.names)
            if found is not None and found[1] <= self.end:
                self.derived(*found)
                return
        getattr(self, kind)(word)
        self.at = match.end()

    # ------------------------------------------------------------- kinds of words

    def space(self, word: str) -> None:
        """Space means nothing, but keeps words apart."""
        if self.text:
            self.write(word)

    def number(self, word: str) -> None:
        """A number."""
        self.begin("number")
        self.write(word)

    def module(self, word: str) -> None:
        """``np.`` before a function: a formula knows its functions without."""

    def raised(self, word: str) -> None:
        """An exponent in superscripts."""
        digits = word.translate(EXPONENTS)
        self.write(f"**({digits})" if digits.startswith("-") else f"**{digits}")

    def transposed(self, word: str) -> None:
        """A transpose."""
        self.write(".T")
        self.value = "array"

    def derived(self, what: Derivative, end: int) -> None:
        """A derivative, for which a name stands in."""
        name = next(n for n in stand_ins() if n not in self.taken())
        self.derivatives[name] = what
        self.begin("array" if self.names.arrays else "value")
        self.write(name)
        self.at = end

    def word(self, word: str) -> None:
        """A name, a function, or what stands behind a dot."""
        rest = self.line[self.at + len(word) : self.end]
        if self.after_dot():
            self.write(word)
            self.value = "" if word in vocabulary.METHODS else "array"
            return
        name, called = self.names.find(word), rest.lstrip().startswith("(")
        if name is None and called:
            self.begin("")
            self.write(CALLED.get(word, word))
        elif name is not None:
            self.begin("array" if name in self.names.arrays else "value")
            self.write(name)
        elif word in vocabulary.CONSTANTS or is_keyword(word, rest, self.opened):
            self.begin("value")
            self.write(word)
        elif picked := self.picked(word):
            self.begin("value")
            self.write(picked)
        else:
            self.names.refuse(self.line, self.at, word)

    def sign(self, word: str) -> None:
        """A bracket or an operator."""
        word = SIGNS.get(word, word)
        if word == "√":
            self.begin("")
            self.opened.append(Opened(len(self.text), ""))
            self.write("sqrt(")
        elif word == "⊗":
            self.close_factors()
            self.insert(self.factor, "outer(")
            self.write(", ")
            self.opened.append(Opened(self.factor, ""))
            self.value = ""
        elif word in "([":
            self.open(word)
        elif word in ")]":
            self.close_factors()
            if self.opened:
                self.factor = self.opened.pop().start
            self.write(word)
            self.value = "array" if self.names.arrays else "value"
        else:
            self.operator(word)

    def operator(self, word: str) -> None:
        """An operator, a comma, a dot."""
        if word.startswith("*") and self.text.endswith("*"):
            self.write(" ")  # two signs in a row are a mistake, and no power
        if word not in ("**", "."):
            self.close_factors()
            self.divided = word in ("/", "//")
        self.write(word)
        self.value = ""

    # ------------------------------------------------------------------ factors

    def open(self, word: str) -> None:
        """Open a bracket: of a call, of an index, or of a factor."""
        before = self.text.rstrip()
        calls = word == "(" and before[-1:].isidentifier() and not self.value
        indexes = word == "[" and self.value
        start = self.factor
        if not calls and not indexes:
            self.begin("")
            start = self.factor
        self.opened.append(Opened(start, word))
        self.write(word)
        self.value = ""

    def begin(self, kind: str) -> None:
        """Begin a factor; one right behind another is a product."""
        if self.value:
            self.close_factors()
            if self.divided:
                what = "a product below a slash can be read in two ways"
                remedy = "1/2*x, or 1/(2*x)"
                raise FormulaError(what, remedy=remedy, text=self.line, at=self.at)
            matrices = self.value == "array" and kind in ("array", "")
            self.write("@" if matrices and self.names.arrays else "*")
        self.factor = len(self.text)
        self.value = kind

    def close_factors(self) -> None:
        """Close what takes one factor, where that factor has ended."""
        while self.value and self.opened and not self.opened[-1].closes:
            self.factor = self.opened.pop().start
            self.write(")")

    def write(self, text: str) -> None:
        """Add to the formula."""
        self.text += text
        self.places += [self.at] * len(text)

    def insert(self, at: int, text: str) -> None:
        """Put something before the last factor."""
        self.text = self.text[:at] + text + self.text[at:]
        self.places[at:at] = self.places[at : at + 1] * len(text)

    # -------------------------------------------------------------------- names

    def after_dot(self) -> bool:
        """Whether an attribute is to come, as in ``X.T``."""
        return self.text.endswith(".") and not self.text.endswith("..")

    def taken(self) -> set[str]:
        """The names that no derivative may be called by."""
        return {*self.names.spelled.values(), *self.derivatives}

    def picked(self, word: str) -> str | None:
        """An entry as it is printed: p_c is p[c]."""
        array, _, index = word.rpartition("_")
        name = self.names.find(array)
        number = index if index.isdigit() else self.names.find(index)
        return f"{name}[{number}]" if name and number else None


def stand_ins() -> Iterator[str]:
    """Names for the derivatives in a formula."""
    return (f"derivative{n}" for n in count(1))


def is_keyword(word: str, rest: str, opened: list[Opened]) -> bool:
    """Whether a word is the name of an option, as in ``sum(x, axis=0)``, or True."""
    option = rest.lstrip().startswith("=") and not rest.lstrip().startswith("==")
    return word in CONSTANTS or (bool(opened) and option)


def at_its_place(
    error: FormulaError, line: str, places: tuple[int, ...]
) -> FormulaError:
    """An error of a formula, told at its place in the line that it was written from."""
    at = places[min(error.column, len(places) - 1)]
    return FormulaError(error.what, remedy=error.remedy, text=line, at=at)
