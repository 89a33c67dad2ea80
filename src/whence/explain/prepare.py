"""Prepare a derivation: the program recognised and named, and its derivative.

    prepare(graph, wrt, arrays) -> Prepared

Everything that a derivation is put together from is found here, before any line is
written: the names at which windows end, the cotangents as they were simplified, and
what the data allow to be assumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain, count
from typing import Any

import numpy as np

from whence.core.builder import Builder
from whence.core.errors import DerivativeError
from whence.core.graph import Graph, Literal, Origin, Value
from whence.core.primitive import named
from whence.core.source import Place
from whence.core.tracer import Tracer
from whence.explain.blocks import Block, blocks
from whence.explain.companions import with_companions
from whence.explain.dialect import TEXT, stem_and_digits
from whence.explain.layers import Layers, keeping, next_entries, repeats
from whence.explain.numbering import numbered
from whence.explain.numbers import every_value, has_ties, sample
from whence.explain.writer import Writer
from whence.simplify.choices import clipped
from whence.simplify.cost import cost
from whence.simplify.derive import Derived, derive, symbols_for
from whence.simplify.linear import is_one_hot
from whence.simplify.recognise import Recognised, recognise
from whence.simplify.removable import filled
from whence.simplify.running import shortest
from whence.simplify.search import places
from whence.simplify.shift import shifted
from whence.simplify.stable import stable
from whence.simplify.stops import stops
from whence.simplify.term import ONE, App, Num, Symbol, Term, children, symbols_of
from whence.transform.reverse import vjp
from whence.transform.tidy import tidy
from whence.transform.transpose import reached


@dataclass(frozen=True)
class Prepared:
    """A program and its derivative, ready to be told.

    Attributes:
        title: What the function is called.
        written: The program as it was traced.
        graph: The same in recognised functions, every input named.
        running: The same in the stable form that runs.
        recognises: Whether functions written out by hand are recognised.
        gaps: The values that have a series beside them where they run.
        shifts: The values that run with the largest exponential taken out.
        functions: What was recognised.
        output: The value that is differentiated.
        wrt: The inputs it is differentiated by.
        arrays: A number for each input, in double precision: the point.
        names: What readers call the values.
        parts: The blocks of the named values.
        layers: The stretches of the program that repeat.
        general: The derivative without assumptions.
        derived: The derivative that is told.
        assumptions: What was taken from the data, in words.
        fixed: The inputs that an assumption is about; they stay as they are.
        captured: The inputs that are no arguments of the function, in their order.
        tied: Whether a maximum or minimum stands between equals at the point.
    """

    title: str
    written: Graph
    graph: Graph
    running: Graph
    recognises: bool
    gaps: tuple[Value, ...]
    shifts: tuple[Value, ...]
    functions: tuple[Recognised, ...]
    output: Value
    wrt: tuple[Value, ...]
    arrays: tuple[Any, ...]
    names: Mapping[Value, str]
    parts: Mapping[Value, Block]
    layers: tuple[Layers, ...]
    general: Derived
    derived: Derived
    assumptions: tuple[str, ...]
    fixed: frozenset[Value]
    captured: tuple[Value, ...]
    tied: bool

    @cached_property
    def executed(self) -> Graph:
        """The program that runs: from the inputs to the output and the gradients."""
        if not self.recognises:
            return vjp(self.written, self.wrt, seed=1)
        return tidy(shortest(self.written, self.wrt, 1))

    def gradients(self, arrays: Sequence[Any]) -> dict[Value, np.ndarray]:
        """What the program that runs gives at a point."""
        with np.errstate(all="ignore"):
            found = self.executed(*arrays)[1:]
        return dict(zip(self.wrt, map(np.asarray, found), strict=True))

    @property
    def symbols(self) -> Mapping[Value, Symbol]:
        """The symbol of each value of the program."""
        return self.derived.symbols


def prepare(
    graph: Graph,
    wrt: Sequence[Value],
    arrays: Sequence[Any],
    title: str,
    *,
    recognised: bool = True,
    reserved: Sequence[str] = (),
) -> Prepared:
    """Recognise, name and differentiate a program; see ``build.story``."""
    graph = with_output(graph)
    written, arrays = graph, [double(x) for x in arrays]
    graph, functions = recognise(graph) if recognised else (graph, [])
    graph = with_own_names(graph)
    graph = with_companions(graph, wrt) if recognised else graph
    captured = tuple(x for x in graph.inputs if x not in graph.names)
    graph = named_inputs(graph, arrays, reserved)
    (output,) = [y for y in graph.outputs[:1] if isinstance(y, Value)]
    bridged, gaps = filled(graph) if recognised else (graph, {})
    steady, shifts = shifted(bridged) if recognised else (graph, [])
    running = stable(steady)[0] if recognised else graph
    return derived_to_names(
        graph,
        wrt,
        arrays,
        title,
        written=written,
        running=running,
        gaps=tuple(gaps),
        shifts=tuple(shifts),
        recognises=recognised,
        functions=tuple(functions),
        output=output,
        captured=captured,
    )


def derived_to_names(
    graph: Graph,
    wrt: Sequence[Value],
    arrays: Sequence[Any],
    title: str,
    also: Collection[Value] = (),
    **rest: Any,
) -> Prepared:
    """Name a program's values and differentiate it from name to name.

    Args:
        graph: The program in recognised functions, every input named.
        wrt: The inputs to differentiate by.
        arrays: A number for each input.
        title: What the function is called.
        also: Values that get a name beside those that have one by themselves.
        rest: What is known of the program already.
    """
    ends, parts, layers = named_layers(graph, wrt, title, also, rest["captured"])
    tied = has_ties(graph, every_value(graph, arrays))
    derive_so = partial(
        derive,
        graph,
        wrt,
        ends,
        seed=1,
        plain=True,
        guards=tied,
        keep=keeping(layers, parts, reached(graph, wrt)),
    )
    general, derived, assumptions, fixed = told_of(derive_so, graph, wrt, arrays)
    return Prepared(
        title=title,
        graph=graph,
        wrt=tuple(wrt),
        arrays=tuple(arrays),
        names={rest["output"]: own_name(title, ends), **ends},
        parts=parts,
        layers=layers,
        general=general,
        derived=derived,
        assumptions=tuple(assumptions),
        fixed=frozenset(fixed),
        tied=tied,
        **rest,
    )


def told_of(
    derive_so: Callable[..., Derived],
    graph: Graph,
    wrt: Sequence[Value],
    arrays: Sequence[Any],
) -> tuple[Derived, Derived, list[str], set[Value]]:
    """The derivative without assumptions, and with those that the data allow.

    Returns:
        Both derivatives, the assumptions in words, and the inputs they are about. That
        a matrix is symmetric is assumed only where it makes the derivative shorter.
    """
    general = derive_so()
    assumed, words, fixed = assumptions_of(general, graph, arrays)
    derived = derive_so(assumed=assumed) if assumed else general
    mirrored = {x for x, a in zip(graph.inputs, arrays, strict=True) if is_mirrored(a)}
    if mirrored:
        told = derive_so(assumed=assumed, symmetric=mirrored)
        if length(told, wrt) < length(derived, wrt):
            derived, fixed = told, fixed | mirrored
            words += [f"{graph.names[x]} is symmetric" for x in mirrored]
    return general, derived, words, fixed


def is_mirrored(array: Any) -> bool:
    """Whether an array is a symmetric matrix, and not one of zeros alone."""
    x = np.asarray(array)
    square = x.ndim == 2 and x.shape[0] == x.shape[1] > 1 and x.dtype.kind == "f"
    return bool(square and np.any(x) and np.array_equal(x, x.T))


def length(derived: Derived, wrt: Sequence[Value]) -> int:
    """The operations of a derivative, what is repeated counted once."""
    found = [derived.adjoints[x].term for x in wrt if x in derived.adjoints]
    waiting: list[Term] = list(found)
    seen: set[Term] = set()
    while waiting:
        x = waiting.pop()
        if isinstance(x, Symbol) and x in derived.cotangents:
            waiting.append(derived.cotangents[x])
        elif x not in seen:
            waiting.extend(children(x))
        seen.add(x)
    return sum(cost(x) - sum(map(cost, children(x))) for x in seen)


def named_layers(
    graph: Graph,
    wrt: Sequence[Value],
    title: str,
    also: Collection[Value],
    captured: Collection[Value],
) -> tuple[dict[Value, str], dict[Value, Block], tuple[Layers, ...]]:
    """The names of a program's values, their blocks, and the layers among them.

    What each layer picks out of an array gets a name too: x1, x2, … out of xs.
    """
    symbols = symbols_for(graph)
    ends = stops(graph, wrt, title, also)
    parts = blocks(graph, ends, symbols)
    layers = repeats(parts)
    entries = {y for found in layers for y in next_entries(found, parts)}
    if entries:
        ends = stops(graph, wrt, title, {*also, *entries})
        parts = blocks(graph, ends, symbols)
        layers = repeats(parts)
    names = numbered(ends, parts, layers, graph, captured, {title})
    return names, parts, tuple(layers)


def own_name(title: str, ends: Mapping[Value, str]) -> str:
    """What an output without a name is called: as the function, or F where f is taken.

    A function f may well compute an intermediate that the user calls f.
    """
    tries = chain([title, title.upper()], (f"{title}_{n}" for n in count(1)))
    return next(name for name in tries if name not in ends.values())


def renamed(ready: Prepared, also: Collection[Value]) -> Prepared:
    """The same with names for more values."""
    return derived_to_names(
        ready.graph,
        ready.wrt,
        ready.arrays,
        ready.title,
        also,
        written=ready.written,
        running=ready.running,
        recognises=ready.recognises,
        gaps=ready.gaps,
        shifts=ready.shifts,
        functions=ready.functions,
        output=ready.output,
        captured=ready.captured,
    )


def with_output(graph: Graph) -> Graph:
    """A program whose output is made by an equation, be it the identity.

    Raises:
        DerivativeError: If the output is a constant.
    """
    (y,) = graph.outputs[:1]
    if isinstance(y, Literal):
        raise DerivativeError(
            f"the function returns the constant {y.number}, whatever its arguments",
            remedy="a function that uses the arguments it is differentiated by",
        )
    if y not in graph.inputs:
        return graph
    builder = Builder(graph)
    for equation in graph.equations:
        builder.append(equation)
    with builder.because(Origin("traced", Place())):
        same = named("convert")(Tracer(builder, y), dtype=str(y.aval.dtype))
    return builder.finish(same.atom)


def assumptions_of(
    general: Derived, graph: Graph, arrays: Sequence[Any]
) -> tuple[dict[Term, Term], list[str], set[Value]]:
    """What the data make true of terms that a cotangent has.

    Sums along rows may be 1, and the bound at which entries are clipped not negative.

    Returns:
        What each such term is assumed to be, the assumptions in words, and the inputs
        that they are about.
    """
    owner: dict[Term, Value] = {s: v for v, s in general.symbols.items()}
    inputs = {general.symbols[v] for v in graph.inputs}
    point = sample(graph, general.symbols, arrays)
    found: dict[Term, Term] = {}
    words: dict[str, None] = {}
    fixed: set[Value] = set()
    for x in (y for a in general.adjoints.values() for y in sums_in(a.term)):
        known = symbols_of(x) <= inputs
        if x in found or not known or not np.allclose(point.of(x), 1.0, atol=1e-12):
            continue
        found[x] = ONE
        whole = len(dict(x.params)["axis"]) == x.given[0].ndim
        value = owner.get(x.operands[0])
        if value is None:
            words["each row has one class"] = None
        else:
            fixed.add(value)
            rows = "entries" if whole else "rows"
            words[f"the {rows} of {graph.names[value]} sum to 1"] = None
    for choice, (new, bound) in clips_in(general).items():
        if not symbols_of(bound) <= inputs or not np.all(point.of(bound) >= 0):
            continue
        found[choice] = new
        if not isinstance(bound, Num):
            fixed |= {owner[s] for s in symbols_of(bound)}
            names = {s: graph.names[owner[s]] for s in symbols_of(bound)}
            words[f"{Writer(TEXT, names.__getitem__).write(bound)} ≥ 0"] = None
    return found, list(words), fixed


def clips_in(general: Derived) -> dict[Term, tuple[Term, Term]]:
    """Every choice between an entry and its bound, as clipped, and the bound."""
    terms = (x for a in general.adjoints.values() for x in places(a.term))
    return {x: found for x in terms if (found := clipped(x))}


def sums_in(x: Term) -> list[App]:
    """Every sum of a symbol inside a term."""
    return [
        y
        for y in places(x)
        if isinstance(y, App)
        and y.primitive.name == "sum"
        and (isinstance(y.operands[0], Symbol) or is_one_hot(y.operands[0]))
    ]


def with_own_names(graph: Graph) -> Graph:
    """A program whose names, numbered where they were given again, are so no more.

    Of e = exp(x); e = e/sum(e) there remains one value, once it is a softmax: e.
    """
    given = {
        y: name
        for e in graph.equations
        for y in e.results
        if y in graph.names and (name := e.origin.where.name)
    }
    times = Counter(given.values())
    taken = set(graph.names.values())
    own = {
        y: name
        for y, name in given.items()
        if times[name] == 1
        and name not in taken
        and stem_and_digits(graph.names[y])[0] == name
    }
    return replace(graph, names={**graph.names, **own}) if own else graph


def named_inputs(graph: Graph, arrays: Sequence[Any], reserved: Sequence[str]) -> Graph:
    """A program whose captured arrays have names: i for 0, 1, 2, …, else c."""
    names = dict(graph.names)
    for x, array in zip(graph.inputs, arrays, strict=True):
        if x not in names:
            counts = np.ndim(array) == 1 and np.array_equal(
                array, np.arange(len(array))
            )
            letters = ("i", "rows") if counts else ("c", "k")
            taken = {*names.values(), *reserved}
            tries = (*letters, *(f"{letters[0]}{n}" for n in range(1, 1_000)))
            names[x] = next(name for name in tries if name not in taken)
    return replace(graph, names=names)


def double(x: Any) -> Any:
    """A number in double precision, in which all checks are made."""
    array = np.asarray(x)
    return array.astype(np.float64) if array.dtype.kind == "f" else x
