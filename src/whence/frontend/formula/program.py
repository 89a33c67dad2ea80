"""A formula as a function: a program written as text, in the language of mathematics.

    parse(text) -> Formula, which is called like a Python function of its names

Statements end with a line or a ``;``. ``name = ...`` names an intermediate value, the
last statement is the value; it may have a name too, or state its parameters:
``f(x, y) = ...``. A formula is interpreted over the values it is given, numbers, arrays
or tracers alike, and never handed to Python's ``eval``.

    >>> loss = parse("z = w*x + b; log(1 + exp(-z))")
    >>> loss.parameters
    ('w', 'x', 'b')
    >>> round(float(loss(w=0.5, x=2.0, b=-1.0)), 6)
    0.693147
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from whence.core.names import similar
from whence.core.source import located
from whence.core.tracer import name_value
from whence.frontend.formula import vocabulary
from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.grammar import Statement, names, read
from whence.frontend.formula.interpret import evaluate
from whence.frontend.formula.whole import whole


@dataclass(frozen=True)
class Formula:
    """A program written as text.

    Attributes:
        text: As it was written.
        parameters: The names that need a value, in order of appearance.
        statements: Its lines, checked.
        constants: The names that have a value already (pi, e) and may be given another.
        whole: The names that stand for whole numbers, as indices do.
    """

    text: str
    parameters: tuple[str, ...]
    statements: tuple[Statement, ...] = field(compare=False, repr=False)
    constants: tuple[str, ...] = field(default=(), compare=False, repr=False)
    whole: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    @property
    def name(self) -> str | None:
        """What the formula calls its value, if it does."""
        return self.statements[-1].name

    @property
    def __name__(self) -> str:
        return self.name or "formula"

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature(
            [inspect.Parameter(name, kind) for name in self.parameters]
        )

    def __str__(self) -> str:
        return self.text

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Compute the formula's value.

        Raises:
            FormulaError: If a name has no value, or a value no name.
        """
        return run(self, bind(self, args, named))


def parse(text: str, given: Iterable[str] = ()) -> Formula:
    """Read a formula.

    Args:
        text: Statements separated by ``;`` or line ends.
        given: Names that are values, though they are known as constants (e, pi).

    Raises:
        FormulaError: At the first character that cannot be read.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reading = read(text, given)
    lines = reading.statements
    counting = whole([(line.name, line.expression) for line in lines])
    return Formula(text, reading.parameters, lines, reading.constants, counting)


def run(
    formula: Formula,
    values: Mapping[str, Any],
    name_value: Callable[[Any, str], None] = name_value,
) -> Any:
    """Interpret a formula.

    Args:
        formula: The program.
        values: What each of its parameters stands for.
        name_value: Called with every value that the formula names, and the name.
    """
    known, value = dict(values), None
    for statement in formula.statements:
        with located(f"formula:{statement.line}"):
            value = evaluate(formula.text, statement.expression, known)
        if statement.name:
            name_value(value, statement.name)
            known[statement.name] = value
    return value


# ------------------------------------------------------------ values for the names


def bind(
    formula: Formula, args: tuple[Any, ...], named: Mapping[str, Any]
) -> dict[str, Any]:
    """Give each parameter its value, as a Python function would."""
    parameters = formula.parameters
    if len(args) > len(parameters):
        what = f"{len(args)} values were given to {counted(parameters)}"
        remedy = "names for the values: x=2.0"
        raise FormulaError(what, remedy=remedy, text=formula.text)
    values = dict(zip(parameters, args, strict=False))
    for name in named:
        if name in values:
            what, remedy = f"{name!r} is given twice", "it once"
            raise FormulaError(what, remedy=remedy, text=formula.text)
        if name not in parameters and name not in formula.constants:
            near = similar(name, list(parameters))
            what = f"the formula has {counted(parameters)}, and no {name!r}"
            remedy = f"{near}=" if near else "without it"
            raise FormulaError(what, remedy=remedy, text=formula.text)
    values |= named
    missing = [name for name in parameters if name not in values]
    if missing:
        refuse_missing(formula, missing)
    return values


def refuse_missing(formula: Formula, missing: list[str]) -> None:
    """Say which names have no value, pointing at the first."""
    nodes = [n for line in formula.statements for n in names(line.expression)]
    places = [node.col_offset for node in nodes if node.id == missing[0]]
    verb = "has" if len(missing) == 1 else "have"
    remedy = ", ".join(f"{name}=..." for name in missing)
    if vocabulary.lookup(missing[0]):
        remedy += f"; or {missing[0]}(...) for the function"
    raise FormulaError(
        f"{' and '.join(map(repr, missing))} {verb} no value",
        remedy=remedy,
        text=formula.text,
        at=min(places, default=None),
    )


def counted(parameters: tuple[str, ...]) -> str:
    """How many names there are, and which."""
    listed = f" ({', '.join(parameters)})" if parameters else ""
    return f"{len(parameters)} name{'' if len(parameters) == 1 else 's'}{listed}"
