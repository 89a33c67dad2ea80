"""Comparisons and choices: less, equal, where, maximum, minimum, clip, sign of a path.

A comparison has no derivative. A choice is linear in its branches: what is not chosen
gets a zero that is strong, so a nan of the untaken branch never reaches the result.
Ties are shared evenly (docs/conventions.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence.core.aval import BOOL, Aval
from whence.core.notation import COMPARE, SUM, Call, Infix, Notation
from whence.core.primitive import (
    REAL,
    Constant,
    Defined,
    Differential,
    Example,
    Kink,
    Primitive,
    answers,
    define,
)
from whence.core.structure import Pointwise
from whence.core.tracer import Tracer
from whence.ops.elementwise import elementwise, same_aval
from whence.ops.promote import alike, zeros_like


def compared(x: Aval, y: Aval) -> Aval:
    """The shape rule of a comparison: alike in, bool out."""
    return Aval(same_aval(x, y).shape, BOOL)


def comparison(name: str, function: Any, text: str, latex: str, code: str) -> Primitive:
    """Define a comparison."""
    return elementwise(
        name=name,
        result=compared,
        reference=function,
        derivative=Constant("a comparison is constant between its jumps"),
        notation=Infix(text, latex, code, COMPARE),
        domain=(REAL, REAL),
        source="constant by cases",
        numpy=(function,),
        floating=False,
    )


less = comparison("less", np.less, "<", "<", "<")
less_equal = comparison("less_equal", np.less_equal, "≤", r"\le", "<=")
greater = comparison("greater", np.greater, ">", ">", ">")
greater_equal = comparison("greater_equal", np.greater_equal, "≥", r"\ge", ">=")
equal = comparison("equal", np.equal, "=", "=", "==")
not_equal = comparison("not_equal", np.not_equal, "≠", r"\ne", "!=")


def logical(name: str, function: Any, text: str, latex: str, code: str) -> Primitive:
    """Define an operation on truth values, bit by bit on integers."""
    return elementwise(
        name=name,
        reference=function,
        derivative=Constant("truth values do not move"),
        notation=Notation(
            f"{{0}} {text} {{1}}", f"{{0}} {latex} {{1}}", code, COMPARE, (SUM, SUM)
        ),
        domain=(REAL, REAL),
        source="constant by cases",
        numpy=(function,),
        floating=False,
        examples=(Example(((3,), (3,)), {}, ("bool", "bool")),),
    )


bitwise_and = logical(
    "bitwise_and", np.bitwise_and, "and", r"\wedge", "np.bitwise_and({0}, {1})"
)
bitwise_or = logical(
    "bitwise_or", np.bitwise_or, "or", r"\vee", "np.bitwise_or({0}, {1})"
)
bitwise_xor = logical(
    "bitwise_xor", np.bitwise_xor, "xor", r"\oplus", "np.bitwise_xor({0}, {1})"
)

invert = elementwise(
    name="invert",
    reference=np.invert,
    derivative=Constant("truth values do not move"),
    notation=Notation("not {0}", r"\neg {0}", "np.invert({0})", SUM, (SUM,)),
    domain=(REAL,),
    source="constant by cases",
    numpy=(np.invert,),
    floating=False,
    examples=(Example(((3,),), {}, ("bool",)),),
)


def truth(x: Any) -> Any:
    """An operand as truth values, as NumPy's logical functions read it."""
    return x if x.dtype == BOOL else not_equal(x, zeros_like(x))


@answers(np.logical_and)
def logical_and(x: Any, y: Any) -> Tracer:
    """Both are true."""
    return bitwise_and(*map(truth, alike((x, y))))


@answers(np.logical_or)
def logical_or(x: Any, y: Any) -> Tracer:
    """Either is true."""
    return bitwise_or(*map(truth, alike((x, y))))


@answers(np.logical_not)
def logical_not(x: Any) -> Tracer:
    """The opposite is true."""
    return invert(truth(*alike((x,))))


# ------------------------------------------------------------------ choices


