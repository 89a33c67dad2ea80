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
from dataclasses import dataclass
from typing import NoReturn

from whence.core.names import similar
from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError


@dataclass(frozen=True)
class Names:
    """The names that a line may use.

    Attributes:
        spelled: What each spelling stands for: ŷ and y_hat are one name.
        arrays: The names of values with axes, whose products are matrix products.
    """

    spelled: Mapping[str, str]
    arrays: frozenset[str] = frozenset()

    def find(self, spelling: str) -> str | None:
        """What a spelling stands for, if it is one of the names."""
        for form in ("NFC", "NFKC"):
            found = self.spelled.get(unicodedata.normalize(form, spelling))
            if found is not None:
                return found
        return None

    def refuse(self, line: str, at: int, spelling: str) -> NoReturn:
        """Say that nothing has a name, and what there is."""
        known = sorted(set(self.spelled.values()))
        letters = [self.find(c) for c in spelling]
        remedy = similar(spelling, known) or f"one of {', '.join(known)}"
        if len(letters) > 1 and None not in letters:
            remedy = "*".join(map(str, letters))
        elif vocabulary.lookup(spelling):
            remedy = f"{spelling}(...)"
        what = f"nothing here is called {spelling!r}"
        raise FormulaError(what, remedy=remedy, text=line, at=at)


@dataclass(frozen=True)
class Quotient:
    """A derivative of something by something: dL/dz, ∂²f/∂x∂y, f′.

    Attributes:
        of: What is differentiated; None for the function itself.
        by: What by, each once per order; an empty name stands for the input there is.
    """

    of: str | None
    by: tuple[str, ...]


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
TIMES = r"(?:[²³]|\^[23]|\*\*[23])"
FIRST = re.compile(rf"{D}({WORD})\s*/\s*{D}({WORD})")
HIGHER = re.compile(
    rf"{D}{TIMES}\s*({WORD})\s*/\s*((?:{D}{WORD}{TIMES}?\s*)*{D}{WORD}{TIMES}?)"
)
BELOW = re.compile(rf"{D}({WORD})({TIMES}?)")
PRIMES = re.compile(rf"({WORD})\s*([′'’]+|″|‴)(?:\s*\(\s*{WORD}\s*\))?")
NABLA = re.compile(rf"∇(?:\s*_\s*({WORD}))?\s*(²|\^2)?\s*({WORD})?")
LONE = re.compile(rf"({D}|δ|delta_)({WORD})")
COUNT = {"″": 2, "‴": 3}


def derivative(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """The derivative that is written at a place of a line, and where it ends."""
    for reading in (higher, first, primes, nabla, lone):
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
    return Quotient(names.find(match[1]), (by,)), match.end()


def higher(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """d²f/dx², ∂²f/∂x∂y."""
    match = HIGHER.match(line, at)
    if match is None:
        return None
    by: list[str] = []
    for below in BELOW.finditer(line, match.start(2), match.end()):
        spelled = below[1]
        parts = [spelled] if names.find(spelled) else re.split("d", spelled)
        known = [names.find(part) for part in parts]  # dxdy is dx dy
        if None in known:
            names.refuse(line, below.start(1), spelled)
        times = {"²": 2, "2": 2, "³": 3, "3": 3}.get(below[2][-1:], 1)
        by += [*map(str, known[:-1]), *[str(known[-1])] * times]
    return Quotient(names.find(match[1]), tuple(by)), match.end()


def primes(line: str, at: int, names: Names) -> tuple[Derivative, int] | None:
    """f′, f''(x)."""
    match = PRIMES.match(line, at)
    if match is None:
        return None
    times = sum(COUNT.get(sign, 1) for sign in match[2])
    return Quotient(names.find(match[1]), ("",) * times), match.end()


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
