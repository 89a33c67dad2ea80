"""Writing: a term as equations of a graph.

    Writer(builder, atoms, dtype).write(term, aval) -> Tracer

Each term is written once, products as one fraction, with the operations that a person
would use: exp, sqrt, a minus. Terms broadcast by themselves; the value of one is spread
over the shape that is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.graph import Atom, Literal
from whence.core.primitive import named
from whence.core.size import Sized, computed
from whence.core.tracer import Tracer
from whence.ops.promote import alike
from whence.ops.shape import spread
from whence.simplify.fraction import HALF, fraction_of
from whence.simplify.linear import is_one_hot
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Coefficient,
    Exponent,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    from_factors,
    split,
)


class Writer:
    """Writes terms into a graph, each once."""

    def __init__(
        self, builder: Builder, atoms: Mapping[Term, Atom], dtype: Any
    ) -> None:
        self.builder, self.atoms, self.dtype = builder, atoms, dtype
        self.known: dict[Term, Tracer] = {}

    def write(self, x: Term, aval: Aval) -> Tracer:
        """The value of a term in the graph, in the shape and dtype asked for."""
        tracer = self.value(x)
        if tracer.dtype != aval.dtype:
            tracer = named("convert")(tracer, dtype=str(aval.dtype))
        if isinstance(tracer.atom, Literal):
            return Tracer(self.builder, Literal(tracer.atom.number, aval))
        whole: Tracer = spread(tracer, aval.shape)
        return whole

    def number(self, number: Any) -> Tracer:
        """A literal, as an int where it is one."""
        if isinstance(number, Fraction):
            whole = number.denominator == 1
            number = int(number) if whole else float(number)
        return Tracer(self.builder, Literal(number, Aval((), self.dtype, weak=True)))

    def value(self, x: Term) -> Tracer:
        """The value of a term, in its own shape."""
        if x not in self.known:
            self.known[x] = self.fresh(x)
        return self.known[x]

    def fresh(self, x: Term) -> Tracer:
        """Write a term that has not been written yet."""
        match x:
            case Num():
                return self.number(x.number)
            case Symbol() if x.number is not None and x not in self.atoms:
                return self.number(x.number)
            case Symbol():
                return Tracer(self.builder, self.atoms[x])
            case Sum():
                return self.sum(x)
            case Prod():
                return self.product(Fraction(1), x)
            case App():
                return self.applied(x)
        raise AssertionError(f"no such term: {x!r}")

    def applied(self, x: App) -> Tracer:
        """Write an operation over its operands."""
        operands = [
            self.in_shape(y, aval) for y, aval in zip(x.operands, x.given, strict=True)
        ]
        result: Tracer = x.primitive(*operands, **dict(x.params))
        return result

    def in_shape(self, y: Term, aval: Aval) -> Tracer:
        """An operand in the shape in which its operation takes it."""
        tracer = self.value(y)
        if isinstance(tracer.atom, Literal):
            dtype = self.dtype if aval.dtype.kind == "f" else aval.dtype
            literal = Literal(tracer.atom.number, Aval(aval.shape, dtype))
            return Tracer(self.builder, literal)
        if tracer.dtype != aval.dtype and aval.moves and not tracer.aval.moves:
            tracer = named("convert")(tracer, dtype=str(aval.dtype))
        whole: Tracer = spread(tracer, aval.shape)
        return whole

    def sum(self, x: Sum) -> Tracer:
        """Write a sum: what is added first, then what is taken away."""
        items = sorted(x.items, key=lambda item: (item[0] < 0, item[1] == ONE))
        total: Tracer | None = None
        for coefficient, monomial in items:
            if total is None:
                total = self.scaled(coefficient, monomial)
            elif coefficient < 0:
                total = self.do("sub", total, self.scaled(-coefficient, monomial))
            else:
                total = self.do("add", total, self.scaled(coefficient, monomial))
        assert total is not None, "an empty sum is the number 0"
        return total

    def scaled(self, coefficient: Coefficient, monomial: Term) -> Tracer:
        """A coefficient times a monomial."""
        if monomial == ONE:
            return self.number(coefficient)
        if coefficient == 1:
            return self.value(monomial)
        return self.product(coefficient, monomial)

    def product(self, coefficient: Coefficient, x: Term) -> Tracer:
        """Write a product as one fraction, small arrays first."""
        for i, (base, exponent) in enumerate(split(x)[1]):
            if is_one_hot(base) and exponent == 1:
                rest = [f for j, f in enumerate(split(x)[1]) if j != i]
                return self.put(base, from_factors(coefficient, rest))
        negative, above, below = fraction_of(coefficient, x)
        top, bottom = self.chain(above), self.chain(below)
        if top is None:
            top = self.number(1)
        if negative:
            top = self.do("neg", top)
        return top if bottom is None else self.do("div", top, bottom)

    def put(self, ones: Term, rest: Term) -> Tracer:
        """Write a one-hot array times a term as the term's entries put among zeros."""
        assert isinstance(ones, App)
        arrays = [self.value(y) for y in ones.operands[1:]]
        index = dict(ones.params)["index"]
        whole = self.in_shape(rest, Aval(ones.shape, self.dtype))
        picked = named("getitem")(whole, *arrays, index=index)
        result: Tracer = ones.primitive(picked, *arrays, **dict(ones.params))
        return result

    def chain(self, factors: list[tuple[Term, Exponent]]) -> Tracer | None:
        """The product of some factors, or None if there are none."""
        ordered = sorted(
            factors, key=lambda f: (len(f[0].shape), isinstance(f[0], Sum))
        )
        total: Tracer | None = None
        for base, exponent in ordered:
            value = self.raised(base, exponent)
            total = value if total is None else self.do("mul", total, value)
        return total

    def raised(self, base: Term, exponent: Exponent) -> Tracer:
        """A base to a power: exp, sqrt and squares by their own operations."""
        if base == EULER:
            operand = self.value(
                exponent if isinstance(exponent, Term) else Num(exponent)
            )
            if isinstance(operand.atom, Literal):
                return self.number(math.exp(real(operand.atom)))
            return named("exp")(operand)
        value = self.value(base)
        if isinstance(exponent, Term):
            return self.do("power", value, self.value(exponent))
        if exponent == 1:
            return value
        if exponent == HALF:
            return self.do("sqrt", value)
        if exponent == 2:
            return self.do("mul", value, value)
        return self.do("power", value, self.number(exponent))

    def do(self, name: str, *operands: Tracer) -> Tracer:
        """Write an entrywise operation over operands that broadcast."""
        numbers = [real(x.atom) for x in operands if isinstance(x.atom, Literal)]
        if len(numbers) == len(operands):
            if any(isinstance(x, Sized) for x in numbers):
                return self.number(computed(name, *numbers))
            return self.number(named(name).reference(*numbers).item())
        return named(name)(*alike(operands))


def real(literal: Literal) -> float:
    """The number of a literal that a writer has written, which is never complex."""
    assert not isinstance(literal.number, complex), "terms have real numbers"
    number = literal.number
    return number if isinstance(number, Sized) else float(number)
