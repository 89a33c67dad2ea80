"""The derivative of a program, each cotangent simplified the moment it is complete.

    derive(graph, wrt) -> Derived: the program of ``vjp``, and how each cotangent came

The cotangent of every value with a name is read as a term over named values and the
cotangents before it, and searched for its shortest form, with those cotangents kept as
they are or put in, whichever is shorter. What is written back is the program that runs;
what was done is kept for the derivation. There is no second engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Value
from whence.core.tracer import Tracer
from whence.simplify.centred import centred_values
from whence.simplify.cost import cost
from whence.simplify.cotangent import cotangent as cotangent_symbol
from whence.simplify.forms import POSITIVE_RESULTS
from whence.simplify.linear import is_finite
from whence.simplify.naming import called
from whence.simplify.others import Products, closed
from whence.simplify.read import ALGEBRA, Reader
from whence.simplify.rule import Step
from whence.simplify.search import remembered, renamed, search, shortened
from whence.simplify.stabilise import Makers, stabilised
from whence.simplify.symmetric import symmetric_values
from whence.simplify.term import (
    EULER,
    App,
    Symbol,
    Term,
    rebuild,
    split,
    symbols_of,
)
from whence.simplify.undivided import Meanings, undivided
from whence.simplify.window import Window, look
from whence.simplify.write import Writer
from whence.transform.forward import linearised
from whence.transform.reverse import pulled_back

LONG = 2_000  # equations; in a longer program only windows that divide are simplified
MOST = 10**6  # operations; totals of deep programs are counted no further
HUGE = 1_000  # operations, what is shared counted anew; such a window is left as it is
PUT_IN = 14  # operations; a longer cotangent is kept as a name


@dataclass(frozen=True)
class Adjoint:
    """How the cotangent of one value came about.

    Attributes:
        value: The value of the program.
        symbol: What later terms call its cotangent.
        raw: The cotangent over the cotangents before it, nothing simplified.
        start: What the search began from: raw, with earlier cotangents put in or not.
        steps: The steps it took.
        term: What it ended with.
        runs: The same with its last digits, which is what a program that runs has.
        total: The operations of the term and of the cotangents it is written in.
    """

    value: Value
    symbol: Symbol
    raw: Term
    start: Term
    steps: tuple[Step, ...]
    term: Term
    runs: Term
    total: int


@dataclass(frozen=True)
class Derived:
    """A derivative and its history.

    Attributes:
        graph: The program from (x, y_bar) to (y, x_bar).
        primal: The program it is the derivative of.
        names: The values at which windows end, with their names.
        symbols: The symbol of each of them.
        adjoints: How the cotangent of each came about, outputs first.
        seeds: The symbols of the cotangents of the outputs.
        kept: The values whose cotangents keep their names wherever they are used.
    """

    graph: Graph
    primal: Graph
    names: Mapping[Value, str]
    symbols: Mapping[Value, Symbol]
    adjoints: Mapping[Value, Adjoint]
    seeds: Mapping[Value, Symbol] = field(default_factory=dict)
    kept: frozenset[Value] = frozenset()

    @cached_property
    def cotangents(self) -> dict[Symbol, Term]:
        """What the symbol of every cotangent stands for."""
        return {a.symbol: a.term for a in self.adjoints.values()}

    @cached_property
    def slight(self) -> dict[Symbol, Term]:
        """The cotangents that need no name of their own: the short, those used once."""
        uses = Counter(s for x in self.cotangents.values() for s in symbols_of(x))
        adjoints = self.adjoints.values()
        return {
            a.symbol: a.term
            for a in adjoints
            if a.value not in self.kept and (a.total <= 2 or uses[a.symbol] <= 1)
        }


def derive(
    graph: Graph,
    wrt: Sequence[Value],
    names: Mapping[Value, str],
    *,
    seed: float | None = None,
    plain: bool = False,
    guards: bool = False,
    assumed: Mapping[Term, Term] = MappingProxyType({}),
    keep: Mapping[Value, bool] = MappingProxyType({}),
    symmetric: Collection[Value] = (),
) -> Derived:
    """Differentiate a program in reverse, simplifying as it goes.

    Args:
        graph: A program from inputs x to outputs y.
        wrt: The inputs that move.
        names: The values at which windows end.
        seed: The cotangent of every output, if it is a number known now.
        plain: For reading: every window is searched, however wide, and without the
            guards that hold conventions at single points.
        guards: Whether to read those guards all the same.
        assumed: Terms that the data make equal to others, for reading only.
        keep: Values whose cotangents keep their names in those that follow, and values
            whose cotangents are always put in; of others the shorter form decides.
        symmetric: Values that are symmetric matrices.
    """
    forward, tangents = linearised(graph, wrt)
    primal_of = {t: x for x, t in tangents.items() if isinstance(x, Value)}
    deriving = Deriving(
        graph,
        names,
        primal_of,
        set(wrt),
        plain=plain,
        guards=guards or not plain,
        assumed=assumed,
        keep=keep,
        symmetric=symmetric,
    )
    whole = pulled_back(graph, forward, deriving.each, seed)
    kept = frozenset(v for v, keeps in keep.items() if keeps)
    return Derived(
        whole, graph, names, deriving.symbols, deriving.adjoints, deriving.seeds, kept
    )


class Deriving:
    """A derivative under way: what ``transpose`` calls for each cotangent."""

    def __init__(
        self,
        graph: Graph,
        names: Mapping[Value, str],
        primal_of: Mapping[Atom, Value],
        wrt: set[Value],
        *,
        plain: bool,
        guards: bool,
        assumed: Mapping[Term, Term],
        keep: Mapping[Value, bool],
        symmetric: Collection[Value],
    ) -> None:
        self.plain, self.guards, self.assumed = plain, guards, assumed
        self.keep = keep
        self.names, self.primal_of, self.wrt = names, primal_of, wrt
        self.symbols = symbols_for(graph, symmetric)
        self.makers = Makers(graph, self.symbols, names if plain else None, names)
        made = {y: e for e in graph.equations for y in e.results}
        self.meanings = Meanings(made, self.symbols, names)
        self.products = Products(graph, self.symbols)
        self.cotangents: dict[Value, Symbol] = {}
        self.seeds: dict[Value, Symbol] = {}
        self.adjoints: dict[Value, Adjoint] = {}
        self.by_symbol: dict[Term, Adjoint] = {}
        self.long = len(graph.equations) > LONG
        self.divides: set[Value] = set()  # cotangents that divide by something
        self.atoms: dict[Term, Atom] = {s: v for v, s in self.symbols.items()}
        self.spoken = spoken(graph, names, self.symbols) if plain else {}
        self.quotients = quotients(graph, names, self.symbols) if plain else {}

    def each(self, builder: Builder, cotangent: Tracer, tangent: Value) -> Tracer:
        """Simplify the complete cotangent of a value, if windows end there."""
        value = self.primal_of.get(tangent)
        if value is None or not (value in self.names or value in self.wrt):
            return cotangent
        atom = cotangent.atom
        if self.is_given(builder, atom):
            return self.seeded(cotangent, value)
        window = look(atom, builder.made, self.is_opaque)
        if not self.plain and (window.wide or self.is_dull(window)):
            return self.kept(cotangent, value)
        raw = self.read(builder, atom, masks=False)
        if not self.plain and cost(raw) > HUGE:
            return self.kept(cotangent, value)
        adjoint = self.simplified(value, raw)
        if not self.plain and window.masked and not is_finite(adjoint.term):
            raw = self.read(builder, atom, masks=True)
            if cost(raw) > HUGE:
                return self.kept(cotangent, value)
            adjoint = self.simplified(value, raw)
        form = adjoint.term if self.plain else adjoint.runs
        written = self.written(builder, form, cotangent)
        self.know(written.atom, adjoint.symbol)
        if isinstance(written.atom, Value) and not is_finite(adjoint.term, given=True):
            self.divides.add(written.atom)
        self.adjoints[value] = adjoint
        self.by_symbol[adjoint.symbol] = adjoint
        return written

    def is_given(self, builder: Builder, atom: Atom) -> bool:
        """Whether a cotangent comes from outside: nothing makes it, nor is it an input.

        The cotangent of y in v·y is v, which is an input of the program itself.
        """
        if not isinstance(atom, Value):
            return False
        return atom not in builder.made and atom not in self.symbols

    def is_dull(self, window: Window) -> bool:
        """Whether a window of a long program has nothing in it that could cancel."""
        return self.long and not window.divides and self.divides.isdisjoint(window.ends)

    def kept(self, cotangent: Tracer, value: Value) -> Tracer:
        """Leave a cotangent as it is; later windows end at it."""
        symbol = cotangent_symbol(value, order=f"~k{len(self.cotangents):06d}")
        self.know(cotangent.atom, symbol)
        return cotangent

    def know(self, atom: Atom, symbol: Symbol) -> None:
        """Let later windows end at a cotangent."""
        if isinstance(atom, Value):
            self.atoms[symbol] = atom
            if atom not in self.symbols:  # a value of the program keeps its own name
                self.cotangents[atom] = symbol

    def seeded(self, cotangent: Tracer, value: Value) -> Tracer:
        """The cotangent of an output is given from outside."""
        atom = cotangent.atom
        assert isinstance(atom, Value)
        if atom not in self.cotangents:
            symbol = Symbol(atom, atom.aval.shape, order=f"~~{len(self.seeds):04d}")
            self.know(atom, symbol)
            self.seeds[value] = symbol
        return cotangent

    def read(self, builder: Builder, atom: Atom, *, masks: bool) -> Term:
        """A cotangent as a term over names and earlier cotangents."""
        reader = Reader(
            builder.made,
            self.is_opaque,
            self.symbol,
            masks=masks,
            guards=self.guards,
        )
        term = reader.read(atom)
        return self.in_names(rebuild(term, self.spoken) if self.spoken else term)

    def in_names(self, x: Term) -> Term:
        """A term with the quotients that the program has computed by their names."""
        for symbol, quotient in self.quotients.items():
            if symbols_of(quotient) <= symbols_of(x):
                x = called(x, quotient, symbol)
        return x

    def is_opaque(self, value: Value) -> bool:
        """Whether a window ends at a value."""
        return value in self.names or value in self.cotangents

    def symbol(self, value: Value) -> Symbol:
        """The symbol of a value at which a window ends."""
        found = self.cotangents.get(value) or self.symbols.get(value)
        if found is None:  # the cotangent of an output without a name
            found = Symbol(
                value, value.aval.shape, order=f"~~{len(self.cotangents):04d}"
            )
            self.know(value, found)
        return found

    def simplified(self, value: Value, raw: Term) -> Adjoint:
        """The shortest form of a cotangent, earlier ones kept or put in."""
        through: dict[Term, Term] = {
            a.symbol: a.term
            for a in self.earlier(raw)
            if self.keep.get(a.value) is False
        }
        start = rebuild(raw, through) if through else raw
        earlier = self.earlier(start)
        kept, steps = self.search(start)
        total = cost(kept) + sum(a.total for a in earlier)
        short: dict[Term, Term] = {
            a.symbol: a.term
            for a in earlier
            if a.total <= PUT_IN and not self.keep.get(a.value)
        }
        if short:
            start_in = self.in_names(rebuild(start, short))
            put_in, steps_in = self.search(start_in)
            left = self.earlier(put_in)
            total_in = cost(put_in) + sum(a.total for a in left)
            tiny = all(a.total <= 2 for a in earlier)
            if total_in < total or (total_in == total and tiny):
                start, kept, steps, total = start_in, put_in, steps_in, total_in
        number = len(self.adjoints)
        symbol = cotangent_symbol(value, order=f"~{number:06d}")
        runs = self.running(kept)
        return Adjoint(
            value, symbol, raw, start, tuple(steps), kept, runs, min(total, MOST)
        )

    def running(self, x: Term) -> Term:
        """The form of a cotangent that runs."""
        whole = undivided(x, self.meaning)
        found = x if whole is x else self.search(whole)[0]
        return stabilised(found, self.makers)[0]

    def meaning(self, symbol: Symbol) -> Term | None:
        """What a name or an earlier cotangent stands for, where it may cancel."""
        earlier = self.by_symbol.get(symbol)
        if earlier is None:
            return self.meanings.of(symbol)
        return earlier.term if earlier.total <= PUT_IN else None

    def earlier(self, x: Term) -> list[Adjoint]:
        """The cotangents that a term is written in."""
        return [self.by_symbol[s] for s in symbols_of(x) if s in self.by_symbol]

    def search(self, start: Term) -> tuple[Term, list[Step]]:
        """The shortest form of a term; for running, remembered, without the steps."""
        opened = self.products.opened(start)
        if opened:
            start = rebuild(start, opened)
        if self.assumed:
            found, steps = search(start, self.assumed)
        elif self.plain:
            found, steps = remembered(start)
        else:
            found, steps = shortened(start), []
        return renamed(found, steps, closed(opened)) if opened else (found, steps)

    def written(self, builder: Builder, term: Term, like: Tracer) -> Tracer:
        """A term as equations, in the shape and dtype of the cotangent it is."""
        return Writer(builder, self.atoms, like.dtype).write(term, like.aval)


def spoken(
    graph: Graph, names: Mapping[Value, str], symbols: Mapping[Value, Symbol]
) -> dict[Term, Term]:
    """The functions that a program has computed under a name, with their symbols.

    A slope that is written in one of them is written in the name.
    """
    made = {y: e for e in graph.equations for y in e.results}
    found: dict[Term, Term] = {}
    reader = Reader(made, names.__contains__, symbols.__getitem__)
    for value in names:
        if value not in made or made[value].primitive.name in ALGEBRA:
            continue
        for x in made[value].operands:
            reader.read(x)
        term = reader.line(made[value])
        if isinstance(term, App) and cost(term):
            found.setdefault(term, symbols[value])
    return found


def quotients(
    graph: Graph, names: Mapping[Value, str], symbols: Mapping[Value, Symbol]
) -> dict[Symbol, Term]:
    """What a program has computed under a name as one named value over another.

    With z = u/s a slope is written in z/s, not in u/s².
    """
    made = {y: e for e in graph.equations for y in e.results}
    reader = Reader(made, names.__contains__, symbols.__getitem__)
    sums: dict[Term, Term] = {}
    found: dict[Symbol, Term] = {}
    for value, equation in made.items():
        kind = equation.primitive.name
        if value not in names or kind not in ("add", "sub", "div"):
            continue
        for x in equation.operands:
            reader.read(x)
        term = reader.line(equation)
        if kind != "div":
            sums[term] = symbols[value]
            continue
        number, factors = split(rebuild(term, sums))
        plain = all(isinstance(b, Symbol) and b != EULER for b, _ in factors)
        if plain and number == 1 and sorted(e for _, e in factors) == [-1, 1]:
            found[symbols[value]] = rebuild(term, sums)
    return found


def unit_axes(equation: Equation | None) -> tuple[int, ...]:
    """The axes along which what an equation makes sums to 1."""
    if equation is None or equation.primitive.name != "softmax":
        return ()
    axes: tuple[int, ...] = equation.params["axis"]
    return axes


POSITIVE = POSITIVE_RESULTS | {"exp"}
BOUNDED = frozenset({"sigmoid", "softmax", "tanh", "sin", "cos", "sign", "erf"})


def symbols_for(graph: Graph, symmetric: Collection[Value] = ()) -> dict[Value, Symbol]:
    """A symbol for every value of a program, in the order of the program.

    Args:
        graph: The program.
        symmetric: Inputs that are symmetric matrices.
    """
    made: dict[Value, Equation] = {y: e for e in graph.equations for y in e.results}
    mirrored = symmetric_values(graph, symmetric)
    centred = centred_values(graph)
    return {
        value: Symbol(
            value,
            value.aval.shape,
            order=f"{number:06d}",
            positive=value in made and made[value].primitive.name in POSITIVE,
            bounded=value in made and made[value].primitive.name in BOUNDED,
            unit=unit_axes(made.get(value)),
            centred=centred.get(value, ()),
            symmetric=value in mirrored,
        )
        for number, value in enumerate(graph.values())
    }