def chosen(condition: Aval, x: Aval, y: Aval) -> Aval:
    """The shape rule of a choice."""
    same_aval(condition.like(x.shape), Aval(condition.shape, condition.dtype))
    return same_aval(x, y)


def choose(condition: Any, x: Any = None, y: Any = None) -> Tracer:
    """``np.where(condition, x, y)``."""
    x, y = alike((x, y)) if isinstance(x, Tracer) or isinstance(y, Tracer) else (x, y)
    whole = alike((condition, x, y), same_dtype=False)
    x, y = alike(whole[1:])
    return select(truth(whole[0]), x, y)


select: Primitive = define(
    Primitive(
        name="select",
        result=chosen,
        reference=np.where,
        derivative=Differential(
            lambda z, x, x_dot: select(
                x[0],
                zeros_like(z) if x_dot[1] is None else x_dot[1],
                zeros_like(z) if x_dot[2] is None else x_dot[2],
            )
        ),
        linear={
            1: lambda z_bar, c, x, y: select(c, z_bar, zeros_like(z_bar)),
            2: lambda z_bar, c, x, y: select(c, zeros_like(z_bar), z_bar),
        },
        structure=Pointwise(),
        notation=Notation(
            "where({0}, {1}, {2})",
            r"\begin{{cases}} {1} & \text{{if }} {0} \\ "
            r"{2} & \text{{else}} \end{{cases}}",
            "np.where({0}, {1}, {2})",
        ),
        domain=(REAL, REAL, REAL),
        source="linear in both branches",
        because="only the chosen branch moves",
        numpy=(np.where,),
        front=choose,
        examples=(Example(((4,), (4,), (4,)), {}, ("bool", "float64", "float64")),),
    )
)


def extreme(wins: Primitive) -> Any:
    """The tangent of a larger or smaller of two: the winner's, halves at a tie."""

    def rule(z: Tracer, x: Any, x_dot: Any) -> Tracer:
        a, b = (zeros_like(z) if t is None else t for t in x_dot)
        tie = equal(x[0], x[1])
        return select(wins(x[0], x[1]), a, select(tie, 0.5 * a + 0.5 * b, b))

    return rule


maximum = elementwise(
    name="maximum",
    reference=np.maximum,
    derivative=Differential(extreme(greater)),
    notation=Call("max", r"\max", "np.maximum", operands=2),
    domain=(REAL, REAL),
    source="by cases; halves at a tie by convention",
    because="only the larger moves",
    kink=Kink(
        lambda y, a, b: a == b,
        "slopes 0 and 1 by either of two that are equal",
        "½ for each, since those that tie share evenly",
    ),
    numpy=(np.maximum, np.fmax),
    floating=False,
)

minimum = elementwise(
    name="minimum",
    reference=np.minimum,
    derivative=Differential(extreme(less)),
    notation=Call("min", r"\min", "np.minimum", operands=2),
    domain=(REAL, REAL),
    source="by cases; halves at a tie by convention",
    because="only the smaller moves",
    kink=Kink(
        lambda y, a, b: a == b,
        "slopes 0 and 1 by either of two that are equal",
        "½ for each, since those that tie share evenly",
    ),
    numpy=(np.minimum, np.fmin),
    floating=False,
)


between = elementwise(
    name="clip",
    reference=np.clip,
    derivative=Defined(),
    definition=lambda x, low, high: minimum(maximum(x, low), high),
    notation=Call("clip", code="np.clip", operands=3),
    domain=(REAL, (-2.0, -1.0), (1.0, 2.0)),
    source="a larger and a smaller of two",
    because="only what is not clipped moves",
    floating=False,
    examples=(Example(((4,), (4,), (4,)), {}),),
)


@answers(np.clip, "clip")
def clip(x: Any, a_min: Any = None, a_max: Any = None, **bounds: Any) -> Any:
    """``np.clip``: the larger of x and the lower bound, then the smaller of both."""
    low, high = bounds.get("min", a_min), bounds.get("max", a_max)
    if low is not None:
        x = maximum(*alike((x, low)))
    return x if high is None else minimum(*alike((x, high)))
