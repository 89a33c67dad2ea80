"""Tidying: what a transform leaves behind is swept away.

    tidy(graph) -> a graph with the same outputs, and no line that nobody needs

An equation that is written twice is kept once, where it was first; one that no output
needs goes; a sum with a literal zero, a product with a literal one and a repeated
literal are what they are. Values keep their names and equations their origins. No
identity of mathematics is used here that would need a proof; those are rules.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from whence.core.graph import Atom, Equation, Graph, Literal, Value


def tidy(graph: Graph) -> Graph:
    """Remove lines that are repeated, empty or needless, in linear time."""
    same: dict[Atom, Atom] = {}
    written: dict[Hashable, Equation] = {}
    names = dict(graph.names)
    equations: list[Equation] = []
    for equation in graph.equations:
        line = renewed(equation, same)
        found: tuple[Atom, ...] | None = None
        if (one := folded(line)) is not None:
            found = (one,)
        else:
            key = (line.primitive, line.operands, hashable(line.params))
            earlier = written.setdefault(key, line)
            if earlier is not line:
                found = earlier.results
        if found is None:
            equations.append(line)
            continue
        for old, new in zip(equation.results, found, strict=True):
            same[old] = new
            if old in names and isinstance(new, Value):
                names.setdefault(new, names[old])
    outputs = tuple(same.get(y, y) for y in graph.outputs)
    return living(Graph(graph.inputs, tuple(equations), outputs, names))


def renewed(equation: Equation, same: Mapping[Atom, Atom]) -> Equation:
    """An equation that reads what its operands are the same as."""
    operands = tuple([same.get(x, x) for x in equation.operands])
    if operands == equation.operands:
        return equation
    e = equation
    return Equation(e.primitive, operands, e.results, e.origin, e.params)


def living(graph: Graph) -> Graph:
    """Remove the equations that no output needs, and their names."""
    needed: set[Atom] = set(graph.outputs)
    kept: list[Equation] = []
    for equation in reversed(graph.equations):
        if not needed.isdisjoint(equation.results):
            kept.append(equation)
            needed.update(equation.operands)
    needed.update(graph.inputs, *(e.results for e in kept))
    names = {x: name for x, name in graph.names.items() if x in needed}
    return Graph(graph.inputs, tuple(reversed(kept)), graph.outputs, names)


def folded(equation: Equation) -> Atom | None:
    """What an equation is without computing: an operand, a literal, or None."""
    aval = equation.results[0].aval
    found: Atom | None = None
    match equation.primitive.name, equation.operands:
        case "add", (x, Literal() as y) if is_nothing(y):
            found = x
        case "add", (Literal() as x, y) if is_nothing(x):
            found = y
        case "sub", (x, Literal() as y) if is_nothing(y):
            found = x
        case (("mul" | "div"), (x, Literal(number=1))):
            found = x
        case "mul", (Literal(number=1), x):
            found = x
        case (("broadcast" | "reshape" | "transpose"), (Literal(number=number),)):
            found = Literal(number, aval)
        case (("broadcast" | "reshape" | "convert"), (x,)):
            found = x
        case "neg", (Literal(number=float() | complex() as number),):
            found = Literal(-number, aval)
    return found if found is not None and found.aval == aval else None


def is_nothing(literal: Literal) -> bool:
    """Whether a literal is the zero of a transform, an int; x + 0.0 may change −0.0."""
    return type(literal.number) is int and literal.number == 0


def hashable(param: Any) -> Hashable:
    """A param as a part of a key; graphs and other objects are themselves only."""
    if isinstance(param, Mapping):
        return tuple((k, hashable(v)) for k, v in sorted(param.items()))
    if isinstance(param, (tuple, list)):
        return (type(param), *map(hashable, param))
    if isinstance(param, (int, float, complex)):
        return type(param), repr(param)
    try:
        hash(param)
    except TypeError:
        return id(param)
    return param if isinstance(param, Hashable) else id(param)
