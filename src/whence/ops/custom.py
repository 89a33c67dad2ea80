"""Operations that the user defines: a program, and a derivative of their own for it.

One primitive, ``custom``, whose params hold two graphs:

    primal     (x) -> (y)
    tangent    (x, x_dot) -> (y_dot), linear in x_dot

Its differential is the second graph, written in its place, so that reverse mode and
derivatives of any order follow as they do from every record. ``stop_gradient`` is the
identity with the tangent zero.
"""

from __future__ import annotations

from typing import Any

from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.evaluate import evaluate
from whence.core.graph import Graph, Later, Literal, Origin
from whence.core.notation import Notation
from whence.core.primitive import REAL, Differential, Example, Primitive, define
from whence.core.source import Place
from whence.core.structure import Nested
from whence.core.tracer import Tracer, deepest
from whence.ops.elementwise import mul


def returned(*x: Aval, name: str, primal: Graph, tangent: Later) -> Any:
    """The shape rule: the outputs of the primal graph."""
    avals = tuple(y.aval for y in primal.outputs)
    return avals[0] if len(avals) == 1 else avals


def computed(*x: Any, name: str, primal: Graph, tangent: Later) -> Any:
    """The numbers: those of the primal graph."""
    found = evaluate(primal, x)
    return found[0] if len(found) == 1 else found


def pushed(
    y: Any, x: Any, x_dot: Any, name: str, primal: Graph, tangent: Later
) -> tuple[Tracer | None, ...]:
    """The tangent graph, on tangents that are zero for operands at rest."""
    builder = deepest([t for t in x_dot if t is not None], {})
    assert builder is not None, "an operation was differentiated that rests"
    assert tangent.graph is not None, "the tangent graph is used before it is written"
    dots = [
        Tracer(builder, Literal(0, operand.aval)) if dot is None else dot
        for operand, dot in zip(x, x_dot, strict=True)
    ]
    found = builder.inline(tangent.graph, [*x, *dots])
    return tuple(None if is_zero(dot) else dot for dot in found)


def is_zero(x: Tracer) -> bool:
    """Whether a tangent is the literal zero, so that its value rests."""
    return isinstance(x.atom, Literal) and x.atom.number == 0


def square() -> dict[str, Any]:
    """The params of an example: x·x with the tangent 2·x·x_dot."""
    aval = Aval((3,))
    with (inner := Builder()).because(Origin("example", Place(text="example"))):
        x = inner.input(aval, "x")
        primal = inner.finish(mul(x, x).atom)
    with (inner := Builder()).because(Origin("example", Place(text="example"))):
        x, x_dot = inner.input(aval, "x"), inner.input(aval, "x_dot")
        tangent = inner.finish(mul(mul(x, 2.0), x_dot).atom)
    return {"name": "square", "primal": primal, "tangent": Later(tangent)}


custom = define(
    Primitive(
        name="custom",
        result=returned,
        reference=computed,
        derivative=Differential(pushed),
        structure=Nested(),
        notation=Notation(
            "{name}({0})", r"\operatorname{{{name}}}\left({0}\right)", "{name}({0})"
        ),
        domain=(REAL,),
        source="given by the user",
        because="a derivative given by hand",
        examples=(Example(((3,),), square()),),
    )
)


def stop_gradient(x: Tracer) -> Tracer:
    """A traced value that is the same and does not move."""
    primal, tangent = Builder(), Builder()
    y = primal.input(x.aval, "x")
    for name in ("x", "x_dot"):
        tangent.input(x.aval, name)
    params = {
        "name": "stop_gradient",
        "primal": primal.finish(y.atom),
        "tangent": Later(tangent.finish(Literal(0, x.aval))),
    }
    stopped: Tracer = custom(x, **params)
    return stopped
