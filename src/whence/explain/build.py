"""Build a derivation: from a program and a point to checked lines.

    story(graph, wrt, arrays) -> Story

The order is a textbook's. First the names, inner functions before outer ones; then each
local derivative; then the chain, from the output back, every cotangent simplified as soon
as it is formed; then the result. All terms come from ``simplify.derive``, which is what
runs; here they are only put in order, checked and given their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from whence.core.graph import Graph, Value
from whence.explain.blocks import Block, blocks, slope
from whence.explain.closed import closed
from whence.explain.derivation import (
    Chain,
    Checks,
    Line,
    Named,
    Result,
    Slope,
    Story,
    Written,
)
from whence.explain.numbers import (
    POINTS,
    Sample,
    agree_at,
    close,
    differences,
    every_value,
    has_ties,
    near,
    sample,
    tame,
)
from whence.explain.paths import paths
from whence.simplify.cost import cost
from whence.simplify.linear import is_one_hot
from whence.simplify.derive import Adjoint, Derived, derive
from whence.simplify.recognise import Recognised, recognise
from whence.simplify.rule import Step
from whence.simplify.rules import IDENTITIES, RECOGNISE
from whence.simplify.search import denominators, places
from whence.simplify.stable import stable
from whence.simplify.stops import is_output_form, stops
from whence.simplify.term import (
    ONE,
    ZERO,
    App,
    Num,
    Symbol,
    Term,
    add,
    is_positive,
    mul,
    split,
    symbols_of,
)
from whence.transform.reverse import vjp
from whence.transform.transpose import reached


WORST_AUTOMATIC = 1e-7  # relative deviation of a result from plain reverse mode
WORST_DIFFERENCES = 1e-4  # relative deviation of a result from central differences


class StepFailedError(Exception):
    """A line did not pass its check; the derivation ends before it."""


class Build:
    """A derivation being built."""

    def __init__(
        self,
        graph: Graph,
        wrt: Sequence[Value],
        arrays: Sequence[Any],
        title: str,
        *,
        recognised: bool = True,
        reserved: Sequence[str] = (),
    ) -> None:
        self.written, self.title, self.wrt = graph, title, tuple(wrt)
        self.arrays = list(arrays)
        self.graph, self.functions = recognise(graph) if recognised else (graph, [])
        self.arrays = [double(x) for x in self.arrays]
        self.captured = {x for x in self.graph.inputs if x not in self.graph.names}
        self.graph = named_inputs(self.graph, self.arrays, reserved)
        self.running, self.repairs = stable(self.graph)
        ends = stops(self.graph, wrt, title)
        (self.output,) = [y for y in self.graph.outputs[:1] if isinstance(y, Value)]
        self.names = {self.output: title, **ends}
        self.tied = has_ties(self.graph, every_value(self.graph, self.arrays))
        general = derive(self.graph, wrt, ends, seed=1, plain=True, guards=self.tied)
        self.assumed, self.assumptions = self.assumptions_of(general)
        self.derived = general
        if self.assumed:
            self.derived = derive(
                self.graph,
                wrt,
                ends,
                seed=1,
                plain=True,
                guards=self.tied,
                assumed=self.assumed,
            )
        self.general = general
        self.symbols = dict(self.derived.symbols)
        self.parts = blocks(self.graph, ends, self.symbols)
        self.moving = reached(self.graph, wrt)
        self.cut: dict[Value, Graph] = {}
        self.tame_points: list[dict[Value, Any]] = []
        self.points = self.samples()
        self.untrue = self.untrue_values()
        self.lines: list[Line] = []
        self.divided: dict[Term, None] = {}
        self.shown: dict[Slope, Term] = {}  # the last form of each derivative
        self.failure = ""

    # ---------------------------------------------------------------- numbers

    def samples(self) -> list[Sample]:
        """The given point and points near it, with every value and true cotangent."""
        every = [
            x.aval.moves and x not in self.assumed_inputs for x in self.graph.inputs
        ]
        found = []
        for seed in range(POINTS + 1):
            draw = near if seed % 2 else tame
            arrays = self.arrays if seed == 0 else draw(self.arrays, every, seed)
            values = self.values(arrays)
            if seed and not self.tied and has_ties(self.graph, values):
                continue  # a kink that the given point does not have
            point = Sample({self.symbols[v]: x for v, x in values.items()})
            if seed and not seed % 2:
                self.tame_points.append(values)
            point.numbers |= self.true_cotangents(arrays)
            found.append(point)
        return found

    def values(self, arrays: Sequence[Any]) -> dict[Value, Any]:
        """Every value as the user's program has it; where that overflows, as what runs."""
        values = every_value(self.running, arrays)
        for v, x in every_value(self.written, arrays).items():
            if v in values and np.asarray(x).dtype.kind == "f":
                values[v] = np.where(np.isfinite(x), x, values[v])
        return {v: x for v, x in values.items() if v in self.symbols}

    def true_cotangents(self, arrays: Sequence[Any]) -> dict[Term, Any]:
        """The cotangent of every named value by plain reverse mode, nothing simplified."""
        values = list(self.derived.adjoints)
        found: dict[Term, Any] = {}
        for v, bar in zip(values, self.cotangents_at(values, arrays), strict=True):
            found[self.derived.adjoints[v].symbol] = bar
        return found

    def untrue_values(self) -> set[Value]:
        """The values whose plain cotangent is not what differences give.

        Reverse mode and a derivation share the records; differences do not. Each is
        compared along one random direction at the tame points.
        """
        found: set[Value] = set()
        if self.tied:  # at a kink, differences take the mean of both sides
            return found
        for v, pulled in self.cut.items():
            bad = [self.is_untrue(v, pulled, point) for point in self.tame_points]
            if bad and all(bad):
                found.add(v)
        return found

    def is_untrue(self, v: Value, pulled: Graph, point: dict[Value, Any]) -> bool:
        """Whether a cotangent disagrees with differences along a direction."""
        if any(x not in point for x in pulled.inputs):
            return False
        arrays = [point[x] for x in pulled.inputs]
        truth = np.asarray(pulled(*arrays)[-1], float)
        draw = np.random.default_rng(0)
        x = np.asarray(point[v], float)
        along = draw.uniform(0.5, 1.0, x.shape)
        step = 1e-6 * max(1.0, float(np.max(np.abs(x), initial=0.0)))
        ends = [
            float(np.sum(pulled(*(*arrays[:-1], x + side * along))[0]))
            for side in (step, -step)
        ]
        slope_there = (ends[0] - ends[1]) / (2 * step)
        return relative(float(np.sum(truth * along)), slope_there) > WORST_DIFFERENCES

    def cotangents_at(
        self, values: Sequence[Value], arrays: Sequence[Any]
    ) -> list[np.ndarray]:
        """Cotangents of inner values: those of inputs, in a program cut open there."""
        known = every_value(self.graph, arrays)
        found = []
        for v in values:
            others = [x for x in self.graph.inputs if x is not v]
            keep = [e for e in self.graph.equations if v not in e.results]
            cut = Graph((*others, v), tuple(keep), (self.output,))
            pulled = self.cut.setdefault(v, vjp(cut, [v], seed=1))
            found.append(np.asarray(pulled(*(known[x] for x in (*others, v)))[-1]))
        return found

    # ------------------------------------------------------------ assumptions

    def assumptions_of(self, general: Derived) -> tuple[dict[Term, Term], list[str]]:
        """Sums of rows of an input that are 1 in the data, where a result has them."""
        self.assumed_inputs: set[Value] = set()
        numbers = dict(zip(self.graph.inputs, self.arrays, strict=True))
        owner = {s: v for v, s in general.symbols.items()}
        point = sample(self.graph, general.symbols, self.arrays)
        found: dict[Term, Term] = {}
        words: list[str] = []
        for adjoint in general.adjoints.values():
            for x in sums_in(adjoint.term):
                if x in found or not symbols_of(x) <= {
                    general.symbols[v] for v in numbers
                }:
                    continue
                if not np.allclose(point.of(x), 1.0, atol=1e-12):
                    continue
                found[x] = ONE
                whole = len(dict(x.params)["axis"]) == x.given[0].ndim
                rows = "entries" if whole else "rows"
                value = owner.get(x.operands[0])
                if value is not None:
                    self.assumed_inputs.add(value)
                    words.append(f"the {rows} of {self.names[value]} sum to 1")
                else:
                    words.append("each row has one class")
        return found, list(dict.fromkeys(words))

    # ------------------------------------------------------------------ lines

    def story(self) -> Story:
        """The whole derivation."""
        results: list[Result] = []
        try:
            self.name_lines()
            self.local_lines()
            self.chain_lines()
            results = [self.result(x) for x in self.wrt]
            self.demand_results(results)
        except StepFailedError as failed:
            results, self.failure = [], str(failed)
        return Story(
            title=self.title,
            output=self.output,
            by=tuple(self.names.get(x, "?") for x in self.wrt),
            lines=tuple(self.lines),
            results=tuple(results),
            names=self.names,
            values=self.symbols,
            symbols=self.labels(),
            point={
                self.names.get(x, "?"): a
                for x, a in zip(self.graph.inputs, self.arrays, strict=True)
            },
            captured=tuple(self.names.get(x, "?") for x in self.captured),
            value=self.points[0].numbers[self.symbols[self.output]],
            checks=self.checks(results),
            sources=self.sources(),
        )

    def sources(self) -> dict[str, str]:
        """Where each rule that the lines use is proved."""
        known = {law.name: law.source for law in (*IDENTITIES, *RECOGNISE)}
        for equation in self.graph.equations:
            primitive = equation.primitive
            known.setdefault(primitive.because, primitive.source)
        words = " ".join(f"{line.rule}," for line in self.lines)
        return {
            rule: why for rule, why in known.items() if rule and f"{rule}," in words
        }

    def labels(self) -> dict[Term, str]:
        """What each symbol is called; cotangents are δ with the name of their value."""
        labels: dict[Term, str] = {
            s: self.names.get(v, "?") for v, s in self.symbols.items()
        }
        for v, adjoint in self.derived.adjoints.items():
            labels[adjoint.symbol] = f"delta_{self.names.get(v, '?')}"
        return labels

    def add(self, line: Line) -> None:
        """Put a line that has passed its check."""
        self.lines.append(line)

    def demand(self, before: Term, after: Term, rule: str) -> None:
        """Stop the derivation unless two forms agree in numbers."""
        if not agree_at(before, after, self.points):
            raise StepFailedError(f"the step {rule!r} changed the numbers")

    def demand_slope(self, part: Block, by: Value, form: Term, rule: str) -> None:
        """Stop unless a slope is that of the block itself, by central differences."""
        graph = Graph(part.operands, part.equations, (part.value,))
        for point in self.points:
            arrays = [point.of(self.symbols[x]) for x in part.operands]
            moved = differences(graph, arrays, part.operands.index(by))
            if close(point.of(form), moved) is False:
                raise StepFailedError(f"{rule!r} is not what differences give")

    def name_lines(self) -> None:
        """One line for every named value on the way, inner functions first."""
        known: dict[Value, Recognised] = {f.value: f for f in self.functions}
        needed = self.needed()
        for value, part in self.parts.items():
            if value not in needed:
                continue
            symbol = self.symbols[value]
            inside = [known[y] for e in part.equations for y in e.results if y in known]
            rule = ", ".join(dict.fromkeys(f.step.rule for f in inside))
            name = self.names.get(value)
            self.demand(part.term, symbol, rule or f"{name} by its definition")
            self.add(
                Line(
                    "name",
                    Named(value),
                    Written(part),
                    rule=rule,
                    number=self.points[0].of(symbol),
                )
            )

    def needed(self) -> set[Value]:
        """The named values that a derivative is written in or passes through."""
        needed: set[Value] = {self.output}
        waiting: list[Value] = [self.output]
        while waiting:
            for x in self.parts[waiting.pop()].operands:
                if x in self.parts and x not in needed:
                    needed.add(x)
                    waiting.append(x)
        return needed

    def local_lines(self) -> None:
        """The slope of every block by each operand that moves."""
        self.slopes: dict[tuple[Value, Value], tuple[Term, Symbol | None]] = {}
        for value in reversed(self.parts):
            if value not in self.moving or value not in self.needed():
                continue
            part = self.parts[value]
            for by in part.operands:
                if by not in self.moving:
                    continue
                found = slope(part, by, self.symbols)
                self.slopes[value, by] = found
                if found[1] is None:
                    number = self.points[0].of(found[0])
                    rule = why(part, by)
                    self.demand_slope(part, by, found[0], rule)
                    line = Line(
                        "local", Slope(value, by), found[0], rule=rule, number=number
                    )
                    self.add(line)
                    self.shown[line.subject] = found[0]

    def chain_lines(self) -> None:
        """The cotangent of every named value, simplified as soon as it is formed."""
        for value, adjoint in self.derived.adjoints.items():
            if value is self.output:
                continue
            self.chain_of(value, adjoint)

    def chain_of(self, value: Value, adjoint: Adjoint) -> None:
        """The chain rule at one value, and the steps to its short form."""
        subject = Slope(self.output, value)
        if value in self.untrue:
            reasons = [
                why(self.parts[c], value) for c, by in self.slopes if by is value
            ]
            rules = ", ".join(dict.fromkeys(reasons))
            raise StepFailedError(f"{rules!r} is not what differences give")
        consumers = [c for c, by in self.slopes if by is value]
        symbol = adjoint.symbol
        truth = symbol if symbol in self.points[0].numbers else None
        if consumers == [self.output] and self.slopes[self.output, value][1] is None:
            local = self.slopes[self.output, value][0]
            if truth is not None:
                self.demand(truth, local, "local derivative")
            self.demand(local, adjoint.start, "simplify")
            if cost(adjoint.term) < cost(local):
                self.steps(subject, adjoint)
            return
        entrywise = all(self.slopes[c, value][1] is None for c in consumers)
        products = tuple(
            (Slope(self.output, c), Slope(c, value))
            if c is not self.output
            else (Slope(c, value),)
            for c in consumers
        )
        if entrywise and len(consumers) <= 3:
            factors = tuple(self.factors(c, value, adjoint) for c in consumers)
            chain = Chain(products, factors)
            whole = multiplied(chain)
            self.demand(
                truth if truth is not None else adjoint.raw, whole, "chain rule"
            )
            number = self.points[0].of(whole)
            self.add(Line("chain", subject, chain, rule="chain rule", number=number))
            self.shown[subject] = whole
            self.demand(whole, adjoint.start, "multiply")
            self.steps(subject, adjoint, follows=True, chain=chain)
        else:
            rule = ", ".join(
                dict.fromkeys(why(self.parts[c], value) for c in consumers)
            )
            if truth is not None:
                self.demand(truth, adjoint.raw, rule)
            self.demand(adjoint.raw, adjoint.start, "put in")
            first = adjoint.start
            number = self.points[0].of(first)
            self.add(Line("chain", subject, first, rule=rule, number=number))
            self.shown[subject] = first
            self.steps(subject, adjoint, follows=True)

    def factors(
        self, consumer: Value, value: Value, adjoint: Adjoint
    ) -> tuple[Term, ...]:
        """The factors of one product of the chain, as far as they are known."""
        local, _ = self.slopes[consumer, value]
        if consumer is self.output:
            return (local,)
        above = self.derived.adjoints[consumer]
        kept = above.symbol in symbols_of(adjoint.start)
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
            self.demand(step.before, step.after, step.rule)
            conditions = tuple(c for c in step.conditions if not self.proved(c))
            rule = step.rule if not step.conditions else cancelling(step.rule)
            if step.conditions:
                rule = f"{rule} {CONDITIONS}".strip()
            number = self.points[0].of(step.after)
            line = Line("rewrite", subject, step.after, rule, step.conditions, number)
            self.add(replace(line, follows=follows))
            self.shown[subject] = step.after
            self.divided |= dict.fromkeys(conditions)
            follows = True

    def proved(self, x: Term) -> bool:
        """Whether the program proves that a term is not 0: softmax > 0, 1 − σ > 0."""
        if is_positive(x) or isinstance(x, Num):
            return True
        values = {s: v for v, s in self.symbols.items()}
        made = {y: e for e in self.graph.equations for y in e.results}
        return any(
            1 - s == x and made[values[s]].primitive.name in ("sigmoid", "softmax")
            for s in symbols_of(x)
            if values.get(s) in made
        )

    # ----------------------------------------------------------------- results

    def result(self, by: Value) -> Result:
        """The closed form by one input, with its paths."""
        adjoint = self.derived.adjoints.get(by)
        if adjoint is None:
            return Result(by, ZERO, (), 0, np.zeros(by.aval.shape))
        form = closed(adjoint.term, *self.meanings())
        self.demand(adjoint.term, form, "put names back")
        number = np.broadcast_to(self.points[0].of(form), by.aval.shape)
        if form != self.shown.get(Slope(self.output, by), adjoint.term):
            self.add(
                Line(
                    "rewrite",
                    Slope(self.output, by),
                    form,
                    "put names back",
                    (),
                    number,
                    follows=self.follows(by),
                )
            )
        general = None
        if self.assumptions:
            other = closed(self.general.adjoints[by].term, *self.meanings(self.general))
            general = other if other != form else None
        ways = paths(self.graph, by, self.derived.names, self.symbols, self.points[0])
        return Result(by, form, self.where(form), cost(form), number, ways, general)

    def demand_results(self, results: Sequence[Result]) -> None:
        """Stop unless the results are what plain reverse mode and differences give."""
        checks = self.checks(results)
        if checks.automatic > WORST_AUTOMATIC:
            raise StepFailedError("a result is not what plain reverse mode gives")
        if checks.differences > WORST_DIFFERENCES:
            raise StepFailedError("a result is not what differences give")

    def follows(self, by: Value) -> bool:
        """Whether the last line speaks of the same derivative."""
        return bool(self.lines) and self.lines[-1].subject == Slope(self.output, by)

    def meanings(self, derived: Derived | None = None) -> tuple[dict[Term, Term], ...]:
        """What cotangents, fresh names, the user's names and outputs stand for."""
        derived = derived or self.derived
        cotangents = {
            a.symbol: a.term for a in derived.adjoints.values() if goes_in(a, derived)
        }
        fresh: dict[Term, Term] = {}
        given: dict[Term, Term] = {}
        outputs: dict[Term, Term] = {}
        for value, part in self.parts.items():
            if value not in derived.names:
                continue
            table = outputs if is_output_form(part.equations[-1]) else fresh
            table = given if value in self.written.names else table
            table[self.symbols[value]] = part.term
        return cotangents, fresh, given, outputs

    def where(self, form: Term) -> tuple[tuple[Symbol, Term], ...]:
        """The fresh names and cotangents that a result is left with, explained."""
        _, fresh, _, outputs = self.meanings()
        cotangents = {a.symbol: a.term for a in self.derived.adjoints.values()}
        meanings = {**fresh, **outputs, **cotangents}
        found: dict[Symbol, Term] = {}
        waiting = [form]
        while waiting:
            for s in sorted(symbols_of(waiting.pop()), key=lambda s: s.text):
                if s in meanings and s not in found:
                    found[s] = meanings[s]
                    waiting.append(meanings[s])
        return tuple(found.items())

    def checks(self, results: Sequence[Result]) -> Checks:
        """How far the results are from the plain gradient and from differences."""
        plain = vjp(self.written, self.wrt, seed=1)
        bars = plain(*self.arrays)[-len(self.wrt) :]
        automatic = [relative(r.number, b) for r, b in zip(results, bars, strict=False)]
        differences = [relative(r.number, self.difference(r.by)) for r in results]
        return Checks(
            len(self.points),
            max(automatic, default=float("nan")),
            max(differences, default=float("nan")),
            tuple(self.divided),
            tuple(self.assumptions),
            self.failure,
        )

    def difference(self, by: Value) -> np.ndarray:
        """The gradient by one input by central differences, entry by entry or sampled."""
        i = self.graph.inputs.index(by)
        x = np.asarray(self.arrays[i], float)
        found = np.full(x.shape, np.nan)
        entries = list(np.ndindex(x.shape))[:24]
        for entry in entries:
            step = 1e-5 * max(1.0, abs(float(x[entry])))
            ends = []
            for side in (step, -step):
                moved = x.copy()
                moved[entry] += side
                arrays = [*self.arrays[:i], moved, *self.arrays[i + 1 :]]
                ends.append(float(np.sum(self.written(*arrays)[0])))
            found[entry] = (ends[0] - ends[1]) / (2 * step)
        return found


