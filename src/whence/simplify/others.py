"""Products and what is left of one without a factor: P = ∏ x, and ∏_(j≠i) x_j.

    product_of_others(x)/prod(x)  ->  1/x        where no entry is 0

The other way round is never taken: the product of the others has no need of a quotient,
and is right where entries are 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from whence.core.graph import Graph, Value
from whence.core.primitive import named
from whence.ops.reduction import kept
from whence.simplify.linear import lines_up
from whence.simplify.rule import operations_in
from whence.simplify.term import (
    App,
    Prod,
    Symbol,
    Term,
    apply,
    from_factors,
    is_exact,
    mul,
    power,
    symbols_of,
)


def without_factor(x: Prod) -> Iterator[tuple[str, Term]]:
    """A product without one factor over the whole product, as one over the factor."""
    apps = [(b, e) for b, e in x.factors if isinstance(b, App) and is_exact(e)]
    for base, exponent in apps:
        if base.primitive.name != "product_of_others" or exponent != 1:
            continue
        for whole, e in apps:
            if e < 0 and is_product_of(whole, base):
                rest = [f for f in x.factors if f not in ((base, 1), (whole, e))]
                left = power(whole, e + 1), power(base.operands[0], Fraction(-1))
                yield "product over factor", mul(from_factors(Fraction(1), rest), *left)


def is_product_of(x: App, others: App) -> bool:
    """Whether a term is the product of all, and lines up with those of the others."""
    if x.primitive.name != "prod" or x.operands != others.operands:
        return False
    axes, (whole,) = dict(others.params)["axis"], others.given
    if dict(x.params)["axis"] != axes or x.given != others.given:
        return False
    keeps: bool = dict(x.params)["keepdims"]
    return keeps or lines_up(x.shape, whole.shape, axes)


class Products:
    """The products that a program has computed, which their names do not show.

    Args:
        graph: The program.
        symbols: The symbol of each of its values.
    """

    def __init__(self, graph: Graph, symbols: Mapping[Value, Symbol]) -> None:
        self.made: dict[Term, Term] = {}
        for equation in graph.equations:
            if equation.primitive.name == "prod":
                (x,), (y,) = equation.operands, equation.results
                if not isinstance(x, Value):
                    continue
                params = tuple(sorted(equation.params.items()))
                shown = apply(
                    equation.primitive,
                    (symbols[x],),
                    params,
                    y.aval.shape,
                    (x.aval,),
                )
                self.made[symbols[y]] = shown

    def opened(self, x: Term) -> dict[Term, Term]:
        """What the products in a term are, where it has a product of others too."""
        if not self.made or "product_of_others" not in operations_in(x):
            return {}
        return {s: self.made[s] for s in symbols_of(x) if s in self.made}


def closed(opened: Mapping[Term, Term]) -> dict[Term, Term]:
    """The names of products by what they are, as they stand and with all axes kept."""
    found: dict[Term, Term] = {}
    for symbol, whole in opened.items():
        assert isinstance(whole, App), "a product is an operation"
        found[whole] = symbol
        (aval,), params = whole.given, dict(whole.params)
        if not params["keepdims"] and symbol.shape:
            shape = kept(aval.shape, params["axis"])
            wide = (("axis", params["axis"]), ("keepdims", True))
            kind = App(whole.primitive, whole.operands, wide, shape, whole.given)
            given = (aval.like(whole.shape),)
            to = (("shape", shape),)
            found[kind] = App(named("reshape"), (symbol,), to, shape, given)
    return found
