"""Derivatives along directions: tangents pushed forward, cotangents pulled back.

    jvp(f, (x,), (x_dot,)) -> (y, y_dot)      the Jacobian times a vector
    vjp(f, x) -> (y, pullback)                pullback(y_bar) is a vector times it
    hvp(f, (x,), (v,)) -> Hv                  the Hessian times a vector

All may be nested in each other and in themselves, and used inside functions that are
differentiated. None of them ever forms a matrix.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (np.float64(12.0), np.float64(4.0))
    >>> y, pullback = vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> pullback(1.0)
    (np.float64(4.0), np.float64(3.0))
    >>> hvp(lambda x: x**3, (2.0,), (1.0,))
    (np.float64(12.0),)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from whence.api.arguments import Call, given
from whence.api.function import function_of
from whence.api.kept import Kept, prepared
from whence.api.pipeline import differentiated, pushed
from whence.api.recording import Recording
from whence.api.running import run
from whence.core.aval import Aval
from whence.core.errors import DerivativeError, ShapeError
from whence.core.graph import Graph
from whence.core.tracer import Tracer


def jvp(
    f: Callable[..., Any] | str, primals: Any, tangents: Any, *, recognise: bool = True
) -> tuple[Any, Any]:
    """Push tangents forward through a function.

    Args:
        f: A Python function, or a formula.
        primals: A tuple of its arguments; one that is no tuple may stand alone.
        tangents: A direction for each argument, of the same structure and shapes.
        recognise: See ``grad``.

    Returns:
        The output, and its tangent, in the structure of the output.

    Raises:
        ShapeError: If a tangent is not like its primal.
    """
    primals, tangents = paired(primals, tangents)
    call = given(function_of(f), primals, {}, tuple(range(len(primals))))
    dots = directions(call, tangents, "tangent")
    kept, bound = prepared(
        call, partial(forward, recognise=recognise), ("jvp", recognise), needs="jvp"
    )
    found = run(kept.graph, [*bound, *dots])
    return kept.result.filled(found[: kept.main]), kept.result.filled(
        found[kept.main :]
    )


def hvp(
    f: Callable[..., Any] | str, primals: Any, vectors: Any, *, recognise: bool = True
) -> Any:
    """The Hessian of a function with one output, times a vector: forward over reverse.

    Args:
        f: A Python function with a real number as its output, or a formula.
        primals: As for ``jvp``.
        vectors: A direction for each argument.
        recognise: See ``grad``.

    Returns:
        Like the primals: how the gradient changes in that direction.
    """
    alone = not isinstance(primals, tuple)
    primals, vectors = paired(primals, vectors)
    call = given(function_of(f), primals, {}, tuple(range(len(primals))))
    dots = directions(call, vectors, "vector")
    kept, bound = prepared(
        call, partial(second, recognise=recognise), ("hvp", recognise), scalar="hvp"
    )
    found = call.grouped(run(kept.graph, [*bound, *dots]))
    return found[0] if alone else found


def vjp(
    f: Callable[..., Any] | str, *primals: Any, recognise: bool = True
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The output of a function, and what pulls cotangents back from it.

    Args:
        f: A Python function, or a formula.
        primals: Its arguments, all of which are differentiated.
        recognise: See ``grad``.

    Returns:
        The output, and a function from its cotangent, in the structure of the output,
        to a tuple with the cotangent of each argument.
    """
    call = given(function_of(f), primals, {}, tuple(range(len(primals))))
    kept, bound = prepared(
        call, partial(backward, recognise=recognise), ("vjp", recognise), needs="vjp"
    )
    # the arguments may be overwritten before the pullback is called
    bound = [x.copy() if isinstance(x, np.ndarray) else x for x in bound]
    output = kept.result.filled(run(kept.primal, bound))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        """Send a cotangent of the output back to the arguments."""
        bars = cotangents(kept, cotangent)
        found: tuple[Any, ...] = call.grouped(run(kept.graph, [*bound, *bars]))
        return found

    return output, pullback


# ------------------------------------------------------------- the graphs that run


