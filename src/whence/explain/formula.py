r"""A formula in LaTeX, read as pieces: how wide it is, and where it may break.

    read(r"\frac{1}{2}\,x + y") -> its pieces
    broken(latex, room) -> the formula in lines, brackets closed and opened again

The writer writes a small part of LaTeX, and this reads that part: fractions, roots,
scripts, brackets that grow, cases and names. Widths are counted in digits, as far as
the eye cares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal[
    "letter",
    "word",
    "number",
    "operator",
    "sign",
    "open",
    "close",
    "space",
    "text",
    "fraction",
    "root",
    "mark",
    "script",
    "cases",
    "box",
    "blank",
]


@dataclass(frozen=True)
class Piece:
    """One piece of a formula.

    Attributes:
        kind: What it is.
        text: Its character, name or words, in Unicode.
        parts: The formulas inside: above and below, base and scripts, cells.
        start: Where it begins in the source.
        end: Where it ends there.
    """

    kind: Kind
    text: str
    parts: tuple[tuple[Piece, ...], ...] = ()
    start: int = 0
    end: int = 0

    @property
    def width(self) -> float:
        """How wide it is, in digits."""
        inner = [width(part) for part in self.parts]
        match self.kind:
            case "fraction" | "cases":
                return max(inner, default=0.0)
            case "script":
                return inner[0] + 0.7 * max(inner[1:], default=0.0)
            case "operator":
                return 3.0
            case "space":
                return 0.3
        return sum(inner) + len(self.text)


def width(pieces: Sequence[Piece]) -> float:
    """How wide some pieces are side by side, in digits."""
    return sum(p.width for p in pieces)


GREEK = {
    "alpha beta gamma delta epsilon zeta eta theta kappa": "αβγδεζηθκ",
    "lambda mu nu xi pi rho sigma tau phi chi psi omega": "λμνξπρστφχψω",
    "Gamma Delta Theta Sigma Phi Psi Omega partial": "ΓΔΘΣΦΨΩ∂",
}
LETTERS = {
    name: letter
    for names, letters in GREEK.items()
    for name, letter in zip(names.split(), letters, strict=True)
}
WORDS = {
    *("log", "exp", "sin", "cos", "tan", "arcsin", "arccos", "arctan"),
    *("sinh", "cosh", "tanh", "max", "min", "det"),
}
OPERATORS = {
    "cdot": "·",
    "odot": "⊙",
    "otimes": "⊗",
    "times": "×",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "in": "∈",
    "wedge": "∧",
    "vee": "∨",
    "oplus": "⊕",
    "leftarrow": "←",
    "mapsto": "↦",
    "Rightarrow": "⇒",
    "bmod": "mod",
}
SIGNS = {
    "sum": "∑",
    "dots": "…",
    "prod": "∏",
    "neg": "¬",
    "top": "⊤",
    "infty": "∞",
    "nabla": "∇",
    "_": "_",
}
BIG = {"bigl", "bigr", "Bigl", "Bigr"}
OPENING = {"left", "bigl", "Bigl"}
BARS: dict[str, Kind] = {
    "lVert": "open",
    "rVert": "close",
    "lvert": "open",
    "rvert": "close",
}
SPACES = {",": 0.17, "quad": 1.0, ";": 0.28, " ": 0.25}
FENCES = {
    r"\lVert": "‖",
    r"\rVert": "‖",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\{": "{",
    r"\}": "}",
    ".": "",
}
MARKS = {"hat": "^", "bar": "¯", "dot": "˙"}
WORDED = {"operatorname", "mathrm", "mathbin"}
BOLD = {"a": 0x1D41A, "A": 0x1D400, "0": 0x1D7CE}  # the first of each kind
INFIX = set("+-=<>/:") | set("−")

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\S", re.DOTALL)


class Reader:
    """Reads the tokens of a formula one by one."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = list(TOKEN.finditer(latex))
        self.next = 0

    @property
    def now(self) -> str:
        """The token to be read; nothing at the end."""
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    @property
    def at(self) -> int:
        """Where the last token that was read ends."""
        return self.tokens[self.next - 1].end() if self.next else 0

    def take(self) -> str:
        """Read a token."""
        self.next += 1
        return self.tokens[self.next - 1][0]

    def row(self, *ends: str) -> tuple[Piece, ...]:
        """The pieces up to one of some tokens, which is read too."""
        found: list[Piece] = []
        while self.now and self.now not in ends:
            if self.now in "^_":
                found.append(self.script(found.pop() if found else Piece("text", "")))
            else:
                found.append(self.piece())
        if self.now:
            self.take()
        return tuple(found)

    def group(self) -> tuple[Piece, ...]:
        """What stands in braces, or the next piece."""
        if self.now == "{":
            self.take()
            return self.row("}")
        return (self.piece(),)

    def words(self) -> str:
        """What stands in braces, as it is, without the signs of LaTeX."""
        start = self.tokens[self.next].end()
        depth = 0
        while True:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
            if not depth:
                break
        inner = self.latex[start : self.at - 1]
        return re.sub(r"\\([#%&_])", r"\1", inner).replace(r"\,", " ").replace("$", "")

    def script(self, base: Piece) -> Piece:
        """A base with what stands below and above at its right."""
        below: tuple[Piece, ...] = ()
        above: tuple[Piece, ...] = ()
        while self.now in ("^", "_"):
            if self.take() == "_":
                below = self.group()
            else:
                above = self.group()
        return Piece("script", "", ((base,), below, above), base.start, self.at)

    def piece(self) -> Piece:
        """The next piece, with where it stands."""
        start = self.tokens[self.next].start()
        token = self.take()
        found = self.command(token[1:]) if token[0] == "\\" else self.plain(token)
        return Piece(found.kind, found.text, found.parts, start, self.at)

    def plain(self, shown: str) -> Piece:
        """A piece that is no command."""
        if shown == "{":
            return Piece("box", "", (self.row("}"),))
        if shown[0].isdigit():
            return Piece("number", shown)
        if shown in INFIX:
            return Piece("operator", shown.replace("-", "−"))
        if shown in ",|()[]":
            return Piece("sign", shown)
        return Piece("letter", shown) if shown.isalpha() else Piece("text", shown)

    def command(self, name: str) -> Piece:
        """A piece that begins with a backslash."""
        if name in ("left", "right", *BIG):
            token = self.take()
            kind: Kind = "open" if name in OPENING else "close"
            return Piece(kind, FENCES.get(token, token))
        if name in BARS:
            return Piece(BARS[name], FENCES[f"\\{name}"])
        if name == "textstyle":
            return self.piece()
        if name in ("frac", "tfrac"):
            return Piece("fraction", "", (self.group(), self.group()))
        if name == "sqrt":
            degree: tuple[Piece, ...] = ()
            if self.now == "[":
                self.take()
                degree = self.row("]")
            return Piece("root", "", (self.group(), degree))
        if name == "begin":
            return self.cases()
        return self.named(name)

    def named(self, name: str) -> Piece:
        """A letter, a word or a sign by its name."""
        if name in MARKS:
            return Piece("mark", MARKS[name], (self.group(),))
        if name == "boxed":
            return Piece("box", "", (self.group(),))
        if name == "underline":
            self.words()
            return Piece("blank", "____")
        if name == "text":
            return Piece("text", self.words())
        if name in WORDED:
            return Piece("word", self.words())
        if name == "mathit":
            return Piece("letter", self.words())
        if name == "mathbf":
            return Piece("letter", "".join(map(bold, self.words())))
        if name in SPACES:
            return Piece("space", name)
        if name in LETTERS:
            return Piece("letter", LETTERS[name])
        if name in WORDS:
            return Piece("word", name)
        if name in OPERATORS:
            return Piece("operator", OPERATORS[name])
        assert name in SIGNS or not name.isalpha(), rf"no piece for \{name}"
        return Piece("sign", SIGNS.get(name, name))

    def cases(self) -> Piece:
        """The cells of a table of cases, two in a row."""
        self.words()
        cells: list[tuple[Piece, ...]] = []
        while True:
            start = self.next
            cells.append(self.row("&", r"\\", r"\end"))
            if self.tokens[self.next - 1][0] == r"\end" or start == self.next:
                break
        self.words()
        return Piece("cases", "{", tuple(cells))


