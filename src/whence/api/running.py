"""Run a graph on what its inputs stand for, wherever that is.

    run(graph, bound) -> the outputs

Where an input stands for a value of an outer graph, the graph is written into that one
and its outputs are traced values; else it is evaluated, and they are NumPy's own
numbers and arrays, which belong to the caller alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from whence.core.evaluate import evaluate
from whence.core.graph import Graph
from whence.core.tracer import Tracer


def run(graph: Graph, bound: Sequence[Any]) -> list[Any]:
    """Evaluate a graph, or write it into the deepest graph its inputs belong to."""
    tracers = [x for x in bound if isinstance(x, Tracer)]
    if tracers:
        builder = max((x.builder for x in tracers), key=lambda b: b.depth)
        return list(builder.inline(graph, bound))
    pairs = zip(graph.inputs, bound, strict=True)
    arrays = [np.asarray(x, value.aval.dtype) for value, x in pairs]
    return owned(evaluate(graph, arrays), arrays)


def owned(results: Sequence[np.ndarray], arrays: Sequence[np.ndarray]) -> list[Any]:
    """Results that share no memory with an argument, a constant, or each other."""
    taken = {id(x) for x in arrays}
    found: list[Any] = []
    for y in results:
        if not y.shape:
            found.append(y[()])
            continue
        fresh = y.base is None and y.flags.writeable and id(y) not in taken
        taken.add(id(y))
        found.append(y if fresh else np.array(y))
    return found
