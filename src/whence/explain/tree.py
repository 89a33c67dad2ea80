"""Terms as expression trees, laid out as a person writes them.

    Trees(name_of).of((y_hat - y)*x)
    ->  {"op": "mul", "args": [{"op": "sub", "args": [{"name": "y_hat"}, …]}, …]}

A tree is a number, a name, a well-known constant or an operation on trees, all plain
JSON values. Its operations are those of the records; a product is one fraction, a sum
adds first and then takes away, so that counting the operations of a tree counts what a
person writes. docs/json.md says what each operation does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from whence.core.graph import Atom, Graph, Literal, Value
from whence.core.size import Size
from whence.core.structure import Pointwise
from whence.explain.blocks import Block
from whence.simplify.constant import constant
from whence.simplify.fraction import HALF, fraction_of, gathered, is_number
from whence.simplify.linear import is_indicator, is_one_hot
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Coefficient,
    Exponent,
    Factor,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    from_factors,
    is_size,
    scale,
    split,
)

Tree = dict[str, Any]
NameOf = Callable[[Symbol], str]


def node(op: str, *args: Tree, **params: Any) -> Tree:
    """An operation on trees."""
    found: Tree = {"op": op, "args": list(args)}
    return {**found, "params": plain(params)} if params else found


def plain(x: Any) -> Any:
    """A param as a plain JSON value: tuples are lists, sizes are numbers."""
    match x:
        case Mapping():
            return {str(k): plain(v) for k, v in x.items()}
        case tuple() | list():
            return [plain(part) for part in x]
        case bool() | str() | None:
            return x
        case Size():
            return {"size": x.name, "number": int(x)}
        case int() | np.integer():
            return int(x)
        case float() | np.floating():
            return number(x)
        case Graph():
            return "a graph"
    return str(x)


def parts_of_index(index: Any, count: int) -> list[Any]:
    """An index as plain JSON: whole numbers, null, slices, and arguments by position.

    Args:
        index: The param of an operation.
        count: How many arguments the operation has; the last are those of the index.
    """
    before = count - sum(isinstance(part, str) for part in index)
    return [
        {"slice": list(part)}
        if isinstance(part, tuple)
        else {"argument": before + int(part[1:])}
        if isinstance(part, str)
        else plain(part)
        for part in index
    ]


def number(x: Any) -> Any:
    """A number or array for JSON; nan and infinities are texts."""
    if x is None or isinstance(x, (str, bool)):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "iufb":
        return str(x)
    if array.ndim:
        return [number(v) for v in array]
    value = array.item()
    return value if np.isfinite(value) else str(value)


def ratio(x: Coefficient) -> Any:
    """A coefficient: a number, or a text "p/q" where it is a fraction."""
    if not isinstance(x, Fraction):
        return number(x)
    return int(x) if x.denominator == 1 else f"{x.numerator}/{x.denominator}"


def needs_sign(coefficient: Coefficient, monomial: Term) -> bool:
    """Whether a negative item has to have a sign of its own."""
    return monomial != ONE and fraction_of(coefficient, monomial)[0]


def is_ratio(x: Coefficient) -> bool:
    """Whether a coefficient is a fraction that is no plain division."""
    return isinstance(x, Fraction) and x.denominator != 1 and abs(x.numerator) != 1


def spelled(x: Term) -> str:
    """A number made of well-known ones, as a formula: 2*sqrt(pi)."""
    if isinstance(x, Sum) and len(x.items) > 1:
        return f"({' + '.join(spelled(scale(c, m)) for c, m in x.items)})"
    coefficient, factors = split(x)
    parts = [] if coefficient == 1 else [str(coefficient)]
    for base, exponent in factors:
        name = str(base.of[1]) if isinstance(base, Symbol) else spelled(base)
        if exponent == HALF:
            name = f"sqrt({name})"
        elif exponent != 1:
            name = f"{name}**{exponent}"
        parts.append(name)
    return "*".join(parts)


def value_of(x: Term) -> float:
    """The number that sums and products of numbers are."""
    if isinstance(x, Sum) and len(x.items) > 1:
        return sum(value_of(scale(c, m)) for c, m in x.items)
    coefficient, factors = split(x)
    total = float(coefficient)
    for base, exponent in factors:
        known = base.number if isinstance(base, Symbol) else value_of(base)
        assert known is not None, "only constants are numbers"
        total *= float(known) ** float(exponent)
    return total


class Trees:
    """Writes terms and definitions as trees."""

    def __init__(self, name_of: NameOf) -> None:
        self.name_of = name_of

    def of(self, x: Term) -> Tree:
        """The tree of a term."""
        match x:
            case Num():
                return {"number": ratio(x.number)}
            case Symbol():
                return self.symbol(x)
            case Sum():
                return self.sum(x)
            case Prod():
                return self.product(Fraction(1), x)
            case App():
                return self.applied(x)
        raise AssertionError(f"no such term: {x!r}")

    def symbol(self, x: Symbol) -> Tree:
        """A name, a size or a well-known constant."""
        if x.number is None:
            return {"name": self.name_of(x)}
        kind = "size" if is_size(x) else "constant"
        name = x.of[1] if isinstance(x.of, tuple) else str(x.of)
        return {kind: name, "number": number(x.number)}

    def sum(self, x: Sum) -> Tree:
        """A sum: what is added first, then what is taken away."""
        items = sorted(x.items, key=lambda item: (item[0] < 0, item[1] == ONE))
        if all(c < 0 for c, _ in items):  # one that can stand without a sign is first
            items.sort(key=lambda item: needs_sign(*item))
        total = self.product(items[0][0], items[0][1])
        for coefficient, monomial in items[1:]:
            size = -coefficient if coefficient < 0 else coefficient
            other = self.product(size, monomial)
            total = node("sub" if coefficient < 0 else "add", total, other)
        return total

    def product(self, coefficient: Coefficient, x: Term) -> Tree:
        """A coefficient times a monomial, as one fraction."""
        if x == ONE:
            return {"number": ratio(coefficient)}
        if coefficient == 1 and not isinstance(x, Prod):
            return self.of(x)
        if isinstance(x, (Symbol, App)) and is_ratio(coefficient):
            return node("mul", {"number": ratio(coefficient)}, self.of(x))
        negative, above, below = fraction_of(coefficient, x)
        top, bottom = self.chain(above), self.chain(below)
        if negative:
            top = node("neg", top)
        return node("div", top, bottom) if below else top

    def chain(self, factors: list[Factor]) -> Tree:
        """The product of some factors."""
        factors = gathered(factors)
        numbers = [f for f in factors if is_number(f)]
        trees = [self.raised(*f) for f in factors if f not in numbers]
        if numbers:
            trees.insert(0, self.known_number(numbers))
        total = trees[0] if trees else {"number": 1}
        for other in trees[1:]:
            total = node("mul", total, other)
        return total

    def known_number(self, factors: list[Factor]) -> Tree:
        """A product of numbers: one of them as it is, 2·√π as a constant."""
        if len(factors) == 1 and factors[0][1] == 1:
            return self.of(factors[0][0])
        product = from_factors(Fraction(1), factors)
        return {"constant": spelled(product), "number": value_of(product)}

    def raised(self, base: Term, exponent: Exponent) -> Tree:
        """A base to a power."""
        inner = exponent if isinstance(exponent, Term) else Num(exponent)
        if base == EULER:
            return node("exp", self.of(inner))
        if inner == ONE:
            return self.of(base)
        if inner == Num(HALF):
            return node("sqrt", self.of(base))
        return node("power", self.of(base), self.of(inner))

    def applied(self, x: App) -> Tree:
        """An operation of the records."""
        if is_indicator(x):
            return node("indicator", self.of(x.operands[0]))
        entrywise = isinstance(x.primitive.structure, Pointwise)
        args = [
            self.of(y)
            if entrywise or tuple(y.shape) == tuple(aval.shape)
            else repeated(self.of(y), aval.shape)
            for y, aval in zip(x.operands, x.given, strict=True)
        ]
        if is_one_hot(x):
            ones = operation("one_hot", args[1:], dict(x.params))
            mask = x.given[0].dtype.kind == "b"
            return node("convert", ones, dtype="bool") if mask else ones
        return operation(x.primitive.name, args, dict(x.params))

    def block(self, block: Block, symbol_of: Callable[[Value], Symbol | None]) -> Tree:
        """A definition as it was written: its operations in their order."""
        known: dict[Atom, Tree] = {}
        for x in block.operands:
            symbol = symbol_of(x)
            assert symbol is not None, "a block is made of named values"
            known[x] = self.of(symbol)
        for equation in block.equations:
            name = equation.primitive.name
            entrywise = isinstance(equation.primitive.structure, Pointwise)
            args = [
                self.literal(x, entrywise=entrywise or name == "broadcast")
                if isinstance(x, Literal)
                else known[x]
                for x in equation.operands
            ]
            found = operation(name, args, equation.params)
            known[equation.results[0]] = args[0] if name == "positive" else found
        return known[block.value]

    def literal(self, x: Literal, *, entrywise: bool) -> Tree:
        """A number of the program, repeated to its shape where that is needed."""
        number = self.of(constant(x.number))
        return (
            number if entrywise or not x.aval.shape else repeated(number, x.aval.shape)
        )


def repeated(x: Tree, shape: Any) -> Tree:
    """A tree repeated to a shape."""
    return node("broadcast", x, shape=tuple(shape))


def operation(name: str, args: list[Tree], params: Mapping[str, Any]) -> Tree:
    """An operation of the records, its params as plain JSON."""
    params = dict(params)
    if "index" in params:
        params["index"] = parts_of_index(params["index"], len(args))
    return node(name, *args, **params)


# what a tree may do without an operation being counted: entries are moved, none is made
FREE = frozenset(
    {"transpose", "broadcast", "convert", "reshape", "getitem", "one_hot", "indicator"}
)


def operations(tree: Any) -> int:
    """The number of operations in a tree, as a person counts."""
    if isinstance(tree, list):
        return sum(map(operations, tree))
    if "op" not in tree:
        return 0
    return operations(tree["args"]) + (tree["op"] not in FREE)
