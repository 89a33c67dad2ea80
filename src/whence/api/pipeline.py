"""From a traced program to the derivative that runs: every derivative takes this way.

    differentiated(graph, wrt)    (x) -> (y)    becomes    (x, y_bar) -> (y, x_bar)
    pushed(graph, wrt)            (x) -> (y)    becomes    (x, x_dot) -> (y, y_dot)

A derivation is told by the same engine, ``simplify.derive``, without the choices that
hold conventions at single points; it has to agree with this program in numbers.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from whence.core.graph import Graph, Value
from whence.simplify.running import known, shortest
from whence.simplify.stable import stable
from whence.transform import forward, reverse
from whence.transform.tidy import tidy


def differentiated(
    graph: Graph,
    wrt: Sequence[Value],
    *,
    recognise: bool = True,
    seed: float | None = None,
    aux: int = 0,
) -> Graph:
    """Pull cotangents back through a program, ready to run.

    Args:
        graph: The program as it was written.
        wrt: The inputs that move.
        recognise: Whether known functions in the program are replaced by themselves.
        seed: The cotangent of every output, if it is a number known now.
        aux: How many of the last outputs are passed on without a cotangent.

    Returns:
        A program from the inputs, and a cotangent for each output that moves unless
        there is a seed, to the outputs, a cotangent for each of ``wrt``, the rest.
    """
    main = len(graph.outputs) - aux
    apart = replace(graph, outputs=graph.outputs[:main])
    with uncollected():
        way = shortest if recognise and not is_complex(graph) else as_written
        derivative = way(apart, wrt, seed)
        outputs = (*derivative.outputs, *graph.outputs[main:])
        return tidy(replace(derivative, outputs=outputs))


def pushed(graph: Graph, wrt: Sequence[Value], *, recognise: bool = True) -> Graph:
    """Push tangents forward through a program, ready to run.

    Returns:
        A program from the inputs, and a tangent for each of ``wrt``, to the outputs and
        the tangent of each.
    """
    with uncollected():
        known_functions = recognise and not is_complex(graph)
        ready = stable(known(graph))[0] if known_functions else graph
        return tidy(forward.jvp(ready, wrt))


def is_complex(graph: Graph) -> bool:
    """Whether there are complex numbers in a program: algebra is of real ones."""
    results = (y for e in graph.equations for y in e.results)
    return any(y.aval.dtype.kind == "c" for y in (*graph.inputs, *results))


def as_written(graph: Graph, wrt: Sequence[Value], seed: float | None) -> Graph:
    """The derivative of a program as it is written, nothing simplified."""
    return reverse.vjp(graph, wrt, seed=seed)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python's collector from walking a growing graph again and again.

    A transform runs no code of the user, and makes no garbage in cycles.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
