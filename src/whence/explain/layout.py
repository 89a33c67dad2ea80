"""Text in columns that keeps within a width: long formulas break, notes go under.

    wrapped(formula, room) -> its lines, broken at + and · where few brackets are open
    table(rows, width) -> kind, both sides, rule and number of each line, lined up

Widths are counted in the columns of a terminal, where ŷ may be two characters and takes
one. Nothing here knows what a formula means.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 80  # columns, where nothing else is asked for
NARROWEST = 60  # columns; below this nothing reads well
SHORT = 12  # columns; a longer number may go under its line
RULE = 26  # columns; a longer rule may be broken

# operators at which a formula may break, the loosest first
BREAKS = ((" + ", " − "), (", ", " · ", " ⊙ ", " ⊗ "), (" ",), ("·", "/"))
OPEN, CLOSE = "([", ")]"


def columns(text: str) -> int:
    """How many columns a terminal needs to show a text."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def padded(text: str, width: int) -> str:
    """A text with blanks up to a width."""
    return text + " " * (width - columns(text))


def against(text: str, width: int) -> str:
    """A text with blanks before it up to a width."""
    return " " * (width - columns(text)) + text


# -------------------------------------------------------------------- formulas


@dataclass(frozen=True)
class Break:
    """A place at which a formula may go on in the next line.

    Attributes:
        at: Where the next line begins.
        column: How wide the line before it is.
        looseness: How much better others are: open brackets, then the operator.
        open: The columns inside the brackets that are open there.
    """

    at: int
    column: int
    looseness: tuple[int, int]
    open: tuple[int, ...]


