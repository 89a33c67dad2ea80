"""The hand: one side of a line as people write it, in the words of a formula.

    Hand(line, span, names).written() -> (formula, the place of each character)

What stands side by side is a product: ``2x sin x``, ``Xᵀ (p − y)``. A function takes
the factor behind it, ``sin² x`` squares its value, bars are absolute values, and a
comparison in square brackets is 1 where it holds. What can be read in two ways is
refused: 1/2x, x^2y, sin x y. Which words are names is for ``names`` to say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import count
from typing import NoReturn

from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.leibniz import RAISED, WORD, Derivative, Names
from whence.frontend.formula.words import CONSTANTS

MINUS_ONE = r"(?:[-−]1(?![\d.])|\{[-−]1\}|\([-−]1\))"
TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
    |(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    |(?P<module>(?:np|numpy|special|whence|linalg)\.)
    |(?P<inverted>⁻¹(?![⁰¹²³⁴⁵⁶⁷⁸⁹])|\^{MINUS_ONE}|⁻(?=ᵀ))
    |(?P<transposed>ᵀ|\^T\b|\^⊤|\^\{{(?:T|\\top)\}})
    |(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)
    |(?P<word>{WORD})
    |(?P<sign>\*\*|//|<=|>=|==|!=|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
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
HANDWRITTEN = {*SIGNS, *RAISED, *"√|‖⊗"}  # which the grammar refuses
COMPARING = {"<", ">", "<=", ">=", "==", "!="}
DOTS = {*"·⋅×∙"}
EXPONENTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
EXPONENT = re.compile(
    r"\s*(?:(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)|(?:\^|\*\*)(?P<plain>[0-9]+|\{[-−]?[0-9]+\}))"
)
ARGUMENT = re.compile(rf"\s*[-−]?\s*(?:{WORD}|[0-9.√|‖(\[])")
CALLED = {"σ": "sigmoid", "Σ": "sum", "log_2": "log2", "log_10": "log10"}
TAKE_ONE = {"tr", "trace", "det", "softmax"}  # beside those that act on entries
NUMBER, VALUE, ANY, TURNED = "number", "value", "any", "turned"


@dataclass
class Opened:
    """What is not closed yet: a bracket, a bar, or a word that takes one factor."""

    start: int  # where its factor begins in the formula
    closes: str  # what closes it; nothing if the end of the factor does
    after: str = ")"  # what is written then
    inner: int = 0  # where the bracket itself stands
    divided: bool = False  # whether it stands below a slash
    bare: str = ""  # the function that takes the factor behind it
    compared: bool = False  # whether it holds a comparison


class Hand:
    """One side of a line, being rewritten into the words of a formula."""

    def __init__(self, line: str, span: tuple[int, int], names: Names) -> None:
        self.line, self.names = line, names
        self.at, self.end = span
        self.next = self.at  # where the word behind this one begins
        self.text = ""
        self.places: list[int] = []
        self.derivatives: dict[str, Derivative] = {}
        self.value = ""  # what stands before: nothing, a number, a value, any array
        self.factor = 0  # where the last factor begins
        self.raising = False  # whether what comes is an exponent
        self.base = ""  # what is raised by it
        self.divided = False  # whether the last factor stands below a slash
        self.power = ""  # to which the call that comes is raised
        self.opened: list[Opened] = []

    def written(self) -> tuple[str, tuple[int, ...]]:
        """The formula, and the character of the line behind each of its own.

        Raises:
            FormulaError: At the first thing that can be read in two ways, or in none.
        """
        while self.at < self.end:
            self.step()
        self.close_factors()
        return self.text, (*self.places, self.end)

    def step(self) -> None:
        """Rewrite the next word."""
        match = TOKEN.match(self.line, self.at, self.end)
        assert match is not None, "any character is a sign"
        kind, word = str(match.lastgroup), match.group()
        self.next = match.end()
        if kind in ("word", "sign") and not self.after_dot():
            if found := self.names.printed(self.line, self.at):
                name, self.next = found
                self.named(name)
                self.at = self.next
                return
            derived = self.names.derivative(self.line, self.at)
            if derived is not None and derived[1] <= self.end:
                self.derived(*derived)
                return
        getattr(self, kind)(word)
        self.at = self.next

    # ------------------------------------------------------------- kinds of words

    def space(self, word: str) -> None:
        """Space means nothing, but keeps words and lines apart."""
        if self.text:
            self.write(word)

    def number(self, word: str) -> None:
        """A number; one that the derivation prints rounded is what it stands for."""
        self.begin(NUMBER)
        self.write(self.names.numbers.get(word, word))

    def module(self, word: str) -> None:
        """``np.`` before a function: a formula knows its functions without."""

    def raised(self, word: str) -> None:
        """An exponent in superscripts."""
        self.write(power_of(word))

    def inverted(self, word: str) -> None:
        """A power of −1: the inverse of a matrix."""
        if self.value in (NUMBER, VALUE):
            self.write("**(-1)")
            return
        self.insert(self.factor, "inverse(")
        self.write(")")

    def transposed(self, word: str) -> None:
        """A transpose; of a number, ^T is a power."""
        if word[-1] != "ᵀ" and self.value in (NUMBER, VALUE) and self.names.find("T"):
            self.operator("**")
            self.named(str(self.names.find("T")))
            return
        if "**" in self.text[self.factor :]:
            self.insert(self.factor, "(")
            self.write(")")
        self.write(".T")
        self.value = TURNED

    def derived(self, what: Derivative, end: int) -> None:
        """A derivative, for which a name stands in."""
        free = (f"derivative{n}" for n in count(len(self.derivatives) + 1))
        name = next(n for n in free if self.names.find(n) is None)
        self.derivatives[name] = what
        self.begin(self.names.kind())
        self.write(name)
        self.at = end

    def word(self, word: str) -> None:
        """A name, a function, or what stands behind a dot."""
        if word.startswith("π") and len(word) > 1 and not self.after_dot():
            word, self.next = "π", self.at + 1
        rest = self.line[self.next : self.end]
        if self.after_dot():
            self.write(word)
            self.value = "" if word in vocabulary.METHODS else ANY
            self.value = TURNED if word == "T" else self.value
            return
        name, called = self.names.find(word), rest.lstrip().startswith("(")
        function = called_by(word)
        if name is not None and not (called and self.names.free):
            self.refuse_call(name, rest)
            self.named(name)
        elif is_keyword(word, rest, self.opened):
            self.begin(VALUE)
            self.write(word)
        elif function and self.applied(function):
            return
        elif called:
            self.begin(self.names.kind())
            self.write(function or word)
            self.value = ""
        elif word in vocabulary.CONSTANTS:
            self.begin(NUMBER)
            self.write(word)
        elif picked := self.picked(word):
            self.begin(VALUE)
            self.write(picked)
        elif self.names.free:
            self.named(word)
        else:
            self.names.refuse(self.line, self.at, word)

    def named(self, name: str) -> None:
        """A name."""
        self.begin(self.names.kind(name))
        self.write(name)

    def refuse_call(self, name: str, rest: str) -> None:
        """Refuse u(x) for a u that is computed of x: it looks like a product."""
        if rest.startswith("(") and self.names.is_function_of(
            name, self.line, self.next
        ):
            what = f"{name}(...) can be read in two ways"
            self.refuse(what, f"{name} for the value, or {name}*(...)")

    # ------------------------------------------------------------------ functions

    def applied(self, function: str) -> bool:
        """Begin a function, be it raised as in sin² x, or without brackets."""
        power, exponent = "", EXPONENT.match(self.line, self.next, self.end)
        if exponent and ARGUMENT.match(self.line, exponent.end(), self.end):
            digits = exponent["raised"] or exponent["plain"].strip("{}")
            power, self.next = power_of(digits), exponent.end()
            if power == "**(-1)":
                what = f"{function}⁻¹ can be read in two ways"
                self.refuse(what, f"arc{function}(x), or 1/{function}(x)")
        rest = self.line[self.next : self.end]
        if rest.lstrip().startswith("("):
            self.power = power
        elif not takes_one(function) or not ARGUMENT.match(rest):
            return False
        self.begin(self.names.kind(), function=True)
        self.write(function)
        self.value = ""
        if not rest.lstrip().startswith("("):
            self.write("(")
            self.opened.append(Opened(self.factor, "", f"){power}", bare=function))
            self.raising = False
        return True

    def argument_of(self) -> str:
        """The function without brackets whose argument is being written."""
        waiting = [x for x in self.opened[-1:] if self.value]
        return waiting[0].bare if waiting else ""

    # ------------------------------------------------------------------ signs

    def sign(self, word: str) -> None:
        """A bracket, a bar or an operator."""
        plain = SIGNS.get(word, word)
        if word == "√":
            self.begin(self.names.kind(), function=True)
            self.take_factor("sqrt(")
        elif word == "∞":
            self.begin(NUMBER)
            self.write("inf")
        elif word == "⊗":
            self.close_factors()
            self.wrap("outer(")
            self.value = ""
        elif word in ("|", "||", "‖"):
            self.bar(word)
        elif plain in "([":
            self.open(plain)
        elif plain in ")]":
            self.close(plain)
        elif word in DOTS and self.value == TURNED:
            self.operator("@")
        elif word in DOTS and self.is_beside():
            self.write(" ")
        else:
            self.operator(plain)

    def is_beside(self) -> bool:
        """Whether a dot says no more than nothing would: a product of any kind."""
        follows = re.match(rf"\s*(?:{WORD}|[√(])", self.line[self.next : self.end])
        free = self.names.free and self.value == ANY
        return bool(free and follows and not self.divided)

    def operator(self, word: str) -> None:
        """An operator, a comma, a dot."""
        self.refuse_operator(word)
        if word.startswith("*") and self.text.endswith("*"):
            self.write(" ")  # two signs in a row are a mistake, and no power
        signs = word in ("+", "-") and not self.value
        if word not in ("**", ".") and not signs:
            self.close_factors()
            self.divided = word in ("/", "//")
            self.raising = False
        if word == "**":
            self.raising, self.base = True, self.value
        if word in COMPARING and self.opened:
            self.opened[-1].compared = True
        self.write(word)
        self.value = ""

    def refuse_operator(self, word: str) -> None:
        """Refuse sin x/2 and sin 2·x: where the argument ends is not to be seen."""
        function = self.argument_of()
        attached = not self.line[self.at - 1].isspace()
        below = word in ("/", "//") and attached
        if function and (below or (word == "*" and self.value == NUMBER)):
            what = f"where the argument of {function} ends can be read in two ways"
            self.refuse(what, f"brackets: {function}(...)")

    # ------------------------------------------------------------------ brackets

    def open(self, word: str) -> None:
        """Open a bracket: of a call, of an index, or of a factor."""
        before = self.text.rstrip()
        calls = word == "(" and before[-1:].isidentifier() and not self.value
        indexes = word == "[" and self.value not in ("", NUMBER)
        if not calls and not indexes:
            self.begin(self.names.kind())
            if re.match(r"\(\s*\)", self.line[self.at : self.end]):
                what = "nothing stands in these brackets"
                self.refuse(what, "what is before them by itself")
        closes = word if calls or indexes else f"{word} "
        self.opened.append(Opened(self.factor, closes, self.power, len(self.text)))
        self.power = ""
        self.opened[-1].divided = self.divided
        self.raising = self.divided = False
        self.write("(" if closes == "[ " else word)
        self.value = ""

    def close(self, word: str) -> None:
        """Close a bracket."""
        self.close_factors()
        if not self.opened or not self.opened[-1].closes:
            self.write(word)
            return
        opened = self.opened.pop()
        if opened.closes != "[ " or word != "]":
            self.write(word + opened.after)
        elif opened.compared:
            self.insert(opened.inner, "where(")
            self.write("), 1, 0)")
        else:
            self.write(")")
        self.closed(opened)

    def closed(self, opened: Opened) -> None:
        """Go on behind what is closed."""
        self.factor, self.divided = opened.start, opened.divided
        self.raising = False
        self.value = self.names.kind()

    def bar(self, word: str) -> None:
        """A bar: |x| is an absolute value, ‖x‖ or ||x|| a norm."""
        closing = (x.closes for x in reversed(self.opened) if x.closes)
        inside = next(closing, "") if self.value else ""
        double = "||" if word == "‖" else word
        if word == "||" and inside == "|":
            double = "|"
            self.next -= 1
        if inside == double:
            self.close_factors()
            opened = self.opened.pop()
            self.write(")")
            self.closed(opened)
            return
        self.begin(self.names.kind(), function=True)
        self.opened.append(Opened(self.factor, double, divided=self.divided))
        self.raising = self.divided = False
        self.write("abs(" if double == "|" else "norm(")
        self.value = ""

    # ------------------------------------------------------------------ factors

    def begin(self, kind: str, *, function: bool = False) -> None:
        """Begin a factor; one right behind another is a product."""
        if self.value:
            self.beside(kind, function=function)
        if not self.raising:
            self.factor = len(self.text)
        self.value = kind

    def beside(self, kind: str, *, function: bool) -> None:
        """A product without a sign."""
        attached = not self.line[self.at - 1].isspace()
        named = not function and self.line[self.at].isalpha()
        left = ANY if self.raising and ANY in (self.base, self.value) else self.value
        if self.raising and self.value == NUMBER and attached and named:
            what = "a product behind an exponent can be read in two ways"
            self.refuse(what, "x^2*y, or x^(2*y)")
        self.raising = False
        if bare := self.argument_of():
            if self.value == NUMBER and named:
                self.write("*")
                return
            if not function:
                what = f"where the argument of {bare} ends can be read in two ways"
                self.refuse(what, f"brackets: {bare}(...)")
        self.close_factors()
        if self.divided and (left != NUMBER or attached):
            what = "a product below a slash can be read in two ways"
            self.refuse(what, "1/2*x, or 1/(2*x)")
        self.divided = False  # 1/2 x is half of x
        if left == TURNED:
            self.wrap("dot(")
        elif {left, kind} & {NUMBER, VALUE}:
            self.write("*")
        else:
            self.wrap("times(")

    def wrap(self, call: str) -> None:
        """Make the last factor and the one to come the arguments of a call."""
        self.insert(self.factor, call)
        self.write(", ")
        self.opened.append(Opened(self.factor, "", divided=self.divided))

    def take_factor(self, call: str) -> None:
        """Make the factor to come the argument of a call."""
        self.opened.append(Opened(self.factor, "", divided=self.divided))
        self.write(call)
        self.raising, self.value = False, ""

    def close_factors(self) -> None:
        """Close what takes one factor, where that factor has ended."""
        while self.value and self.opened and not self.opened[-1].closes:
            opened = self.opened.pop()
            self.factor = opened.start
            self.write(opened.after)

    def write(self, text: str) -> None:
        """Add to the formula."""
        self.text += text
        self.places += [self.at] * len(text)

    def insert(self, at: int, text: str) -> None:
        """Put something before the last factor."""
        self.text = self.text[:at] + text + self.text[at:]
        self.places[at:at] = self.places[at : at + 1] * len(text)

    def refuse(self, what: str, remedy: str) -> NoReturn:
        """Refuse what stands here."""
        raise FormulaError(what, remedy=remedy, text=self.line, at=self.at)

    # -------------------------------------------------------------------- names

    def after_dot(self) -> bool:
        """Whether an attribute is to come, as in ``X.T``."""
        return self.text.endswith(".") and not self.text.endswith("..")

    def picked(self, word: str) -> str | None:
        """An entry as it is printed: p_c is p[c]."""
        array, _, index = word.rpartition("_")
        name = self.names.find(array) if array and not self.names.free else None
        number = index if index.isdigit() else self.names.find(index)
        return f"{name}[{number}]" if name and number else None


def power_of(exponent: str) -> str:
    """The power of digits, which may be superscripts."""
    digits = exponent.translate(EXPONENTS)
    return f"**({digits})" if digits.startswith("-") else f"**{digits}"


def called_by(word: str) -> str:
    """The function that a word stands for, or nothing: log₂ is log2, σ is sigmoid."""
    name = CALLED.get(word, unicodedata.normalize("NFKC", word))
    return name if vocabulary.lookup(name) else ""


def takes_one(function: str) -> bool:
    """Whether a function may stand without brackets: sin x, det A."""
    return function in TAKE_ONE or vocabulary.values_taken(function) == 1


def is_keyword(word: str, rest: str, opened: list[Opened]) -> bool:
    """Whether a word is the name of an option, as in ``sum(x, axis=0)``, or True."""
    option = rest.lstrip().startswith("=") and not rest.lstrip().startswith("==")
    return word in CONSTANTS or (bool(opened) and option)
