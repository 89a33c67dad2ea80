"""Ground: points in the domain of a program, and what is true of it there.

    ground = Ground(prepared)
    ground.number(Rate(u, (x,)), point)      du/dx at a point, from the program alone

A claim about a program is judged by numbers at points of many kinds: the given one,
some near it, and some far off with every sign. What is true there comes from plain
reverse mode over the program, in which nothing was rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from whence.core.builder import Builder
from whence.core.graph import Equation, Graph, Literal, Value
from whence.core.structure import Pointwise
from whence.explain.numbers import every_value, has_ties, near, tame
from whence.explain.prepare import Prepared
from whence.simplify.term import Term
from whence.transform.forward import jvp
from whence.transform.reverse import vjp
from whence.transform.transpose import reached

POINTS = 16  # points at which a claim is judged, if so many can be drawn
DRAWS = 120  # draws, of which many may lie outside the domain
NEAR = 5  # draws near the given point, that one first
FEW = 4  # points of a kind
BESIDE = 1e-3  # how far from 0 a function must have numbers for 0 to be inside
SHOWN = 12  # numbers of a point that are shown
LARGEST = 4_096  # entries of a Jacobian that is taken row by row


@dataclass(frozen=True)
class Rate:
    """A derivative of one value by others: the total one, along every way.

    Attributes:
        of: What is differentiated.
        by: What by, each once per order.
        held: Values that are held fixed, although they depend on it.
    """

    of: Value
    by: tuple[Value, ...]
    held: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Differential:
    """What becomes of a value when others move: du = 2x·dx.

    Attributes:
        of: The value.
        along: The values that move, each in a direction of its own.
    """

    of: Value
    along: tuple[Value, ...]


@dataclass(frozen=True)
class Direction:
    """The direction in which a value moves: dx."""

    of: Value


@dataclass(frozen=True, eq=False)
class Printed:
    """A constant of the derivation, as it is printed: e_c.

    Attributes:
        form: What stands in the derivation.
        array: Its numbers.
    """

    form: Term
    array: np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Claim:
    """An expression over quantities.

    Attributes:
        graph: The expression.
        sources: What each input of the graph is.
    """

    graph: Graph
    sources: tuple[Source, ...]


Quantity = Value | Rate | Differential | Direction | Claim
Source = Quantity | Printed | np.ndarray[Any, Any]
Project = Callable[[list[Any], np.random.Generator], list[Any]]


@dataclass
class Point:
    """A point: the arrays of the inputs, and what has been computed there."""

    arrays: list[Any]
    seed: int
    known: dict[Any, Any] = field(default_factory=dict)


class Ground:
    """What is true of a program.

    Attributes:
        written: The program as the user wrote it, with the values that a derivation
            names besides.
        recognised: The same in recognised functions.
        output: The value that is explained.
        wrt: The inputs that it is differentiated by.
        arrays: The given point.
        points: The points, the given one first.
    """

    def __init__(self, ready: Prepared) -> None:
        self.written = joined(ready.written, ready.graph)
        self.recognised = joined(ready.graph, ready.written)
        self.own = set(ready.written.values())
        self.output, self.wrt = ready.output, ready.wrt
        self.arrays = list(ready.arrays)
        self.moving = [x.aval.moves for x in ready.graph.inputs]
        self.derivatives: dict[Any, Graph] = {}
        self.points = self.drawn()

    def define(self, claim: Claim) -> Quantity:
        """A claim as a value of the program, so that it can be differentiated by."""
        (output,) = claim.graph.outputs
        values = [x for x in claim.sources if isinstance(x, Value)]
        if len(values) < len(claim.sources) or isinstance(output, Literal):
            return claim
        builder = Builder()
        known: dict[Any, Any] = dict(zip(claim.graph.inputs, values, strict=True))
        for equation in claim.graph.equations:
            known |= zip(equation.results, builder.replay(equation, known), strict=True)
        for point in self.points:
            point.known.pop("values", None)
        self.written = extended(self.written, builder.equations)
        self.recognised = extended(self.recognised, builder.equations)
        self.own |= set(known.values())
        defined: Value = known[output]
        return defined

    # ------------------------------------------------------------------ points

    def drawn(self, project: Project | None = None) -> list[Point]:
        """Points at which the function and its gradient have finite numbers.

        Args:
            project: Brings arrays to where an assumption holds.
        """
        found: list[Point] = []
        for seed in range(DRAWS):
            arrays = self.draw(seed)
            if project is not None:
                arrays = project(arrays, np.random.default_rng(seed))
            point = Point(arrays, seed)
            if self.is_inside(point) or (seed == 0 and project is None):
                found.append(point)
            if len(found) == POINTS:
                break
        return found

    def draw(self, seed: int) -> list[Any]:
        """Arrays near the given ones, or far from them, each in a way of its own."""
        if seed == 0:
            return list(self.arrays)
        if seed < NEAR:
            return (near if seed % 2 else tame)(self.arrays, self.moving, seed)
        random = np.random.default_rng(seed)
        return [
            WAYS[random.integers(len(WAYS))](np.asarray(x, float), random)
            if moves and np.asarray(x).dtype.kind == "f"
            else x
            for x, moves in zip(self.arrays, self.moving, strict=True)
        ]

    def at_zeros(self) -> list[Point]:
        """Points with one number among the inputs at 0, where a line may divide.

        At the edge of the domain a convention decides, which nobody need write.
        """
        found = []
        for i, x in enumerate(self.arrays):
            for base in self.points[:FEW] if self.moving[i] and not np.ndim(x) else ():
                here, *aside = (
                    Point([*base.arrays[:i], at, *base.arrays[i + 1 :]], DRAWS + i)
                    for at in (0.0, -BESIDE, BESIDE)
                )
                if all(map(self.is_inside, aside)):
                    found.append(here)
        return found

    def round_points(self) -> list[Point]:
        """Points of small round numbers inside the domain, where there is room."""
        sizes = sum(np.size(x) for x in self.arrays)
        if sizes > SHOWN:
            return []
        found = []
        for seed in range(4 * FEW):
            random = np.random.default_rng(seed)
            arrays = [
                rounded(np.asarray(x, float), random) if moves else x
                for x, moves in zip(self.arrays, self.moving, strict=True)
            ]
            point = Point(arrays, 2 * DRAWS + seed)
            if self.is_inside(point):
                found.append(point)
        return found

    def shown(self, point: Point) -> dict[str, Any]:
        """The inputs of a point, if they are few enough to be shown."""
        if sum(np.size(x) for x in self.arrays) > SHOWN:
            return {}
        names = [self.written.names.get(x, "?") for x in self.written.inputs]
        return dict(zip(names, point.arrays, strict=True))

    def is_inside(self, point: Point) -> bool:
        """Whether the function and its gradient are finite, and no kink is met."""
        try:
            values = self.values(point)
        except np.linalg.LinAlgError:  # a singular matrix has no inverse
            return False
        if point.seed and has_ties(self.written, values):
            return False
        rates = (self.number(Rate(self.output, (x,)), point) for x in self.wrt)
        return all(np.isfinite(x).all() for x in (values[self.output], *rates))

    # ------------------------------------------------------------------ numbers

    def values(self, point: Point) -> dict[Value, Any]:
        """Every value of the program at a point."""
        if "values" not in point.known:
            point.known["values"] = every_value(self.written, point.arrays)
        found: dict[Value, Any] = point.known["values"]
        return found

    def number(self, what: Quantity, point: Point) -> np.ndarray[Any, Any]:
        """The number of a quantity at a point."""
        if what not in point.known:
            with np.errstate(all="ignore"):
                point.known[what] = np.asarray(self.fresh(what, point), float)
        found: np.ndarray[Any, Any] = point.known[what]
        return found

    def fresh(self, what: Quantity, point: Point) -> Any:
        """Compute a quantity."""
        match what:
            case Value():
                return self.values(point)[what]
            case Rate(of, (by,), held):
                return self.first(of, by, point, held)
            case Rate(of, by):
                return self.higher(of, by, point)
            case Differential(of, along):
                return self.differential(of, along, point)
            case Direction(of):
                number = list(self.written.values()).index(of)
                random = np.random.default_rng([point.seed, number])
                return random.normal(size=of.aval.shape)
            case Claim(graph, sources):
                return computed(graph, [self.source(x, point) for x in sources])

    def source(self, x: Source, point: Point) -> Any:
        """What an input of a claim is: a quantity, or an array met on the way."""
        match x:
            case Value():
                return self.values(point)[x]
            case Printed(array=array) | (np.ndarray() as array):
                return array
        return self.number(x, point)

    def first(
        self, of: Value, by: Value, point: Point, held: tuple[Value, ...] = ()
    ) -> Any:
        """The derivative of one value by another; its entries, where they line up."""
        cut = self.cut(of, (by, *held))
        arrays = [self.values(point)[x] for x in cut.inputs]
        if of is self.output or not of.aval.shape or is_entrywise(cut, by):
            key = "first", of, by, held
            if key not in self.derivatives:
                self.derivatives[key] = vjp(cut, [by], seed=1)
            return self.derivatives[key](*arrays)[-1]
        return self.jacobian(("first", of, by, held), cut, by, arrays)

    def jacobian(self, key: Any, cut: Graph, by: Value, arrays: list[Any]) -> Any:
        """Every entry of an output by every entry of a value, row by row."""
        (y,) = cut.outputs
        if key not in self.derivatives:
            self.derivatives[key] = vjp(cut, [by])
        pulled, size = self.derivatives[key], int(np.prod(y.aval.shape))
        if size * int(np.prod(by.aval.shape)) > LARGEST:
            return np.full((*y.aval.shape, *by.aval.shape), np.nan)
        rows = []
        for i in range(size):
            seed = np.zeros(size)
            seed[i] = 1.0
            rows.append(pulled(*arrays, seed.reshape(y.aval.shape))[-1])
        return np.reshape(rows, (*y.aval.shape, *by.aval.shape))

    def higher(self, of: Value, by: tuple[Value, ...], point: Point) -> Any:
        """A derivative of a derivative; that by an array is a Jacobian."""
        graph = self.cut(of, by)
        arrays = [self.values(point)[x] for x in graph.inputs]
        for i, x in enumerate(by):
            last = i == len(by) - 1
            if last and graph.outputs[0].aval.shape:
                return self.jacobian(("higher", of, by), graph, x, arrays)
            key = "higher", of, by[: i + 1]
            if key not in self.derivatives:
                pulled = vjp(graph, [x], seed=1)
                (bar,) = pulled.outputs[-1:]
                self.derivatives[key] = Graph(graph.inputs, pulled.equations, (bar,))
            graph = self.derivatives[key]
            if not isinstance(graph.outputs[0], Value):
                return np.zeros([n for y in by for n in y.aval.shape])
        return graph(*arrays)[0]

    def differential(self, of: Value, along: tuple[Value, ...], point: Point) -> Any:
        """How a value moves when others move in their directions."""
        cut = self.cut(of, along)
        key = "differential", of, along
        if key not in self.derivatives:
            self.derivatives[key] = jvp(cut, along)
        arrays = [self.values(point)[x] for x in cut.inputs]
        return self.derivatives[key](
            *arrays, *(self.number(Direction(x), point) for x in along)
        )[-1]

    def program(self, by: Sequence[Value]) -> Graph:
        """The program in which some values stand on the way to the output."""
        return self.written if self.own.issuperset(by) else self.recognised

    def cut(self, of: Value, by: Sequence[Value]) -> Graph:
        """The program from given values on, as if they were inputs."""
        program = self.program(by)
        others = [x for x in program.inputs if x not in by]
        kept = [e for e in program.equations if not set(e.results).intersection(by)]
        open_there = replace(program, equations=tuple(kept))
        needed = tuple(reversed(equations_to(of, open_there)))
        return Graph((*others, *dict.fromkeys(by)), needed, (of,))


def computed(graph: Graph, arrays: Sequence[Any]) -> Any:
    """The output of a graph; what a singular matrix has no answer for is nan."""
    try:
        return graph(*arrays)[0]
    except np.linalg.LinAlgError:
        return np.full(graph.outputs[0].aval.shape, np.nan)


def joined(first: Graph, second: Graph) -> Graph:
    """A program with the values of another that it has not."""
    made = {y for e in first.equations for y in e.results}
    more = [e for e in second.equations if made.isdisjoint(e.results)]
    return extended(first, more)


def extended(program: Graph, equations: Sequence[Equation]) -> Graph:
    """A program with more equations behind its own."""
    return replace(program, equations=(*program.equations, *equations))


def equations_to(value: Value, program: Graph) -> list[Equation]:
    """The equations that a value needs."""
    needed: set[Any] = {value}
    found = []
    for equation in reversed(program.equations):
        if not needed.isdisjoint(equation.results):
            found.append(equation)
            needed.update(equation.operands)
    return found


def is_entrywise(program: Graph, by: Value) -> bool:
    """Whether each entry of an output comes from that of an input in its place."""
    (y,) = program.outputs
    after = reached(program, [by])
    moved = [e for e in program.equations if after.intersection(e.operands)]
    plain = all(isinstance(e.primitive.structure, Pointwise) for e in moved)
    return plain and y.aval.shape == by.aval.shape


def signed(x: np.ndarray[Any, Any], random: np.random.Generator) -> Any:
    """Numbers of both signs."""
    return random.normal(size=x.shape) * random.uniform(0.5, 2.0)


def positive(x: np.ndarray[Any, Any], random: np.random.Generator) -> Any:
    """Numbers above 0."""
    return random.uniform(0.2, 2.5, x.shape)


def unit(x: np.ndarray[Any, Any], random: np.random.Generator) -> Any:
    """Numbers between 0 and 1."""
    return random.uniform(0.05, 0.95, x.shape)


def beside(x: np.ndarray[Any, Any], random: np.random.Generator) -> Any:
    """Numbers near those that are given."""
    return x * random.uniform(0.7, 1.3, x.shape) + 0.05 * random.normal(size=x.shape)


def turned(x: np.ndarray[Any, Any], random: np.random.Generator) -> Any:
    """The numbers that are given, nearly, some with the other sign."""
    return beside(x, random) * random.choice([-1.0, 1.0], x.shape)


def rounded(x: np.ndarray[Any, Any], random: np.random.Generator) -> Any:
    """Small round numbers: the given ones if they are, or 1, 2, 3."""
    if random.integers(3) == 0 and np.array_equal(2 * x, np.round(2 * x)):
        return x
    return random.choice([1.0, 2.0, 3.0], x.shape)


WAYS = (signed, positive, unit, beside, turned)
