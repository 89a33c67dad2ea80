"""Steps: what a derivation claims, as equalities that others can check.

    steps(story) -> [Equality, …]

Every line becomes an equality between two sides, the rule that leads from one to the
other, what it needs to hold, and the steps that it builds on. A derivative is a name
like any other (``dL_dz``), so a side is numbers, names and operations alone: it can be
evaluated by whoever has the numbers of the names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any, Literal

from whence.core.graph import Value
from whence.explain.blocks import Block
from whence.explain.derivation import (
    Chain,
    Kind,
    Line,
    Named,
    Result,
    Slope,
    Story,
    Subject,
    Written,
)
from whence.simplify.cotangent import cotangent_of
from whence.simplify.search import ASSUMED, CLIP
from whence.simplify.symmetric import SYMMETRY
from whence.simplify.term import Symbol, Term, symbols_of

Products = tuple[tuple[Term, ...], ...]  # a sum of products, nothing multiplied out
Side = Term | Products | Block
StepKind = Kind | Literal["sum-paths", "stabilise", "result", "check"]


@dataclass(frozen=True)
class Equality:
    """Two sides that a step says are equal.

    Attributes:
        kind: What sort of step it is.
        subject: What both sides are.
        rule: What leads from the one to the other.
        before: The side that is known.
        after: The side that the rule makes of it.
        conditions: Terms that may not be 0 for it to hold.
        assumptions: What it takes from the data, in words.
        number: The value of both sides at the point.
        checked: Whether it was evaluated and held.
    """

    kind: StepKind
    subject: Subject
    rule: str
    before: Side
    after: Side
    conditions: tuple[Term, ...] = ()
    assumptions: tuple[str, ...] = ()
    number: Any = None
    checked: bool = True


def symbol_of_slope(slope: Slope) -> Symbol:
    """The symbol of a derivative."""
    return Symbol(("slope", slope.of, slope.by, slope.held), slope.by.aval.shape)


def steps(story: Story) -> list[Equality]:
    """Every step of a derivation, in order."""
    shown: dict[Subject, Side] = {}
    found: list[Equality] = []
    for line in story.lines:
        step = of_line(story, line, shown)
        found.append(step)
        shown[line.subject] = step.after
    for result in story.results:
        found.extend(of_result(story, result, shown))
    return found


def of_line(story: Story, line: Line, shown: dict[Subject, Side]) -> Equality:
    """A line as a step from what was last said of the same thing."""
    after = side(line.form)
    before: Side
    if line.before is not None:
        before = side(line.before)
    elif isinstance(line.subject, Named):
        before = story.values[line.subject.value]
    elif isinstance(line.form, Chain):
        before = tuple(tuple(map(symbol_of_slope, p)) for p in line.form.slopes)
    else:
        before = shown.get(line.subject, symbol_of_slope(line.subject))
    assumed = story.checks.assumptions if assumes(story, line, before, after) else ()
    return Equality(
        line.kind,
        line.subject,
        line.rule or "definition",
        before,
        after,
        line.conditions,
        assumed,
        line.number,
    )


def assumes(story: Story, line: Line, before: Side, after: Side) -> bool:
    """Whether a line rests on what was taken from the data.

    Transposes of a matrix that is taken to be symmetric are gone without a word in
    every line about a derivative that is written in it.
    """
    if isinstance(line.subject, Named):
        return False
    mirrored = any(
        s.symmetric for side in (before, after) for s in symbols_in(story, side)
    )
    taken = {ASSUMED, CLIP, SYMMETRY} & {*line.rule.split(", ")}
    return mirrored or bool(taken)


def side(form: Any) -> Side:
    """The right side of a line as a side of a step."""
    match form:
        case Chain():
            return form.products
        case Written():
            return form.block
    assert isinstance(form, Term)
    return form


def of_result(
    story: Story, result: Result, shown: dict[Subject, Side]
) -> Iterator[Equality]:
    """The closed form, what its paths add up to, and what it was checked against."""
    subject = Slope(story.output, result.by)
    name = symbol_of_slope(subject)
    before = shown.get(subject, name)
    form = result.form
    ends: list[tuple[StepKind, str, Side, Side]] = [
        ("result", "closed form", before, form)
    ]
    if result.runs is not None:
        ends.append(("stabilise", result.saved, form, result.runs))
    if result.paths:
        paths = tuple((p.form,) for p in result.paths)
        ends.append(("sum-paths", "sum over paths", paths, form))
    ends.append(("check", "reverse mode", form, name))
    words, number = story.checks.assumptions, result.number
    for kind, rule, first, second in ends:
        yield Equality(kind, subject, rule, first, second, (), words, number)


def symbols_in(story: Story, side: Side) -> set[Symbol]:
    """The symbols that a side is written in."""
    if isinstance(side, Block):
        return {story.values[v] for v in side.operands}
    if isinstance(side, Term):
        return symbols_of(side)
    return {s for product in side for factor in product for s in symbols_of(factor)}


def uses(story: Story, names: Names, told: Sequence[Equality]) -> list[list[int]]:
    """For each step, the numbers of the steps that it builds on, counted from 1."""
    said: dict[str, int] = {}  # by which step a name was last spoken of
    readers = readers_of(story)
    found = []
    for i, step in enumerate(told, 1):
        written = {
            names.of(s) for x in (step.before, step.after) for s in symbols_in(story, x)
        }
        if step.kind == "chain" and isinstance(step.subject, Slope):
            above = (Slope(step.subject.of, v) for v in readers[step.subject.by])
            written |= set(map(names.of_subject, above))
        about = names.of_subject(step.subject)
        found.append(sorted({said[x] for x in {*written, about} if x in said}))
        said[about] = i
    return found


def readers_of(story: Story) -> defaultdict[Value, list[Value]]:
    """The named values that are computed from a value: its cotangent is from theirs."""
    found: defaultdict[Value, list[Value]] = defaultdict(list)
    for line in story.lines:
        if isinstance(line.subject, Named) and isinstance(line.form, Written):
            for x in line.form.block.operands:
                if x is not line.subject.value:
                    found[x].append(line.subject.value)
    return found


# --------------------------------------------------------------- what they are called


@dataclass
class Names:
    """What everything in the steps of a story is called, derivatives too.

    Attributes:
        story: The story.
        slopes: The derivatives that steps speak of, by their symbols.
    """

    story: Story
    slopes: dict[Symbol, Slope] = field(default_factory=dict)
    given: dict[Symbol, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.story.lines:
            if isinstance(line.subject, Slope):
                self.slope(line.subject)
        for result in self.story.results:
            self.slope(Slope(self.story.output, result.by))

    def slope(self, slope: Slope) -> None:
        """Give a derivative a name that nothing else has: dL_dz, dL_dx_with_u."""
        symbol = symbol_of_slope(slope)
        names = self.story.names
        of, by = names.get(slope.of, "f"), names.get(slope.by, "x")
        held = "".join(f"_with_{names.get(v, 'u')}" for v in slope.held)
        first = f"d{of}_d{by}{held}"
        if symbol not in self.given:
            taken = {*names.values(), *self.given.values()}
            tries = chain([first], (f"{first}_{n}" for n in count(2)))
            self.given[symbol] = next(name for name in tries if name not in taken)
            self.slopes[symbol] = slope

    def of_subject(self, subject: Subject) -> str:
        """The name of what a step is about."""
        if isinstance(subject, Named):
            return self.story.names[subject.value]
        return self.of(symbol_of_slope(subject))

    def of(self, symbol: Symbol) -> str:
        """The name of a symbol; a cotangent is the derivative of the output."""
        value = cotangent_of(symbol)
        if value is not None:
            slope = Slope(self.story.output, value)
            self.slope(slope)
            symbol = symbol_of_slope(slope)
        return self.given.get(symbol) or self.story.symbols.get(symbol, str(symbol.of))
