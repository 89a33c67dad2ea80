"""Rounding, remainders and tests of numbers: floor, rint, mod, isfinite.

All but the remainders are constant between their steps, so their derivative is zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import BOOL, Aval
from whence.core.errors import TraceError
from whence.core.notation import PRODUCT, Call, Infix
from whence.core.primitive import (
    REAL,
    Constant,
    Partials,
    Primitive,
    answers,
    define,
)
from whence.core.structure import Pointwise
from whence.core.tracer import Tracer
from whence.ops.comparison import bitwise_xor, equal, less, less_equal, select, truth
from whence.ops.elementwise import elementwise
from whence.ops.promote import alike, filled, zeros_like
from whence.ops.reduction import all_, floating
from whence.ops.shape import lone


def step(name: str, function: Any, latex: str, *also: Any) -> Primitive:
    """Define a rounding."""
    return elementwise(
        name=name,
        reference=function,
        derivative=Constant(f"{name} is constant between its steps"),
        notation=Call(name, latex),
        domain=((0.1, 0.4),),
        source="constant by cases",
        numpy=(function, *also),
        floating=False,
    )


floor = step("floor", np.floor, r"\operatorname{floor}")
ceil = step("ceil", np.ceil, r"\operatorname{ceil}")
trunc = step("trunc", np.trunc, r"\operatorname{trunc}", np.fix)
rint = step("rint", np.rint, r"\operatorname{round}")

floor_divide = elementwise(
    name="floor_divide",
    reference=np.floor_divide,
    derivative=Constant("a quotient rounded down is constant between its steps"),
    notation=Infix("//", r"\mathbin{{//}}", "//", PRODUCT, tight=True),
    domain=((2.1, 2.9), (0.7, 1.0)),
    source="constant by cases",
    numpy=(np.floor_divide,),
    floating=False,
)

mod = elementwise(
    name="mod",
    reference=np.remainder,
    derivative=Partials(lambda z, x, y: (filled(z, 1), lambda: -floor_divide(x, y))),
    notation=Infix("mod", r"\bmod", "%", PRODUCT, tight=True),
    domain=((2.1, 2.9), (0.75, 1.0)),
    source="x − y·floor(x / y), between its jumps",
    because="remainder: what is left when whole y are taken away",
    numpy=(np.remainder,),
    floating=False,
)

fmod = elementwise(
    name="fmod",
    reference=np.fmod,
    derivative=Partials(lambda z, x, y: (filled(z, 1), lambda: -trunc(x / y))),
    notation=Call("fmod", operands=2),
    domain=((2.1, 2.9), (0.75, 1.0)),
    source="x − y·trunc(x / y), between its jumps",
    because="remainder: what is left when whole y are taken away",
    numpy=(np.fmod,),
    floating=False,
)


@answers(np.round, np.around)
def round_to(a: Any, decimals: int = 0, out: Any = None) -> Tracer:
    """``np.round``."""
    x = lone(a)
    if x.dtype.kind in "biu" and decimals >= 0:
        return x
    rounded: Tracer = rint(x * 10.0**decimals) / 10.0**decimals if decimals else rint(x)
    return rounded


@answers(np.divmod)
def divmod_of(x: Any, y: Any) -> tuple[Tracer, Tracer]:
    """``np.divmod``."""
    first, second = alike((x, y))
    return floor_divide(first, second), mod(first, second)


# ------------------------------------------------------------ tests of numbers


def test_of(name: str, function: Any) -> Primitive:
    """Define a test of each entry."""

    def front(x: Any) -> Tracer:
        return primitive(*alike((x,)))

    primitive = Primitive(
        name=name,
        result=lambda x: Aval(x.shape, BOOL),
        reference=function,
        derivative=Constant("truth values do not move"),
        structure=Pointwise(),
        notation=Call(name),
        domain=(REAL,),
        source="constant by cases",
        numpy=(function,),
        front=front,
    )
    return define(primitive)


isfinite = test_of("isfinite", np.isfinite)
isinf = test_of("isinf", np.isinf)
isnan = test_of("isnan", np.isnan)
signbit = test_of("signbit", np.signbit)


@answers(np.logical_xor)
def logical_xor(x: Any, y: Any) -> Tracer:
    """One of both is true."""
    return bitwise_xor(*map(truth, alike((x, y))))


@answers(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: Any = False) -> Any:
    """``np.array_equal``."""
    if np.shape(a1) != np.shape(a2):
        return False
    same = equal(*alike((a1, a2)))
    return all_(same, axis=tuple(range(same.ndim)), keepdims=False)


@answers(np.isclose)
def isclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: Any = 0
) -> Tracer:
    """``np.isclose``."""
    x, y = map(floating, alike((a, b)))
    near: Tracer = less_equal(abs(x - y), atol + rtol * abs(y)) | equal(x, y)
    return near


@answers(np.allclose)
def allclose(a: Any, b: Any, *tolerances: Any, **named: Any) -> Tracer:
    """``np.allclose``."""
    near = isclose(a, b, *tolerances, **named)
    return all_(near, axis=tuple(range(near.ndim)), keepdims=False)


@answers(np.nan_to_num)
def nan_to_num(
    x: Any, copy: Any = None, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Tracer:
    """``np.nan_to_num``."""
    x = lone(x)
    if x.dtype.kind != "f":
        return x
    info = np.finfo(x.dtype)
    top = float(info.max) if posinf is None else posinf
    bottom = float(info.min) if neginf is None else neginf
    bounded = select(equal(x, filled(x, np.inf)), filled(x, top), x)
    bounded = select(equal(x, filled(x, -np.inf)), filled(x, bottom), bounded)
    return select(isnan(x), filled(x, nan), bounded)


@answers(np.heaviside)
def heaviside(x: Any, at_zero: Any) -> Tracer:
    """``np.heaviside``: 0 below zero, 1 above, and a value of one's own at zero."""
    x, value = alike((x, at_zero), floating=True)
    above = select(equal(x, 0), value, filled(x, 1))
    return select(less(x, 0), zeros_like(x), above)


# ------------------------------------------------------ real and complex numbers


def of_real(x: Any, name: str) -> Tracer:
    """An operand that is real; complex numbers are not provided."""
    x = lone(x)
    if x.dtype.kind == "c":
        raise TraceError(
            f"np.{name} of a traced complex array is not provided",
            remedy="real and imaginary parts as two real arrays",
        )
    return x


@answers(np.real, np.conjugate, np.positive)
def real(x: Any) -> Tracer:
    """A real number is its own real part and conjugate."""
    return of_real(x, "real")


@answers(np.imag)
def imag(x: Any) -> Tracer:
    """The imaginary part of a real number is zero."""
    return zeros_like(of_real(x, "imag"))


@answers(np.isreal)
def isreal(x: Any) -> Tracer:
    """All real numbers are."""
    x = of_real(x, "isreal")
    return less_equal(zeros_like(x), zeros_like(x))
