"""Numbers for terms: the check that stands before every printed line.

    point = sample(graph, symbols, arrays)      the number of every symbol at one point
    point.of(term) -> array

A derivation is checked at the user's point and at random points near it. A step is
shown only if both sides agree at every point where the left side is finite, and that at
three points at least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whence.core.evaluate import filled
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.simplify.term import EULER, App, Num, Prod, Sum, Symbol, Term

FEWEST = 3  # points at which both sides of a step are finite; fewer prove nothing
POINTS = 4  # random points beside the given one, half of them tame
TOLERANCE = 1e-7  # relative, of a step between two forms
LOST = 1e-10  # of a number; steps of it beyond which differences are rounding alone


@dataclass
class Sample:
    """A point: the number of every symbol there."""

    numbers: dict[Term, Any]
    known: dict[Term, Any] = field(default_factory=dict)

    def of(self, x: Term) -> Any:
        """The number of a term."""
        if x not in self.known:
            with np.errstate(all="ignore"):
                self.known[x] = self.fresh(x)
        return self.known[x]

    def fresh(self, x: Term) -> Any:
        """Compute a term."""
        match x:
            case Num():
                return float(x.number)
            case Symbol() if x not in self.numbers:
                assert x.number is not None, f"a symbol without a number: {x!r}"
                return float(x.number)
            case Symbol():
                return self.numbers[x]
            case Sum():
                total = 0.0
                for c, m in x.items:
                    total = total + float(c) * self.of(m)
                return total
            case Prod():
                product = 1.0
                for b, e in x.factors:
                    product = product * self.raised(b, e)
                return product
            case App():
                operands = [
                    np.broadcast_to(of_kind(self.of(y), aval.dtype), aval.shape)
                    for y, aval in zip(x.operands, x.given, strict=True)
                ]
                return x.primitive.reference(*operands, **dict(x.params))
        raise AssertionError(f"no such term: {x!r}")

    def raised(self, base: Term, exponent: Any) -> Any:
        """A base to an exponent."""
        power = self.of(exponent) if isinstance(exponent, Term) else float(exponent)
        if base == EULER:
            return np.exp(power)
        return np.power(np.asarray(self.of(base), float), power)


def of_kind(x: Any, dtype: Any) -> np.ndarray:
    """A number of a dtype; in double precision where that is one of floats.

    A program in float32 is checked in float64: its own rounding is no fault of a step.
    """
    array = np.asarray(x, dtype)
    return np.asarray(x, np.float64) if array.dtype.kind == "f" else array


def every_value(graph: Graph, arrays: Sequence[Any]) -> dict[Value, Any]:
    """The number of every value of a program at a point."""
    numbers: dict[Atom, Any] = dict(zip(graph.inputs, arrays, strict=True))
    with np.errstate(all="ignore"):
        for equation in graph.equations:
            operands = [
                filled(x) if isinstance(x, Literal) else numbers[x]
                for x in equation.operands
            ]
            result = equation.primitive.reference(*operands, **equation.params)
            results = result if len(equation.results) > 1 else (result,)
            numbers.update(zip(equation.results, results, strict=True))
    return {v: x for v, x in numbers.items() if isinstance(v, Value)}


def sample(
    graph: Graph, symbols: Mapping[Value, Symbol], arrays: Sequence[Any]
) -> Sample:
    """A point of a program, for terms over its symbols."""
    numbers = every_value(graph, arrays)
    return Sample({symbols[v]: x for v, x in numbers.items() if v in symbols})


def near(arrays: Sequence[Any], moving: Sequence[bool], seed: int) -> list[Any]:
    """Arrays near given ones; what does not move, and whole numbers, stay."""
    draw = np.random.default_rng(seed)

    def beside(x: np.ndarray) -> np.ndarray:
        factor = 1 + 0.1 * draw.uniform(-1, 1, x.shape)
        return x * factor + np.where(x == 0, draw.uniform(0, 0.1), 0.0)

    return replaced(arrays, moving, beside)


def tame(arrays: Sequence[Any], moving: Sequence[bool], seed: int) -> list[Any]:
    """Arrays near given ones, brought down to a size at which nothing overflows."""
    draw = np.random.default_rng(-seed % 997)

    def smaller(x: np.ndarray) -> np.ndarray:
        size = float(np.max(np.abs(x), initial=0.0))
        most = draw.uniform(0.7, 0.95)  # not the same for two arrays, which might tie
        return x * (most / size) if 1 < size < np.inf else x

    return replaced(near(arrays, moving, seed), moving, smaller)


def calm(arrays: Sequence[Any], moving: Sequence[bool], seed: int) -> list[Any]:
    """Arrays of the size of 1 in place of given ones; half of the draws keep signs."""
    draw = np.random.default_rng(seed)

    def fresh(x: np.ndarray) -> np.ndarray:
        signs = np.where(x < 0, -1.0, 1.0) if seed % 4 < 2 else (-1.0) ** seed
        return signs * draw.uniform(0.3, 0.9, x.shape)

    return replaced(arrays, moving, fresh)


def replaced(
    arrays: Sequence[Any],
    moving: Sequence[bool],
    by: Callable[[np.ndarray], np.ndarray],
) -> list[Any]:
    """Arrays with others in the place of those of floats that move."""
    return [
        by(np.asarray(x)) if moves and np.asarray(x).dtype.kind == "f" else x
        for x, moves in zip(arrays, moving, strict=True)
    ]


def agree(first: Any, second: Any, *, tolerance: float = TOLERANCE) -> bool | None:
    """Whether two sides are the same numbers where both have one; None where none."""
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    finite = np.isfinite(a) & np.isfinite(b)
    if not finite.any():
        return None
    scale = max(float(np.max(np.abs(a[finite]))), 1e-300)
    return bool(np.all(np.abs(a[finite] - b[finite]) <= tolerance * scale + 1e-12))


def agree_at(first: Term, second: Term, points: Sequence[Sample]) -> bool:
    """Whether two terms agree at every point where the first is finite, three at least.

    Where they do not, rounding may be why: 1 − σ(z) has no digits left at z = 40. So
    both are evaluated again with their symbols a few ulps aside, and a deviation no
    larger than that noise is none.
    """
    found = [agree_or_noise(first, second, p) for p in points]
    count = sum(f is not None for f in found)
    return count >= FEWEST and all(f is not False for f in found)


def agree_or_noise(first: Term, second: Term, point: Sample) -> bool | None:
    """Whether two terms agree at a point, up to the rounding of their symbols."""
    a, b = point.of(first), point.of(second)
    found = agree(a, b)
    if found is not False:
        return found
    others = [aside(point, seed) for seed in range(4)]
    with np.errstate(all="ignore"):
        noise = sum(
            np.abs(o.of(x) - point.of(x)) for o in others for x in (first, second)
        )
        deviation = np.abs(np.asarray(a, float) - np.asarray(b, float))
    if not np.all(np.isfinite(noise)):
        return None
    return bool(np.all(deviation <= NOISE * noise + 1e-12)) or False


NOISE = 100  # how much larger than one disturbance a deviation by rounding may be


def aside(point: Sample, seed: int) -> Sample:
    """A point with every symbol a few units in the last place aside."""
    draw = np.random.default_rng(seed)
    moved = {
        s: np.asarray(x) * (1 + 8e-16 * draw.uniform(-1, 1, np.shape(x)))
        if np.asarray(x).dtype.kind == "f"
        else x
        for s, x in point.numbers.items()
    }
    return Sample(moved)


def differences(graph: Graph, arrays: Sequence[Any], i: int) -> Iterator[np.ndarray]:
    """How an entrywise program moves when all entries of one operand do, in two steps.

    nan where the left and the right side differ: at a kink there is no one slope; and
    where a number is so large that its rounding hides how it moves.
    """
    x = np.asarray(arrays[i], float)
    for step in steps_from(x):
        with np.errstate(all="ignore"):
            ahead, here, behind = (
                np.asarray(graph(*arrays[:i], x + side, *arrays[i + 1 :])[0], float)
                for side in (step, 0 * step, -step)
            )
            slopes = (ahead - here) / step, (here - behind) / step
            lost = LOST * np.abs(here) / step > np.maximum(1.0, np.abs(slopes[0]))
        yield np.where(lost, np.nan, unless_kinked(*slopes))


def steps_from(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far to go for a difference: a step for sizes of 1, and one near 0.

    Within the first the logarithm of a small number is no line; within the second, what
    is added to a small number has no digits.
    """
    size = np.abs(x)
    near_zero = 1e-6 * np.where(size == 0, 1e-3, np.minimum(size, 1.0))
    return 1e-6 * np.maximum(1.0, size), near_zero


