"""Numbering: what layers make, and what each has of its own, is called by layer.

    numbered(ends, parts, layers, graph) -> names: z1, z2, … beside the user's h1, h2, …

The user's names stay. A name that the derivation gives to a value of a layer gets the
number of the layer, the same letter in every layer; z where a matrix product is made.
What stood before the first layer is called h0 where it is an array without a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from whence.core.graph import Graph, Value
from whence.explain.blocks import Block
from whence.explain.dialect import stem_and_digits
from whence.explain.layers import Layers
from whence.simplify.stops import USUAL, free_names


def numbered(
    ends: Mapping[Value, str],
    parts: Mapping[Value, Block],
    repeats: Sequence[Layers],
    graph: Graph,
    captured: Collection[Value],
    fixed: Collection[str],
) -> dict[Value, str]:
    """The names of all values, those of layers numbered.

    Args:
        ends: The names so far.
        parts: The blocks of the named values.
        repeats: The layers.
        graph: The program, which holds the user's names.
        captured: Inputs that the user gave no name.
        fixed: Names that are nobody's to give.
    """
    names = {v: name for v, name in ends.items() if v in graph.names or name in fixed}
    for layers in repeats:
        names = once_a_layer(layers, names)
    taken = {*fixed, *names.values()}
    for layers in repeats:
        first = first_number(layers, names)
        for column in zip(*layers.values, strict=True):
            if not any(v in names for v in column):
                for stem in letters(parts[column[-1]], names):
                    called = {v: f"{stem}{first + i}" for i, v in enumerate(column)}
                    new = not set(names.values()) & set(called.values())
                    if free(stem, taken) and new:
                        names |= called
                        break
        names |= called_before(layers, first, names, captured)
    taken = {*fixed, *names.values(), *stems(names.values())}
    usual = {v: n for v, n in ends.items() if n in USUAL.values() and n not in taken}
    spare = free_names(taken | set(usual.values()))
    return {v: names.get(v) or usual.get(v) or next(spare) for v in ends}


def once_a_layer(layers: Layers, names: Mapping[Value, str]) -> dict[Value, str]:
    """Names of which each layer has one: of x1, x2 = tanh(x1), x3, … every other one.

    A name that the user gives to several values of a layer stays with the last of them,
    numbered by layer; those before it go without, and those after it are numbered on.
    """
    parts = {v: stem_and_digits(name) for v, name in names.items()}
    columns = [c for c in zip(*layers.values, strict=True) if set(c) <= set(names)]
    columns = [c for c in columns if len({parts[v][0] for v in c}) == 1]
    found = dict(names)
    for stem in {parts[c[0]][0] for c in columns}:
        own = [c for c in columns if parts[c[0]][0] == stem and parts[c[0]][1]]
        if len(own) < 2:
            continue
        made = {v for c in own for v in c}
        last = max(own, key=lambda c: int(parts[c[0]][1]))
        for v in made - set(last):
            del found[v]
        numbered_ones = [v for v in found if parts[v][0] == stem and parts[v][1]]
        numbered_ones.sort(key=lambda v: int(parts[v][1]))
        found |= {v: f"{stem}{i}" for i, v in enumerate(numbered_ones, 1)}
    return found


def called_before(
    layers: Layers, first: int, names: Mapping[Value, str], captured: Collection[Value]
) -> dict[Value, str]:
    """h0 for what stands before h1, where it is an array without a name."""
    found: dict[Value, str] = {}
    for (place, layer), x in layers.before.items():
        stem, number = stem_and_digits(names.get(layers.values[0][place], ""))
        name = f"{stem}{first + layer}"
        free_name = name not in names.values() and name not in found.values()
        if x in captured and x not in found and number == str(first) and free_name:
            found[x] = name
    return found


def first_number(layers: Layers, names: Mapping[Value, str]) -> int:
    """The number of the first layer: that of the user's own names, or 1."""
    for column in zip(*layers.values, strict=True):
        number = running_number([names.get(v, "") for v in column])
        if number is not None:
            return number
    return 1


def running_number(names: Sequence[str]) -> int | None:
    """The first number of names that are one stem, numbered on: h1, h2, h3."""
    parts = [stem_and_digits(name) for name in names]
    (stem, first), *_ = parts
    if not first or any(p != (stem, str(int(first) + i)) for i, p in enumerate(parts)):
        return None
    return int(first)


def letters(part: Block, names: Mapping[Value, str]) -> Iterator[str]:
    """What a value of a layer may be called, the likeliest first."""
    operations = [e.primitive.name for e in part.equations]
    if operations == ["getitem"]:
        array = names.get(part.operands[0], "")
        if len(array) > 1 and array.endswith("s"):
            yield array[:-1]
        if array.isupper():
            yield array.lower()
    if "contract" in operations:
        yield from ("z", "a")
    yield from free_names(set())


def free(stem: str, taken: Collection[str]) -> bool:
    """Whether nothing is called by a name, with a number or without."""
    return stem not in taken and stem not in stems(taken)


def stem_of(name: str) -> str:
    """A name without the number at its end."""
    return stem_and_digits(name)[0]


def stems(names: Collection[str]) -> set[str]:
    """Names without the numbers at their end."""
    return {stem_and_digits(name)[0] for name in names}


def deltas(
    repeats: Sequence[Layers],
    kept: Collection[Value],
    names: Mapping[Value, str],
    given: Mapping[Value, str],
) -> dict[Value, int]:
    """The values whose cotangent is called by layer alone: δ1, δ2 and so on.

    They have no name of the user's, and each layer has one such.

    Args:
        repeats: The layers.
        kept: The values whose cotangents have a name wherever they are used.
        names: What the values are called.
        given: What the user calls the values.
    """
    found: dict[Value, int] = {}
    for layers in repeats:
        columns = [
            column
            for column in zip(*layers.values, strict=True)
            if not set(kept).isdisjoint(column)
            and not any(stem_of(names[v]) == stem_of(given.get(v, "")) for v in column)
        ]
        digits = {v: stem_and_digits(names[v])[1] for c in columns for v in c}
        if len(columns) > 1 or not all(digits.values()):
            return {}
        numbers = {v: int(n) for v, n in digits.items()}
        if not set(numbers.values()).isdisjoint(found.values()):
            return {}
        found |= numbers
    return found
