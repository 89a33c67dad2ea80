"""Derivation: what explain gives back, with its views.

    explain(f, *args) -> Derivation: text, LaTeX, Markdown, JSON, NumPy code, numbers

It holds the story, which is data, the program that the story is of, and how much is to
be shown; each view is written when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from whence.api.exercise import Exercise
from whence.api.judging import verdict
from whence.api.pipeline import differentiated
from whence.core.errors import DerivativeError
from whence.core.graph import Graph, Value
from whence.explain.build import told
from whence.explain.code import (
    code,
    function_name,
    one_liner,
    outcomes,
)
from whence.explain.derivation import Result, Story
from whence.explain.dialect import CODE, TEXT
from whence.explain.folded import folded
from whence.explain.general import general
from whence.explain.html import fragment, page
from whence.explain.latex import display, latex, markdown
from whence.explain.layout import WIDTH
from whence.explain.prepare import Prepared, prepare
from whence.explain.pythonic import Step, scope, step_texts
from whence.explain.second import higher
from whence.explain.show import text
from whence.explain.speaker import Speaker
from whence.explain.tojson import to_json
from whence.explain.verdict import Verdict
from whence.simplify.cost import cost
from whence.simplify.read import Reader
from whence.simplify.term import Term


@dataclass(frozen=True)
class Contribution:
    """What one path from an input to the output contributes to a derivative.

    Attributes:
        through: What the path goes through, as readers tell it from the others.
        form: Its closed form, as text.
        number: Its value at the point, in the shape of the input.
        share: The signed part of the whole that it makes; all of them sum to 1.
    """

    through: str
    form: str
    number: Any
    share: float


@dataclass(frozen=True)
class Program:
    """What a derivation was made from, and what runs.

    Attributes:
        graph: The program as it was traced.
        wrt: The inputs it is differentiated by.
        recognise: Whether functions written out by hand are recognised.
        whole: The whole numbers among the arguments, which are no inputs, by name.
        others: Without numbers, the same at the other sets of sizes that it was derived
            at, and what it is differentiated by there.
    """

    graph: Graph
    wrt: tuple[Value, ...]
    recognise: bool = True
    whole: Mapping[str, int] = field(default_factory=dict)
    others: tuple[tuple[Graph, tuple[Value, ...]], ...] = ()

    @cached_property
    def running(self) -> Graph:
        """What ``grad`` executes: from the inputs to the output and the gradients."""
        return differentiated(self.graph, self.wrt, recognise=self.recognise, seed=1.0)


@dataclass(frozen=True)
class Derivation:
    """A derivation that prints well everywhere.

    Attributes:
        story: What it says: lines, results, names and checks.
        level: How much of it is shown: brief, normal or full.
        program: The program it is of.
        trials: For one without numbers, the derivations with numbers that it is of.
        unfolded: Whether each layer of what repeats is told by itself.
        before: Of a higher order, the derivations that it goes on from, or stands
            beside, as that of ∂f/∂y by y stands beside that of ∂f/∂x.
    """

    story: Story
    level: str = "normal"
    program: Program | None = None
    trials: tuple[Story, ...] = ()
    unfolded: bool = False
    before: tuple[Derivation, ...] = ()

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def text(self, width: int = WIDTH) -> str:
        """The derivation as Unicode text.

        Args:
            width: The columns that it keeps within: long formulas are broken.
        """
        return self._after("\n\n\n", text(self.printed, self.level, width), str)

    def _after(self, between: str, own: str, view: Callable[[Derivation], str]) -> str:
        """What is written of the derivations before, and of this one."""
        return between.join([*map(view, self.before), own])

    @cached_property
    def last(self) -> tuple[Story, ...]:
        """The derivations of the highest order: of several inputs there are several."""
        every = [*(x.story for x in self.before), self.story]
        return tuple(x for x in every if x.order == self.story.order)

    @cached_property
    def last_trials(self) -> tuple[tuple[Story, ...], ...]:
        """The derivations of the highest order with numbers, at each set of sizes."""
        every = (*self.before, self)
        last = (x.trials for x in every if x.story.order == self.story.order)
        return tuple(zip(*last, strict=True))

    @cached_property
    def printed(self) -> Story:
        """What is printed: the story, with what repeats told once for all layers."""
        opened = self.unfolded or self.level == "full"
        return self.story if opened else folded(self.story)

    def unfold(self) -> Derivation:
        """The same with the lines of every layer, where layers are told once."""
        before = tuple(x.unfold() for x in self.before)
        return replace(self, unfolded=True, before=before)

    @property
    def result(self) -> str:
        """The closed form, as text; several are joined by newlines."""
        return "\n".join(x for s in self.last for x in one_liner(s).values())

    @cached_property
    def runs(self) -> str:
        """The form that ``grad`` executes, as text; several are joined by newlines.

        It is read off the program that runs, with the choices that hold conventions at
        kinks, in the names of the user's. One that is too long to be written out is
        given as the program, line by line.
        """
        program, speaker = self.program, Speaker(self.story, CODE)
        if program is None or self.before:
            return self.result
        terms = self.running_terms
        if any(x is None for x in terms):
            return str(program.running)
        return "\n".join(speaker.writer.write(x) for x in terms if x is not None)

    @cached_property
    def running_terms(self) -> list[Term | None]:
        """What runs, as terms; None where it is too long to be written out."""
        if self.program is None:
            return []
        ends = {*self.program.graph.inputs, *self.program.graph.names}
        found = read_back(self.program, ends & {*self.story.names}, self.story)
        return [x if cost(x) <= LONGEST else None for x in found]

    @property
    def results(self) -> dict[str, Any]:
        """The derivative at the point, by the name of each input.

        Of a higher order and by several inputs, by the names of those it is by.
        """
        self._demand_point()
        return {
            self.key_of(story, r): (story.curvature(r) or r).number[()]
            for story in self.last
            for r in story.results
        }

    def key_of(self, story: Story, result: Result) -> Any:
        """By what a result is known: its input, or of several those that it is by."""
        by = (*(story.higher.by if story.higher else ()), result.by)
        several = len((*self.before, self)[0].story.by) > 1 and story.higher
        names = tuple(story.names[x] for x in by)
        return names if several else names[-1]

    @property
    def operations(self) -> int:
        """How many operations the closed forms have in all.

        Cotangents that they are written in are counted, each once: only the way back
        computes them. What the program computes forward, under a name, is free.
        """
        every = [(story, x) for story in self.last for x in outcomes(story)]
        shared = {
            s: t for story, x in every for s, t in x.where if s in story.cotangents
        }
        return sum(map(cost, (*(x.form for _, x in every), *shared.values())))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step: two sides as Python expressions over names, and why.

        The names are those of ``scope``, where both sides of each can be evaluated.
        """
        return step_texts(self.story)

    @cached_property
    def scope(self) -> dict[str, Any]:
        """The numbers of all names at the point, with what their texts need."""
        return scope(self.trials[0] if self.trials else self.story)

    @property
    def paths(self) -> dict[str, tuple[Contribution, ...]]:
        """What each path contributes, by the name of each input."""
        speaker = Speaker(self.story, TEXT)
        return {
            self.story.names[r.by]: tuple(
                Contribution(
                    speaker.through(p), speaker.writer.write(p.form), p.number, p.share
                )
                for p in r.paths
            )
            for r in self.story.results
        }

    @property
    def checked(self) -> bool:
        """Whether every line passed its check."""
        return not self.failure

    @property
    def failure(self) -> str:
        """What went wrong, if a line failed its check."""
        every = (*(x.story for x in self.before), self.story)
        return next((x.checks.failure for x in every if x.checks.failure), "")

    def judge(self, lines: str | Sequence[str]) -> Verdict:
        """Judge steps of one's own: equal, equal under an assumption, or wrong.

        A line says what something is (``dL/dz = y_hat - y``, ``u = x² + 1``,
        ``du = 2x dx``), goes on from the line before (``= 6x u²``), or is a form of the
        derivative asked for. It may use the names of the program and of this
        derivation, and those that earlier lines gave.

        Args:
            lines: One text of one or more lines, or several.

        Returns:
            A verdict, which is true if every line holds, and prints what is off in the
            first that does not, with a point at which it is wrong. A line that cannot
            be read is said to be so, and the others are judged.

        Raises:
            UserError: If there is no line, or one is no text.

        Example:
            >>> from whence import explain
            >>> bool(explain("x**3", x=2.0).judge("f′ = 3x²"))
            True
        """
        assert self.program is not None, "what is explained has a program"
        ready, story = self._told_again()
        return verdict(
            story, ready, lines, whole=self.program.whole, order=self.story.order
        )

    def of_order(self, order: int) -> Derivation:
        """The derivation of a derivative of a higher order, this one before it.

        Raises:
            DerivativeError: If there is no such derivation.
        """
        if not self.trials:
            sizes = self.story.sizes
            every = [
                replace(self, story=replace(x, sizes=sizes))
                for x in higher(*self._told_again(), order)
            ]
        else:
            known = [k for k, x in self.story.point.items() if x is not None]
            runs = [self._trial(i, order) for i in range(len(self.trials))]
            groups = zip(*runs, strict=False)  # one that stopped is told no further
            every = [replace(self, story=general(x, known), trials=x) for x in groups]
        return replace(every[-1], before=tuple(every[:-1]))

    def _trial(self, i: int, order: int) -> list[Story]:
        """The derivations up to an order at one set of sizes, on numbers."""
        sizes = self.trials[i].sizes
        return [replace(x, sizes=sizes) for x in higher(*self._told_again(i), order)]

    def _told_again(self, trial: int = 0) -> tuple[Prepared, Story]:
        """The first derivation with numbers, and what it is made from.

        Args:
            trial: Of which set of sizes, for a derivation without numbers.
        """
        assert self.program is not None, "what is explained has a program"
        program = self.program
        graph, wrt = ((program.graph, program.wrt), *program.others)[trial]
        lowest = (*self.before, self)[0]
        first = (*lowest.trials, lowest.story)[trial]
        return told(
            prepare(
                graph,
                wrt,
                list(first.point.values()),
                first.title,
                recognised=program.recognise,
                reserved=[n for n in first.point if n not in first.captured],
            )
        )

    def latex(self) -> str:
        """The derivation as an ``align*`` of amsmath."""
        own = latex(self.printed, self.level)
        return self._after("\n\n", own, Derivation.latex)

    def markdown(self) -> str:
        """The derivation as Markdown."""
        own = markdown(self.printed, self.level)
        return self._after("\n", own, Derivation.markdown)

    def html(self) -> str:
        """The derivation as one HTML file: no network, no scripts, MathML."""
        before = [x.printed for x in self.before]
        return page(self.printed, self.level, self._code_or_reason(), before=before)

    def _code_or_reason(self) -> str:
        """The code, or why there is none, for those who read along."""
        try:
            return self.code()
        except DerivativeError as error:
            return "\n".join(f"# {line}" for line in str(error).splitlines())

    def hints(self) -> Exercise:
        """The same as an exercise: blanks to fill in, and the answers after them."""
        before = tuple(x.printed for x in self.before)
        return Exercise(self.printed, self.level, before)

    def to_json(self) -> str:
        """The derivation as JSON, in a version-stamped schema."""
        before = [x.story for x in self.before]
        return to_json(self.story, self.running_terms, before)

    def code(self) -> str:
        """A NumPy function that computes the gradient by its closed form.

        For arrays of the shapes it was derived with, and of all where sizes have names.
        It runs with NumPy alone, but for special functions such as erf and gammaln,
        which it takes from SciPy.

        Raises:
            DerivativeError: If the derivation stopped before a result.
        """
        if not self.checked:
            raise DerivativeError(
                f"the derivation stopped: {self.failure}",
                remedy="whence.grad, which gives the gradient without a derivation",
            )
        groups = self.last_trials or (self.last,)
        source = code(*groups[0])
        try:
            demand_of_all(source, groups)
        except (ArithmeticError, DerivativeError):  # it overflows on the way
            source = code(*groups[0], guarded=True)
            demand_of_all(source, groups)
        return source

    def _demand_point(self) -> None:
        """Refuse to give numbers of a derivation that has none."""
        if self.trials:
            raise DerivativeError(
                "a derivation for all sizes has no numbers",
                remedy="the arguments themselves, beside shapes= or without it",
            )

    # A notebook takes the first that it knows of HTML, LaTeX and Markdown.
    def _repr_html_(self) -> str:
        before = [x.printed for x in self.before]
        return fragment(self.printed, self.level, self._code_or_reason(), before=before)

    def _repr_latex_(self) -> str:
        own = display(self.printed, self.level)
        return self._after("\n", own, Derivation._repr_latex_)

    def _repr_markdown_(self) -> str:
        return self.markdown()


