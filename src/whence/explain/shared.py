"""Sharing: what results repeat, and the program has computed already, gets a name.

    (log(t/q) − tᵀ log(t/q)) ⊙ t    is told again as    (u − tᵀ u) ⊙ t,  u = log(t/q)

A name is given only where the reader gains by it: to a term of two operations or more
that stands in a result more than once, and to a function that is long to say.
"""

from __future__ import annotations

from collections.abc import Iterable

from whence.core.graph import Value
from whence.core.primitive import Partials
from whence.core.structure import Library, Reduction
from whence.explain.prepare import Prepared
from whence.simplify.cost import cost
from whence.simplify.read import Reader
from whence.simplify.search import places
from whence.simplify.term import EULER, App, Prod, Term

WORTH = 2  # operations; a shorter term is said again
LONG = 3  # operations; a longer function is called by a name, said once or not


def repeated(ready: Prepared, forms: Iterable[Term]) -> set[Value]:
    """The values without a name that results say more than once, or at length."""
    again = [x for form in forms for x in (*twice(form), *long_functions(form))]
    if not again:
        return set()
    found: set[Value] = set()
    for meaning, value in forward_terms(ready).items():
        if again.count(meaning):
            found.add(value)
            again = [y for y in again if y not in set(places(meaning))]
    return found


def twice(form: Term) -> list[Term]:
    """The terms worth a name that stand in a form more than once."""
    seen: set[Term] = set()
    again: list[Term] = []
    for place in places(form):
        if place in seen and (cost(place) >= WORTH or is_costly(place)):
            again.append(place)
        seen.add(place)
    return again


def is_costly(x: Term) -> bool:
    """Whether a term is a routine of its own, such as the inverse of a matrix."""
    return isinstance(x, App) and isinstance(x.primitive.structure, Library)


def long_functions(form: Term) -> list[Term]:
    """The functions in a form that are long to say: e^(−(x − μ)²/(2s²))."""
    return [x for x in places(form) if is_function(x) and cost(x) >= LONG]


def is_function(x: Term) -> bool:
    """Whether a term is a function of something, or a total, not arithmetic."""
    if isinstance(x, Prod):
        return len(x.factors) == 1 and x.factors[0][0] == EULER
    if not isinstance(x, App):
        return False
    total = isinstance(x.primitive.structure, Reduction)
    return total or isinstance(x.primitive.derivative, Partials)


def forward_terms(ready: Prepared, worth: int = WORTH) -> dict[Term, Value]:
    """What the equations of a program compute over its named values, longest first.

    Args:
        ready: The program.
        worth: The operations that a term has at the least.
    """
    found: dict[Term, Value] = {}
    for part in ready.parts.values():
        named = set(part.operands)
        reader = Reader(
            {y: e for e in part.equations for y in e.results},
            named.__contains__,
            ready.symbols.__getitem__,
        )
        reader.read(part.value)
        for value, term in reader.known.items():
            if isinstance(value, Value) and value not in ready.names:
                found.setdefault(term, value)
    long = [item for item in found.items() if cost(item[0]) >= worth]
    return dict(sorted(long, key=lambda item: -cost(item[0])))
