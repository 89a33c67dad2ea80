"""A derivation as JSON: a version-stamped schema of names, steps, trees and numbers.

    to_json(story) -> str

Whoever reads it needs nothing of ours: the names are defined in order, both sides of
every step are expression trees over them (``explain.tree``), and so are the results.
docs/json.md says what each field holds and what each operation does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from whence.core.graph import Value
from whence.explain.blocks import Block
from whence.explain.code import in_order
from whence.explain.derivation import (
    Line,
    Named,
    Recursion,
    Result,
    Slope,
    Story,
    Written,
)
from whence.explain.dialect import CODE, LATEX, TEXT
from whence.explain.folded import spoken
from whence.explain.pythonic import in_full, side_text
from whence.explain.speaker import Speaker
from whence.explain.steps import Equality, Names, Side, steps, uses
from whence.explain.tree import Tree, Trees, node, number, operations, plain
from whence.explain.writer import Writer
from whence.simplify.cotangent import cotangent_of
from whence.simplify.term import ONE, Symbol, Term

SCHEMA = 2


def to_json(
    story: Story,
    runs: Sequence[Term | None] = (),
    before: Sequence[Story] = (),
) -> str:
    """Everything a derivation says, for other programs to read.

    Args:
        story: The derivation.
        runs: For each result the form that runs, where it is known.
        before: Of a higher order, the derivations that it goes on from.
    """
    whole = Document(story).whole(runs if not before else ())
    if story.order > 1:
        whole["order"] = story.order
        whole["curvatures"] = Document(story).curvatures()
    if before:
        whole["before"] = [json.loads(to_json(x, (), [])) for x in before]
    fields = ",\n".join(f"{compact(name)}: {laid_out(x)}" for name, x in whole.items())
    return f"{{\n{fields}\n}}"


def laid_out(x: Any) -> str:
    """A field of the document, each of its parts on a line."""
    if isinstance(x, list) and x:
        return "[\n " + ",\n ".join(map(compact, x)) + "\n]"
    return compact(x)


def compact(x: Any) -> str:
    """A plain value as JSON on one line."""
    return json.dumps(x, ensure_ascii=False, allow_nan=False)


def recursion(story: Story, told: Recursion) -> dict[str, Any]:
    """Layers that are told once: which lines and results one text stands for."""
    known, pairs = spoken(story, told)
    text, latex = Speaker(known, TEXT), Speaker(known, LATEX)
    parts: dict[str, list[dict[str, Any]]] = {"lines": [], "results": []}
    for fold, x in pairs:
        about = x.subject if isinstance(x, Line) else Slope(story.output, x.by)
        sides = [
            f"{s.name(about.value) if isinstance(about, Named) else s.left(about)} = "
            f"{s.form(x.form)}"
            for s in (text, latex)
        ]
        part = {
            "layers": list(fold.layers),
            "members": [i + 1 for i in fold.members],
            "text": sides[0],
            "latex": sides[1],
        }
        parts["lines" if isinstance(x, Line) else "results"].append(part)
    return {
        "letter": told.letter,
        "first": told.first,
        "last": told.last,
        "before": {name: story.names.get(x) for name, x in told.before.items()},
        **parts,
        "largest": [
            {"layer": n, **{story.names[x.by]: number(x.largest) for x in sizes}}
            for n, sizes in told.sizes.items()
        ],
    }


class Document:
    """A derivation being written as plain JSON values."""

    def __init__(self, story: Story) -> None:
        self.story, self.told, self.names = story, steps(story), Names(story)
        self.trees = Trees(self.names.of)
        self.code = Writer(CODE, self.names.of, story.names.values())
        self.text, self.latex = Speaker(story, TEXT), Speaker(story, LATEX)

    def whole(self, runs: Sequence[Term | None]) -> dict[str, Any]:
        """The document."""
        story = self.story
        builds_on = uses(story, self.names, self.told)
        numbered = enumerate(zip(self.told, builds_on, strict=True), 1)
        told = [self.step(i, step, before) for i, (step, before) in numbered]
        known = list(runs)[: len(story.results)] or [None] * len(story.results)
        results = [self.result(*x) for x in zip(story.results, known, strict=True)]
        return {
            "whence": "derivation",
            "schema": SCHEMA,
            "function": story.title,
            "output": story.names[story.output],
            "by": list(story.by),
            "value": number(story.value),
            "point": {k: number(v) for k, v in story.point.items()},
            "names": [*self.inputs(), *self.values(), *self.derivatives()],
            "sizes": [dict(sizes) for sizes in story.sizes],
            "legend": [{"name": e.name, "role": e.role} for e in story.legend],
            "remarks": [
                {"kind": r.kind, "text": "".join(map(self.text.part, r.parts))}
                for r in story.remarks
            ],
            "lines": [self.line(i, x) for i, x in enumerate(story.lines, 1)],
            "steps": told,
            "results": results,
            "recursions": [recursion(story, x) for x in story.recursions],
            "checks": self.checks(),
        }

    def curvatures(self) -> list[dict[str, Any]]:
        """The matrices of second derivatives."""
        return [
            {
                "by": [self.story.names[x] for x in matrix.by],
                "term": self.side(matrix.form),
                "text": self.text.writer.write(matrix.form),
                "latex": self.latex.writer.write(matrix.form),
                "operations": matrix.operations,
                "value": number(matrix.number),
            }
            for matrix in self.story.curvatures
        ]

    # ------------------------------------------------------------------ names

    def inputs(self) -> list[dict[str, Any]]:
        """What the program is given: its arguments, and arrays met on the way."""
        known = {name: v for v, name in self.story.names.items()}
        return [
            {
                "name": name,
                "kind": "captured" if name in self.story.captured else "input",
                **typed(known.get(name), x),
                "value": number(x),
            }
            for name, x in self.story.point.items()
        ]

    def values(self) -> list[dict[str, Any]]:
        """What the program computes, in order, each by those before it."""
        found = []
        for line in self.story.lines:
            if isinstance(line.subject, Named) and isinstance(line.form, Written):
                value = line.subject.value
                found.append(
                    {
                        "name": self.names.of_subject(line.subject),
                        "kind": "value",
                        **typed(value, line.number),
                        "value": number(line.number),
                        "definition": self.side(line.form.block),
                    }
                )
        return found

    def derivatives(self) -> list[dict[str, Any]]:
        """The derivatives that steps speak of, by their names."""
        numbers: dict[str, Any] = {}
        for step in self.told:
            if isinstance(step.subject, Slope):
                name = self.names.of_subject(step.subject)
                numbers[name] = in_full(as_float(step.number), step.subject)
            self.side(step.before), self.side(step.after)  # gives names to cotangents
        return [
            {
                "name": self.names.of(symbol),
                "kind": "derivative",
                "of": self.story.names[slope.of],
                "by": self.story.names[slope.by],
                "held": [self.story.names[v] for v in slope.held],
                "value": number(numbers.get(self.names.of(symbol))),
            }
            for symbol, slope in self.names.slopes.items()
        ]

    # ------------------------------------------------------------------ steps

    def line(self, i: int, x: Line) -> dict[str, Any]:
        """One line as it is printed, and the step that it is."""
        return {
            "step": i,
            "left": self.text.subject(x),
            "right": self.text.form(x.form),
            "latex": f"{self.latex.subject(x)} = {self.latex.form(x.form)}",
            "follows": x.follows,
        }

    def step(self, i: int, x: Equality, builds_on: list[int]) -> dict[str, Any]:
        """One step: both sides, the rule between them, and what it needs."""
        return {
            "id": i,
            "kind": x.kind,
            "subject": self.names.of_subject(x.subject),
            "rule": x.rule,
            "before": self.side(x.before),
            "after": self.side(x.after),
            "conditions": [self.trees.of(c) for c in x.conditions],
            "assumptions": list(x.assumptions),
            "uses": builds_on,
            "checked": x.checked,
            "value": number(as_float(x.number)),
            "text": {
                "before": side_text(self.story, x.before, self.code),
                "after": side_text(self.story, x.after, self.code),
            },
        }

    def side(self, side: Side) -> Tree:
        """One side of a step as a tree."""
        if isinstance(side, Block):
            return self.trees.block(side, self.story.symbol_of)
        if isinstance(side, Term):
            return self.trees.of(side)
        products = [joined("mul", map(self.trees.of, without_ones(p))) for p in side]
        return joined("add", products)

    # ---------------------------------------------------------------- results

    def result(self, x: Result, runs: Term | None) -> dict[str, Any]:
        """The derivative by one input."""
        subject = Slope(self.story.output, x.by)
        term = self.trees.of(x.form)
        where = [self.meaning(s, t) for s, t in in_order(dict(x.where))]
        return {
            "by": self.story.names[x.by],
            "name": self.names.of_subject(subject),
            "term": term,
            "where": where,
            "operations": operations(term)
            + sum(operations(w["term"]) for w in where if w["way"] == "back"),
            "explicit": self.trees.of(x.explicit),
            "general": None if x.general is None else self.trees.of(x.general),
            "runs": None if runs is None else self.trees.of(runs),
            "text": self.text.writer.write(x.form),
            "latex": self.latex.writer.write(x.form),
            "value": number(x.number),
            "paths": [
                {
                    "through": self.text.through(p),
                    "term": self.trees.of(p.form),
                    "text": self.text.writer.write(p.form),
                    "value": number(p.number),
                    "share": number(p.share),
                }
                for p in x.paths
            ],
        }

    def meaning(self, symbol: Symbol, term: Term) -> dict[str, Any]:
        """What a name in a result stands for, and on which way it is computed."""
        return {
            "name": self.names.of(symbol),
            "way": "forward" if cotangent_of(symbol) is None else "back",
            "term": self.trees.of(term),
        }

    def checks(self) -> dict[str, Any]:
        """What stands behind the derivation."""
        checks = self.story.checks
        return {
            "points": checks.points,
            "automatic": number(checks.automatic),
            "differences": number(checks.differences),
            "conditions": [self.trees.of(c) for c in checks.conditions],
            "assumptions": list(checks.assumptions),
            "failure": checks.failure,
        }


def typed(value: Value | None, x: Any) -> dict[str, Any]:
    """The shape and dtype of a value, or of a number without one."""
    aval = value.aval if value is not None else np.asarray(x)
    return {"shape": plain(aval.shape), "dtype": str(aval.dtype)}


def as_float(x: Any) -> Any:
    """A number as one that could move, if there is one: a slope x > 0 is 1 or 0."""
    return np.asarray(x, float) if np.asarray(x).dtype.kind == "b" else x


def without_ones(factors: Sequence[Term]) -> list[Term]:
    """Factors without those that are 1."""
    return [f for f in factors if f != ONE] or [ONE]


def joined(op: str, trees: Iterable[Tree]) -> Tree:
    """Trees joined by an operation, from the left."""
    first, *rest = trees
    for other in rest:
        first = node(op, first, other)
    return first
