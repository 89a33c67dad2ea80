"""Primitives: what one operation is, and everything that the system knows about it.

An operation is one record, in one file of ``whence.ops``. Its derivative is declared in
the weakest form that says it, and nobody writes a vjp: forward mode follows from the
form, and reverse mode is forward mode transposed.

This module knows nothing of any particular operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from whence.core.aval import Aval
from whence.core.notation import Notation
from whence.core.structure import Structure

if TYPE_CHECKING:
    from whence.core.tracer import Tracer

Interval = tuple[float, float]
REAL: Interval = (-inf, inf)
POSITIVE: Interval = (0.0, inf)
UNIT: Interval = (-1.0, 1.0)
PROBABILITY: Interval = (0.0, 1.0)

Rule = Callable[..., Any]

# ------------------------------------------- the forms a derivative can have


@dataclass(frozen=True)
class Partials:
    """Entrywise: ``rule(y, *x, **params)`` gives the partial of y by each operand.

    A partial that is None is zero: the operand moves the result nowhere.
    """

    rule: Rule


@dataclass(frozen=True)
class Linear:
    """Linear in all operands together, so tangents pass through the operation itself.

    ``transposes[i](y_bar, *x, **params)`` sends a cotangent of the result back to
    operand i. The last transpose serves all further operands; an operation with any
    number of operands gives a function from i to the transpose instead. A transpose may
    read the operands that rest, and of those that move only the aval. Operands of
    integers and booleans (an index) take no part.
    """

    transposes: tuple[Rule, ...] | Callable[[int], Rule]


@dataclass(frozen=True)
class Multilinear:
    """Linear in each operand while the others rest, so the product rule holds."""

    transposes: tuple[Rule, ...]


@dataclass(frozen=True)
class Differential:
    """``rule(y, x, x_dot, **params)`` is the tangent of y, linear in the tangents.

    ``x`` is the tuple of operands, ``x_dot`` that of their tangents (None at rest).
    """

    rule: Rule


@dataclass(frozen=True)
class Constant:
    """The derivative is zero wherever it exists; ``reason`` says why."""

    reason: str


@dataclass(frozen=True)
class NoDerivative:
    """There is a derivative and it is not provided; ``reason`` is for the message."""

    reason: str


@dataclass(frozen=True)
class Defined:
    """The derivative is that of the record's ``definition``."""


Derivative = (
    Partials | Linear | Multilinear | Differential | Constant | NoDerivative | Defined
)


@dataclass(frozen=True)
class Kink:
    """Where an operation has no derivative, and what it takes for one there.

    Attributes:
        at: Which entries of the result are there: ``at(y, *x, **params)``, a mask.
        sides: How it moves on either side, in words.
        taken: The derivative by convention, and why; docs/conventions.md has them all.
    """

    at: Callable[..., Any]
    sides: str
    taken: str


@dataclass(frozen=True)
class Example:
    """What a test gives to an operation.

    Attributes:
        shapes: One shape for each operand.
        params: The params.
        dtypes: One dtype for each operand; float64 where nothing is said.
        fixed: Operands that are given as they are, by position.
    """

    shapes: tuple[tuple[int, ...], ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ()
    fixed: Mapping[int, Any] = field(default_factory=dict)


# ------------------------------------------------------------- an operation


@dataclass(frozen=True, eq=False)
class Primitive:
    """One operation, and everything the system knows about it.

    Attributes:
        name: What a printed graph calls it.
        result: Its shape rule: the aval of the result from those of the operands.
        reference: Its numbers, as a NumPy function with which every backend must agree.
        derivative: How its result moves when its operands do.
        structure: Which loop it is.
        notation: How it is written.
        domain: The open interval each operand lies in; tests draw inputs from it.
        source: Where a reader finds the derivative proved.
        linear: The transposes by the operands in which it is linear while the others
            rest, where ``derivative`` does not say so itself: x / y is linear in x.
        definition: The operation as a graph of others, ``definition(*x, **params)``.
        numpy: The functions of NumPy that it answers; "special.expit" names one of
            SciPy's, which is loaded only when it is called.
        front: Their signature, ``front(*args, **kwargs)`` writing the operation; None
            when it is entrywise and needs its operands made alike, no more.
        because: What a derivation says for its derivative ("sine rule").
        kink: Where it has none, and what it takes there.
        examples: What tests give to it; by default a vector for each operand.
    """

    name: str
    result: Callable[..., Aval | tuple[Aval, ...]]
    reference: Callable[..., Any]
    derivative: Derivative
    structure: Structure
    notation: Notation
    domain: tuple[Interval, ...]
    source: str
    linear: Mapping[int, Rule] = field(default_factory=dict)
    definition: Rule | None = None
    numpy: tuple[Any, ...] = ()
    front: Callable[..., Any] | None = None
    because: str = ""
    kink: Kink | None = None
    examples: tuple[Example, ...] = ()

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return named, (self.name,)

    def __call__(self, *operands: Tracer | float, **params: Any) -> Tracer:
        """Write this operation into the graph that its operands belong to.

        Tracers must agree in shape and dtype as the operation demands; a plain number
        stands for an array like the first tracer.
        """
        from whence.core.builder import write

        return write(self, operands, params)

    def transposes(self, count: int) -> tuple[Rule | None, ...]:
        """The transpose by each of its operands; None where it is not linear."""
        match self.derivative:
            case Linear(rules) | Multilinear(rules):
                if callable(rules):
                    return tuple(rules(i) for i in range(count))
                return tuple(rules[min(i, len(rules) - 1)] for i in range(count))
        return tuple(self.linear.get(i) for i in range(count))


PRIMITIVES: dict[str, Primitive] = {}

# what a function of NumPy or SciPy becomes when it meets a tracer
ANSWERS: dict[Any, Callable[..., Any]] = {}


def named(name: str) -> Primitive:
    """The primitive of a name."""
    return PRIMITIVES[name]


def define(primitive: Primitive) -> Primitive:
    """Make a primitive known to every part of the system."""
    from whence.core.tracer import entered

    name = primitive.name
    assert name not in PRIMITIVES, f"{name} is defined twice"
    assert primitive.derivative != Defined() or primitive.definition, (
        f"{name}: undefined"
    )
    PRIMITIVES[name] = primitive
    if primitive.front:
        front = entered(primitive.front)
        for function in primitive.numpy:
            ANSWERS[function] = front
    return primitive


def answers(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare what functions of NumPy become on traced values, in other operations.

    For functions that are no operation of their own: ``np.vstack`` is reshapes and a
    concatenate. The decorated function has NumPy's signature.
    """
    from whence.core.tracer import entered

    def declare(front: Callable[..., Any]) -> Callable[..., Any]:
        wrapped = entered(front)
        for function in dict.fromkeys(functions):  # NumPy has aliases
            assert function not in ANSWERS, f"{function} is answered twice"
            ANSWERS[function] = wrapped
        return wrapped

    return declare
