"""Companions: functions that slopes are written in, beside those they are slopes of.

    f = logsumexp(x)    is told as    p = softmax(x), f = logsumexp(x)

A lecturer names the probabilities before differentiating a logsumexp, since its slope
is them: both come from the same exponentials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from whence.core.graph import Equation, Graph, Value
from whence.core.primitive import named
from whence.transform.transpose import reached

COMPANIONS = {"softplus": "sigmoid", "logsumexp": "softmax", "log_softmax": "softmax"}


def with_companions(graph: Graph, wrt: Sequence[Value]) -> Graph:
    """A program that also computes what the slopes of its functions are.

    Args:
        graph: A program in recognised functions.
        wrt: The inputs it is to be differentiated by.
    """
    moving = reached(graph, wrt)
    known = {key(e.primitive.name, e) for e in graph.equations}
    equations: list[Equation] = []
    for equation in graph.equations:
        name = COMPANIONS.get(equation.primitive.name)
        if name is not None and equation.results[0] in moving:
            beside = key(name, equation)
            if beside not in known:
                known.add(beside)
                equations.append(companion(name, equation))
        equations.append(equation)
    return replace(graph, equations=tuple(equations))


def companion(name: str, equation: Equation) -> Equation:
    """The function that the slope of an equation is, of the same operand."""
    params = axes(equation)
    (x,) = equation.operands
    result = Value(x.aval)
    origin = equation.origin.then(f"slope of {equation.primitive.name}")
    return Equation(named(name), equation.operands, (result,), origin, params)


def key(name: str, equation: Equation) -> tuple[Any, ...]:
    """What makes two equations of one function the same."""
    return (name, equation.operands, tuple(axes(equation).items()))


def axes(equation: Equation) -> dict[str, Any]:
    """The axes of an equation over rows, if it is over rows."""
    return {k: v for k, v in equation.params.items() if k == "axis"}
