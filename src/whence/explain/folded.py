"""Folded: a story as it is read first, its recursions told once.

    folded(story) -> the same story with one line for all layers

In a line for layer l every value of a layer is a value called h[l], h[l-1]; so the
writers of text, LaTeX and the rest need to know nothing of layers. Sums over layers are
written Σ. What is left out stands in the story that was folded, where it was checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from whence.core.graph import Atom, Equation, Value
from whence.core.notation import PRODUCT, SUM, Notation
from whence.core.primitive import NoDerivative, Primitive
from whence.core.structure import Library
from whence.explain.blocks import Block
from whence.explain.derivation import (
    Chain,
    Entry,
    Fold,
    Form,
    Line,
    Named,
    Over,
    Recursion,
    Remark,
    Result,
    Slope,
    Story,
    Subject,
    Written,
)
from whence.explain.dialect import (
    DOTS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    stem_and_digits,
)
from whence.explain.numbering import running_number
from whence.explain.recursion import Reading
from whence.simplify.cotangent import cotangent, cotangent_of
from whence.simplify.term import (
    ZERO,
    App,
    Prod,
    Sum,
    Symbol,
    Term,
    from_items,
    symbols_of,
)

FEWEST = 3  # items; so many terms of a sum over layers are written Σ


class Lettered(int):
    """A whole number that is written as one counted from a layer: l-1."""

    shown: str

    def __new__(cls, number: int, shown: str) -> Self:
        """A number with what is written for it."""
        self = super().__new__(cls, number)
        self.shown = shown
        return self

    def __str__(self) -> str:
        return self.shown

    __repr__ = __str__


@dataclass
class General:
    """Rewrites what is said of one layer as what is said of layer l.

    Attributes:
        story: The story.
        recursion: The layers.
        by_name: The values of layer l, l-1, … by what they are called.
        labels: What their symbols are called, and those of their cotangents.
        kept: Those whose cotangent δ is a name that lines go on with.
        layer: The layer that is written from.
        counted: Whether entries are counted from it.
    """

    story: Story
    recursion: Recursion
    by_name: dict[str, Value] = field(default_factory=dict)
    labels: dict[Term, str] = field(default_factory=dict)
    kept: set[Value] = field(default_factory=set)
    layer: int = 0
    counted: bool = False

    @property
    def names(self) -> dict[Value, str]:
        """What the values of layer l, l-1, … are called."""
        return {v: name for name, v in self.by_name.items()}

    @property
    def values(self) -> dict[Value, Symbol]:
        """The symbols of the values of layer l, l-1, …."""
        return {v: self.named(v, name) for name, v in self.by_name.items()}

    def named(self, v: Value, name: str) -> Symbol:
        """The symbol of a value of layer l."""
        symbol = Symbol(v, v.aval.shape)
        self.labels[symbol] = name
        return symbol

    def called(self, name: str) -> str:
        """A name as seen from the layer: h3 is h[l-1] from layer 4."""
        stem, digits = stem_and_digits(name)
        if not digits or stem not in self.recursion.stems:
            return name
        stem = "delta_" if stem == "delta" else stem
        return f"{stem}[{self.counting(int(digits))}]"

    def counting(self, number: int) -> str:
        """A number as seen from the layer."""
        ahead = number - self.layer
        return self.recursion.letter + (f"{ahead:+d}" if ahead else "")

    def value(self, v: Value) -> Value:
        """A value of layer l, for one of the layer."""
        name = self.story.names.get(v, "")
        general = self.called(name)
        if general == name:
            return v
        found = self.by_name.setdefault(general, Value(v.aval))
        if v in self.story.kept and found not in self.kept:
            self.kept.add(found)
            self.symbol(cotangent(v))
        return found

    def symbol(self, s: Symbol) -> Symbol:
        """A symbol of layer l, for one of the layer."""
        v = cotangent_of(s)
        of = s.of if v is None else v
        if not isinstance(of, Value) or self.value(of) is of:
            return s
        general = self.value(of)
        if v is None:
            new = Symbol(general, s.shape, order=s.order, positive=s.positive)
        else:
            new = cotangent(general, order=s.order)
        self.labels[new] = self.called(self.story.symbols.get(s, ""))
        return new

    def term(self, x: Any) -> Any:
        """A term of layer l, in the order of that of the layer."""
        match x:
            case Symbol():
                return self.symbol(x)
            case Sum():
                return Sum(tuple((c, self.term(m)) for c, m in x.items))
            case Prod():
                return Prod(tuple((self.term(b), self.term(e)) for b, e in x.factors))
            case App():
                operands = tuple(map(self.term, x.operands))
                params = tuple(self.params(dict(x.params)).items())
                return App(x.primitive, operands, params, x.shape, x.given)
        return x

    def params(self, params: dict[str, Any]) -> dict[str, Any]:
        """The params of an operation, entries picked by the layer's number."""
        if not self.counted or "index" not in params:
            return params
        index = tuple(
            Lettered(i, self.counting(i)) if type(i) is int else i
            for i in params["index"]
        )
        return {**params, "index": index}

    def block(self, block: Block) -> Block:
        """The equations of a value of layer l."""
        new: dict[Atom, Atom] = {x: self.value(x) for x in block.operands}
        new[block.value] = self.value(block.value)
        equations = tuple(
            Equation(
                e.primitive,
                tuple(new.get(x, x) for x in e.operands),
                tuple(self.value(y) if y is block.value else y for y in e.results),
                e.origin,
                self.params(dict(e.params)),
            )
            for e in block.equations
        )
        operands = tuple(map(self.value, block.operands))
        term = self.term(block.term)
        return Block(
            self.value(block.value), equations, operands, term, block.entrywise
        )

    def form(self, form: Form) -> Form:
        """The right side of a line of layer l."""
        match form:
            case Chain(slopes, products):
                return Chain(
                    tuple(tuple(map(self.slope, p)) for p in slopes),
                    tuple(tuple(map(self.term, p)) for p in products),
                )
            case Written(block):
                return Written(self.block(block))
        general: Term = self.term(form)
        return general

    def slope(self, x: Slope) -> Slope:
        """A slope of layer l."""
        of = x.of if x.of is self.story.output else self.value(x.of)
        return Slope(of, self.value(x.by), tuple(map(self.value, x.held)))

    def subject(self, x: Subject) -> Subject:
        """The left side of a line of layer l."""
        return Named(self.value(x.value)) if isinstance(x, Named) else self.slope(x)

    def seen_from(self, fold: Fold) -> Over:
        """Write from the layer of a fold from now on."""
        self.layer, self.counted = fold.layer, fold.counted
        return Over(self.recursion.letter, fold.layers[0], fold.layers[-1])

    def line(self, fold: Fold) -> Line:
        """One line for those of a fold."""
        line = self.story.lines[fold.shown]
        over = self.seen_from(fold)
        return replace(
            line,
            subject=self.subject(line.subject),
            form=self.form(line.form),
            conditions=tuple(map(self.term, line.conditions)),
            number=None,
            before=None,
            over=over,
        )

    def result(self, fold: Fold) -> Result:
        """One result for those of a fold."""
        result = self.story.results[fold.shown]
        over = self.seen_from(fold)
        return replace(
            result,
            by=self.value(result.by),
            form=self.term(result.form),
            where=(),
            paths=(),
            number=None,
            over=over,
        )

    def known(self, story: Story) -> Story:
        """A story with the values of layer l, l-1, … that were written so far."""
        return replace(
            story,
            names={**story.names, **self.names},
            values={**story.values, **self.values},
            symbols={**story.symbols, **self.labels},
            kept=story.kept | self.kept,
        )

    def initial(self) -> list[Line]:
        """What stands before the first layer, by the name it has there."""
        if not self.recursion.lines:
            return []
        found = []
        for name, x in self.recursion.before.items():
            own, zero = self.story.names.get(x), not np.any(self.story.point_of(x))
            captured = own in self.story.captured
            if own == name and not (captured and zero):
                continue
            v = x if own == name else self.by_name.setdefault(name, Value(x.aval))
            form = ZERO if captured and zero else self.story.values[x]
            found.append(Line("name", Named(v), form))
        return found

    def left(
        self, where: Sequence[tuple[Symbol, Term]]
    ) -> tuple[tuple[Symbol, Term], ...]:
        """What is still to be explained: what is called by layer has a line."""
        names = self.story.symbols
        return tuple((s, x) for s, x in where if self.called(names[s]) == names[s])

    # ------------------------------------------------------------ sums over layers

    def summed(self, x: Any) -> Any:
        """A term whose items are the same for layer after layer, as Σ."""
        match x:
            case Sum() if len(x.items) >= FEWEST:
                return self.series(x)
            case Prod():
                return Prod(tuple((self.summed(b), e) for b, e in x.factors))
        return x

    def series(self, x: Sum) -> Term:
        """A sum with the items that are told at once in place of each."""
        items: dict[Any, list[tuple[int, int]]] = {}
        for place, (coefficient, monomial) in enumerate(x.items):
            layer = self.layer_in(monomial)
            if layer is not None:
                for said in dict.fromkeys(self.read(monomial, layer)):
                    key = (coefficient, *said)
                    items.setdefault(key, []).append((layer, place))
        for (_, counted, _), found in items.items():
            found.sort()
            layers, places = zip(*found, strict=True)
            whole = tuple(range(layers[0], layers[0] + len(layers)))
            if len(found) >= FEWEST and layers == whole:
                folded = self.sigma(x, Fold(places, layers, places[-1], counted))
                rest = [i for n, i in enumerate(x.items) if n not in set(places)]
                return from_items([folded, *rest])
        return x

    def shortened(self, result: Result) -> Result:
        """A result with sums over the layers as Σ."""
        return replace(
            result,
            form=self.summed(result.form),
            where=self.left(result.where),
            paths=tuple(replace(p, form=self.some(p.form)) for p in result.paths),
        )

    def some(self, x: Term) -> Term:
        """A sum over some of the layers as Σ, if all its items say the same."""
        if not isinstance(x, Sum) or len(x.items) < FEWEST:
            return x
        common: set[Any] | None = None
        for coefficient, monomial in x.items:
            layer = self.layer_in(monomial)
            if layer is None:
                return x
            said = {(coefficient, *s) for s in self.read(monomial, layer)}
            common = said if common is None else common & said
        if not common:
            return x
        coefficient, monomial = x.items[-1]
        self.layer = self.layer_in(monomial) or 0
        inside = App(SOME, (self.term(monomial),), (), monomial.shape)
        return from_items([(coefficient, inside)])

    def sigma(self, x: Sum, fold: Fold) -> tuple[Any, Term]:
        """The item that stands for those of a fold."""
        over = self.seen_from(fold)
        coefficient, monomial = x.items[fold.shown]
        below = f"{over.letter}={over.first}".translate(SUBSCRIPTS)
        params = {
            "letter": over.letter,
            "first": over.first,
            "last": over.last,
            "bounds": below + str(over.last).translate(SUPERSCRIPTS),
        }
        inside = self.term(monomial)
        return coefficient, App(SIGMA, (inside,), tuple(params.items()), monomial.shape)

    def layer_in(self, x: Term) -> int | None:
        """The last layer that a term speaks of."""
        found = [
            int(digits) - self.recursion.stems[stem]
            for s in symbols_of(x)
            for stem, digits in [stem_and_digits(self.story.symbols.get(s, ""))]
            if digits and stem in self.recursion.stems
        ]
        return max(found, default=None)

    def read(self, x: Term, layer: int) -> Iterator[tuple[bool, str]]:
        """What a term says of a layer, in each way of reading it."""
        self.layer = layer
        present = {self.story.symbols.get(s) for s in symbols_of(x)}
        own = {
            name: self.story.names.get(v) for name, v in self.recursion.before.items()
        }
        early = [(name, old) for name, old in own.items() if old in present]
        for before in ({}, *({old: name} for name, old in early)):

            def called(s: Term, before: Mapping[Any, str] = before) -> str:
                name = self.story.symbols.get(s, s.text)
                return self.called(before.get(name, name))

            for counted in (False, True):
                yield counted, Reading(layer, called, counted).of(x)


