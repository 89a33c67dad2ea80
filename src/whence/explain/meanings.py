"""What the names of a derivation mean to those who write lines of their own.

    meanings(ground, story, whole) -> each name, and the quantity that it stands for
    printed_numbers(story, ready) -> "0.398942", and the number that it is printed for

A line that was copied from a derivation says what it says there: ŷ is a value, δ₂ the
derivative of the output by one, e_c a vector, n a size, and a rounded number is the one
that was rounded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from whence.core.graph import Literal
from whence.core.size import Size
from whence.explain.derivation import Chain, Story
from whence.explain.dialect import TEXT, number
from whence.explain.ground import Ground, Printed, Rate
from whence.explain.numbers import Sample
from whence.explain.prepare import Prepared
from whence.explain.speaker import Speaker
from whence.simplify.linear import is_one_hot
from whence.simplify.search import places
from whence.simplify.term import App, Num, Prod, Sum, Term


def meanings(ground: Ground, story: Story, whole: Mapping[str, int]) -> dict[str, Any]:
    """What every name stands for: values, derivatives, whole numbers, sizes, vectors.

    Args:
        ground: The program.
        story: The derivation.
        whole: The whole numbers among the arguments, by name.
    """
    found: dict[str, Any] = {}
    for symbol, of in story.cotangents.items():
        found[story.symbols[symbol]] = Rate(ground.output, (of,))
    found |= basis_vectors(ground, story)
    for x in ground.written.inputs:
        sizes = (n for n in x.aval.shape if isinstance(n, Size) and n.name)
        found |= {str(n.name): n for n in sizes}
    named = {**ground.recognised.names, **ground.written.names, **story.names}
    return {**found, **{name: value for value, name in named.items()}, **whole}


def basis_vectors(ground: Ground, story: Story) -> dict[str, Printed]:
    """The vectors e_c of a derivation, by names that a formula can have."""
    values = ground.values(ground.points[0])
    symbols = story.values.items()
    sample = Sample({s: values[v] for v, s in symbols if v in values})
    return {
        identifier(text): Printed(ones, np.asarray(sample.of(ones)))
        for text, ones in ones_among_zeros(story).items()
    }


def ones_among_zeros(story: Story) -> dict[str, App]:
    """The vectors that a derivation prints as e_c or e[i, t], by their texts."""
    write = Speaker(story, TEXT).writer.write
    every = (y for x in terms(story) for y in places(x) if isinstance(y, App))
    return {write(y): y for y in dict.fromkeys(every) if is_one_hot(y)}


def rows(ground: Ground) -> dict[str, Any]:
    """What n and m are where no such name is known: the number of rows of the data."""
    data = [x for x in ground.written.inputs if x not in ground.wrt and x.aval.shape]
    if not data:
        return {}
    of = max(data, key=lambda x: min(len(x.aval.shape), 2))
    return {name: (int(of.aval.shape[0]), of) for name in ROWS}


ROWS = ("n", "N", "m")


def identifier(text: str) -> str:
    """A printed text as a name: e[i, t] is e_i_t."""
    return re.sub(r"\W+", "_", text).strip("_")


def terms(story: Story) -> Iterator[Term]:
    """Every term that a derivation may print."""
    for line in story.lines:
        for form in (line.form, line.before):
            if isinstance(form, Chain):
                yield from (x for product in form.products for x in product)
            elif isinstance(form, Term):
                yield form
    for result in story.results:
        every = (result.form, result.explicit, result.general, result.runs)
        yield from (x for x in every if x is not None)
        yield from (x for pair in result.where for x in pair)
        yield from (path.form for path in result.paths)
    yield from (x for _, x in story.in_general)
    yield from story.stable.values()


def printed_numbers(story: Story, ready: Prepared) -> dict[str, str]:
    """The digits of the numbers that a derivation prints rounded, by what it prints."""
    found: dict[str, list[float]] = defaultdict(list)
    for x in (*numbers_in(story), *numbers_of(ready)):
        size = abs(float(x))
        for exact in (size, 1 / size if size else size):
            shown = number(exact, TEXT)
            if np.isfinite(exact) and shown != repr(exact) and float(shown) != exact:
                found[shown].append(exact)
    return {
        shown: repr(x)
        for shown, (x, *others) in found.items()
        if np.allclose(others, x, rtol=1e-12, atol=0)
    }


def numbers_in(story: Story) -> Iterator[Fraction | float]:
    """The numbers in the terms of a derivation."""
    for part in (y for x in terms(story) for y in places(x)):
        match part:
            case Num():
                yield part.number
            case Sum():
                yield from (c for c, _ in part.items)
            case Prod():
                yield from (e for _, e in part.factors if not isinstance(e, Term))


def numbers_of(ready: Prepared) -> Iterator[float]:
    """The numbers of a program."""
    for equation in (*ready.written.equations, *ready.graph.equations):
        for x in equation.operands:
            if isinstance(x, Literal) and isinstance(x.number, float):
                yield x.number
