"""Transposition: read a linear program backwards.

A linear function has exactly one transpose, so what sends tangents forward also says
how cotangents come back:

    transpose    x_dot -> y_dot    becomes    y_bar -> x_bar

The part of the program that the linear inputs do not reach is kept as it is. Each
cotangent may be simplified the moment it is complete, by a function that the caller
gives; this module knows no rule of algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import Linear
from whence.core.tracer import Tracer
from whence.transform.masks import Masks, follow, joined, under

# (the graph being written, a complete cotangent, whose) -> what to use instead
Each = Callable[[Builder, Tracer, Value], Tracer]


def transpose(
    graph: Graph,
    linear: Sequence[Value],
    each: Each | None = None,
    seed: float | None = None,
) -> Graph:
    """Reverse the part of a graph that its linear inputs reach.

    Args:
        graph: A program that is linear in some of its inputs.
        linear: Those inputs.
        each: Called with every complete cotangent; returns what to use instead.
        seed: The cotangent of every output, if it is a number known now.

    Returns:
        A program from the other inputs, and a cotangent for each output that moves
        unless there is a seed, to the outputs that rest, and a cotangent for each
        linear input.
    """
    moving = reached(graph, linear)
    rest = tuple(x for x in graph.inputs if x not in moving)
    builder = Builder(Graph(rest, (), (), graph.names))
    for equation in graph.equations:
        if equation.results[0] not in moving:
            builder.append(equation)
    pulling = Pulling(builder, graph, moving, each)
    for output in graph.outputs:
        if isinstance(output, Value) and output in moving:
            name = bar(graph.names.get(output, "y"))
            y_bar = (
                builder.input(output.aval, name)
                if seed is None
                else builder.literal(seed, output.aval)
            )
            pulling.send(y_bar, output)
    for equation in reversed(graph.equations):
        if equation.results[0] in pulling.cotangents:
            pulling.pull(equation)
    bars = [pulling.completed(x) for x in linear]
    return builder.finish(*(y for y in graph.outputs if y not in moving), *bars)


def all_bars(graph: Graph, linear: Sequence[Value]) -> Graph:
    """Transpose a graph whose outputs are all cotangents or tangents.

    There is an input for the cotangent of every output; of one that rests it is not
    read. The outputs are the cotangents of ``linear`` alone.
    """
    backward = transpose(graph, linear)
    moving = reached(graph, linear)
    rest = len(graph.inputs) - len(linear)
    bars = iter(backward.inputs[rest:])
    every = [next(bars) if y in moving else Value(y.aval) for y in graph.outputs]
    inputs = (*backward.inputs[:rest], *every)
    outputs = backward.outputs[len(backward.outputs) - len(linear) :]
    return replace(backward, inputs=inputs, outputs=outputs)


class Pulling:
    """Transposition under way: the cotangent and mask of every value that moves."""

    def __init__(
        self, builder: Builder, graph: Graph, moving: set[Any], each: Each | None
    ) -> None:
        self.builder, self.graph, self.moving, self.each = builder, graph, moving, each
        self.cotangents: dict[Atom, Tracer] = {}
        self.masks: Masks = {}

    def send(self, cotangent: Tracer, to: Atom) -> None:
        """Add a cotangent to those that a value has received already."""
        self.masks.setdefault(cotangent.atom, None)
        earlier = self.cotangents.get(to)
        if earlier is not None:
            mask = joined(self.masks[earlier.atom], self.masks[cotangent.atom])
            cotangent = earlier + cotangent
            self.masks[cotangent.atom] = mask
        self.cotangents[to] = cotangent

    def completed(self, value: Value) -> Atom:
        """The whole cotangent of a value, simplified and named."""
        if value not in self.cotangents:
            return Literal(0, value.aval)
        cotangent = self.cotangents[value]
        if self.each is not None:
            mask = self.masks.get(cotangent.atom)
            cotangent = self.each(self.builder, cotangent, value)
            self.masks.setdefault(cotangent.atom, mask)
            self.cotangents[value] = cotangent
        if value in self.graph.names:
            self.builder.name(cotangent.atom, bar(self.graph.names[value]))
        return cotangent.atom

    def pull(self, equation: Equation) -> None:
        """Send the cotangent of an equation's result to the operands that move."""
        primitive, builder = equation.primitive, self.builder
        (y,) = equation.results
        with builder.because(equation.origin.then(f"transpose of {primitive.name}")):
            y_bar = Tracer(builder, self.completed(y))
            operands = [Tracer(builder, x) for x in equation.operands]
            rules = primitive.transposes(len(operands))
            for x, rule in zip(equation.operands, rules, strict=True):
                if x not in self.moving:
                    continue
                assert rule, f"{primitive.name} is not linear in one of its tangents"
                start = len(builder.equations)
                x_bar = rule(y_bar, *operands, **equation.params)
                if not isinstance(primitive.derivative, Linear):
                    x_bar = under(self.masks[y_bar.atom], x_bar, primitive)
                follow(builder, start, self.masks)
                self.send(x_bar, x)


def reached(graph: Graph, inputs: Sequence[Value]) -> set[Any]:
    """The values of a graph that depend on some of its inputs."""
    values: set[Any] = set(inputs)
    for equation in graph.equations:
        if not values.isdisjoint(equation.operands):
            values.update(equation.results)
    return values


def bar(name: str) -> str:
    """The name of a cotangent: that of x, or of its tangent x_dot, is x_bar."""
    return f"{name.removesuffix('_dot')}_bar"
