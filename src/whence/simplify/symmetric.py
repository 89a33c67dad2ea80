"""Symmetry: the matrices whose transpose is they themselves, by their form.

    X @ X.T,  A + A.T,  inv(X @ X.T),  the identity   ->  symmetric

A symbol is symmetric where the program makes it so, or the data are so and the reader
is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from whence.core.aval import Aval
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import named
from whence.simplify.term import App, Prod, Sum, Symbol, Term, apply

SYMMETRY = "symmetry"  # what a line is told by that takes it from the data
KEEPS = frozenset({"inv", "transpose", "broadcast", "convert"})
ENTRYWISE = frozenset({"add", "sub", "neg", "mul", "div", "square", "abs", "exp"})


def is_symmetric(x: Term) -> bool:
    """Whether a term is a matrix that is its own transpose, by its form alone."""
    if len(x.shape) != 2 or x.shape[0] != x.shape[1]:
        return False
    match x:
        case Symbol():
            return x.symmetric
        case Sum():
            return all(
                not m.shape
                or is_symmetric(m)
                or (len(m.shape) == 2 and (c, turned(m)) in x.items)
                for c, m in x.items
            )
        case Prod():
            parts = [t for b, e in x.factors for t in (b, e) if isinstance(t, Term)]
            return all(not t.shape or is_symmetric(t) for t in parts)
        case App() if x.primitive.name == "contract":
            return x.operands[0] == x.operands[1] and is_gram(dict(x.params)["spec"])
        case App() if x.primitive.name == "embed_diagonal":
            return bool(dict(x.params)["offset"] == 0)
        case App() if x.primitive.name in KEEPS:
            return all(is_symmetric(y) for y in x.operands)
    return False


def turned(x: Term, axes: tuple[int, ...] = (1, 0), given: Aval | None = None) -> Term:
    """A term with its axes in another order: if nothing is said, a matrix transposed.

    Args:
        x: The term.
        axes: Its axes in their new order.
        given: What it is as an operand, where its form has lost its shape.
    """
    if axes == tuple(range(len(axes))):
        return x
    given = given or Aval(x.shape)
    shape = tuple(given.shape[i] for i in axes)
    return apply(named("transpose"), (x,), (("axes", axes),), shape, (given,))


def is_gram(spec: str) -> bool:
    """Whether a product of a matrix with itself is its own transpose."""
    operands, result = spec.split("->")
    first, second = operands.split(",")
    if len(result) != 2 or len(first) != len(second):
        return False
    swap = {result[0]: result[1], result[1]: result[0]}
    return "".join(swap.get(c, c) for c in first) == second


def symmetric_values(graph: Graph, given: Collection[Value]) -> set[Value]:
    """The values of a program that are symmetric matrices, if some inputs are."""
    made = {y: e for e in graph.equations for y in e.results}
    found: set[Value] = set(given)
    for equation in graph.equations:
        (y, *others) = equation.results
        shape = y.aval.shape
        square = len(shape) == 2 and shape[0] == shape[1]
        if square and not others and keeps(equation, made, found):
            found.add(y)
    return found


def keeps(
    equation: Equation, made: Mapping[Value, Equation], known: Collection[Value]
) -> bool:
    """Whether an equation makes a symmetric matrix."""
    name, operands = equation.primitive.name, equation.operands
    if name == "contract":
        return is_product_with_itself(equation, made)
    if name == "embed_diagonal":
        return bool(equation.params["offset"] == 0)
    if name == "add" and is_turn(operands[0], operands[1], made):
        return True
    if name not in KEEPS | ENTRYWISE:
        return False
    return all(
        isinstance(x, Literal) or not x.aval.shape or x in known for x in operands
    )


def is_product_with_itself(equation: Equation, made: Mapping[Value, Equation]) -> bool:
    """Whether a product is X.T @ X or X @ X.T."""
    operands, result = equation.params["spec"].split("->")
    letters = operands.split(",")
    factors = list(equation.operands)
    for i, x in enumerate(factors):
        if isinstance(x, Value) and x in made and is_matrix_turn(made[x]):
            factors[i], letters[i] = made[x].operands[0], letters[i][::-1]
    return factors[0] is factors[1] and is_gram(f"{','.join(letters)}->{result}")


def is_turn(x: Atom, y: Atom, made: Mapping[Value, Equation]) -> bool:
    """Whether one of two matrices is the transpose of the other."""
    return any(
        isinstance(a, Value)
        and a in made
        and is_matrix_turn(made[a])
        and made[a].operands[0] is b
        for a, b in ((x, y), (y, x))
    )


def is_matrix_turn(equation: Equation) -> bool:
    """Whether an equation transposes a matrix."""
    return equation.primitive.name == "transpose" and (
        tuple(equation.params["axes"]) == (1, 0)
    )
