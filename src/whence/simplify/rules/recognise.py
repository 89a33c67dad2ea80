"""Functions that users write out by hand, known again before differentiating.

    1/(1 + exp(-z))  ->  sigmoid(z)         log(1 + exp(x))  ->  softplus(x)

Then the local derivatives are in terms of outputs, and the form that runs is the stable
one. Each is a repair: the right side is defined where the left overflows.
"""

from __future__ import annotations

from typing import Any

from whence.simplify.rule import Rule, function, rule
from whence.simplify.rules.identities import (
    absolute,
    cosh,
    exp,
    expm1,
    log,
    sigmoid,
    sinh,
    softplus,
    tanh,
)
from whence.simplify.term import Term

RECOGNISE: list[Rule] = []

log1p = function("log1p")
maximum, minimum = function("maximum"), function("minimum")


@rule("is-tanh", into=RECOGNISE, kind="repair", source="DLMF 4.28.3")
def _(z: Term) -> Any:
    return (exp(z) - exp(-z)) / (exp(z) + exp(-z)), tanh(z)


@rule("is-tanh", into=RECOGNISE, kind="repair", source="DLMF 4.28.3")
def _(z: Term) -> Any:
    return (exp(z) - 1) / (exp(z) + 1), tanh(z / 2)


@rule("is-tanh", into=RECOGNISE, kind="repair", source="DLMF 4.28.3")
def _(z: Term) -> Any:
    return (1 - exp(z)) / (1 + exp(z)), tanh(-z / 2)


@rule("is-tanh", into=RECOGNISE, kind="repair", source="DLMF 4.28.3")
def _(z: Term) -> Any:
    return sinh(z) / cosh(z), tanh(z)


@rule("is-sigmoid", into=RECOGNISE, kind="repair", source="the definition of σ")
def _(z: Term) -> Any:
    return exp(z) / (1 + exp(z)), sigmoid(z)


@rule("is-sigmoid", into=RECOGNISE, kind="repair", source="the definition of σ")
def _(z: Term) -> Any:
    return 1 / (1 + exp(z)), sigmoid(-z)


@rule("is-sigmoid", into=RECOGNISE, kind="repair", source="(1 + tanh(z/2))/2 = σ(z)")
def _(z: Term) -> Any:
    return (1 + tanh(z)) / 2, sigmoid(2 * z)


@rule("is-softplus", into=RECOGNISE, kind="repair", source="the definition")
def _(z: Term) -> Any:
    return log(1 + exp(z)), softplus(z)


@rule("is-softplus", into=RECOGNISE, kind="repair", source="the definition")
def _(z: Term) -> Any:
    return log1p(exp(z)), softplus(z)


@rule("is-softplus", into=RECOGNISE, source="softplus(z) = z + softplus(−z)")
def _(z: Term) -> Any:
    return softplus(-absolute(z)) + maximum(z, 0), softplus(z)


@rule("is-softplus", into=RECOGNISE, source="softplus(z) = z + softplus(−z)")
def _(z: Term) -> Any:
    return softplus(-absolute(z)) + maximum(0, z), softplus(z)


@rule("is-softplus", into=RECOGNISE, source="softplus(z) = z + softplus(−z)")
def _(z: Term) -> Any:
    return softplus(-absolute(z)) + function("relu")(z), softplus(z)


@rule("is-softplus", into=RECOGNISE, source="softplus(z) = z + softplus(−z)")
def _(z: Term) -> Any:
    return softplus(-absolute(z)) - minimum(z, 0), softplus(-z)


@rule("log of sigmoid", into=RECOGNISE, kind="repair", source="−log(1 + e^(−z))")
def _(z: Term) -> Any:
    return log(sigmoid(z)), -softplus(-z)


@rule("is-absolute", into=RECOGNISE, source="by cases")
def _(x: Term) -> Any:
    return (x**2) ** 0.5, absolute(x)


@rule("log of sigmoid", into=RECOGNISE, kind="repair", source="1 − σ(z) = σ(−z)")
def _(z: Term) -> Any:
    return log(1 - sigmoid(z)), -softplus(z)


@rule("log-one-minus-exp", into=RECOGNISE, kind="repair", source="1 − e^x = −expm1(x)")
def _(x: Term) -> Any:
    return log(1 - exp(x)), log(-expm1(x))


@rule("is-scaled-erfc", into=RECOGNISE, kind="repair", source="the definition of erfcx")
def _(x: Term) -> Any:
    return exp(x**2) * function("erfc")(x), function("erfcx")(x)
