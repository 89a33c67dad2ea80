"""The expressions of a formula: which of Python's forms may stand in one.

    check(text, expression, depth) -> nothing; refuses all that is not allowed

Allowed are numbers, names, arithmetic, comparisons, calls of known functions, indexing,
and a few attributes such as ``.T`` and ``.shape``; everything else is refused at its
character, with what to write instead. Nothing is evaluated here.
"""

from __future__ import annotations

import ast
from typing import NoReturn

from whence.core.names import similar
from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.words import LANGUAGE

DEEPEST = 200  # levels of an expression
SHORTER = "a name for a part of the formula: u = x + 1; u**2"
OPERATIONS = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.Pow,
    ast.MatMult,
)


def stop(text: str, node: ast.expr | ast.keyword, what: str, remedy: str) -> NoReturn:
    """Refuse a part of an expression, pointing at it."""
    raise FormulaError(what, remedy=remedy, text=text, at=node.col_offset)


def check(text: str, node: ast.expr, depth: int) -> None:
    """Refuse an expression that holds what a formula cannot."""
    if depth > DEEPEST:
        stop(text, node, f"the formula is more than {DEEPEST} levels deep", SHORTER)
    deeper = depth + 1
    match node:
        case ast.Name():
            pass
        case ast.Constant(value=number):
            check_number(text, node, number)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, OPERATIONS):
            check(text, left, deeper)
            check(text, right, deeper)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            check(text, operand, deeper)
        case ast.Compare(left=left, comparators=[right]):
            check(text, left, deeper)
            check(text, right, deeper)
        case ast.Compare(comparators=[_, second, *_]):
            remedy = "logical_and(a < x, x < b)"
            stop(text, second, "two comparisons in a row", remedy)
        case ast.Call():
            check_call(text, node, deeper)
        case ast.Attribute(value=value):
            check_attribute(text, node)
            check(text, value, deeper)
        case ast.Subscript(value=value, slice=index):
            check(text, value, deeper)
            check_index(text, index, deeper)
        case ast.Tuple() | ast.List():
            remedy = "a name for the array, given as a value, or stack((x, y))"
            stop(text, node, "a list stands where a value should", remedy)
        case _:
            what = f"a formula has no {type(node).__name__}"
            stop(text, node, what, LANGUAGE)


def check_number(text: str, node: ast.expr, number: object) -> None:
    """Refuse a constant that is no number."""
    if isinstance(number, bool) or number is None or number is ...:
        what = f"{ast.unparse(node)} is no value in a formula"
        stop(text, node, what, "a number, or a name for a value that is given")
    if isinstance(number, str | bytes):
        stop(text, node, "text is no value in a formula", "a name or a number")
    assert isinstance(number, int | float), "the words of a formula make no other"


def check_call(text: str, node: ast.Call, depth: int) -> None:
    """Refuse a call of what is no function, or with arguments it cannot have."""
    match node.func:
        case ast.Name(id=name):
            if vocabulary.lookup(name) is None:
                unknown_function(text, node.func)
        case ast.Attribute(value=value, attr=name):
            if name not in vocabulary.METHODS:
                check_attribute(text, node.func)
                stop(text, node, f".{name} is no function", f"x.{name}")
            check(text, value, depth)
        case _:
            remedy = "(a)*(b) for a product"
            stop(text, node, "only functions that have a name can be called", remedy)
    for argument in node.args:
        match argument:
            case ast.Tuple() | ast.List() if name in vocabulary.TAKES_TUPLE:
                check_parts(text, argument, depth)
            case ast.Constant(value=str()) if name == "einsum":
                pass
            case _:
                check(text, argument, depth)
    for keyword in node.keywords:
        check_keyword(text, keyword, depth)
    if isinstance(node.func, ast.Name):
        check_count(text, node, name)


def check_count(text: str, node: ast.Call, name: str) -> None:
    """Refuse a call with fewer or more values than the function takes."""
    takes, given = vocabulary.values_taken(name), len(node.args)
    if takes is not None and takes != given:
        values = "value" if takes == 1 else "values"
        what = f"{name} takes {takes} {values}, and is given {given}"
        stop(text, node, what, f"{name}({', '.join('xyz'[:takes])})")


def check_parts(text: str, node: ast.Tuple | ast.List, depth: int) -> None:
    """Refuse a list of values with a part that is none."""
    for part in node.elts:
        if isinstance(part, ast.Tuple | ast.List) and depth < DEEPEST:
            check_parts(text, part, depth + 1)
        else:
            check(text, part, depth + 1)


def unknown_function(text: str, node: ast.Name) -> NoReturn:
    """Say that there is no function of this name, and which is most like it."""
    near = similar(node.id, vocabulary.known())
    product = f"{node.id}*(...) if a product is meant"
    what = f"there is no function {node.id!r}"
    if near:
        what += f"; did you mean {near!r}?"
    stop(text, node, what, f"{near}(...), or {product}" if near else product)


def check_keyword(text: str, keyword: ast.keyword, depth: int) -> None:
    """Refuse an option that no function of a formula has."""
    if keyword.arg not in vocabulary.KEYWORDS:
        remedy = ", ".join(f"{name}=" for name in sorted(vocabulary.KEYWORDS))
        stop(text, keyword, f"there is no option {keyword.arg!r}", remedy)
    match keyword.value:
        case ast.Constant(value=bool() | None):
            pass
        case ast.Tuple() as several:
            check_parts(text, several, depth)
        case value:
            check(text, value, depth)


def check_attribute(text: str, node: ast.Attribute) -> None:
    """Refuse an attribute that a formula does not know."""
    name = node.attr
    if name in vocabulary.ATTRIBUTES:
        return
    at = (node.end_col_offset or 0) - len(name)
    remedy = ", ".join(f".{known}" for known in sorted(vocabulary.ATTRIBUTES))
    if vocabulary.lookup(name) is not None:
        remedy = f"{name}(...)"
    what = f"a formula knows no .{name}"
    if name in vocabulary.METHODS:
        what, remedy = f".{name} is not called", f".{name}()"
    raise FormulaError(what, remedy=remedy, text=text, at=at)


def check_index(text: str, index: ast.expr, depth: int) -> None:
    """Refuse an index that holds what an index cannot."""
    match index:
        case ast.Tuple(elts=parts):
            for part in parts:
                check_index(text, part, depth + 1)
        case ast.Slice(lower=lower, upper=upper, step=step):
            for bound in (lower, upper, step):
                if bound is not None:
                    check(text, bound, depth + 1)
        case ast.Constant(value=value) if value is None or value is ...:
            pass
        case _:
            check(text, index, depth + 1)