def sum_written(text: str, latex: str) -> Primitive:
    """A sum over layers, to be written and never run."""
    return Primitive(
        name="sum over layers",
        result=lambda x: x,
        reference=lambda x: x,
        derivative=NoDerivative("it is written, never run"),
        structure=Library("none"),
        notation=Notation(text, latex, text, SUM, (PRODUCT,)),
        domain=(),
        source="a sum over the layers of a recursion",
    )


SIGMA = sum_written("Σ{bounds} {0}", r"\sum_{{{letter}={first}}}^{{{last}}} {0}")
SOME = sum_written("Σ {0}", r"\sum {0}")  # over those that are named beside it


# ------------------------------------------------------------------- whole stories


def folded(story: Story) -> Story:
    """A story with every recursion told once, and no δ explained that has a line."""
    generals = [General(story, recursion) for recursion in story.recursions]
    lines = put_once(
        story.lines, [(f, g.line) for g in generals for f in g.recursion.lines]
    )
    results = put_once(
        story.results, [(f, g.result) for g in generals for f in g.recursion.results]
    )
    before: list[Line] = []
    for general in generals:
        lines = [replace(x, form=general.summed(x.form)) for x in lines]
        results = [general.shortened(x) for x in results]
        before += general.initial()
    told = {cotangent(v) for v in story.kept}
    results = [
        replace(r, where=tuple((s, x) for s, x in r.where if s not in told))
        for r in results
    ]
    for general in generals:
        story = general.known(story)
    story = replace(
        story, lines=tuple(in_order([*before, *lines])), results=tuple(results)
    )
    return many_in_one(story)


