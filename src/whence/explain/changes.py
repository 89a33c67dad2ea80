"""Changes: a line with one number, name or function of it replaced by another.

    changes(claim, names) -> changed claims, each with words for what was changed

Many slips are one wrong word: sin for cos, the exponent kept, x where u should stand, a
plus for a minus. Whether a change makes the line right is for others to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from whence.core.graph import Equation, Graph, Literal, Value
from whence.core.primitive import named
from whence.core.size import Sized
from whence.explain.dialect import TEXT
from whence.explain.ground import Claim

SWAPPED = [
    ("add", "sub"),
    ("mul", "div"),
    ("sin", "cos"),
    ("sinh", "cosh"),
    ("exp", "log"),
    ("tanh", "sigmoid"),
    ("tan", "arctan"),
]
SIGNS = {"add": "+", "sub": "−", "mul": "·", "div": "/"}
OTHERS = {a: b for pair in SWAPPED for a, b in (pair, pair[::-1])}


def changes(claim: Claim, names: Mapping[Value, str]) -> Iterator[tuple[Claim, str]]:
    """Every claim that one change leads to."""
    for i, equation in enumerate(claim.graph.equations):
        for changed, words in changed_function(equation):
            yield with_equation(claim, i, changed), words
        for k, x in enumerate(equation.operands):
            if isinstance(x, Literal):
                for number, words in other_numbers(x, equation, k):
                    changed = with_operand(equation, k, number)
                    yield with_equation(claim, i, changed), words
            elif x in claim.graph.inputs:
                yield from other_names(claim, i, k, names)


def changed_function(equation: Equation) -> Iterator[tuple[Equation, str]]:
    """The same operands under the function that it is taken for."""
    name = equation.primitive.name
    if (other := OTHERS.get(name)) is not None:
        yours, right = SIGNS.get(name, name), SIGNS.get(other, other)
        yield replace(equation, primitive=named(other)), f"a {yours} should be {right}"


def other_numbers(
    x: Literal, equation: Equation, k: int
) -> Iterator[tuple[Literal, str]]:
    """Numbers that a number is taken for: an exponent kept, a sign, one off."""
    if not isinstance(x.number, (int, float)) or isinstance(x.number, (bool, Sized)):
        return
    what = "the exponent" if equation.primitive.name == "power" and k else "the number"
    for other in (x.number - 1, x.number + 1, -x.number, 2 * x.number, x.number / 2):
        words = f"{what} {float(x.number):g} should be {float(other):g}"
        yield Literal(type(x.number)(other), x.aval), words


def other_names(
    claim: Claim, i: int, k: int, names: Mapping[Value, str]
) -> Iterator[tuple[Claim, str]]:
    """Other values of the program in one place of a name."""
    equation = claim.graph.equations[i]
    x = equation.operands[k]
    assert isinstance(x, Value)
    source = claim.sources[claim.graph.inputs.index(x)]
    if not isinstance(source, Value) or source not in names:
        return
    for other, name in names.items():
        if other is source or other.aval.shape != x.aval.shape:
            continue
        stand_in = Value(x.aval)
        changed = with_equation(claim, i, with_operand(equation, k, stand_in))
        graph = replace(changed.graph, inputs=(*changed.graph.inputs, stand_in))
        words = f"one {TEXT.name(names[source])} should be {TEXT.name(name)}"
        yield Claim(graph, (*claim.sources, other)), words


def with_operand(equation: Equation, k: int, new: Literal | Value) -> Equation:
    """An equation with one operand replaced."""
    operands = (*equation.operands[:k], new, *equation.operands[k + 1 :])
    return replace(equation, operands=operands)


def with_equation(claim: Claim, i: int, new: Equation) -> Claim:
    """A claim with one equation replaced."""
    equations = (*claim.graph.equations[:i], new, *claim.graph.equations[i + 1 :])
    graph: Graph = replace(claim.graph, equations=equations)
    return Claim(graph, claim.sources)
