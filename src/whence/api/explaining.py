"""explain: the derivation of a gradient, from a function or a formula and a point.

explain(f, *args, wrt=None, **named) -> Derivation

The program is traced as for ``grad``, its functions are recognised, its cotangents
simplified as they form, and every line is checked before it is printed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from whence.api.derivation import Derivation, Program
from whence.api.function import function_of
from whence.api.pipeline import is_complex
from whence.api.recording import Recording, record
from whence.core.errors import DerivativeError, UserError
from whence.explain.build import story
from whence.frontend.formula import Formula

LEVELS = ("brief", "normal", "full")


def explain(
    f: Callable[..., Any] | str,
    *args: Any,
    wrt: Any = None,
    at: Mapping[str, Any] | None = None,
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
        wrt: The arguments to differentiate by: a position, a name, or a tuple of them;
            the first, if not given.
        at: More arguments by name, for names that collide with these.
        order: 1; higher orders are derived by explaining a gradient.
        level: How much to show: brief, normal or full.
        recognise: Whether functions written out by hand are recognised first.
        named: More arguments by name.

    Returns:
        A derivation: ``str`` of it is text, and it has ``latex``, ``markdown``,
        ``to_json`` and ``code``.

    Example:
        >>> print(explain("(x**2 + 1)**3", x=2.0).result)
        6*x*(x**2 + 1)**2
    """
    demand_choices(level, order)
    function = function_of(f)
    by = 0 if wrt is None else wrt
    given = measured(function, args, {**(at or {}), **named})
    recording = one_output(record(function, *given, by))
    told = story(
        recording.graph,
        recording.wrt_inputs,
        recording.bound,
        title_of(function),
        recognised=recognise,
        reserved=parameter_names(function),
    )
    program = Program(recording.graph, tuple(recording.wrt_inputs), recognise)
    return Derivation(told, level, program)


def demand_choices(level: str, order: int) -> None:
    """Refuse a level or an order that there is not."""
    if level not in LEVELS:
        raise UserError(f"there is no level {level!r}", remedy=", ".join(LEVELS))
    if order != 1:
        raise DerivativeError(
            f"a derivation of order {order}", remedy="explain(whence.grad(f), …)"
        )


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


def parameter_names(function: Any) -> list[str]:
    """The names of a function's own parameters, as far as it tells them."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def one_output(recording: Recording) -> Recording:
    """Refuse a function that returned several values, or none, or is complex."""
    if is_complex(recording.graph):
        raise DerivativeError(
            "explain is of real numbers; there are complex ones in the function",
            remedy="real and imaginary parts as two real arrays, or whence.vjp",
        )
    count = len(recording.graph.outputs)
    if count != 1:
        raise DerivativeError(
            f"explain needs one output; the function returned {count}",
            remedy="return one value; explain each of several by itself",
        )
    return recording


def title_of(function: Any) -> str:
    """What a derivation calls a function."""
    name = getattr(function, "__name__", "f")
    return name if name.isidentifier() and not hasattr(function, "statements") else "f"
