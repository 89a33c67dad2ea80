"""Build a derivation: from a program and a point to checked lines.

    story(graph, wrt, arrays) -> Story

The order is a textbook's. First the names, inner functions before outer ones; then each
local derivative; then the chain, from the output back, every cotangent simplified as
soon as it is formed; then the result. The terms come from ``simplify.derive``, the
engine of what runs; here they are put in order, checked and given their numbers. What
is told is found in ``explain.prepare``, the forms that results end with in
``explain.ending``, and ``explain.evidence`` judges each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from whence.core.graph import Graph, Value
from whence.explain.blocks import blocks, slope
from whence.explain.closed import settled
from whence.explain.contributions import by_layer, layer_numbers
from whence.explain.derivation import (
    Chain,
    Checks,
    Entry,
    Form,
    Kind,
    Line,
    Named,
    Path,
    Result,
    Slope,
    Story,
    Written,
)
from whence.explain.ending import Endings
from whence.explain.evidence import (
    Evidence,
    StepFailedError,
    relative,
)
from whence.explain.layers import Layers
from whence.explain.legend import legend as entries
from whence.explain.naming import named_again
from whence.explain.numbering import deltas, first_number
from whence.explain.paths import paths
from whence.explain.prepare import Prepared, prepare, renamed
from whence.explain.reasons import (
    cancelled_terms,
    cancelling,
    changes,
    listed,
    merged,
    multiplied,
    reasons,
    why,
)
from whence.explain.recursion import letter_for, recursions
from whence.explain.remarks import remarks
from whence.explain.shared import repeated
from whence.explain.stiff import (
    agree,
    demand_agreement,
    is_shifted,
    is_stiff,
    needs_program,
    runs,
    same,
    stable_cotangents,
)
from whence.simplify.cost import cost
from whence.simplify.derive import Adjoint
from whence.simplify.recognise import Recognised
from whence.simplify.rule import Step
from whence.simplify.shift import SHIFT, steadied
from whence.simplify.stabilise import Makers
from whence.simplify.stops import free_names
from whence.simplify.symmetric import SYMMETRY
from whence.simplify.term import (
    ZERO,
    Num,
    Symbol,
    Term,
    is_positive,
    symbols_of,
)
from whence.transform.reverse import vjp
from whence.transform.transpose import reached

MOST_PRODUCTS = 3  # in one line of the chain rule


class Build:
    """A derivation being built: line by line, each checked before it is put."""

    def __init__(self, ready: Prepared) -> None:
        self.ready, self.evidence = ready, Evidence(ready)
        self.graph, self.output, self.wrt = ready.graph, ready.output, ready.wrt
        self.names, self.parts = dict(ready.names), dict(ready.parts)
        self.symbols = ready.symbols
        self.derived, self.endings = ready.derived, Endings(ready)
        self.spelt = blocks(ready.written, self.names, self.symbols)
        self.point = self.evidence.points[0]
        self.moving = reached(self.graph, self.wrt)
        self.slopes: dict[tuple[Value, Value], tuple[Term, Symbol | None]] = {}
        self.consumers: dict[Value, list[Value]] = {}  # what slopes are by a value
        self.lines: list[Line] = []
        self.divided: dict[Term, None] = {}
        self.shown: dict[Slope, Term] = {}  # the last form of each derivative
        self.plain: list[Term] = []  # results before values get names at the end
        self.reused: set[Value] = set()  # the values that get one

    def story(self) -> Story:
        """The whole derivation."""
        try:
            self.name_lines()
            self.local_lines()
            self.chain_lines()
            results = [self.result(x) for x in self.wrt]
            self.name_values(results)
            results = self.with_digits(results)
            checks = self.checks(results)
            demand_agreement(checks)
        except StepFailedError as failed:
            results, checks = [], self.checks([], str(failed))
        legend = self.legend()
        told = Story(
            title=self.ready.title,
            output=self.output,
            by=tuple(map(self.name, self.wrt)),
            lines=tuple(self.lines),
            results=tuple(results),
            names=self.names,
            values=self.symbols,
            symbols=self.labels(),
            cotangents={a.symbol: v for v, a in self.derived.adjoints.items()},
            point={
                self.name(x): a
                for x, a in zip(self.graph.inputs, self.ready.arrays, strict=True)
            },
            captured=tuple(map(self.name, self.ready.captured)),
            value=self.point.numbers[self.symbols[self.output]],
            checks=checks,
            legend=legend,
            in_general=tuple(self.endings.in_general(results)),
            kept=self.derived.kept,
            remarks=remarks(self.ready, self.lines, results, legend),
            stable=stable_cotangents(self.derived, self.makers),
            running=self.ready.executed
            if needs_program(results, self.point, self.ready)
            else None,
        )
        return replace(
            told, recursions=recursions(told, self.ready.layers, self.is_loop)
        )

    def is_loop(self, layers: Layers) -> bool:
        """Whether layers are the rounds of a loop: made at the same place."""
        made = [self.parts[row[0]].equations[-1] for row in layers.values[:2]]
        first, second = (e.origin.first().where for e in made)
        return first == second

    def legend(self) -> tuple[Entry, ...]:
        """The inputs, and the values that have a line, with their roles."""
        lines = [x.subject.value for x in self.lines if isinstance(x.subject, Named)]
        listed_values = dict.fromkeys((*self.graph.inputs, *lines))
        names = {x: self.name(x) for x in listed_values}
        return entries(self.graph, self.wrt, names, self.ready.captured)

    def labels(self) -> dict[Term, str]:
        """What each symbol is called; cotangents are δ with the name of their value."""
        labels: dict[Term, str] = {s: self.name(v) for v, s in self.symbols.items()}
        kept = self.derived.kept
        by_layer = deltas(self.ready.layers, kept, self.names, self.graph.names)
        for v, adjoint in self.derived.adjoints.items():
            label = f"delta_{by_layer.get(v, self.name(v))}"
            taken = label in self.names.values()
            labels[adjoint.symbol] = f"{self.name(v)}_bar" if taken else label
        return labels

    def name(self, value: Value) -> str:
        """What readers call a value."""
        return self.names.get(value, "?")

    def put(
        self,
        kind: Kind,
        subject: Slope,
        form: Form,
        rule: str,
        *,
        term: Term,
        conditions: tuple[Term, ...] = (),
        follows: bool = False,
    ) -> None:
        """Put a line about a derivative that has passed its check.

        Args:
            kind: What sort of line it is.
            subject: The derivative.
            form: What is written on its right side.
            rule: What gives it.
            term: The form as one term.
            conditions: Terms that may not be 0 for it to hold.
            follows: Whether it goes on from the line before.
        """
        number = self.point.of(term)
        self.lines.append(Line(kind, subject, form, rule, conditions, number, follows))
        self.shown[subject] = term

    def name_lines(self) -> None:
        """One line for every named value on the way, inner functions first."""
        known: dict[Value, Recognised] = {f.value: f for f in self.ready.functions}
        needed = self.needed()
        for value, part in self.parts.items():
            if value not in needed:
                continue
            symbol = self.symbols[value]
            inside = [known[y] for e in part.equations for y in e.results if y in known]
            rule = listed(f.step.rule for f in inside)
            self.evidence.demand(
                part.term, symbol, rule or f"{self.name(value)} by its definition"
            )
            line = Line("name", Named(value), Written(part), rule=rule)
            spelt = self.spelt.get(value) if rule else None  # not of what is new
            before = None if spelt is None else Written(spelt)
            number = self.point.of(symbol)
            self.lines.append(replace(line, number=number, before=before))

    def needed(self) -> set[Value]:
        """The named values that a derivative is written in or passes through."""
        adjoints = self.derived.adjoints.values()
        spoken = {s for a in adjoints for s in symbols_of(a.term)}
        said = [v for v in self.parts if self.symbols[v] in spoken]
        needed: set[Value] = {self.output, *said, *self.reused}
        waiting: list[Value] = list(needed)
        while waiting:
            for x in self.parts[waiting.pop()].operands:
                if x in self.parts and x not in needed:
                    needed.add(x)
                    waiting.append(x)
        return needed

    def local_lines(self) -> None:
        """The slope of every block by each operand that moves."""
        needed = self.needed()
        outputs = self.endings.meanings.outputs
        beside = {s: t for s, t in outputs.items() if s.of in needed}
        for value in reversed(list(self.parts)):
            if value not in self.moving or value not in needed:
                continue
            if value is not self.output and value not in self.derived.adjoints:
                continue  # a function that slopes are written in leads nowhere itself
            part = self.parts[value]
            for by in part.operands:
                if by not in self.moving:
                    continue
                term, mapped = slope(part, by, self.symbols, guards=self.ready.tied)
                term = named_again(term, beside)
                self.slopes[value, by] = term, mapped
                self.consumers.setdefault(by, []).append(value)
                if mapped is None:
                    rule = why(part, by)
                    self.evidence.demand_slope(part, by, term, rule)
                    self.put("local", self.local(value, by), term, rule, term=term)

    def local(self, of: Value, by: Value) -> Slope:
        """The slope of a block by one operand, the others that move with it held."""
        others = [x for x in self.parts[of].operands if x is not by and x in self.parts]
        along = reached(self.graph, [by]) if others else set()
        return Slope(of, by, tuple(x for x in others if x in along))

    def chain_lines(self) -> None:
        """The cotangent of every named value, simplified as soon as it is formed."""
        for value, adjoint in self.derived.adjoints.items():
            if value is not self.output:
                self.chain_of(value, adjoint)

    def chain_of(self, value: Value, adjoint: Adjoint) -> None:
        """The chain rule at one value, and the steps to its short form."""
        consumers = self.consumers.get(value, [])
        rule = listed(r for c in consumers for r in reasons(self.parts[c], value))
        if self.is_mirrored(value, adjoint):
            rule = f"{rule}, {SYMMETRY}"
        if value in self.evidence.untrue:
            raise StepFailedError(f"{rule!r} is not what differences give")
        entrywise = all(self.slopes[c, value][1] is None for c in consumers)
        if entrywise and consumers == [self.output]:
            self.local_alone(value, adjoint)
        elif entrywise and len(consumers) <= MOST_PRODUCTS:
            self.sum_of_products(value, adjoint, consumers)
        else:
            self.pulled_back(value, adjoint, rule)

    def is_mirrored(self, value: Value, adjoint: Adjoint) -> bool:
        """Whether a cotangent is another one without the symmetry of the data."""
        general = self.ready.general
        taken = any(
            s.symmetric and not general.symbols[v].symmetric
            for v, s in self.symbols.items()
        )
        return taken and general.adjoints[value].start != adjoint.start

    def local_alone(self, value: Value, adjoint: Adjoint) -> None:
        """The chain at a value that the output alone needs: its slope stands above."""
        local, _ = self.slopes[self.output, value]
        self.evidence.demand(adjoint.symbol, local, "local derivative")
        self.evidence.demand(local, adjoint.start, "simplify")
        if cost(adjoint.term) < cost(local):
            self.steps(Slope(self.output, value), adjoint)

    def sum_of_products(
        self, value: Value, adjoint: Adjoint, consumers: Sequence[Value]
    ) -> None:
        """The chain at a value that entrywise blocks need: a product for each."""
        subject = Slope(self.output, value)
        products = tuple(
            (Slope(self.output, c), self.local(c, value))
            if c is not self.output
            else (self.local(c, value),)
            for c in consumers
        )
        chain = Chain(products, tuple(self.factors(c, value) for c in consumers))
        whole = multiplied(chain)
        self.evidence.demand(adjoint.symbol, whole, "chain rule")
        self.put("chain", subject, chain, "chain rule", term=whole)
        self.evidence.demand(whole, adjoint.start, "multiply")
        self.steps(subject, adjoint, follows=True, chain=chain)

    def pulled_back(self, value: Value, adjoint: Adjoint, rule: str) -> None:
        """The chain at any other value: its cotangent, as linear maps send it back."""
        subject, first = Slope(self.output, value), adjoint.start
        self.evidence.demand(adjoint.symbol, adjoint.raw, rule)
        self.evidence.demand(adjoint.raw, first, "put in")
        self.put("chain", subject, first, rule, term=first)
        self.steps(subject, adjoint, follows=True)

    def factors(self, consumer: Value, value: Value) -> tuple[Term, ...]:
        """The factors of one product of the chain, as far as they are known."""
        local, _ = self.slopes[consumer, value]
        if consumer is self.output:
            return (local,)
        above = self.derived.adjoints[consumer]
        kept = above.symbol in symbols_of(self.derived.adjoints[value].start)
        return (above.symbol if kept else above.term, local)

    def steps(
        self,
        subject: Slope,
        adjoint: Adjoint,
        *,
        follows: bool = False,
        chain: Chain | None = None,
    ) -> None:
        """The rewriting steps of one cotangent, each checked before it is shown."""
        steps = merged(adjoint.steps)
        if chain is not None and not steps and changes(chain, adjoint.start):
            gone = cancelled_terms(chain, adjoint.start)
            steps = [Step("multiply", adjoint.start, adjoint.start, gone)]
        for step in steps:
            self.evidence.demand(step.before, step.after, step.rule)
            rule = cancelling(step.rule) if step.conditions else step.rule
            self.put(
                "rewrite",
                subject,
                step.after,
                rule,
                term=step.after,
                conditions=step.conditions,
                follows=follows,
            )
            unproved = (c for c in step.conditions if not self.proved(c))
            self.divided |= dict.fromkeys(unproved)
            follows = True

    def proved(self, x: Term) -> bool:
        """Whether the program proves that a term is not 0: softmax > 0, 1 − σ > 0."""
        if is_positive(x) or isinstance(x, Num):
            return True
        return any(1 - s == x and s in self.below_one for s in symbols_of(x))

    @cached_property
    def below_one(self) -> set[Symbol]:
        """The symbols of values that a sigmoid or a softmax makes."""
        return {
            self.symbols[y]
            for e in self.graph.equations
            for y in e.results
            if e.primitive.name in ("sigmoid", "softmax")
        }

    # ----------------------------------------------------------------- results

    def result(self, by: Value) -> Result:
        """The closed form by one input, with its paths."""
        adjoint = self.derived.adjoints.get(by)
        if adjoint is None:
            return Result(by, ZERO, ZERO, (), 0, np.zeros(by.aval.shape))
        endings = self.endings
        base = endings.closed(endings.in_full(adjoint.term), self.derived)
        plain = base
        if np.isfinite(self.point.of(base)).all():  # else it hides what is lost
            plain = endings.in_output(base, self.derived, adjoint.start)
        self.plain.append(base)
        form = endings.in_values(plain, self.derived)
        self.evidence.demand(adjoint.term, form, "put names back")
        number = np.broadcast_to(self.point.of(form), by.aval.shape)
        if not np.isfinite(number).all():  # a point where a convention decides
            number = np.asarray(self.point.numbers[adjoint.symbol])
        if form != self.shown.get(Slope(self.output, by), adjoint.term):
            subject, again = Slope(self.output, by), "put names back"
            line = Line("rewrite", subject, form, again, (), number, self.follows(by))
            self.lines.append(line)
        general = endings.general_form(by, base)
        ways = self.paths(by, plain)
        where = endings.where(form)
        count = endings.length(form, self.derived)
        spelt = endings.explicit(base)
        base = settled(base, self.derived.cotangents)
        return Result(by, form, spelt, where, count, number, ways, general, base=base)

    def name_values(self, results: Sequence[Result]) -> None:
        """Names for the values that results are written in, each with its line.

        The other values are defined by them too, but for those that have local slopes:
        these hold what they were defined by.
        """
        spoken = {s.of for r in results for s in symbols_of(r.form)}
        values = [v for v in self.graph.values() if v in spoken - set(self.names)]
        if not values:
            return
        spare = free_names({*self.names.values(), *self.graph.names.values()})
        for v in values:
            self.names[v] = self.graph.names.get(v) or next(spare)
        self.spelt = blocks(self.ready.written, self.names, self.symbols)
        every = blocks(self.graph, self.names, self.symbols)
        local = {v for v, part in self.parts.items() if part.entrywise}
        self.parts = {v: self.parts[v] if v in local else every[v] for v in every}
        self.reused |= set(values)
        others = [x for x in self.lines if not isinstance(x.subject, Named)]
        self.lines = []
        self.name_lines()
        self.lines += others

    def paths(self, by: Value, form: Term) -> tuple[Path, ...]:
        """What each path contributes, or each layer where the result is their sum."""
        for layers in self.ready.layers:
            first = first_number(layers, self.names)
            numbers = layer_numbers(layers, first, self.symbols)
            letter = letter_for(layers, self.names.values())
            found = by_layer(form, numbers, letter, self.point.of)
            if found:
                return found
        return paths(
            self.graph,
            by,
            self.derived.names,
            self.symbols,
            self.point,
            guards=self.ready.tied,
        )

    def follows(self, by: Value) -> bool:
        """Whether the last line speaks of the same derivative."""
        return bool(self.lines) and self.lines[-1].subject == Slope(self.output, by)

    # ------------------------------------------------------- at stiff points

    @cached_property
    def makers(self) -> Makers:
        """The functions that make the values, as far as they lose digits."""
        return Makers(self.graph, self.symbols, self.names)

    def with_digits(self, results: Sequence[Result]) -> list[Result]:
        """Results with the forms and the numbers that run, where those keep more."""
        lost = any(not np.isfinite(r.number).all() for r in results)
        if not is_stiff(self.ready) and not lost:
            return list(results)
        numbers = self.ready.gradients(self.ready.arrays)
        found = []
        for result in results:
            spelt = settled(result.form, self.endings.spelt)
            form, rules = runs(spelt, self.makers)
            number = np.broadcast_to(numbers[result.by], result.by.aval.shape)
            rescued = not same(self.point.of(result.form), number)
            if rescued and self.ready.shifts and is_shifted(result, self.point, number):
                form, rules = steadied(result.explicit), SHIFT
            if form is not None:
                self.evidence.demand(result.form, form, rules)
            found.append(
                replace(result, number=number, runs=form, saved=rules, rescued=rescued)
            )
        return found

    def checks(self, results: Sequence[Result], failure: str = "") -> Checks:
        """How far the results are from the plain gradient and from differences."""
        worst = self.compared(results, self.ready.arrays)
        if (is_stiff(self.ready) or self.evidence.extreme) and not agree(*worst):
            for arrays in self.evidence.tame_arrays[:1]:
                there = self.ready.gradients(arrays)
                moved = [replace(r, number=there[r.by]) for r in results]
                worst = self.compared(moved, arrays)
        return Checks(
            len(self.evidence.points),
            *worst,
            tuple(self.divided),
            tuple(self.ready.assumptions),
            failure,
        )

    def compared(
        self, results: Sequence[Result], arrays: Sequence[Any]
    ) -> tuple[float, float]:
        """How far results at a point are from reverse mode and from differences."""
        plain = vjp(self.ready.written, self.wrt, seed=1)
        bars = plain(*arrays)[-len(self.wrt) :]
        automatic = [relative(r.number, b) for r, b in zip(results, bars, strict=False)]
        differences = self.evidence.deviations(results, arrays)
        nothing = float("nan")
        return max(automatic, default=nothing), max(differences, default=nothing)


def story(
    graph: Graph,
    wrt: Sequence[Value],
    arrays: Sequence[Any],
    title: str = "f",
    *,
    recognised: bool = True,
    reserved: Sequence[str] = (),
) -> Story:
    """Derive, check and put in order.

    Args:
        graph: The program as it was traced, with one output.
        wrt: The inputs to differentiate by.
        arrays: A number for each input: the point.
        title: What the function is called.
        recognised: Whether functions written out by hand are recognised first.
        reserved: Names that captured arrays may not be given.
    """
    ready = prepare(graph, wrt, arrays, title, recognised=recognised, reserved=reserved)
    return told(ready)[1]


def told(ready: Prepared) -> tuple[Prepared, Story]:
    """Tell what has been prepared, once more where results repeat a term."""
    build = Build(ready)
    first = build.story()
    again = repeated(ready, build.plain)
    if not again:
        return ready, first
    ready = renamed(ready, again)
    return ready, Build(ready).story()