REMARKS = 4  # of branches and kinks; layers may have one each


def many_in_one(story: Story) -> Story:
    """A story in which what many layers have is one entry: W1…W4."""
    places = [r for r in story.remarks if r.kind != "words"]
    if story.recursions and len(places) > REMARKS:
        gone = set(map(id, places[REMARKS:]))
        kept = [r for r in story.remarks if id(r) not in gone]
        more = Remark("branch", (f"the like in {len(gone)} more places",))
        story = replace(story, remarks=(*kept, more))
    for recursion in story.recursions:
        legend, many = shortened_legend(story.legend, recursion)
        story = replace(
            story,
            names={**story.names, **many},
            by=tuple(dotted(story.by, recursion)),
            point=shortened_point(story.point, recursion),
            legend=legend,
        )
    return story


def spoken(
    story: Story, recursion: Recursion
) -> tuple[Story, list[tuple[Fold, Line | Result]]]:
    """What stands for the lines and results of each fold, and a story that knows it."""
    general = General(story, recursion)
    told: list[tuple[Fold, Line | Result]] = []
    told += [(fold, general.line(fold)) for fold in recursion.lines]
    told += [(fold, general.result(fold)) for fold in recursion.results]
    return general.known(story), told


def dotted(names: Iterable[str], recursion: Recursion) -> dict[str, list[str]]:
    """Names with those of many layers in one: W1…W4; and the names that each is for."""
    columns: dict[str, list[str]] = {}
    for name in names:
        stem, digits = stem_and_digits(name)
        by_layer = bool(digits) and stem in recursion.stems
        columns.setdefault(stem if by_layer else name, []).append(name)
    found: dict[str, list[str]] = {}
    for column in columns.values():
        if len(column) >= FEWEST and running_number(column) is not None:
            found[f"{column[0]}{DOTS}{column[-1]}"] = column
        else:
            found |= {name: [name] for name in column}
    return found