LONGEST = 400  # operations; a longer form that runs is not written out


def read_back(program: Program, ends: Container[Value], story: Story) -> Iterator[Term]:
    """What a program computes for each gradient, as far back as some values."""
    made = {y: e for e in program.running.equations for y in e.results}
    reader = Reader(
        made,
        ends.__contains__,
        story.values.__getitem__,
        masks=True,
        guards=True,
        apart=True,
    )
    return map(reader.read, program.running.outputs[1:])


def demand_of_all(source: str, groups: Sequence[Sequence[Story]]) -> None:
    """Run generated code at each point at which a derivation was made."""
    for stories in groups:
        demand_code(source, *stories)


def demand_code(source: str, *stories: Story) -> None:
    """Run generated code once: it is given out only if it gives the derivatives."""
    scope: dict[str, Any] = {}
    name = function_name(stories[0])
    parameters = parameters_of(source, name)
    point = {k: plain(v) for k, v in stories[0].point.items() if k in parameters}
    with np.errstate(all="ignore"):
        exec(source, scope)  # noqa: S102 - written by this package just now
        found = scope[name](**point)
    numbers = [(s.curvature(r) or r).number for s in stories for r in s.results]
    parts = found if len(numbers) > 1 else (found,)
    for number, part in zip(numbers, parts, strict=True):
        if not np.allclose(number, part, rtol=1e-6, atol=1e-9, equal_nan=True):
            raise DerivativeError(
                "the code of this derivation does not give its gradient here: the "
                "point is one where a convention decides, or the form has no code",
                remedy="whence.grad, which holds the conventions",
            )


def plain(x: Any) -> Any:
    """A number as Python has it, which is what callers may give to code."""
    return x if np.ndim(x) else np.asarray(x).item()


def parameters_of(source: str, name: str) -> list[str]:
    """The parameters of generated code."""
    _, _, head = source.partition(f"def {name}(")
    return head.partition(")")[0].split(", ")
