"""Second derivatives: the closed form of a derivative, differentiated again.

    higher(ready, story, order) -> the derivations, the first order first

What a derivation ends with is written into the program as a function like any other and
derived like any other. By numbers that is f′ and then f″. By an array the gradient g is
differentiated along a direction v, as s = g·v, since ∂s/∂x is H v; and H is read off
that. All is compared with the plain program, differentiated twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.errors import DerivativeError
from whence.core.graph import Graph, Literal, Origin, Value
from whence.core.primitive import named
from whence.core.source import Place
from whence.core.tracer import Tracer
from whence.explain.build import told
from whence.explain.closed import explained, settled
from whence.explain.collect import collected
from whence.explain.derivation import (
    Checks,
    Curvature,
    Entry,
    Higher,
    Line,
    Result,
    Slope,
    Story,
)
from whence.explain.evidence import WORST_AUTOMATIC, relative
from whence.explain.matrix import matrix_of
from whence.explain.naming import named_again
from whence.explain.numbers import POINTS, Sample, agree, agree_at, near, sample
from whence.explain.prepare import Prepared, prepare
from whence.simplify.cost import cost
from whence.simplify.search import search
from whence.simplify.term import ZERO, Exponent, Symbol, Term, rebuild, symbols_of
from whence.simplify.write import Writer
from whence.transform.reverse import vjp
from whence.transform.tidy import tidy

AGAIN = "derived before"  # why an equation of a derivative stands in a program


def higher(ready: Prepared, story: Story, order: int) -> list[Story]:
    """The derivations up to an order.

    Args:
        ready: What the first was made from.
        story: The first.
        order: The order of the last.

    Returns:
        The derivations in turn; of several inputs, one for each derivative before. The
        last ends where one before it stopped.
    """
    every, last = [story], [(ready, story)]
    for _ in range(1, order):
        following = []
        for before, first in last:
            if first.checks.failure:
                return every
            following += [
                derived_again(ready, before, first, result) for result in first.results
            ]
        every += [second for _, second in following]
        last = following
    return every


def derived_again(
    root: Prepared, ready: Prepared, story: Story, result: Result
) -> tuple[Prepared, Story]:
    """Derive one result of a derivation once more.

    Args:
        root: What the derivation of the function itself was made from.
        ready: What the derivation of the result was made from.
        story: That derivation.
        result: The result.
    """
    whole = bool(result.by.aval.shape) and not ready.output.aval.shape
    if whole and story.higher:
        raise DerivativeError(
            "a third derivative by an array is no matrix",
            remedy="order=2, or a number to differentiate by",
        )
    by = (*(story.higher.by if story.higher else ()), result.by)
    graph, along = program_of(ready, story, result, whole=whole)
    wrt = ready.wrt[ready.wrt.index(result.by) :]  # ∂²f/∂y∂x is ∂²f/∂x∂y, told once
    what = Higher(root.title, by, along)
    if isinstance(graph.outputs[0], Literal):
        return ready, resting(story, wrt, what)
    arrays = [*ready.arrays, *([] if along is None else [direction(along.aval)])]
    title = free("s", graph) if along else title_of(root.title, by, ready)
    again, second = told(prepare(graph, wrt, arrays, title))
    second = replace(second, higher=what, legend=tuple(roles(second)))
    if along is None:
        second = shortened(root, again, second)
    else:
        matrices = curvatures(root, again, second, along)
        second = replace(second, curvatures=tuple(matrices))
    second = replace(second, results=tuple(in_given_names(root, again, second)))
    return again, checked(root, second, arrays, story.checks)


def in_given_names(root: Prepared, ready: Prepared, story: Story) -> Iterator[Result]:
    """The results of a derivation, explicit in the names of the user's alone."""
    fresh = given_names(root, ready)
    for result in story.results:
        yield replace(result, explicit=settled(result.explicit, fresh))


def given_names(root: Prepared, ready: Prepared) -> dict[Symbol, Term]:
    """What the names stand for that derivations gave, and not the user."""
    own = root.written.names
    return {ready.symbols[v]: p.term for v, p in ready.parts.items() if v not in own}


