"""explain: the derivation of a gradient, from a function or a formula and a point.

    explain(f, *args, wrt=None, shapes=None, order=1) -> Derivation

The program is traced as for ``grad``, or, where sizes are given for numbers, at several
of them (``api.symbolic``). ``explain.build`` makes a story of it, every line checked,
which a ``Derivation`` prints; higher orders go on from there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from whence.api.derivation import Derivation, Program
from whence.api.function import Derivative, function_of
from whence.api.pipeline import is_complex
from whence.api.recording import Recording, record
from whence.api.symbolic import Tell, symbolic
from whence.core.errors import DerivativeError, UserError
from whence.core.graph import Graph, Value
from whence.explain.build import story
from whence.explain.derivation import Story
from whence.explain.remarks import decided
from whence.frontend.formula import Formula

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
LEVELS = ("brief", "normal", "full")


def explain(
    f: Callable[..., Any] | str,
    *args: Any,
    wrt: Any = None,
    at: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    order: int = 1,
    level: str = "normal",
    recognise: bool = True,
    **named: Any,
) -> Derivation:
    """Derive the gradient of a function at a point, and say how.

    Args:
        f: A NumPy function, or a formula; its result is one number, or an array whose
            entries are differentiated one by one.
        args: Its arguments: the point.
        wrt: What to differentiate by: a position, a name or a tuple; by default 0.
        at: More arguments by name, for names that collide with these.
        shapes: The sizes of arguments by name, as in ``{"X": "n d", "c": "in m"}``, of
            those that have no numbers or of all; one in neither is a single number.
        order: 1 for the gradient; 2 for second derivatives, of numbers as f″ and of
            an array as its Hessian; 3 and more by numbers.
        level: How much to show: brief, normal or full.
        recognise: Whether functions written out by hand are recognised first.
        named: More arguments by name.

    Returns:
        A derivation: ``str`` of it is text, and it has ``latex``, ``markdown``,
        ``to_json`` and ``code``.

    Example:
        >>> print(explain("(x**2 + 1)**3", x=2.0).result)
        6*x*(x**2 + 1)**2
        >>> print(explain("mean(x**2)", shapes={"x": "n"}).result)
        2*x/n
    """
    demand_choices(level, order)
    function = function_of(f)
    by = 0 if wrt is None else wrt
    given = measured(function, args, {**(at or {}), **named})
    first = replace(
        derived(function, given, by, shapes, recognise=recognise), level=level
    )
    return first if order == 1 else first.of_order(order)


def derived(
    function: Any, given: Arguments, by: Any, shapes: Any, *, recognise: bool
) -> Derivation:
    """The derivation of a gradient, at a point or for all sizes."""
    tell = telling(function, recognise=recognise)
    whole = whole_numbers(function, *given)
    if shapes is not None:
        found = symbolic(function, given, shapes, by, tell)
        first, *others = found.programs
        program = Program(*first, recognise, whole, tuple(others))
        return Derivation(found.story, program=program, trials=found.trials)
    recording = record(function, *given, by, needs="explain")
    program = Program(recording.graph, recording.wrt_inputs, recognise, whole)
    return Derivation(with_decisions(tell, recording), program=program)


def with_decisions(tell: Tell, recording: Recording) -> Story:
    """The derivation of what was recorded, with the way that Python went in it."""
    told = tell(recording.graph, recording.wrt_inputs, recording.bound)
    return replace(told, remarks=(*decided(recording.decisions), *told.remarks))


def telling(function: Any, *, recognise: bool) -> Tell:
    """What derives a program that a function was traced to."""

    def tell(graph: Graph, by: Sequence[Value], arrays: Sequence[Any]) -> Story:
        demand_one_output(graph)
        if isinstance(function, Derivative):
            graph = without_name(graph)
        return story(
            graph,
            by,
            arrays,
            title_of(function),
            recognised=recognise,
            reserved=parameter_names(function),
        )

    return tell


def demand_choices(level: str, order: int) -> None:
    """Refuse a level or an order that there is not."""
    if level not in LEVELS:
        raise UserError(f"there is no level {level!r}", remedy=", ".join(LEVELS))
    if type(order) is not int or order < 1:
        raise UserError(f"there is no order {order!r}", remedy="1, 2, 3, …")


def measured(
    function: Any, args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a formula with whole numbers as numbers that could move.

    In a formula y = 1 is a value like any other, and is to keep its name; only what an
    index or an axis is made of stays whole. A function's arguments stay as they are.
    """
    if not isinstance(function, Formula):
        return args, named
    free = [name not in function.whole for name in function.parameters]

    def number(x: Any, *, moves: bool) -> Any:
        return float(x) if type(x) is int and moves else x

    moved = [number(x, moves=m) for x, m in zip(args, free, strict=False)]
    others = {k: number(x, moves=k not in function.whole) for k, x in named.items()}
    return (*moved, *args[len(moved) :]), others


def whole_numbers(
    function: Any, args: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, int]:
    """The whole numbers among the arguments of a call, which are no inputs, by name."""
    arguments = [*zip(parameter_names(function), args, strict=False), *named.items()]
    return {name: x for name, x in arguments if type(x) is int}


def parameter_names(function: Any) -> list[str]:
    """The names of a function's own parameters, as far as it tells them."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def demand_one_output(graph: Graph) -> None:
    """Refuse a function that returned several values, or none, or is complex."""
    if is_complex(graph):
        raise DerivativeError(
            "explain is of real numbers; there are complex ones in the function",
            remedy="real and imaginary parts as two real arrays, or whence.vjp",
        )
    count = len(graph.outputs)
    if count != 1:
        raise DerivativeError(
            f"explain needs one output; the function returned {count}",
            remedy="return one value; explain each of several by itself",
        )


def without_name(graph: Graph) -> Graph:
    """A derivative without the name of a cotangent, to be called f′."""
    names = {x: name for x, name in graph.names.items() if x not in graph.outputs}
    return replace(graph, names=names)


def title_of(function: Any) -> str:
    """What a derivation calls a function; a derivative of f is f′, or f_x."""
    if isinstance(function, Derivative):
        inner, names = title_of(function.function), parameter_names(function.function)
        by = function.wrt
        if len(names) == 1 or isinstance(by, tuple):
            return f"{inner}_prime"
        return f"{inner}_{names[by] if isinstance(by, int) else by}"
    name = getattr(function, "__name__", "f")
    return name if name.isidentifier() and not hasattr(function, "statements") else "f"