def bold(letter: str) -> str:
    """A letter or digit in bold."""
    first = "0" if letter.isdigit() else "A" if letter.isupper() else "a"
    return chr(BOLD[first] + ord(letter) - ord(first))


def read(latex: str) -> tuple[Piece, ...]:
    """The pieces of a formula."""
    return Reader(latex).row()


# ---------------------------------------------------------------------- breaks

RANKS = {"=": 0, "+": 1, "−": 1, "·": 2, "⊙": 2, "⊗": 2}


def broken(latex: str, room: float) -> list[str]:
    r"""A formula in lines of about some digits, at operators with few brackets open.

    Brackets that are open at the end of a line are closed there by nothing and opened
    by nothing in the next, as ``\left`` and ``\right`` ask for.
    """
    pieces = read(latex)
    lines, depth = [], 0
    while width(pieces) > room:
        found = [b for b in breaks(pieces, depth) if b[2] <= room]
        late = [b for b in found if b[2] >= room / 3] or found[-1:]
        if not late:
            break
        _, inside, _, at = min(late, key=lambda b: (b[0], b[1], -b[2]))
        lines.append(source(latex, pieces[:at], depth, inside))
        pieces, depth = pieces[at:], inside
    return [*lines, source(latex, pieces, depth, 0)]


def breaks(
    pieces: Sequence[Piece], depth: int
) -> Iterator[tuple[tuple[int, int], int, float, int]]:
    """The operators before which a line may end.

    Yields:
        How good others are, the open brackets, the width before it, and which it is.
    """
    before = 0.0
    for i, piece in enumerate(pieces):
        if piece.kind == "operator" and i and piece.text in RANKS:
            rank = RANKS[piece.text]
            signed = pieces[i - 1].kind in ("operator", "open", "space")
            if not (signed and rank == 1):  # a sign is no place to break
                yield (depth, rank), depth, before, i
        depth += opens(piece)
        before += piece.width