def goes_in(adjoint: Adjoint, derived: Derived) -> bool:
    """Whether a cotangent is put into results: it is short, or used only once."""
    uses = sum(adjoint.symbol in symbols_of(a.term) for a in derived.adjoints.values())
    return adjoint.total <= 2 or uses <= 1


def named_inputs(graph: Graph, arrays: Sequence[Any], reserved: Sequence[str]) -> Graph:
    """A program whose captured arrays have names: i for 0, 1, 2, …, else c."""
    names = dict(graph.names)
    for x, array in zip(graph.inputs, arrays, strict=True):
        if x not in names:
            counts = np.ndim(array) == 1 and np.array_equal(
                array, np.arange(len(array))
            )
            letters = ("i", "rows") if counts else ("c", "k")
            taken = {*names.values(), *reserved}
            tries = (*letters, *(f"{letters[0]}{n}" for n in range(1, 1_000)))
            names[x] = next(name for name in tries if name not in taken)
    return replace(graph, names=names)


def double(x: Any) -> Any:
    """A number in double precision, in which all checks are made."""
    array = np.asarray(x)
    return array.astype(np.float64) if array.dtype.kind == "f" else x


def relative(first: Any, second: Any) -> float:
    """The largest deviation of two arrays, relative to the larger, where both are known."""
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    known = np.isfinite(a) & np.isfinite(b)
    if not known.any():
        return float("nan")
    scale = max(1.0, float(np.max(np.abs(b[known]))))
    return float(np.max(np.abs(a[known] - b[known]))) / scale


