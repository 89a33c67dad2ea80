"""Forms: what a term can be, and what its form alone tells.

A term is a number, a symbol (a value of a graph), a sum with coefficients, a product
with exponents, or an operation applied to terms. The classes hold the parts they are
given; the constructors in ``simplify.term``, which the operators call, bring parts into
normal form. Nothing here knows a rule of algebra.

Shapes are NumPy's: operands of a sum or product broadcast by themselves, and a term
that loses its last array (x/x = 1) is given its shape back when it is written into a
graph.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeGuard

from whence.core.aval import Aval
from whence.core.primitive import Primitive
from whence.core.structure import Pointwise
from whence.ops.shape import broadcast_shapes

Coefficient = Fraction | float
Exponent = Any  # a Coefficient, or a Term where the exponent is not a number
Item = tuple[Coefficient, "Term"]
Factor = tuple["Term", Exponent]
Shape = tuple[int, ...]


class Term:
    """Anything of the algebra; equal by structure."""

    shape: Shape = ()

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What makes two terms the same."""
        raise NotImplementedError

    @cached_property
    def _hash(self) -> int:
        return hash(self.key)

    @cached_property
    def text(self) -> str:
        """A plain text, by which sums and products are ordered."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Term) or self._hash != other._hash:
            return False
        return self.key == other.key

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self.text

    def __add__(self, other: Any) -> Term:
        return normal.add(self, term(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Term:
        return normal.add(self, normal.scale(-1, term(other)))

    def __rsub__(self, other: Any) -> Term:
        return normal.add(term(other), normal.scale(-1, self))

    def __mul__(self, other: Any) -> Term:
        return normal.mul(self, term(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Term:
        return normal.mul(self, normal.power(term(other), Fraction(-1)))

    def __rtruediv__(self, other: Any) -> Term:
        return normal.mul(term(other), normal.power(self, Fraction(-1)))

    def __neg__(self) -> Term:
        return normal.scale(-1, self)

    def __pow__(self, exponent: Any) -> Term:
        return normal.power(
            self, exponent if isinstance(exponent, Term) else exact(exponent)
        )


class Num(Term):
    """A number."""

    def __init__(self, number: Coefficient) -> None:
        self.number = number

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Numbers are the same when their values are."""
        return ("num", self.number)

    @cached_property
    def text(self) -> str:
        """The number."""
        return str(self.number)


class Symbol(Term):
    """A value that the algebra does not look into.

    Attributes:
        of: What it stands for: a value of a graph, a constant's name, or a letter.
        positive: Whether it is known to be greater than 0.
        bounded: Whether it is known to be finite: a bounded function makes it.
        number: Its number, for a constant such as log 2.
        unit: The axes along which its entries sum to 1: those of a softmax.
        centred: The axes along which its entries sum to 0: deviations from a mean.
        symmetric: Whether it is a matrix known to be its own transpose.
    """

    def __init__(
        self,
        of: Any,
        shape: Shape = (),
        *,
        order: str = "",
        positive: bool = False,
        bounded: bool = False,
        number: float | None = None,
        unit: tuple[int, ...] = (),
        centred: tuple[int, ...] = (),
        symmetric: bool = False,
    ) -> None:
        self.of, self.shape, self.order = of, tuple(shape), order or str(of)
        self.positive, self.bounded, self.number = positive, bounded, number
        self.unit, self.centred, self.symmetric = unit, centred, symmetric

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """A symbol is the same when it stands for the same."""
        return ("symbol", self.of)

    @cached_property
    def text(self) -> str:
        """Its place in the program."""
        return self.order


class Sum(Term):
    """A sum of terms with coefficients, collected and in order."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        self.items = items
        self.shape = broadcast_shapes(*(m.shape for _, m in items))

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Its items."""
        return ("sum", self.items)

    @cached_property
    def text(self) -> str:
        """Its items, joined."""
        shown = [m.text if c == 1 else f"{c}*{m.text}" for c, m in self.items]
        return shown[0] if len(shown) == 1 else f"({' + '.join(shown)})"


