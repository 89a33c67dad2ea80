"""The value of a checked expression, over whatever values its names have.

    evaluate(text, expression, values) -> value

Names may stand for numbers, NumPy arrays or tracers: only their operators, their
indexing and the functions of the vocabulary are used. Arithmetic on two plain numbers
follows NumPy (1/0 is inf, (-8)**0.5 is nan) and stays plain, so that it never decides
the dtype of an array. What fails on the values is told at its character.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from whence.core.errors import UserError
from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError, pointed

OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
GREATEST_INT = 2**63
# What Python and NumPy raise when an operation does not fit its values.
REFUSED = (TypeError, ValueError, IndexError, ArithmeticError, MemoryError)


def evaluate(text: str, node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Evaluate an expression.

    Args:
        text: The formula, which errors show.
        node: A part of it that the grammar has checked.
        values: What its names stand for.
    """

    def value(part: ast.expr) -> Any:
        return evaluate(text, part, values)

    match node:
        case ast.Constant(value=number):
            return plain(number) if isinstance(number, int | float) else number
        case ast.Name(id=name):
            return values[name] if name in values else vocabulary.CONSTANTS[name]
        case ast.BinOp(left=left, op=op, right=right):
            operands = value(left), value(right)
            return apply(text, node, arithmetic, OPERATORS[type(op)], *operands)
        case ast.UnaryOp(op=op, operand=operand):
            return apply(text, node, OPERATORS[type(op)], value(operand))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return apply(text, node, OPERATORS[type(op)], value(left), value(right))
        case ast.Attribute(value=inner, attr=name):
            return attribute(value(inner), name)
        case ast.Subscript(value=inner, slice=index):
            return apply(text, node, entry, value(inner), value(index))
        case ast.Slice(lower=lower, upper=upper, step=step):
            bounds = (None if b is None else value(b) for b in (lower, upper, step))
            return slice(*bounds)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(value(part) for part in parts)
        case ast.Call(func=called, args=arguments, keywords=keywords):
            if isinstance(called, ast.Attribute):
                name, arguments = called.attr, [called.value, *arguments]
            else:
                assert isinstance(called, ast.Name), "the grammar has checked this"
                name = called.id
            options = {str(word.arg): value(word.value) for word in keywords}
            inputs = [value(argument) for argument in arguments]
            return apply(text, node, vocabulary.function(name), *inputs, **options)
    raise AssertionError(f"the grammar lets no {type(node).__name__} through")


def attribute(value: Any, name: str) -> Any:
    """An attribute of an array; a number has them as an array without axes."""
    return getattr(value if hasattr(value, name) else np.asarray(value), name)


def entry(value: Any, index: Any) -> Any:
    """A part of an array."""
    if is_plain(value):
        raise IndexError("a number has no entries")
    return value[index]


# ---------------------------------------------------------------- plain numbers


def is_plain(value: Any) -> bool:
    """Whether a value is a Python number, which takes the dtype of what it meets."""
    return type(value) in {int, float, bool}


def plain(number: float) -> float:
    """A Python number that stays small: an int beyond 64 bits is a float."""
    if isinstance(number, int) and abs(number) >= GREATEST_INT:
        return float(np.float64(str(number)))
    return number


def arithmetic(operation: Callable[..., Any], x: Any, y: Any) -> Any:
    """An operation on two values; on two Python numbers, with NumPy's conventions."""
    if not (is_plain(x) and is_plain(y)):
        return operation(x, y)
    exact = isinstance(x, int) and isinstance(y, int) and fits(operation, x, y)
    if exact and not (operation in DIVISIONS and y == 0):
        return plain(operation(x, y))
    return operation(np.float64(x), np.float64(y)).item()


DIVISIONS = (operator.truediv, operator.floordiv, operator.mod)


def fits(operation: Callable[..., Any], x: int, y: int) -> bool:
    """Whether a power of integers is an integer of a size worth computing."""
    return operation is not operator.pow or (y >= 0 and x.bit_length() * y <= 64)


# ----------------------------------------------------------- what fails on values


def apply(
    text: str, node: ast.expr, function: Callable[..., Any], *args: Any, **named: Any
) -> Any:
    """Apply a function, and point at the place in the formula if it cannot be."""
    try:
        return function(*args, **named)
    except UserError as error:
        if not error.where.startswith("formula:"):
            raise
        where = pointed(text, node.col_offset)
        raise type(error)(error.what, remedy=error.remedy, where=where) from error
    except REFUSED as error:
        remedy = f"values that fit together; here {shapes(args)}"
        at = node.col_offset
        raise FormulaError(str(error), remedy=remedy, text=text, at=at) from error


def shapes(args: tuple[Any, ...]) -> str:
    """The shapes of arrays, for a reader."""
    found = [str(tuple(x.shape)) if hasattr(x, "shape") else repr(x) for x in args]
    return " and ".join(found[-2:])