def roles(story: Story) -> Iterator[Entry]:
    """The legend of a derivation of a derivative, which is no loss itself."""
    for entry in story.legend:
        lost = entry.value is story.output and entry.role == "loss"
        yield replace(entry, role="output") if lost else entry


# ------------------------------------------------------------------ the program


def program_of(
    ready: Prepared, story: Story, result: Result, *, whole: bool
) -> tuple[Graph, Value | None]:
    """A result of a derivation as a program of its own.

    Args:
        ready: What the derivation was made from.
        story: The derivation.
        result: The result.
        whole: Whether it is an array of which all entries are one gradient.

    Returns:
        The program; and its last input, the direction, if it is one of g·v.
    """
    builder = Builder(ready.graph)
    for equation in ready.graph.equations:
        builder.append(equation)
    for value, name in ready.names.items():
        builder.name(value, name)
    atoms: dict[Term, Any] = {s: v for v, s in story.values.items()}
    along = None
    with builder.because(Origin(AGAIN, Place())):
        writer = Powers(builder, atoms, result.by.aval.dtype)
        output = writer.write(in_values(story, result), result.by.aval)
        if whole:
            builder.name(output.atom, free("g", ready.graph))
            direction = builder.input(result.by.aval, free("v", ready.graph))
            along = builder.inputs[-1]
            output = dot(output, direction)
    graph = tidy(builder.finish(output.atom))
    names = {x: name for x, name in graph.names.items() if x not in ready.captured}
    return replace(graph, names=names), along


class Powers(Writer):
    """A writer of squares as squares, which is how readers want them."""

    def raised(self, base: Term, exponent: Exponent) -> Tracer:
        """A base to a power."""
        if exponent == 2:
            return self.do("power", self.value(base), self.number(2))
        return super().raised(base, exponent)


def in_values(story: Story, result: Result) -> Term:
    """The form of a result in values of the program, without cotangents."""
    meanings: dict[Term, Term] = {
        s: t for s, t in result.where if s in story.cotangents
    }
    form = result.form
    if result.base is not None and symbols_of(result.base).isdisjoint(story.cotangents):
        form = result.base
    while not symbols_of(form).isdisjoint(meanings):
        form = rebuild(form, meanings)
    return form


def dot(x: Tracer, y: Tracer) -> Tracer:
    """The sum of the products of all entries."""
    letters = "ijklmn"[: x.ndim]
    found: Tracer = named("contract")(x, y, spec=f"{letters},{letters}->")
    return found


def free(letter: str, graph: Graph) -> str:
    """A name that a program does not use."""
    taken = set(graph.names.values())
    tries = (letter, *(f"{letter}{n}" for n in range(1, len(taken) + 2)))
    return next(name for name in tries if name not in taken)