def forward(recording: Recording, *, recognise: bool) -> Graph:
    """The graph of outputs and their tangents."""
    return pushed(recording.graph, recording.wrt_inputs, recognise=recognise)


def backward(recording: Recording, *, recognise: bool) -> Graph:
    """The graph of cotangents alone, from cotangents of the outputs."""
    graph = recording.graph
    found = differentiated(graph, recording.wrt_inputs, recognise=recognise)
    return without_outputs(found, len(graph.outputs))


def gradient(recording: Recording, *, recognise: bool) -> Graph:
    """The graph of the gradient alone."""
    graph, moved = recording.graph, recording.wrt_inputs
    found = differentiated(graph, moved, recognise=recognise, seed=1.0)
    return without_outputs(found, len(graph.outputs))


def second(recording: Recording, *, recognise: bool) -> Graph:
    """The graph of how the gradient moves in a direction."""
    first = gradient(recording, recognise=recognise)
    found = pushed(first, recording.wrt_inputs, recognise=recognise)
    return without_outputs(found, len(first.outputs))


def without_outputs(graph: Graph, count: int) -> Graph:
    """A graph without its first outputs, and what only they need."""
    from whence.transform.tidy import living

    return living(replace(graph, outputs=graph.outputs[count:]))


# ------------------------------------------------- tangents and cotangents given


def paired(primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Primals and tangents as two tuples of one length."""
    if not isinstance(primals, tuple):
        primals, tangents = (primals,), (tangents,)
    if not isinstance(tangents, (tuple, list)) or len(tangents) != len(primals):
        raise ShapeError(
            f"{len(primals)} primals need {len(primals)} tangents, in a tuple",
            remedy="jvp(f, (x, y), (x_dot, y_dot))",
        )
    return primals, tuple(tangents)


def directions(call: Call, tangents: Sequence[Any], what: str) -> list[Any]:
    """The tangents of all leaves that move, checked against their primals."""
    dots: list[Any] = []
    for slot, tangent in zip(call.wrt, tangents, strict=True):
        argument = call.arguments[slot]
        whose = f"the {what} of {argument.name}"
        leaves = argument.structure.matched(tangent, whose)
        for leaf, dot in zip(argument.leaves, leaves, strict=True):
            assert leaf.aval is not None, "what moves has an aval"
            dots.append(alike(dot, leaf.aval, whose))
    return dots


def cotangents(kept: Kept, cotangent: Any) -> list[Any]:
    """The cotangents of the outputs of a graph, checked against them."""
    leaves = kept.result.structure.matched(cotangent, "the cotangent of the output")
    avals = [y.aval for y in kept.primal.outputs]
    return [
        alike(leaf, aval, "the cotangent of the output")
        for leaf, aval in zip(leaves, avals, strict=True)
    ]


def alike(direction: Any, aval: Aval, whose: str) -> Any:
    """A tangent or cotangent as an array like its primal.

    Raises:
        ShapeError: If its shape is another one.
        DerivativeError: If it is no array of numbers.
    """
    if isinstance(direction, Tracer):
        shape, kind = direction.shape, direction.dtype.kind
    else:
        direction = np.asarray(direction)
        shape, kind = direction.shape, direction.dtype.kind
    if kind not in "biufc" or (kind == "c" and aval.dtype.kind != "c"):
        raise DerivativeError(
            f"{whose} is no array of {aval.dtype}",
            remedy=f"an array of {aval.dtype} in the shape {shape_of(aval)}",
        )
    if shape != aval.shape:
        raise ShapeError(
            f"{whose} has the shape {shape}, and what it belongs to {shape_of(aval)}",
            remedy="one number for each entry; np.ones_like(x) for a sum",
        )
    if isinstance(direction, Tracer):
        return (
            direction if direction.dtype == aval.dtype else direction.astype(aval.dtype)
        )
    return direction.astype(aval.dtype, copy=False)


def shape_of(aval: Aval) -> tuple[int, ...]:
    """The shape of an aval in plain numbers."""
    return tuple(map(int, aval.shape))
