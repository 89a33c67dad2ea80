"""Where windows end: the values of a program that a reader would give a name.

    stops(graph, wrt) -> the names of those values: the user's, and fresh ones u, v, …

Algebra looks no further than these: an intermediate that has a name is opaque, which
keeps windows small and derivatives in terms of outputs. Inner functions get a fresh
name (u in u³ with u = x² + 1), and so do results that their own derivative is written
in (tanh, exp, softmax).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count

from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.graph import Equation, Graph, Literal, Origin, Value
from whence.core.primitive import Differential, Partials, Primitive
from whence.core.source import Place
from whence.core.structure import Pointwise, Rows
from whence.transform.transpose import reached

USUAL = {"softmax": "p", "sigmoid": "s"}  # what lecturers call these
FRESH = ["u", "v", "w", "s", "t", "r", "q", "g"]


def stops(
    graph: Graph,
    wrt: Sequence[Value],
    output: str = "f",
    also: Collection[Value] = (),
) -> dict[Value, str]:
    """The values at which windows end, with their names.

    Args:
        graph: The program, functions recognised.
        wrt: What it is differentiated by; values it does not reach get no fresh name.
        output: The name of an output that has none.
        also: Values that get a name whatever they are.
    """
    moving = reached(graph, wrt)
    made = {y: e for e in graph.equations for y in e.results}
    names = dict(graph.names)
    taken = {*names.values(), output}
    fresh = free_names(taken)
    outputs = [
        y
        for e in graph.equations
        for y in e.results
        if y in moving and is_output_form(e)
    ]
    inner = inner_functions(graph, moving, made, names | dict.fromkeys(outputs, ""))
    for y in graph.outputs:
        if not isinstance(y, Value) or y not in made or y in names:
            continue
        if is_output_form(made[y]):
            names[y] = output if output not in names.values() else next(fresh)
    asked = set(also)
    for equation in graph.equations:
        for y in equation.results:
            if not (y in moving or y in asked) or y in names or y in graph.outputs:
                continue
            if y in inner or y in asked or is_output_form(equation):
                usual = USUAL.get(equation.primitive.name, "")
                names[y] = usual if usual and usual not in taken else next(fresh)
                taken.add(names[y])
    given = [x for x in names if x not in also]
    aliases = {x for x in given if is_alias(x, moving, made, graph, names)}
    return {x: name for x, name in names.items() if x not in aliases}


def free_names(taken: set[str]) -> Iterator[str]:
    """Letters that the program does not use, then the same with numbers."""
    for n in count():
        for letter in FRESH:
            name = f"{letter}{n or ''}"
            if name not in taken:
                yield name


def inner_functions(
    graph: Graph,
    moving: set[Value],
    made: Mapping[Value, Equation],
    names: Mapping[Value, str],
) -> set[Value]:
    """The values that a nonlinear function is applied to, unless they are affine."""
    found: set[Value] = set()
    for equation in graph.equations:
        if not is_function(equation.primitive):
            continue
        for x in equation.operands:
            if not isinstance(x, Value) or x not in moving or x not in made:
                continue
            if goes_through(equation, made[x]):
                continue
            if x not in names and not is_affine(x, made, names):
                found.add(x)
    return found


FACTORS = frozenset({"mul", "div", "power", "sqrt", "square", "reciprocal", "exp"})


def goes_through(outer: Equation, inner: Equation) -> bool:
    """Whether a reader takes an outer and an inner function in one step.

    The slope of a log of factors is of each by itself, and the square of a positive
    part has a slope that needs no mask.
    """
    if outer.primitive.name == "log":
        return inner.primitive.name in FACTORS
    is_part = inner.primitive.name == "relu" or (
        inner.primitive.name == "maximum"
        and any(isinstance(x, Literal) for x in inner.operands)
    )
    return is_part and outer.primitive.name in ("power", "square")


def is_function(primitive: Primitive) -> bool:
    """Whether an operation is a function that a reader would call the outer one."""
    if primitive.name in ("div", "reciprocal", "abs", "sign"):
        return False
    if isinstance(primitive.structure, Pointwise) and primitive.name != "select":
        return isinstance(primitive.derivative, (Partials, Differential))
    return isinstance(primitive.structure, Rows)


def is_alias(
    x: Value,
    moving: set[Value],
    made: Mapping[Value, Equation],
    graph: Graph,
    names: Mapping[Value, str],
) -> bool:
    """Whether a name is an affine function of one other: q = 1 − p, t = −z.

    Algebra looks through such names, which would hide what cancels between q and p.
    """
    if x not in moving or x not in made or x in graph.outputs:
        return False
    if made[x].primitive.name not in ALIAS:
        return False
    plain = all(e.primitive.name in ALIAS for e in equations_behind(x, made, names))
    return plain and is_affine(x, made, names)


def equations_behind(
    x: Value, made: Mapping[Value, Equation], names: Mapping[Value, str]
) -> Iterator[Equation]:
    """The equations between a value and the named values it is made of."""
    waiting = [x]
    while waiting:
        now = waiting.pop()
        if now in made and (now is x or now not in names):
            yield made[now]
            waiting.extend(y for y in made[now].operands if isinstance(y, Value))


ALIAS = frozenset(
    {"add", "sub", "neg", "convert", "positive", "getitem", "reshape", "broadcast"}
)
MOST_STEPS = 24  # equations behind a value that may be affine
SIMPLE = ALIAS | {"mul", "div", "transpose"}


def is_affine(
    x: Value, made: Mapping[Value, Equation], names: Mapping[Value, str]
) -> bool:
    """Whether a value is a named one times a number plus a number: 1 − y, −z, x/2.

    What takes long to make is a value of its own, affine or not.
    """
    named_once, steps = 0, 0
    waiting: list[Value] = [x]
    while waiting:
        now = waiting.pop()
        steps += 1
        if steps > MOST_STEPS:
            return False
        if (now in names and now is not x) or now not in made:
            named_once += 1
            if named_once > 1:
                return False
            continue
        equation = made[now]
        if equation.primitive.name not in SIMPLE:
            return False
        by = equation.operands[-1]
        if equation.primitive.name == "div" and not isinstance(by, Literal):
            return False
        picked = equation.primitive.name == "getitem"
        operands = equation.operands[:1] if picked else equation.operands
        waiting.extend(y for y in operands if isinstance(y, Value))
    return True


def is_output_form(equation: Equation) -> bool:
    """Whether the derivative of an equation is written in its own result."""
    if equation.primitive.name == "power" and isinstance(equation.operands[1], Literal):
        return False  # y·x^(y − 1) is written in the base
    return written_in_output(equation.primitive)


@lru_cache(maxsize=1_000)
def written_in_output(primitive: Primitive) -> bool:
    """Whether the derivative of a function is written in the function's own result."""
    if isinstance(primitive.structure, Rows):
        return True
    if not isinstance(primitive.derivative, Partials) or primitive.name == "div":
        return primitive.name == "norm"
    if not isinstance(primitive.structure, Pointwise):
        return False
    assert not isinstance(primitive.derivative, Differential)
    builder = Builder()
    operands = [builder.input(Aval((2,)), "x") for _ in primitive.domain]
    y = builder.input(Aval((2,)), "y")
    params = dict(primitive.examples[0].params) if primitive.examples else {}
    with builder.because(Origin("probe", Place())):
        for partial in primitive.derivative.rule(y, *operands, **params):
            value = partial() if callable(partial) else partial
            if value is not None and value.atom is y.atom:
                return True
    return any(y.atom in e.operands for e in builder.equations)
