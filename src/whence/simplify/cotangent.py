"""Cotangents as symbols: what stands in a form for ∂f/∂v, where v is a value.

cotangent(v)            the symbol of the cotangent of v
cotangent_of(symbol)    v, or None if the symbol stands for something else
"""

from __future__ import annotations

from whence.core.graph import Value
from whence.simplify.term import Symbol, Term

MARK = "cotangent"


def cotangent(value: Value, order: str = "") -> Symbol:
    """The symbol of the cotangent of a value; all of them are equal.

    Args:
        value: The value it belongs to.
        order: Its place among the symbols of a term.
    """
    return Symbol((MARK, value), value.aval.shape, order=order)


def cotangent_of(symbol: Term) -> Value | None:
    """The value whose cotangent a symbol is; None if it stands for something else."""
    of = symbol.of if isinstance(symbol, Symbol) else None
    return of[1] if isinstance(of, tuple) and of[0] == MARK else None
