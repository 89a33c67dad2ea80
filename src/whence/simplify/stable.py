"""The form that runs: logarithms of probabilities, taken before they round to 0 or 1.

    stable(graph) -> the same program, with each repair logged

    log(sigmoid(z))      ->  -softplus(-z)
    log(1 - sigmoid(z))  ->  -softplus(z)
    log(softmax(q))      ->  log_softmax(q)
    log(softmax(q)[c])   ->  log_softmax(q)[c]

A derivation keeps the short form; what runs is finite wherever the mathematics is. Each
is a repair: equal in the reals, and defined where the left side has lost its digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import named
from whence.core.tracer import Tracer


@dataclass(frozen=True)
class Repair:
    """One equation written in a stable form.

    Attributes:
        value: What it makes.
        rule: The name of the repair.
    """

    value: Value
    rule: str


def stable(graph: Graph) -> tuple[Graph, list[Repair]]:
    """Write a program so that logarithms of probabilities keep their digits."""
    made = {y: e for e in graph.equations for y in e.results}
    if not any(e.primitive.name == "log" for e in graph.equations):
        return graph, []
    builder = Builder(graph)
    repairs: list[Repair] = []
    for equation in graph.equations:
        repair = repaired(equation, made, builder)
        if repair is None:
            builder.append(equation)
            continue
        rule, tracer = repair
        last = builder.equations.pop()
        assert tracer.atom in last.results, "a repaired value is written last"
        results = equation.results
        builder.append(
            Equation(last.primitive, last.operands, results, last.origin, last.params)
        )
        repairs.append(Repair(equation.results[0], rule))
    return (builder.finish(*graph.outputs), repairs) if repairs else (graph, [])


def repaired(
    equation: Equation, made: Mapping[Value, Equation], builder: Builder
) -> tuple[str, Tracer] | None:
    """The stable form of a logarithm, written; None where it is stable already."""
    if equation.primitive.name != "log":
        return None
    (x,) = equation.operands
    maker = maker_of(x, made)
    if maker is None:
        return None
    with builder.because(equation.origin.then("stable logarithm")):
        return of_maker(maker, made, builder)


def of_maker(
    maker: Equation, made: Mapping[Value, Equation], builder: Builder
) -> tuple[str, Tracer] | None:
    """The logarithm of what an equation makes, by what it is."""
    name = maker.primitive.name
    operands = [Tracer(builder, x) for x in maker.operands]
    if name == "sigmoid":
        return "log1p", -named("softplus")(-operands[0])
    if name == "softmax":
        return "max-shift", named("log_softmax")(operands[0], **maker.params)
    if name == "sub" and is_one(maker.operands[0]):
        inner = maker_of(maker.operands[1], made)
        if inner is not None and inner.primitive.name == "sigmoid":
            z = Tracer(builder, inner.operands[0])
            return "complement", -named("softplus")(z)
    if name == "getitem":
        whole = maker_of(maker.operands[0], made)
        if whole is not None and whole.primitive.name == "softmax":
            q = Tracer(builder, whole.operands[0])
            rows = named("log_softmax")(q, **whole.params)
            return "max-shift", named("getitem")(rows, *operands[1:], **maker.params)
    return None


def maker_of(x: Atom, made: Mapping[Value, Equation]) -> Equation | None:
    """The equation that makes an operand, if one does."""
    return made.get(x) if isinstance(x, Value) else None


def is_one(x: Atom) -> bool:
    """Whether an operand is the number 1."""
    return isinstance(x, Literal) and x.number == 1
