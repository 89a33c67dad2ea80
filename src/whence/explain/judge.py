"""Judge a line that somebody else wrote, by numbers alone.

    Judge(ground, story).judge(claim, readings) -> Judged

A line holds if it agrees with what is true at every point where both sides have
numbers, three at the least; ``explain.comparison`` says when they agree. A line that
fails is tried again where an assumption holds, such as the symmetry of a matrix; how it
is written never decides, and is only remarked upon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from whence.explain.comparison import Comparison
from whence.explain.derivation import Story
from whence.explain.dialect import TEXT
from whence.explain.ground import Claim, Ground, Quantity
from whence.explain.numbers import FEWEST
from whence.explain.slips import Slips
from whence.explain.verdict import Counterexample, Judged
from whence.simplify.cost import cost

SHORT, LONG = 2, 10  # decimals of a number that was rounded by hand


class Judge:
    """Judges claims about one program."""

    def __init__(self, ground: Ground, story: Story) -> None:
        self.ground = ground
        self.both = Comparison(ground, story)

    def judge(self, claim: Claim, readings: Sequence[Quantity]) -> Judged:
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

    def held(self, claim: Claim, what: Quantity) -> Judged | None:
        """What to say of a claim that holds, at least under an assumption."""
        if not self.both.fits(claim, what):
            return None
        subject = self.both.subject(what)
        if (points := self.both.agreement(claim, what, self.ground.points)) is not None:
            condition = self.condition(claim, what)
            if condition:
                return Judged(subject, "assuming", condition, points)
            return Judged(subject, "equal", self.form_of(claim, what), points)
        for assumption, points in self.both.assuming(claim, what):
            if assumption.holds(self.ground.arrays):
                remark = f"{assumption.words}, as at your point"
                return Judged(subject, "assuming", remark, points)
        if self.is_number(claim, what):
            remark = "the number at your point; it is another one elsewhere"
            return Judged(subject, "assuming", remark, 1)
        return None

    def is_number(self, claim: Claim, what: Quantity) -> bool:
        """Whether a claim is a plain number, and that of the given point, rounded."""
        right, *others = (self.ground.number(what, p) for p in self.ground.points)
        yours = self.ground.number(claim, self.ground.points[0])
        if (
            claim.sources
            or yours.shape
            or all(np.array_equal(right, x) for x in others)
        ):
            return False
        apart = np.max(np.abs(yours - right))
        return bool(apart <= half_a_unit(float(yours)) + 1e-9 * abs(yours))

    def condition(self, claim: Claim, what: Quantity) -> str:
        """Where a claim that agrees has numbers, if not wherever the truth has."""
        points = [*self.ground.points, *self.ground.at_zeros()]
        undefined = [self.both.meeting(claim, what, p).undefined for p in points]
        if not any(undefined):
            return ""
        for value, name in self.both.names.items():
            x = [np.asarray(self.ground.number(value, p), float) for p in points]
            for sign, holds in SIGNS.items():
                inside = [bool(holds(v).all()) for v in x]
                if inside == [not u for u in undefined]:
                    return f"{TEXT.name(name)} {sign} 0"
        return "where it has a number at all"

    def form_of(self, claim: Claim, what: Quantity) -> str:
        """How the form of a line compares with that of the derivation."""
        known = self.both.forms(what)
        yours = self.both.term(claim)
        if not known:
            return ""
        if yours in known or yours.text in {x.text for x in known}:
            return "the same form"
        more = cost(yours) - min(map(cost, known))
        if more <= 0:
            return "another form"
        return f"{more} operation{'s' * (more > 1)} more than the closed form"

    def wrong(self, claim: Claim, readings: Sequence[Quantity]) -> Judged:
        """What is off in a claim that fails."""
        slips = Slips(self.both)
        likely = sorted(readings, key=lambda what: not self.both.fits(claim, what))
        found = [(slips.slip(claim, what), what) for what in likely]
        remark, what = next((x for x in found if x[0]), found[0])
        subject = self.both.subject(what)
        if not self.both.fits(claim, what):
            return Judged(subject, "wrong", remark)
        met = [self.both.meeting(claim, what, p).agrees for p in self.ground.points]
        points = sum(x is not None for x in met)
        if points < FEWEST:
            return Judged(subject, "open", "too few points have numbers")
        witness = self.counterexample(claim, what)
        return Judged(subject, "wrong", remark, points, witness)

    def counterexample(self, claim: Claim, what: Quantity) -> Counterexample | None:
        """A point at which a claim is wrong, of small round numbers if there is one."""
        for point in (*self.ground.round_points(), *self.ground.points):
            if self.both.meeting(claim, what, point).agrees is not False:
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


def half_a_unit(x: float) -> float:
    """Half a unit in the last place of a number that is written with few digits."""
    _, _, decimals = f"{abs(x):.12g}".partition(".")
    short = len(decimals) < LONG and decimals.isdigit()
    return 0.5 * 10.0 ** -len(decimals) if short and len(decimals) >= SHORT else 0.0


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