def wrapped(formula: str, room: int) -> list[str]:
    """A formula as lines of at most some columns, as far as it can be broken."""
    lines: list[str] = []
    inside: tuple[int, ...] = ()
    indent, rest = 0, formula
    while indent + columns(rest) > room:
        found = [b for b in breaks(rest, indent, inside) if b.column <= room]
        if not found:
            break
        late = [b for b in found if b.column >= room // 3] or found[-1:]
        best = min(late, key=lambda b: (b.looseness, -b.column))
        lines.append(" " * indent + rest[: best.at].rstrip())
        rest, inside = rest[best.at :].lstrip(), best.open
        indent = min(inside[-1] if inside else 2, room // 2)
    return [*lines, " " * indent + rest]


def breaks(text: str, indent: int, inside: tuple[int, ...]) -> Iterator[Break]:
    """The places at which a line may end, from left to right.

    Args:
        text: What stands in the line and all that follows.
        indent: The column it begins at.
        inside: The columns inside the brackets that are open there already.
    """
    open_at, column = list(inside), indent
    for i, c in enumerate(text):
        if c in CLOSE and open_at:
            open_at.pop()
        if i:
            for rank, operators in enumerate(BREAKS):
                found = next((o for o in operators if text.startswith(o, i)), "")
                if found:
                    after = 1 if found == ", " else 0
                    loose = (len(open_at), rank)
                    yield Break(i + after, column + after, loose, tuple(open_at))
                    break
        column += columns(c)
        if c in OPEN:
            open_at.append(column)


def sides(formula: str) -> list[str]:
    """What stands between the = of a formula, outside all brackets."""
    found, depth, start = [], 0, 0
    for i, c in enumerate(formula):
        depth += (c in OPEN) - (c in CLOSE)
        if depth == 0 and formula.startswith(" = ", i):
            found.append(formula[start:i])
            start = i + 3
    return [*found, formula[start:]]


def equated(
    lead: str, formula: str, width: int, *, sign: str = "=", note: int = 0
) -> list[str]:
    """``lead = formula`` in lines that keep within a width, lined up at the =.

    Args:
        lead: What stands before the =.
        formula: What stands behind it.
        width: The columns there are.
        sign: What stands for the first =.
        note: The columns that are wanted behind the formula, if that is easy.
    """
    place = columns(lead) + 1
    room = width - place - 2
    parts = [formula] if columns(formula) <= room - note else sides(formula)
    lines = []
    for i, part in enumerate(parts):
        first, *others = wrapped(part, room)
        lines.append(f"{lead} {sign} {first}" if i == 0 else f"{' ' * place}= {first}")
        lines += [" " * (place + 2) + x for x in others]
    return lines


def hanging(lead: str, words: str, width: int) -> list[str]:
    """Words after a lead, further lines below the first word.

    What is joined by a no-break space stays in one line.
    """
    wrapper = textwrap.TextWrapper(
        width - columns(lead), break_long_words=False, break_on_hyphens=False
    )
    first, *others = wrapper.wrap(words) or [""]
    indent = " " * columns(lead)
    lines = [lead + first, *(indent + x for x in others)]
    return [x.replace(TOGETHER, " ") for x in lines]


def together(words: str) -> str:
    """Words that are to stay in one line."""
    return words.replace(" ", TOGETHER)


TOGETHER = "\u00a0"


# ----------------------------------------------------------------------- table


@dataclass(frozen=True)
class Row:
    """One line of a derivation, written.

    Attributes:
        kind: What sort of line it is.
        left: What stands before the =; nothing where a line goes on.
        right: What stands behind it.
        rule: What gives it.
        number: Its value at the point.
    """

    kind: str
    left: str
    right: str
    rule: str = ""
    number: str = ""


@dataclass(frozen=True)
class Columns:
    """Where the parts of rows stand.

    Attributes:
        kind: The width of the kinds.
        left: The width of the left sides.
        rule: The column of the rules.
        number: The column of the numbers.
        width: The columns there are.
    """

    kind: int
    left: int
    rule: int
    number: int
    width: int

    @property
    def lead(self) -> int:
        """The width of everything before the =."""
        return 2 + self.kind + 2 + self.left


def table(rows: Sequence[Row], width: int) -> str:
    """Rows with their columns lined up; a kind is written once."""
    if not rows:
        return ""
    place = fitted(rows, width)
    lines: list[str] = []
    before = ""
    for row in rows:
        lines += lines_of(row, row.kind if row.kind != before else "", place)
        before = row.kind or before
    return "\n".join(lines)


def fitted(rows: Sequence[Row], width: int) -> Columns:
    """The columns of a table: everything in one line, if there is room for that."""
    kind = max(columns(r.kind) for r in rows)
    left = min(max(columns(r.left) for r in rows), width // 3)
    right = max(columns(r.right) for r in rows)
    rule = max(columns(r.rule) for r in rows)
    number = max(columns(r.number) for r in rows)
    start = 2 + kind + 2 + left + 3
    if start + right + 2 + rule + 2 + number <= width:
        return Columns(kind, left, start + right + 2, start + right + rule + 4, width)
    number = max((n for r in rows if (n := columns(r.number)) <= SHORT), default=0)
    rule = min(rule, RULE)
    at = min(start + right + 2, width - number - 2 - rule)
    return Columns(kind, left, at, width - number, width)


def lines_of(row: Row, kind: str, place: Columns) -> list[str]:
    """One row, in as many lines as it needs."""
    front = f"  {padded(kind, place.kind)}  "
    lines = []
    lead = front + against(row.left, place.left)
    if columns(row.left) > place.left:  # a line of its own
        lines.append(front + row.left)
        lead = " " * place.lead
    beside = place.number + columns(row.number) <= place.width
    limit = place.number - 2 if beside else place.width
    note = place.width - limit + (columns(row.rule) + 2 if row.rule else 0)
    lines += equated(lead, row.right, place.width, note=note)
    put_rule(lines, row.rule, place, limit)
    if beside and row.number:
        if columns(lines[-1]) > place.number - 2:
            lines.append("")
        lines[-1] = padded(lines[-1], place.number) + row.number
    elif row.number:
        lines += equated(" " * place.lead, row.number, place.width, sign="≈")
    return lines


def put_rule(lines: list[str], rule: str, place: Columns, limit: int) -> None:
    """Put a rule behind the last line, or where there is no room for it, below.

    Args:
        lines: The lines of a row so far.
        rule: The name of the rule.
        place: Where the columns are.
        limit: The column that the rule must end before.
    """
    free, long = columns(lines[-1]) + 2, columns(rule) > limit - place.lead - 2
    if rule and long:
        lead = " " * (place.lead + 2)
        lines += hanging(lead, rule, limit)
        return
    if rule and free > limit - columns(rule):
        lines.append("")
        free = 0
    if rule:
        at = max(free, min(place.rule, limit - columns(rule)))
        lines[-1] = padded(lines[-1], at) + rule
