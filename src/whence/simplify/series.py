"""Laurent series of terms in one symbol, exact: is a singularity removable?

    laurent(sin(x)/x, x, 0, 5)  ->  1 − x²/6 + x⁴/120, from x⁰ on

Coefficients are fractions, so a leading coefficient is 0 only where it is 0 in the
mathematics. Elementary functions are found by their differential equations. A term that
has no such series (a branch point, an irrational value) raises ``NoSeriesError``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from whence.simplify.term import (
    EULER,
    App,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    is_exact,
    power,
)


class NoSeriesError(Exception):
    """A term is not analytic at a point, or its values there are no fractions."""


@dataclass(frozen=True)
class Series:
    """A Laurent series, cut off.

    Attributes:
        first: The exponent of the first coefficient.
        coefficients: The coefficients; the first is not 0, unless there is none.
    """

    first: int
    coefficients: tuple[Fraction, ...]

    @property
    def end(self) -> int:
        """The first exponent that is not known."""
        return self.first + len(self.coefficients)

    def at(self, n: int) -> Fraction:
        """The coefficient of a power."""
        i = n - self.first
        return self.coefficients[i] if 0 <= i < len(self.coefficients) else Fraction(0)

    def __add__(self, other: Series) -> Series:
        first, end = min(self.first, other.first), min(self.end, other.end)
        return series(first, [self.at(n) + other.at(n) for n in range(first, end)])

    def __mul__(self, other: Series) -> Series:
        count = min(len(self.coefficients), len(other.coefficients))
        a, b = self.coefficients, other.coefficients
        found = [sum(a[i] * b[n - i] for i in range(n + 1)) for n in range(count)]
        return series(self.first + other.first, [Fraction(c) for c in found])

    def scaled(self, number: Fraction) -> Series:
        """The series times a number."""
        return series(self.first, [number * c for c in self.coefficients])

    def __pow__(self, exponent: Fraction) -> Series:
        """The power, by u·P′ = α·u′·P."""
        first = self.first * exponent
        if not self.coefficients or first.denominator != 1:
            raise NoSeriesError
        lead = power(Num(self.coefficients[0]), exponent)
        if not isinstance(lead, Num) or not is_exact(lead.number):
            raise NoSeriesError
        u = [c / self.coefficients[0] for c in self.coefficients]
        p = [Fraction(1)]
        for n in range(1, len(u)):
            terms = (
                (exponent * k - (n - k)) * u[k] * p[n - k] for k in range(1, n + 1)
            )
            p.append(sum(terms, Fraction(0)) / n)
        return series(int(first), [Fraction(lead.number) * c for c in p])

    def derived(self) -> Series:
        """The derivative."""
        exponents = range(self.first, self.end)
        found = [n * c for n, c in zip(exponents, self.coefficients, strict=True)]
        return series(self.first - 1, found)

    def integrated(self, constant: Fraction = Fraction(0)) -> Series:
        """The integral with a given value at the point."""
        if self.at(-1) or self.first < -1:
            raise NoSeriesError
        found = [self.at(n - 1) / n for n in range(1, self.end + 1)]
        return series(0, [constant, *found])


def series(first: int, coefficients: list[Fraction]) -> Series:
    """A series whose first coefficient is not 0."""
    zeros = next((i for i, c in enumerate(coefficients) if c), len(coefficients))
    return Series(first + zeros, tuple(coefficients[zeros:]))


def constant(number: Fraction, count: int) -> Series:
    """A number as a series."""
    return series(0, [number, *[Fraction(0)] * (count - 1)])


def laurent(x: Term, by: Symbol, at: Fraction, count: int) -> Series:
    """The Laurent series of a term about a point.

    Args:
        x: A term over one symbol.
        by: The symbol.
        at: The point.
        count: How many coefficients to begin with; cancellation leaves fewer.

    Raises:
        NoSeriesError: If it has none that is made of fractions.
    """
    match x:
        case Num():
            return constant(fraction(x.number), count)
        case Symbol() if x == by:
            return series(0, [at, Fraction(1), *[Fraction(0)] * (count - 2)])
        case Sum():
            parts = [laurent(m, by, at, count).scaled(fraction(c)) for c, m in x.items]
            return total(parts)
        case Prod():
            factors = [raised(b, e, by, at, count) for b, e in x.factors]
            product = factors[0]
            for other in factors[1:]:
                product = product * other
            return product
        case App() if x.primitive.name in FUNCTIONS:
            (inside,) = x.operands
            return FUNCTIONS[x.primitive.name](laurent(inside, by, at, count))
    raise NoSeriesError


def total(parts: list[Series]) -> Series:
    """The sum of some series."""
    found = parts[0]
    for other in parts[1:]:
        found = found + other
    return found


def raised(
    base: Term, exponent: object, by: Symbol, at: Fraction, count: int
) -> Series:
    """The series of a base to an exponent."""
    if base == EULER:
        inside = (
            exponent if isinstance(exponent, Term) else Num(Fraction(str(exponent)))
        )
        return exp(laurent(inside, by, at, count))
    if not is_exact(exponent):
        raise NoSeriesError
    assert isinstance(exponent, (Fraction, int))
    return laurent(base, by, at, count) ** Fraction(exponent)


def fraction(number: Fraction | float) -> Fraction:
    """A coefficient as the fraction it is."""
    if not isfinite(number):
        raise NoSeriesError
    return Fraction(number)


# ------------------------------------------------- elementary functions, at 0 or 1


def from_zero(u: Series) -> Series:
    """A series that is 0 at the point, or there is no value that is a fraction."""
    if u.first < 0 or u.at(0):
        raise NoSeriesError
    return u


def exp(u: Series) -> Series:
    """E′ = u′·E, from e⁰ = 1."""
    from_zero(u)
    found = [Fraction(1)]
    for n in range(1, u.end):
        terms = (k * u.at(k) * found[n - k] for k in range(1, n + 1))
        found.append(sum(terms, Fraction(0)) / n)
    return series(0, found)


def one(u: Series) -> Series:
    """The number 1, as well known as a series."""
    return constant(Fraction(1), max(u.end, 1))


def log(u: Series) -> Series:
    """∫u′/u, from log 1 = 0."""
    if u.first != 0 or u.at(0) != 1:
        raise NoSeriesError
    return (u.derived() * u ** Fraction(-1)).integrated()


def sine_and_cosine(u: Series) -> tuple[Series, Series]:
    """S′ = u′·C and C′ = −u′·S, from 0 and 1."""
    from_zero(u)
    s, c = [Fraction(0)], [Fraction(1)]
    for n in range(1, u.end):
        slopes = [k * u.at(k) for k in range(n + 1)]
        of_c = sum((slopes[k] * c[n - k] for k in range(1, n + 1)), Fraction(0))
        of_s = sum((slopes[k] * s[n - k] for k in range(1, n + 1)), Fraction(0))
        s.append(of_c / n)
        c.append(-of_s / n)
    return series(0, s), series(0, c)


def sin(u: Series) -> Series:
    """The sine, from 0."""
    return sine_and_cosine(u)[0]


def cos(u: Series) -> Series:
    """The cosine, from 1."""
    return sine_and_cosine(u)[1]


def tan(u: Series) -> Series:
    """The quotient of sine and cosine."""
    s, c = sine_and_cosine(u)
    return s * c ** Fraction(-1)


def cosh(u: Series) -> Series:
    """The even part of the exponential."""
    return (exp(u) + exp(u.scaled(Fraction(-1)))).scaled(Fraction(1, 2))


def sinh(u: Series) -> Series:
    """The odd part of the exponential."""
    return (exp(u) + exp(u.scaled(Fraction(-1))).scaled(Fraction(-1))).scaled(
        Fraction(1, 2)
    )


def by_slope(slope: Callable[[Series], Series]) -> Callable[[Series], Series]:
    """A function that is 0 at 0, by its slope over its own operand."""

    def function(u: Series) -> Series:
        return (from_zero(u).derived() * slope(u)).integrated()

    return function


def power_of_one_and(sign: int, exponent: Fraction) -> Callable[[Series], Series]:
    """The power of 1 ± u²."""
    return lambda u: (one(u) + (u * u).scaled(Fraction(sign))) ** exponent


HALF = Fraction(1, 2)
FUNCTIONS: dict[str, Callable[[Series], Series]] = {
    "log": log,
    "log1p": lambda u: log(one(u) + u),
    "expm1": lambda u: exp(u) + one(u).scaled(Fraction(-1)),
    "sin": sin,
    "cos": cos,
    "tan": tan,
    "sinh": sinh,
    "cosh": cosh,
    "tanh": lambda u: sinh(u) * cosh(u) ** Fraction(-1),
    "arctan": by_slope(power_of_one_and(1, Fraction(-1))),
    "arctanh": by_slope(power_of_one_and(-1, Fraction(-1))),
    "arcsin": by_slope(power_of_one_and(-1, -HALF)),
    "arcsinh": by_slope(power_of_one_and(1, -HALF)),
    "cbrt": lambda u: u ** Fraction(1, 3),
    "sigmoid": lambda u: (one(u) + exp(u.scaled(Fraction(-1)))) ** Fraction(-1),
}
