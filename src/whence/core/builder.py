"""A graph being written, one equation at a time.

    builder = Builder()
    x = builder.input(Aval((3,)), "x")      a Tracer: arithmetic on it writes equations
    graph = builder.finish(exp(x) * 2.0)

Builders nest: a function traced inside a traced function has a builder of its own, and
an outer value met there becomes a further input, bound to that value. Inputs may have
numbers; those of other values are computed when somebody asks, so that a branch on a
traced value can be taken. No operation is named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from whence.core.aval import Aval, aval_of
from whence.core.errors import TraceError
from whence.core.evaluate import filled
from whence.core.graph import Atom, Equation, Graph, Literal, Origin, Value
from whence.core.primitive import Primitive
from whence.core.source import Place, place
from whence.core.tracer import Tracer

current: ContextVar[Builder | None] = ContextVar("current", default=None)


class Unknown:
    """What an input is bound to that has no number; the aval is all that is known.

    No dataclass, since arguments that are one are taken apart.
    """

    def __init__(self, aval: Aval) -> None:
        self.aval = aval


class Builder:
    """A graph being written.

    Attributes:
        parent: The builder inside whose tracing this one was begun.
        inputs: The inputs so far, captured ones behind the declared ones.
        bound: What an input stands for: a number, or a tracer of an outer builder.
        moving: The inputs that the user differentiates by.
        origin: Why the next equation is written; None while the user's code runs.
        branched: Whether Python has asked for a number, so the path is one of many.
        decisions: What Python has asked whether it is true, where, and the answers.
    """

    def __init__(
        self, graph: Graph | None = None, parent: Builder | None = None
    ) -> None:
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.inputs: list[Value] = list(graph.inputs) if graph else []
        self.equations: list[Equation] = []
        self.bound: dict[Value, Any] = {}
        self.moving: set[Value] = set()
        self.origin: Origin | None = None
        self.branched = False
        self.decisions: list[tuple[Place, bool]] = []
        self.finished = False
        self.made: dict[Value, Equation] = {}
        self._names: dict[Value, str] = dict(graph.names) if graph else {}
        self._places: dict[Value, Place] = {}
        self._captured: dict[Any, tuple[Any, Value]] = {}
        self._numbers: dict[Value, Any] = {}

    # ------------------------------------------------------------- what comes in

    def input(self, aval: Aval, name: str, bound: Any = None) -> Tracer:
        """Add an input; ``bound`` is its number, or the outer tracer it stands for."""
        value = Value(aval)
        self.inputs.append(value)
        self._names[value] = name
        if bound is not None:
            self.bound[value] = bound
        return Tracer(self, value)

    def literal(self, number: Any, aval: Aval) -> Tracer:
        """An array of one repeated number, written where it is used."""
        return Tracer(self, Literal(number, aval))

    def adopt(self, operand: Any) -> Atom:
        """What an operand is in this graph.

        A number becomes a literal; an array, or a value of an outer graph, becomes an
        input bound to it.
        """
        if isinstance(operand, Tracer):
            if operand.builder is self:
                return operand.atom
            atom = operand.atom
            if isinstance(atom, Literal):
                return atom
            self._refuse_stranger(operand)
            return self._capture((id(operand.builder), atom), atom.aval, operand)
        aval = aval_of(operand)
        if aval.dtype.kind not in "biufc":
            raise TraceError(
                f"a value of type {type(operand).__name__} met a traced array",
                remedy="numbers and arrays of numbers; whence.numpy.stack for lists",
            )
        if not aval.shape:
            number = operand if aval.weak else np.asarray(operand).item()
            return Literal(number, aval)
        array = np.array(operand)  # a copy: the user may write into the original
        return self._capture(("array", array.tobytes(), aval), aval, array)

    def _capture(self, key: Any, aval: Aval, bound: Any) -> Value:
        """The input bound to something from outside, added when first met."""
        if key not in self._captured:
            value = Value(aval)
            self.inputs.append(value)
            self.bound[value] = bound
            if isinstance(bound, Tracer) and (name := bound.builder.name_of(value)):
                self._names[value] = name
            self._captured[key] = bound, value
        return self._captured[key][1]

    def _refuse_stranger(self, operand: Tracer) -> None:
        """Raise for a tracer of a graph that is finished or no outer one."""
        outer = self.parent
        while outer is not None and outer is not operand.builder:
            outer = outer.parent
        if outer is None or operand.builder.finished:
            raise stranger(operand)

    # --------------------------------------------------------- what is written

    def emit(
        self, primitive: Primitive, operands: Sequence[Atom], params: Mapping[str, Any]
    ) -> Any:
        """Write one equation; returns its result, or the tuple of its results."""
        given = primitive.result(*(x.aval for x in operands), **params)
        avals = given if isinstance(given, tuple) else (given,)
        results = tuple(Value(aval) for aval in avals)
        origin = self.origin or Origin("traced", place())
        self.append(Equation(primitive, tuple(operands), results, origin, params))
        if isinstance(given, tuple):
            return tuple(Tracer(self, y) for y in results)
        return Tracer(self, results[0])

    def append(self, equation: Equation) -> None:
        """Add an equation that refers to values of this graph."""
        self.equations.append(equation)
        for result in equation.results:
            self.made[result] = equation

    def replay(
        self, equation: Equation, known: Mapping[Atom, Atom]
    ) -> tuple[Value, ...]:
        """Write an equation of another graph again, for the reason it was written."""
        operands = tuple(known.get(x, x) for x in equation.operands)
        results = tuple(Value(y.aval) for y in equation.results)
        self.append(
            Equation(
                equation.primitive, operands, results, equation.origin, equation.params
            )
        )
        return results

    def inline(self, graph: Graph, operands: Sequence[Any]) -> tuple[Tracer, ...]:
        """Write all equations of a graph over operands of this one.

        Its values keep their names, and its equations their origins.
        """
        known: dict[Atom, Atom] = {
            x: self.adopt(operand)
            for x, operand in zip(graph.inputs, operands, strict=True)
        }
        for equation in graph.equations:
            results = self.replay(equation, known)
            for old, new in zip(equation.results, results, strict=True):
                known[old] = new
                if old in graph.names:
                    self._names[new] = graph.names[old]
        return tuple(Tracer(self, known.get(y, y)) for y in graph.outputs)

    @contextmanager
    def because(self, origin: Origin) -> Iterator[None]:
        """Give the equations written in this block their origin."""
        before, self.origin = self.origin, origin
        try:
            yield
        finally:
            self.origin = before

    def call_last(self, value: Value, tracer: Tracer) -> None:
        """Let the equation written last make another value than the one it made.

        Args:
            value: What it is to make, known to others already.
            tracer: What it made.
        """
        last = self.equations.pop()
        assert tracer.atom in last.results, "it is the last equation that makes it"
        self.append(
            Equation(last.primitive, last.operands, (value,), last.origin, last.params)
        )

    # ----------------------------------------------------------------- names

    def name(self, atom: Atom, name: str) -> None:
        """Name a value for readers; names are made unique when the graph is closed."""
        if isinstance(atom, Value):
            self._names.setdefault(atom, name)

    def rename(self, atom: Atom, name: str) -> None:
        """Name a value anew, as an assignment does."""
        if isinstance(atom, Value):
            self._names[atom] = name

    def assigned(self, atom: Atom, where: Place) -> None:
        """Remember the place whose source may name a value; asked when closing."""
        if isinstance(atom, Value):
            self._places.setdefault(atom, where)

    def name_of(self, atom: Atom) -> str | None:
        """The name of a value, as far as it is known."""
        if not isinstance(atom, Value):
            return None
        found = self._names.get(atom)
        if found is None and atom in self._places:
            found = self._places[atom].name
        return found

    def finish(self, *outputs: Atom) -> Graph:
        """Close the graph."""
        for value, where in self._places.items():
            if value not in self._names and (name := where.name):
                self._names[value] = name
        self.finished = True
        inputs, equations = tuple(self.inputs), tuple(self.equations)
        values = [*inputs, *(y for e in equations for y in e.results)]
        return Graph(
            inputs, equations, outputs, unique(values, self._names, len(inputs))
        )

    # --------------------------------------------------------------- numbers

    def number(self, atom: Atom) -> Any:
        """The number of a value, computed now, with those it needs and no others.

        Raises:
            TraceError: If an input it needs has no number.
        """
        if isinstance(atom, Literal):
            return filled(atom)
        waiting: list[Value] = [atom]
        while waiting:
            value = waiting[-1]
            if value in self._numbers:
                waiting.pop()
            elif value in self.made:
                self._compute(self.made[value], waiting)
            else:
                self._numbers[value] = self._bound_number(value)
        return self._numbers[atom]

    def _compute(self, equation: Equation, waiting: list[Value]) -> None:
        """Compute an equation, or put what it still needs on the work list."""
        needed = [x for x in equation.operands if isinstance(x, Value)]
        missing = [x for x in needed if x not in self._numbers]
        if missing:
            waiting.extend(missing)
            return
        operands = [
            filled(x) if isinstance(x, Literal) else self._numbers[x]
            for x in equation.operands
        ]
        with np.errstate(all="ignore"):
            result = equation.primitive.reference(*operands, **equation.params)
        results = result if len(equation.results) > 1 else (result,)
        self._numbers.update(zip(equation.results, results, strict=True))

    def _bound_number(self, value: Value) -> Any:
        """The number that an input is bound to, through outer builders."""
        bound = self.bound.get(value)
        if bound is None or isinstance(bound, Unknown):
            name = self._names.get(value)
            what = f"{name} ({value.aval})" if name else str(value.aval)
            raise TraceError(
                f"the program asks for a number that needs {what}, which has none",
                remedy="where(condition, x, y), which keeps both branches in the graph",
            )
        if isinstance(bound, Tracer):
            return bound.builder.number(bound.atom)
        return np.asarray(bound, value.aval.dtype)

    def depends(self, atom: Atom) -> bool:
        """Whether a value depends on an input that the user differentiates by."""
        waiting, seen = [atom], set()
        while waiting:
            x = waiting.pop()
            if x in seen or isinstance(x, Literal):
                continue
            seen.add(x)
            if x in self.made:
                waiting.extend(self.made[x].operands)
                continue
            bound = self.bound.get(x)
            if x in self.moving or (
                isinstance(bound, Tracer) and bound.builder.depends(bound.atom)
            ):
                return True
        return False


def stranger(operand: Tracer) -> TraceError:
    """The error for a traced value that is met outside the function it belongs to."""
    return TraceError(
        f"{operand!r} was made while another function was traced, and is used "
        "after that has ended",
        remedy="return the value from the function instead of keeping it outside",
    )


def unique(
    values: Sequence[Value], names: Mapping[Value, str], first: int
) -> dict[Value, str]:
    """Names made different: inputs keep theirs, a name met again is numbered h1, h2."""
    uses: dict[str, int] = {}
    for value in values:
        if value in names:
            uses[names[value]] = uses.get(names[value], 0) + 1
    taken = {name for name, times in uses.items() if times == 1}
    numbers: dict[str, int] = {}
    found: dict[Value, str] = {}
    for place_, value in enumerate(values):
        name = names.get(value)
        if name is None:
            continue
        if uses[name] > 1 and (place_ >= first or name in taken):
            stem, base = name, numbers.get(name, 0)
            while True:
                base += 1
                name = f"{stem}{'_' if stem[-1:].isdigit() else ''}{base}"
                if name not in taken:
                    break
            numbers[stem] = base
        taken.add(name)
        found[value] = name
    return found


def write(
    primitive: Primitive, operands: Sequence[Any], params: Mapping[str, Any]
) -> Any:
    """Write a primitive into the deepest graph among its operands.

    Without any tracer the primitive's reference computes it. A plain number stands for
    an array like the first tracer.
    """
    tracers = [x for x in operands if isinstance(x, Tracer)]
    if not tracers:
        return primitive.reference(*map(np.asarray, operands), **params)
    builder = tracers[0].builder
    if any(x.builder is not builder for x in tracers):
        builder = max((x.builder for x in tracers), key=lambda b: b.depth)
    elif len(tracers) == len(operands):
        return builder.emit(primitive, [x.atom for x in tracers], params)
    like = tracers[0].aval
    atoms = [
        Literal(x, like) if type(x) in (bool, int, float, complex) else builder.adopt(x)
        for x in operands
    ]
    return builder.emit(primitive, atoms, params)
