"""A verdict on steps of one's own: each equal, equal under an assumption, or wrong.

    str(verdict), verdict.to_json()

This is data and its print alone; ``explain.judge`` finds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from whence.explain.show import figure
from whence.explain.tree import number

Status = Literal["equal", "assuming", "named", "wrong", "open"]
SCHEMA = 1
WORDS: Mapping[str, str] = {
    "equal": "equal",
    "assuming": "equal, assuming",
    "named": "a name",
    "wrong": "wrong",
    "open": "not judged",
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
        text: The line as it was typed.
        subject: What it is about, such as ∂L/∂w.
        status: equal; assuming: equal under the assumption in the remark; named: a name
            of one's own; wrong; open: at too few points both sides have a number.
        remark: What else is to be said: how many operations more, what is assumed, what
            is off.
        points: At how many points both sides had numbers.
        counterexample: Where it is wrong.
    """

    text: str
    subject: str
    status: Status
    remark: str = ""
    points: int = 0
    counterexample: Counterexample | None = None


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
        order: tuple[Status, ...] = ("named", "equal", "assuming", "open", "wrong")
        return max((x.status for x in self.lines), key=order.index)

    @property
    def first_wrong(self) -> Judged | None:
        """The first line that is wrong."""
        return next((x for x in self.lines if x.status == "wrong"), None)

    def __bool__(self) -> bool:
        return self.status not in ("wrong", "open")

    def __str__(self) -> str:
        width = max(len(x.text) for x in self.lines)
        status = max(len(WORDS[x.status]) for x in self.lines)
        parts = []
        for i, x in enumerate(self.lines, 1):
            said = f"{WORDS[x.status]:<{status}}  {x.remark}".rstrip()
            parts.append(f"  {i:>2}  {x.text:<{width}}   {said}")
            if x.counterexample and x is self.first_wrong:
                parts.append(f"      {x.counterexample}")
        judged = [x.points for x in self.lines if x.points]
        if judged:
            points = f"{min(judged)} point{'s' * (min(judged) > 1)}"
            parts += ["", f"  judged by numbers, each line at {points} at least"]
        return "\n".join(parts)

    __repr__ = __str__

    def to_json(self) -> str:
        """The verdict for other programs to read."""
        found = {
            "whence": "verdict",
            "schema": SCHEMA,
            "status": self.status,
            "lines": [
                {
                    "text": x.text,
                    "subject": x.subject,
                    "status": x.status,
                    "remark": x.remark,
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