def direction(aval: Aval) -> np.ndarray[Any, Any]:
    """A direction of small whole numbers, no two of them equal."""
    count = np.arange(int(np.prod(aval.shape)))
    return np.reshape((-1.0) ** count * (1 + count // 2), aval.shape)


def title_of(title: str, by: Sequence[Value], ready: Prepared) -> str:
    """What a derivative is called: f′, or f_x where there are several inputs."""
    if len(ready.wrt) == 1:
        return title + "_prime" * len(by)
    return f"{title}_{''.join(ready.graph.names[x] for x in by)}"


def resting(story: Story, wrt: Sequence[Value], what: Higher) -> Story:
    """The derivation of a constant: there is nothing to derive."""
    zeros = [Result(x, ZERO, ZERO, (), 0, np.zeros(x.aval.shape)) for x in wrt]
    return replace(story, lines=(), results=tuple(zeros), higher=what)


# ------------------------------------------------------------------ the results


def shortened(root: Prepared, ready: Prepared, story: Story) -> Story:
    """A derivation with results in which what two orders left behind is collected."""
    points, fresh = list(samples(ready)), given_names(root, ready)
    for i, result in enumerate(story.results):
        whole = in_values(story, result)
        form = min(map(collected, (named_again(whole, fresh), whole)), key=cost)
        kept = sum(cost(t) for s, t in result.where if s in story.cotangents)
        if cost(form) >= result.operations + kept:
            continue
        if not agree_at(whole, form, points):
            continue
        subject = Slope(story.output, result.by)
        follows = bool(story.lines) and story.lines[-1].subject == subject
        number = np.broadcast_to(points[0].of(form), result.by.aval.shape)
        line = Line("rewrite", subject, form, "collect", (), number, follows)
        where = tuple(explained(form, fresh))
        new = replace(
            result, form=form, explicit=form, where=where, operations=cost(form)
        )
        results = (*story.results[:i], new, *story.results[i + 1 :])
        story = replace(story, lines=(*story.lines, line), results=results)
    return story


def samples(ready: Prepared) -> Iterator[Sample]:
    """The point of a derivation, and points near it."""
    for seed in range(POINTS):
        yield sample(ready.graph, ready.symbols, near_by(ready, seed))


# ----------------------------------------------------------------- the matrices


def curvatures(
    root: Prepared, ready: Prepared, story: Story, along: Value
) -> Iterator[Curvature]:
    """The matrix behind each result of a derivation along v, if it can be read off."""
    fresh = given_names(root, ready)
    assert story.higher is not None, "along v there is a first derivative"
    v = ready.symbols[along]
    if len(v.shape) != 1:
        return
    points = list(samples(ready))
    for result in story.results:
        applied = in_values(story, result)
        found = ZERO if applied == ZERO else matrix_of(applied, v)
        if found is None or len(result.by.aval.shape) > 1:
            continue
        form = shortest(found)
        shape = (*result.by.aval.shape, *v.shape)
        if all(gives(form, shape, v, applied, p) for p in points):
            number = np.broadcast_to(points[0].of(form), shape)
            by = (story.higher.by[-1], result.by)
            explicit = settled(form, fresh)
            yield Curvature(by, form, explicit, cost(form), number)


def shortest(x: Term) -> Term:
    """The shortest form of a term."""
    return min((x, search(x)[0]), key=cost)


def gives(
    form: Term, shape: tuple[int, ...], v: Symbol, applied: Term, point: Sample
) -> bool:
    """Whether a matrix gives what was derived, at a point."""
    matrix, direction = np.broadcast_to(point.of(form), shape), point.of(v)
    return agree(matrix @ direction, point.of(applied)) is not False


def near_by(ready: Prepared, seed: int) -> list[Any]:
    """The point of a derivation, or one near it."""
    if not seed:
        return list(ready.arrays)
    return near(ready.arrays, [x.aval.moves for x in ready.graph.inputs], seed)


# -------------------------------------------------------------------- the check


def checked(
    root: Prepared, story: Story, arrays: Sequence[Any], before: Checks
) -> Story:
    """A derivation, compared with the plain program differentiated as often."""
    assert story.higher is not None, "of a first order there is nothing before"
    plain = root.written
    for x in story.higher.by:
        plain = plainly(plain, x, story.higher.along)
    wrt = [r.by for r in story.results]
    bars = vjp(plain, wrt, seed=1)(*arrays)[-len(wrt) :] if wrt else ()
    apart = [relative(r.number, b) for r, b in zip(story.results, bars, strict=True)]
    assumptions = (*before.assumptions, *story.checks.assumptions)
    checks = replace(
        story.checks,
        automatic=max([story.checks.automatic, *apart]),
        assumptions=tuple(dict.fromkeys(assumptions)),
    )
    if checks.automatic <= WORST_AUTOMATIC or not wrt:
        return replace(story, checks=checks)
    failure = "a second derivative is not what plain reverse mode gives"
    checks = replace(checks, failure=failure)
    return replace(story, checks=checks, results=(), curvatures=())


def plainly(graph: Graph, x: Value, along: Value | None) -> Graph:
    """The plain derivative of a program, or its product with a direction."""
    pulled = vjp(graph, [x], seed=1)
    inputs = (*graph.inputs, *([] if along is None else [along]))
    builder = Builder(Graph(inputs, (), (), graph.names))
    for equation in pulled.equations:
        builder.append(equation)
    output = Tracer(builder, pulled.outputs[-1])
    if along is not None:
        with builder.because(Origin(AGAIN, Place())):
            output = dot(output, Tracer(builder, along))
    return builder.finish(output.atom)
