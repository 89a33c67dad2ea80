"""Blocks: a program folded at its named values, and the slope of one by another.

    block = blocks(graph, names)[value]     what a named value is made of
    slope(block, x) -> a term               ∂value/∂x, or a map of the cotangent G

An entrywise block has a slope that is a term; any other (a matrix product, a sum,
softmax) sends the cotangent back by a linear map, which is written on the symbol of the
cotangent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whence.core.graph import Equation, Graph, Value
from whence.core.structure import Pointwise
from whence.simplify.read import Reader
from whence.simplify.stops import is_output_form
from whence.simplify.term import Symbol, Term
from whence.transform.forward import linearised
from whence.transform.transpose import transpose


@dataclass(frozen=True)
class Block:
    """A named value and the equations between it and the named values it needs.

    Attributes:
        value: The named value.
        equations: In the order they run, the last making the value.
        operands: The named values it is made of.
        term: Its definition.
        entrywise: Whether each entry comes from the entries at the same place.
    """

    value: Value
    equations: tuple[Equation, ...]
    operands: tuple[Value, ...]
    term: Term
    entrywise: bool


def blocks(
    graph: Graph, names: Mapping[Value, str], symbols: Mapping[Value, Symbol]
) -> dict[Value, Block]:
    """The block of every named value that an equation makes, in order."""
    made = {y: e for e in graph.equations for y in e.results}
    ends = [y for e in graph.equations for y in e.results if y in names]
    ends += [
        y
        for y in graph.outputs
        if isinstance(y, Value) and y in made and y not in names
    ]
    return {y: block(y, made, names, symbols) for y in ends}


def block(
    value: Value,
    made: Mapping[Value, Equation],
    names: Mapping[Value, str],
    symbols: Mapping[Value, Symbol],
) -> Block:
    """The equations of one named value, back to the named values it needs."""
    equations: dict[Equation, None] = {}
    operands: dict[Value, None] = {}
    waiting: list[Value] = [value]
    order = {e: i for i, e in enumerate(made.values())}
    while waiting:
        now = waiting.pop()
        if now is not value and (now in names or now not in made):
            operands[now] = None
        elif made[now] not in equations:
            equations[made[now]] = None
            waiting.extend(x for x in made[now].operands if isinstance(x, Value))
    lines = tuple(sorted(equations, key=order.__getitem__))
    reader = Reader(
        {y: e for e in lines for y in e.results},
        lambda v: v in operands,
        symbols.__getitem__,
    )
    entrywise = all(isinstance(e.primitive.structure, Pointwise) for e in lines)
    return Block(value, lines, tuple(operands), reader.read(value), entrywise)


def slope(
    part: Block, by: Value, symbols: Mapping[Value, Symbol], *, guards: bool = False
) -> tuple[Term, Symbol | None]:
    """The slope of a block by one of its operands.

    Args:
        part: The block.
        by: One of its operands.
        symbols: The symbol of every value.
        guards: Whether conventions at ties are part of it.

    Returns:
        The term; and the symbol of the cotangent that it maps, for a block that is not
        entrywise.
    """
    graph = Graph(part.operands, part.equations, (part.value,))
    forward, _ = linearised(graph, [by])
    seed = 1 if part.entrywise else None
    pulled = transpose(forward, forward.inputs[len(graph.inputs) :], None, seed)
    cotangent = None
    known = dict(symbols)
    if not part.entrywise:
        given = [x for x in pulled.inputs if x not in graph.inputs]
        if given:
            cotangent = Symbol(given[0], part.value.aval.shape, order="~~G")
            known[given[0]] = cotangent
    by_output = is_output_form(part.equations[-1])
    reader = Reader(
        {y: e for e in pulled.equations for y in e.results},
        lambda v: v in part.operands or (v is part.value and by_output),
        known.__getitem__,
        guards=guards,
    )
    return reader.read(pulled.outputs[-1]), cotangent
