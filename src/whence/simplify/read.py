"""Reading: the term of a value of a graph.

    Reader(made, opaque, symbol).read(value) -> Term

A reader looks through equations until it meets an opaque value (an input, a value with
a name), which becomes a symbol. Broadcasts are not read, since terms broadcast by
themselves; the writer (``simplify.write``) puts them back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from whence.core.graph import Atom, Equation, Literal, Value
from whence.simplify.constant import constant
from whence.simplify.fraction import HALF
from whence.simplify.linear import is_finite
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    Num,
    Term,
    add,
    apply,
    mul,
    power,
    scale,
)
from whence.transform.masks import STRONG_ZERO, is_mask


class Reader:
    """Reads values as terms, each once.

    Args:
        made: The equation that makes each value.
        opaque: Whether a value is not to be looked into.
        symbol: The symbol of an opaque value.
        masks: Whether to read the masks of strong zeros, which change no real number.
        guards: Whether to read the guards with which derivative rules hold a convention
            at single points; without them, a choice with a zero branch is a product.
        apart: Whether quotients of a length stay quotients: (x/r)/r is no x/r² there.
    """

    def __init__(
        self,
        made: Mapping[Value, Equation],
        opaque: Callable[[Value], bool],
        symbol: Callable[[Value], Term],
        *,
        masks: bool = False,
        guards: bool = False,
        apart: bool = False,
    ) -> None:
        self.made, self.opaque, self.symbol = made, opaque, symbol
        self.masks, self.guards, self.apart = masks, guards, apart
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
        if reading is not None and not (self.apart and self.by_length(equation)):
            return reading(*operands)
        if not self.guards and self.counts_ties(equation):
            return ONE
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

    def by_length(self, equation: Equation) -> bool:
        """Whether an equation divides by a length."""
        by = equation.operands[-1]
        maker = self.made.get(by) if isinstance(by, Value) else None
        is_length = maker is not None and maker.primitive.name in LENGTHS
        return equation.primitive.name == "div" and is_length

    def choice(self, equation: Equation, operands: list[Term]) -> Term | None:
        """A choice without its masks and guards, where they are not to be read."""
        if equation.origin.rule == STRONG_ZERO:
            return None if self.masks else operands[1]
        if self.guards:
            return None
        if is_mask(equation):
            return operands[1]
        if self.is_guard(equation):
            return operands[2]
        if operands[2] == ZERO and is_finite(operands[1], given=True):
            return mul(operands[1], self.indicator(equation, operands[0], ONE, ZERO))
        if operands[1] == ZERO and is_finite(operands[2], given=True):
            return mul(operands[2], self.indicator(equation, operands[0], ZERO, ONE))
        return None

    def indicator(
        self, equation: Equation, condition: Term, first: Term, second: Term
    ) -> Term:
        """1 on one side of a condition and 0 on the other."""
        (y,) = equation.results
        given = tuple(x.aval for x in equation.operands)
        operands = (condition, first, second)
        return apply(equation.primitive, operands, (), y.aval.shape, given)

    def counts_ties(self, equation: Equation) -> bool:
        """Whether a sum is a derivative rule's own, of the entries that are largest."""
        if equation.primitive.name != "sum" or equation.origin.rule not in AT_TIES:
            return False
        x = equation.operands[0]
        made = self.made.get(x) if isinstance(x, Value) else None
        return made is not None and made.primitive.name == "convert"

    def is_guard(self, equation: Equation) -> bool:
        """Whether a choice is a derivative rule's own, between a point and the rest."""
        condition = equation.operands[0]
        if not isinstance(condition, Value) or condition not in self.made:
            return False
        maker = self.made[condition]
        return maker.primitive.name == "equal" and maker.origin.rule in AT_POINTS


LENGTHS = frozenset({"hypot", "norm"})
AT_POINTS = frozenset(
    f"differential of {name}"
    for name in ["power", "hypot", "arctan2", "norm", "std", "maximum", "minimum"]
)


AT_TIES = ("differential of max", "differential of min")


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
