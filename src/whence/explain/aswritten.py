"""A definition as the user wrote it: the operations in their order, nothing rearranged.

    as_written(block, writer, symbol_of) -> "−(y·log(ŷ) + (1 − y)·log(1 − ŷ))"

Where a derivation introduces a name, the reader should find their own formula again,
not its normal form. Operations are written by the notation of their records.
"""

from __future__ import annotations

from collections.abc import Callable

from whence.core.graph import Atom, Equation, Literal, Value
from whence.core.notation import ATOM, LOOSE, POWER, PRODUCT, SUM, UNARY
from whence.explain.blocks import Block
from whence.explain.writer import CALLED, Part, Writer
from whence.simplify.constant import constant
from whence.simplify.term import App, Symbol

SymbolOf = Callable[[Value], Symbol | None]


def as_written(block: Block, writer: Writer, symbol_of: SymbolOf) -> str:
    """The definition of a block's value."""
    made = {y: e for e in block.equations for y in e.results}
    known: dict[Atom, Part] = {}
    for x in block.operands:
        symbol = symbol_of(x)
        known[x] = writer.part(symbol) if symbol else ("?", ATOM)
    for equation in block.equations:
        operands = [
            writer.part(constant(x.number)) if isinstance(x, Literal) else known[x]
            for x in equation.operands
        ]
        known[equation.results[0]] = line(equation, operands, writer)
    return known[block.value][0] if block.value in made else "?"


def line(equation: Equation, operands: list[Part], writer: Writer) -> Part:
    """One operation over operands that are written already."""
    name = equation.primitive.name
    if name in ("broadcast", "convert", "positive"):
        return operands[0]
    if name in INFIX:
        return infix(name, equation, operands, writer)
    if name == "neg":
        return negated(operands[0], writer)
    if name in ("power", "square"):
        exponent = operands[1] if name == "power" else ("2", ATOM)
        need = ATOM if writer.dialect.key == "code" else LOOSE
        base = bracketed(operands[0], ATOM, writer)
        return writer.dialect.power(base, bracketed(exponent, need, writer)), POWER
    if name == "sqrt":
        return writer.dialect.root(operands[0][0]), ATOM
    return by_notation(equation, operands, writer)


def negated(part: Part, writer: Writer) -> Part:
    """A sign before an operand; in print none is taken from a product in brackets."""
    need = UNARY if writer.dialect.key == "code" else PRODUCT
    text, binds = part
    inner = writer.bracket(text) if text.startswith(writer.dialect.minus) else text
    shown = writer.dialect.minus + bracketed((inner, binds), need, writer)
    return shown, min(max(binds, need), UNARY)


INFIX = {"add": SUM, "sub": SUM, "mul": PRODUCT, "div": PRODUCT}


def infix(name: str, equation: Equation, operands: list[Part], writer: Writer) -> Part:
    """A sum, a difference, a product or a fraction."""
    dialect, binds = writer.dialect, INFIX[name]
    if name == "div" and not dialect.slash:
        (above, strength), (below, _) = operands
        if above.startswith(dialect.minus) and strength >= PRODUCT:
            above = above.removeprefix(dialect.minus)
            return dialect.minus + dialect.fraction(above, below), PRODUCT
        return dialect.fraction(above, below), PRODUCT
    left = bracketed(operands[0], binds, writer)
    right = bracketed(operands[1], binds + (name in ("sub", "div")), writer)
    if right.startswith(dialect.minus):
        right = writer.bracket(right)
    if name == "div":
        return dialect.fraction(left, right), binds
    arrays = all(len(x.aval.shape) for x in equation.operands if isinstance(x, Value))
    both = arrays and all(isinstance(x, Value) for x in equation.operands)
    joint = {
        "add": " + ",
        "sub": f" {dialect.minus} ",
        "mul": dialect.entrywise if both else dialect.times,
    }[name]
    if (
        name == "mul"
        and dialect.key == "text"
        and left.isdigit()
        and right[:1].isalpha()
        and not CALLED.match(right)
    ):
        joint = ""
    return left + joint + right, binds


def bracketed(part: Part, need: int, writer: Writer) -> str:
    """An operand, in brackets if it holds together less than its place needs."""
    text, binds = part
    return writer.bracket(text) if binds < need else text


def by_notation(equation: Equation, operands: list[Part], writer: Writer) -> Part:
    """Any other operation, as the writer of terms writes it over these operands."""
    stand_ins = {f"operand {i}": part for i, part in enumerate(operands)}
    symbols = [
        Symbol(f"operand {i}", x.aval.shape) for i, x in enumerate(equation.operands)
    ]

    class Standing(Writer):
        """A writer to whom the operands are names."""

        def symbol(self, x: Symbol) -> Part:
            return stand_ins[x.of]

    standing = Standing(writer.dialect, writer.label, writer.taken)
    term = App(
        equation.primitive,
        tuple(symbols),
        tuple(sorted(equation.params.items())),
        equation.results[0].aval.shape,
        tuple(x.aval for x in equation.operands),
    )
    part = standing.applied(term)
    writer.helpers |= standing.helpers
    return part
