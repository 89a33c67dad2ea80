"""Record what a Python function does with its arguments, as a graph.

    record(f, args, named, wrt) -> Recording

The function is called once with traced values in place of its inputs. Those have
numbers, so Python's own control flow works; whether the program asked for one is known
afterwards. What it returns may be a container, and hold things that are no arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import whence.ops  # noqa: F401 - makes every operation known
from whence.api import returned
from whence.api.arguments import Call, Wrt, given
from whence.api.names import leaf_names
from whence.api.parameters import title
from whence.api.returned import Returned, received
from whence.core.builder import Builder, current
from whence.core.errors import UserError
from whence.core.graph import Atom, Graph, Value
from whence.core.source import Place, run_user
from whence.core.tracer import Tracer


@dataclass(frozen=True)
class Recording:
    """A program, and what its inputs stand for.

    Attributes:
        graph: The program: the outputs of the result, then those of ``aux``.
        bound: A number, an array or an outer tracer for each input of the graph.
        wrt_inputs: The inputs that are differentiated, in the order asked for.
        result: What the function returned, or the first part of it if it has aux.
        aux: The second part, if it has aux.
        decisions: The conditions that Python met on its way, and whether they held.
        keepable: Whether another call of the same avals would do the same.
    """

    graph: Graph
    bound: tuple[Any, ...]
    wrt_inputs: tuple[Value, ...]
    result: Returned
    aux: Returned | None
    decisions: tuple[tuple[Place, bool], ...]
    keepable: bool


def record(
    function: Any,
    args: Sequence[Any],
    named: Mapping[str, Any] | None = None,
    wrt: Wrt = 0,
    *,
    has_aux: bool = False,
    needs: str = "",
) -> Recording:
    """Record a function.

    Args:
        function: The user's.
        args: Its positional arguments.
        named: Its keyword arguments.
        wrt: The number or name of what is differentiated, a tuple of these, or None.
        has_aux: Whether the function returns a pair of its result and anything else.
        needs: What needs all parts of its result to be numbers or arrays.
    """
    call = given(function, args, named or {}, wrt)
    return recorded(call, has_aux=has_aux, needs=needs)


def recorded(
    call: Call, *, has_aux: bool = False, scalar: str = "", needs: str = ""
) -> Recording:
    """Record a function whose arguments are taken apart already.

    Args:
        call: The function and its arguments.
        has_aux: Whether it returns a pair.
        scalar: What needs its result to be one real number, if anything does.
        needs: What needs all parts of its result to be numbers or arrays.
    """
    builder = Builder(parent=current.get())
    values, args, named = written(call, builder)
    whole = called(builder, call.function, args, named)
    extra = None
    if has_aux:
        whole, extra = returned.pair(whole, title(call.function))
    if scalar:
        returned.scalar(whole, title(call.function), scalar)
    outputs: list[Atom] = []
    result = received(whole, builder, outputs)
    if needs:
        returned.arrays(result, whole, title(call.function), needs)
    aux = received(extra, builder, outputs, plain=True) if has_aux else None
    graph = builder.finish(*outputs)
    if builder.branched and builder.parent:
        builder.parent.branched = True
    bound = tuple(builder.bound[x] for x in graph.inputs)
    captured = bound[len(values) :]
    return Recording(
        graph=graph,
        bound=bound,
        wrt_inputs=tuple(values[id(leaf)] for leaf in call.moving()),
        result=result,
        aux=aux,
        decisions=tuple(builder.decisions),
        keepable=not (builder.branched or any(isinstance(x, Tracer) for x in captured)),
    )


def written(
    call: Call, builder: Builder
) -> tuple[dict[int, Value], list[Any], dict[str, Any]]:
    """The inputs of a graph, by leaf, and the arguments that hold them."""
    values: dict[int, Value] = {}
    args: list[Any] = []
    named: dict[str, Any] = {}
    for slot, argument in call.arguments.items():
        contents = []
        names = leaf_names(call.function, argument.name, argument.structure)
        for leaf, name in zip(argument.leaves, names, strict=True):
            if leaf.aval is None:
                contents.append(leaf.content)
                continue
            builder.input(leaf.aval, name, leaf.content)
            value = values[id(leaf)] = builder.inputs[-1]
            if leaf.moves:
                builder.moving.add(value)
            contents.append(Tracer(builder, value, borrowed=True))
        content = argument.structure.unflatten(contents)
        if isinstance(slot, int):
            args.append(content)
        else:
            named[slot] = content
    return values, args, named


def called(builder: Builder, function: Any, args: Any, named: Any) -> Any:
    """Call the user's function while a builder is the current one.

    NumPy hides our errors inside its own when it looks for numbers in a list.
    """
    token = current.set(builder)
    try:
        return run_user(function, *args, **named)
    except (TypeError, ValueError) as error:
        if not isinstance(error, UserError) and isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        raise
    finally:
        current.reset(token)
