"""Graphs and terms: read values of a graph as a term, and write a term as equations.

    Reader(made, opaque).read(value) -> Term        write(term, builder, aval) -> Tracer

A reader looks through equations until it meets an opaque value (an input, a value with a
name), which becomes a symbol. Broadcasts are not read, since terms broadcast by
themselves; the writer puts them back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from whence.core.aval import Aval, Quotient, Size
from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Literal, Value
from whence.core.primitive import named
from whence.core.tracer import Tracer
from whence.ops.promote import alike
from whence.ops.shape import spread
from whence.simplify.linear import is_finite, is_one_hot, leaves
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    App,
    Coefficient,
    Exponent,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    exact,
    from_factors,
    mul,
    power,
    rebuild,
    scale,
    split,
    whole,
)
from whence.transform.masks import STRONG_ZERO

HALF = Fraction(1, 2)

# floats that are a constant's, so that readers see log 2 and not 0.6931
CONSTANTS = {
    math.log(2): "log(2)",
    math.log(10): "log(10)",
    math.pi: "pi",
    math.sqrt(2 * math.pi): "sqrt(2*pi)",
    math.sqrt(2): "sqrt(2)",
    2 / math.sqrt(math.pi): "2/sqrt(pi)",
}


def constant(number: Any) -> Term:
    """The term of a literal: sizes and well-known floats keep their names."""
    if isinstance(number, float) and number == math.e:
        return EULER
    if isinstance(number, float) and number == 2 * math.pi:
        return 2 * constant(math.pi)
    if isinstance(number, Quotient):
        return constant(number.above) / constant(number.below)
    if isinstance(number, Size):
        return Symbol(
            ("size", number.name), order=number.name, positive=True, number=int(number)
        )
    if isinstance(number, float) and abs(number) in CONSTANTS:
        name = CONSTANTS[abs(number)]
        symbol = Symbol(("constant", name), positive=True, number=abs(number))
        return symbol if number > 0 else -symbol
    return Num(exact(number))


class Reader:
    """Reads values as terms, each once.

    Args:
        made: The equation that makes each value.
        opaque: Whether a value is not to be looked into.
        symbol: The symbol of an opaque value.
        masks: Whether to read the masks of strong zeros, which change no real number.
        guards: Whether to read the guards with which derivative rules hold a convention
            at single points; without them, a choice with a zero branch is a product.
    """

    def __init__(
        self,
        made: Mapping[Value, Equation],
        opaque: Callable[[Value], bool],
        symbol: Callable[[Value], Term],
        *,
        masks: bool = False,
        guards: bool = False,
    ) -> None:
        self.made, self.opaque, self.symbol = made, opaque, symbol
        self.masks, self.guards = masks, guards
        self.known: dict[Atom, Term] = {}

    def read(self, atom: Atom) -> Term:
        """The term of a value, by a work list: windows may be deep."""
        waiting = [atom]
        while waiting:
            x = waiting[-1]
            if x in self.known:
                waiting.pop()
                continue
            if isinstance(x, Literal):
                self.known[x] = constant(x.number)
            elif x not in self.made or self.opaque(x):
                self.known[x] = self.symbol(x)
            else:
                equation = self.made[x]
                missing = [y for y in equation.operands if y not in self.known]
                if missing:
                    waiting.extend(missing)
                    continue
                self.known[x] = self.line(equation)
        return self.known[atom]

    def line(self, equation: Equation) -> Term:
        """The term of one equation over the terms of its operands."""
        operands = [self.known[x] for x in equation.operands]
        reading = ALGEBRA.get(equation.primitive.name)
        if reading is not None:
            return reading(*operands)
        if equation.primitive.name == "select":
            chosen = self.choice(equation, operands)
            if chosen is not None:
                return chosen
        if equation.primitive.name == "convert":
            to = equation.results[0].aval
            if to.moves:
                return operands[0]  # integers and truth values are numbers too
        (y,) = equation.results
        return apply(
            equation.primitive,
            tuple(operands),
            tuple(sorted(equation.params.items())),
            y.aval.shape,
            tuple(x.aval for x in equation.operands),
        )

    def choice(self, equation: Equation, operands: list[Term]) -> Term | None:
        """A choice without its masks and guards, where they are not to be read."""
        if equation.origin.rule == STRONG_ZERO:
            return None if self.masks else operands[1]
        if self.guards:
            return None
        if self.is_guard(equation):
            return operands[2]
        if operands[2] == ZERO and is_finite(operands[1], given=True):
            return mul(operands[1], self.indicator(equation, operands[0]))
        return None

    def indicator(self, equation: Equation, condition: Term) -> Term:
        """1 where a condition holds and 0 elsewhere."""
        (y,) = equation.results
        given = tuple(x.aval for x in equation.operands)
        operands = (condition, ONE, ZERO)
        return apply(equation.primitive, operands, (), y.aval.shape, given)

    def is_guard(self, equation: Equation) -> bool:
        """Whether a choice is a derivative rule's own, between a point and the rest."""
        maker = self.made.get(equation.operands[0])  # type: ignore[call-overload]
        return (
            maker is not None
            and maker.primitive.name == "equal"
            and maker.origin.rule in AT_POINTS
        )


