"""Identities that shorten a term: trigonometric, hyperbolic, logarithms, differences.

Each is two terms over the same letters; the tests evaluate both sides, and a search
uses one only where it leaves the term cheaper.
"""

from __future__ import annotations

from typing import Any

from whence.simplify.rule import Rule, function, rule
from whence.simplify.term import EULER, Term, power, term

IDENTITIES: list[Rule] = []

sin, cos, tan = function("sin"), function("cos"), function("tan")
sinh, cosh, tanh = function("sinh"), function("cosh"), function("tanh")
log, sigmoid, softplus = function("log"), function("sigmoid"), function("softplus")
hypot = function("hypot")
expm1, absolute, sign = function("expm1"), function("abs"), function("sign")


def exp(x: Any) -> Term:
    """The exponential of a term."""
    return power(EULER, term(x))


@rule("Pythagoras", into=IDENTITIES, source="DLMF 4.21.12")
def _(x: Term) -> Any:
    return sin(x) ** 2 + cos(x) ** 2, 1


@rule("Pythagoras", into=IDENTITIES, source="DLMF 4.21.12")
def _(x: Term) -> Any:
    return 1 - sin(x) ** 2, cos(x) ** 2


@rule("Pythagoras", into=IDENTITIES, source="DLMF 4.21.12")
def _(x: Term) -> Any:
    return 1 - cos(x) ** 2, sin(x) ** 2


@rule("tangent", into=IDENTITIES, source="DLMF 4.14.4")
def _(x: Term) -> Any:
    return sin(x) / cos(x), tan(x)


@rule("tangent", into=IDENTITIES, source="DLMF 4.21.13")
def _(x: Term) -> Any:
    return (1 + tan(x) ** 2) * cos(x) ** 2, 1


@rule("tangent", into=IDENTITIES, source="DLMF 4.21.13")
def _(x: Term) -> Any:
    return 1 / cos(x) ** 2 - tan(x) ** 2, 1


@rule("tangent", into=IDENTITIES, source="DLMF 4.21.13")
def _(x: Term) -> Any:
    return sin(x) / cos(x) ** 3 - tan(x) ** 3, tan(x)


@rule("hyperbolic Pythagoras", into=IDENTITIES, source="DLMF 4.35.11")
def _(x: Term) -> Any:
    return cosh(x) ** 2 - sinh(x) ** 2, 1


@rule("hyperbolic tangent", into=IDENTITIES, source="DLMF 4.28.3")
def _(x: Term) -> Any:
    return sinh(x) / cosh(x), tanh(x)


@rule("hyperbolic tangent", into=IDENTITIES, source="DLMF 4.28.6")
def _(x: Term) -> Any:
    return cosh(x) / sinh(x), 1 / tanh(x)


@rule("hyperbolic tangent", into=IDENTITIES, source="σ(2x) = (1 + tanh x)/2")
def _(x: Term) -> Any:
    return 2 * sigmoid(2 * x) - 1, tanh(x)


@rule("hyperbolic tangent", into=IDENTITIES, source="σ(−2x) = (1 − tanh x)/2")
def _(x: Term) -> Any:
    return 1 - 2 * sigmoid(-2 * x), tanh(x)


@rule("difference of squares", into=IDENTITIES, source="distributivity")
def _(x: Term) -> Any:
    return (1 + x) * (1 - x), 1 - x**2


@rule("hypotenuse", into=IDENTITIES, source="hypot(x, y)² = x² + y²")
def _(x: Term, y: Term) -> Any:
    return hypot(x, y) ** 2 - x**2, y**2


@rule("hypotenuse", into=IDENTITIES, source="hypot(x, y)² = x² + y²")
def _(x: Term, y: Term) -> Any:
    return hypot(x, y) ** 2 - y**2, x**2


@rule("log of exp", into=IDENTITIES, source="DLMF 4.2.20")
def _(x: Term) -> Any:
    return log(exp(x)), x


@rule("complement", into=IDENTITIES, source="1 − 1/(1 + e^(−z)) = 1/(1 + e^z)")
def _(x: Term) -> Any:
    return sigmoid(x) + sigmoid(-x), 1


@rule("complement", into=IDENTITIES, source="1 − 1/(1 + e^z) = 1/(1 + e^(−z))")
def _(x: Term) -> Any:
    return 1 - sigmoid(-x), sigmoid(x)


