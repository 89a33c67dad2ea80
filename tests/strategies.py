"""What tests of every floor share: records with inputs from their domains, and numbers.

Nothing here names an operation. A case is a record with one of its examples; ``drawn``
gives it inputs inside its domain, and ``program`` makes it a graph.
"""

from dataclasses import dataclass, replace

import numpy as np

import whence.ops  # noqa: F401 - makes every operation known
from whence.core.aval import aval_of
from whence.core.builder import Builder
from whence.core.graph import Graph
from whence.core.primitive import PRIMITIVES, Constant, Example, NoDerivative, Primitive
from whence.transform.forward import jvp
from whence.transform.reverse import vjp


@dataclass(frozen=True)
class Case:
    """One record with one of its examples."""

    primitive: Primitive
    example: Example

    def __str__(self):
        shapes = "x".join(
            "·".join(map(str, s)) or "scalar" for s in self.example.shapes
        )
        params = ",".join(f"{k}={v}" for k, v in self.example.params.items())
        return f"{self.primitive}-{shapes}-{params}".replace(" ", "")


def examples_of(primitive):
    """The examples of a record; by default a vector for each operand."""
    return primitive.examples or (Example(((3,),) * len(primitive.domain)),)


CASES = [Case(p, e) for p in PRIMITIVES.values() for e in examples_of(p)]


def moves(case):
    """Whether the result of a case has a derivative to be tested."""
    rests = isinstance(case.primitive.derivative, (Constant, NoDerivative))
    return not rests and any(x.dtype.kind == "f" for x in drawn(case))


MOVING = []  # filled below, when drawn is known


def inside(interval, shape, rng):
    """Numbers well inside an open interval."""
    low, high = interval
    if np.isfinite(low) and np.isfinite(high):
        width = high - low
        return rng.uniform(low + 0.1 * width, high - 0.1 * width, shape)
    if np.isfinite(low):
        return low + rng.uniform(0.3, 2.0, shape)
    return rng.uniform(-2.0, 2.0, shape)


def drawn(case, seed=0):
    """Inputs of a case, from the domain of its record."""
    rng = np.random.default_rng(seed)
    arrays = []
    for i, shape in enumerate(case.example.shapes):
        dtypes, domain = case.example.dtypes, case.primitive.domain
        dtype = np.dtype(dtypes[i] if i < len(dtypes) else "float64")
        if i in case.example.fixed:
            arrays.append(np.asarray(case.example.fixed[i]))
        elif dtype.kind == "b":
            arrays.append(rng.uniform(size=shape) < 0.5)
        elif dtype.kind in "iu":
            arrays.append(rng.integers(0, 3, shape, dtype))
        else:
            interval = domain[min(i, len(domain) - 1)]
            arrays.append(np.asarray(inside(interval, shape, rng), dtype))
    return arrays


def recorded(function, *arrays):
    """The graph of a function of arrays, and the arrays that it captured.

    The inputs of the graph are x0, x1, … and, behind them, what was captured.
    """
    builder = Builder()
    inputs = [
        builder.input(aval_of(np.asarray(x)), f"x{i}", np.asarray(x))
        for i, x in enumerate(arrays)
    ]
    result = function(*inputs)
    results = result if isinstance(result, (tuple, list)) else (result,)
    graph = builder.finish(*(y.atom for y in results))
    return graph, [builder.bound[x] for x in graph.inputs[len(arrays) :]]


def traced(function, *arrays) -> Graph:
    """The graph of a function of arrays that captures none."""
    graph, captured = recorded(function, *arrays)
    assert not captured, f"{len(captured)} arrays were captured"
    return graph


def program(case) -> Graph:
    """The graph of one equation that a case is."""
    params = case.example.params
    return traced(lambda *x: case.primitive(*x, **params), *drawn(case))


def directions(arrays, seed=1):
    """A direction for every array that can move."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=x.shape) for x in arrays if x.dtype.kind == "f"]


def shifted(arrays, along, by):
    """Arrays moved by a step along directions."""
    steps = iter(along)
    return [x + by * next(steps) if x.dtype.kind == "f" else x for x in arrays]


def differences(function, arrays, along, step=1e-3):
    """Central differences of the sixth order of outputs, along directions."""
    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    total = None
    for k, weight in weights.items():
        up = function(*shifted(arrays, along, k * step))
        down = function(*shifted(arrays, along, -k * step))
        part = [weight * (u - d) / step for u, d in zip(up, down, strict=True)]
        total = (
            part if total is None else [a + b for a, b in zip(total, part, strict=True)]
        )
    return total


def inner(xs, ys):
    """The inner product of two lists of arrays."""
    return sum(float(np.sum(x * y)) for x, y in zip(xs, ys, strict=True))


def close(found, wanted, rtol, scale=0.0):
    """Whether arrays agree relative to their size."""
    size = max(scale, *(float(np.max(np.abs(w), initial=0)) for w in wanted), 1e-300)
    return all(
        f.shape == w.shape and np.max(np.abs(f - w), initial=0) <= rtol * max(size, 1.0)
        for f, w in zip(found, wanted, strict=True)
    )


MOVING.extend(case for case in CASES if moves(case))


def gradient(function, *arrays):
    """The gradient of a function of arrays, summed over its result, in reverse mode."""
    graph, captured = recorded(function, *map(np.asarray, arrays))
    bars = [np.ones(y.aval.shape) for y in graph.outputs]
    wrt = graph.inputs[: len(arrays)]
    return vjp(graph, wrt)(*arrays, *captured, *bars)[len(graph.outputs) :]


def slopes(function, x):
    """First and second derivatives of an entrywise function, in the ways there are.

    Returns:
        The derivative by both modes, and the second one by all four nestings.
    """
    x = np.asarray(x, float)
    graph = traced(function, x)
    ones = np.ones_like(x)

    def forward(graph):
        pushed = jvp(graph, graph.inputs[:1])
        return replace(pushed, outputs=pushed.outputs[-1:])

    def reverse(graph):
        pulled = vjp(graph, graph.inputs[:1])
        return replace(pulled, outputs=pulled.outputs[-1:])

    first = [mode(graph) for mode in (forward, reverse)]
    second = [mode(once) for once in first for mode in (forward, reverse)]
    return [g(x, ones) for g in first], [g(x, ones, ones) for g in second]
