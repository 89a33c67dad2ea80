"""Two sides compared: a claim about a program, and what is true of it.

    Comparison(ground, story).agreement(claim, what, points) -> at how many they agree

They agree at a point up to 1e-7 of the largest entry, or up to what the rounding of the
claim's own operands makes of it. How both are called and written is said here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    computed,
)
from whence.explain.numbers import FEWEST, NOISE, TOLERANCE
from whence.explain.speaker import Speaker
from whence.simplify.constant import constant
from whence.simplify.cotangent import cotangent
from whence.simplify.read import Reader
from whence.simplify.term import Symbol, Term

ASIDE = 4  # how often something is moved by a few units in the last place
HIDDEN = 1e-9  # the noise of numbers that are rounding themselves, as a sum that is 0


@dataclass(frozen=True)
class Meeting:
    """How two sides meet at one point: agrees is None where nothing can be compared."""

    agrees: bool | None
    undefined: bool = False  # the line has no number where there is a true one


class Comparison:
    """Compares claims with what is true of one program."""

    def __init__(self, ground: Ground, story: Story) -> None:
        self.ground, self.story = ground, story
        self.speaker = Speaker(story, TEXT)
        self.assumed: dict[str, list[Point]] = {}
        self.names = {**ground.written.names, **story.names}

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
        """How a claim and what it is about meet at a point.

        Where rounding would hide a mistake of a thousandth, nothing can be compared.
        """
        yours, right = np.broadcast_arrays(
            self.ground.number(claim, point), self.ground.number(what, point)
        )
        known = np.isfinite(right)
        both = known & np.isfinite(yours)
        undefined = bool((known & ~both).any())
        if not both.any():
            return Meeting(None, undefined)
        apart = np.abs(yours - right)[both]
        scale = float(np.max(np.abs(right[both])))
        if np.all(apart <= TOLERANCE * scale):
            return Meeting(agrees=True, undefined=undefined)
        noise = self.claim_noise(claim, point) + self.noise(what, point)
        noise = NOISE * np.broadcast_to(noise, right.shape)[both]
        if not np.all(apart <= noise):
            return Meeting(agrees=False, undefined=undefined)
        hidden = np.max(noise) > max(HIDDEN, scale / 1000)
        return Meeting(None if hidden else True, undefined)

    def claim_noise(self, claim: Claim, point: Point) -> np.ndarray:
        """How far a claim moves when its operands move by a few units in last place."""
        sources = [np.asarray(self.ground.source(x, point)) for x in claim.sources]
        here = self.ground.number(claim, point)
        moved = (computed(claim.graph, aside(sources, seed)) for seed in range(ASIDE))
        return total_move(here, moved)

    def noise(self, what: Quantity, point: Point) -> np.ndarray:
        """How far what is true moves when the point moves by as much."""
        if (what, "noise") not in point.known:
            here = self.ground.number(what, point)
            moved = (
                self.ground.number(what, Point(aside(point.arrays, seed), point.seed))
                for seed in range(ASIDE)
            )
            point.known[what, "noise"] = total_move(here, moved)
        found: np.ndarray = point.known[what, "noise"]
        return found

    def assuming(
        self, claim: Claim, what: Quantity
    ) -> Iterator[tuple[Assumption, int]]:
        """The assumptions under which a claim holds, and at how many points.

        What the derivation has taken for granted itself is tried first.
        """
        taken = self.story.checks.assumptions
        every = sorted(assumptions(self.ground), key=lambda x: x.words not in taken)
        for assumption in every:
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

    # ------------------------------------------------------------------- words

    def subject(self, what: Quantity) -> str:
        """What a claim is about."""
        match what:
            case Value():
                return self.speaker.name(what)
            case Rate(of, (by,), held):
                return self.speaker.slope(Slope(of, by, held))
            case Rate(of, by):
                below = "".join(f"∂{self.speaker.name(x)}" for x in by)
                order = str(len(by)).translate(TEXT_RAISED)
                return f"∂{order}{self.speaker.name(of)}/{below}"
            case Differential(of, _):
                return f"d{self.speaker.name(of)}"
        return ""

    def forms(self, what: Quantity) -> list[Term]:
        """The short forms of a quantity that the derivation knows."""
        if isinstance(what, Value) or not isinstance(what, Rate) or len(what.by) > 1:
            return []
        (by,) = what.by
        slope = Slope(what.of, by, what.held)
        lines = [x.form for x in self.story.lines if x.subject == slope]
        found = [x for x in lines[-1:] if isinstance(x, Term)]
        for result in self.story.results:
            if what == Rate(self.ground.output, (result.by,)):
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
        if isinstance(source, Rate) and len(source.by) == 1:
            (by,) = source.by
            if source == Rate(self.ground.output, (by,)):
                return cotangent(by)
        return Symbol(x, x.aval.shape)


def aside(arrays: Sequence[Any], seed: int) -> list[Any]:
    """Arrays a few units in the last place aside."""
    random = np.random.default_rng(seed)
    return [
        x * (1 + 8e-16 * random.uniform(-1, 1, x.shape)) if x.dtype.kind == "f" else x
        for x in map(np.asarray, arrays)
    ]


def total_move(here: np.ndarray, moved: Iterable[Any]) -> np.ndarray:
    """How far some arrays are from one, in all."""
    with np.errstate(all="ignore"):
        apart = [np.abs(np.asarray(x, float) - here) for x in moved]
    return np.asarray(sum(np.where(np.isfinite(x), x, 0.0) for x in apart))


TEXT_RAISED = str.maketrans("23456789", "²³⁴⁵⁶⁷⁸⁹")
