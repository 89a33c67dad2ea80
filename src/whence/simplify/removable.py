"""Removable singularities: sin(x)/x has a value at 0, and so has the form that runs.

    filled(graph) -> the same program with every such gap filled, and where

    sin(x)/x   ->   where(|x| < 1, 1 − x²/6 + x⁴/120 − …, sin(x)/x)

The closed form has no value at the point itself and loses digits near it; a power
series has both. It stands in the program, before differentiation, so that derivatives
of every order are right there as well. Each side is computed away from where it has no
use (the textbook's double where), so that nothing overflows or divides by zero.

What is looked for: a sum or product, in one value that functions of analysis are
applied to, that divides by something which vanishes at a fraction, and whose Laurent
series there, exact, has no negative power.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import floor, log2

from whence.core.aval import BOOL, Aval
from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import named
from whence.core.tracer import Tracer
from whence.simplify.fraction import is_constant, is_number
from whence.simplify.read import ALGEBRA, Reader
from whence.simplify.rule import distributed
from whence.simplify.search import denominators, places
from whence.simplify.series import FUNCTIONS, NoSeriesError, Series, laurent
from whence.simplify.stable import maker_of
from whence.simplify.term import (
    EULER,
    ONE,
    Exponent,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    from_factors,
    is_exact,
    items_of,
    mul,
    rebuild,
    scale,
    split,
    symbols_of,
)
from whence.simplify.write import Writer

NEAR = "series-near"  # the rule by which a series is put near a point
READ = (FUNCTIONS.keys() | ALGEBRA.keys()) - {"broadcast"}
LARGEST = 40  # equations, counted as a tree; a larger expression is not looked into
GLANCE, FULL = 8, 34  # coefficients: to decide, and to compute with
DEGREE = 26  # of the polynomial that runs
RADII = [Fraction(1, 2**k) for k in range(7)]  # of the stretch where it runs, tried
TINY = Fraction(1, 10**17)  # what is left out, beside the largest coefficient
LETTER = Symbol("s", order="s")  # for the symbol of whatever is looked at
POLE = "pole"


@dataclass(frozen=True)
class Gap:
    """A removable singularity.

    Attributes:
        symbol: The symbol that the expression is in.
        at: Where it has no value.
        radius: How far from there the series runs.
        coefficients: Those of the series, lowest first.
        part: The expression, alone.
        around: The whole that it is part of, with something else in its place.
    """

    symbol: Symbol
    at: Fraction
    radius: Fraction
    coefficients: tuple[float, ...]
    part: Term
    around: Callable[[Term], Term]


def filled(graph: Graph) -> tuple[Graph, dict[Value, Gap]]:
    """Put a series near every removable singularity of a program."""
    if not any(divides(e) for e in graph.equations):
        return graph, {}
    looking = Looking(graph)
    gaps: dict[Value, Gap] = {}
    builder = Builder(graph)
    for equation in graph.equations:
        gap = looking.gap_of(equation)
        if gap is None:
            builder.append(equation)
            continue
        (value,) = equation.results
        gaps[value] = gap
        looking.fill(builder, equation, gap)
    return (builder.finish(*graph.outputs), gaps) if gaps else (graph, {})


def divides(equation: Equation) -> bool:
    """Whether an equation divides by something that may vanish."""
    name = equation.primitive.name
    if name in ("div", "power"):
        by = equation.operands[1]
        if name == "div":
            return not isinstance(by, Literal)
        return isinstance(by, Literal) and by.number < 0  # type: ignore[operator]
    return name == "reciprocal"


class Looking:
    """A look over a program for removable singularities."""

    def __init__(self, graph: Graph) -> None:
        self.made = {y: e for e in graph.equations for y in e.results}
        self.symbols = {
            v: Symbol(v, v.aval.shape, order=f"{i:06d}")
            for i, v in enumerate(graph.values())
        }
        self.atoms: dict[Term, Atom] = {s: v for v, s in self.symbols.items()}
        self.size: dict[Value, int] = {}  # of what is looked into, as a tree
        self.poles: dict[Value, set[tuple[Symbol, Fraction]]] = {}
        self.guarded = set(guards(graph, self.made))
        self.sides = {  # what a series is put beside, or computed with, already
            y
            for e in graph.equations
            if e.origin.rule == NEAR and e.primitive.name == "select"
            for y in e.results
        }

    def gap_of(self, equation: Equation) -> Gap | None:
        """The removable singularity that ends at an equation, if one does."""
        if equation.primitive.name not in READ or len(equation.results) != 1:
            return None
        (value,) = equation.results
        if value.aval.dtype.kind != "f":
            return None
        size = 1 + sum(self.size.get(x, 1) for x in values_of(equation))
        if size > LARGEST:
            return None
        self.size[value] = size
        inherited = set[tuple[Symbol, Fraction]]().union(
            *(self.poles.get(x, ()) for x in values_of(equation))
        )
        if not inherited and not divides(equation):
            return None
        reader = Reader(self.made, self.stops, self.symbols.__getitem__)
        whole = reader.read(value)
        return self.of_term(value, whole, inherited)

    def of_term(
        self, value: Value, whole: Term, inherited: set[tuple[Symbol, Fraction]]
    ) -> Gap | None:
        """The removable singularity of a term; its poles are kept in mind."""
        if len(symbols_below(whole)) > 2:
            return None
        poles = set()
        for symbol, at, gap in singularities(whole):
            if symbol.of in self.sides or (symbol.of, at) in self.guarded:
                continue
            if gap is not None:
                return gap
            poles.add((symbol, at))
        self.poles[value] = poles | inherited
        return None

    def stops(self, value: Value) -> bool:
        """Whether a value is not looked into."""
        return value not in self.size

    def fill(self, builder: Builder, equation: Equation, gap: Gap) -> None:
        """Write the series beside the closed form, in place of an equation."""
        (value,) = equation.results
        with builder.because(equation.origin.then(NEAR)):
            part = self.beside(builder, gap)
            name = Symbol("series", gap.part.shape, order="~series")
            atoms = {**self.atoms, name: part.atom}
            writer = Writer(builder, atoms, value.aval.dtype)
            tracer = writer.write(gap.around(name), value.aval)
        builder.call_last(value, tracer)

    def beside(self, builder: Builder, gap: Gap) -> Tracer:
        """The series near the point, the closed form elsewhere."""
        s = Tracer(builder, self.atoms[gap.symbol])
        at, radius = float(gap.at), float(gap.radius)
        aside = s - at if at else s
        near = named("less")(named("abs")(aside), radius)
        zero = Tracer(builder, Literal(0.0, s.aval))
        edge = Tracer(builder, Literal(at + radius, s.aval))
        within = named("select")(near, aside, zero)
        beyond = named("select")(near, edge, s)
        series = named("polynomial")(within, coefficients=gap.coefficients)
        writer = Writer(builder, {**self.atoms, gap.symbol: beyond.atom}, s.dtype)
        closed = writer.write(gap.part, s.aval)
        chosen: Tracer = named("select")(near, series, closed)
        return chosen


def values_of(equation: Equation) -> list[Value]:
    """The operands of an equation that are no literals."""
    return [x for x in equation.operands if isinstance(x, Value)]


def guards(
    graph: Graph, made: Mapping[Value, Equation]
) -> Iterator[tuple[Value, Fraction]]:
    """The values and points near which a program runs a series already."""
    for equation in graph.equations:
        if equation.origin.rule != NEAR or equation.primitive.name != "less":
            continue
        size = maker_of(equation.operands[0], made)
        aside = size and maker_of(size.operands[0], made)
        if aside is not None and aside.primitive.name == "sub":
            s, at = aside.operands
            if isinstance(s, Value) and isinstance(at, Literal):
                yield s, Fraction(at.number)  # type: ignore[arg-type]
        if size is not None and isinstance(size.operands[0], Value):
            yield size.operands[0], Fraction(0)


# ------------------------------------------------------------- where, and whether


def symbols_below(x: Term) -> set[Symbol]:
    """The symbols that a term divides by."""
    return {s for b in denominators(x) for s in unknowns(b)}


def unknowns(x: Term) -> set[Symbol]:
    """The symbols of a term that stand for no number that everybody knows."""
    return {s for s in symbols_of(x) if s != EULER and not is_constant(s)}


def singularities(whole: Term) -> Iterator[tuple[Symbol, Fraction, Gap | None]]:
    """The points at which the form of a term has no value.

    Yields:
        The symbol, where it has that point, and the gap; None for that where it is a
        pole.
    """
    for symbol in sorted(symbols_below(whole), key=lambda s: s.text):
        part, around = apart(whole, symbol)
        for at in points(part, symbol):
            found = known(rebuild(part, {symbol: LETTER}), at)
            if found is None and not at:
                found = stretched(part, symbol)
            if isinstance(found, str):
                yield symbol, at, None
            elif found is not None:
                yield symbol, at, Gap(symbol, at, *found, part, around)


def with_series(x: Term) -> Term | None:
    """A term with a series near a point where its form has no value."""
    gaps = (gap for _, _, gap in singularities(x) if gap is not None)
    gap = next(gaps, None)
    return None if gap is None else gap.around(either(gap))


def either(gap: Gap) -> Term:
    """The series near a point and the closed form elsewhere, as readers are told it.

    Nothing is differentiated after this, so both sides are of the same symbol; what the
    side without use is there goes nowhere.
    """
    aside = gap.symbol - Num(gap.at)
    near = apply(named("less"), (apply(named("abs"), (aside,)), Num(gap.radius)))
    params = (("coefficients", gap.coefficients),)
    series = apply(named("polynomial"), (aside,), params)
    shape = gap.part.shape
    given = (Aval(shape, BOOL), Aval(shape), Aval(shape))
    return apply(named("select"), (near, series, gap.part), (), shape, given)


def apart(whole: Term, s: Symbol) -> tuple[Term, Callable[[Term], Term]]:
    """The part of a sum or product that is in one symbol, and the rest around it."""
    if isinstance(whole, Sum) and len(whole.items) > 1:
        inside = [(c, m) for c, m in whole.items if only(m, s)]
        part = add(*(scale(c, m) for c, m in inside))
        others = add(*(scale(c, m) for c, m in whole.items if not only(m, s)))
        return part, lambda x: add(others, x)
    number, factors = split(whole)
    inside_factors = [
        (b, e)
        for b, e in factors
        if s in symbols_of(from_factor(b, e)) and only(from_factor(b, e), s)
    ]
    left = [f for f in factors if f not in inside_factors]
    rest = from_factors(number, left)
    return from_factors(Fraction(1), inside_factors), lambda x: mul(rest, x)


def from_factor(base: Term, exponent: Exponent) -> Term:
    """One factor of a product, alone."""
    return from_factors(Fraction(1), [(base, exponent)])


def only(x: Term, s: Symbol) -> bool:
    """Whether a term is in one symbol alone."""
    return unknowns(x) <= {s}


def points(x: Term, s: Symbol) -> list[Fraction]:
    """The fractions at which something in a term may vanish: 0, and affine roots."""
    found = {Fraction(0): None}
    for y in places(x):
        if isinstance(y, Sum) and len(y.items) == 2:
            slope = sum((c for c, m in y.items if m == s), Fraction(0))
            height = sum((c for c, m in y.items if m == ONE), Fraction(0))
            if slope and height and is_exact(slope) and is_exact(height):
                found[-Fraction(height) / Fraction(slope)] = None
    return list(found)[:4]


@lru_cache(maxsize=1_024)
def known(x: Term, at: Fraction) -> tuple[Fraction, tuple[float, ...]] | str | None:
    """The series of a term at a point where its form has no value.

    Returns:
        How far it runs and its coefficients; POLE where it has negative powers; None
        where the form has a value, or no series in fractions.
    """
    try:
        glance = laurent(x, LETTER, at, GLANCE)
        if glance.first < 0:
            return POLE
        if not vanishing(x, at):
            return None
        found = laurent(x, LETTER, at, FULL)
    except NoSeriesError:
        return None
    return cut(found)


def stretched(x: Term, s: Symbol) -> tuple[Fraction, tuple[float, ...]] | str | None:
    """The series of a term about 0 that is in a number times its symbol, like π·x.

    The series is found in that product, where its coefficients are fractions.
    """
    for stretch in dict.fromkeys(stretches(x, s)):
        term = rebuild(x, {s: LETTER / stretch})
        front = numbers_of(items_of(term)[0][1])
        found = known(distributed(1 / front, term), Fraction(0))
        if found is None or isinstance(found, str):
            continue
        radius, coefficients = found
        size, number = value_of(stretch), value_of(front)
        reach = Fraction(2) ** floor(log2(radius / abs(size)))
        return reach, tuple(number * c * size**n for n, c in enumerate(coefficients))
    return None


def stretches(x: Term, s: Symbol) -> Iterator[Term]:
    """The numbers that a symbol is multiplied by in a term, but fractions."""
    for place in places(x):
        if isinstance(place, Prod) and (s, 1) in place.factors:
            number = numbers_of(place)
            if number != ONE:
                yield number


def numbers_of(x: Term) -> Term:
    """The factors of a product that are numbers, like 2·√π."""
    return from_factors(Fraction(1), [f for f in split(x)[1] if is_number(f)])


def value_of(x: Term) -> float:
    """The number that a product of numbers is."""
    total = 1.0
    for base, exponent in split(x)[1]:
        number = base.number if isinstance(base, (Num, Symbol)) else None
        assert number is not None, f"{base!r} is no number"
        total *= float(number) ** float(exponent)
    return total


def vanishing(x: Term, at: Fraction) -> bool:
    """Whether something that a term divides by vanishes at a point."""
    return any(laurent(b, LETTER, at, GLANCE).first > 0 for b in denominators(x))


def cut(found: Series) -> tuple[Fraction, tuple[float, ...]] | None:
    """The polynomial that a series is near its point, and how far it is that."""
    coefficients = [found.at(n) for n in range(DEGREE)]
    size = max(abs(c) for c in coefficients)
    tail = [(n, abs(found.at(n))) for n in range(DEGREE - 6, DEGREE + 1)]
    for radius in RADII:
        if all(n * n * c * radius**n <= size * radius**3 * TINY for n, c in tail):
            while len(coefficients) > 1 and not coefficients[-1]:
                coefficients.pop()
            return radius, tuple(float(c) for c in coefficients)
    return None
