"""Name the sizes in a program: what differs between traces at other sizes is one.

    with_names([graph, graph, graph], sizes) -> the same graphs, their sizes named

A size keeps its name through arithmetic (``core.size``), but not through ``len``, which
must give an int, nor through ``math.sqrt``. So a program is traced at several sets of
sizes. A number that is the same in all of them is the user's own; any other is looked
for among expressions in the sizes, and found only where one gives it in every trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isclose
from operator import mul, truediv
from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import TraceError
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.size import Size, Sized, computed, plain

Sizes = Mapping[str, int]  # how long each size is in one trace
PRIMES = tuple(p for p in range(5, 600) if all(p % q for q in range(2, p)))
MOST_NAMES = len(PRIMES) // 4


def stand_ins(names: Sequence[str]) -> tuple[Sizes, ...]:
    """Four sets of sizes, growing and shrinking, each length in one of them alone.

    >>> stand_ins(["n", "d"])[:2]
    ({'n': 5, 'd': 7}, {'n': 13, 'd': 11})
    """
    count = len(names)
    assert count <= MOST_NAMES, f"a program with {count} names of sizes"
    sets = [PRIMES[i * count : (i + 1) * count][:: (-1) ** i] for i in range(4)]
    return tuple(dict(zip(names, lengths, strict=True)) for lengths in sets)


def with_names(graphs: Sequence[Graph], sizes: Sequence[Sizes]) -> list[Graph]:
    """Traces of one program at several sets of sizes, every size in them named.

    Raises:
        TraceError: If the program does other things at other sizes, or a number in it
            depends on them in a way that is not known here.
    """
    return Naming(tuple(sizes)).graphs(graphs)


@dataclass
class Naming:
    """The naming of one program's sizes.

    Attributes:
        sizes: The set of sizes of each trace.
        values: The values of the named traces, by those of the plain ones.
    """

    sizes: tuple[Sizes, ...]
    values: dict[Value, Value] = field(default_factory=dict)

    def graphs(self, graphs: Sequence[Graph]) -> list[Graph]:
        """The traces, named."""
        first, *others = graphs
        for other in others:
            if outline(other) != outline(first):
                raise self.another(first, other)
        inputs = [self.named_values(x, None) for x in across(g.inputs for g in graphs)]
        lines = [self.lines(x) for x in across(g.equations for g in graphs)]
        outputs = [self.atoms(x, None) for x in across(g.outputs for g in graphs)]
        return [
            Graph(
                tuple(x[i] for x in inputs),
                tuple(x[i] for x in lines),
                tuple(x[i] for x in outputs),
                {self.values[v]: name for v, name in graph.names.items()},
            )
            for i, graph in enumerate(graphs)
        ]

    def another(self, first: Graph, other: Graph) -> TraceError:
        """The error for a program that does other things at other sizes."""
        pairs = zip(first.equations, other.equations, strict=False)
        lines = (a for a, b in pairs if a.primitive is not b.primitive)
        line = next(lines, (*first.equations, *other.equations)[-1])
        sets = (", ".join(f"{k} = {n}" for k, n in s.items()) for s in self.sizes)
        shown = "; ".join(sets)
        return TraceError(
            f"the program does other things at other sizes (tried were {shown})",
            remedy="a number in shapes= for a size that it counts through, or whole "
            "arrays in place of a loop over their entries",
            where=str(line.origin.first().where),
        )

    def lines(self, lines: Sequence[Equation]) -> list[Equation]:
        """One equation in every trace, its sizes named."""
        operands = [self.atoms(x, lines) for x in across(e.operands for e in lines)]
        results = [
            self.named_values(x, lines) for x in across(e.results for e in lines)
        ]
        params = self.contents([e.params for e in lines], lines)
        return [
            Equation(
                line.primitive,
                tuple(x[i] for x in operands),
                tuple(x[i] for x in results),
                line.origin,
                params[i],
            )
            for i, line in enumerate(lines)
        ]

    def named_values(
        self, values: Sequence[Value], lines: Sequence[Equation] | None
    ) -> list[Value]:
        """One value in every trace, the sizes of its shape named."""
        found = [Value(aval) for aval in self.avals([v.aval for v in values], lines)]
        self.values.update(zip(values, found, strict=True))
        return found

    def avals(
        self, avals: Sequence[Aval], lines: Sequence[Equation] | None
    ) -> list[Aval]:
        """One shape in every trace, its sizes named."""
        shapes = self.contents([x.shape for x in avals], lines)
        return [x.like(shape) for x, shape in zip(avals, shapes, strict=True)]

    def atoms(
        self, atoms: Sequence[Atom], lines: Sequence[Equation] | None
    ) -> list[Atom]:
        """One operand in every trace."""
        if any(isinstance(x, Value) for x in atoms):
            return [self.values[x] for x in atoms if isinstance(x, Value)]
        literals = [x for x in atoms if isinstance(x, Literal)]
        numbers = self.contents([x.number for x in literals], lines)
        avals = self.avals([x.aval for x in literals], lines)
        return [Literal(n, aval) for n, aval in zip(numbers, avals, strict=True)]

    def contents(
        self, contents: Sequence[Any], lines: Sequence[Equation] | None
    ) -> list[Any]:
        """One number or param in every trace, whatever holds the numbers."""
        first = contents[0]
        if isinstance(first, Graph):
            return Naming(self.sizes, self.values).graphs(contents)
        if isinstance(first, (tuple, list)) and len({len(x) for x in contents}) == 1:
            parts = [self.contents(x, lines) for x in zip(*contents, strict=True)]
            return [type(first)(x[i] for x in parts) for i in range(len(contents))]
        if isinstance(first, Mapping):
            found = {k: self.contents([x[k] for x in contents], lines) for k in first}
            return [{k: x[i] for k, x in found.items()} for i in range(len(contents))]
        if isinstance(first, (np.integer, np.floating)):
            contents = [x.item() for x in contents]
        if isinstance(contents[0], (int, float)) and not isinstance(first, bool):
            return self.numbers(contents, lines)
        return list(contents)

    def numbers(
        self, numbers: Sequence[Any], lines: Sequence[Equation] | None
    ) -> list[Any]:
        """One number in every trace: the user's own, or what it is in the sizes."""
        texts = {repr(x) for x in numbers}
        if len(texts) == 1:
            return list(numbers)
        bare = list(map(plain, numbers))
        found = next(expressions(bare, self.sizes), None)
        if found is not None:
            return [at(found, sizes) for sizes in self.sizes]
        shown = "; ".join(map(str, bare))
        where = str(lines[0].origin.first().where) if lines else None
        raise TraceError(
            f"a number depends on the sizes in a way that has no name here ({shown})",
            remedy="x.shape[0] and arithmetic with it; or arrays in place of shapes=",
            where=where,
        )


