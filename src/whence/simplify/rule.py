"""Rules: identities as two terms over the same letters, and what they do to a term.

    @rule("Pythagoras", source="DLMF 4.21.12")
    def _(x):
        return sin(x) ** 2 + cos(x) ** 2, 1

The same object is matched, printed in a derivation and tested on numbers. A rule whose
left side is a sum matches inside longer sums, under any common factor; one whose left
side is a product matches inside longer products. Soundness needs no care in matching
sums: the result is ``target + r·(after − before)``, which the normal form collects.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from whence.core.primitive import named
from whence.simplify.term import (
    EULER,
    ZERO,
    App,
    Coefficient,
    Factor,
    Prod,
    Sum,
    Symbol,
    Term,
    apply,
    children,
    from_factors,
    items_of,
    mul,
    power,
    rebuild,
    scale,
    split,
    symbols_of,
    term,
)

Kind = Literal["exact", "rounding", "repair"]
Bindings = dict[Term, Term]


@dataclass(frozen=True)
class Rule:
    """An identity.

    Attributes:
        name: What a derivation calls it.
        before: The left side.
        after: The right side.
        kind: ``exact`` (same bits), ``rounding`` (same in the reals wherever both are
            finite), ``repair`` (defined where the left side is not).
        source: Where a reader finds it proved.
    """

    name: str
    before: Term
    after: Term
    kind: Kind = "rounding"
    source: str = ""

    @property
    def letters(self) -> list[Symbol]:
        """The letters of the identity, in order."""
        return sorted(symbols_of(self.before) - {EULER}, key=lambda s: s.text)

    @cached_property
    def operations(self) -> frozenset[str]:
        """The operations on its left side: a term without them all has no match."""
        return operations_in(self.before)


def operations_in(x: Term) -> frozenset[str]:
    """The names of the operations in a term; e itself is ``exp``."""
    found: frozenset[str] | None = x.__dict__.get("_operations")
    if found is None:
        inside = [operations_in(y) for y in children(x)]
        own = {x.primitive.name} if isinstance(x, App) else set()
        own |= {"exp"} if x == EULER else set()
        found = x.__dict__["_operations"] = frozenset(own).union(*inside)
    return found


@dataclass(frozen=True)
class Step:
    """One use of a rule.

    Attributes:
        rule: The name of the rule.
        before: The term it was used on.
        after: What it gave.
        conditions: The terms that may not be 0 for it to hold.
    """

    rule: str
    before: Term
    after: Term
    conditions: tuple[Term, ...] = ()


def rule(
    name: str,
    *,
    into: list[Rule],
    kind: Kind = "rounding",
    source: str,
) -> Callable[[Callable[..., Any]], Rule]:
    """Make a rule of a function from letters to two sides, and add it to a list."""

    def make(sides: Callable[..., Any]) -> Rule:
        letters = [Symbol(x, order=x) for x in inspect.signature(sides).parameters]
        before, after = sides(*letters)
        made = Rule(name, term(before), term(after), kind, source)
        into.append(made)
        return made

    return make


def function(name: str) -> Callable[..., Term]:
    """An operation as a function on terms, for writing rules."""

    def applied(*operands: Any, **params: Any) -> Term:
        terms = tuple(term(x) for x in operands)
        return apply(named(name), terms, tuple(sorted(params.items())))

    return applied


# ------------------------------------------------------------------ matching


def match(pattern: Term, target: Term, bound: Bindings) -> Iterator[Bindings]:
    """Every way in which a pattern is a whole term."""
    match pattern:
        case Symbol() if pattern.number is None:
            if pattern not in bound:
                yield {**bound, pattern: target}
            elif bound[pattern] == target:
                yield bound
        case App():
            if (
                isinstance(target, App)
                and target.primitive is pattern.primitive
                and len(target.operands) == len(pattern.operands)
                and (not pattern.params or pattern.params == target.params)
            ):
                yield from match_all(pattern.operands, target.operands, bound)
        case Prod() | Sum():
            yield from match_parts(pattern, target, bound)
        case _:
            if pattern == target:
                yield bound


def match_all(
    patterns: tuple[Term, ...], targets: tuple[Term, ...], bound: Bindings
) -> Iterator[Bindings]:
    """Every way in which terms match one after the other."""
    if not patterns:
        yield bound
        return
    for found in match(patterns[0], targets[0], bound):
        yield from match_all(patterns[1:], targets[1:], found)


def match_parts(pattern: Term, target: Term, bound: Bindings) -> Iterator[Bindings]:
    """Every way in which a sum or product is a whole term, its parts in any order."""
    if isinstance(pattern, Prod):
        coefficient, factors = split(target)
        if coefficient == 1:
            for found, rest in match_factors(
                list(pattern.factors), list(factors), bound
            ):
                if not rest:
                    yield found
        return
    assert isinstance(pattern, Sum)
    items = list(items_of(target))
    if len(items) == len(pattern.items):
        yield from match_items(list(pattern.items), items, bound)


def match_items(
    patterns: list[tuple[Coefficient, Term]],
    items: list[tuple[Coefficient, Term]],
    bound: Bindings,
) -> Iterator[Bindings]:
    """Every way in which the items of a sum are those of another."""
    if not patterns:
        yield bound
        return
    (coefficient, monomial), *rest = patterns
    for i, (number, other) in enumerate(items):
        for found in match_scaled(coefficient, monomial, number, other, bound):
            yield from match_items(rest, items[:i] + items[i + 1 :], found)


def match_scaled(
    coefficient: Coefficient,
    monomial: Term,
    number: Coefficient,
    other: Term,
    bound: Bindings,
) -> Iterator[Bindings]:
    """Every way in which one item is another; a letter may take in the coefficient."""
    if coefficient == number:
        yield from match(monomial, other, bound)
    elif isinstance(monomial, Symbol):
        yield from match(monomial, scale(number / coefficient, other), bound)


def match_factors(
    patterns: list[Factor], factors: list[Factor], bound: Bindings
) -> Iterator[tuple[Bindings, list[Factor]]]:
    """Every way in which some factors are those of a pattern, and what is left over."""
    if not patterns:
        yield bound, factors
        return
    (base, exponent), *rest = patterns
    for i, (other, e) in enumerate(factors):
        left = factors[:i] + factors[i + 1 :]
        for found in match(base, other, bound):
            if isinstance(exponent, Term):
                ways = match(exponent, term(e), found)
            else:
                ways = iter([found] if e == exponent else [])
            for more in ways:
                yield from match_factors(rest, left, more)


# ------------------------------------------------------------------- applying


def rewrites(law: Rule, target: Term) -> Iterator[Term]:
    """What a rule makes of a term at its root, in every way."""
    if isinstance(law.before, Sum):
        yield from rewrites_of_sum(law, target)
    else:
        yield from rewrites_of_product(law, target)


def rewrites_of_sum(law: Rule, target: Term) -> Iterator[Term]:
    """Replace items of a sum, under a common factor."""
    items = items_of(target)
    assert isinstance(law.before, Sum)
    if len(items) < len(law.before.items):
        return
    first, *others = sorted(law.before.items, key=lambda i: -len(split(i[1])[1]))
    present = {m for _, m in items}
    for number, monomial in items:
        _, factors = split(monomial)
        for bound, rest in match_factors(list(split(first[1])[1]), list(factors), {}):
            common = from_factors(number / first[0], rest)
            if all(
                symbols_of(m) - {EULER} <= set(bound)
                and split_monomial(mul(common, rebuild(m, bound))) in present
                for _, m in others
            ):
                change = rebuild(law.after, bound) - rebuild(law.before, bound)
                yield target + distributed(common, change)


def split_monomial(x: Term) -> Term:
    """A term without its coefficient."""
    return from_factors(Fraction(1), split(x)[1])


def distributed(common: Term, x: Term) -> Term:
    """A factor times every item of a sum."""
    total: Term = ZERO
    for c, m in items_of(x):
        total = total + scale(c, mul(common, m))
    return total


def opened(x: Term) -> Term:
    """A product with a sum among its factors, as the sum of products.

    Unlike the step ``distribute`` it opens no square and no denominator.
    """
    coefficient, factors = split(x)
    for i, (base, exponent) in enumerate(factors):
        if isinstance(base, Sum) and len(base.items) > 1 and exponent == 1:
            rest = [*factors[:i], *factors[i + 1 :]]
            return distributed(from_factors(coefficient, rest), base)
    return x


def rewrites_of_product(law: Rule, target: Term) -> Iterator[Term]:
    """Replace factors of a product, or a base under its exponent."""
    number, factors = split(target)
    coefficient, patterns = split(law.before)
    number = number / coefficient
    for bound, rest in match_factors(list(patterns), list(factors), {}):
        yield mul(from_factors(number, rest), rebuild(law.after, bound))
    if len(patterns) == 1 and patterns[0][1] == 1:
        for i, (base, exponent) in enumerate(factors):
            if exponent == 1:
                continue
            for bound in match(patterns[0][0], base, {}):
                rest = [*factors[:i], *factors[i + 1 :]]
                raised = power(rebuild(law.after, bound), exponent)
                yield mul(from_factors(number, rest), raised)
