"""Matrices read off what they do: from H v, linear in v, to H.

    matrix_of(Xᵀ (d ⊙ (X v)), v)  ->  Xᵀ diag(d) X

A term that is linear in a vector v is made of sums, of entrywise products with what
does not depend on v, and of contractions; each of these says what it does to the matrix
behind. Nothing is multiplied out: what is diagonal stays a diagonal, an outer product
stays one, and a matrix product keeps its factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from whence.core.aval import Aval
from whence.core.primitive import named
from whence.simplify.constant import constant
from whence.simplify.linear import is_indicator
from whence.simplify.symmetric import turned
from whence.simplify.term import (
    ONE,
    ZERO,
    App,
    Num,
    Prod,
    Shape,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    from_factors,
    mul,
    symbols_of,
)


@dataclass(frozen=True)
class Diagonal:
    """v ↦ a ⊙ v; where a is a number, a multiple of the identity."""

    of: Term


@dataclass(frozen=True)
class Dense:
    """v ↦ M v."""

    matrix: Term


@dataclass(frozen=True)
class Row:
    """v ↦ rᵀ v, a number."""

    of: Term


Map = Diagonal | Dense | Row


def matrix_of(x: Term, v: Symbol) -> Term | None:
    """The matrix, or for a number the row, that a term linear in a vector applies.

    Returns:
        None where it cannot be read off.
    """
    match Reading(v).read(x):
        case Diagonal(a):
            return spread_out(a, entries(v))
        case Row(r):
            return r
        case Dense(matrix):
            return matrix
    return None


def entries(v: Symbol) -> int:
    """How many entries a vector has."""
    (count,) = v.shape
    return count


class Reading:
    """Reads the maps of terms that are linear in a vector."""

    def __init__(self, v: Symbol) -> None:
        self.v, self.count = v, entries(v)

    def moves(self, x: Term) -> bool:
        """Whether a term depends on the vector."""
        return self.v in symbols_of(x)

    def read(self, x: Term) -> Map | None:
        """The map of a term."""
        match x:
            case Symbol() if x == self.v:
                return Diagonal(ONE)
            case Sum():
                return self.of_sum(x)
            case Prod():
                return self.of_product(x)
            case App():
                reading = self.readings.get(x.primitive.name)
                return reading(self, x) if reading else None
        return None

    def of_sum(self, x: Sum) -> Map | None:
        """The sum of the maps of the items."""
        return self.of_items(x, ONE)

    def of_items(self, x: Sum, factor: Term) -> Map | None:
        """The sum of the maps of the items, each with a factor."""
        total: Map | None = None
        for coefficient, item in x.items:
            found = self.read(item)
            found = found and self.scaled(mul(Num(coefficient), factor), found)
            if found is None or (isinstance(found, Row) and x.shape):
                return None
            total = found if total is None else self.added(total, found)
        return total

    def added(self, first: Map, second: Map) -> Map:
        """The sum of two maps."""
        match first, second:
            case Row(a), Row(b):
                return Row(add(a, b))
            case Diagonal(a), Diagonal(b):
                return Diagonal(add(a, b))
        return Dense(add(self.dense(first), self.dense(second)))

    def dense(self, x: Map) -> Term:
        """A map as a matrix."""
        match x:
            case Dense(matrix):
                return matrix
            case Diagonal(a):
                return spread_out(a, self.count)
        raise AssertionError("a number has no matrix")

    def of_product(self, x: Prod) -> Map | None:
        """Factors that rest, times one that moves."""
        moving = [(b, e) for b, e in x.factors if self.moves(b)]
        if len(moving) != 1 or moving[0][1] != 1:
            return None
        rest = from_factors(Fraction(1), [f for f in x.factors if f not in moving])
        if self.moves(rest):
            return None
        ((base, _),) = moving
        if isinstance(base, Sum):
            return self.of_items(base, rest)
        found = self.read(base)
        return found and self.scaled(rest, found)

    def scaled(self, rest: Term, x: Map) -> Map | None:
        """A map with a factor that rests: a number, or an entry for each entry."""
        if len(rest.shape) > 1:
            return None
        match x:
            case Diagonal(a):
                return Diagonal(mul(rest, a))
            case Row(r) if rest.shape:
                shapes = rest.shape, (self.count,)
                return Dense(product("i,j->ij", rest, r, shapes))
            case Row(r):
                return Row(mul(rest, r))
            case Dense(matrix) if rest.shape:
                diagonal = spread_out(rest, matrix.shape[0])
                return Dense(product("ij,jk->ik", diagonal, matrix))
        return Dense(mul(rest, x.matrix))

    def of_total(self, x: App) -> Map | None:
        """The sum of all entries."""
        found = self.read(x.operands[0])
        if x.shape or len(x.given[0].shape) != 1 or found is None:
            return None
        over: Term = ONE
        if x.primitive.name == "mean":
            over = ONE / constant(x.given[0].shape[0])
        match found:
            case Diagonal(a):
                return Row(mul(over, a))
            case Dense(matrix):
                params = (("axis", (0,)), ("keepdims", False))
                given = (Aval(matrix.shape),)
                total = apply(named("sum"), (matrix,), params, (self.count,), given)
                return Row(mul(over, total))
        return None

    def of_contraction(self, x: App) -> Map | None:
        """A product with something that rests."""
        k = int(self.moves(x.operands[1]))
        rests, moving = x.operands[1 - k], x.operands[k]
        inner = None if self.moves(rests) else self.read(moving)
        operands, result = dict(x.params)["spec"].split("->")
        letters = operands.split(",")
        mine, other = letters[k], letters[1 - k]
        if isinstance(inner, Row) or inner is None or len(mine) != 1:
            return None
        if mine in result or len(result) > 1 or rests.shape != x.given[1 - k].shape:
            return None
        new = next(c for c in "vwxyz" if c not in other)
        if isinstance(inner, Dense):
            spec = f"{other},{mine}{new}->{result}{new}"
            whole = product(spec, rests, inner.matrix)
        elif not result:
            return Row(mul(rests, inner.of))
        else:
            whole = self.beside(rests, other, mine, inner)
        return Dense(whole) if result else Row(whole)

    def beside(self, rests: Term, other: str, mine: str, inner: Diagonal) -> Term:
        """A matrix, its columns along ``mine``, times a diagonal."""
        if inner.of.shape:
            spec = f"{other},{mine}v->{other.replace(mine, '')}v"
            return product(spec, rests, spread_out(inner.of, self.count))
        return mul(inner.of, turned(rests) if other[0] == mine else rests)

    def of_choice(self, x: App) -> Map | None:
        """A choice between what moves and zero."""
        condition, moving, otherwise = x.operands
        if otherwise != ZERO or self.moves(condition) or x.shape != moving.shape:
            return None
        ones = App(x.primitive, (condition, ONE, ZERO), x.params, x.shape, x.given)
        assert is_indicator(ones), "one where it holds, zero elsewhere"
        found = self.read(moving)
        return found and self.scaled(ones, found)

    readings: ClassVar[dict[str, Callable[[Reading, App], Map | None]]] = {
        "sum": of_total,
        "mean": of_total,
        "contract": of_contraction,
        "select": of_choice,
    }


def product(spec: str, first: Term, second: Term, shapes: Sequence[Shape] = ()) -> Term:
    """A contraction of two terms.

    Args:
        spec: Their letters, and those of the result.
        first: A term.
        second: Another.
        shapes: Those that they are repeated to, if they are.
    """
    operands, result = spec.split("->")
    shapes = shapes or (first.shape, second.shape)
    lengths: dict[str, int] = {}
    for letters, shape in zip(operands.split(","), shapes, strict=True):
        lengths.update(zip(letters, shape, strict=True))
    given = tuple(Aval(shape) for shape in shapes)
    whole = tuple(lengths[i] for i in result)
    params = (("spec", spec),)
    return apply(named("contract"), (first, second), params, whole, given)


def spread_out(x: Term, count: int) -> Term:
    """A vector as the diagonal of a matrix; of a number, a multiple of the identity."""
    coefficient, rest = (x, ONE) if not x.shape else (ONE, x)
    shape = (count, count)
    params = (("offset", 0), ("shape", shape))
    given = (Aval((count,)),)
    matrix = apply(named("embed_diagonal"), (rest,), params, shape, given)
    return mul(coefficient, matrix)
