"""Reverse mode: forward mode, transposed.

Reverse mode is not a second set of rules, so the two modes cannot disagree:

    vjp     (x) -> (y)     becomes     (x, y_bar) -> (y, x_bar)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whence.core.graph import Graph, Value
from whence.transform.forward import jvp
from whence.transform.transpose import Each, reached, transpose


def vjp(
    graph: Graph,
    wrt: Sequence[Value] | None = None,
    each: Each | None = None,
    seed: float | None = None,
) -> Graph:
    """Pull cotangents back through a graph.

    Args:
        graph: A program from inputs x to outputs y.
        wrt: The inputs that move; all that can, if not given.
        each: See ``transpose``: what to do with each complete cotangent.
        seed: The cotangent of every output, if it is a number known now.

    Returns:
        A program from (x, y_bar) to (y, x_bar), with a y_bar for each output, which is
        not read if the output rests; from x alone if there is a seed.
    """
    return pulled_back(graph, jvp(graph, wrt), each, seed)


def pulled_back(
    graph: Graph, forward: Graph, each: Each | None = None, seed: float | None = None
) -> Graph:
    """The program of ``vjp``, from the program of ``jvp``.

    Args:
        graph: The program.
        forward: What ``jvp`` made of it.
        each: See ``transpose``.
        seed: The cotangent of every output, if it is a number known now.
    """
    dots = forward.inputs[len(graph.inputs) :]
    backward = transpose(forward, dots, each, seed)
    main = len(graph.outputs)
    bars_out = backward.outputs[len(backward.outputs) - len(dots) :]
    backward = replace(backward, outputs=(*backward.outputs[:main], *bars_out))
    if seed is not None:
        return backward
    moving = reached(forward, dots)
    bars = iter(backward.inputs[len(graph.inputs) :])
    tangents = forward.outputs[len(graph.outputs) :]
    every = [next(bars) if t in moving else Value(t.aval) for t in tangents]
    return replace(backward, inputs=(*graph.inputs, *every))
