"""Evidence: the numbers against which every line of a derivation is checked.

    evidence = Evidence(prepared)
    evidence.demand(before, after, rule)      or StepFailedError ends the derivation

A line is checked at the user's point and at points near it, some brought down to a
size at which nothing overflows. The truth is the user's own program: its values, its
plain reverse mode, and, since that shares the records with the derivation, its
differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from whence.core.graph import Graph, Value
from whence.explain.blocks import Block
from whence.explain.numbers import (
    POINTS,
    Sample,
    agree_at,
    close,
    differences,
    every_value,
    has_ties,
    near,
    tame,
    unless_kinked,
)
from whence.explain.prepare import Prepared
from whence.simplify.term import Term
from whence.transform.reverse import vjp

WORST_AUTOMATIC = 1e-7  # relative deviation of a result from plain reverse mode
WORST_DIFFERENCES = 1e-4  # relative deviation of a result from central differences


class StepFailedError(Exception):
    """A line did not pass its check; the derivation ends before it."""


class Evidence:
    """Points with the numbers of every value and cotangent.

    Attributes:
        points: The user's point first.
        untrue: The values whose plain cotangent is not what differences give.
    """

    def __init__(self, ready: Prepared) -> None:
        self.ready = ready
        self.cut: dict[Value, Graph] = {}
        self.tame_points: list[dict[Value, Any]] = []
        self.points = self.samples()
        self.untrue = self.untrue_values()

    def demand(self, before: Term, after: Term, rule: str) -> None:
        """Stop the derivation unless two forms agree in numbers."""
        if not any(np.isfinite(p.of(before)).any() for p in self.points):
            raise StepFailedError(
                "the function has no finite value at or near this point"
            )
        if not agree_at(before, after, self.points):
            raise StepFailedError(f"the step {rule!r} changed the numbers")

    def demand_slope(self, part: Block, by: Value, form: Term, rule: str) -> None:
        """Stop unless a slope is that of the block itself, by central differences."""
        graph = Graph(part.operands, part.equations, (part.value,))
        for point in self.points:
            arrays = [point.of(self.ready.symbols[x]) for x in part.operands]
            moved = differences(graph, arrays, part.operands.index(by))
            if close(point.of(form), moved) is False:
                raise StepFailedError(f"{rule!r} is not what differences give")

    def samples(self) -> list[Sample]:
        """The given point and points near it, with every value and true cotangent."""
        every = [
            x.aval.moves and x not in self.ready.fixed for x in self.ready.graph.inputs
        ]
        found = []
        for seed in range(POINTS + 1):
            draw = near if seed % 2 else tame
            arrays = (
                self.ready.arrays if seed == 0 else draw(self.ready.arrays, every, seed)
            )
            values = self.values(arrays)
            if seed and not self.ready.tied and has_ties(self.ready.graph, values):
                continue  # a kink that the given point does not have
            point = Sample({self.ready.symbols[v]: x for v, x in values.items()})
            if seed and not seed % 2:
                self.tame_points.append(values)
            point.numbers |= self.true_cotangents(arrays)
            found.append(point)
        return found

    def values(self, arrays: Sequence[Any]) -> dict[Value, Any]:
        """Every value as the user wrote it; where that overflows, as it runs."""
        values = every_value(self.ready.running, arrays)
        for v, x in every_value(self.ready.written, arrays).items():
            if v in values and np.asarray(x).dtype.kind == "f":
                values[v] = np.where(np.isfinite(x), x, values[v])
        return {v: x for v, x in values.items() if v in self.ready.symbols}

    def true_cotangents(self, arrays: Sequence[Any]) -> dict[Term, Any]:
        """The cotangent of every named value by plain reverse mode."""
        adjoints = self.ready.derived.adjoints
        bars = self.cotangents_at(list(adjoints), arrays)
        return {a.symbol: bar for a, bar in zip(adjoints.values(), bars, strict=True)}

    def untrue_values(self) -> set[Value]:
        """The values whose plain cotangent is not what differences give.

        Reverse mode and a derivation share the records; differences do not. Each is
        compared along one random direction at the tame points.
        """
        found: set[Value] = set()
        if self.ready.tied:  # at a kink, differences take the mean of both sides
            return found
        for v, pulled in self.cut.items():
            bad = [self.is_untrue(v, pulled, point) for point in self.tame_points]
            if bad and all(bad):
                found.add(v)
        return found

    def is_untrue(self, v: Value, pulled: Graph, point: dict[Value, Any]) -> bool:
        """Whether a cotangent disagrees with differences along a direction."""
        if any(x not in point for x in pulled.inputs):
            return False
        arrays = [point[x] for x in pulled.inputs]
        truth = np.asarray(pulled(*arrays)[-1], float)
        draw = np.random.default_rng(0)
        x = np.asarray(point[v], float)
        along = draw.uniform(0.5, 1.0, x.shape)
        step = 1e-6 * max(1.0, float(np.max(np.abs(x), initial=0.0)))
        ends = [
            float(np.sum(pulled(*(*arrays[:-1], x + side * along))[0]))
            for side in (step, -step)
        ]
        slope_there = (ends[0] - ends[1]) / (2 * step)
        return relative(float(np.sum(truth * along)), slope_there) > WORST_DIFFERENCES

    def cotangents_at(
        self, values: Sequence[Value], arrays: Sequence[Any]
    ) -> list[np.ndarray]:
        """Cotangents of inner values: those of inputs, in a program cut open there."""
        known = every_value(self.ready.graph, arrays)
        found = []
        for v in values:
            others = [x for x in self.ready.graph.inputs if x is not v]
            keep = [e for e in self.ready.graph.equations if v not in e.results]
            cut = Graph((*others, v), tuple(keep), (self.ready.output,))
            pulled = self.cut.setdefault(v, vjp(cut, [v], seed=1))
            found.append(np.asarray(pulled(*(known[x] for x in (*others, v)))[-1]))
        return found

    def difference(self, by: Value) -> np.ndarray:
        """The gradient by one input, by differences, in its first 24 entries.

        It is nan in others, and at a kink, where each side has a slope of its own.
        """
        i = self.ready.graph.inputs.index(by)
        x = np.asarray(self.ready.arrays[i], float)
        found = np.full(x.shape, np.nan)
        for entry in list(np.ndindex(x.shape))[:24]:
            step = 1e-5 * max(1.0, abs(float(x[entry])))
            ends = [self.output_at(i, entry, side) for side in (step, 0.0, -step)]
            right, left = (ends[0] - ends[1]) / step, (ends[1] - ends[2]) / step
            found[entry] = unless_kinked(right, left)
        return found

    def output_at(self, i: int, entry: tuple[int, ...], side: float) -> float:
        """The output, summed, with one entry of one input moved."""
        arrays = [np.array(a, copy=True) for a in self.ready.arrays]
        arrays[i] = np.asarray(arrays[i], float)
        arrays[i][entry] += side
        return float(np.sum(self.ready.written(*arrays)[0]))


def relative(first: Any, second: Any) -> float:
    """How far two arrays deviate where both are known, in sizes of the second."""
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    known = np.isfinite(a) & np.isfinite(b)
    if not known.any():
        return float("nan")
    scale = max(1.0, float(np.max(np.abs(b[known]))))
    return float(np.max(np.abs(a[known] - b[known]))) / scale