def shortened_point(point: Mapping[str, Any], recursion: Recursion) -> dict[str, Any]:
    """The numbers of inputs, without those of many layers in one."""
    return {name: point.get(name) for name in dotted(point, recursion)}


def shortened_legend(
    legend: Sequence[Entry], recursion: Recursion
) -> tuple[tuple[Entry, ...], dict[Value, str]]:
    """A legend with one entry for many layers of one shape, and what it is called."""
    alike: dict[Any, list[Entry]] = {}
    for entry in legend:
        alike.setdefault((entry.role, entry.value.aval), []).append(entry)
    found: list[Entry] = []
    for (role, aval), entries in alike.items():
        known = {e.name: e for e in entries}
        found += [
            known.get(name) or Entry(Value(aval), name, role)
            for name in dotted(known, recursion)
        ]
    place = {e.role: i for i, e in enumerate(legend)}
    found.sort(key=lambda e: place[e.role])
    return tuple(found), {e.value: e.name for e in found}


def put_once(
    told: Sequence[Any], folds: Sequence[tuple[Fold, Callable[[Fold], Any]]]
) -> list[Any]:
    """Lines or results with one for each fold, where its first member stood."""
    first = {fold.members[0]: (fold, write) for fold, write in folds}
    gone = {i for fold, _ in folds for i in fold.members}
    found = []
    for i, x in enumerate(told):
        if i in first:
            fold, write = first[i]
            found.append(write(fold))
        elif i not in gone:
            found.append(x)
    return found


def in_order(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines of which none goes on from another that is not the one before."""
    before: Subject | None = None
    for line in lines:
        goes_on = line.follows and line.subject == before
        yield line if goes_on == line.follows else replace(line, follows=False)
        before = line.subject
