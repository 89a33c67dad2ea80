"""Derivatives as people write them: dL/dz, ∂²f/∂x∂y, f′, ∇f, δz, dz.

    derivative(line, at, names) -> the derivative written at a character, and its end

What is differentiated, and by what, is only named here; what it amounts to is known to
those who have the program. A letter d begins a derivative only where the name behind it
is one of the program's, and the whole word is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NoReturn

from whence.core.names import similar
from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError


@dataclass(frozen=True)
class Names:
    """The names that a line may use.

    Attributes:
        spelled: What each spelling stands for: ŷ and y_hat are one name.
        arrays: The names of values with axes, whose products are matrix products.
        inputs: The names of what everything is computed of.
        whole: The names of whole numbers, such as a number of rows.
        numbers: What stands for a number that is printed rounded.
    """

    spelled: Mapping[str, str]
    arrays: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    numbers: Mapping[str, str] = field(default_factory=dict)
    free: ClassVar[bool] = False  # whether any other word is a name

    def find(self, spelling: str) -> str | None:
        """What a spelling stands for, if it is one of the names."""
        for form in ("NFC", "NFKC"):
            found = self.spelled.get(unicodedata.normalize(form, spelling))
            if found is not None:
                return found
        return None

    def kind(self, name: str | None = None) -> str:
        """Whether a name, or anything else, is one number, or may be an array."""
        if name in self.whole:
            return "number"
        arrays = self.arrays if name is None else self.arrays & {name}
        return "any" if arrays else "value"

    def printed(self, line: str, at: int) -> tuple[str, int] | None:
        """A name that is printed as no name is, such as e[i, t], and where it ends."""
        odd = (x for x in self.spelled if "[" in x)
        found = next((x for x in odd if line.startswith(x, at)), None)
        return (self.spelled[found], at + len(found)) if found else None

    def derivative(self, line: str, at: int) -> tuple[Derivative, int] | None:
        """The derivative that is written at a place of a line, and where it ends."""
        return derivative(line, at, self)

    def is_function_of(self, name: str, line: str, at: int) -> bool:
        """Whether brackets behind a computed value hold no more than inputs: u(x)."""
        inside = re.match(r"\(([^()]*)\)", line[at:])
        if not inside or not self.inputs or name in self.inputs:
            return False
        return all(self.find(x.strip()) in self.inputs for x in inside[1].split(","))

    def refuse(self, line: str, at: int, spelling: str) -> NoReturn:
        """Say that nothing has a name, and what there is."""
        ours = {n for n in self.spelled.values() if n.startswith("delta_")}
        known = sorted({*self.spelled.values()} - ours - self.whole)
        letters = [self.find(c) for c in spelling]
        remedy = similar(spelling, known) or f"one of {', '.join(known)}"
        if len(letters) > 1 and None not in letters:
            product = " " if self.arrays else "*"
            remedy = product.join(map(str, letters))
        elif function := glued(spelling, self):
            remedy = f"{function}({spelling.removeprefix(function)})"
        elif vocabulary.lookup(spelling):
            remedy = f"{spelling}(...)"
        what = f"nothing here is called {spelling!r}"
        raise FormulaError(what, remedy=remedy, text=line, at=at)


def glued(spelling: str, names: Names) -> str:
    """The function that a name is written right behind: sinx."""
    cuts = (spelling[:i] for i in range(len(spelling) - 1, 1, -1))
    return next(
        (f for f in cuts if vocabulary.lookup(f) and names.find(spelling[len(f) :])), ""
    )


@dataclass(frozen=True)
class Quotient:
    """A derivative of something by something: dL/dz, ∂²f/∂x∂y, f′.

    Attributes:
        of: What is differentiated; None for the function itself.
        by: What by, each once per order; an empty name stands for the input there is.
        held: The names behind a bar, of what is held fixed: ∂f/∂x|u.
    """

    of: str | None
    by: tuple[str, ...]
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alone:
    """``dz`` by itself: in programs ∂L/∂z, in mathematics the differential of z.

    Attributes:
        name: The name behind the d.
        adjoint: Whether it is written δz, which is never a differential.
    """

    name: str
    adjoint: bool = False


Derivative = Quotient | Alone

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ"
WORD = rf"[^\W\d{RAISED}](?:[^\W{RAISED}]|[\u0300-\u036F])*"
D = r"(?:d|∂\s*)"
TIMES = r"(?:[²³]|\^\{?[23]\}?|\*\*[23])"
ABOVE = rf"(?:{TIMES}|[23])"  # d2f is common where there are no superscripts
BAR = re.compile(rf"\|({WORD}(?:\s*,\s*{WORD})*)(?!\s*\|)")
OPERATOR = re.compile(rf"{D}\s*/\s*{D}({WORD})\s*({WORD})?(?:\(\s*{WORD}\s*\))?")
ENDS = re.compile(r"\s*(?:$|[=+)−,;-])")  # what may stand behind a whole derivative
FIRST = re.compile(rf"{D}({WORD})\s*/\s*{D}({WORD})")
HIGHER = re.compile(
    rf"{D}({ABOVE})\s*({WORD})\s*/\s*((?:{D}{WORD}{TIMES}?\s*)*{D}{WORD}{TIMES}?)"
)
BELOW = re.compile(rf"{D}({WORD})({TIMES}?)")
PRIMES = re.compile(rf"({WORD})\s*([′'’]+|″|‴)(?:\s*\(\s*{WORD}\s*\))?")
AT_NUMBER = re.compile(r"\s*\(\s*[-−]?[\d.]+\s*\)")
NABLA = re.compile(rf"∇(?:\s*_\s*({WORD}))?\s*(²|\^2)?\s*({WORD})?")
LONE = re.compile(rf"({D}|δ|delta_)({WORD})")
COUNT = {"″": 2, "‴": 3}
LOWERED = str.maketrans("²³", "23")


def derivative(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """The derivative that is written at a place of a line, and where it ends."""
    for reading in (higher, first, operator, primes, nabla, lone):
        found = reading(line, at, names)
        if found is not None:
            return found
    return None


def first(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """dL/dz; a name above that nothing has stands for the function."""
    match = FIRST.match(line, at)
    if match is None or names.find(match.group().partition("/")[0].strip()):
        return None
    by = names.find(match[2])
    if by is None:
        names.refuse(line, match.start(2), match[2])
    if re.match(TIMES, line[match.end() :]):
        what = "of order 1 above, and of a higher one below"
        remedy = "d²f/dx², or (df/dx)²"
        raise FormulaError(what, remedy=remedy, text=line, at=at)
    held, end = held_fixed(line, match.end(), names)
    return Quotient(names.find(match[1]), (by,), held), end


def held_fixed(line: str, at: int, names: Names) -> tuple[tuple[str, ...], int]:
    """The names behind a bar, and where they end."""
    match = BAR.match(line, at)
    if match is None:
        return (), at
    found = [names.find(x.strip()) for x in match[1].split(",")]
    known = tuple(x for x in found if x is not None)
    return (known, match.end()) if len(known) == len(found) else ((), at)


def operator(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """d/dx f; of a form that has no name it is refused."""
    match = OPERATOR.match(line, at)
    if match is None or names.find("d"):
        return None
    by = names.find(match[1]) or names.refuse(line, match.start(1), match[1])
    of = names.find(match[2]) if match[2] else None
    known = not match[2] or of or len(match[2]) == 1
    if not known or not ENDS.match(line, match.end()):
        what = "the derivative of a form that has no name"
        remedy = f"a name for it: u = ..., and du/d{match[1]} = ..."
        raise FormulaError(what, remedy=remedy, text=line, at=at)
    return Quotient(of, (by,)), match.end()


def higher(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """d²f/dx², ∂²f/∂x∂y, d2f/dx2."""
    match = HIGHER.match(line, at)
    if match is None:
        return None
    by: list[str] = []
    for below in BELOW.finditer(line, match.start(3), match.end()):
        by += names_below(line, below, names)
    order = int(match[1].strip("^*{}").translate(LOWERED))
    if order != len(by):
        what = f"of order {order} above, and of order {len(by)} below"
        remedy = "d²f/dx², or ∂²f/∂x∂y"
        raise FormulaError(what, remedy=remedy, text=line, at=at)
    return Quotient(names.find(match[2]), tuple(by)), match.end()


def names_below(line: str, below: re.Match[str], names: Names) -> list[str]:
    """The names that a part below a slash differentiates by: x twice for dx²."""
    spelled, times = below[1], below[2].strip("^*{}").translate(LOWERED)
    if names.find(spelled) is None and spelled[-1] in "23" and not times:
        spelled, times = spelled[:-1], spelled[-1]
    parts = [spelled] if names.find(spelled) else re.split("d", spelled)
    known = [names.find(part) for part in parts]  # dxdy is dx dy
    if None in known:
        names.refuse(line, below.start(1), spelled)
    return [*map(str, known[:-1]), *[str(known[-1])] * int(times or 1)]


def primes(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """f′, f''(x)."""
    match = PRIMES.match(line, at)
    if match is None:
        return None
    name = names.find(match[1])
    if name in names.arrays and match[2] in "'’":
        what = f"{match[1]}' can be read in two ways"
        remedy = f"{match[1]}ᵀ for the transpose, or d{match[1]}/d..."
        raise FormulaError(what, remedy=remedy, text=line, at=match.start(2))
    if value := AT_NUMBER.match(line, match.end()):
        what = f"{match.group()}{value.group()} is one number; lines hold at any point"
        remedy = f"{match.group()}(x) = …, with the name of what it is at"
        raise FormulaError(what, remedy=remedy, text=line, at=value.start())
    times = sum(COUNT.get(sign, 1) for sign in match[2])
    return Quotient(name, ("",) * times), match.end()


def nabla(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """∇f, ∇_w L, ∇²f."""
    match = NABLA.match(line, at)
    if match is None:
        return None
    by = ""
    if match[1]:
        by = names.find(match[1]) or names.refuse(line, match.start(1), match[1])
    return Quotient(None, (by,) * (2 if match[2] else 1)), match.end()


def lone(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """dz, δz."""
    match = LONE.match(line, at)
    if match is None or names.find(match.group()):
        return None
    name = names.find(match[2])
    if name is None:
        return None
    return Alone(name, adjoint=match[1] in ("δ", "delta_")), match.end()
