"""The search: from a term to the shortest equal one, by named steps.

    search(-y/p + (1 - y)/(1 - p))  ->  (p - y)/(p*(1 - p)), [common denominator]

Best-first by the number of operations, over few choice points: distribute, factor,
common denominator, the same choice, and the identities. Everything else (collecting,
merging powers, folding numbers) the normal form does by itself, in the step that made
it possible.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import count
from types import MappingProxyType

from whence.core.size import Size
from whence.simplify.choices import (
    compared,
    into_choice,
    merged_choices,
    one_choice,
    without_choice,
)
from whence.simplify.cost import cost
from whence.simplify.others import without_factor
from whence.simplify.polynomial import cancelled_sums
from whence.simplify.products import collected
from whence.simplify.rule import Rule, Step, distributed, operations_in, rewrites
from whence.simplify.rules import IDENTITIES
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Factor,
    Item,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    children,
    exact,
    from_factors,
    is_exact,
    is_positive,
    is_size,
    items_of,
    mul,
    power,
    rebuild,
    scale,
    split,
    symbols_of,
)
from whence.simplify.totals import means, reduced

EXPANSIONS = 40  # states looked at; derivations need five or so
PATIENCE = 14  # states looked at without finding a shorter one
ASSUMED = "onehot-sum"  # the rule by which an assumption on the data is used
CLIP = "clip"  # the rule by which a choice between an entry and its bound is read
WIDEST = 60  # operations; a longer window is left as it is
MOST_WORK = 4_000  # operations in all the terms that one search makes

Moves = dict[Term, list[tuple[str, Term]]]  # what was found at places met before


def search(
    start: Term, assumed: Mapping[Term, Term] = MappingProxyType({})
) -> tuple[Term, list[Step]]:
    """The shortest term found, and the steps that lead to it.

    Args:
        start: The term to shorten.
        assumed: Terms that may be replaced by others under an assumption.
    """
    if cost(start) <= 1 or cost(start) > WIDEST:
        return start, []
    serial = count()
    best = start
    came: dict[Term, tuple[Term, str] | None] = {start: None}
    queue = [(weight(start), next(serial), start)]
    known: Moves = {}
    idle, work = 0, 0
    for _ in range(EXPANSIONS):
        if not queue or idle > PATIENCE or cost(best) <= 1 or work > MOST_WORK:
            break
        _, _, now = heapq.heappop(queue)
        idle += 1
        for name, new in moves(now, assumed, known):
            work += cost(new)
            if new in came or cost(new) > 2 * cost(start) + 6:
                continue
            came[new] = now, name
            heapq.heappush(queue, (weight(new), next(serial), new))
            if cost(new) < cost(best):
                best, idle = new, 0
    return best, trail(best, came)


def remembered(start: Term) -> tuple[Term, list[Step]]:
    """The same search, remembered up to the names of symbols.

    A program that does the same thing in every round of a loop has the same windows in
    every round; they are searched once.
    """
    found, steps, back = recalled(start)
    return renamed(found, steps, back)


def shortened(start: Term) -> Term:
    """What that search ends with, where nobody asks for the steps."""
    found, _, back = recalled(start)
    return rebuild(found, back)


def recalled(start: Term) -> tuple[Term, tuple[Step, ...], dict[Term, Term]]:
    """What is remembered of a search, over places, and what stands at each."""
    if cost(start) <= 1 or cost(start) > WIDEST:
        return start, (), {}
    forth = {x: place_of(x, i) for i, x in enumerate(leaves_of(start))}
    found, steps = searched(rebuild(start, forth), names_of_sizes(start))
    return found, steps, {new: old for old, new in forth.items()}


def renamed(
    found: Term, steps: Sequence[Step], names: Mapping[Term, Term]
) -> tuple[Term, list[Step]]:
    """What a search found, and its steps, with names put in for what they stand for."""
    return rebuild(found, names), [
        Step(
            step.rule,
            rebuild(step.before, names),
            rebuild(step.after, names),
            tuple(rebuild(x, names) for x in step.conditions),
        )
        for step in steps
    ]


def place_of(x: Term, i: int) -> Term:
    """A symbol for a place of a window; what is known of it is part of what it is."""
    known = x if isinstance(x, Symbol) else Symbol("")
    positive, shape = is_positive(x), tuple(map(int, x.shape))
    facts = (known.bounded, known.unit, known.number, known.centred, known.symmetric)
    return Symbol(
        ("place", i, shape, positive, *facts),
        x.shape,
        order=f"{i:06d}",
        positive=positive,
        bounded=known.bounded,
        number=known.number,
        unit=known.unit,
        centred=known.centred,
        symmetric=known.symmetric,
    )


def names_of_sizes(start: Term) -> frozenset[tuple[str, int]]:
    """The sizes with names in the shapes of a term, which equal any other as ints."""
    parts = list(places(start))
    shapes = [x.shape for x in parts]
    shapes += [aval.shape for x in parts if isinstance(x, App) for aval in x.given]
    sizes = (n for shape in shapes for n in shape if isinstance(n, Size))
    return frozenset((n.name, int(n)) for n in sizes)


def leaves_of(start: Term) -> list[Term]:
    """The symbols of a term, and its picked entries where nothing is put back."""
    parts = list(places(start))
    scattered = any(isinstance(x, App) and x.primitive.name == "scatter" for x in parts)
    picked = {
        x
        for x in parts
        if not scattered
        and isinstance(x, App)
        and x.primitive.name == "getitem"
        and all(isinstance(y, Symbol) for y in x.operands)
    }
    inside = {y for x in picked for y in children(x)}
    symbols = {x for x in symbols_of(start) - inside if x != EULER and not is_size(x)}
    return sorted({*symbols, *picked}, key=lambda x: x.text)


@lru_cache(maxsize=4_096)
def searched(
    start: Term, sizes: frozenset[tuple[str, int]]
) -> tuple[Term, tuple[Step, ...]]:
    """A search over symbols that stand for places, in shapes with these sizes."""
    found, steps = search(start)
    return found, tuple(steps)


def weight(x: Term) -> tuple[int, int]:
    """What the search makes small: operations first, then letters."""
    return cost(x), len(x.text)


def trail(end: Term, came: dict[Term, tuple[Term, str] | None]) -> list[Step]:
    """The steps from the start of a search to a term."""
    steps: list[Step] = []
    now = end
    while (back := came[now]) is not None:
        before, name = back
        steps.append(Step(name, before, now, cancelled(before, now)))
        now = before
    return steps[::-1]


def cancelled(before: Term, after: Term) -> tuple[Term, ...]:
    """The terms that were divided by before and are no more: they may not be 0."""
    were, are = denominators(before), denominators(after)
    gone = {x for x in were - are if not is_rewritten(x, are - were, after)}
    return tuple(sorted(gone, key=lambda x: x.text))


def is_rewritten(x: Term, new: Collection[Term], after: Term) -> bool:
    """Whether a denominator is still there, written otherwise.

    It may stand multiplied out, or in a function of the same: cos(x) in tan(x).
    """
    if any(outright(x) == outright(y) for y in new):
        return True
    return isinstance(x, App) and any(
        isinstance(y, App) and y.operands == x.operands and y.primitive.name == "tan"
        for y in places(after)
    )


def outright(x: Term) -> Term:
    """A term with every product of sums in it multiplied out."""
    for _ in range(WIDEST):
        out = add(*(distributed(Num(c), multiplied(m)) for c, m in items_of(x)))
        if out == x:
            break
        x = out
    return x


def denominators(x: Term) -> set[Term]:
    """Every base with a negative exponent in a term."""
    found: set[Term] = set()
    waiting = [x]
    while waiting:
        now = waiting.pop()
        if isinstance(now, Prod):
            found |= {b for b, e in now.factors if not isinstance(e, Term) and e < 0}
        waiting.extend(children(now))
    return found


# --------------------------------------------------------------------- moves


def moves(
    x: Term, assumed: Mapping[Term, Term], known: Moves
) -> Iterator[tuple[str, Term]]:
    """Every term that one step leads to, from any place inside."""
    present = {y: new for y, new in assumed.items() if any(z == y for z in places(x))}
    for name in (ASSUMED, CLIP):
        taken = {y: z for y, z in present.items() if is_clip(z) == (name == CLIP)}
        if taken:
            yield name, rebuild(x, taken)
    for place in dict.fromkeys(places(x)):
        if place not in known:
            known[place] = [m for m in moves_at(place, IDENTITIES) if m[1] != place]
        for name, new in known[place]:
            yield name, (new if place is x else rebuild(x, {place: new}))


def is_clip(x: Term) -> bool:
    """Whether a term is clipped at two ends."""
    return isinstance(x, App) and x.primitive.name == "clip"


def places(x: Term) -> Iterator[Term]:
    """A term and all terms inside it."""
    waiting = [x]
    while waiting:
        now = waiting.pop()
        yield now
        waiting.extend(children(now))


def moves_at(x: Term, identities: Sequence[Rule]) -> Iterator[tuple[str, Term]]:
    """What can be done with one term as a whole."""
    if isinstance(x, Sum):
        yield from factored(x)
        yield from over_common_denominator(x)
        yield from one_choice(x)
        yield from collected(x)
    if isinstance(x, (Sum, Prod)):
        yield from expanded(x)
        yield from cancelled_sums(x)
        yield from under_root(x)
    if isinstance(x, Prod):
        yield from without_log(x)
        yield from without_factor(x)
        yield from without_choice(x)
        yield from (step for step in into_choice(x) if cost(step[1]) < cost(x))
    inside = operations_in(x)
    for law in identities:
        if not law.operations <= inside:
            continue
        for new in rewrites(law, x):
            if cost(new) < cost(x):
                yield law.name, new
    yield from (step for step in means(x) if cost(step[1]) < cost(x))
    if isinstance(x, App):
        yield from merged_choices(x)
        yield from compared(x)
        yield from reduced(x)


def expanded(x: Term) -> Iterator[tuple[str, Term]]:
    """Multiply out: one product of a sum, or all of them at once."""
    everywhere = add(*(distributed(Num(c), multiplied(m)) for c, m in items_of(x)))
    yield "distribute", everywhere
    if isinstance(x, Sum) and len(x.items) > 1:
        for c, m in x.items:
            out = multiplied(m)
            if out is not m:
                yield "distribute", add(x, scale(-c, m), distributed(Num(c), out))


def multiplied(x: Term) -> Term:
    """A product with its first sum multiplied out."""
    _, factors = split(x)
    for i, (base, exponent) in enumerate(factors):
        if not isinstance(base, Sum) or len(base.items) < 2 or not is_exact(exponent):
            continue
        rest = [*factors[:i], *factors[i + 1 :]]
        if exponent >= 1 and (rest or exponent == 2):
            left = from_factors(Fraction(1), [*rest, (base, exponent - 1)])
            return distributed(left, base)
        if exponent == -1 and rest:
            taken = absorbed(base, rest)
            if taken is not None:
                return taken
    return x


def absorbed(base: Sum, rest: list[Factor]) -> Term | None:
    """1/(x·(a + b/x)) as 1/(x·a + b): denominators multiplied out."""
    below = [(b, -e) for b, e in rest if not isinstance(e, Term) and e < 0]
    above = [(b, e) for b, e in rest if isinstance(e, Term) or e >= 0]
    if not below:
        return None
    product = distributed(from_factors(Fraction(1), below), base)
    return mul(from_factors(Fraction(1), above), power(product, Fraction(-1)))


def factored(x: Sum) -> Iterator[tuple[str, Term]]:
    """Take a common factor out of a sum, or out of some of its items.

    Of a/u + b/u² it is 1/u², which leaves no fraction, or 1/u.
    """
    each = [dict(numeric(split(m)[1])) for _, m in x.items]
    raised = set.intersection(*(symbolic(split(m)[1]) for _, m in x.items))
    whole, least = (shared_powers(each, key) for key in (None, abs))
    for powers in (whole, least) if whole != least else (whole,):
        common = set(powers.items()) | raised
        if common:
            outside = from_factors(Fraction(1), common)
            inverse = power(outside, Fraction(-1))
            inside = distributed(inverse, x)
            yield "factor", mul(outside, inside)
    sizes = {abs(c) for c, _ in x.items}
    if len(sizes) == 1 and sizes != {1} and len(x.items) > 1:
        (size,) = sizes
        inside = add(*(scale(1 if c > 0 else -1, m) for c, m in x.items))
        yield "factor", scale(size, inside)
    yield from factored_pairs(x)


def shared_powers(
    each: Sequence[Mapping[Term, Fraction]], key: Callable[[Fraction], Fraction] | None
) -> dict[Term, Fraction]:
    """The powers that several products share, the least of each by a key."""
    return reduce(
        lambda a, b: {
            base: min(e, b[base], key=key)
            for base, e in a.items()
            if base in b and e * b[base] > 0
        },
        each,
        dict(each[0]),
    )


def factored_pairs(x: Sum) -> Iterator[tuple[str, Term]]:
    """Take one factor out of the items that have it, where not all do.

    Of different powers of one base the lowest is taken out.
    """
    bases: dict[Factor, list[Item]] = {}
    powers: dict[Term, dict[Item, Fraction]] = {}
    for item in x.items:
        for b, e in split(item[1])[1]:
            bases.setdefault((b, e), []).append(item)
            if is_exact(e) and e > 0:
                powers.setdefault(b, {})[item] = Fraction(e)
    for b, found in powers.items():
        if len(set(found.values())) > 1:
            bases[b, min(found.values())] = list(found)
    for (b, e), items in bases.items():
        if 1 < len(items) < len(x.items):
            inverse = power(b, scale(-1, e) if isinstance(e, Term) else -e)
            inside = add(*(scale(c, mul(inverse, m)) for c, m in items))
            rest = add(*(scale(c, m) for c, m in x.items if (c, m) not in items))
            yield "factor", add(rest, mul(power(b, e), inside))


def numeric(factors: Sequence[Factor]) -> list[tuple[Term, Fraction]]:
    """The factors whose exponent is a fraction."""
    return [(b, Fraction(e)) for b, e in factors if is_exact(e)]


def symbolic(factors: Sequence[Factor]) -> set[Factor]:
    """The factors whose exponent is a term."""
    return {(b, e) for b, e in factors if isinstance(e, Term)}


def over_common_denominator(x: Sum) -> Iterator[tuple[str, Term]]:
    """Bring the items of a sum over one denominator."""
    below: dict[Term, Fraction] = {}
    for _, m in x.items:
        for b, e in numeric(split(m)[1]):
            if e < 0:
                below[b] = max(below.get(b, Fraction(0)), -e)
    if not below or all(m != ONE and isinstance(m, App) for _, m in x.items):
        return
    bottom = from_factors(Fraction(1), below.items())
    top = add(*(scale(c, mul(m, bottom)) for c, m in x.items))
    whole_top = add(*(distributed(Num(c), multiplied(m)) for c, m in items_of(top)))
    inverse = power(bottom, Fraction(-1))
    yield "common denominator", mul(top, inverse)
    if whole_top != top:
        yield "common denominator, distribute", mul(whole_top, inverse)


def without_log(x: Prod) -> Iterator[tuple[str, Term]]:
    """e^(c·log u + v) as u^c·e^v."""
    for base, exponent in x.factors:
        if base != EULER or not isinstance(exponent, Term):
            continue
        rest = from_factors(Fraction(1), [f for f in x.factors if f[0] != EULER])
        for c, m in items_of(exponent):
            factors = split(m)[1]
            for inner, e in factors:
                if isinstance(inner, App) and inner.primitive.name == "log" and e == 1:
                    by = from_factors(c, [f for f in factors if f[0] != inner])
                    left = raised_to(EULER, add(exponent, scale(-c, m)))
                    yield "log-exp", mul(rest, left, raised_to(inner.operands[0], by))


def raised_to(base: Term, exponent: Term) -> Term:
    """A power with an exponent that may be a number."""
    return power(base, exponent.number if isinstance(exponent, Num) else exponent)


def under_root(x: Term) -> Iterator[tuple[str, Term]]:
    """A number taken under a square root: 2·√(1 − x²/4) is √(4 − x²)."""
    coefficient, factors = split(x)
    if abs(coefficient) == 1 or not is_exact(coefficient):
        return
    for i, (base, e) in enumerate(factors):
        if isinstance(base, Sum) and is_exact(e) and abs(e) == Fraction(1, 2):
            square = exact(coefficient * coefficient)
            rest = [*factors[:i], *factors[i + 1 :]]
            sign = Fraction(1 if coefficient > 0 else -1)
            inside = distributed(Num(square if e > 0 else 1 / square), base)
            yield "under the root", mul(from_factors(sign, rest), power(inside, e))
