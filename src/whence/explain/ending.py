"""Endings: the forms that a derivation ends with.

    endings = Endings(prepared)
    endings.closed(term, derived)     the closed form of a result
    endings.where(form)               the names that it is left with, explained

Which names stay, which cotangents keep theirs, and what the same result is without an
assumption is decided here; ``explain.closed`` has the algebra.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from whence.core.graph import Value
from whence.explain.closed import (
    LONG,
    Meanings,
    closed,
    explained,
    settled,
    ways_of,
)
from whence.explain.derivation import Result, Slope
from whence.explain.naming import named_again
from whence.explain.prepare import Prepared
from whence.explain.reuse import in_output, in_values, put_back
from whence.explain.shared import forward_terms
from whence.simplify.cost import cost
from whence.simplify.derive import Derived
from whence.simplify.naming import called
from whence.simplify.search import places
from whence.simplify.stops import is_output_form
from whence.simplify.term import Symbol, Term

SHORTEST = 2  # operations; so short a form is not written in the output
SHORT = 6  # operations; a number as short is written out, with no cotangent left


class Endings:
    """What the results of a derivation are written in."""

    def __init__(self, ready: Prepared) -> None:
        self.ready, self.derived, self.output = ready, ready.derived, ready.output
        self.symbols, self.parts = ready.symbols, ready.parts

    @cached_property
    def meanings(self) -> Meanings:
        """What fresh names, the user's names and outputs stand for."""
        fresh: dict[Symbol, Term] = {}
        given: dict[Symbol, Term] = {}
        outputs: dict[Symbol, Term] = {}
        for value, part in self.parts.items():
            if value not in self.derived.names:
                continue
            table = outputs if is_output_form(part.equations[-1]) else fresh
            table = given if value in self.ready.written.names else table
            table[self.symbols[value]] = part.term
        return Meanings(fresh, given, outputs)

    @cached_property
    def kept(self) -> set[Symbol]:
        """The cotangents that keep their names wherever they are used."""
        adjoints = self.derived.adjoints
        return {adjoints[v].symbol for v in self.derived.kept if v in adjoints}

    @cached_property
    def common(self) -> set[Symbol]:
        """The cotangents that several results are written in."""
        adjoints, cotangents = self.derived.adjoints, self.derived.cotangents
        results = [adjoints[x].term for x in self.ready.wrt if x in adjoints]
        uses = Counter(s for x in results for s, _ in explained(x, cotangents))
        return {s for s, times in uses.items() if times > 1}

    def in_full(self, x: Term) -> Term:
        """A result that is nothing but a cotangent, as what that is, or its name δ."""
        cotangents, kept = self.derived.cotangents, self.kept
        while isinstance(x, Symbol) and x in cotangents and x not in kept:
            x = cotangents[x]
        return x

    @cached_property
    def values(self) -> dict[Symbol, Term]:
        """What the program computes without a name, the longest first.

        In a program of layers every value has its place already.
        """
        if self.ready.layers:
            return {}
        terms = forward_terms(self.ready, worth=1)
        moves = {x: v for x, v in terms.items() if v.aval.moves}
        return {self.symbols[v]: x for x, v in moves.items()}

    @property
    def spelt(self) -> dict[Symbol, Term]:
        """What only results are written in: values without a name, and the output."""
        return {self.symbols[self.output]: self.parts[self.output].term, **self.values}

    def closed(self, x: Term, derived: Derived) -> Term:
        """The form to end with; a cotangent that it would repeat keeps its name."""
        table, meanings = derived.slight, self.meanings
        form = closed(x, table, meanings)
        if not x.shape:
            whole = closed(x, derived.cotangents, meanings)
            if cost(whole) <= SHORT and cost(whole) < self.length(form, derived):
                form = whole
        again = {s for s, t in table.items() if list(places(form)).count(t) > 1}
        if again:
            once = {s: t for s, t in table.items() if s not in again}
            named = closed(x, once, meanings)
            form = min(form, named, key=lambda x: self.length(x, derived))
        shared = self.shared(form, derived)
        return form if shared is None else shared

    def shared(self, form: Term, derived: Derived) -> Term | None:
        """A shorter form, in which a cotangent that it repeats is called by its name.

        Nothing is left of other cotangents, which hide what could cancel.
        """
        named = self.kept | self.common
        put_in = {s: t for s, t in derived.cotangents.items() if s not in named}
        whole = settled(form, put_in)
        if cost(whole) > LONG:
            return None
        tries = [whole] if whole != form else []
        for symbol, meaning in put_in.items():
            if cost(meaning) and meaning != whole:
                again = called(whole, meaning, symbol)
                if list(places(again)).count(symbol) > 1:
                    tries.append(again)
        found = [closed(x, {}, self.meanings) for x in tries]
        best = min([form, *found], key=lambda x: self.length(x, derived))
        return None if best == form else best

    def in_output(self, form: Term, derived: Derived, start: Term) -> Term:
        """A form in the output itself, where that is shorter.

        Args:
            form: The closed form of a result.
            derived: The derivative that it is from.
            start: The same as it was formed, nothing multiplied out.
        """
        if self.output.aval.shape or self.length(form, derived) <= SHORTEST:
            return form
        y, names = self.output, self.meanings
        meaning, table = self.parts[y].term, derived.cotangents
        fresh = {**names.fresh, **names.outputs}
        full = settled(form, table)
        written = in_output(
            full,
            self.symbols[y],
            ways_of(meaning, fresh),
            (settled(start, {**fresh, **table}),),
        )
        shorter = cost(written) < min(cost(full), self.length(form, derived))
        return written if shorter else form

    def in_values(self, form: Term, derived: Derived) -> Term:
        """A form in what the program computes, where that is shorter."""
        if not self.values or not self.length(form, derived):
            return form
        fresh = self.meanings.fresh
        known = [(s, y) for s, x in self.values.items() for y in ways_of(x, fresh)]
        once = put_back(form, derived.slight.items())
        ways = [in_values(x, known) for x in dict.fromkeys((form, once))]
        return min(ways, key=lambda x: self.length(x, derived))

    def length(self, form: Term, derived: Derived) -> int:
        """The operations of a form and of the cotangents it is written in."""
        meant = [t for s, t in self.where(form) if s in derived.cotangents]
        return cost(form) + sum(map(cost, meant))

    def general_form(self, by: Value, form: Term) -> Term | None:
        """The form that holds without the assumption, if one was used."""
        if not self.ready.assumptions:
            return None
        general = self.ready.general
        other = self.closed(general.adjoints[by].term, general)
        other = settled(other, general.cotangents)
        return None if other == settled(form, self.derived.cotangents) else other

    def in_general(self, results: Sequence[Result]) -> Iterator[tuple[Slope, Term]]:
        """The derivatives that are others without the assumption, δ for those kept."""
        if not self.ready.assumptions or not results:
            return
        derived, general = self.derived, self.ready.general
        meant = [
            {s: x for s, x in d.cotangents.items() if s not in self.kept}
            for d in (general, derived)
        ]
        kept = [v for v in derived.adjoints if v in derived.kept]
        for v in kept:
            other = settled(general.adjoints[v].term, meant[0])
            if other != settled(derived.adjoints[v].term, meant[1]):
                yield Slope(self.output, v), other
        for r in results:
            if r.general is not None:
                other = settled(
                    self.closed(general.adjoints[r.by].term, general), meant[0]
                )
                if other != settled(r.form, meant[1]):
                    yield Slope(self.output, r.by), other

    def explicit(self, form: Term) -> Term:
        """A form without fresh names and cotangents: in the user's names alone."""
        names, cotangents = self.meanings, self.derived.cotangents
        own = self.ready.written.names
        values = {s: x for s, x in self.values.items() if s.of not in own}
        fresh = {**names.fresh, **names.outputs, **values}
        back = settled(form, {**fresh, **cotangents})
        return named_again(back, names.given)

    def where(self, form: Term) -> tuple[tuple[Symbol, Term], ...]:
        """The fresh names and cotangents that a result is left with, explained."""
        names = self.meanings
        every = {**names.fresh, **names.outputs, **self.values}
        every |= self.derived.cotangents
        return tuple(explained(form, every))
