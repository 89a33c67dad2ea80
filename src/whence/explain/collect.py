"""Collect: a form multiplied out, its equal terms put together, and made short again.

    collected((b·s − w·c)·w + (b·c + w·s)·b)  ->  2·b·w·s + (b² − w²)·c

The search of the simplifier shortens a step at a time, and will not go through a longer
form; what two derivations leave behind often shortens only when all is multiplied out.
"""

from __future__ import annotations

from whence.simplify.cost import cost
from whence.simplify.rule import distributed
from whence.simplify.search import multiplied, search
from whence.simplify.term import Num, Term, add, items_of

ROUNDS = 8  # of multiplying out
MOST = 40  # items; a longer sum is not gone through


def collected(x: Term) -> Term:
    """The shortest form of a term, multiplied out on the way where that helps."""
    out = multiplied_out(x)
    forms = [x, search(x)[0]]
    if len(items_of(out)) <= MOST:
        forms += [out, search(out)[0]]
    return min(forms, key=cost)


def multiplied_out(x: Term) -> Term:
    """A term with its products of sums multiplied out."""
    for _ in range(ROUNDS):
        out = add(*(distributed(Num(c), multiplied(m)) for c, m in items_of(x)))
        if out == x or len(items_of(out)) > MOST:
            break
        x = out
    return x
