"""explain with ``shapes=``: derivations for all sizes, and sizes with names.

    symbolic(function, arguments, shapes, wrt, tell) -> Told

Where an argument has no numbers, the program is traced at four sets of sizes, which
tells its sizes from its numbers, and derived at two of them on random arrays. Where all
have numbers, there is a point as ever, and the sizes have names besides.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

import numpy as np

from whence.api.arguments import Named, Wrt
from whence.api.parameters import title
from whence.api.recording import Recording, record
from whence.api.shapes import PLAIN, Declared, Standing, leaves, read_shapes
from whence.core.errors import DerivativeError, ShapeError, TraceError
from whence.core.graph import Graph, Value
from whence.explain.derivation import Story
from whence.explain.general import general
from whence.explain.numbers import every_value
from whence.explain.sizes import MOST_NAMES, Sizes, stand_ins, with_names
from whence.transform.reverse import vjp

Program = tuple[Graph, tuple[Value, ...]]  # and what it is differentiated by
Arguments = tuple[Sequence[Any], Mapping[str, Any]]
Good = Callable[[Sequence[np.ndarray]], bool]
Tell = Callable[[Graph, Sequence[Value], Sequence[Any]], Story]
ENOUGH = 2  # sets of sizes at which the lines are derived
LARGE, SMALL = 1e6, 1e-9  # numbers beyond these are a matter of rounding
TRIES = 100  # choices of what entries are, until the function has a value there
KEYWORD = inspect.Parameter.KEYWORD_ONLY


@dataclass(frozen=True)
class Told:
    """A derivation for all sizes.

    Attributes:
        story: What it says, without numbers.
        programs: The program at each set of sizes that it was derived at, and what it
            is differentiated by; where there is a point, the one program.
        trials: The derivations at single sizes that it was made of, with numbers.
    """

    story: Story
    programs: tuple[Program, ...]
    trials: tuple[Story, ...]


def symbolic(
    function: Any, arguments: Arguments, shapes: Any, wrt: Wrt, tell: Tell
) -> Told:
    """Derive a function with names for the sizes of its arguments.

    Args:
        function: The user's.
        arguments: Those that have numbers, by position and by name.
        shapes: What is declared of all or of others.
        wrt: What is differentiated.
        tell: Derives a program by some of its inputs, at a point.
    """
    given = named_arguments(function, *arguments)
    declared = wanted(function, given, read_shapes(shapes))
    names = {
        n: None for x in declared.values() for leaf in leaves(x) for n in leaf.names
    }
    demand_free(names, [*given, *declared])
    if len(names) > MOST_NAMES:
        raise ShapeError(
            f"shapes= has {len(names)} names of sizes",
            remedy=f"{MOST_NAMES} names at most, and numbers for other sizes",
        )
    known = known_sizes(declared, given)
    sets = stand_ins(list(names))
    if set(declared) <= set(given):
        return named(function, given, declared, (known, *sets[1:]), wrt, tell)
    kept = {k: x for k, x in given.items() if not has_names(declared.get(k, ()))}
    open_ = {k: x for k, x in declared.items() if k not in kept}
    recordings = [
        traced(function, {**kept, **at_sizes(open_, sizes)}, wrt) for sizes in sets
    ]
    told = for_all_sizes(recordings, sets, tell, list(kept))
    demand_free(names, told.story.names.values())
    return told


def traced(function: Any, contents: Mapping[str, Any], wrt: Wrt) -> Recording:
    """Record a function whose arguments have no numbers."""
    try:
        return record(function, *call(function, contents), wrt, needs="explain")
    except IndexError as error:
        raise ShapeError(
            f"{error}, and what shapes= says nothing of is a real number",
            remedy='shapes={"c": "in m"}, for a whole number from 0 to m - 1',
        ) from error


def for_all_sizes(
    recordings: Sequence[Recording],
    sets: Sequence[Sizes],
    tell: Tell,
    known: Sequence[str],
) -> Told:
    """Derive a program without numbers, at two sets of sizes where it has a slope.

    Raises:
        DerivativeError: If there are no such two.
    """
    graphs = with_names([r.graph for r in recordings], sets)
    programs = [(g, moved(r, g)) for g, r in zip(graphs, recordings, strict=True)]
    stories: dict[int, Story] = {}
    for good in (is_tame, is_finite):
        for i, (recording, sizes) in enumerate(zip(recordings, sets, strict=True)):
            if i in stories or len(stories) == ENOUGH:
                continue
            point = arrays(programs[i], recording, sizes, good)
            if point is not None:
                stories[i] = replace(tell(*programs[i], point), sizes=(sizes,))
    if len(stories) < ENOUGH:
        raise DerivativeError(
            "the function has no finite value, or no finite slope, at random arguments",
            remedy='what the entries are: shapes={"x": "n positive"}; or numbers',
        )
    trials = tuple(stories[i] for i in sorted(stories))
    used = tuple(programs[i] for i in sorted(stories))
    return Told(general(trials, known), used, trials)


def named(
    function: Any,
    given: Mapping[str, Any],
    declared: Mapping[str, Any],
    sets: Sequence[Sizes],
    wrt: Wrt,
    tell: Tell,
) -> Told:
    """Derive a function at a point, with names for sizes.

    Names come through arithmetic; through ``len`` too, where the program can be traced
    at other sizes, which one that takes branches by its numbers cannot.
    """
    with_sizes = {k: in_names(given[k], x, sets[0]) for k, x in declared.items()}
    arguments = call(function, {**given, **with_sizes})
    recording = record(function, *arguments, wrt, needs="explain")
    graph = recording.graph
    try:
        others = [
            record(function, *call(function, {**given, **at_sizes(declared, s)}), wrt)
            for s in sets[1:]
        ]
    except Exception:  # noqa: BLE001 - the user's program need not run at other sizes
        others = []
    if others:
        with suppress(TraceError):  # it may be another program at other sizes
            graph, *_ = with_names([graph, *(r.graph for r in others)], sets)
    by = moved(recording, graph)
    told = tell(graph, by, recording.bound)
    demand_free(sets[0], told.names.values())
    return Told(replace(told, sizes=(sets[0],)), ((graph, by),), ())


def moved(recording: Recording, graph: Graph) -> tuple[Value, ...]:
    """What a program with named sizes is differentiated by."""
    places = [recording.graph.inputs.index(x) for x in recording.wrt_inputs]
    return tuple(graph.inputs[i] for i in places)


# ------------------------------------------------------------ arguments and sizes


def wanted(
    function: Any, given: Mapping[str, Any], declared: Mapping[str, Any]
) -> dict[str, Any]:
    """What is declared of every argument without numbers; by itself it is a number."""
    parameters = parameters_by_name(function)
    kinds = {p.kind for p in parameters.values()}
    for name in declared:
        if name not in parameters and inspect.Parameter.VAR_KEYWORD not in kinds:
            listed = ", ".join(parameters)
            raise ShapeError(
                f"shapes= speaks of {name!r}, which {title(function)} does not take",
                remedy=f"one of {listed}" if listed else f"no {name!r}",
            )
    alone = [
        name
        for name, p in parameters.items()
        if p.default is p.empty and p.kind not in SEVERAL and name not in given
    ]
    for name in alone:
        if name not in declared and name in getattr(function, "whole", ()):
            raise ShapeError(
                f"{name} stands for a whole number, and shapes= does not say which",
                remedy=f'shapes={{"{name}": "in m"}}, for one from 0 to m - 1',
            )
    return {**dict.fromkeys(alone, Declared()), **declared}


SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def parameters_by_name(function: Any) -> Mapping[str, inspect.Parameter]:
    """The parameters of a function.

    Raises:
        DerivativeError: If it does not tell them.
    """
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise DerivativeError(
            f"{title(function)} does not tell the names of its arguments",
            remedy="a function around it: lambda x: f(x)",
        ) from None


def named_arguments(
    function: Any, args: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by name, in the order of the parameters.

    Raises:
        DerivativeError: If one has no name.
    """
    parameters = parameters_by_name(function)
    places = [
        name for name, p in parameters.items() if p.kind not in (KEYWORD, *SEVERAL)
    ]
    if len(args) > len(places):
        raise DerivativeError(
            f"{len(args)} arguments without a name, and {title(function)} has names "
            f"for {len(places)}",
            remedy="a name for each argument, where there is shapes=",
        )
    known = {**dict(zip(places, args, strict=False)), **named}
    order = [*(n for n in parameters if n in known), *known]
    return {name: known[name] for name in order}


