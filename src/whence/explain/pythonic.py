"""Steps as Python expressions, and the numbers of their names, to check them by hand.

    step_texts(story)  ->  (Step(kind="chain", before="dL_dz * dz_dw", …), …)
    scope(story)       ->  {"np": numpy, "w": 0.5, …, "dL_dz": -0.38}

Both sides of every step are expressions over names of the scope: ``eval`` them, and see
whether they are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.core.notation import PRODUCT
from whence.explain.aswritten import as_written
from whence.explain.blocks import Block
from whence.explain.derivation import Named, Story, Subject
from whence.explain.dialect import CODE
from whence.explain.steps import Equality, Names, Side, StepKind, steps, uses
from whence.explain.writer import Writer
from whence.simplify.term import ONE, Term


@dataclass(frozen=True)
class Step:
    """One step of a derivation: two sides that are equal, and why.

    Attributes:
        kind: name, local, chain, sum-paths, rewrite, stabilise, result or check.
        rule: What leads from the one side to the other.
        before: The side that is known, as a Python expression.
        after: The side that the rule makes of it.
        conditions: What must be true for it to hold, as Python expressions.
        checked: Whether both sides were evaluated at several points and agreed.
        subject: The name of what both sides are.
        assumptions: What it takes from the data, in words.
        uses: The places in the derivation, from 1, of the steps that it builds on.
        value: What both sides are at the point.
    """

    kind: StepKind
    rule: str
    before: str
    after: str
    conditions: tuple[str, ...]
    checked: bool
    subject: str
    assumptions: tuple[str, ...]
    uses: tuple[int, ...]
    value: Any


def step_texts(story: Story) -> tuple[Step, ...]:
    """Every step of a derivation, as text."""
    told, names = steps(story), Names(story)
    writer = Writer(CODE, names.of, story.names.values())
    return tuple(
        Step(
            kind=x.kind,
            rule=x.rule,
            before=side_text(story, x.before, writer),
            after=side_text(story, x.after, writer),
            conditions=tuple(f"{writer.write(c)} != 0" for c in x.conditions),
            checked=x.checked,
            subject=names.of_subject(x.subject),
            assumptions=x.assumptions,
            uses=tuple(builds_on),
            value=x.number,
        )
        for x, builds_on in zip(told, uses(story, names, told), strict=True)
    )


def side_text(story: Story, side: Side, writer: Writer) -> str:
    """One side of a step as a Python expression."""
    if isinstance(side, Block):
        return as_written(side, writer, story.symbol_of)
    if isinstance(side, Term):
        return writer.write(side)
    return " + ".join(product_text(p, writer) for p in side)


def product_text(factors: Sequence[Term], writer: Writer) -> str:
    """Factors side by side, ones left out."""
    kept = [f for f in factors if f != ONE] or [ONE]
    if len(kept) == 1:
        return writer.write(kept[0])
    return " * ".join(writer.tight(f, PRODUCT) for f in kept)


def scope(story: Story) -> dict[str, Any]:
    """Everything that the texts of steps are written in: modules, helpers, numbers."""
    told, names = steps(story), Names(story)
    writer = Writer(CODE, names.of, story.names.values())
    for x in told:
        for side in (x.before, x.after):
            side_text(story, side, writer)
    found: dict[str, Any] = {"np": np}
    for helper in writer.helpers:
        exec(helper, found)  # noqa: S102 - written by this package
    found.pop("__builtins__", None)
    sizes = dict(story.sizes[0]) if story.sizes else {}
    return {**found, **sizes, **story.point, **numbers(told, names)}


def numbers(told: Sequence[Equality], names: Names) -> dict[str, Any]:
    """The number of everything that steps are about, derivatives in full shape."""
    found = {}
    for x in told:
        if x.number is not None:
            whole = in_full(x.number, x.subject)
            found[names.of_subject(x.subject)] = whole[()]
    return found


def in_full(x: Any, subject: Subject) -> Any:
    """A number in the shape of what a step is about, if there is a number."""
    if x is None:
        return None
    number, shape = np.asarray(x), full_shape(subject)
    repeats = np.broadcast_shapes(number.shape, shape) == tuple(shape)
    return np.broadcast_to(number, shape) if repeats else number


def full_shape(subject: Subject) -> tuple[int, ...]:
    """The shape of what a step is about, as far as it is that of a value."""
    if isinstance(subject, Named):
        return subject.value.aval.shape
    return () if subject.held else subject.by.aval.shape
