"""Recursion: what the lines say of layer after layer, said once for layer l.

    recursions(story, repeats, looped) -> one Recursion for each stretch of layers

A line of one layer and that of the next say the same when their two sides are the same
term, symbol for symbol, with every number of a layer moved on by one. This is read off
the terms themselves; the names only carry the numbers. A line that differs, as those
of the first and the last layer may, is told by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from whence.core.graph import Value
from whence.explain.derivation import (
    Chain,
    Fold,
    Line,
    Named,
    Recursion,
    Result,
    Size,
    Slope,
    Story,
    Written,
)
from whence.explain.dialect import stem_and_digits
from whence.explain.layers import SHAPES, Layers, sketch
from whence.explain.numbering import first_number, running_number
from whence.simplify.cotangent import cotangent_of
from whence.simplify.term import App, Num, Prod, Sum, Symbol, Term, symbols_of

ENOUGH = 3  # layers written out by hand; those of a loop are a recursion from 2 on
DELTA = "delta_"

Said = frozenset[tuple[bool, str]]  # what a line says, in each way of reading it


@dataclass(frozen=True)
class Reading:
    """A way of reading a line of one layer.

    Attributes:
        layer: Its number.
        name: What a symbol is, as seen from that layer.
        counted: Whether entries are counted from that layer.
    """

    layer: int
    name: Callable[[Term], str]
    counted: bool

    def of(self, x: Any) -> str:
        """A term as a text, equal for terms that say the same of their layers."""
        match x:
            case Num():
                return str(x.number)
            case Symbol():
                return self.name(x)
            case Sum():
                return (
                    f"({' + '.join(sorted(f'{c}*{self.of(m)}' for c, m in x.items))})"
                )
            case Prod():
                powers = (f"{self.of(b)}^{self.of(e)}" for b, e in x.factors)
                return f"({'*'.join(sorted(powers))})"
            case App():
                params = [self.param(k, v) for k, v in x.params if k not in SHAPES]
                inside = [self.of(y) for y in x.operands]
                return f"{x.primitive.name}({', '.join([*inside, *params])})"
        return str(x)

    def param(self, name: str, x: Any) -> str:
        """A param; whole numbers in an index count from the layer, where asked."""
        if name != "index":
            return f"{name}={x!r}"
        return str([self.number(i) if type(i) is int else i for i in x])

    def number(self, i: int) -> str:
        """A whole number at which an entry is picked."""
        return f"layer{i - self.layer:+d}" if self.counted else str(i)


class Telling:
    """One stretch of layers among the lines of a story."""

    def __init__(self, story: Story, layers: Layers, first: int) -> None:
        self.story, self.layers, self.first = story, layers, first
        self.last = first + len(layers.values) - 1
        self.stems = dict(self.numbered_stems())
        self.stems |= {f"{DELTA}{stem}": n for stem, n in self.stems.items()}
        self.stems |= {"delta": 0} if self.are_deltas() else {}
        self.before = dict(self.named_before())

    def columns(self) -> Iterator[tuple[Value, ...]]:
        """The values that are one thing in every layer."""
        yield from zip(*self.layers.values, strict=True)
        yield from zip(*self.layers.own, strict=True)

    def numbered_stems(self) -> Iterator[tuple[str, int]]:
        """What is called by layer, and how far its numbers are ahead."""
        for column in self.columns():
            names = [self.story.names.get(v, "") for v in column]
            number = running_number(names)
            if number is not None:
                yield stem_and_digits(names[0])[0], number - self.first

    def are_deltas(self) -> bool:
        """Whether cotangents of these layers are called δ with their number alone."""
        values = {v for row in self.layers.values for v in row}
        return any(
            name.removeprefix(DELTA).isdigit()
            for symbol, name in self.story.symbols.items()
            if name.startswith(DELTA) and cotangent_of(symbol) in values
        )

    def named_before(self) -> Iterator[tuple[str, Value]]:
        """What stands before the first layer, by the name it has in the lines."""
        for (place, layer), x in self.layers.before.items():
            stem, _ = stem_and_digits(self.story.names[self.layers.values[0][place]])
            if stem in self.stems:
                yield f"{stem}{self.first + layer + self.stems[stem]}", x

    def family(self, name: str) -> tuple[str, int] | None:
        """What a name is called by layer, and the layer."""
        stem, digits = stem_and_digits(name)
        if not digits or stem not in self.stems:
            return None
        return stem, int(digits) - self.stems[stem]

    def layer_of(self, line: Line) -> int | None:
        """The layer that a line is about."""
        match line.subject:
            case Named(value):
                about = value
            case Slope(of, by):
                about = by if of is self.story.output else of
        found = self.family(self.story.names.get(about, ""))
        return found[1] if found and self.first <= found[1] <= self.last else None

    # ------------------------------------------------------------- what is said

    def readings(self, layer: int, said: Collection[str]) -> Iterator[Reading]:
        """The ways of reading a line: what stood before is h0, or itself."""
        early: dict[str, list[str]] = {}
        for name, x in self.before.items():
            own = self.story.names.get(x, "")
            if own in said and own != name:
                early.setdefault(own, [own]).append(name)
        for chosen in product(*early.values()):
            instead = dict(zip(early, chosen, strict=True))

            read = partial(self.read, layer=layer, instead=instead)
            yield Reading(layer, read, counted=False)
            yield Reading(layer, read, counted=True)

    def read(self, x: Term, layer: int, instead: Mapping[str, str]) -> str:
        """What a symbol is as seen from a layer, where some stand for others."""
        own = self.story.symbols.get(x, x.text)
        found = self.family(instead.get(own, own))
        return f"{found[0]}[{found[1] - layer:+d}]" if found else own

    def says(self, layer: int, names: Collection[str], write: Any) -> Said:
        """What something says of its layer, in each way of reading it."""
        return frozenset((r.counted, write(r)) for r in self.readings(layer, names))

    def line(self, line: Line, layer: int) -> Said:
        """What a line says of its layer."""

        def write(reading: Reading) -> str:
            value = self.value_in(reading)
            about = line.subject
            left = (
                (value(about.value),)
                if isinstance(about, Named)
                else self.slope(about, value)
            )
            conditions = [reading.of(c) for c in line.conditions]
            form = self.form(line.form, reading, value)
            return repr((line.kind, line.rule, line.follows, left, form, conditions))

        names = {self.story.symbols.get(x, "") for x in symbols_in(self.story, line)}
        return self.says(layer, names, write)

    def slope(self, slope: Slope, value: Callable[[Value], str]) -> tuple[str, ...]:
        """A slope by what it is of; the output is itself, seen from any layer."""
        of = "output" if slope.of is self.story.output else value(slope.of)
        return of, value(slope.by), *map(value, slope.held)

    def form(self, form: Any, reading: Reading, value: Callable[[Value], str]) -> Any:
        """The right side of a line, as seen from its layer."""
        match form:
            case Chain(slopes, products):
                names = [[self.slope(s, value) for s in p] for p in slopes]
                return names, [[reading.of(f) for f in p] for p in products]
            case Written(block):
                drawn = sketch(block)
                picks = [reading.number(i) for i in drawn.picks]
                return drawn.key, [value(x) for x in drawn.operands], picks
        return reading.of(form)

    def result(self, result: Result, layer: int) -> Said:
        """What a result says of its layer."""
        names = {self.story.symbols.get(x, "") for x in symbols_of(result.form)}

        def write(reading: Reading) -> str:
            return repr((self.value_in(reading)(result.by), reading.of(result.form)))

        return self.says(layer, names, write)

    def value_in(self, reading: Reading) -> Callable[[Value], str]:
        """How a value is read."""
        return lambda v: reading.name(self.story.values[v])

    # ------------------------------------------------------------------- folding

    def folded_lines(self) -> Iterator[Fold]:
        """The lines that say the same of one layer after another."""
        met: dict[Any, int] = {}
        columns: dict[Any, list[tuple[int, int]]] = {}
        for i, line in enumerate(self.story.lines):
            layer = self.layer_of(line)
            if layer is None:
                continue
            met[line.subject] = met.get(line.subject, 0) + 1
            key = (line.kind, self.stems_of(line.subject), met[line.subject])
            columns.setdefault(key, []).append((i, layer))
        for column in columns.values():
            said = [self.line(self.story.lines[i], layer) for i, layer in column]
            yield from self.folds(column, said)

    def stems_of(self, subject: Any) -> tuple[Any, ...]:
        """What a line is about, whatever the layer."""
        values = (
            (subject.value,)
            if isinstance(subject, Named)
            else (subject.of, subject.by, *subject.held)
        )
        return tuple(stem_and_digits(self.story.names.get(v, "?"))[0] for v in values)

    def folded_results(self) -> Iterator[Fold]:
        """The results that say the same of one layer after another."""
        columns: dict[str, list[tuple[int, int]]] = {}
        for i, result in enumerate(self.story.results):
            found = self.family(self.story.names[result.by])
            if found and self.first <= found[1] <= self.last:
                columns.setdefault(found[0], []).append((i, found[1]))
        for column in columns.values():
            said = [self.result(self.story.results[i], layer) for i, layer in column]
            yield from self.folds(column, said)

    def folds(
        self, column: Sequence[tuple[int, int]], said: Sequence[Said]
    ) -> Iterator[Fold]:
        """The runs of a column in which each says the same as the one before."""
        start = 0
        while start < len(column):
            end, common = start + 1, said[start]
            step = 0
            while end < len(column) and common & said[end]:
                moved = column[end][1] - column[end - 1][1]
                if abs(moved) != 1 or (step and moved != step):
                    break
                step, common, end = moved, common & said[end], end + 1
            if end - start > 1:
                yield fold(column[start:end], said[start:end], common)
            start = end

    def told(self, letter: str) -> Recursion:
        """The recursion."""
        return Recursion(
            letter,
            self.first,
            self.last,
            self.stems,
            self.before,
            tuple(self.folded_lines()),
            tuple(self.folded_results()),
            self.sizes(),
        )

    def sizes(self) -> dict[int, tuple[Size, ...]]:
        """How large the derivatives of each layer are: of its δ, of its parameters."""
        story = self.story
        largest = {
            line.subject.by: largest_in(line.number)
            for line in story.lines
            if isinstance(line.subject, Slope) and line.subject.of is story.output
        }
        largest |= {r.by: largest_in(r.number) for r in story.results}
        asked = {r.by for r in story.results}
        found = {}
        for i, row in enumerate(self.layers.values):
            values = [v for v in row if v in story.kept]
            values += [x for x in self.layers.own[i] if x in asked]
            sizes = tuple(Size(v, largest[v]) for v in values if v in largest)
            found[self.first + i] = sizes
        return found


def fold(column: Sequence[tuple[int, int]], said: Sequence[Said], common: Said) -> Fold:
    """A run of lines; the one that is read in one way alone is written for all."""
    members = tuple(i for i, _ in column)
    fewest = min(map(len, said))
    shown = next(i for i, s in zip(members, said, strict=True) if len(s) == fewest)
    counted = all(counts for counts, _ in common)
    return Fold(members, tuple(layer for _, layer in column), shown, counted)


def symbols_in(story: Story, line: Line) -> set[Symbol]:
    """The symbols that a line is written in."""
    match line.form:
        case Chain(_, products):
            return {s for p in products for f in p for s in symbols_of(f)}
        case Written(block):
            return {story.values[x] for x in block.operands}
    assert isinstance(line.form, Term)
    return symbols_of(line.form)


def largest_in(x: Any) -> float:
    """The largest entry of an array, without its sign."""
    return float(np.max(np.abs(np.asarray(x, float)), initial=0.0))


def letter_for(layers: Layers, names: Collection[str]) -> str:
    """What is written for the number of a layer: l, or t where all share parameters."""
    taken = set(names)
    letters = "lkjm" if layers.own and layers.own[0] else "tkni"
    return next((x for x in letters if x not in taken), "l")


def recursions(
    story: Story, repeats: Sequence[Layers], looped: Callable[[Layers], bool]
) -> tuple[Recursion, ...]:
    """The layers of a derivation that are told once.

    Args:
        story: The derivation, every line of it.
        repeats: The layers of its program.
        looped: Whether layers are the rounds of a loop.
    """
    found = []
    for layers in repeats:
        if len(layers.values) >= ENOUGH or looped(layers):
            first = first_number(layers, story.names)
            told = Telling(story, layers, first).told(
                letter_for(layers, story.names.values())
            )
            if told.lines or told.results:
                found.append(told)
    return tuple(found)