class Prod(Term):
    """A product of bases with exponents, merged and in order."""

    def __init__(self, factors: tuple[Factor, ...]) -> None:
        self.factors = factors
        self.shape = broadcast_shapes(*(shape_of(b, e) for b, e in factors))

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Its factors."""
        return ("prod", self.factors)

    @cached_property
    def text(self) -> str:
        """Its factors, joined."""
        return "*".join(b.text if e == 1 else f"{b.text}**{e}" for b, e in self.factors)


class App(Term):
    """An operation applied to terms.

    Attributes:
        primitive: The operation.
        operands: What it is applied to.
        given: The shape and dtype in which it takes each operand.
        params: Its params, as sorted pairs.
    """

    def __init__(
        self,
        primitive: Primitive,
        operands: tuple[Term, ...],
        params: tuple[tuple[str, Any], ...] = (),
        shape: Shape = (),
        given: tuple[Aval, ...] = (),
    ) -> None:
        self.primitive, self.operands, self.params = primitive, operands, params
        self.shape = tuple(shape)
        self.given = given or tuple(Aval(x.shape) for x in operands)

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Operation, operands and params; where it is entrywise, its shape alone."""
        entrywise = isinstance(self.primitive.structure, Pointwise)
        taken = self.shape if entrywise else self.given
        return ("app", self.primitive.name, self.operands, self.params, taken)

    @cached_property
    def text(self) -> str:
        """As a call."""
        operands = ", ".join(x.text for x in self.operands)
        return f"{self.primitive.name}({operands})"


def shape_of(base: Term, exponent: Exponent) -> Shape:
    """The shape of a power."""
    if isinstance(exponent, Term):
        return broadcast_shapes(base.shape, exponent.shape)
    return base.shape


# ------------------------------------------------------------------- numbers

ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))
EULER = Symbol("e", order="~e", positive=True, number=2.718281828459045)


def exact(number: Any) -> Coefficient:
    """A number as a fraction, if it is one of few digits; else the float it is.

    0.1 is 1/10, and the float nearest to 1/3 is 1/3.
    """
    if isinstance(number, (Fraction, int)):
        return Fraction(number)
    value = float(number)
    if not math.isfinite(value):
        return value
    fraction = Fraction(repr(value))
    if fraction.denominator <= 10**6:
        return fraction
    near = Fraction(value).limit_denominator(1_000)
    return near if float(near) == value else value


def term(x: Any) -> Term:
    """A term from a term or a number."""
    return x if isinstance(x, Term) else Num(exact(x))


def is_exact(x: Any) -> bool:
    """Whether a number is a fraction, not a float."""
    return isinstance(x, (Fraction, int))


def whole(exponent: Exponent) -> bool:
    """Whether an exponent is a whole number."""
    return is_exact(exponent) and Fraction(exponent).denominator == 1


# --------------------------------------------------------- what is known of it

ODD = frozenset(
    {
        "sin",
        "tan",
        "sinh",
        "tanh",
        "arcsin",
        "arctan",
        "arcsinh",
        "arctanh",
        "erf",
        "cbrt",
        "sign",
    }
)

POSITIVE_RESULTS = frozenset({"sigmoid", "softmax", "softplus", "cosh", "exp2"})


def is_applied(x: Term, name: str) -> TypeGuard[App]:
    """Whether a term is an operation of this name, on something."""
    return isinstance(x, App) and x.primitive.name == name


def is_positive(x: Term) -> bool:
    """Whether a term is greater than 0 for every number, by its form alone."""
    match x:
        case Num():
            return x.number > 0
        case Symbol():
            return x.positive
        case App():
            return x.primitive.name in POSITIVE_RESULTS
        case Prod():
            return all(is_positive(b) for b, _ in x.factors)
        case Sum():
            return all(c > 0 and not_negative(m) for c, m in x.items) and any(
                is_positive(m) for _, m in x.items
            )
    return False


def even(exponent: Exponent) -> bool:
    """Whether an exponent is an even whole number."""
    return whole(exponent) and Fraction(exponent).numerator % 2 == 0


def not_negative(x: Term) -> bool:
    """Whether a term is at least 0 for every number, by its form alone."""
    if isinstance(x, Prod):
        return all(even(e) or is_positive(b) or not_negative(b) for b, e in x.factors)
    return is_positive(x) or (
        isinstance(x, App) and x.primitive.name in ("abs", "norm")
    )


def symbols_of(x: Term) -> set[Symbol]:
    """The symbols that occur in a term."""
    found: set[Symbol] = set()
    waiting = [x]
    while waiting:
        now = waiting.pop()
        if isinstance(now, Symbol):
            found.add(now)
        else:
            waiting.extend(children(now))
    return found


def children(x: Term) -> list[Term]:
    """The terms directly inside a term."""
    match x:
        case Sum():
            return [m for _, m in x.items]
        case Prod():
            return [
                t
                for b, e in x.factors
                for t in ((b, e) if isinstance(e, Term) else (b,))
            ]
        case App():
            return list(x.operands)
    return []


# The operators need the constructors, and those need the classes above; imported here,
# either module may be the first.
from whence.simplify import term as normal  # noqa: E402 - see above