def unless_kinked(right: Any, left: Any) -> np.ndarray:
    """The mean of two one-sided slopes; nan where they differ too much to be one."""
    with np.errstate(all="ignore"):
        middle = np.asarray((right + left) / 2)
        apart = np.abs(right - left) > 1e-2 * np.maximum(1.0, np.abs(middle))
    return np.where(apart, np.nan, middle)


def close(first: Any, second: Any) -> bool | None:
    """Whether a slope agrees with differences, where both are known; kinks are not."""
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    known = np.isfinite(a) & np.isfinite(b)
    if not known.any():
        return None
    scale = np.maximum(np.abs(a[known]), np.abs(b[known]))
    near_enough = np.abs(a[known] - b[known]) <= 1e-4 * scale + 1e-7
    return bool(np.mean(near_enough) >= 0.5)


def has_ties(graph: Graph, numbers: Mapping[Value, Any], within: float = 0.0) -> bool:
    """Whether a maximum or minimum stands between equals at a point, or nearly so."""
    return any(
        is_tied(
            equation,
            [filled(a) if isinstance(a, Literal) else numbers[a] for a in operands],
            within,
        )
        for equation in graph.equations
        if equation.primitive.name in EXTREMES and (operands := equation.operands)
    )


def is_tied(equation: Equation, operands: Sequence[Any], within: float) -> bool:
    """Whether the largest or smallest of some entries is shared, or nearly so."""
    if len(operands) == 2:
        x, y = operands
        return bool(np.any(np.abs(x - y) <= within / max(1, np.size(y))))
    (x,), axis = operands, equation.params["axis"]
    best = equation.primitive.reference(x, axis=axis, keepdims=True)
    near = np.abs(x - best) <= within / max(1, np.size(x))
    return bool(np.any(np.sum(near, axis=axis) > 1))


EXTREMES = frozenset({"maximum", "minimum", "max", "min"})
