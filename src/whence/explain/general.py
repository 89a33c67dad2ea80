"""One derivation for all sizes: the lines that derivations at several sizes agree on.

    general([story, story]) -> Story without numbers

A program without numbers is derived at two sets of sizes, on random arrays, each line
checked there as always. What is told is what both say, word for word: a line in which a
size stood as a number would differ, and ends the derivation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile, zip_longest

from whence.explain.derivation import (
    Curvature,
    Line,
    Path,
    Recursion,
    Result,
    Story,
)
from whence.explain.dialect import CODE, TEXT
from whence.explain.layout import Row
from whence.explain.show import row
from whence.explain.speaker import Speaker
from whence.simplify.term import Term

OTHERWISE = "at other sizes this step is another one"


def general(stories: Sequence[Story], known: Collection[str] = ()) -> Story:
    """What several stories of one program say in common, without their numbers.

    Args:
        stories: The derivation at each set of sizes.
        known: The names of arguments whose numbers the user gave; these stay.
    """
    first = stories[0]
    same = common_lines(stories)
    failures = (s.checks.failure for s in stories)
    failure = next(filter(None, failures), "")
    agreed = all(len(s.lines) == len(same) for s in stories) and agree_on_results(
        stories
    )
    if not failure and not agreed:
        failure = OTHERWISE
    checks = replace(
        first.checks,
        points=sum(s.checks.points for s in stories),
        automatic=max(s.checks.automatic for s in stories),
        differences=max(s.checks.differences for s in stories),
        failure=failure,
    )
    return replace(
        first,
        lines=tuple(replace(x, number=None) for x in same),
        results=() if failure else tuple(map(without_number, first.results)),
        point={k: x if k in known else None for k, x in first.point.items()},
        value=None,
        checks=checks,
        remarks=(),
        curvatures=() if failure else tuple(map(without_entries, first.curvatures)),
        sizes=tuple(sizes for s in stories for sizes in s.sizes),
        recursions=() if failure else tuple(map(without_sizes, first.recursions)),
    )


def without_entries(matrix: Curvature) -> Curvature:
    """A matrix of which the form alone is told."""
    return replace(matrix, number=None)


def without_sizes(recursion: Recursion) -> Recursion:
    """A recursion without the numbers of its layers."""
    return replace(recursion, sizes={})


def common_lines(stories: Sequence[Story]) -> list[Line]:
    """The lines of the first story, up to the first that another does not have."""
    spoken = [[said(Speaker(s, TEXT), x) for x in s.lines] for s in stories]
    together = zip(stories[0].lines, *spoken, strict=False)
    return [x for x, *_ in takewhile(lambda x: len(set(x[1:])) == 1, together)]


def said(speaker: Speaker, line: Line) -> Row:
    """A line in words, without its number."""
    return row(speaker, replace(line, number=None))


def agree_on_results(stories: Sequence[Story]) -> bool:
    """Whether all stories end with the same forms, for readers and in code."""
    spoken = [
        [
            speaker.writer.write(form)
            for form in forms_of(s)
            for speaker in (Speaker(s, TEXT), Speaker(s, CODE))
        ]
        for s in stories
    ]
    return all(len(set(forms)) == 1 for forms in zip_longest(*spoken))


def forms_of(story: Story) -> Iterator[Term]:
    """The forms that a story ends with."""
    for r in story.results:
        every = (r.form, r.explicit, r.general, *(t for _, t in r.where))
        yield from (form for form in every if form is not None)
    for matrix in story.curvatures:
        yield from (matrix.form, matrix.explicit)


def without_number(result: Result) -> Result:
    """A result of which the forms alone are told."""
    paths = tuple(Path(p.through, p.form, None, float("nan")) for p in result.paths)
    return replace(result, number=None, paths=paths)
