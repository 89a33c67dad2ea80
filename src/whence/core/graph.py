"""The graph: a program as a list of equations, each of which knows why it is there.

Every part of the system hands a graph to the next: tracing writes one, a derivative
turns one into another, an explanation reads one aloud. A graph is closed, since no
equation refers outside it; it assigns every value once; and it prints as it is stored.
A value stays the same object through every transform that keeps it, so a derivative
refers to the program it came from.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from whence.core.aval import Aval, Number
from whence.core.primitive import Primitive
from whence.core.source import Place


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """One array of a program, equal only to itself."""

    aval: Aval


@dataclass(frozen=True, eq=False, slots=True)
class Literal:
    """A number written in a program; it stands for an array filled with it.

    Literals are equal by bits: 0.0 and -0.0 differ, and a nan equals itself.
    """

    number: Number
    aval: Aval

    @property
    def bits(self) -> tuple[Any, ...]:
        """What makes two literals the same."""
        return (type(self.number), repr(self.number), self.aval)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)


Atom = Value | Literal


@dataclass(frozen=True, slots=True)
class Origin:
    """Why an equation exists: the rule that wrote it, and the user's place behind."""

    rule: str
    where: Place
    earlier: Origin | None = None

    def then(self, rule: str) -> Origin:
        """The origin of what a rule writes for the sake of this equation."""
        return Origin(rule, self.where, self)

    def first(self) -> Origin:
        """The origin that this one goes back to."""
        origin = self
        while origin.earlier is not None:
            origin = origin.earlier
        return origin

    def __str__(self) -> str:
        return f"{self.rule}, {self.where}"


@dataclass(frozen=True, eq=False, slots=True)
class Equation:
    """One line of a program: ``results = primitive(operands)``."""

    primitive: Primitive
    operands: tuple[Atom, ...]
    results: tuple[Value, ...]
    origin: Origin
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """A program: inputs, equations in the order they run, outputs.

    Attributes:
        inputs: What it is given.
        equations: Its lines, each after those it needs.
        outputs: What it gives back.
        names: What readers call its values; one without a name gets a letter in print.
    """

    inputs: tuple[Value, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Atom, ...]
    names: Mapping[Value, str] = field(default_factory=dict)

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """Run the graph on numbers, by the reference of each primitive."""
        from whence.core.evaluate import evaluate

        return evaluate(self, arrays)

    def values(self) -> Iterator[Value]:
        """Every value of the graph, in the order it is known."""
        yield from self.inputs
        for equation in self.equations:
            yield from equation.results

    def labels(self) -> dict[Value, str]:
        """A name for every value: its own, or a letter."""
        taken = set(self.names.values())
        letters = (f"{x}{n or ''}" for n in count() for x in string.ascii_lowercase)
        free = (letter for letter in letters if letter not in taken)
        return {
            x: self.names[x] if x in self.names else next(free) for x in self.values()
        }

    def __str__(self) -> str:
        labels = self.labels()

        def show(atom: Atom) -> str:
            return shown(atom.number) if isinstance(atom, Literal) else labels[atom]

        def call(equation: Equation) -> str:
            params = [f"{k}={brief(v)}" for k, v in equation.params.items()]
            operands = map(show, equation.operands)
            return " ".join([equation.primitive.name, *operands, *params])

        lines = [
            (", ".join(map(show, e.results)), call(e), str(e.origin))
            for e in self.equations
        ]
        left, right = (max((len(x[i]) for x in lines), default=0) for i in (0, 1))
        body = [f"  {y:>{left}} = {x:<{right}}   | {why}" for y, x, why in lines]
        inputs = ", ".join(f"{show(x)}: {x.aval}" for x in self.inputs)
        outputs = ", ".join(map(show, self.outputs))
        return "\n".join([f"({inputs})", *body, f"-> {outputs}"])


class Later:
    """The place of a graph that may hold itself, as the rule of an operation may.

    Attributes:
        graph: The graph; it is put here once, when it is finished.
    """

    __slots__ = ("graph",)

    def __init__(self, graph: Graph | None = None) -> None:
        self.graph = graph

    def __repr__(self) -> str:
        return f"<graph of {len(self.graph.equations) if self.graph else 0}>"


def shown(number: Number) -> str:
    """A number as a printed graph shows it."""
    return f"{number:g}" if type(number) is float else str(number)


def brief(param: Any) -> str:
    """A param as a printed graph shows it, on one line."""
    if isinstance(param, Graph):
        return f"<graph of {len(param.equations)}>"
    return repr(param).replace(" ", "")
