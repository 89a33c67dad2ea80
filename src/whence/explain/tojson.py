"""A derivation as JSON: a version-stamped schema of lines and expression trees.

    to_json(story) -> str

A term is a tree: ``{"number": …}``, ``{"name": …}``,
``{"sum": [[coefficient, term], …]}``, ``{"product": [[base, exponent], …]}`` or
``{"apply": operation, "to": […], "params": …}``. Coefficients and exponents are
numbers, or texts "p/q" where they are fractions.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np

from whence.explain.derivation import Chain, Line, Named, Result, Slope, Story, Written
from whence.explain.dialect import LATEX, TEXT
from whence.explain.show import Speaker
from whence.simplify.term import App, Num, Prod, Sum, Symbol, Term

SCHEMA = 1


def to_json(story: Story) -> str:
    """Everything a derivation says, for other programs to read."""
    speakers = Speaker(story, TEXT), Speaker(story, LATEX)
    checks = story.checks
    return json.dumps(
        {
            "whence": "derivation",
            "schema": SCHEMA,
            "function": story.title,
            "value": number(story.value),
            "point": {k: number(v) for k, v in story.point.items()},
            "names": names(story),
            "legend": legend(story),
            "lines": [line(story, x, speakers) for x in story.lines],
            "results": [result(story, x, speakers) for x in story.results],
            "checks": {
                "points": checks.points,
                "automatic": number(checks.automatic),
                "differences": number(checks.differences),
                "conditions": [tree(story, c) for c in checks.conditions],
                "assumptions": list(checks.assumptions),
                "failure": checks.failure,
            },
        },
        ensure_ascii=False,
        indent=1,
    )


def names(story: Story) -> list[dict[str, Any]]:
    """Every named value with its shape and dtype."""
    return [
        {
            "name": name,
            "shape": [int(n) for n in v.aval.shape],
            "dtype": str(v.aval.dtype),
        }
        for v, name in story.names.items()
    ]


def legend(story: Story) -> list[dict[str, Any]]:
    """The symbols that the derivation speaks of, with the part that each plays."""
    return [{"name": e.name, "role": e.role} for e in story.legend]


def line(story: Story, x: Line, speakers: tuple[Speaker, Speaker]) -> dict[str, Any]:
    """One line of a derivation."""
    text, latex = speakers
    found: dict[str, Any] = {
        "kind": x.kind,
        "left": text.subject(x),
        "right": text.form(x.form),
        "latex": f"{latex.subject(x)} = {latex.form(x.form)}",
        "rule": x.rule,
        "conditions": [tree(story, c) for c in x.conditions],
        "follows": x.follows,
        "value": number(x.number),
        "checked": True,
    }
    if isinstance(x.subject, Named):
        found["of"] = story.names.get(x.subject.value)
    else:
        found["of"], found["by"] = slope(story, x.subject)
        found["held"] = [story.names.get(v) for v in x.subject.held]
    match x.form:
        case Chain(slopes, products):
            found["chain"] = [[slope(story, s) for s in p] for p in slopes]
            found["factors"] = [[tree(story, f) for f in p] for p in products]
        case Written(block):
            found["term"] = tree(story, block.term)
        case Term():
            found["term"] = tree(story, x.form)
    return found


def slope(story: Story, x: Slope) -> list[str | None]:
    """The names of what is differentiated, and by what."""
    return [story.names.get(x.of), story.names.get(x.by)]


def result(
    story: Story, x: Result, speakers: tuple[Speaker, Speaker]
) -> dict[str, Any]:
    """The derivative by one input."""
    text, latex = speakers
    return {
        "by": story.names.get(x.by),
        "term": tree(story, x.form),
        "text": text.writer.write(x.form),
        "latex": latex.writer.write(x.form),
        "operations": x.operations,
        "value": number(x.number),
        "where": {story.symbols[s]: tree(story, t) for s, t in x.where},
        "general": None if x.general is None else tree(story, x.general),
        "paths": [
            {
                "through": text.through(p),
                "term": tree(story, p.form),
                "text": text.writer.write(p.form),
                "value": number(p.number),
                "share": number(p.share),
            }
            for p in x.paths
        ],
    }


def tree(story: Story, x: Any) -> Any:
    """A term as an expression tree."""
    match x:
        case Num():
            return {"number": coefficient(x.number)}
        case Symbol():
            constant = x.of[1] if isinstance(x.of, tuple) and x.number else str(x.of)
            return {"name": story.symbols.get(x, constant)}
        case Sum():
            return {"sum": [[coefficient(c), tree(story, m)] for c, m in x.items]}
        case Prod():
            return {
                "product": [[tree(story, b), exponent(story, e)] for b, e in x.factors]
            }
        case App():
            return {
                "apply": x.primitive.name,
                "to": [tree(story, y) for y in x.operands],
                "params": {k: repr(v) for k, v in x.params},
            }
    return coefficient(x)


def exponent(story: Story, x: Any) -> Any:
    """An exponent: a number, or a tree."""
    return tree(story, x) if isinstance(x, Term) else coefficient(x)


def coefficient(x: Any) -> Any:
    """A number, or a fraction as text."""
    if isinstance(x, Fraction) and x.denominator != 1:
        return f"{x.numerator}/{x.denominator}"
    return int(x) if isinstance(x, Fraction) else number(x)


def number(x: Any) -> Any:
    """A number or array for JSON; nan and infinities are texts."""
    if x is None or isinstance(x, (str, bool)):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "iufb":
        return str(x)
    if array.ndim:
        return [number(v) for v in array]
    value = array.item()
    return value if np.isfinite(value) else str(value)
