"""Layers: blocks of a program that do the same thing again, each with what came before.

    repeats(parts) -> the stretches of a program that repeat: layers of a network,
                      steps of a loop

Two blocks are alike when their equations are the same up to which values they take.
A stretch repeats when its blocks are alike layer by layer, take their operands from the
same places (the layer before, a parameter of their own, one that all share), and each
layer takes something from the one before. Nothing is known of networks here, and no
name is looked at: a loop and layers written out by hand are found alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from whence.core.graph import Literal, Value
from whence.explain.blocks import Block

LONGEST = 40  # blocks in a layer
SHAPES = ("shape",)  # params that say how large an array is, which layers may differ in
Tie = tuple[Any, ...]  # where an operand comes from, as seen from its layer


@dataclass(frozen=True)
class Layers:
    """A stretch of a program that repeats.

    Attributes:
        values: The named values that each layer makes, the first layer first.
        own: The operands that each layer has its own of, by layer.
        before: What stands for values of the layers before the first: (place, layer)
            tells whose, with layers counted from 0.
        steps: The places whose block picks the next entry of an array in every layer,
            and by how much it moves on.
    """

    values: tuple[tuple[Value, ...], ...]
    own: tuple[tuple[Value, ...], ...]
    before: Mapping[tuple[int, int], Value]
    steps: Mapping[int, int]


@dataclass(frozen=True)
class Sketch:
    """A block without what it is applied to.

    Attributes:
        part: The block.
        key: Its equations, their operands by number; equal for blocks that are alike.
        operands: The values it takes, in the order it takes them.
        picks: The whole numbers at which it picks entries.
    """

    part: Block
    key: tuple[Any, ...]
    operands: tuple[Value, ...]
    picks: tuple[int, ...]


def sketch(part: Block) -> Sketch:
    """A block up to which values it takes."""
    numbers: dict[Value, int] = {}
    lines: list[Any] = []
    picks: list[int] = []
    inner = {y: i for i, e in enumerate(part.equations) for y in e.results}
    for equation in part.equations:
        taken: list[Any] = []
        for x in equation.operands:
            if isinstance(x, Literal):
                taken.append((repr(x.number), x.aval.dtype))
            elif x in inner:
                taken.append(-1 - inner[x])
            else:
                taken.append(numbers.setdefault(x, len(numbers)))
        params = {k: v for k, v in equation.params.items() if k not in SHAPES}
        if equation.primitive.name == "getitem":
            params["index"] = without_numbers(params["index"], picks)
        key = tuple((k, repr(v)) for k, v in sorted(params.items()))
        lines.append((equation.primitive.name, key, tuple(taken)))
    return Sketch(part, tuple(lines), tuple(numbers), tuple(picks))


def without_numbers(index: Any, picks: list[int]) -> Any:
    """An index with its whole numbers left out, and put into a list."""
    parts = index if isinstance(index, tuple) else (index,)
    picks += [int(i) for i in parts if type(i) is int]
    return tuple("a number" if type(i) is int else i for i in parts)


def repeats(parts: Mapping[Value, Block]) -> list[Layers]:
    """The stretches of a program that repeat, in its order, none inside another."""
    found: list[Layers] = []
    waiting = [[sketch(part) for part in parts.values()]]
    while waiting:
        now = waiting.pop()
        best = longest(now)
        if best is not None:
            start, layers = best
            end = start + len(layers.values) * len(layers.values[0])
            found.append(layers)
            waiting += [now[:start], now[end:]]
    place = {v: i for i, v in enumerate(parts)}
    return sorted(found, key=lambda layers: place[layers.values[0][0]])


def longest(sketches: Sequence[Sketch]) -> tuple[int, Layers] | None:
    """The longest stretch that repeats, and where it starts.

    Of several places to begin a layer at, it is the one with the fewest values handed
    on to the next layer, and with none that is made before another in the source.
    """
    sizes = None
    found: list[tuple[int, bool, int, Layers]] = []
    for start, period, count in stretches(sketches):
        if found and (period, count) != sizes:
            break
        linked_there = linked(sketches[start : start + period * count], period)
        if linked_there is not None:
            first, layers = linked_there
            sizes = period, count
            begin = start + first * period
            turns = is_turned(sketches[begin : begin + period])
            found.append((len(layers.before), turns, begin, layers))
    if not found:
        return None
    *_, start, layers = min(found, key=lambda x: (x[0], x[1], -len(x[3].values), x[2]))
    return start, layers


def is_turned(row: Sequence[Sketch]) -> bool:
    """Whether a layer ends before the place at which it begins, as across rounds."""
    places = [s.part.equations[-1].origin.first().where.stack for s in row]
    order = [[instruction for _, instruction in reversed(stack)] for stack in places]
    return any(b < a for a, b in pairwise(order))


def stretches(sketches: Sequence[Sketch]) -> Iterator[tuple[int, int, int]]:
    """Where blocks repeat: start, period and count; what covers most comes first."""
    numbers: dict[Any, int] = {}
    keys = [numbers.setdefault(s.key, len(numbers)) for s in sketches]
    found = []
    for period in range(1, min(LONGEST, len(keys) // 2) + 1):
        start = 0
        while start + period < len(keys):
            end = start
            while end + period < len(keys) and keys[end] == keys[end + period]:
                end += 1
            count = (end - start) // period + 1
            spare = (end - start) % period
            if count > 1:
                found += [(start + shift, period, count) for shift in range(spare + 1)]
            start = end + 1
    found.sort(key=lambda s: (-s[1] * s[2], s[1], s[0]))
    yield from found


def linked(sketches: Sequence[Sketch], period: int) -> tuple[int, Layers] | None:
    """The layers among blocks that repeat, as far as their operands come alike.

    Returns:
        How many layers are left out at the start, and the others.
    """
    layers = [sketches[i : i + period] for i in range(0, len(sketches), period)]
    made = {
        s.part.value: (layer, place)
        for layer, row in enumerate(layers)
        for place, s in enumerate(row)
    }
    ties = [tie(layers, made, i) for i in range(1, len(layers))]
    if not any(t[0] == "made" and t[2] > 0 for t in ties[-1]):
        return None
    first = len(layers) - 1  # the last layer is the rule; those before follow it
    while first > 0 and agree(ties[first - 1], ties[-1], first):
        first -= 1
    kept = layers[first:]
    if len(kept) < 2 or (first and len(kept) < 3):
        return None
    layers_told = told(kept, ties[-1])
    return None if layers_told is None else (first, layers_told)


def tie(
    layers: Sequence[Sequence[Sketch]],
    made: Mapping[Value, tuple[int, int]],
    layer: int,
) -> list[Tie]:
    """Where each operand of a layer comes from."""
    operands = [x for s in layers[layer] for x in s.operands]
    earlier = [x for s in layers[layer - 1] for x in s.operands]
    found: list[Tie] = []
    for x, previous in zip(operands, earlier, strict=True):
        if x in made:
            at, place = made[x]
            found.append(("made", place, layer - at))
        elif x is previous:
            found.append(("shared",))
        else:
            found.append(("own", operands.index(x)))
    picks = zip(picked(layers[layer]), picked(layers[layer - 1]), strict=True)
    return [*found, *(("pick", now - then) for now, then in picks)]


def picked(row: Sequence[Sketch]) -> list[int]:
    """The whole numbers at which a layer picks entries."""
    return [i for s in row for i in s.picks]


def agree(ties: Sequence[Tie], rule: Sequence[Tie], layer: int) -> bool:
    """Whether a layer takes its operands as the rule says; early ones have no past."""
    return all(
        a == b or (b[0] == "made" and b[2] > layer)
        for a, b in zip(ties, rule, strict=True)
    )


def told(layers: Sequence[Sequence[Sketch]], rule: Sequence[Tie]) -> Layers | None:
    """Layers that are linked: what each has of its own, and what stood before."""
    operands = [[x for s in row for x in s.operands] for row in layers]
    before: dict[tuple[int, int], Value] = {}
    for layer, row in enumerate(operands):
        for x, t in zip(row, rule, strict=False):
            if t[0] == "made" and t[2] > layer:
                known = before.setdefault((t[1], layer - t[2]), x)
                if known is not x:
                    return None
    places = [i for i, t in enumerate(rule) if t[0] == "own" and t[1] == i]
    own = tuple(tuple(row[i] for i in places) for row in operands)
    values = tuple(tuple(s.part.value for s in row) for row in layers)
    return Layers(values, own, before, steps_of(layers[-1], rule, len(operands[0])))


def steps_of(row: Sequence[Sketch], rule: Sequence[Tie], start: int) -> dict[int, int]:
    """The places at which a layer picks the next entry, and how far that moves on."""
    moved = iter(rule[start:])
    found: dict[int, int] = {}
    for place, s in enumerate(row):
        for _ in s.picks:
            _, step = next(moved)
            if step:
                found[place] = step
    return found


def next_entries(layers: Layers, parts: Mapping[Value, Block]) -> Iterator[Value]:
    """What the layers pick out of arrays, each the next entry, unless it has a name."""
    for row in layers.values:
        for place in layers.steps:
            part = parts[row[place]]
            for equation in part.equations:
                if equation.primitive.name == "getitem":
                    yield from (y for y in equation.results if y is not part.value)


def keeping(
    repeats: Sequence[Layers], parts: Mapping[Value, Block], moving: AbstractSet[Value]
) -> dict[Value, bool]:
    """Which values of layers have a cotangent δ that keeps its name, and which not.

    One that goes into a single other cotangent is put in there; at least one of every
    layer is kept, that of what is made of most.
    """
    found: dict[Value, bool] = {}
    for layers in repeats:
        columns = [
            [parts[v].operands for v in column if v in moving]
            for column in zip(*layers.values, strict=True)
        ]
        uses = [max((len(moving & set(o)) for o in c), default=0) for c in columns]
        sizes = [max((len(o) for o in c), default=0) for c in columns]
        most = sizes.index(max(sizes))
        for place, column in enumerate(zip(*layers.values, strict=True)):
            keeps = uses[place] > 1 or (max(uses) <= 1 and place == most)
            found |= dict.fromkeys((v for v in column if v in moving), keeps)
    return found
