"""Names put back where they are divided by: what they stand for may cancel.

    undivided(x/(2u) + u, meaning)  ->  3·√x/2          u = √x

A name keeps a window small, and hides that a quotient has a value where what it divides
by has none: √x at 0, e^b far out. Where fewer things are divided by once the names are
put back, that form runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from whence.core.graph import Equation, Value
from whence.simplify.cost import cost
from whence.simplify.read import ALGEBRA, Reader
from whence.simplify.search import denominators
from whence.simplify.term import Prod, Symbol, Term, rebuild, symbols_of

DEEP = 4  # names that stand for names
LONGER = 12  # operations; a form that grows by more is not looked at

Meaning = Callable[[Symbol], Term | None]


def undivided(x: Term, meaning: Meaning) -> Term:
    """A term with names put back, if it then divides by less.

    Args:
        x: A term over names.
        meaning: What a name stands for, if that is a product of powers.
    """
    below = denominators(x)
    if not any(isinstance(b, Symbol) and meaning(b) is not None for b in below):
        return x
    found = x
    for _ in range(DEEP):
        back: dict[Term, Term] = {
            s: m for s in symbols_of(found) if (m := meaning(s)) is not None
        }
        if not back:
            break
        found = rebuild(found, back)
    if cost(found) > cost(x) + LONGER:
        return x
    return found if len(denominators(found)) < len(below) else x


class Meanings:
    """What the names of a program stand for, where that is a product of powers.

    Args:
        made: The equation that makes each value of the program.
        symbols: The symbol of each of its values.
        names: The values that have a name.
    """

    def __init__(
        self,
        made: Mapping[Value, Equation],
        symbols: Mapping[Value, Symbol],
        names: Mapping[Value, str],
    ) -> None:
        self.made = made
        self.reader = Reader(made, names.__contains__, symbols.__getitem__)
        self.known: dict[Symbol, Term | None] = {}

    def of(self, symbol: Symbol) -> Term | None:
        """The meaning of a name, read once."""
        if symbol not in self.known:
            self.known[symbol] = self.read(symbol)
        return self.known[symbol]

    def read(self, symbol: Symbol) -> Term | None:
        """What a name stands for, over other names."""
        equation = self.made.get(symbol.of) if isinstance(symbol.of, Value) else None
        if equation is None or equation.primitive.name not in ALGEBRA:
            return None
        for x in equation.operands:
            self.reader.read(x)
        found = self.reader.line(equation)
        return found if isinstance(found, Prod) else None