def across(sequences: Any) -> Iterator[tuple[Any, ...]]:
    """The parts of sequences, those at one place together."""
    return zip(*sequences, strict=True)


def outline(graph: Graph) -> Any:
    """What a program does, apart from its numbers: operations and what they are of."""
    place = {v: i for i, v in enumerate(graph.values())}

    def seen(atoms: Sequence[Atom]) -> tuple[Any, ...]:
        return tuple(place.get(x) if isinstance(x, Value) else "#" for x in atoms)

    lines = [
        (e.primitive.name, seen(e.operands), len(e.results)) for e in graph.equations
    ]
    ranks = [v.aval.ndim for v in graph.values()]
    return lines, ranks, seen(graph.outputs)


def at(number: Any, sizes: Sizes) -> Any:
    """An expression in sizes, at other sizes."""
    if not isinstance(number, Sized):
        return number
    if not number.made:
        return Size(sizes[number.name], number.name)
    name, *operands = number.made
    return computed(name, *(at(x, sizes) for x in operands))


# ------------------------------------------------------ which expression it is


def expressions(numbers: Sequence[Any], sizes: Sequence[Sizes]) -> Iterator[Any]:
    """The expressions in sizes that give these numbers, the plainest first.

    >>> sets = stand_ins(["n", "d"])
    >>> [
    ...     next(expressions([f(**s) for s in sets], sets))
    ...     for f in (
    ...         lambda n, d: n * d,
    ...         lambda n, d: 2 * n - 1,
    ...         lambda n, d: 3 / (n - 1),
    ...     )
    ... ]
    [n*d, 2*n - 1, 3/(n - 1)]
    """
    named = {name: Size(n, name) for name, n in sizes[0].items()}
    whole = all(isinstance(x, int) for x in numbers)
    for base in bases(named):
        values = [plain(at(base, s)) for s in sizes]
        if whole:
            yield from whole_expressions(base, values, numbers)
        else:
            yield from real_expressions(base, values, numbers)


def bases(named: Mapping[str, Size]) -> Iterator[Any]:
    """Expressions to begin with: sizes, their products, sums and differences."""
    every = list(named.values())
    yield from every
    pairs = [(n, d) for i, n in enumerate(every) for d in every[i:]]
    yield from (n * d for n, d in pairs)
    yield from (n - 1 for n in every)
    yield from (n + d for n, d in pairs if n is not d)
    yield from (n - d for n in every for d in every if n is not d)
    yield from (n * d * k for i, (n, d) in enumerate(pairs) for k in every)
    yield from (n * (n - 1) for n in every)
    yield from (computed("floordiv", n, k) for n in every for k in (2, 3, 4))


def whole_expressions(
    base: Any, values: Sequence[int], numbers: Sequence[int]
) -> Iterator[Any]:
    """A base times a small whole number, plus a small whole number."""
    if values[0] == values[1]:
        return
    times = Fraction(numbers[0] - numbers[1], values[0] - values[1])
    more = numbers[0] - times * values[0]
    least = 1 if base.made else -FEW  # d - n is a base, and no -(n - d)
    if times == 0 or times.denominator != 1 or not least <= times <= FEW:
        return
    if abs(more) > FEW:
        return
    if all(times * v + more == n for v, n in zip(values, numbers, strict=True)):
        scaled = -base if times == -1 else int(times) * base
        number = int(more)
        yield scaled - -number if number < 0 else scaled + number


def real_expressions(
    base: Any, values: Sequence[int], numbers: Sequence[float]
) -> Iterator[Any]:
    """A number times a function of a base, or over it: 3/(n - 1), √d, log n."""
    if min(values) <= 0:
        return
    for name in ("", "sqrt", "log"):
        of = computed(name, base) if name else base
        parts = [computed(name, v) if name else v for v in values]
        if all(parts) and (times := steady(map(truediv, numbers, parts))) is not None:
            yield computed("mul", times, of)
        if name != "log" and (above := steady(map(mul, numbers, parts))) is not None:
            yield computed("div", above, of)


def steady(numbers: Iterable[float]) -> int | float | None:
    """The number that several are, but for rounding; whole if that is but rounding."""
    first, *others = numbers
    if not all(isclose(x, first, rel_tol=1e-13) for x in others):
        return None
    return round(first) if isclose(first, round(first), rel_tol=1e-12) else first


FEW = 8  # the largest whole number that stands beside a size
