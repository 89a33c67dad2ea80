"""Products over shared axes in a normal form: one order of factors, the cheapest first.

    x @ (A @ x), (A.T @ x) @ x  ->  one term        outer(r, x) @ W  ->  outer(r, x @ W)

A chain of matrix products is a product of entries summed over letters, so it may be
multiplied in any order. It is written in the order that takes the fewest
multiplications, ties by the order of the program; equal products then look equal, and
collect. Products that share a factor are added before they are multiplied
(``collected``): A.T @ x + A @ x is (A + A.T) @ x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import prod
from string import ascii_letters
from typing import Any

from whence.core.aval import Aval
from whence.core.primitive import named
from whence.simplify.symmetric import is_symmetric, turned
from whence.simplify.term import (
    ONE,
    App,
    Coefficient,
    Sum,
    Term,
    add,
    apply,
    from_factors,
    mul,
    scale,
    split,
)

MOST = 4  # factors; a longer chain keeps its order


@dataclass(frozen=True)
class Entry:
    """A factor of a product: its entries, by the letters of its axes."""

    term: Term
    letters: str
    aval: Aval


def normal(x: App) -> Term:
    """A contraction in its normal form."""
    first, second, result = letters_of(x)
    entries = list(flattened(x, result, iter(ascii_letters)))
    if len(entries) > MOST:
        pairs = zip(x.operands, (first, second), x.given, strict=True)
        entries = [Entry(*pair) for pair in pairs]
    while len(entries) > 1:
        entries = joined(entries, *next_pair(entries, result), result)
    return entries[0].term


def letters_of(x: App) -> tuple[str, str, str]:
    """The letters of both operands and of the result."""
    operands, result = dict(x.params)["spec"].split("->")
    first, second = operands.split(",")
    return first, second, result


def opens(x: App) -> bool:
    """Whether a term is a product whose factors may change their order with others.

    A product with a diagonal matrix is not: it only scales the rows of the other.
    """
    apps = [y for y in x.operands if isinstance(y, App)]
    diagonal = any(y.primitive.name == "embed_diagonal" for y in apps)
    return is_product(x) and not diagonal


def is_product(x: Term) -> bool:
    """Whether a term is a contraction."""
    return isinstance(x, App) and x.primitive.name == "contract"


def flattened(x: App, result: str, fresh: Iterator[str]) -> list[Entry]:
    """The factors of a product of products, if they are not too many.

    Args:
        x: The product.
        result: The letters its axes have outside.
        fresh: Letters for the axes it sums over.
    """
    first, second, inner = letters_of(x)
    taken = {*result}
    names = dict(zip(inner, result, strict=True))
    letters = (c for c in fresh if c not in taken)
    for c in first + second:
        if c not in names:
            names[c] = next(letters)
    found: list[Entry] = []
    for y, own, aval in zip(x.operands, (first, second), x.given, strict=True):
        here = "".join(names[c] for c in own)
        if isinstance(y, App) and opens(y) and y.shape == aval.shape:
            found.extend(flattened(y, here, letters))
        else:
            found.append(Entry(y, here, aval))
    return found


def next_pair(entries: Sequence[Entry], result: str) -> tuple[int, int]:
    """The factors to multiply first, so that all takes the fewest multiplications."""
    pairs = list(combinations(range(len(entries)), 2))
    if len(pairs) == 1:
        return pairs[0]
    seen = shadows(entries)
    return min(pairs, key=lambda pair: effort(seen, pair[0], pair[1], result))


def shadows(entries: Sequence[Entry]) -> list[tuple[str, str, dict[str, int]]]:
    """What an order is judged by: the text, the letters and the lengths of factors."""
    return [
        (
            e.term.text,
            e.letters,
            dict(zip(e.letters, map(int, e.aval.shape), strict=True)),
        )
        for e in entries
    ]


def effort(
    entries: list[tuple[str, str, dict[str, int]]], i: int, j: int, result: str
) -> tuple[int, str]:
    """The multiplications from here on if two factors are next, then their texts."""
    (a, first, sizes), (b, second, more) = entries[i], entries[j]
    rest = [e for k, e in enumerate(entries) if k not in (i, j)]
    lengths = sizes | more
    label, times = " ".join(sorted((a, b))), prod(lengths.values())
    kept = kept_letters(first + second, [letters for _, letters, _ in rest], result)
    if not rest:
        return times, label
    made = (f"({label})", kept, {c: lengths[c] for c in kept})
    following = [*rest, made]
    pairs = combinations(range(len(following)), 2)
    later, ending = min(effort(following, k, m, result) for k, m in pairs)
    return times + later, f"{label} {ending}"


def kept_letters(letters: str, rest: Sequence[str], result: str) -> str:
    """The letters of a product that are needed later, each once."""
    needed = set(result).union(*rest)
    return "".join(c for c in dict.fromkeys(letters) if c in needed)


def joined(entries: Sequence[Entry], i: int, j: int, result: str) -> list[Entry]:
    """Factors with two of them multiplied; a scalar goes in front of another."""
    rest = [e for k, e in enumerate(entries) if k not in (i, j)]
    first, second = sorted((entries[i], entries[j]), key=lambda e: e.term.text)
    letters = first.letters + second.letters
    kept = kept_letters(letters, [e.letters for e in rest], result)
    kept = kept if rest else result
    lengths = dict(zip(letters, (*first.aval.shape, *second.aval.shape), strict=True))
    aval = first.aval.like(tuple(lengths[c] for c in kept))
    return [*rest, Entry(multiplied(first, second, kept), kept, aval)]


def multiplied(first: Entry, second: Entry, result: str) -> Term:
    """The product of two factors, its letters in the order in which they appear."""
    if not first.letters or not second.letters:
        return mul(first.term, second.term)
    first = untransposed(first, second.letters, result)
    second = untransposed(second, first.letters, result)
    orders = [(first, second)]
    if first.term == second.term:
        orders.append((second, first))
    text = min(spelt(a.letters, b.letters, result) for a, b in orders)
    lengths = dict(
        zip(
            first.letters + second.letters,
            (*first.aval.shape, *second.aval.shape),
            strict=True,
        )
    )
    shape = tuple(lengths[c] for c in result)
    pair, given = (first.term, second.term), (first.aval, second.aval)
    return App(named("contract"), pair, (("spec", text),), shape, given)


def spelt(first: str, second: str, result: str) -> str:
    """A spec, its letters named in the order in which they appear."""
    names: dict[str, str] = {}
    for c in first + second:
        names.setdefault(c, ascii_letters[len(names)])
    words = ["".join(names[c] for c in word) for word in (first, second, result)]
    return f"{words[0]},{words[1]}->{words[2]}"


def untransposed(x: Entry, other: str, result: str) -> Entry:
    """A symmetric factor with its letters in the order in which it needs no transpose.

    Its two letters may change places: it stands as it is, not transposed.
    """
    if len(x.letters) != 2 or not is_symmetric(x.term):
        return x
    inside = [c for c in x.letters if c in result]
    if len(inside) == 1:
        (kept,) = inside
        (summed,) = set(x.letters) - {kept}
        letters = kept + summed if result.startswith(kept) else summed + kept
    else:
        letters = "".join(sorted(x.letters, key=(result + other).index))
    return Entry(x.term, letters, x.aval)


# ------------------------------------------------------------ a shared factor


def collected(x: Sum) -> Iterator[tuple[str, Term]]:
    """Products that share a factor as the product of it with their sum."""
    products = [(c, m, rest, y) for c, m in x.items for rest, y in product_in(m)]
    for (c, m, rest, y), (d, n, others, z) in combinations(products, 2):
        if m is n or rest != others or y.shape != z.shape:
            continue
        for both in with_shared(y, z, c, d):
            left = add(x, scale(-c, m), scale(-d, n))
            yield "shared factor", add(left, mul(rest, both))


def product_in(x: Term) -> Iterator[tuple[Term, App]]:
    """Each contraction among the factors of a term, with the other factors."""
    _, factors = split(x)
    for i, (base, exponent) in enumerate(factors):
        if isinstance(base, App) and exponent == 1:
            rest = [*factors[:i], *factors[i + 1 :]]
            product = base if is_product(base) else product_with_ones(base)
            if product is not None:
                yield from_factors(Fraction(1), rest), product


def product_with_ones(x: App) -> App | None:
    """The sums of a matrix along one axis, as its product with a vector of ones."""
    (whole,) = x.given[:1] or (None,)
    if x.primitive.name != "sum" or whole is None or whole.ndim != 2:
        return None
    axes, keepdims = dict(x.params)["axis"], dict(x.params)["keepdims"]
    if keepdims or len(axes) != 1 or x.operands[0].shape != whole.shape:
        return None
    spec = "ab,a->b" if axes == (0,) else "ab,b->a"
    ones = whole.like((whole.shape[axes[0]],))
    pair = (x.operands[0], ONE)
    params = (("spec", spec),)
    return App(named("contract"), pair, params, x.shape, (whole, ones))


def with_shared(y: App, z: App, c: Coefficient, d: Coefficient) -> Iterator[Term]:
    """c·y + d·z as one product, for each factor that both have in the same place."""
    size: Any = abs(c) if abs(c) == abs(d) else 1
    for i in range(2):
        for j in range(2):
            if y.operands[i] != z.operands[j] or y.given[i] != z.given[j]:
                continue
            mine, axes = lined_up(y, i, z, j)
            if axes is None:
                continue
            other = turned(z.operands[1 - j], axes, z.given[1 - j])
            total = add(scale(c / size, y.operands[1 - i]), scale(d / size, other))
            pair, given = [total, total], [y.given[1 - i]] * 2
            pair[i], given[i] = y.operands[i], y.given[i]
            spec = (("spec", mine),)
            product = apply(y.primitive, tuple(pair), spec, y.shape, tuple(given))
            yield scale(size, product)


def lined_up(y: App, i: int, z: App, j: int) -> tuple[str, tuple[int, ...] | None]:
    """The spec of y, and how the other factor of z is transposed to stand in it."""
    mine, others = letters_of(y), letters_of(z)
    names = dict(zip(others[j], mine[i], strict=True))
    for c, to in zip(others[2], mine[2], strict=True):
        if names.setdefault(c, to) != to:
            return "", None
    letters = [names.get(c, "?") for c in others[1 - j]]
    own = mine[1 - i]
    if sorted(letters) != sorted(own) or len(set(names.values())) < len(names):
        return "", None
    return dict(y.params)["spec"], tuple(letters.index(c) for c in own)
