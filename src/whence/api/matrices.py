"""Whole matrices of derivatives: the Jacobian, and the Hessian.

    jacobian(f)(x)    every output by every input, of shape y.shape + x.shape
    hessian(f)(x)     the Jacobian of the gradient, of shape x.shape + x.shape

The function is recorded and transformed once. The graph then runs once for each basis
vector of the smaller side: forward for each input, or in reverse for each output. For
products with vectors, ``jvp``, ``vjp`` and ``hvp`` form no matrix.

    >>> import numpy as np
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from whence.api import directions
from whence.api.arguments import Wrt, given
from whence.api.function import Derivative, function_of, which
from whence.api.kept import prepared
from whence.api.recording import Recording
from whence.api.running import run
from whence.core.aval import Aval
from whence.core.graph import Graph
from whence.core.tracer import Tracer


def jacobian(
    f: Callable[..., Any] | str,
    wrt: Wrt = None,
    *,
    recognise: bool = True,
    argnums: Wrt = None,
) -> Derivative:
    """The derivative of every output by every input.

    Args:
        f: A Python function, or a formula.
        wrt: See ``grad``.
        recognise: See ``grad``.
        argnums: The same as wrt.

    Returns:
        A function of the same arguments. For one array in and one out it gives an array
        of shape y.shape + x.shape. A container as output gives such a container, and in
        the place of each array one like the argument.
    """
    return Derivative(_jacobian, function_of(f), which(wrt, argnums), False, recognise)


def hessian(
    f: Callable[..., Any] | str,
    wrt: Wrt = None,
    *,
    recognise: bool = True,
    argnums: Wrt = None,
) -> Derivative:
    """The second derivatives of a function with one output: forward over reverse.

    Args:
        f: A Python function with a real number as its output, or a formula.
        wrt: See ``grad``.
        recognise: See ``grad``.
        argnums: The same as wrt.

    Returns:
        A function of the same arguments: of shape x.shape + x.shape for one array. A
        container gives a container of rows, and in the place of each one like itself.
    """
    return Derivative(_hessian, function_of(f), which(wrt, argnums), False, recognise)


def _jacobian(d: Derivative, args: Any, named: Any) -> Any:
    call = given(d.function, args, named, d.wrt)
    kept, bound = prepared(
        call,
        partial(_smaller, recognise=d.recognise),
        ("jacobian", d.recognise),
        needs="jacobian",
    )
    outputs = [y.aval for y in kept.primal.outputs]
    inputs = [leaf.aval for leaf in call.moving() if leaf.aval is not None]
    if is_forward(outputs, inputs):
        blocks = forward_blocks(kept.graph, bound, outputs, inputs)
    else:
        columns = forward_blocks(kept.graph, bound, inputs, outputs)
        blocks = [
            [turned(columns[j][i], inputs[j]) for j in range(len(inputs))]
            for i in range(len(outputs))
        ]
    return kept.result.filled([call.grouped(row) for row in blocks])


def _hessian(d: Derivative, args: Any, named: Any) -> Any:
    call = given(d.function, args, named, d.wrt)
    kept, bound = prepared(
        call,
        partial(directions.second, recognise=d.recognise),
        ("hvp", d.recognise),
        scalar="hessian",
    )
    inputs = [leaf.aval for leaf in call.moving() if leaf.aval is not None]
    blocks = forward_blocks(kept.graph, bound, inputs, inputs)
    return call.grouped([call.grouped(row) for row in blocks])


def is_forward(outputs: Sequence[Aval], inputs: Sequence[Aval]) -> bool:
    """Whether there are no more inputs than outputs, in entries."""
    return sum(x.size for x in inputs) <= sum(y.size for y in outputs)


def _smaller(recording: Recording, *, recognise: bool) -> Graph:
    """The graph of tangents, or that of cotangents, whichever runs less often."""
    outputs = [y.aval for y in recording.graph.outputs]
    if is_forward(outputs, [x.aval for x in recording.wrt_inputs]):
        found = directions.forward(recording, recognise=recognise)
        return directions.without_outputs(found, len(outputs))
    return directions.backward(recording, recognise=recognise)


def forward_blocks(
    graph: Graph, bound: Sequence[Any], outputs: Sequence[Aval], inputs: Sequence[Aval]
) -> list[list[Any]]:
    """The blocks of a linear map, for each output and input.

    Args:
        graph: From what is bound, and a vector for each input, to the outputs.
        bound: At which point.
        outputs: Their avals.
        inputs: Theirs.
    """
    results: list[list[Any]] = [[] for _ in outputs]
    for vectors in basis(inputs):
        for column, y in zip(results, run(graph, [*bound, *vectors]), strict=True):
            column.append(y)
    blocks: list[list[Any]] = [[] for _ in outputs]
    for i, (aval, columns) in enumerate(zip(outputs, results, strict=True)):
        start = 0
        for x in inputs:
            part = columns[start : start + x.size]
            start += x.size
            blocks[i].append(stacked(part, aval, x))
    return blocks


def basis(avals: Sequence[Aval]) -> Iterator[list[np.ndarray]]:
    """The vectors with a single one, over all entries of several arrays."""
    for i, aval in enumerate(avals):
        for entry in range(aval.size):
            vectors = [np.zeros(x.shape, x.dtype) for x in avals]
            vectors[i].reshape(-1)[entry] = 1
            yield vectors


def stacked(columns: list[Any], y: Aval, x: Aval) -> Any:
    """Columns of a matrix as an array of shape y.shape + x.shape."""
    if not columns:
        return np.zeros((*y.shape, *x.shape), y.dtype)
    whole: Any = np.stack(columns, axis=-1)
    shaped = whole.reshape((*y.shape, *x.shape))
    return shaped if shaped.shape or isinstance(shaped, Tracer) else shaped[()]


def turned(block: Any, x: Aval) -> Any:
    """A block as reverse mode gives it, x.shape + y.shape, the other way round."""
    first, ndim = len(x.shape), len(block.shape)
    return block.transpose((*range(first, ndim), *range(first))) if ndim else block