def call(
    function: Any, contents: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """How a function is called with arguments that all have names."""
    parameters = parameters_by_name(function)
    order = [*(n for n in parameters if n in contents), *contents]
    rest = {name: contents[name] for name in order}
    first = [
        rest.pop(name)
        for name, p in parameters.items()
        if p.kind is inspect.Parameter.POSITIONAL_ONLY and name in rest
    ]
    return tuple(first), rest


def at_sizes(declared: Any, sizes: Sizes) -> Any:
    """What stands for arguments without numbers, their sizes having these lengths."""
    match declared:
        case Declared():
            return Standing(declared, sizes)
        case dict():
            return {k: at_sizes(x, sizes) for k, x in declared.items()}
    return [at_sizes(x, sizes) for x in declared]


def has_names(declared: Any) -> bool:
    """Whether a name of a size is in what is declared of an argument."""
    return any(True for leaf in leaves(declared) for _ in leaf.names)


def known_sizes(declared: Mapping[str, Any], given: Mapping[str, Any]) -> Sizes:
    """How long the sizes are, as far as arguments with numbers tell.

    Raises:
        ShapeError: If an array is not of its shape, or two of them disagree.
    """
    found: dict[str, tuple[int, str]] = {}
    for name in (name for name in declared if name in given):
        for content, leaf in together(given[name], declared[name], name):
            shape = np.shape(content)
            if len(shape) != len(leaf.sizes):
                raise ShapeError(
                    f"{name} has {len(shape)} axes, and {len(leaf.sizes)} in shapes=",
                    remedy=f"a size for each axis of {shape}",
                )
            for length, size in zip(shape, leaf.sizes, strict=True):
                known, whose = found.setdefault(str(size), (length, name))
                known = size if isinstance(size, int) else known
                if known != length:
                    other = f" and {known} in {whose}" if whose != name else ""
                    raise ShapeError(
                        f"{size} is {length} in {name}{other}",
                        remedy="another name for a size that is another",
                    )
    return {size: length for size, (length, _) in found.items() if not size.isdigit()}


def together(content: Any, declared: Any, name: str) -> Iterator[tuple[Any, Declared]]:
    """The leaves of an argument, each with what is declared of it."""
    if isinstance(declared, Declared):
        yield content, declared
        return
    keys = list(declared) if isinstance(declared, dict) else [*range(len(declared))]
    same = isinstance(content, dict) == isinstance(declared, dict)
    parts = content if isinstance(content, (dict, list, tuple)) and same else ()
    if len(parts) != len(keys) or (isinstance(parts, dict) and set(parts) != set(keys)):
        raise ShapeError(
            f"{name} is built otherwise than what shapes= says of it",
            remedy="a shape for each part, in the same lists and dicts",
        )
    for key in keys:
        yield from together(parts[key], declared[key], f"{name}[{key!r}]")


def in_names(content: Any, declared: Any, sizes: Sizes) -> Any:
    """An argument with numbers, its sizes having names."""
    if isinstance(declared, Declared):
        return Named(content, declared.aval(sizes).shape)
    if isinstance(declared, dict):
        return {k: in_names(x, declared[k], sizes) for k, x in content.items()}
    parts = [in_names(c, x, sizes) for c, x in zip(content, declared, strict=True)]
    return type(content)(parts)


def demand_free(sizes: Iterator[str] | Mapping[str, Any], names: Any) -> None:
    """Refuse a size that is called like a value of the program."""
    for name in sizes:
        if name in names:
            raise ShapeError(
                f"{name!r} is a size in shapes=, and a value of the program",
                remedy="another name for the size",
            )


# ------------------------------------------------------------------ random numbers


def arrays(
    program: Program, recording: Recording, sizes: Sizes, good: Good
) -> list[Any] | None:
    """Random arrays for the inputs without numbers, at which all numbers are good.

    Nothing if none are found: a wide matrix has no inverse of XᵀX.
    """
    graph, by = program
    pulled = vjp(graph, by, seed=1)
    open_ = [
        x for x in recording.bound if isinstance(x, Standing) and not x.declared.entries
    ]
    for plain in choices(len(open_)):
        found = drawn(recording, sizes, plain)
        if good(values(pulled, found)):
            return found
    return None


def drawn(recording: Recording, sizes: Sizes, plain: Sequence[str]) -> list[Any]:
    """Random arrays for the inputs without numbers."""
    draw, words = np.random.default_rng(sum(sizes.values())), iter(plain)
    return [
        x.declared.drawn(draw, sizes, "" if x.declared.entries else next(words))
        if isinstance(x, Standing)
        else x
        for x in recording.bound
    ]


def values(pulled: Graph, arrays: Sequence[Any]) -> list[np.ndarray]:
    """The real numbers that a function and its gradient compute at a point."""
    try:
        every = every_value(pulled, arrays)
    except np.linalg.LinAlgError:
        return [np.array(np.nan)]
    return [np.asarray(x) for x in every.values() if np.asarray(x).dtype.kind == "f"]


def is_finite(values: Sequence[np.ndarray]) -> bool:
    """Whether all numbers are finite."""
    return all(np.isfinite(x).all() for x in values)


def is_tame(values: Sequence[np.ndarray]) -> bool:
    """Whether no number is so large, or so nearly 0, that others drown in rounding.

    By rounding, even a singular matrix has an inverse.
    """
    large = any(not (np.abs(x) < LARGE).all() for x in values)
    return not large and not any((x > 0).all() and (x < SMALL).any() for x in values)


def choices(count: int) -> Iterator[tuple[str, ...]]:
    """What the entries of some arrays are: all alike first, then all mixtures."""
    yield from ((word,) * count for word in PLAIN)
    for i in range(count):
        for rest, word in product(PLAIN, PLAIN):
            if rest != word:
                yield (*(rest,) * i, word, *(rest,) * (count - i - 1))
    mixtures = product(PLAIN, repeat=count) if count > 2 else ()
    yield from islice(mixtures, TRIES)
