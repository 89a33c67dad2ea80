"""Stiff points: the form that runs beside the closed form, and which has the number.

    runs(form, makers) -> the same form with its last digits, and the rules to it

A closed form may have no number where the gradient has one, or too few digits. The
program that runs has both, so the number of a result is taken from there wherever the
two are not the same form; and they are compared at points where nothing is stiff.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from whence.explain.derivation import Checks, Result
from whence.explain.evidence import (
    WORST_AUTOMATIC,
    WORST_DIFFERENCES,
    StepFailedError,
)
from whence.explain.numbers import Sample, every_value
from whence.explain.prepare import Prepared
from whence.simplify.cost import cost
from whence.simplify.derive import Derived
from whence.simplify.removable import NEAR, with_series
from whence.simplify.search import WIDEST
from whence.simplify.shift import steadied
from whence.simplify.stabilise import Makers, stabilised
from whence.simplify.term import Symbol, Term, symbols_of


def runs(form: Term, makers: Makers) -> tuple[Term | None, str]:
    """The form that runs, where it is another than the closed form; and why."""
    found, steps = stabilised(form, makers)
    names = [s.rule for s in steps]
    bridged = with_series(found) if cost(found) <= WIDEST else None
    if bridged is not None:
        found, names = bridged, [*names, NEAR]
    return (found if names else None), ", ".join(names)


def is_shifted(result: Result, point: Sample, number: Any) -> bool:
    """Whether a result has its number with the largest exponential taken out."""
    form = steadied(result.explicit)
    return form != result.explicit and same(point.of(form), number)


def stable_cotangents(derived: Derived, makers: Makers) -> dict[Symbol, Term]:
    """The cotangents that run in another form, in that form."""
    found = {s: runs(t, makers)[0] for s, t in derived.cotangents.items()}
    return {s: t for s, t in found.items() if t is not None}


def is_stiff(ready: Prepared) -> bool:
    """Whether the results have their numbers from the program that runs."""
    adjoints = ready.derived.adjoints.values()
    stable = ready.running is not ready.graph
    return ready.recognises and (stable or any(a.runs != a.term for a in adjoints))


def needs_program(results: Sequence[Result], point: Sample, ready: Prepared) -> bool:
    """Whether no form of the results gives the numbers that they have."""
    forms = [r.form if r.runs is None else r.runs for r in results]
    for form, result in zip(forms, results, strict=True):
        if not same(point.of(form), result.number):
            return True
    if ready.running is not ready.graph and has_lost(forms, point, ready):
        return True
    return bool(ready.gaps) and any(NEAR not in r.saved for r in results)


def has_lost(forms: Sequence[Term], point: Sample, ready: Prepared) -> bool:
    """Whether a name that forms are in has another number as it is written."""
    written = every_value(ready.graph, ready.arrays)
    needed = set[Symbol]().union(*map(symbols_of, forms))
    return any(
        not same(written[v], point.numbers[s])
        for v, s in ready.symbols.items()
        if s in needed and v in written
    )


def same(first: Any, second: Any) -> bool:
    """Whether two numbers of a result are the same, to nearly all their digits."""
    told = np.broadcast_to(first, np.shape(second))
    return np.allclose(told, second, rtol=1e-12, atol=1e-300, equal_nan=True)


def agree(automatic: float, differences: float) -> bool:
    """Whether results are as near to reverse mode and differences as they must be."""
    return not (automatic > WORST_AUTOMATIC or differences > WORST_DIFFERENCES)


def demand_agreement(checks: Checks) -> None:
    """Stop unless the results are what plain reverse mode and differences give."""
    if checks.automatic > WORST_AUTOMATIC:
        raise StepFailedError("a result is not what plain reverse mode gives")
    if checks.differences > WORST_DIFFERENCES:
        raise StepFailedError("a result is not what differences give")