AT_POINTS = frozenset(
    f"differential of {name}"
    for name in ["power", "hypot", "arctan2", "norm", "std", "maximum", "minimum"]
)


def raised(base: Term, exponent: Term) -> Term:
    """A power, its exponent a number where it is one."""
    return power(base, exponent.number if isinstance(exponent, Num) else exponent)


ALGEBRA: dict[str, Callable[..., Term]] = {
    "add": add,
    "sub": lambda x, y: add(x, scale(-1, y)),
    "neg": lambda x: scale(-1, x),
    "mul": mul,
    "div": lambda x, y: mul(x, power(y, Fraction(-1))),
    "power": raised,
    "square": lambda x: power(x, Fraction(2)),
    "reciprocal": lambda x: power(x, Fraction(-1)),
    "sqrt": lambda x: power(x, HALF),
    "exp": lambda x: raised(EULER, x),
    "positive": lambda x: x,
    "broadcast": lambda x: x,
}


# ------------------------------------------------------------------- writing


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
        return spread(tracer, aval.shape)  # type: ignore[no-any-return]

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
        return spread(tracer, aval.shape)  # type: ignore[no-any-return]

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
                return self.number(math.exp(operand.atom.number))
            return named("exp")(operand)
        value = self.value(base)
        if isinstance(exponent, Term):
            return self.do("power", value, self.value(exponent))
        if exponent == 1:
            return value
        if exponent == HALF:
            return named("sqrt")(value)
        if exponent == 2:
            return self.do("mul", value, value)
        return self.do("power", value, self.number(exponent))

    def do(self, name: str, *operands: Tracer) -> Tracer:
        """Write an entrywise operation over operands that broadcast."""
        atoms = [x.atom for x in operands]
        if all(isinstance(x, Literal) for x in atoms):
            numbers = [x.number for x in atoms if isinstance(x, Literal)]
            return self.number(named(name).reference(*map(float, numbers)).item())
        return named(name)(*alike(operands))


def fraction_of(
    coefficient: Coefficient, x: Term
) -> tuple[bool, list[tuple[Term, Exponent]], list[tuple[Term, Exponent]]]:
    """A monomial as a sign and the factors above and below a fraction line.

    Exponents are positive. A negative sign goes into a sum where there is one, so that
    -(y - x)*z is (x - y)*z. The size of the coefficient is a factor.
    """
    above: list[tuple[Term, Exponent]] = []
    below: list[tuple[Term, Exponent]] = []
    negative = coefficient < 0
    turned = turnable(split(x)[1]) if negative else None
    for base, exponent in split(x)[1]:
        shown = base
        if base is turned:
            negative, shown = False, opposite(base)
        if isinstance(exponent, Term) or exponent > 0:
            above.append((shown, exponent))
        else:
            below.append((shown, -exponent))
    if isinstance(coefficient, Fraction):
        if abs(coefficient.numerator) != 1:
            above.insert(0, (Num(Fraction(abs(coefficient.numerator))), Fraction(1)))
        if coefficient.denominator != 1:
            below.insert(0, (Num(Fraction(coefficient.denominator)), Fraction(1)))
    elif abs(coefficient) != 1:
        above.insert(0, (Num(abs(coefficient)), Fraction(1)))
    if negative and (not above or isinstance(above[0][0], Num)):
        number = above.pop(0)[0].number if above else Fraction(1)  # type: ignore[attr-defined]
        above.insert(0, (Num(-number), Fraction(1)))
        negative = False
    return negative, above, below


def turnable(factors: tuple[tuple[Term, Exponent], ...]) -> Term | None:
    """The sum that best takes in a minus: one less a constant, else one with a minus."""
    sums = [(b, inner_sum(b)) for b, e in factors if whole(e) and e % 2]
    found = [(b, x) for b, x in sums if x is not None and mixed(x)]
    constants = [next((c for c, m in x.items if m == ONE), 0) for _, x in found]
    order = sorted(range(len(found)), key=lambda i: (constants[i] > 0, constants[i]))
    return found[order[0]][0] if found else None


def inner_sum(x: Term) -> Sum | None:
    """The sum that a minus before a term may go into: itself, or inside a linear one."""
    if isinstance(x, Sum):
        return x
    if isinstance(x, App) and x.primitive.name in (
        "contract",
        "sum",
        "mean",
        "transpose",
    ):
        return next((y for y in x.operands if isinstance(y, Sum) and mixed(y)), None)
    return None


def opposite(x: Term) -> Term:
    """A term with the other sign, the sign gone into the sum inside."""
    if isinstance(x, Sum):
        return scale(-1, x)
    assert isinstance(x, App)
    inner = inner_sum(x)
    operands = tuple(scale(-1, y) if y is inner else y for y in x.operands)
    return App(x.primitive, operands, x.params, x.shape, x.given)


def mixed(x: Sum) -> bool:
    """Whether a sum has items of both signs, so that neither sign of it looks odd."""
    return any(c < 0 for c, _ in x.items) and any(c > 0 for c, _ in x.items)