def opens(piece: Piece) -> int:
    """How many brackets a piece opens: -1 if it closes one, with scripts or without."""
    if piece.kind == "script":
        return min(opens(piece.parts[0][0]), 0)
    return (piece.kind == "open") - (piece.kind == "close")


def source(latex: str, pieces: Sequence[Piece], opened: int, left: int) -> str:
    """The source of some pieces, brackets opened before and left open made whole."""
    if not pieces:
        return ""
    inner = latex[pieces[0].start : pieces[-1].end]
    return r"\left. " * opened + inner + r" \right." * left


def sides(latex: str) -> list[str]:
    """What is said to be equal, one by one: a = b = c is a, = b and = c."""
    starts, depth = [0], 0
    for piece in read(latex):
        if piece.kind == "operator" and piece.text == "=" and piece.start and not depth:
            starts.append(piece.start)
        depth += opens(piece)
    return [latex[i:j].strip() for i, j in pairwise([*starts, len(latex)])]


# -------------------------------------------------------------------- brackets

BRACKET = re.compile(r"\\(left|right) *(\\[A-Za-z]+|\\.|.)")
TALL = re.compile(r"\\(?:frac|sum|prod|begin|left)(?![A-Za-z])")


def tightened(latex: str) -> str:
    r"""LaTeX with brackets that grow only round what is tall: ``\sigma(z)``.

    ``\left`` and ``\right`` put room before and behind them, which print leaves out.
    """
    done, opened = "", list[int]()
    place = 0
    for found in BRACKET.finditer(latex):
        done += latex[place : found.start()]
        place = found.end()
        if found[1] == "left":
            opened.append(len(done))
            done += found[0]
        elif opened:
            done = paired(done, opened.pop(), found)
    return re.sub(r"(vert) (?![A-Za-z])", r"\1", done + latex[place:])


def paired(done: str, start: int, right: re.Match[str]) -> str:
    """A text with the bracket that was opened at a place in it closed."""
    left = BRACKET.match(done, start)
    assert left is not None, "a bracket was opened there"
    inner = done[left.end() :]
    if TALL.search(inner):
        return done + right[0]
    return done[:start] + small(left) + inner + small(right)


def small(bracket: re.Match[str]) -> str:
    """A bracket of the size of a letter."""
    _, sign = bracket.groups()
    shown = {"|": rf"\{bracket[1][0]}vert ", ".": ""}.get(sign, sign)
    return shown + " " if shown[-1:].isalpha() else shown
