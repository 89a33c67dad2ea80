"""Derivatives given by hand, and values that take no part.

    @custom_derivative
    def log1pexp(x):
        return np.log1p(np.exp(x))

    @log1pexp.jvp
    def _(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return log1pexp(x), x_dot / (1 + np.exp(-x))

When such a function meets traced values, it becomes one equation, which holds the graph
of the function and the graph of its tangent. A rule for cotangents (``f.vjp``) is
recorded and transposed. A rule must be linear in what it is given to push or pull; it
may call the function itself, and holds to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import numpy as np

from whence.api.arguments import Call, Leaf, given
from whence.api.containers import flatten
from whence.api.directions import alike
from whence.api.parameters import title
from whence.api.recording import Recording, called, recorded
from whence.core.aval import Aval, aval_of
from whence.core.builder import Builder, current
from whence.core.errors import DerivativeError
from whence.core.graph import Atom, Equation, Graph, Later, Literal, Value
from whence.core.primitive import Multilinear
from whence.core.source import place
from whence.core.tracer import Tracer, deepest
from whence.ops import custom as operation
from whence.transform.tidy import living
from whence.transform.transpose import all_bars, reached

_recording: ContextVar[dict[Any, Later] | None] = ContextVar("recording", default=None)


def stop_gradient(x: Any) -> Any:
    """The same value, which derivatives take as a constant.

    Args:
        x: A number, an array, or any container of them.

    Example:
        >>> from whence import grad
        >>> grad(lambda x: x * stop_gradient(x))(3.0)
        np.float64(3.0)
    """
    leaves, structure = flatten(x)
    moves = [isinstance(leaf, Tracer) and leaf.aval.moves for leaf in leaves]
    return structure.unflatten(
        [
            operation.stop_gradient(leaf) if moving else leaf
            for leaf, moving in zip(leaves, moves, strict=True)
        ]
    )


class custom_derivative:  # noqa: N801 - it is used as a decorator
    """A function whose derivative is given by hand, by a rule for jvp or for vjp.

    Args:
        function: The function, in plain NumPy.

    Example:
        >>> from whence import grad
        >>> @custom_derivative
        ... def cube(x):
        ...     return x * x * x
        >>> @cube.vjp
        ... def _(y_bar, x):
        ...     return 3 * x**2 * y_bar
        >>> grad(cube)(2.0), grad(grad(cube))(2.0)
        (np.float64(12.0), np.float64(12.0))
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__wrapped__ = function
        self.__doc__ = function.__doc__
        self.__name__ = getattr(function, "__name__", "custom")
        self._rule: tuple[str, Callable[..., Any]] | None = None

    def jvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule ``rule(primals, tangents) -> (out, tangent)``.

        A tangent is like its primal; it is None where the primal is no float.
        """
        self._rule = "jvp", rule
        return rule

    def vjp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule ``rule(y_bar, *primals) -> cotangents``, one for each primal.

        A cotangent that is None is zero.
        """
        self._rule = "vjp", rule
        return rule

    def __repr__(self) -> str:
        return f"<{self.__name__}, with a derivative of its own>"

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call the function; as one operation, if it meets traced values."""
        leaves = flatten((args, named))[0]
        if deepest(leaves, {}) is None:
            return self.function(*args, **named)
        if self._rule is None:
            raise DerivativeError(
                f"{title(self.function)} has no derivative yet",
                remedy=f"@{self.__name__}.jvp or @{self.__name__}.vjp above its rule",
            )
        return self._written(given(self.function, args, named, None))

    def _written(self, call: Call) -> Any:
        """Write the one equation that the function is."""
        inputs = call.inputs()
        recording = recorded(call, needs="custom_derivative")
        primal_constants = recording.bound[len(inputs) :]
        closed(primal_constants, self.function)
        tangent, constants = self._tangent(call, recording)
        builder = deepest([leaf.content for leaf in inputs], {})
        assert builder is not None, "a traced argument is an input"
        atoms = [as_input(builder, leaf) for leaf in inputs]
        atoms += [builder.adopt(x) for x in (*primal_constants, *constants)]
        params = {
            "name": self.__name__,
            "primal": with_unread(recording.graph, constants),
            "tangent": tangent,
        }
        where = place()
        found = builder.emit(operation.custom, atoms, params)
        results = found if isinstance(found, tuple) else (found,)
        if len(results) == 1:
            builder.assigned(results[0].atom, where)
        return recording.result.filled(results)

    def _tangent(self, call: Call, recording: Recording) -> tuple[Later, list[Any]]:
        """The tangent graph, and arrays that it reads besides.

        Inside the rule itself the graph is not finished, and its place is returned.
        """
        under_way = _recording.get() or {}
        key = self, key_of_call(call)
        if key in under_way:
            return under_way[key], []
        tangent = Later()
        token = _recording.set({**under_way, key: tangent})
        try:
            graph, constants, branched = self._recorded_rule(call, recording)
        finally:
            _recording.reset(token)
        recursive = any(e.params.get("tangent") is tangent for e in graph.equations)
        if recursive and (constants or branched):
            raise DerivativeError(
                f"the rule of {title(self.function)} calls it, and "
                + ("branches on a value" if branched else "makes arrays of its own"),
                remedy="where(condition, x, y)"
                if branched
                else "numbers, or arguments",
            )
        count = len(call.inputs())
        others = recording.graph.inputs[count:]
        x, own = graph.inputs[:count], graph.inputs[count:-count]
        x_dot = graph.inputs[len(graph.inputs) - count :]
        unread = [Value(y.aval) for y in (*others, *others, *own)]
        first, last = unread[: len(others)], unread[len(others) :]
        inputs = (*x, *first, *own, *x_dot, *last)
        tangent.graph = replace(graph, inputs=inputs)
        return tangent, constants

    def _recorded_rule(
        self, call: Call, recording: Recording
    ) -> tuple[Graph, list[Any], bool]:
        """The graph from (x, constants, x_dot) to y_dot, and the constants."""
        assert self._rule is not None, "a rule was asked for"
        kind, rule = self._rule
        inputs = call.inputs()
        builder = Builder(parent=current.get())
        primals = {
            id(leaf): builder.input(x.aval, recording.graph.names[x], leaf.content)
            for leaf, x in zip(inputs, recording.graph.inputs, strict=False)
        }
        record_rule = tangent_of_jvp if kind == "jvp" else tangent_of_vjp
        graph = living(record_rule(builder, rule, call, primals, recording))
        read = {x for equation in graph.equations for x in equation.operands}
        read |= {*graph.outputs, *(x.atom for x in primals.values())}
        kept = tuple(x for x in graph.inputs if x in read or x not in builder.bound)
        graph = replace(graph, inputs=kept)
        extra = [builder.bound[x] for x in kept[len(inputs) :] if x in builder.bound]
        closed(extra, rule)
        return graph, extra, builder.branched


# ----------------------------------------------------------------------- the rules


def tangent_of_jvp(
    builder: Builder,
    rule: Callable[..., Any],
    call: Call,
    primals: dict[int, Tracer],
    recording: Recording,
) -> Graph:
    """Record a rule for tangents."""
    dots = {
        leaf: builder.input(x.aval, f"{builder.name_of(x.atom)}_dot")
        for leaf, x in primals.items()
    }
    moving = {leaf: dot for leaf, dot in dots.items() if dot.aval.moves}
    given_ = [filled(call, primals), filled(call, moving, tangents=True)]
    returned = called(builder, rule, given_, {})
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise DerivativeError(
            f"the rule for jvp of {title(call.function)} returned no pair",
            remedy="return out, tangent",
        )
    structure = recording.result.structure
    leaves = structure.matched(returned[1], "the tangent of the output")
    pairs = zip(leaves, recording.graph.outputs, strict=True)
    graph = builder.finish(*(adopted(builder, leaf, y.aval) for leaf, y in pairs))
    atoms: list[Any] = [x.atom for x in dots.values()]
    linear(builder, graph, atoms, call)
    rest = tuple(x for x in graph.inputs if x not in atoms)
    return replace(graph, inputs=(*rest, *atoms))


def tangent_of_vjp(
    builder: Builder,
    rule: Callable[..., Any],
    call: Call,
    primals: dict[int, Tracer],
    recording: Recording,
) -> Graph:
    """Record a rule for cotangents, and transpose it."""
    graph = recording.graph
    labels: dict[Any, str] = graph.labels()
    bars = [builder.input(y.aval, f"{labels.get(y, 'y')}_bar") for y in graph.outputs]
    args = [recording.result.filled(bars), *filled(call, primals)]
    returned = called(builder, rule, args, {})
    count = len(call.arguments)
    parts = (returned,) if count == 1 and not is_one_tuple(returned) else returned
    if not isinstance(parts, (tuple, list)) or len(parts) != count:
        raise DerivativeError(
            f"the rule for vjp of {title(call.function)} must return {count} "
            "cotangents, one for each argument",
            remedy="a tuple of them; None for one that is zero",
        )
    outputs: list[Atom] = []
    for argument, part in zip(call.arguments.values(), parts, strict=True):
        whose = f"the cotangent of {argument.name}"
        leaves = [None] * len(argument.leaves)
        if part is not None:
            leaves = argument.structure.matched(part, whose)
        outputs += [
            adopted(builder, bar, leaf.aval)
            for leaf, bar in zip(argument.leaves, leaves, strict=True)
            if leaf.aval is not None
        ]
    return linear(builder, builder.finish(*outputs), [x.atom for x in bars], call)


def is_one_tuple(returned: Any) -> bool:
    """Whether a rule for one argument returned its cotangent in a tuple."""
    return type(returned) is tuple and len(returned) == 1


def filled(
    call: Call, known: dict[int, Tracer], *, tangents: bool = False
) -> tuple[Any, ...]:
    """The arguments of a call with traced values in them.

    Other leaves are as they are, or None as tangents.
    """
    return tuple(
        argument.structure.unflatten(
            [
                known.get(id(leaf), None if tangents else leaf.content)
                for leaf in argument.leaves
            ]
        )
        for argument in call.arguments.values()
    )


def adopted(builder: Builder, leaf: Any, aval: Aval) -> Atom:
    """A part of what a rule returned, checked against what it belongs to."""
    if leaf is None or not aval.moves:
        return Literal(0, aval)
    if not isinstance(leaf, Tracer) and not np.shape(leaf):
        return Literal(np.asarray(leaf, aval.dtype).item(), aval)
    return builder.adopt(alike(leaf, aval, "what the rule returned"))


def linear(builder: Builder, graph: Graph, moving: Sequence[Any], call: Call) -> Graph:
    """Transpose the graph of a rule.

    Raises:
        DerivativeError: If it is not linear in what it pushes or pulls.
    """
    zeros = {x for x, y in builder.bound.items() if not np.any(number_of(y))}
    bad = bent(graph, moving, zeros)
    if bad is not None:
        raise DerivativeError(
            f"the rule of {title(call.function)} is not linear in what it is given to "
            f"push or pull, in {bad.primitive.name}",
            remedy="products with tangents and sums of them, but no functions of them",
            where=str(bad.origin.where),
        )
    return all_bars(graph, moving)


def bent(graph: Graph, moving: Sequence[Any], zeros: set[Any]) -> Equation | None:
    """The first equation that is not linear in what moves, if there is one.

    Args:
        graph: A program.
        moving: The inputs in which it should be linear.
        zeros: Inputs that are known to be zero.
    """
    moves = reached(graph, moving)
    for equation in graph.equations:
        operands, primitive = equation.operands, equation.primitive
        if moves.isdisjoint(operands):
            continue
        rules = primitive.transposes(len(operands))
        pairs = list(zip(operands, rules, strict=True))
        if any(rule is None for x, rule in pairs if x in moves):
            return equation
        rest = [x for x, rule in pairs if rule and x not in moves and x.aval.moves]
        if isinstance(primitive.derivative, Multilinear):
            if len(operands) - len(rest) != 1:
                return equation
        elif not all(is_zero(x) or x in zeros for x in rest):
            return equation
    return None


def is_zero(x: Atom) -> bool:
    """Whether an operand is the literal zero."""
    return isinstance(x, Literal) and x.number == 0


def number_of(bound: Any) -> Any:
    """The number that an input is bound to; a traced value may be anything."""
    return 1 if isinstance(bound, Tracer) else bound


def with_unread(graph: Graph, constants: Sequence[Any]) -> Graph:
    """A graph with further inputs that it does not read."""
    unread = [Value(aval_of(x)) for x in constants]
    return replace(graph, inputs=(*graph.inputs, *unread))


def closed(captured: Sequence[Any], function: Any) -> None:
    """Refuse traced values that a function or its rule takes from around it."""
    for x in captured:
        if isinstance(x, Tracer):
            raise DerivativeError(
                f"{title(function)} uses {x!r} from around it, which its rule does "
                "not know",
                remedy="make it an argument",
            )


def as_input(builder: Builder, leaf: Leaf) -> Atom:
    """An argument as an operand, in the aval that the graph was recorded with."""
    if isinstance(leaf.content, (bool, int, float, complex)):
        assert leaf.aval is not None, "an input has an aval"
        return Literal(leaf.content, leaf.aval)
    return builder.adopt(leaf.content)


def key_of_call(call: Call) -> Any:
    """What makes two calls of the same function alike: all but the numbers."""
    parts = []
    for slot, argument in call.arguments.items():
        leaves = tuple(
            leaf.aval if leaf.aval is not None else repr(leaf.content)
            for leaf in argument.leaves
        )
        parts.append((slot, argument.structure, leaves))
    return tuple(parts)
