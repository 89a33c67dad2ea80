"""Check my step: lines of one's own, read and judged against a derivation.

    verdict(derived, ["du/dx = 2x", "df/dx = 3u²·2x"]) -> Verdict

The lines are read by the grammar of formulas over the names of the program and of its
derivation; what they claim is traced like a function, and ``explain.judge`` compares
numbers. A name that nothing has yet is the writer's own from its line on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn
from unicodedata import normalize

import numpy as np

from whence.api.recording import record
from whence.core.errors import ShapeError, UserError
from whence.core.graph import Value
from whence.explain.derivation import Story
from whence.explain.dialect import TEXT
from whence.explain.folded import folded
from whence.explain.ground import (
    Claim,
    Differential,
    Direction,
    Ground,
    Printed,
    Quantity,
    Rate,
    equations_to,
)
from whence.explain.judge import Judge
from whence.explain.meanings import (
    identifier,
    meanings,
    ones_among_zeros,
    printed_numbers,
    rows,
)
from whence.explain.prepare import Prepared
from whence.explain.verdict import WORDS, Judged, Verdict
from whence.frontend.formula import FormulaError
from whence.frontend.formula.handwriting import Statement, Unread, read
from whence.frontend.formula.layers import at_layer, is_layered
from whence.frontend.formula.leibniz import Alone, Derivative, Names, Quotient


def verdict(
    story: Story,
    ready: Prepared,
    lines: str | Sequence[str],
    *,
    whole: Mapping[str, int],
    order: int = 1,
) -> Verdict:
    """Judge lines that claim something of a derivation.

    Args:
        story: The derivation.
        ready: What it was made from.
        lines: One text of one or more lines, or several.
        whole: The whole numbers among the arguments, by name.
        order: The order of the derivative that a line without a left side claims.

    Raises:
        FormulaError: If there is no line to judge.
        UserError: If what is given is no text.
    """
    page = Page(story, ready, whole, order)
    judged = [x for line in texts(lines) for x in page.line(line)]
    return Verdict(tuple(judged))


def texts(lines: str | Sequence[str]) -> list[str]:
    """Lines one by one; there must be one, and each must be text."""
    given = lines.splitlines() if isinstance(lines, str) else lines
    if not isinstance(given, Sequence):
        refuse_lines(lines)
    for line in given:
        if not isinstance(line, str):
            refuse_lines(line)
    parts = [part for line in given for part in line.splitlines()]
    found = [part for part in parts if part.partition("#")[0].strip()]
    if not found:
        what = "there is no line to judge"
        raise FormulaError(what, remedy="dL/dx = 2*x", text="\n".join(given))
    return found


def refuse_lines(given: object) -> NoReturn:
    """Refuse what is no line."""
    what = f"a line to judge is text; {given!r} is of type {type(given).__name__}"
    raise UserError(what, remedy='judge("dL/dx = 2x"), or a list of such lines')


class Page:
    """Lines under judgement: the names known so far, and what the last was about."""

    def __init__(
        self, story: Story, ready: Prepared, whole: Mapping[str, int], order: int
    ) -> None:
        self.story, self.order = story, order
        self.ground = Ground(ready)
        self.judge = Judge(self.ground, story)
        self.quantities: dict[str, Any] = dict(meanings(self.ground, story, whole))
        self.numbers = printed_numbers(story, ready)
        self.rows = {
            name: (n, of)
            for name, (n, of) in rows(self.ground).items()
            if name not in self.quantities
        }
        self.quantities |= {name: n for name, (n, _) in self.rows.items()}
        self.recursions = folded(story).recursions
        for recursion in self.recursions:
            self.quantities |= recursion.before
        self.fresh = {
            name for v, name in story.names.items() if v not in ready.written.names
        } - {story.title}
        self.before: Claim | None = None  # the last claim, if it was wrong
        self.asked: tuple[Quantity, ...] = tuple(
            Rate(self.ground.output, (x,) * order) for x in self.ground.wrt
        )
        self.about = self.asked  # what the last line was about; nothing if unknown

    # ------------------------------------------------------------------- lines

    def line(self, text: str) -> Iterator[Judged]:
        """Judge every statement of a line, for all layers if it is about layer l."""
        told = [r for r in self.recursions if is_layered(text, r.letter)]
        if not told:
            yield from self.plain_line(text)
            return
        numbers = range(min(r.first for r in told), max(r.last for r in told) + 1)
        lines = {n: at_layer(text, told[0].letter, n) for n in numbers}
        judged = {n: list(self.plain_line(x)) for n, x in lines.items()}
        known = {n: x for n, x in judged.items() if all(map(is_read, x))}
        if not known:  # not even in the first layer are all its names known
            yield replace(judged[numbers[0]][-1], text=text.strip(), place=None)
            return
        for found in zip(*known.values(), strict=True):
            yield of_layers(text, dict(zip(known, found, strict=True)))

    def plain_line(self, text: str) -> Iterator[Judged]:
        """Judge every statement of a line, or say why it cannot be read."""
        try:
            sides = read(text, self.names())
        except FormulaError as error:
            self.about = ()
            yield unreadable(text, error)
            return
        left = text.partition("=")[0].strip() if sides[0].subject else ""
        for side in sides:
            leads = left or side.goes_on
            shown = f"{left} = {side.text}" if leads else side.text
            try:
                yield replace(self.found(side), text=shown.strip())
            except UserError as error:
                yield unreadable(text, error)

    def names(self) -> Names:
        """The names that a line may use, in every spelling."""
        spelled = {name.replace("_", ""): name for name in self.quantities}
        spelled |= {
            normalize("NFKC", TEXT.name(name)): name for name in self.quantities
        }
        spelled |= {TEXT.name(name): name for name in self.quantities}
        spelled |= {name: name for name in self.quantities}
        spelled |= {text: identifier(text) for text in ones_among_zeros(self.story)}
        arrays = {n for n, x in self.quantities.items() if self.has_axes(x)}
        inputs = {self.story.names.get(x, "") for x in self.ground.written.inputs}
        whole = {n for n, x in self.quantities.items() if isinstance(x, int)}
        names = frozenset(arrays), frozenset(inputs), frozenset(whole)
        return Names(spelled, *names, self.numbers)

    def has_axes(self, x: Any) -> bool:
        """Whether a quantity is an array with axes."""
        if isinstance(x, Value):
            return bool(x.aval.shape)
        if isinstance(x, Claim):
            return bool(x.graph.outputs[0].aval.shape)
        if isinstance(x, Rate):
            return bool(x.of.aval.shape or any(y.aval.shape for y in x.by))
        return isinstance(x, Printed)

    def found(self, side: Statement | Unread) -> Judged:
        """Judge one statement, or take it for a definition.

        Raises:
            UserError: If it cannot be read, or not be computed.
        """
        readings, name = self.readings(side), side.subject
        self.about = (
            readings if side.subject is not None or side.goes_on else self.about
        )
        own = isinstance(name, str) and (not readings or name in self.fresh)
        if isinstance(side, Unread):
            raise side.error
        try:
            claim = self.claim(side)
        except ShapeError as error:
            subject = self.judge.both.subject(readings[0]) if readings else str(name)
            return Judged(subject, "wrong", f"{error.what}; {error.remedy}")
        if not own:
            return self.counting(side, self.compared(claim, readings))
        if readings and (found := self.judge.held(claim, readings[0])):
            return found
        assert isinstance(name, str), "what has no readings is a name of one's own"
        self.quantities[name] = self.ground.define(claim)
        self.about = (self.quantities[name],)
        self.fresh.discard(name)
        return Judged(TEXT.name(name), "named", "of your own")

    def counting(self, side: Statement, found: Judged) -> Judged:
        """What was found of a statement, with what its n was taken for."""
        for name in (x for x in side.formula.parameters if x in self.rows):
            n, of = self.rows[name]
            words = f"{name} = {n}, the number of rows of {self.judge.both.subject(of)}"
            return replace(found, remark="; ".join(filter(None, (found.remark, words))))
        return found

    def compared(self, claim: Claim, readings: tuple[Quantity, ...]) -> Judged:
        """Judge a claim; of one that is wrong, say if the one before was so too."""
        found, before = self.judge.judge(claim, readings), self.before
        self.before = claim if found.status == "wrong" else None
        if before and self.before and self.judge.both.follows(claim, before):
            remark = "it follows from the line before, which is wrong"
            return replace(found, remark=remark)
        return found

    def readings(self, statement: Statement | Unread) -> tuple[Quantity, ...]:
        """What the left side of a statement may mean; nothing for a new name."""
        match statement.subject:
            case None if not statement.goes_on:
                return tuple(dict.fromkeys((*self.asked, *self.about)))
            case None if not self.about:
                what = "this goes on from a line that could not be read"
                remedy = "a left side of its own: dL/dx = ..."
                raise FormulaError(what, remedy=remedy, text=statement.line)
            case None:
                return self.about
            case str() as name:
                known = self.quantities.get(name)
                if name == "H" and known is None and self.order == 2:
                    return tuple(
                        Rate(self.ground.output, (x, x)) for x in self.ground.wrt
                    )
                return (known,) if isinstance(known, (Value, Claim, Rate)) else ()
            case Quotient() as quotient:
                return (self.rate(quotient, statement),)
            case Alone() as alone:
                return tuple(self.alone(alone, statement))
        raise AssertionError(f"no such subject: {statement.subject!r}")

    def rate(self, quotient: Quotient, statement: Statement | Unread) -> Rate:
        """The derivative that a quotient names."""
        of = self.value(quotient.of, statement) if quotient.of else self.ground.output
        by = [self.value(name, statement) for name in quotient.by if name]
        if len(by) < len(quotient.by):
            if len(self.ground.wrt) != 1:
                names = [self.story.names[x] for x in self.ground.wrt]
                listed = ", ".join(f"dL/d{name}" for name in names)
                what = "there are several inputs, and this does not say by which"
                raise FormulaError(what, remedy=listed, text=statement.line)
            by = [*by, *self.ground.wrt * (len(quotient.by) - len(by))]
        held = tuple(self.value(name, statement) for name in quotient.held)
        return Rate(of, tuple(by), held)

    def value(self, name: str, statement: Statement | Unread) -> Value:
        """The value of the program that a name stands for."""
        found = self.quantities[name]
        if not isinstance(found, Value):
            what = f"{name!r} is no value that could move"
            remedy = f"one of {', '.join(sorted(self.story.names.values()))}"
            raise FormulaError(what, remedy=remedy, text=statement.line)
        return found

    def alone(self, alone: Alone, statement: Statement | Unread) -> Iterator[Quantity]:
        """What dz by itself may mean."""
        value = self.value(alone.name, statement)
        along = self.differentials(value, statement)
        if along and not alone.adjoint:
            yield Differential(value, along)
            return
        inside = [x for x in self.ground.wrt if self.depends(value, x)]
        if not alone.adjoint:
            yield from (Rate(value, (x,)) for x in inside if x is not value)
        yield Rate(self.ground.output, (value,))

    def differentials(
        self, value: Value, statement: Statement | Unread
    ) -> tuple[Value, ...]:
        """The values whose differentials a statement about another's is written in."""
        if isinstance(statement, Unread):
            return ()
        found = [
            self.value(d.name, statement)
            for d in statement.derivatives.values()
            if isinstance(d, Alone) and not d.adjoint
        ]
        below = [x for x in dict.fromkeys(found) if self.depends(value, x)]
        return tuple(below) if len(below) == len(set(found)) else ()

    def depends(self, value: Value, other: Value) -> bool:
        """Whether a value is made from another."""
        program = self.ground.program((other, value))
        made = equations_to(value, program)
        return value is not other and any(other in e.operands for e in made)

    # ------------------------------------------------------------------ claims

    def claim(self, statement: Statement) -> Claim:
        """The right side of a statement, traced over what its names stand for."""
        first = self.ground.points[0]
        names = statement.formula.parameters
        sources = {name: self.source(name, statement) for name in names}
        named = {
            name: x if isinstance(x, int) else plain(self.ground.source(x, first))
            for name, x in sources.items()
        }
        try:
            recording = record(statement.formula, (), named, None)
        except FormulaError as error:
            raise statement.pointed(error) from None
        called = recording.graph.names
        inputs = [
            sources[called[x]] if called.get(x) in sources else np.asarray(bound)
            for x, bound in zip(recording.graph.inputs, recording.bound, strict=True)
        ]
        (output, *_) = recording.graph.outputs
        graph = replace(recording.graph, outputs=(output,))
        return Claim(graph, tuple(inputs))

    def source(self, name: str, statement: Statement) -> Any:
        """What a name in a formula stands for."""
        written: Derivative | None = statement.derivatives.get(name)
        if written is None:
            return self.quantities[name]
        if isinstance(written, Quotient):
            return self.rate(written, statement)
        value = self.value(written.name, statement)
        if isinstance(statement.subject, Alone) and not written.adjoint:
            about = self.value(statement.subject.name, statement)
            if self.differentials(about, statement):
                return Direction(value)
        return Rate(self.ground.output, (value,))


def is_read(line: Judged) -> bool:
    """Whether a line could be read."""
    return line.status != "unreadable"


def of_layers(text: str, found: Mapping[int, Judged]) -> Judged:
    """What is found of a line about layer l: the worst of what is found of each."""
    layer = max(found, key=lambda n: [*WORDS].index(found[n].status))
    worst = found[layer]
    remark = worst.remark
    if worst.status == "wrong":
        remark = f"in layer {layer}{': ' * bool(remark)}{remark}"
    points = min(x.points for x in found.values())
    return replace(worst, text=text.strip(), remark=remark, points=points, place=None)


def unreadable(text: str, error: UserError) -> Judged:
    """A line that is not judged, for it cannot be read or computed."""
    place = error.at if isinstance(error, FormulaError) else None
    if place is not None:
        place -= len(text) - len(text.lstrip())
    remark = f"{error.what}; try {error.remedy}"
    return Judged("", "unreadable", remark, text=text.strip(), place=place)


def plain(x: Any) -> Any:
    """A number as a formula takes it."""
    array = np.asarray(x)
    if array.dtype.kind == "f":
        array = array.astype(float)
    return array if array.ndim else array.item()
