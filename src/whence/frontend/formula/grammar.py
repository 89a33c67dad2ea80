"""The grammar of a formula: its statements, and the names that they need.

    read(text, given) -> Reading: statements, parameters, constants

A statement is an expression, which may have a name or ``f(x, y)`` and an equals sign on
its left. Python reads the expression, ``expressions`` checks it; nothing is evaluated.
The nodes of a checked tree carry their place in the whole text as ``col_offset``.

    >>> read("u = x**2 + 1; h = u**3").parameters
    ('x',)
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whence.frontend.formula import slips, vocabulary
from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.expressions import DEEPEST, SHORTER, check
from whence.frontend.formula.words import BINARY, CONSTANTS, LANGUAGE, Word, refuse


@dataclass(frozen=True)
class Statement:
    """One line of a formula.

    Attributes:
        name: What its value is called, if it is called something.
        parameters: The order of parameters that it states, as in ``f(x, y) = ...``.
        expression: The checked syntax tree of its value.
        line: The line of the formula in which it begins, counted from 1.
        at: The character at which it begins, counted from 0.
    """

    name: str | None
    parameters: tuple[str, ...]
    expression: ast.expr
    line: int
    at: int


@dataclass(frozen=True)
class Reading:
    """A formula that has been read.

    Attributes:
        statements: Its lines.
        parameters: The names that need a value, in order.
        constants: The names that have one already and may be given another.
    """

    statements: tuple[Statement, ...]
    parameters: tuple[str, ...]
    constants: tuple[str, ...]


def read(text: str, given: Iterable[str] = ()) -> Reading:
    """Read a formula.

    Args:
        text: The formula.
        given: Names that are values, though they are known as constants.

    Raises:
        FormulaError: At the first thing that is not allowed.
    """
    lines = tuple(statement(text, line) for line in slips.statements(text))
    stated = lines[-1].parameters
    for line in lines[:-1]:
        if line.parameters:
            listed = ", ".join(line.parameters)
            what = f"{line.name}({listed}) = ... is not the last statement"
            remedy = f"{line.name} = ..., which names the value"
            raise FormulaError(what, remedy=remedy, text=text, at=line.at)
    free = tuple(dict.fromkeys(free_names(lines)))
    for line in lines:
        if line.name in stated and line.name not in free:
            what = f"{line.name!r} is a parameter and is computed as well"
            remedy = "another name for one of them"
            raise FormulaError(what, remedy=remedy, text=text, at=line.at)
    known = vocabulary.CONSTANTS.keys() - {*stated, *given}
    needed = (name for name in free if name not in known)
    parameters = tuple(dict.fromkeys((*stated, *needed)))
    return Reading(lines, parameters, tuple(n for n in free if n in known))


def free_names(lines: Iterable[Statement]) -> Iterator[str]:
    """The names that are read before a line computes them, in order of appearance."""
    computed: set[str] = set()
    for line in lines:
        nodes = sorted(names(line.expression), key=lambda node: node.col_offset)
        yield from (node.id for node in nodes if node.id not in computed)
        if line.name:
            computed.add(line.name)


def names(expression: ast.expr) -> Iterator[ast.Name]:
    """The names that stand for values in a checked expression."""
    called = {node.func for node in ast.walk(expression) if isinstance(node, ast.Call)}
    for node in ast.walk(expression):
        if isinstance(node, ast.Name) and node not in called:
            yield node


# ------------------------------------------------------------------ statements


def statement(text: str, line: list[Word]) -> Statement:
    """Read one statement."""
    depth, split = 0, None
    for i, word in enumerate(line):
        depth += (word.text in "([") - (word.text in ")]")
        if word.text == "=" and depth == 0:
            if split is not None:
                what, remedy = "a second '=' in one statement", "== to compare"
                refuse(text, word, what, remedy)
            split = i
    left, right = ([], line) if split is None else (line[:split], line[split + 1 :])
    name, parameters = target(text, left) if left else (None, ())
    expression = parse(text, right)
    check(text, expression, 1)
    at = line[0].at
    return Statement(name, parameters, expression, 1 + text.count("\n", 0, at), at)


def target(text: str, left: list[Word]) -> tuple[str, tuple[str, ...]]:
    """Read what stands on the left of an equals sign: ``u`` or ``f(x, y)``."""
    first, *rest = left
    if any(word.text in BINARY for word in left):
        remedy = "u = ... to name a value, or == to compare"
        refuse(text, first, "a computation stands on the left of '='", remedy)
    inner = rest[1:-1]
    listed = all(
        word.text == "," if i % 2 else is_name(word) for i, word in enumerate(inner)
    )
    shaped = not rest or (rest[0].text == "(" and len(inner) % 2 == 1 and listed)
    if not is_name(first) or not shaped:
        what = "the left of '=' is neither a name nor f(x, y)"
        refuse(text, first, what, "u = x + 1, or f(x) = x + 1")
    parameters = tuple(normal(word.text) for word in inner[::2])
    if len(set(parameters)) < len(parameters):
        refuse(text, first, "a parameter is listed twice", "different names")
    return normal(first.text), parameters


def is_name(word: Word) -> bool:
    """Whether a word can name a value."""
    return word.kind == "name" and word.text not in CONSTANTS


def normal(name: str) -> str:
    """A name as Python compares names."""
    return unicodedata.normalize("NFKC", name)


def parse(text: str, line: list[Word]) -> ast.expr:
    """Let Python read an expression, and give its nodes their places in the text."""
    start = line[0].at
    source = ""
    for word in line:
        source += " " * (word.at - start - len(source)) + word.text
    try:
        expression = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        at = start + max(0, min((error.offset or 1) - 1, len(source) - 1))
        what = f"Python cannot read this: {error.msg}"
        raise FormulaError(what, remedy=LANGUAGE, text=text, at=at) from None
    except (RecursionError, MemoryError, ValueError):
        what = f"the formula is more than {DEEPEST} levels deep"
        raise FormulaError(what, remedy=SHORTER, text=text, at=start) from None
    places = encoded_places(source, start)
    for node in ast.walk(expression):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset = places[node.col_offset]
            node.end_col_offset = places[node.end_col_offset or 0]
    return expression


def encoded_places(source: str, start: int) -> list[int]:
    """The character of the text for each byte of a source that starts at ``start``."""
    if source.isascii():
        return list(range(start, start + len(source) + 1))
    places = [start + i for i, c in enumerate(source) for _ in c.encode()]
    return [*places, start + len(source)]
