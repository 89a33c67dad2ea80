"""Check that a graph is one: every pass writes a graph that this accepts.

    check(graph) -> the same graph, or an AssertionError that names the line

Values are known before they are read and assigned once; operands have the avals that
the primitive's shape rule takes, and results those that it gives; every equation has an
origin; graphs inside params are graphs.
"""

from __future__ import annotations

from whence.core.graph import Equation, Graph, Literal, Value


def check(graph: Graph) -> Graph:
    """Refuse a graph that is not closed, typed, or assigned once."""
    known: set[Value] = set()
    for x in graph.inputs:
        assert x not in known, "an input is listed twice"
        known.add(x)
    for number, equation in enumerate(graph.equations):
        line = f"equation {number}, {equation.primitive.name} ({equation.origin})"
        for operand in equation.operands:
            assert isinstance(operand, Literal) or operand in known, (
                f"{line} reads an unknown value"
            )
        check_types(equation, line)
        for y in equation.results:
            assert y not in known, f"{line} assigns a value again"
            known.add(y)
        for param in equation.params.values():
            if isinstance(param, Graph):
                check(param)
    for output in graph.outputs:
        assert isinstance(output, Literal) or output in known, "an output is unknown"
    return graph


def check_types(equation: Equation, line: str) -> None:
    """Refuse an equation whose results are not what its shape rule gives."""
    assert equation.origin is not None, f"{line} has no origin"
    given = equation.primitive.result(
        *(x.aval for x in equation.operands), **equation.params
    )
    avals = given if isinstance(given, tuple) else (given,)
    assert len(avals) == len(equation.results), f"{line} has other results"
    for y, aval in zip(equation.results, avals, strict=True):
        same = (y.aval.shape, y.aval.dtype) == (aval.shape, aval.dtype)
        assert same, f"{line} gives {aval}, not {y.aval}"
