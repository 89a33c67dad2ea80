"""The closed form that ends a derivation, in the names a reader wants.

    closed(term, cotangents, meanings) -> the term, fresh names put back where
                                          that reads better

Names of the user's stay. A fresh name goes back if it stands for plain algebra (u is
x² + 1), or wherever putting everything back makes the form shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from whence.explain.naming import named_again
from whence.simplify.cost import cost
from whence.simplify.search import places, shortened
from whence.simplify.term import (
    EULER,
    App,
    Prod,
    Sum,
    Symbol,
    Term,
    children,
    rebuild,
    scale,
    symbols_of,
)

SHORT = 4  # operations; a cotangent up to this goes back into a result
WORTH = 2  # operations; what a form must gain to be written in the output
LONG = 24  # operations; beyond this nothing is put back for its looks

Definitions = Mapping[Symbol, Term]


@dataclass(frozen=True)
class Meanings:
    """What the names in a result stand for.

    Attributes:
        fresh: The names that the derivation gave.
        given: The names of the user's.
        outputs: The fresh names whose function has its derivative written in its
            result: these are never put back for their looks.
    """

    fresh: Definitions
    given: Definitions
    outputs: Definitions


def closed(x: Term, cotangents: Definitions, meanings: Meanings) -> Term:
    """The form of a result to end with.

    Args:
        x: The result over names and cotangents.
        cotangents: What the symbols of those stand for that may be put in.
        meanings: What each name stands for.
    """
    fresh, given, outputs = meanings.fresh, meanings.given, meanings.outputs
    x = settled(x, {s: t for s, t in cotangents.items() if cost(t) <= SHORT})
    best = x
    algebra = {s: t for s, t in fresh.items() if is_algebra(t)}
    if algebra:
        back = shortest(x, algebra)
        if cost(back) <= LONG:
            best = with_arrays_named(x, back, algebra)
    kept = {s: t for s, t in fresh.items() if s not in algebra}
    called = spellings({**kept, **given, **outputs}, algebra)
    best = with_names(best, called)
    for names in ({**fresh, **outputs}, {**fresh, **outputs, **given}):
        back = with_names(shortest(x, {**names, **cotangents}), called)
        if cost(back) < cost(best):
            best = back
    return best


def spellings(meanings: Definitions, fresh: Definitions) -> list[Definitions]:
    """What names stand for, and the same over no fresh names where it has any."""
    spelt = {
        s: settled(t, fresh)
        for s, t in meanings.items()
        if not symbols_of(t).isdisjoint(fresh)
    }
    return [meanings, spelt] if spelt else [meanings]


def with_names(x: Term, spelt: Sequence[Definitions]) -> Term:
    """A term that calls by its name what has one, simplified again."""
    again = reduce(named_again, spelt, x)
    return x if again == x else shortened(again)


def ways_of(x: Term, fresh: Definitions) -> list[Term]:
    """What a name stands for as it is written, over no fresh names, and in short."""
    spelt = x if symbols_of(x).isdisjoint(fresh) else settled(x, fresh)
    return list(dict.fromkeys((x, spelt, shortened(spelt))))


def with_arrays_named(x: Term, back: Term, algebra: Definitions) -> Term:
    """The form with names put back, or with those of arrays that are said repeatedly.

    Of −k·uᵀu with u = x − y the first would say x − y twice.
    """
    said = list(places(back))
    again = {
        s: t
        for s, t in algebra.items()
        if s.shape and said.count(t) + said.count(scale(-1, t)) > 1
    }
    if not again:
        return back
    named = shortest(x, {s: t for s, t in algebra.items() if s not in again})
    return named if cost(named) <= cost(back) else back


def shortest(x: Term, meanings: Definitions) -> Term:
    """A term with names put back, simplified."""
    back = settled(x, meanings)
    return back if cost(back) > 3 * LONG else shortened(back)


def settled(x: Term, meanings: Definitions) -> Term:
    """A term with names replaced until none of them is left, unless that is long."""
    if is_long(x, meanings):
        return x
    for _ in range(50):
        present: dict[Term, Term] = {
            s: meanings[s] for s in symbols_of(x) if s in meanings
        }
        if not present or cost(x) > 3 * LONG:
            return x
        x = rebuild(x, present)
    return x


def is_long(x: Term, meanings: Definitions) -> bool:
    """Whether a term and what its names stand for, each once, are too long to write."""
    total, seen, waiting = 0, set[Symbol](), [x]
    while waiting and total <= 2 * LONG:
        now = waiting.pop()
        total += cost(now)
        names = [s for s in symbols_of(now) if s in meanings and s not in seen]
        seen.update(names)
        waiting.extend(meanings[s] for s in names)
    return total > 2 * LONG


def is_algebra(x: Term) -> bool:
    """Whether a definition is sums, products and powers of numbers' names alone."""
    if isinstance(x, App) or x == EULER or x.shape:
        return False
    if isinstance(x, (Sum, Prod)):
        return all(is_algebra(y) for y in children(x))
    return True


def explained(x: Term, meanings: Definitions) -> Iterator[tuple[Symbol, Term]]:
    """The names in a term with what they stand for, and the names in that."""
    known, waiting = set[Symbol](), [x]
    while waiting:
        for s in sorted(symbols_of(waiting.pop(0)), key=lambda s: s.text):
            if s in meanings and s not in known:
                known.add(s)
                waiting.append(meanings[s])
                yield s, meanings[s]
