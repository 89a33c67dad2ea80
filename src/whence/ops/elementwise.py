"""Entrywise operations: arithmetic, powers, exponentials, trigonometric, hyperbolic.

Each acts on every entry of its operands alike, so shapes agree and a derivative is at
most one partial per operand. To add one, write one record here: tracing, printing,
forward and reverse mode and the tests all read the record.

    >>> from whence.api import trace
    >>> print(trace(lambda w, x: np.exp(w * x), np.ones(3), np.ones(3)))
    (w: f64[3], x: f64[3])
      a = mul w x   | traced, prompt:1
      b = exp a     | traced, prompt:1
    -> b
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import DerivativeError, ShapeError
from whence.core.notation import (
    ATOM,
    LOOSE,
    POWER,
    PRODUCT,
    SUM,
    UNARY,
    Call,
    Infix,
    Notation,
)
from whence.core.primitive import (
    POSITIVE,
    REAL,
    UNIT,
    Constant,
    Kink,
    Linear,
    Multilinear,
    Partials,
    Primitive,
    answers,
    define,
    named,
)
from whence.core.structure import Pointwise
from whence.core.tracer import Tracer
from whence.ops.promote import alike, entrywise, filled, literal_number, zeros_like


def same_aval(first: Aval, *rest: Aval) -> Aval:
    """The shape rule of the family: operands agree, and the result is like them."""
    weak = first.weak
    for other in rest:
        if other.shape != first.shape or other.dtype != first.dtype:
            raise ShapeError(
                f"an entrywise operation met {first} and {other}",
                remedy="np.broadcast_to(x, shape) on the operand to be repeated",
            )
        weak = weak and other.weak
    return first if weak == first.weak else Aval(first.shape, first.dtype, weak)


def elementwise(*, floating: bool = True, **fields: Any) -> Primitive:
    """Define an operation of this family.

    Args:
        floating: Whether integers become float64 first, as for exp.
        fields: The fields of ``Primitive`` that the family does not fix.
    """
    family: dict[str, Any] = {"result": same_aval, "structure": Pointwise()}
    primitive = Primitive(**(family | fields))
    front = primitive.front or entrywise(primitive, floating=floating)
    object.__setattr__(primitive, "front", front)
    return define(primitive)


# --------------------------------------------------------------- arithmetic

add = elementwise(
    name="add",
    reference=np.add,
    derivative=Linear((lambda z_bar, x, y: z_bar,)),
    notation=Infix("+", "+", "+", SUM),
    domain=(REAL, REAL),
    source="a sum is linear",
    because="sum rule",
    numpy=(np.add,),
    floating=False,
)

sub = elementwise(
    name="sub",
    reference=np.subtract,
    derivative=Linear((lambda z_bar, x, y: z_bar, lambda z_bar, x, y: -z_bar)),
    notation=Infix("−", "-", "-", SUM, tight=True),
    domain=(REAL, REAL),
    source="a difference is linear",
    because="sum rule",
    numpy=(np.subtract,),
    floating=False,
)

neg = elementwise(
    name="neg",
    reference=np.negative,
    derivative=Linear((lambda y_bar, x: -y_bar,)),
    notation=Notation("−{0}", "-{0}", "-{0}", UNARY, (UNARY,)),
    domain=(REAL,),
    source="a change of sign is linear",
    because="constant factor",
    numpy=(np.negative,),
    floating=False,
)

mul = elementwise(
    name="mul",
    reference=np.multiply,
    derivative=Multilinear(
        (lambda z_bar, x, y: z_bar * y, lambda z_bar, x, y: x * z_bar)
    ),
    notation=Infix("·", r"\cdot", "*", PRODUCT),
    domain=(REAL, REAL),
    source="the product rule",
    because="product rule",
    numpy=(np.multiply,),
    floating=False,
)

div = elementwise(
    name="div",
    reference=np.divide,
    derivative=Partials(lambda z, x, y: (lambda: 1 / y, lambda: -z / y)),
    linear={0: lambda z_bar, x, y: z_bar / y},
    notation=Infix("/", "/", "/", PRODUCT, tight=True),
    domain=(REAL, POSITIVE),
    source="the quotient rule, with x / y read off the result",
    because="quotient rule",
    numpy=(np.divide,),
)


def power_by_base(z: Tracer, x: Tracer, y: Tracer) -> Tracer:
    """The partial y·x^(y−1), which is 0 for the constant x^0 even at x = 0."""
    number = literal_number(y)
    if number is not None:
        exact: dict[Any, Any] = {
            0: lambda: zeros_like(x),
            1: lambda: filled(x, 1),
            2: lambda: 2 * x,
        }
        return exact[number]() if number in exact else y * x ** (y - 1)
    flat = named("equal")(y, 0)
    return named("select")(flat, zeros_like(x), y * x ** (y - 1))


def power_by_exponent(z: Tracer, x: Tracer, y: Tracer) -> Tracer:
    """The partial z·log x, which is 0 where x is 0: 0^y is constant for y > 0."""
    number = literal_number(x)
    if number is not None and number > 0:
        return z * float(np.log(number)) if number != 1 else zeros_like(x)
    empty = named("equal")(x, 0)
    safe = named("select")(empty, filled(x, 1), x)
    return z * log(safe)


power = elementwise(
    name="power",
    reference=np.power,
    derivative=Partials(
        lambda z, x, y: (
            lambda: power_by_base(z, x, y),
            lambda: power_by_exponent(z, x, y),
        )
    ),
    notation=Notation("{0}^{1}", "{{{0}}}^{{{1}}}", "{0} ** {1}", POWER, (ATOM, ATOM)),
    domain=(POSITIVE, REAL),
    source="DLMF 4.7(iii)",
    because="power rule",
    numpy=(np.power,),
    floating=False,
)


sqrt = elementwise(
    name="sqrt",
    reference=np.sqrt,
    derivative=Partials(lambda y, x: (0.5 / y,)),
    notation=Notation("√{0}", r"\sqrt{{{0}}}", "np.sqrt({0})", ATOM, (ATOM, LOOSE)),
    domain=(POSITIVE,),
    source="the power rule, with √x read off the result",
    because="square root in terms of its output",
    kink=Kink(
        lambda y, x: x == 0, "no slope and slope inf", "inf, the limit from the right"
    ),
    numpy=(np.sqrt,),
)

cbrt = elementwise(
    name="cbrt",
    reference=np.cbrt,
    derivative=Partials(lambda y, x: (1 / (3 * y * y),)),
    notation=Notation("cbrt({0})", r"\sqrt[3]{{{0}}}", "np.cbrt({0})"),
    domain=(POSITIVE,),
    source="the power rule, with the root read off the result",
    because="cube root in terms of its output",
    numpy=(np.cbrt,),
)


def of_real(x: Tracer) -> Tracer:
    """A real number; the absolute value of a complex one has no complex derivative."""
    if x.dtype.kind == "c":
        raise DerivativeError(
            "the absolute value of a complex number has no complex derivative",
            remedy="real and imaginary parts as two real arrays",
        )
    return x


absolute = elementwise(
    name="abs",
    reference=np.abs,
    derivative=Partials(lambda y, x: (sign(of_real(x)),)),
    notation=Notation("|{0}|", r"\left|{0}\right|", "np.abs({0})", ATOM, (LOOSE,)),
    domain=(POSITIVE,),
    source="the sign, by cases; 0 at 0 by convention",
    because="absolute value: its sign",
    kink=Kink(lambda y, x: x == 0, "slopes −1 and 1", "0, the middle"),
    numpy=(np.abs, np.fabs),
    floating=False,
)

sign: Primitive = elementwise(
    name="sign",
    reference=np.sign,
    derivative=Constant("the sign is constant on either side of 0"),
    notation=Call("sign", r"\operatorname{sign}"),
    domain=(POSITIVE,),
    source="constant by cases",
    numpy=(np.sign,),
    floating=False,
)

# ------------------------------------------------------- exponential family

exp = elementwise(
    name="exp",
    reference=np.exp,
    derivative=Partials(lambda y, x: (y,)),
    notation=Notation("exp({0})", r"e^{{{0}}}", "np.exp({0})", ATOM),
    domain=(REAL,),
    source="DLMF 4.7(ii)",
    because="exponential rule",
    numpy=(np.exp,),
)

log = elementwise(
    name="log",
    reference=np.log,
    derivative=Partials(lambda y, x: (1 / x,)),
    notation=Call("log", r"\log"),
    domain=(POSITIVE,),
    source="DLMF 4.7(i)",
    because="logarithm rule",
    numpy=(np.log,),
)

exp2 = elementwise(
    name="exp2",
    reference=np.exp2,
    derivative=Partials(lambda y, x: (float(np.log(2)) * y,)),
    notation=Notation("2^{0}", "2^{{{0}}}", "np.exp2({0})", POWER, (ATOM,)),
    domain=(REAL,),
    source="DLMF 4.7(ii)",
    because="exponential rule",
    numpy=(np.exp2,),
)

expm1 = elementwise(
    name="expm1",
    reference=np.expm1,
    derivative=Partials(lambda y, x: (exp(x),)),
    notation=Call("expm1", r"\operatorname{expm1}"),
    domain=(REAL,),
    source="DLMF 4.7(ii)",
    because="exponential rule",
    numpy=(np.expm1,),
)

log1p = elementwise(
    name="log1p",
    reference=np.log1p,
    derivative=Partials(lambda y, x: (1 / (1 + x),)),
    notation=Call("log1p", r"\operatorname{log1p}"),
    domain=(POSITIVE,),
    source="DLMF 4.7(i)",
    because="logarithm rule",
    numpy=(np.log1p,),
)

log2 = elementwise(
    name="log2",
    reference=np.log2,
    derivative=Partials(lambda y, x: (1 / (float(np.log(2)) * x),)),
    notation=Call("log2", r"\log_2"),
    domain=(POSITIVE,),
    source="DLMF 4.7(i)",
    because="logarithm rule",
    numpy=(np.log2,),
)

log10 = elementwise(
    name="log10",
    reference=np.log10,
    derivative=Partials(lambda y, x: (1 / (float(np.log(10)) * x),)),
    notation=Call("log10", r"\log_{10}"),
    domain=(POSITIVE,),
    source="DLMF 4.7(i)",
    because="logarithm rule",
    numpy=(np.log10,),
)

logaddexp = elementwise(
    name="logaddexp",
    reference=np.logaddexp,
    derivative=Partials(
        lambda z, x, y: (
            lambda: named("sigmoid")(x - y),
            lambda: named("sigmoid")(y - x),
        )
    ),
    notation=Call("logaddexp", operands=2),
    domain=(REAL, REAL),
    source="the chain rule on log(e^x + e^y)",
    because="log-add-exp: each exponential's share",
    numpy=(np.logaddexp,),
)

# ------------------------------------------------------------ trigonometric

sin = elementwise(
    name="sin",
    reference=np.sin,
    derivative=Partials(lambda y, x: (cos(x),)),
    notation=Call("sin", r"\sin"),
    domain=(REAL,),
    source="DLMF 4.20",
    because="sine rule",
    numpy=(np.sin,),
)

cos: Primitive = elementwise(
    name="cos",
    reference=np.cos,
    derivative=Partials(lambda y, x: (-sin(x),)),
    notation=Call("cos", r"\cos"),
    domain=(REAL,),
    source="DLMF 4.20",
    because="cosine rule",
    numpy=(np.cos,),
)

tan = elementwise(
    name="tan",
    reference=np.tan,
    derivative=Partials(lambda y, x: (1 + y * y,)),
    notation=Call("tan", r"\tan"),
    domain=(UNIT,),
    source="DLMF 4.20, with 1 + tan² read off the result",
    because="tangent in terms of its output",
    numpy=(np.tan,),
)

arcsin = elementwise(
    name="arcsin",
    reference=np.arcsin,
    derivative=Partials(lambda y, x: (1 / sqrt((1 - x) * (1 + x)),)),
    notation=Call("arcsin", r"\arcsin"),
    domain=(UNIT,),
    source="DLMF 4.24",
    because="inverse sine rule",
    numpy=(np.arcsin,),
)

arccos = elementwise(
    name="arccos",
    reference=np.arccos,
    derivative=Partials(lambda y, x: (-1 / sqrt((1 - x) * (1 + x)),)),
    notation=Call("arccos", r"\arccos"),
    domain=(UNIT,),
    source="DLMF 4.24",
    because="inverse cosine rule",
    numpy=(np.arccos,),
)

arctan = elementwise(
    name="arctan",
    reference=np.arctan,
    derivative=Partials(lambda y, x: (1 / (1 + x * x),)),
    notation=Call("arctan", r"\arctan"),
    domain=(REAL,),
    source="DLMF 4.24",
    because="inverse tangent rule",
    numpy=(np.arctan,),
)


def arctan2_partials(z: Tracer, y: Tracer, x: Tracer) -> tuple[Any, Any]:
    """x/r² and −y/r², both 0 at the origin by convention."""
    r = named("hypot")(x, y)
    centre = named("equal")(r, 0)
    choose = named("select")
    zero = zeros_like(z)
    return (
        lambda: choose(centre, zero, x / r / r),
        lambda: choose(centre, zero, -y / r / r),
    )


arctan2 = elementwise(
    name="arctan2",
    reference=np.arctan2,
    derivative=Partials(arctan2_partials),
    notation=Call("arctan2", operands=2),
    domain=(POSITIVE, POSITIVE),
    source="the chain rule on arctan(y / x)",
    because="angle rule",
    kink=Kink(
        lambda y, a, b: (a == 0) & (b == 0),
        "another value in every direction",
        "0, since no direction is better than another",
    ),
    numpy=(np.arctan2,),
)

# --------------------------------------------------------------- hyperbolic

sinh = elementwise(
    name="sinh",
    reference=np.sinh,
    derivative=Partials(lambda y, x: (cosh(x),)),
    notation=Call("sinh", r"\sinh"),
    domain=(REAL,),
    source="DLMF 4.34",
    because="hyperbolic sine rule",
    numpy=(np.sinh,),
)

cosh: Primitive = elementwise(
    name="cosh",
    reference=np.cosh,
    derivative=Partials(lambda y, x: (sinh(x),)),
    notation=Call("cosh", r"\cosh"),
    domain=(REAL,),
    source="DLMF 4.34",
    because="hyperbolic cosine rule",
    numpy=(np.cosh,),
)

tanh = elementwise(
    name="tanh",
    reference=np.tanh,
    derivative=Partials(lambda y, x: (1 - y * y,)),
    notation=Call("tanh", r"\tanh"),
    domain=(REAL,),
    source="DLMF 4.34, with 1 − tanh² read off the result",
    because="tanh in terms of its output",
    numpy=(np.tanh,),
)

arcsinh = elementwise(
    name="arcsinh",
    reference=np.arcsinh,
    derivative=Partials(lambda y, x: (1 / named("hypot")(x, 1),)),
    notation=Call("arcsinh", r"\operatorname{arsinh}"),
    domain=(REAL,),
    source="DLMF 4.38",
    because="inverse hyperbolic sine rule",
    numpy=(np.arcsinh,),
)

arccosh = elementwise(
    name="arccosh",
    reference=np.arccosh,
    derivative=Partials(lambda y, x: (1 / (sqrt(x - 1) * sqrt(x + 1)),)),
    notation=Call("arccosh", r"\operatorname{arcosh}"),
    domain=((1.0, np.inf),),
    source="DLMF 4.38",
    because="inverse hyperbolic cosine rule",
    numpy=(np.arccosh,),
)

arctanh = elementwise(
    name="arctanh",
    reference=np.arctanh,
    derivative=Partials(lambda y, x: (1 / ((1 - x) * (1 + x)),)),
    notation=Call("arctanh", r"\operatorname{artanh}"),
    domain=(UNIT,),
    source="DLMF 4.38",
    because="inverse hyperbolic tangent rule",
    numpy=(np.arctanh,),
)


def hypot_partials(z: Tracer, x: Tracer, y: Tracer) -> tuple[Any, Any]:
    """x/z and y/z, both 0 at the origin by convention."""
    centre = named("equal")(z, 0)
    choose = named("select")
    return (
        lambda: choose(centre, zeros_like(z), x / z),
        lambda: choose(centre, zeros_like(z), y / z),
    )


hypot = elementwise(
    name="hypot",
    reference=np.hypot,
    derivative=Partials(hypot_partials),
    notation=Call("hypot", operands=2),
    domain=(POSITIVE, POSITIVE),
    source="the chain rule on √(x² + y²)",
    because="length in terms of its output",
    kink=Kink(
        lambda y, a, b: y == 0,
        "slopes −1 and 1 along every line",
        "0, the least of all slopes there",
    ),
    numpy=(np.hypot,),
)

# ------------------------------------------------- in terms of the ones above


@answers(np.square)
def square(x: Any) -> Tracer:
    """``np.square``: the power 2."""
    return alike((x,))[0] ** 2


@answers(np.reciprocal)
def reciprocal(x: Any) -> Tracer:
    """``np.reciprocal``: 1 / x."""
    return 1 / alike((x,))[0]


@answers(np.float_power)
def float_power(x: Any, y: Any) -> Tracer:
    """``np.float_power``: a power in float64."""
    return power(*alike((x, y), floating=True))


@answers(np.deg2rad, np.radians)
def deg2rad(x: Any) -> Tracer:
    """``np.deg2rad``."""
    return alike((x,), floating=True)[0] * (np.pi / 180)


@answers(np.rad2deg, np.degrees)
def rad2deg(x: Any) -> Tracer:
    """``np.rad2deg``."""
    return alike((x,), floating=True)[0] * (180 / np.pi)


def outer_of(ufunc: Any) -> Any:
    """The front of ``np.add.outer``: every entry of one with all of the other."""

    def front(x: Any, y: Any) -> Any:
        first, second = (alike((z,))[0] if isinstance(z, Tracer) else z for z in (x, y))
        wide = np.reshape(first, np.shape(first) + (1,) * np.ndim(second))
        return ufunc(wide, second)

    return front


for _ufunc in (
    np.add,
    np.subtract,
    np.multiply,
    np.true_divide,
    np.maximum,
    np.minimum,
    np.power,
    np.less,
    np.equal,
    np.greater,
):
    answers((_ufunc, "outer"))(outer_of(_ufunc))
