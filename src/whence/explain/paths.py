"""Paths: what each way from an input to the output contributes to the derivative.

    paths(graph, x, …) -> one Path for each, together exactly the derivative

A path follows one operand of each equation. Its contribution is the product of the
slopes along it, pulled back by the same transposes that reverse mode uses, before
anything cancels between paths; each path's own product is simplified by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from whence.core.builder import Builder
from whence.core.graph import Equation, Graph, Literal, Value
from whence.core.primitive import Constant
from whence.core.tracer import Tracer
from whence.explain.derivation import Path
from whence.explain.naming import named_again
from whence.explain.numbers import Sample
from whence.simplify.cost import cost
from whence.simplify.read import Reader
from whence.simplify.search import shortened
from whence.simplify.term import App, Symbol, Term, add
from whence.transform.forward import linearised
from whence.transform.transpose import reached, transpose

MOST = 8  # paths; where there are more, none is listed
Step = tuple[Equation, int]  # an equation, and which of its operands the path takes


def paths(
    graph: Graph,
    by: Value,
    names: Mapping[Value, str],
    symbols: Mapping[Value, Symbol],
    point: Sample,
    *,
    guards: bool = False,
) -> tuple[Path, ...]:
    """The contribution of every path, where there are several and not too many."""
    ways = ways_between(graph, by)
    if not 1 < len(ways) <= MOST:
        return ()
    contributions = [
        contribution(graph, way, names, symbols, guards=guards) for way in ways
    ]
    numbers = [np.broadcast_to(point.of(c), by.aval.shape) for c in contributions]
    with np.errstate(invalid="ignore"):  # paths may be infinite, their sum is not
        total = np.sum(numbers, axis=0)
    square = float(np.vdot(total, total))
    common = set.intersection(*(values_of(way) for way in ways))
    found: dict[Term | str, Path] = {}
    for way, form, number in zip(ways, contributions, numbers, strict=True):
        label = through(way, common, graph, names, symbols)
        share = float(np.vdot(number, total)) / square if square else float("nan")
        if label in found:
            known = found[label]
            both = shortened(add(known.form, form))
            path = Path(label, both, known.number + number, known.share + share)
        else:
            path = Path(label, form, number, share)
        found[label] = path
    return tuple(found.values()) if len(found) > 1 else ()


def ways_between(graph: Graph, by: Value) -> list[list[Step]]:
    """Every path from the output back to an input; stops when there are too many."""
    moving = reached(graph, [by])
    made = {y: e for e in graph.equations for y in e.results}
    (output,) = graph.outputs[:1]
    found: list[list[Step]] = []
    waiting: list[tuple[Any, list[Step]]] = [(output, [])]
    while waiting and len(found) <= MOST and len(waiting) <= 4 * MOST:
        now, way = waiting.pop()
        if now is by:
            found.append(way)
            continue
        equation = made.get(now)
        if equation is None or isinstance(equation.primitive.derivative, Constant):
            continue
        for i in reversed(range(len(equation.operands))):
            x = equation.operands[i]
            if x in moving and x.aval.moves:
                waiting.append((equation.operands[i], [*way, (equation, i)]))
    return found if not waiting else found + [[]] * (MOST + 1)


def values_of(way: list[Step]) -> set[Value]:
    """The values that a path passes through."""
    return {e.results[0] for e, _ in way}


def contribution(
    graph: Graph,
    way: list[Step],
    names: Mapping[Value, str],
    symbols: Mapping[Value, Symbol],
    *,
    guards: bool,
) -> Term:
    """The closed form of one path."""
    values = tuple(graph.values())
    builder = Builder(Graph(values, (), (), graph.names))
    cotangent: Any = Literal(1, graph.outputs[0].aval)
    for equation, i in way:
        pulled = pull_one(equation, i)
        operands = [*equation.operands, cotangent]
        cotangent = builder.inline(pulled, [as_tracer(builder, x) for x in operands])[
            -1
        ].atom
    definitions = {y: e for e in graph.equations for y in e.results}
    reader = Reader(
        {**definitions, **builder.made},
        lambda v: v in names,
        symbols.__getitem__,
        guards=guards,
    )
    meanings = {
        symbols[v]: defined(v, definitions, names, symbols)
        for v in names
        if v in definitions
    }
    return shortened(named_again(reader.read(cotangent), meanings))


def defined(
    value: Value,
    made: Mapping[Value, Equation],
    names: Mapping[Value, str],
    symbols: Mapping[Value, Symbol],
) -> Term:
    """The definition of a named value over the named values it needs."""
    reader = Reader(made, lambda v: v in names, symbols.__getitem__)
    for x in made[value].operands:
        reader.read(x)
    return reader.line(made[value])


def as_tracer(builder: Builder, atom: Any) -> Any:
    """An atom as an operand of a builder."""
    return Tracer(builder, atom)


def pull_one(equation: Equation, operand: int) -> Graph:
    """The vjp of one equation by one operand: (operands, y_bar) -> x_bar."""
    inputs = tuple(Value(x.aval) for x in equation.operands)
    result = Value(equation.results[0].aval)
    line = Equation(
        equation.primitive, inputs, (result,), equation.origin, equation.params
    )
    graph = Graph(inputs, (line,), (result,))
    forward, _ = linearised(graph, [inputs[operand]])
    pulled = transpose(forward, forward.inputs[len(inputs) :])
    order = [*inputs, *(x for x in pulled.inputs if x not in inputs)]
    return Graph(tuple(order), pulled.equations, pulled.outputs[-1:], {})


def through(
    way: list[Step],
    common: set[Value],
    graph: Graph,
    names: Mapping[Value, str],
    symbols: Mapping[Value, Symbol],
) -> Term | str:
    """The term by which a reader tells a path from the others."""
    made = {y: e for e in graph.equations for y in e.results}
    reader = Reader(made, lambda v: v in names, symbols.__getitem__)
    own = [e.results[0] for e, _ in reversed(way) if e.results[0] not in common]
    terms = [symbols[v] if v in names else reader.read(v) for v in own]
    for x in terms:
        if isinstance(x, (App, Symbol)):
            return x
    if terms:
        return min(terms, key=cost)
    equation, i = way[-1]
    if len(equation.operands) == 1:
        return str(equation.primitive)
    slots = SLOTS.get(equation.primitive.name, ())
    return slots[i] if i < len(slots) else f"operand {i + 1} of {equation.primitive}"


SLOTS = {
    "div": ("the numerator", "the denominator"),
    "power": ("the base", "the exponent"),
    "mul": ("the first factor", "the second factor"),
    "contract": ("the left factor", "the right factor"),
    "add": ("the first term", "the second term"),
    "sub": ("the first term", "what is taken away"),
    "maximum": ("the first side", "the second side"),
    "minimum": ("the first side", "the second side"),
    "select": ("the condition", "the first branch", "the second branch"),
}
