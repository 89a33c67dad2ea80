"""Reverse mode: forward mode, transposed.

Reverse mode is not a second set of rules, so the two modes cannot disagree:

    vjp     (x) -> (y)     becomes     (x, y_bar) -> (y, x_bar)
"""

from __future__ import annotations

from collections.abc import Sequence

from whence.core.graph import Graph, Value
from whence.transform.forward import jvp
from whence.transform.transpose import Each, transpose


def vjp(
    graph: Graph, wrt: Sequence[Value] | None = None, each: Each | None = None
) -> Graph:
    """Pull cotangents back through a graph.

    Args:
        graph: A program from inputs x to outputs y.
        wrt: The inputs that move; all that can, if not given.
        each: See ``transpose``: what to do with each complete cotangent.

    Returns:
        A program from (x, y_bar) to (y, x_bar), with a y_bar for each output that moves.
    """
    forward = jvp(graph, wrt)
    return transpose(forward, forward.inputs[len(graph.inputs) :], each)
