"""Forward mode: push tangents through a graph, giving a graph.

Each line of the program is followed by its differential, as one would write it by hand.
The lines of the program are kept as they are, so a value of the program is the same
value in its derivative.

    jvp      (x) -> (y)     becomes     (x, x_dot) -> (y, y_dot), linear in x_dot
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

from whence.core.builder import Builder
from whence.core.errors import DerivativeError
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import (
    Constant,
    Defined,
    Differential,
    Linear,
    Multilinear,
    Partials,
    Primitive,
)
from whence.core.tracer import Tracer
from whence.transform.masks import Masks, follow, under


def jvp(graph: Graph, wrt: Sequence[Value] | None = None) -> Graph:
    """Push tangents forward through a graph.

    A value that no tangent reaches has no differential, and none is written.

    Args:
        graph: A program from inputs x to outputs y.
        wrt: The inputs that move; all that can, if not given.

    Returns:
        A program from (x, x_dot) to (y, y_dot), linear in x_dot. A tangent that is zero
        is a literal.
    """
    return linearised(graph, wrt)[0]


def linearised(
    graph: Graph, wrt: Sequence[Value] | None = None
) -> tuple[Graph, dict[Atom, Atom]]:
    """Push tangents forward, and say which tangent belongs to which value.

    Args:
        graph: A program from inputs x to outputs y.
        wrt: The inputs that move; all that can, if not given.

    Returns:
        The program of ``jvp``, and the tangent of every value that moves.
    """
    builder = Builder(graph)
    pushing = Pushing(builder, graph.names)
    for x in [x for x in graph.inputs if x.aval.moves] if wrt is None else wrt:
        pushing.move(x, builder.input(x.aval, f"{graph.names.get(x, 'x')}_dot"))
    for equation in graph.equations:
        builder.append(equation)
        pushing.push(equation)
    tangents = pushing.tangents
    moved = [
        tangents[y].atom if y in tangents else Literal(0, y.aval) for y in graph.outputs
    ]
    moving = {x: tangent.atom for x, tangent in tangents.items()}
    return builder.finish(*graph.outputs, *moved), moving


class Pushing:
    """Forward mode under way: the tangent of every value that moves, and its mask."""

    def __init__(self, builder: Builder, names: Mapping[Value, str]) -> None:
        self.builder, self.names = builder, names
        self.tangents: dict[Atom, Tracer] = {}
        self.masks: Masks = {}

    def move(self, x: Atom, tangent: Tracer) -> None:
        """Give a value its tangent."""
        self.tangents[x] = tangent
        self.masks.setdefault(tangent.atom, None)

    def push(self, equation: Equation) -> None:
        """Write the differential of one equation, for its results that move."""
        primitive = equation.primitive
        moving = any(x in self.tangents for x in equation.operands)
        if not moving or isinstance(primitive.derivative, Constant):
            return
        if not any(y.aval.moves for y in equation.results):
            return
        with self.builder.because(
            equation.origin.then(f"differential of {primitive.name}")
        ):
            if isinstance(primitive.derivative, Defined):
                self.push_definition(equation)
                return
            start = len(self.builder.equations)
            found = self.differential(equation)
            follow(self.builder, start, self.masks)
        for y, tangent in zip(equation.results, found, strict=True):
            if tangent is not None:
                self.move(y, tangent)
                if y in self.names:
                    self.builder.name(tangent.atom, f"{self.names[y]}_dot")

    def differential(self, equation: Equation) -> Sequence[Tracer | None]:
        """Write the tangents of the results, from those of the operands that move."""
        primitive, params = equation.primitive, equation.params
        operands = [Tracer(self.builder, x) for x in equation.operands]
        dots = tuple(self.tangents.get(x) for x in equation.operands)
        moves = [(i, dot) for i, dot in enumerate(dots) if dot is not None]
        match primitive.derivative:
            case Linear():
                given = [
                    self.resting(x) if dot is None else dot
                    for x, dot in zip(operands, dots, strict=True)
                ]
                return [primitive(*given, **params)]
            case Multilinear():
                terms = [
                    self.term(
                        primitive,
                        primitive(*operands[:i], dot, *operands[i + 1 :], **params),
                        dot,
                    )
                    for i, dot in moves
                ]
            case Partials(rule):
                (y,) = equation.results
                partials = rule(Tracer(self.builder, y), *operands, **params)
                terms = [
                    self.term(primitive, (p() if callable(p) else p) * dot, dot)
                    for p, dot in ((partials[i], dot) for i, dot in moves)
                    if p is not None
                ]
            case Differential(rule):
                results = tuple(Tracer(self.builder, y) for y in equation.results)
                y_or_ys = results if len(results) > 1 else results[0]
                out = rule(y_or_ys, tuple(operands), dots, **params)
                return out if isinstance(out, tuple) else (out,)
            case _:
                raise no_derivative(equation)
        return [reduce(add, terms) if terms else None]

    def resting(self, x: Tracer) -> Tracer:
        """The tangent of an operand without one: zero, or an index as it is."""
        return Tracer(self.builder, Literal(0, x.aval)) if x.aval.moves else x

    def term(self, primitive: Primitive, product: Tracer, dot: Tracer) -> Tracer:
        """One term of a differential, under the strong zeros of its tangent."""
        return under(self.masks.get(dot.atom), product, primitive)

    def push_definition(self, equation: Equation) -> None:
        """Differentiate an operation through its definition, written out for that."""
        primitive, builder = equation.primitive, self.builder
        assert primitive.definition is not None
        inner = Builder(parent=builder)
        operands = [inner.input(x.aval, "") for x in equation.operands]
        with inner.because(equation.origin.then(f"definition of {primitive.name}")):
            result = primitive.definition(*operands, **equation.params)
        outputs = result if isinstance(result, tuple) else (result,)
        graph = inner.finish(*(y.atom for y in outputs))
        known: dict[Atom, Atom] = dict(
            zip(graph.inputs, equation.operands, strict=True)
        )
        for line in graph.equations:
            known.update(zip(line.results, builder.replay(line, known), strict=True))
            self.push(builder.equations[-1])
        for y, output in zip(equation.results, graph.outputs, strict=True):
            if (found := self.tangents.get(known.get(output, output))) is not None:
                self.move(y, found)


def no_derivative(equation: Equation) -> DerivativeError:
    """The error for an operation whose derivative is not provided."""
    primitive = equation.primitive
    reason = getattr(primitive.derivative, "reason", "no form of it is declared")
    return DerivativeError(
        f"{primitive.name} has no derivative here: {reason}",
        remedy="whence.custom_derivative to give it one, or stop_gradient around it",
        where=str(equation.origin.where),
    )
