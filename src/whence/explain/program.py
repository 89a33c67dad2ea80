"""The program that runs as NumPy code: where no closed form has all the numbers.

    program(graph, story, speaker, results) -> the lines that compute the gradients

Every value that is used more than once, or has a name, gets a line; the others stand
where they are used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from whence.core.aval import Aval
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.notation import ATOM
from whence.core.structure import Pointwise
from whence.explain.aswritten import line
from whence.explain.derivation import Story
from whence.explain.speaker import Speaker
from whence.explain.writer import Part
from whence.simplify.constant import constant
from whence.transform.tidy import living

LONGEST = 60  # characters; what is longer gets a line of its own


def program(
    graph: Graph, story: Story, speaker: Speaker, results: Sequence[str]
) -> list[str]:
    """The lines that compute the gradients as they run, each under a name."""
    gradients = graph.outputs[1:]
    graph = living(Graph(graph.inputs, graph.equations, gradients, graph.names))
    uses = Counter(x for e in graph.equations for x in e.operands)
    uses.update(gradients)
    fresh = fresh_names(story)
    known: dict[Atom, Part] = {x: (speaker.name(x), ATOM) for x in graph.inputs}
    lines = []
    for equation in graph.equations:
        (y,) = equation.results
        operands = [part(x, equation, known, speaker) for x in equation.operands]
        text, binds = written(equation, operands, speaker)
        if uses[y] > 1 or y in story.names or len(text) > LONGEST:
            name = speaker.name(y) if y in story.names else next(fresh)
            lines.append(f"    {name} = {text}")
            text, binds = name, ATOM
        known[y] = text, binds
    for result, x in zip(results, gradients, strict=True):
        literal = in_shape(x.aval, number(x, speaker)[0]) if is_number(x) else ""
        lines.append(f"    {result} = {literal or known[x][0]}")
    return lines


def is_number(x: Atom) -> TypeGuard[Literal]:
    """Whether an operand is a number of the program."""
    return isinstance(x, Literal)


def fresh_names(story: Story) -> Iterator[str]:
    """Names for values that have none."""
    taken = {*story.names.values(), *story.point}
    return (name for i in range(1, 10**6) if (name := f"t{i}") not in taken)


def part(
    x: Atom, equation: Equation, known: dict[Atom, Part], speaker: Speaker
) -> Part:
    """An operand: as it was written, or a number, filled into an array if need be."""
    if isinstance(x, Value):
        return known[x]
    shown = number(x, speaker)
    if x.aval.shape and not isinstance(equation.primitive.structure, Pointwise):
        return f"np.full({tuple(map(int, x.aval.shape))}, {shown[0]})", ATOM
    return shown


def number(x: Literal, speaker: Speaker) -> Part:
    """A number of the program, all its digits."""
    if isinstance(x.number, bool):
        return str(x.number), ATOM
    return speaker.writer.part(constant(x.number))


def written(equation: Equation, operands: list[Part], speaker: Speaker) -> Part:
    """One operation over operands that are written already."""
    name, (x, *_) = equation.primitive.name, equation.operands
    to = equation.results[0].aval
    if name == "broadcast" and x.aval.shape != to.shape:
        return in_shape(to, operands[0][0]), ATOM
    if name == "convert" and x.aval.dtype != to.dtype:
        return f"np.asarray({operands[0][0]}, np.{to.dtype})", ATOM
    return line(equation, operands, speaker.writer)


def in_shape(aval: Aval, text: str) -> str:
    """A text spread over a shape, which it has not by itself."""
    shape = tuple(map(int, aval.shape))
    return f"np.broadcast_to({text}, {shape})" if shape else text
