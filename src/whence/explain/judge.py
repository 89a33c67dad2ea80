"""Judge a line that somebody else wrote, by numbers alone.

    Judge(ground, story).judge(claim, readings) -> Finding

A line holds if it agrees with what is true at every point where both sides have
numbers, three at the least. They agree up to 1e-7 of the largest entry, or up to what
the rounding of the line's own operands makes of it. A line that fails is tried again
where an assumption holds, such as the symmetry of a matrix; how it is written never
decides, and is only remarked upon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.core.graph import Literal, Value
from whence.explain.assumptions import Assumption, assumptions
from whence.explain.derivation import Slope, Story
from whence.explain.dialect import TEXT
from whence.explain.ground import (
    Claim,
    Differential,
    Ground,
    Point,
    Printed,
    Quantity,
    Rate,
    Source,
)
from whence.explain.numbers import NOISE, TOLERANCE
from whence.explain.speaker import Speaker
from whence.explain.verdict import Counterexample, Status
from whence.simplify.constant import constant
from whence.simplify.cost import cost
from whence.simplify.read import Reader
from whence.simplify.term import Symbol, Term

FEWEST = 3  # points at which both sides must have numbers
ROUNDED = 1e-3  # relative; how far a number copied from a page may be off


@dataclass(frozen=True)
class Finding:
    """What was found of a line; see ``verdict.Judged``."""

    subject: str
    status: Status
    remark: str = ""
    points: int = 0
    counterexample: Counterexample | None = None


@dataclass(frozen=True)
class Meeting:
    """How two sides meet at one point: agrees is None where nothing can be compared."""

    agrees: bool | None
    undefined: bool = False  # the line has no number where there is a true one


class Judge:
    """Judges claims about one program."""

    def __init__(self, ground: Ground, story: Story) -> None:
        self.ground, self.story = ground, story
        self.speaker = Speaker(story, TEXT)
        self.assumed: dict[str, list[Point]] = {}
        self.names = {**ground.written.names, **story.names}

    def judge(self, claim: Claim, readings: Sequence[Quantity]) -> Finding:
        """Judge a claim about any of some quantities: it is meant of the one it fits.

        Args:
            claim: The right side of a line.
            readings: What its left side may mean, the likeliest first.
        """
        findings = []
        for what in readings:
            found = self.held(claim, what)
            if found and found.status == "equal":
                return found
            findings.append(found)
        assumed = next(filter(None, findings), None)
        return assumed or self.wrong(claim, readings)

    def held(self, claim: Claim, what: Quantity) -> Finding | None:
        """What to say of a claim that holds, at least under an assumption."""
        if not self.fits(claim, what):
            return None
        subject = self.subject(what)
        if (points := self.agreement(claim, what, self.ground.points)) is not None:
            condition = self.condition(claim, what)
            if condition:
                return Finding(subject, "assuming", condition, points)
            return Finding(subject, "equal", self.form_of(claim, what), points)
        for assumption, points in self.assuming(claim, what):
            if assumption.holds(self.ground.arrays):
                remark = f"{assumption.words}, as at your point"
                return Finding(subject, "assuming", remark, points)
        if self.is_number(claim, what):
            remark = "the number at your point; it is another one elsewhere"
            return Finding(subject, "assuming", remark, 1)
        return None

    def assuming(
        self, claim: Claim, what: Quantity
    ) -> Iterator[tuple[Assumption, int]]:
        """The assumptions under which a claim holds, and at how many points."""
        for assumption in assumptions(self.ground):
            first = self.drawn(assumption)[:1]
            if any(self.meeting(claim, what, p).agrees is False for p in first):
                continue
            points = self.agreement(claim, what, self.drawn(assumption))
            if points is not None:
                yield assumption, points

    def drawn(self, assumption: Assumption) -> list[Point]:
        """Points at which an assumption holds."""
        if assumption.words not in self.assumed:
            self.assumed[assumption.words] = self.ground.drawn(assumption.project)
        return self.assumed[assumption.words]

    # ----------------------------------------------------------------- numbers

    def fits(self, claim: Claim, what: Quantity) -> bool:
        """Whether the shape of a claim is that of what it is about."""
        yours, right = self.shapes(claim, what)
        try:
            return np.broadcast_shapes(yours, right) == right
        except ValueError:
            return False

    def shapes(
        self, claim: Claim, what: Quantity
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shape of a claim, and that of what it is about."""
        point = self.ground.points[0]
        return (
            self.ground.number(claim, point).shape,
            self.ground.number(what, point).shape,
        )

    def agreement(
        self, claim: Claim, what: Quantity, points: Sequence[Point]
    ) -> int | None:
        """At how many points a claim holds; None if it fails or they are too few."""
        met = [self.meeting(claim, what, p).agrees for p in points]
        counted = sum(m is not None for m in met)
        return counted if counted >= FEWEST and False not in met else None

    def follows(self, claim: Claim, before: Claim) -> bool:
        """Whether a claim says the same as another."""
        return self.fits(claim, before) and (
            self.agreement(claim, before, self.ground.points) is not None
        )

    def meeting(self, claim: Claim, what: Quantity, point: Point) -> Meeting:
        """How a claim and what it is about meet at a point."""
        yours, right = np.broadcast_arrays(
            self.ground.number(claim, point), self.ground.number(what, point)
        )
        known = np.isfinite(right)
        both = known & np.isfinite(yours)
        undefined = bool((known & ~both).any())
        if not both.any():
            return Meeting(None, undefined)
        apart = np.abs(yours - right)[both]
        scale = max(float(np.max(np.abs(right[both]))), 1e-300)
        if np.all(apart <= TOLERANCE * scale + 1e-12):
            return Meeting(agrees=True, undefined=undefined)
        noise = self.noise(claim, point)
        noise = np.broadcast_to(noise, right.shape)[both]
        return Meeting(bool(np.all(apart <= NOISE * noise + 1e-12)), undefined)

    def noise(self, claim: Claim, point: Point) -> np.ndarray:
        """How far a claim moves when its operands move by a few units in last place."""
        sources = [np.asarray(self.ground.source(x, point)) for x in claim.sources]
        here = self.ground.number(claim, point)
        total = np.zeros_like(here)
        for seed in range(4):
            random = np.random.default_rng(seed)
            moved = [
                x * (1 + 8e-16 * random.uniform(-1, 1, x.shape))
                if x.dtype.kind == "f"
                else x
                for x in sources
            ]
            apart = np.abs(np.asarray(claim.graph(*moved)[0], float) - here)
            total = total + np.where(np.isfinite(apart), apart, 0.0)
        return total

    def is_number(self, claim: Claim, what: Quantity) -> bool:
        """Whether a claim is a plain number, and that of the given point."""
        point = self.ground.points[0]
        right = self.ground.number(what, point)
        yours = self.ground.number(claim, point)
        return not claim.sources and bool(np.allclose(yours, right, ROUNDED, 1e-12))

    def condition(self, claim: Claim, what: Quantity) -> str:
        """Where a claim that agrees has numbers, if not wherever the truth has."""
        points = [*self.ground.points, *self.ground.at_zeros()]
        undefined = [self.meeting(claim, what, p).undefined for p in points]
        if not any(undefined):
            return ""
        for value, name in self.names.items():
            x = [np.asarray(self.ground.number(value, p), float) for p in points]
            for sign, holds in SIGNS.items():
                inside = [bool(holds(v).all()) for v in x]
                if inside == [not u for u in undefined]:
                    return f"{TEXT.name(name)} {sign} 0"
        return "where it has a number at all"

    # ------------------------------------------------------------------- words

    def subject(self, what: Quantity) -> str:
        """What a claim is about."""
        match what:
            case Value():
                return self.speaker.name(what)
            case Rate(of, (by,)):
                return self.speaker.slope(Slope(of, by))
            case Rate(of, by):
                below = "".join(f"∂{self.speaker.name(x)}" for x in by)
                order = str(len(by)).translate(TEXT_RAISED)
                return f"∂{order}{self.speaker.name(of)}/{below}"
            case Differential(of, _):
                return f"d{self.speaker.name(of)}"
        return ""

    def form_of(self, claim: Claim, what: Quantity) -> str:
        """How the form of a line compares with that of the derivation."""
        known = self.forms(what)
        yours = self.term(claim)
        if not known:
            return ""
        if yours in known or yours.text in {x.text for x in known}:
            return "the same form"
        more = cost(yours) - min(map(cost, known))
        if more <= 0:
            return "another form"
        return f"{more} operation{'s' * (more > 1)} more than the closed form"

    def forms(self, what: Quantity) -> list[Term]:
        """The short forms of a quantity that the derivation knows."""
        if isinstance(what, Value) or not isinstance(what, Rate) or len(what.by) > 1:
            return []
        (by,) = what.by
        lines = [x.form for x in self.story.lines if x.subject == Slope(what.of, by)]
        found = [x for x in lines[-1:] if isinstance(x, Term)]
        for result in self.story.results:
            if what.of is self.ground.output and result.by is by:
                found += [result.form, result.explicit]
        return found

    def term(self, claim: Claim) -> Term:
        """A claim as a term over the symbols of the derivation."""
        symbols = {
            x: self.symbol(source, x)
            for x, source in zip(claim.graph.inputs, claim.sources, strict=True)
        }
        made = {y: e for e in claim.graph.equations for y in e.results}
        (output,) = claim.graph.outputs
        if isinstance(output, Literal):
            return constant(output.number)
        return Reader(made, symbols.__contains__, symbols.__getitem__).read(output)

    def symbol(self, source: Source, x: Value) -> Term:
        """The symbol of what a claim is written in."""
        if isinstance(source, Printed):
            return source.form
        if isinstance(source, Value):
            return self.story.values.get(source) or Symbol(source, source.aval.shape)
        if isinstance(source, Rate) and source.of is self.ground.output:
            return Symbol(("cotangent", *source.by), x.aval.shape)
        return Symbol(x, x.aval.shape)

    # ------------------------------------------------------------------- wrong

    def wrong(self, claim: Claim, readings: Sequence[Quantity]) -> Finding:
        """What is off in a claim that fails."""
        from whence.explain.slips import Slips

        slips = Slips(self)
        likely = sorted(readings, key=lambda what: not self.fits(claim, what))
        found = [(slips.slip(claim, what), what) for what in likely]
        remark, what = next((x for x in found if x[0]), found[0])
        points = sum(
            self.meeting(claim, what, p).agrees is not None
            for p in self.ground.points
            if self.fits(claim, what)
        )
        if self.fits(claim, what) and points < FEWEST:
            return Finding(self.subject(what), "open", "too few points have numbers")
        witness = self.counterexample(claim, what) if self.fits(claim, what) else None
        return Finding(self.subject(what), "wrong", remark, points, witness)

    def counterexample(self, claim: Claim, what: Quantity) -> Counterexample | None:
        """A point at which a claim is wrong, of small round numbers if there is one."""
        for point in (*self.ground.round_points(), *self.ground.points):
            if self.meeting(claim, what, point).agrees is not False:
                continue
            yours, right = np.broadcast_arrays(
                self.ground.number(claim, point), self.ground.number(what, point)
            )
            apart = np.where(np.isfinite(yours), np.abs(yours - right), 0.0)
            if point is not self.ground.points[-1] and not clear(apart, right):
                continue
            entry = np.unravel_index(int(np.nanargmax(apart)), apart.shape)
            return Counterexample(
                self.ground.shown(point),
                float(yours[entry]),
                float(right[entry]),
                tuple(map(int, entry)),
            )
        return None


def clear(apart: np.ndarray, right: np.ndarray) -> bool:
    """Whether a deviation shows in the first digits."""
    return bool(np.nanmax(apart) > 1e-3 * max(1e-3, float(np.nanmax(np.abs(right)))))


SIGNS: dict[str, Callable[[Any], Any]] = {
    ">": lambda x: x > 0,
    "<": lambda x: x < 0,
    "≠": lambda x: x != 0,
    "≥": lambda x: x >= 0,
    "≤": lambda x: x <= 0,
}
TEXT_RAISED = str.maketrans("23456789", "²³⁴⁵⁶⁷⁸⁹")