@rule(
    "sigmoid by exponentials", into=IDENTITIES, kind="repair", source="its definition"
)
def _(x: Term) -> Any:
    return sigmoid(x) * (1 + exp(-x)), 1


@rule("sign times size", into=IDENTITIES, source="by cases")
def _(x: Term) -> Any:
    return sign(x) * absolute(x), x


@rule("x over its size", into=IDENTITIES, kind="repair", source="by cases")
def _(x: Term) -> Any:
    return x / absolute(x), sign(x)


@rule("square of a size", into=IDENTITIES, source="by cases")
def _(x: Term) -> Any:
    return absolute(x) ** 2, x**2


@rule("exponential less one", into=IDENTITIES, source="its definition")
def _(x: Term) -> Any:
    return expm1(x) + 1, exp(x)


@rule("exponential less one", into=IDENTITIES, source="its definition")
def _(x: Term) -> Any:
    return exp(x) - expm1(x), 1


@rule("exponential less one", into=IDENTITIES, source="e^x times both sides")
def _(x: Term) -> Any:
    return exp(-x) / expm1(-x), -1 / expm1(x)


@rule("tangent", into=IDENTITIES, source="DLMF 4.14.4")
def _(x: Term) -> Any:
    return sin(x) ** 2 / cos(x) ** 2, tan(x) ** 2


@rule("double angle", into=IDENTITIES, source="DLMF 4.21.27")
def _(x: Term) -> Any:
    return 2 * sin(x) * cos(x), sin(2 * x)


@rule("double angle", into=IDENTITIES, source="DLMF 4.21.28")
def _(x: Term) -> Any:
    return cos(x) ** 2 - sin(x) ** 2, cos(2 * x)


@rule("double angle", into=IDENTITIES, source="DLMF 4.21.28")
def _(x: Term) -> Any:
    return 2 * cos(x) ** 2 - 1, cos(2 * x)


@rule("double angle", into=IDENTITIES, source="DLMF 4.21.28")
def _(x: Term) -> Any:
    return 1 - 2 * sin(x) ** 2, cos(2 * x)


@rule("half angle", into=IDENTITIES, source="DLMF 4.21.28")
def _(x: Term) -> Any:
    return (1 - tan(x) ** 2) / (1 + tan(x) ** 2), cos(2 * x)


@rule("half angle", into=IDENTITIES, source="DLMF 4.21.27")
def _(x: Term) -> Any:
    return tan(x) / (1 + tan(x) ** 2), sin(2 * x) / 2


@rule("half angle", into=IDENTITIES, source="DLMF 4.21.27")
def _(x: Term) -> Any:
    return tan(x) + 1 / tan(x), 2 / sin(2 * x)


@rule("hyperbolic half angle", into=IDENTITIES, source="DLMF 4.35.23")
def _(x: Term) -> Any:
    return (1 - tanh(x) ** 2) / (1 + tanh(x) ** 2), 1 / cosh(2 * x)


@rule("hyperbolic tangent", into=IDENTITIES, source="DLMF 4.28.3")
def _(x: Term) -> Any:
    return sinh(x) ** 2 / cosh(x) ** 2, tanh(x) ** 2


@rule("hyperbolic double angle", into=IDENTITIES, source="DLMF 4.35.22")
def _(x: Term) -> Any:
    return 2 * sinh(x) * cosh(x), sinh(2 * x)


@rule("hyperbolic double angle", into=IDENTITIES, source="DLMF 4.35.23")
def _(x: Term) -> Any:
    return cosh(x) ** 2 + sinh(x) ** 2, cosh(2 * x)


@rule("size", into=IDENTITIES, source="by cases")
def _(x: Term) -> Any:
    return x * sign(x), absolute(x)


@rule("x over its size", into=IDENTITIES, kind="repair", source="by cases")
def _(x: Term) -> Any:
    return sign(x) / absolute(x), 1 / x


@rule("inverse function", into=IDENTITIES, source="DLMF 4.23.1")
def _(x: Term) -> Any:
    return sin(function("arcsin")(x)), x


@rule("inverse function", into=IDENTITIES, source="DLMF 4.23.2")
def _(x: Term) -> Any:
    return cos(function("arccos")(x)), x


@rule("inverse function", into=IDENTITIES, source="DLMF 4.23.3")
def _(x: Term) -> Any:
    return tan(function("arctan")(x)), x
