"""Polynomials: what runs near a point where a closed form has no digits.

A power series cut off, with its coefficients as params: the derivative of one is the
polynomial of the derived coefficients, so every order is right there. ``np.sinc`` has
such a point in its slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial, pi

import numpy as np

from whence.core.notation import LOOSE, Call, Notation
from whence.core.primitive import REAL, Example, Partials, Primitive
from whence.core.tracer import Tracer
from whence.ops.comparison import less, select
from whence.ops.elementwise import absolute, cos, elementwise, same_aval


def evaluated(x: np.ndarray, coefficients: Sequence[float]) -> np.ndarray:
    """The polynomial with these coefficients, lowest first, by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total.astype(x.dtype)


def derived(coefficients: Sequence[float]) -> tuple[float, ...]:
    """The coefficients of the derivative."""
    return tuple(n * c for n, c in enumerate(coefficients) if n) or (0.0,)


def slope(y: Tracer, x: Tracer, coefficients: tuple[float, ...]) -> tuple[Tracer, ...]:
    """The derivative of a polynomial, a polynomial."""
    return (polynomial(x, coefficients=derived(coefficients)),)


polynomial: Primitive = elementwise(
    name="polynomial",
    result=lambda x, coefficients: same_aval(x),
    reference=evaluated,
    derivative=Partials(slope),
    notation=Notation(
        "series({0})",
        r"\operatorname{{series}}\left({0}\right)",
        "np.polynomial.polynomial.polyval({0}, {coefficients})",
        needs=(LOOSE,),
    ),
    domain=(REAL,),
    source="a polynomial is derived term by term",
    because="power rule, term by term",
    examples=(Example(((3,),), {"coefficients": (1.0, -0.5, 0.25)}),),
)

SINC = [(-1) ** k * pi ** (2 * k) / factorial(2 * k + 1) for k in range(14)]
SLOPE = tuple(x for k, c in enumerate(SINC[1:], 1) for x in (0.0, 2 * k * c))
NEAR = 0.25  # where the series runs: beyond, cos and sinc differ by enough


def sinc_slope(y: Tracer, x: Tracer) -> Tracer:
    """(cos(π·x) − y)/x, and its power series where that has no digits."""
    near = less(absolute(x), NEAR)
    series = polynomial(x, coefficients=SLOPE)
    chosen: Tracer = select(near, series, (cos(pi * x) - y) / x)
    return chosen


sinc = elementwise(
    name="sinc",
    reference=np.sinc,
    derivative=Partials(lambda y, x: (sinc_slope(y, x),)),
    notation=Call("sinc", r"\operatorname{sinc}"),
    domain=(REAL,),
    source="the quotient rule on sin(π·x)/(π·x); DLMF 4.19.1 near 0",
    because="quotient rule on sin(π·x)/(π·x)",
    numpy=(np.sinc,),
)