def why(part: Block, by: Value) -> str:
    """The rules of a block's slope by one operand: those of what stands between them."""
    moving = reached(Graph(part.operands, part.equations, (part.value,)), [by])
    between = [e for e in part.equations if any(x in moving for x in e.operands)]
    weighty = [e for e in between if e.primitive.name not in PLAIN]
    reasons = [e.primitive.because for e in weighty or between if e.primitive.because]
    return ", ".join(list(dict.fromkeys(reasons))[-2:])


PLAIN = frozenset({"add", "sub", "neg", "broadcast", "convert", "reshape", "positive"})


def merged(steps: Sequence[Step]) -> list[Step]:
    """Steps with runs of the same rule joined: one visible idea a line."""
    found: list[Step] = []
    for step in steps:
        if found and found[-1].rule == step.rule:
            last = found.pop()
            both = tuple(dict.fromkeys((*last.conditions, *step.conditions)))
            step = Step(step.rule, last.before, step.after, both)
        found.append(step)
    return found


def multiplied(chain: Chain) -> Term:
    """The products of a chain, multiplied and added."""
    return add(*(mul(ONE, *product) for product in chain.products))


def changes(chain: Chain, after: Term) -> bool:
    """Whether multiplying a chain out is more than writing its factors side by side."""
    if len(chain.products) > 1:
        return True
    (product,) = chain.products
    factors = [f for x in product for f in split(x)[1] if x != ONE]
    numbers = [split(x)[0] for x in product if abs(split(x)[0]) != 1]
    return len(numbers) > 1 or sorted(map(str, factors)) != sorted(
        map(str, split(after)[1])
    )


def cancelled_terms(chain: Chain, after: Term) -> tuple[Term, ...]:
    """The denominators of a chain's factors that its product no longer has."""
    before = {d for p in chain.products for f in p for d in denominators(f)}
    gone = before - denominators(after)
    return tuple(sorted((x for x in gone if symbols_of(x)), key=lambda x: x.text))


def cancelling(rule: str) -> str:
    """The name of a step in which something cancels."""
    return "" if rule == "multiply" else f"{rule},"


CONDITIONS = "cancel"  # the word before the terms that cancel


def sums_in(x: Term) -> list[App]:
    """Every sum of a symbol inside a term."""
    return [
        y
        for y in places(x)
        if isinstance(y, App)
        and y.primitive.name == "sum"
        and (isinstance(y.operands[0], Symbol) or is_one_hot(y.operands[0]))
    ]


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
    build = Build(graph, wrt, arrays, title, recognised=recognised, reserved=reserved)
    return build.story()
