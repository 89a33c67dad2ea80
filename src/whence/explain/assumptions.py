"""Assumptions under which a line may hold that does not hold in general.

    assumptions(ground) -> each with its words, and how to draw points where it holds

They are what people have in mind without saying so: the rows of Y sum to 1, A is
symmetric, x > 0, the labels are 0 or 1, n is what it is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.explain.dialect import TEXT
from whence.explain.ground import Ground
from whence.explain.show import figure

Array = np.ndarray[Any, Any]
Draw = Callable[[Array, np.random.Generator], Array]


@dataclass(frozen=True)
class Assumption:
    """Something that may be taken for granted of an input.

    Attributes:
        words: It, in words.
        number: Which input it is about.
        draw: Makes an array of which it holds from one of which it may not.
        test: Whether it holds of an array.
    """

    words: str
    number: int
    draw: Draw
    test: Callable[[Array], bool]

    def project(self, arrays: list[Any], random: np.random.Generator) -> list[Any]:
        """The arrays of a point with the one that this is about changed."""
        changed = list(arrays)
        changed[self.number] = self.draw(np.asarray(arrays[self.number], float), random)
        return changed

    def holds(self, arrays: Sequence[Any]) -> bool:
        """Whether it holds at a point."""
        return self.test(np.asarray(arrays[self.number], float))


def assumptions(ground: Ground) -> Iterator[Assumption]:
    """What may be assumed of the inputs of a program, the likeliest first."""
    moving = [
        (i, TEXT.name(ground.written.names.get(x, "?")), np.asarray(ground.arrays[i]))
        for i, x in enumerate(ground.written.inputs)
        if ground.moving[i] and np.asarray(ground.arrays[i]).dtype.kind == "f"
    ]
    for i, name, x in moving:
        if x.ndim == 2 and x.shape[0] == x.shape[1]:
            words = f"{name} is symmetric"
            yield Assumption(words, i, symmetric, lambda a: np.allclose(a, a.T))
    data = [m for m in moving if ground.written.inputs[m[0]] not in ground.wrt]
    for i, name, x in data:  # what is differentiated by moves, and is no label
        if x.ndim:
            rows = "rows" if x.ndim > 1 else "entries"
            yield Assumption(f"the {rows} of {name} sum to 1", i, normalised, sums_to_1)
    for i, name, x in data:
        entries = f"the entries of {name} are" if x.ndim else f"{name} is"
        yield Assumption(f"{entries} 0 or 1", i, bits, are_bits)
    for i, name, _ in moving:
        above, below = (lambda a, _: np.abs(a)), (lambda a, _: -np.abs(a))
        yield Assumption(f"{name} > 0", i, above, lambda a: bool((a > 0).all()))
        yield Assumption(f"{name} < 0", i, below, lambda a: bool((a < 0).all()))
        yield Assumption(f"{name} ≥ 0", i, above, lambda a: bool((a >= 0).all()))
    for i, name, x in data:
        if not x.ndim:
            yield fixed(name, i, x)


def fixed(name: str, i: int, given: Array) -> Assumption:
    """That a number is what it is at the given point."""
    words = f"{name} = {figure(given)}"
    return Assumption(words, i, lambda _, __: given, lambda a: bool(a == given))


def symmetric(x: Array, _: np.random.Generator) -> Array:
    """The symmetric part of a matrix."""
    return np.asarray((x + x.T) / 2)


def normalised(x: Array, _: np.random.Generator) -> Array:
    """Rows that sum to 1."""
    size = np.abs(x) + 0.01
    return np.asarray(size / size.sum(axis=-1, keepdims=True))


def sums_to_1(x: Array) -> bool:
    """Whether rows sum to 1."""
    return bool(np.allclose(x.sum(axis=-1), 1.0, atol=1e-12))


def bits(x: Array, random: np.random.Generator) -> Array:
    """Zeros and ones."""
    return np.asarray(random.integers(0, 2, x.shape), float)


def are_bits(x: Array) -> bool:
    """Whether all entries are 0 or 1."""
    return bool(np.isin(x, (0.0, 1.0)).all())
