"""Reuse: a result written in what the program has computed on its way.

    Xᵀ (X w − y)/n    is    Xᵀ r/n     where r = X w − y is computed already
    3x²/(e^x − 1) − x³ e^x/(e^x − 1)²    is    f·(3/x − e^x/(e^x − 1))

A person who has computed r does not write out again what it is. Names are given at the
end, when nothing is left to cancel, and only to what makes a result shorter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction

from whence.core.structure import Pointwise
from whence.explain.naming import in_name, occurrences
from whence.simplify.cost import cost
from whence.simplify.rule import distributed, operations_in
from whence.simplify.search import denominators, places, shortened
from whence.simplify.term import (
    EULER,
    App,
    Prod,
    Symbol,
    Term,
    mul,
    power,
    rebuild,
    split,
    symbols_of,
)

WORTH = 2  # operations that a name has to save
LONG = 24  # operations; a longer form is not written in the output

Meaning = tuple[Symbol, Term]


def in_values(form: Term, values: Collection[Meaning]) -> Term:
    """A form in which computed values are called by their names, where that is shorter.

    Args:
        form: The form.
        values: What the program computes.
    """
    while True:
        ways = list(renamings(form, values))
        if not ways:
            return form
        form = min(ways, key=cost)


def renamings(form: Term, values: Iterable[Meaning]) -> Iterator[Term]:
    """A form with one more value called by its name, for each that is worth it."""
    known = symbols_of(form)
    for symbol, meaning in values:
        if symbols_of(meaning) <= known:
            new = dict(occurrences(form, meaning, symbol))
            worth = worth_of(meaning)
            if new and cost(named := rebuild(form, new)) <= cost(form) - worth:
                yield named


def worth_of(x: Term) -> int:
    """The operations that a name for a term has to save, to be given."""
    if is_costly(x):
        return 1
    return WORTH + 1 if isinstance(x, App) else WORTH


def is_costly(x: Term) -> bool:
    """Whether a term is a function of arrays: not arithmetic, nor sin(x)."""
    if isinstance(x, Prod):
        return bool(x.shape) and len(x.factors) == 1 and x.factors[0][0] == EULER
    if not isinstance(x, App):
        return False
    return bool(x.shape) or not isinstance(x.primitive.structure, Pointwise)


def in_output(
    form: Term, output: Symbol, meanings: Iterable[Term], starts: Collection[Term]
) -> Term:
    """A form written in the output itself, where that is shorter.

    −p²/(2m²) is −f/m, with f = p²/(2m): nothing is divided by that was not before.

    Args:
        form: The form.
        output: The symbol of the output.
        meanings: What it stands for, in one way of writing and others.
        starts: Longer forms of the same, in which less is multiplied out.
    """
    known = list(meanings)
    if cost(form) > LONG:
        return form
    if not any(cost(x) >= WORTH or is_costly(x) for x in known):
        return form
    best, wholes = form, list(dict.fromkeys((form, *starts)))
    spoken = set().union(*map(symbols_of, wholes))
    for meaning in known:
        if symbols_of(meaning) <= spoken:
            ways = written(form, wholes, meaning, output)
            best = min((best, *(x for x in ways if output in symbols_of(x))), key=cost)
    return best


def written(
    form: Term, wholes: Collection[Term], meaning: Term, output: Symbol
) -> Iterator[Term]:
    """A form in the output: where that stands in it, and as a factor of the whole."""
    for whole in wholes:
        named = in_name(whole, meaning, output)
        if output not in symbols_of(named):
            continue
        short = shortened(named)
        gained = cost(form) - cost(short)
        if gained >= WORTH or is_costly(meaning) or form.shape:
            yield short
    if not divides(meaning, wholes):
        return
    known = denominators(form) | denominators(meaning)
    functions = frozenset().union(*map(operations_in, wholes))
    inverse = power(meaning, Fraction(-1))
    for whole in wholes:
        rest = in_name(distributed(inverse, whole), meaning, output)
        short = shortened(rest)
        if denominators(short) <= known and operations_in(short) <= functions:
            yield mul(output, short)


def divides(meaning: Term, wholes: Iterable[Term]) -> bool:
    """Whether every base above the line of an output stands in a form too."""
    inside = {place for x in wholes for place in places(x)}
    above = [b for b, e in split(meaning)[1] if isinstance(e, Term) or e > 0]
    return bool(split(meaning)[1]) and inside.issuperset(above)


def put_back(form: Term, meanings: Collection[Meaning]) -> Term:
    """A form with the names written out that stand in it once."""
    again: dict[Term, Term] = {
        s: x for s, x in meanings if list(places(form)).count(s) == 1
    }
    return rebuild(form, again) if again else form
