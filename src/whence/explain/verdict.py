"""A verdict on steps of one's own: each equal, equal under an assumption, or wrong.

    str(verdict), verdict.to_json()

A line that cannot be read is neither right nor wrong, and the others are judged all the
same. This is data and its print alone; ``explain.judge`` finds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from whence.explain.layout import columns, padded
from whence.explain.show import figure
from whence.explain.tree import number

Status = Literal["equal", "assuming", "named", "wrong", "open", "unreadable"]
SCHEMA = 2
# From the best to the worst: the status of several lines is that of the worst.
WORDS: Mapping[Status, str] = {
    "named": "a name",
    "equal": "equal",
    "assuming": "equal, assuming",
    "open": "not judged",
    "unreadable": "unreadable",
    "wrong": "wrong",
}


@dataclass(frozen=True)
class Counterexample:
    """A point at which a line is wrong.

    Attributes:
        point: The numbers of the inputs.
        yours: What the line gives there.
        right: What is right.
        entry: Which entry of an array these are.
    """

    point: Mapping[str, Any]
    yours: Any
    right: Any
    entry: tuple[int, ...] = ()

    def __str__(self) -> str:
        shown = [f"{name} = {figure(x)}" for name, x in self.point.items()]
        where = f"at {', '.join(shown)}" if shown else "at your point"
        entry = f", entry {list(self.entry)}" if self.entry else ""
        yours, right = figure(self.yours), figure(self.right)
        return f"{where}{entry}: yours gives {yours}, right is {right}"


@dataclass(frozen=True)
class Judged:
    """One line with what is to be said of it.

    Attributes:
        subject: What it is about, such as ∂L/∂w.
        status: equal; assuming: equal under the assumption in the remark; named: a name
            of one's own; wrong; open: at too few points both sides have a number;
            unreadable: no form that could be compared.
        remark: What else is to be said: how many operations more, what is assumed, what
            is off, what cannot be read and what to write instead.
        points: At how many points both sides had numbers.
        counterexample: Where it is wrong.
        text: The line as it was typed.
        place: The character at which it cannot be read, counted from 0.
    """

    subject: str
    status: Status
    remark: str = ""
    points: int = 0
    counterexample: Counterexample | None = None
    text: str = ""
    place: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What is to be said of someone's own lines.

    It is true if every line holds: ``if explain(f, x).judge("2*x"): …``.

    Attributes:
        lines: Each line, judged.
    """

    lines: tuple[Judged, ...]

    @property
    def status(self) -> Status:
        """That of the whole: the worst of the lines."""
        return max((x.status for x in self.lines), key=[*WORDS].index)

    @property
    def first_wrong(self) -> Judged | None:
        """The first line that is wrong; one that cannot be read is not."""
        return next((x for x in self.lines if x.status == "wrong"), None)

    @property
    def unreadable(self) -> tuple[Judged, ...]:
        """The lines that cannot be read."""
        return tuple(x for x in self.lines if x.status == "unreadable")

    def __bool__(self) -> bool:
        return self.status in ("named", "equal", "assuming")

    def __str__(self) -> str:
        width = max(columns(x.text) for x in self.lines)
        status = max(len(WORDS[x.status]) for x in self.lines)
        parts = []
        for i, x in enumerate(self.lines, 1):
            said = f"{WORDS[x.status]:<{status}}  {x.remark}".rstrip()
            parts.append(f"  {i:>2}  {padded(x.text, width)}   {said}")
            if x.place is not None:
                parts.append(f"{' ' * (6 + columns(x.text[: x.place]))}^")
            if x.counterexample and x is self.first_wrong:
                parts.append(f"      {x.counterexample}")
        return "\n".join([*parts, *self.closing()])

    __repr__ = __str__

    def closing(self) -> list[str]:
        """What stands behind the verdict, and which line is the first wrong one."""
        found = []
        if len(self.lines) > 1 and (wrong := self.first_wrong):
            found.append(f"the first wrong line is {self.number(wrong)}")
        if unreadable := self.unreadable:
            which = ", ".join(str(self.number(x)) for x in unreadable)
            found.append(f"not read, and so not judged: {which}")
        judged = [x.points for x in self.lines if x.points]
        if judged:
            points = f"{min(judged)} point{'s' * (min(judged) > 1)}"
            found.append(f"judged by numbers, each line at {points} at least")
        return ["", *(f"  {words}" for words in found)] if found else []

    def number(self, line: Judged) -> int:
        """Which of the lines one is, counted from 1."""
        return 1 + next(i for i, x in enumerate(self.lines) if x is line)

    def to_json(self) -> str:
        """The verdict for other programs to read."""
        found = {
            "whence": "verdict",
            "schema": SCHEMA,
            "status": self.status,
            "first_wrong": self.number(wrong) if (wrong := self.first_wrong) else None,
            "lines": [
                {
                    "text": x.text,
                    "subject": x.subject,
                    "status": x.status,
                    "remark": x.remark,
                    "place": x.place,
                    "points": x.points,
                    "counterexample": counterexample(x.counterexample),
                }
                for x in self.lines
            ],
        }
        return json.dumps(found, ensure_ascii=False, indent=1)


def counterexample(x: Counterexample | None) -> dict[str, Any] | None:
    """A counterexample for JSON."""
    if x is None:
        return None
    return {
        "point": {name: number(value) for name, value in x.point.items()},
        "entry": list(x.entry),
        "yours": number(x.yours),
        "right": number(x.right),
    }
