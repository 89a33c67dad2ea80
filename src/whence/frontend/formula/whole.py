"""Which names of a formula stand for whole numbers: those that index, or give a shape.

    whole(lines) -> the names

A plain ``2`` given for any other name may be read as ``2.0``, which can move and keeps
its name in a derivation. A name is whole when it stands in an index, in ``axis=``, or
where a function takes a shape, be it by way of a statement that computes an index.

    >>> lines = [("i", "c - 1"), (None, "p[i]*y")]
    >>> trees = [(name, ast.parse(text, mode="eval").body) for name, text in lines]
    >>> sorted(whole(trees))
    ['c', 'i']
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from whence.frontend.formula import vocabulary

# Functions whose arguments after the first are sizes, places or repetitions.
COUNTING = vocabulary.TAKES_TUPLE | {"diag", "repeat", "swapaxes", "take", "trace"}


def whole(lines: Sequence[tuple[str | None, ast.expr]]) -> frozenset[str]:
    """The names that stand for whole numbers.

    Args:
        lines: The name and the expression of each statement.
    """
    found: set[str] = set()
    for name, expression in reversed(lines):
        parts = [expression] if name in found else counting(expression)
        found |= named(parts)
    return frozenset(found)


def counting(expression: ast.expr) -> Iterator[ast.AST]:
    """The parts of an expression that are whole numbers."""
    for node in ast.walk(expression):
        match node:
            case ast.Subscript(slice=index):
                yield index
            case ast.keyword(arg="axis" | "offset", value=value):
                yield value
            case ast.Call(func=ast.Name(id=name), args=arguments):
                if name in vocabulary.MAKERS - {"array", "linspace"}:
                    yield from arguments
                elif name in COUNTING:
                    yield from arguments[1:]


def named(parts: Iterable[ast.AST]) -> set[str]:
    """The names that stand in these parts."""
    nodes = (node for part in parts for node in ast.walk(part))
    return {node.id for node in nodes if isinstance(node, ast.Name)}
