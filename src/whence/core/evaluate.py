"""Run a graph on numbers, equation by equation: slow, simple, and the truth.

    evaluate(graph, arrays) -> the outputs, as NumPy arrays

Every backend must agree with this one. Warnings of floating point are silent here: a
derivative may pass through an inf that a strong zero removes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from whence.core.graph import Atom, Graph, Literal, Value


def filled(literal: Literal) -> np.ndarray:
    """The array that a literal stands for, without storing its entries."""
    entry = np.asarray(literal.number, literal.aval.dtype)
    return np.broadcast_to(entry, literal.aval.shape) if literal.aval.shape else entry


def evaluate(graph: Graph, arrays: Sequence[Any]) -> tuple[np.ndarray, ...]:
    """Run a graph by the reference of each primitive.

    Args:
        graph: Any graph that ``check`` accepts.
        arrays: One for each input, of its shape.

    Returns:
        One array for each output.
    """
    numbers: dict[Atom, Any] = dict(zip(graph.inputs, arrays, strict=True))
    last = last_uses(graph)

    def read(atom: Atom) -> Any:
        return filled(atom) if isinstance(atom, Literal) else numbers[atom]

    with np.errstate(all="ignore"):
        for equation in graph.equations:
            operands = [read(x) for x in equation.operands]
            result = equation.primitive.reference(*operands, **equation.params)
            if len(equation.results) == 1:
                numbers[equation.results[0]] = result
            else:
                numbers.update(zip(equation.results, result, strict=True))
            for value in last.get(equation, ()):
                numbers.pop(value, None)
    return tuple(np.asarray(read(y)) for y in graph.outputs)


def last_uses(graph: Graph) -> dict[Any, list[Value]]:
    """The values that are read for the last time by each equation, which frees them."""
    kept = set(graph.outputs)
    seen: set[Atom] = set()
    uses: dict[Any, list[Value]] = {}
    for equation in reversed(graph.equations):
        for x in equation.operands:
            if isinstance(x, Value) and x not in seen and x not in kept:
                seen.add(x)
                uses.setdefault(equation, []).append(x)
    return uses
