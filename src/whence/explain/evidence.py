"""Evidence: the numbers against which every line of a derivation is checked.

    evidence = Evidence(prepared)
    evidence.demand(before, after, rule)      or StepFailedError ends the derivation

A line is checked at the user's point and at points near it, some brought down to a
size at which nothing overflows. The truth is the user's own program: its values, its
plain reverse mode, and, since that shares the records with the derivation, its
differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from whence.core.builder import Builder
from whence.core.evaluate import filled
from whence.core.graph import Atom, Graph, Literal, Value
from whence.core.tracer import Tracer
from whence.explain.blocks import Block
from whence.explain.derivation import Result
from whence.explain.numbers import (
    FEWEST,
    POINTS,
    TOLERANCE,
    Sample,
    agree_at,
    calm,
    close,
    differences,
    every_value,
    has_ties,
    near,
    steps_from,
    tame,
    unless_kinked,
)
from whence.explain.prepare import Prepared
from whence.simplify.term import Term
from whence.transform.forward import linearised
from whence.transform.masks import unmasked
from whence.transform.reverse import pulled_back

NEAR_TIE = 1e-4  # closer operands of a maximum have differences across its kink
HUGE, SMALL = 1e4, 1e-3  # sizes of inputs beyond which lines are judged elsewhere
TRIES = 16  # draws of calm points
WORST_AUTOMATIC = 1e-7  # relative deviation of a result from plain reverse mode
GROUPS = 12  # in which the inputs are moved for differences, where there are more
WORST_DIFFERENCES = 1e-4  # relative deviation of a result from central differences


class StepFailedError(Exception):
    """A line did not pass its check; the derivation ends before it."""


class Evidence:
    """Points with the numbers of every value and cotangent.

    Attributes:
        points: The user's point first.
        judging: The points at which lines are judged: all, or where the user's has
            numbers too large, too small, or none, calm ones of the size of 1.
        extreme: Whether it is so.
        untrue: The values whose plain cotangent is not what differences give.
    """

    def __init__(self, ready: Prepared) -> None:
        self.ready = ready
        self.pulled, self.bars = plain_cotangents(
            ready, (ready.output, *ready.derived.adjoints)
        )
        self.bare = unmasked(self.pulled)
        self.tame_points: list[tuple[Sample, dict[Value, np.ndarray]]] = []
        self.points = self.samples()
        self.extreme = self.is_extreme()
        calm = self.calm_samples() if self.extreme else []
        if calm:
            self.tame_points = calm
        self.judging = [p for p, _ in calm] or self.points
        self.untrue = self.untrue_values()

    def demand(self, before: Term, after: Term, rule: str) -> None:
        """Stop the derivation unless two forms agree in numbers."""
        finite = sum(bool(np.isfinite(p.of(before)).any()) for p in self.judging)
        if not finite:
            raise StepFailedError(
                "the function has no finite value at or near this point"
            )
        if finite < FEWEST:
            raise StepFailedError(
                f"the step {rule!r} is unchecked: it is finite at {finite} of "
                f"{len(self.judging)} points, and {FEWEST} are needed"
            )
        if not agree_at(before, after, self.judging):
            raise StepFailedError(f"the step {rule!r} changed the numbers")

    def demand_slope(self, part: Block, by: Value, form: Term, rule: str) -> None:
        """Stop unless a slope is that of the block itself, by central differences."""
        graph = Graph(part.operands, part.equations, (part.value,))
        for point in self.judging:
            arrays = [point.of(self.ready.symbols[x]) for x in part.operands]
            moved = differences(graph, arrays, part.operands.index(by))
            far, near_by = (close(point.of(form), slope) for slope in moved)
            if far is False and near_by is not True:
                raise StepFailedError(f"{rule!r} is not what differences give")

    def samples(self) -> list[Sample]:
        """The given point and points near it, with every value and true cotangent."""
        every = self.moving()
        found: list[Sample] = []
        for seed in range(TRIES):
            if len(found) > POINTS:
                break
            draw = near if seed % 2 else tame
            arrays = (
                self.ready.arrays if seed == 0 else draw(self.ready.arrays, every, seed)
            )
            values = self.values(arrays)
            kinked = seed and has_ties(self.ready.graph, values, within=NEAR_TIE)
            if kinked and not self.ready.tied:
                continue  # a kink that the given point does not have
            point, bars = self.sampled(values, arrays)
            if seed and not seed % 2:
                self.tame_points.append((point, bars))
            found.append(point)
        return found

    def sampled(
        self, values: Mapping[Value, Any], arrays: Sequence[Any]
    ) -> tuple[Sample, dict[Value, np.ndarray]]:
        """A point: the number of every value, and of every cotangent."""
        point = Sample({self.ready.symbols[v]: x for v, x in values.items()})
        bars = self.true_cotangents(arrays)
        adjoints = self.ready.derived.adjoints
        point.numbers |= {a.symbol: bars[v] for v, a in adjoints.items()}
        return point, bars

    def is_extreme(self) -> bool:
        """Whether the given point is none at which rounding lets lines be judged."""
        inputs = zip(self.moving(), self.ready.arrays, strict=True)
        sizes = [np.abs(np.asarray(x, float)) for moves, x in inputs if moves]
        far = any(np.any((x > HUGE) | ((x > 0) & (x < SMALL))) for x in sizes)
        known = all(map(is_known, self.points[0].numbers.values()))
        written = every_value(self.ready.written, self.ready.arrays)
        known = known and all(is_known(written[v]) for v in self.ready.written.values())
        odd = far or not known or self.ready.gaps or self.is_noise()
        return bool(odd) and self.has_number()

    def is_noise(self) -> bool:
        """Whether the program as written has lost here what it has where it runs.

        At z = 36 there is one digit left in 1 − σ(z), and log(1 − σ(z)) has none.
        """
        written = every_value(self.ready.written, self.ready.arrays)
        running = every_value(self.ready.running, self.ready.arrays)
        shared = [v for v in written if v in running and v in self.ready.symbols]
        deviations = (
            relative(written[v], running[v])
            for v in shared
            if np.asarray(written[v]).dtype.kind == "f"
        )
        return any(d > TOLERANCE for d in deviations)

    def has_number(self) -> bool:
        """Whether the function, or its gradient as it runs, has a number here."""
        output = self.points[0].numbers[self.ready.symbols[self.ready.output]]
        if np.isfinite(output).any():
            return True
        slopes = self.ready.gradients(self.ready.arrays).values()
        return any(np.isfinite(x).any() for x in slopes)

    def moving(self) -> list[bool]:
        """Which inputs are moved to find other points."""
        inputs = self.ready.graph.inputs
        return [x.aval.moves and x not in self.ready.fixed for x in inputs]

    def calm_samples(self) -> list[tuple[Sample, dict[Value, np.ndarray]]]:
        """Points of the size of 1 where every value has a number, of both signs."""
        found = []
        for seed in range(TRIES):
            arrays = calm(self.ready.arrays, self.moving(), seed)
            values = self.values(arrays)
            known = all(
                np.isfinite(x).all()
                for x in values.values()
                if np.asarray(x).dtype.kind == "f"
            )
            if known and not has_ties(self.ready.graph, values, within=NEAR_TIE):
                found.append(self.sampled(values, arrays))
            if len(found) == POINTS:
                break
        return found

    def values(self, arrays: Sequence[Any]) -> dict[Value, Any]:
        """Every value as the user wrote it; where that overflows, as it runs."""
        values = every_value(self.ready.running, arrays)
        for v, x in every_value(self.ready.written, arrays).items():
            if v in values and np.asarray(x).dtype.kind == "f":
                values[v] = np.where(np.isfinite(x), x, values[v])
        return {v: x for v, x in values.items() if v in self.ready.symbols}

    def true_cotangents(self, arrays: Sequence[Any]) -> dict[Value, np.ndarray]:
        """The cotangent of every named value by plain reverse mode.

        Masks hide what no tangent reaches; a cotangent is told without them wherever
        it is finite so.
        """
        masked = every_value(self.pulled, arrays)
        bare = every_value(self.bare, arrays)
        found = {}
        for v, bar in self.bars.items():
            open_, safe = (np.asarray(number_of(bar, x)) for x in (bare, masked))
            found[v] = np.where(np.isfinite(open_), open_, safe)
        return found

    def untrue_values(self) -> set[Value]:
        """The values whose plain cotangent is not what differences give.

        Reverse mode and a derivation share the records; differences do not. Each is
        compared along one random direction at the tame points, over the blocks that
        the value goes into: what follows those is compared at their own values.
        """
        found: set[Value] = set()
        if self.ready.tied:  # at a kink, differences take the mean of both sides
            return found
        consumers = self.consumers()
        for v in self.bars:
            if v is self.ready.output:
                continue
            bad = [
                self.is_untrue(v, consumers.get(v, ()), point, bars)
                for point, bars in self.tame_points
            ]
            if bad and all(bad):
                found.add(v)
        return found

    def consumers(self) -> dict[Value, list[Block]]:
        """The blocks that every named value goes into, as far as they matter."""
        found: dict[Value, list[Block]] = {}
        for part in self.ready.parts.values():
            if part.value in self.bars:
                for x in part.operands:
                    found.setdefault(x, []).append(part)
        return found

    def is_untrue(
        self,
        v: Value,
        consumers: Sequence[Block],
        point: Sample,
        bars: Mapping[Value, Any],
    ) -> bool:
        """Whether a cotangent disagrees with differences along a direction."""
        x = np.asarray(point.numbers[self.ready.symbols[v]], float)
        along = np.random.default_rng(0).uniform(0.5, 1.0, x.shape)
        told = float(np.sum(bars[v] * along))
        for step in map(float, steps_from(np.max(np.abs(x), initial=0.0))):
            moved = 0.0
            for part in consumers:
                ends = [self.at(part, point, v, x + s * along) for s in (step, -step)]
                with np.errstate(invalid="ignore"):
                    moved += float(np.sum(bars[part.value] * (ends[0] - ends[1])))
            if not relative(told, moved / (2 * step)) > WORST_DIFFERENCES:
                return False
        return True

    def at(self, part: Block, point: Sample, v: Value, x: np.ndarray) -> np.ndarray:
        """The value of a block with another number for one of its operands."""
        graph = Graph(part.operands, part.equations, (part.value,))
        symbols = self.ready.symbols
        arrays = [x if y is v else point.numbers[symbols[y]] for y in part.operands]
        return np.asarray(graph(*arrays)[0], float)

    @property
    def tame_arrays(self) -> list[list[Any]]:
        """The inputs at the tame points."""
        symbols = self.ready.symbols
        inputs = [symbols[x] for x in self.ready.graph.inputs]
        return [[p.numbers[s] for s in inputs] for p, _ in self.tame_points]

    def deviations(
        self, results: Sequence[Result], arrays: Sequence[Any]
    ) -> list[float]:
        """How far results are from differences: entry by entry, or many at a time.

        Of few inputs each is moved by itself; many are moved together, in so many
        groups, since every difference runs the whole program.
        """
        if len(results) <= GROUPS:
            return [relative(r.number, self.difference(r.by, arrays)) for r in results]
        found = []
        for start in range(GROUPS):
            group = results[start::GROUPS]
            draw = np.random.default_rng(start)
            along = {r.by: draw.uniform(0.5, 1.0, r.by.aval.shape) for r in group}
            told = sum(float(np.sum(r.number * along[r.by])) for r in group)
            found.append(relative(told, self.slope_along(along, arrays)))
        return found

    def difference(self, by: Value, arrays: Sequence[Any]) -> np.ndarray:
        """The gradient by one input, by differences, in its first 24 entries.

        It is nan in others, and at a kink, where each side has a slope of its own.
        """
        shape = by.aval.shape
        found = np.full(shape, np.nan)
        for entry in list(np.ndindex(shape))[:24]:
            along = np.zeros(shape)
            along[entry] = 1.0
            found[entry] = self.slope_along({by: along}, arrays)
        return found

    def slope_along(
        self, along: Mapping[Value, np.ndarray], arrays: Sequence[Any]
    ) -> np.ndarray:
        """The slope of the output, summed, along a direction of some inputs."""
        inputs = self.ready.graph.inputs
        here = {x: np.asarray(arrays[inputs.index(x)], float) for x in along}
        sizes = [np.max(np.abs(x[along[v] != 0]), initial=1.0) for v, x in here.items()]
        step = 1e-5 * float(max(sizes))
        ends = [
            self.output_at({x: here[x] + side * along[x] for x in along}, arrays)
            for side in (step, 0.0, -step)
        ]
        return unless_kinked((ends[0] - ends[1]) / step, (ends[1] - ends[2]) / step)

    def output_at(
        self, moved: Mapping[Value, np.ndarray], arrays: Sequence[Any]
    ) -> float:
        """The output, summed, with other numbers for some inputs."""
        ready = self.ready
        pairs = zip(ready.graph.inputs, arrays, strict=True)
        return float(np.sum(ready.written(*(moved.get(x, a) for x, a in pairs))[0]))


def plain_cotangents(
    ready: Prepared, values: Iterable[Value]
) -> tuple[Graph, dict[Value, Atom]]:
    """Plain reverse mode of a program, and where the cotangents of some values are.

    Returns:
        The program of ``vjp``, nothing simplified; and the value in it that is the
        cotangent of each value asked for that moves.
    """
    forward, tangents = linearised(ready.graph, ready.wrt)
    found: dict[Atom, Atom] = {}

    def each(_: Builder, cotangent: Tracer, tangent: Value) -> Tracer:
        found[tangent] = cotangent.atom
        return cotangent

    pulled = pulled_back(ready.graph, forward, each, seed=1)
    asked = dict.fromkeys(values)
    return pulled, {v: found[tangents[v]] for v in asked if tangents.get(v) in found}


def is_known(x: Any) -> bool:
    """Whether an array is finite, and has lost no digits to underflow."""
    array = np.asarray(x)
    if array.dtype.kind != "f":
        return True
    sizes = np.abs(array)
    faint = (sizes > 0) & (sizes < np.finfo(array.dtype).tiny)
    return bool(np.isfinite(array).all() and not faint.any())


def number_of(atom: Atom, known: Mapping[Value, Any]) -> Any:
    """The number of a value, or of a literal."""
    return filled(atom) if isinstance(atom, Literal) else known[atom]


def relative(first: Any, second: Any) -> float:
    """How far two arrays deviate where both are known, in sizes of the second."""
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    known = np.isfinite(a) & np.isfinite(b)
    if not known.any():
        return float("nan")
    scale = max(1.0, float(np.max(np.abs(b[known]))))
    return float(np.max(np.abs(a[known] - b[known]))) / scale
