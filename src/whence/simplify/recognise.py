"""Recognise first: functions written out by hand become the functions they are.

    recognise(graph) -> (the same program in named functions, the steps)

    p = exp(q) / sum(exp(q))   ->   p = softmax(q)

The local derivatives are then in terms of outputs, and the form that runs is finite
where the written one overflows. Values keep their identity and their names; only the
equations that make them change. Recognition never changes a convention at a kink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Value
from whence.core.primitive import named
from whence.simplify.constant import constant
from whence.simplify.exponentials import (
    hyperbolics,
    hyperbolics_times_exp,
    log_of_number,
    logs_of_differences,
    logs_of_sums,
    merged,
    two_class_softmaxes,
)
from whence.simplify.fraction import HALF
from whence.simplify.lengths import length_of
from whence.simplify.linear import rests_along
from whence.simplify.read import Reader
from whence.simplify.rule import Step, operations_in, rewrites
from whence.simplify.rules import RECOGNISE
from whence.simplify.tails import NORMAL, TAILS
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    App,
    Factor,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    from_factors,
    is_exact,
    is_positive,
    items_of,
    mul,
    power,
    scale,
    split,
)
from whence.simplify.write import Writer
from whence.transform.tidy import living

TRIGGERS = frozenset(
    {"div", "log", "log1p", "sqrt", "power", "reciprocal", "mul", "add", "sub"}
)
ALGEBRA = frozenset({"neg", "mul", "add", "sub", "div", "broadcast"})  # looked through
CARRIES = ALGEBRA | {"sum", "mean", "reshape", "getitem", "power", "reciprocal"}
LOOKED = ALGEBRA | {"sum", "mean", "contract", "power"}
CASES = frozenset({"softplus", "abs", "maximum", "minimum", "relu"})
MAKERS = frozenset({"exp", "expm1", "tanh", "power", "sinh", "cosh", *TAILS})
MERGED = "merge-exponentials"  # the rule by which exponentials are multiplied
PASSING = frozenset(  # what these give may yet be part of another function
    {"is-hyperbolic", "hyperbolic-times-exp", MERGED}
)
FARTHEST = 8  # equations between an exponential and the function it belongs to
TALLEST = 200  # equations, counted as a tree; a taller expression is not looked into
Axes = tuple[int, ...]


@dataclass(frozen=True)
class Recognised:
    """One function recognised.

    Attributes:
        value: The value it makes.
        step: The rule, and the terms before and after.
    """

    value: Value
    step: Step


def recognise(graph: Graph) -> tuple[Graph, list[Recognised]]:
    """Write a program in the functions it spells out.

    Args:
        graph: A program as the user wrote it.

    Returns:
        The same program, same inputs, outputs and names, and what was recognised.
    """
    builder = Builder(graph)
    recognising = Recognising(graph)
    found: list[Recognised] = []
    for equation in graph.equations:
        step = recognising.of(equation)
        if step is None or isinstance(step.after, (Symbol, Num)):
            builder.append(equation)
            recognising.keep(equation)
            continue
        (value,) = equation.results
        recognising.rewrite(builder, equation, step)
        found.append(Recognised(value, step))
    if not found:
        return graph, []
    return living(builder.finish(*graph.outputs)), found


class Recognising:
    """Recognition under way: the equations so far, in named functions."""

    def __init__(self, graph: Graph) -> None:
        self.made: dict[Value, Equation] = {}
        self.names = graph.names
        self.height: dict[Value, int] = {}  # of what is looked into, as a tree
        self.functions: set[Value] = set()
        self.settled: set[Value] = set()  # with no exponential but inside functions
        self.in_log = False
        self.in_sum = False
        self.symbols: dict[Value, Symbol] = {
            v: Symbol(v, v.aval.shape, order=f"{i:06d}")
            for i, v in enumerate(graph.values())
        }
        self.atoms: dict[Term, Atom] = {s: v for v, s in self.symbols.items()}
        self.exponential: dict[Value, int] = {}  # steps from the exponential
        self.curved: dict[Atom, int] = {}  # steps from a tanh or softplus, in sums
        self.nested: set[Atom] = set()  # what stands in a tanh, and is one itself

    def keep(self, equation: Equation) -> None:
        """Remember an equation that stays as it is."""
        operands = [x for x in equation.operands if isinstance(x, Value)]
        height = 1 + sum(self.height.get(x, 1) for x in operands)
        for y in equation.results:
            self.made[y] = equation
            if height <= TALLEST:
                self.height[y] = height
            if equation.primitive.name in MAKERS:
                self.exponential[y] = 0
            elif equation.primitive.name in CARRIES:
                steps = [
                    self.exponential[x]
                    for x in operands
                    if x in self.exponential
                    and not (x in self.functions and y in self.names)
                ]
                if steps and max(steps) < FARTHEST:
                    self.exponential[y] = 1 + max(steps)
                    behind = [x for x in operands if x in self.exponential]
                    if all(map(self.is_settled, behind)):
                        self.settled.add(y)
            self.keep_curved(equation, y)

    def keep_curved(self, equation: Equation, y: Value) -> None:
        """Remember how far a sum is from what it may be recognised by."""
        if equation.primitive.name in ("tanh", "softplus", "erf"):
            self.curved[y] = 0
            self.nested.update(x for x in equation.operands if self.curved.get(x) == 0)
        elif equation.primitive.name in ALGEBRA and y not in self.names:
            steps = [self.curved[x] for x in equation.operands if x in self.curved]
            if steps and max(steps) < FARTHEST:
                self.curved[y] = 1 + max(steps)

    def is_settled(self, x: Value) -> bool:
        """Whether the exponentials behind a value are those of functions by now."""
        named_tanh = x in self.names and self.made[x].primitive.name == "tanh"
        return x in self.functions or x in self.settled or named_tanh

    def of(self, equation: Equation) -> Step | None:
        """What an equation is recognised as, if it is."""
        name = equation.primitive.name
        operands = [x for x in equation.operands if isinstance(x, Value)]
        if name not in TRIGGERS:
            return None
        self.in_log = name == "log"
        self.in_sum = name in ("add", "sub")
        behind: Mapping[Any, int] = self.curved if self.in_sum else self.exponential
        if name != "sqrt" and not any(x in behind for x in operands):
            return None
        reader = Reader(self.made, self.stops, self.symbol)
        for x in equation.operands:
            reader.read(x)
        start = reader.line(equation)
        for rule_name, after in recognitions(start):
            return Step(rule_name, start, after)
        if name in ("mul", "div"):
            for after in merged(start, [reader.known[x] for x in equation.operands]):
                return Step(MERGED, start, after)
        return None

    def stops(self, value: Value) -> bool:
        """Whether recognition looks no further than a value."""
        if value not in self.made or value not in self.height:
            return True
        if self.in_sum and value in self.nested:
            return True
        name = self.made[value].primitive.name
        if self.in_sum and value not in self.names and name in CASES:
            return False
        if value in self.functions:  # only a logarithm of one is a function again
            return value in self.names or not self.in_log
        if value in self.exponential:
            settled = value in self.settled and not self.in_log
            tanh = name == "tanh"
            return value in self.names and (settled or tanh)
        return value in self.names or name not in LOOKED

    def symbol(self, value: Value) -> Symbol:
        """The symbol of a value that is not looked into."""
        return self.symbols[value]

    def rewrite(self, builder: Builder, equation: Equation, step: Step) -> None:
        """Write a recognised function in place of the equation that spelt it out."""
        (value,) = equation.results
        with builder.because(equation.origin.then(step.rule)):
            before = len(builder.equations)
            tracer = Writer(builder, self.atoms, value.aval.dtype).write(
                step.after, value.aval
            )
        assert isinstance(tracer.atom, Value), "a function is no number"
        last = builder.made[tracer.atom]
        assert builder.equations[-1] is last, "a recognised function is written last"
        builder.equations.pop()
        new = Equation(
            last.primitive, last.operands, (value,), last.origin, last.params
        )
        builder.append(new)
        for line in builder.equations[before:]:
            self.keep(line)
            for y in line.results:
                if y not in self.symbols:
                    self.symbols[y] = Symbol(y, y.aval.shape, order=f"r{before}")
                    self.atoms[self.symbols[y]] = y
        if step.rule not in PASSING:
            self.functions.add(value)
        self.exponential[value] = 0


# ----------------------------------------------------------- what is recognised


def recognitions(start: Term) -> Iterator[tuple[str, Term]]:
    """Every way in which a term, as a whole or one item of it, is a named function."""
    inside = operations_in(start)
    for law in RECOGNISE:
        if law.operations <= inside:
            for after in rewrites(law, start):
                yield law.name, after
    for name, structural in STRUCTURAL.items():
        for after in structural(start):
            yield name, after


def softmaxes(start: Term) -> Iterator[Term]:
    """e^q / Σ e^q, with or without a shift of q, as softmax(q)."""
    number, factors = split(start)
    for i, (base, exponent) in enumerate(factors):
        if base != EULER or not isinstance(exponent, Term):
            continue
        for j, (total, e) in enumerate(factors):
            axis = axis_of_total(total, exponent) if e == -1 else None
            if axis is not None:
                rest = [f for k, f in enumerate(factors) if k not in (i, j)]
                yield mul(from_factors(number, rest), softmax_of(exponent, axis))


def axis_of_total(total: Term, exponent: Term) -> Axes | None:
    """The axes along which a term is the total of e^q, lined up with q; else None."""
    shape = total.shape
    while isinstance(total, App) and total.primitive.name in ("reshape", "getitem"):
        (total,) = total.operands[:1]
    axes = summed_axes(total, exponent)
    if axes is None or not isinstance(total, App):
        return None
    kept = tuple(1 if i in axes else n for i, n in enumerate(total.given[0].shape))
    lone = len(kept) - len(shape)
    return axes if kept[lone:] == shape and set(kept[:lone]) <= {1} else None


def summed_axes(total: Term, exponent: Term) -> Axes | None:
    """The axes of a sum of e^q."""
    if not isinstance(total, App) or total.primitive.name != "sum":
        return None
    inside = total.operands[0]
    if not is_power(inside) or split(inside)[1] != ((EULER, exponent),):
        return None
    axes: Axes = dict(total.params)["axis"]
    return axes if total.given[0].shape == exponent.shape else None


def is_power(x: Term) -> bool:
    """Whether a term is one base to one exponent."""
    return isinstance(x, Prod) and len(x.factors) == 1


def softmax_of(q: Term, axes: Axes) -> Term:
    """The softmax of the rows of q; a common shift of a row does nothing."""
    rows, _ = without_shift(q, axes)
    return apply(named("softmax"), (rows,), (("axis", axes),), rows.shape)


def logsumexp_of(q: Term, total: App) -> Term:
    """The logsumexp of the rows of q, shaped as the sum; a common shift comes out."""
    axes, keepdims = dict(total.params)["axis"], dict(total.params)["keepdims"]
    rows, shift = without_shift(q, axes)
    if shift.shape and not keepdims:
        rows, shift = q, ZERO
    params = (("axis", axes), ("keepdims", keepdims))
    return add(apply(named("logsumexp"), (rows,), params, total.shape), shift)


def without_shift(q: Term, axes: Axes) -> tuple[Term, Term]:
    """A term less the items that are the same along some axes, and those items."""
    shifts = {m for _, m in items_of(q) if rests_along(m.shape, q.shape, axes)}
    kept = add(*(scale(c, m) for c, m in items_of(q) if m not in shifts))
    shift = add(*(scale(c, m) for c, m in items_of(q) if m in shifts))
    return (q, add()) if kept.shape != q.shape else (kept, shift)


def logsumexps(start: Term) -> Iterator[Term]:
    """A log of Σ e^q as logsumexp(q), as a whole or as one item of a sum."""
    for c, m in items_of(start):
        if not isinstance(m, App) or m.primitive.name != "log":
            continue
        number, factors = split(m.operands[0])
        for i, (total, e) in enumerate(factors):
            exponent = exponent_in(total) if e == 1 else None
            rest = from_factors(Fraction(1), [*factors[:i], *factors[i + 1 :]])
            if exponent is None or not isinstance(total, App) or number <= 0:
                continue
            if is_positive(rest):
                found = logsumexp_of(exponent, total)
                found = add(found, log_of_number(number), log_of(rest))
                if total.primitive.name == "mean":
                    found = add(found, scale(-1, log_of(count_in(total))))
                yield add(start, scale(-c, m), scale(c, found))


def exponent_in(total: Term) -> Term | None:
    """The q of a sum or mean of e^q."""
    if not isinstance(total, App) or total.primitive.name not in ("sum", "mean"):
        return None
    if not is_power(total.operands[0]):
        return None
    ((_, exponent),) = split(total.operands[0])[1]
    known = isinstance(exponent, Term) and total.given[0].shape == exponent.shape
    return exponent if known else None


def count_in(mean: App) -> Term:
    """How many entries a mean is over."""
    shape, axes = mean.given[0].shape, dict(mean.params)["axis"]
    return mul(ONE, *(constant(shape[axis]) for axis in axes))


def log_of_exps(start: Term) -> Iterator[Term]:
    """A log of e^x·y as x + log(y), which no exponential under- or overflows."""
    for c, m in items_of(start):
        if not isinstance(m, App) or m.primitive.name != "log":
            continue
        number, factors = split(m.operands[0])
        powers = [f for f in factors if f[0] == EULER and isinstance(f[1], Term)]
        if powers:
            rest = from_factors(number, [f for f in factors if f not in powers])
            exponent = add(*(e for _, e in powers))
            found = scale(c, add(exponent, log_of(rest)))
            yield add(start, scale(-c, m), found)


def log_of(x: Term) -> Term:
    """The log of a term; of a reciprocal, less the log of what stands below."""
    number, factors = split(x)
    if not factors and number > 0:
        return log_of_number(number)
    if all(not isinstance(e, Term) and e < 0 for _, e in factors):
        return scale(-1, apply(named("log"), (power(x, Fraction(-1)),)))
    return apply(named("log"), (x,))


def norms(start: Term) -> Iterator[Term]:
    """√Σx² as the norm of x."""
    number, factors = split(start)
    for i, (base, exponent) in enumerate(factors):
        inside = squared_sum(base)
        if inside is None or not is_exact(exponent) or exponent.denominator != 2:
            continue
        x, params, given = inside
        rest: list[Factor] = [f for k, f in enumerate(factors) if k != i]
        r = apply(named("norm"), (x,), params, base.shape, (given,))
        yield mul(from_factors(number, rest), power(r, exponent / HALF))


def hypots(start: Term) -> Iterator[Term]:
    """√(x² + y² + …) as the length of (x, y, …), which no square overflows."""
    number, factors = split(start)
    for i, (base, exponent) in enumerate(factors):
        if not is_exact(exponent) or exponent.denominator != 2:
            continue
        r = length_of(base) if isinstance(base, Sum) else None
        if r is not None:
            rest: list[Factor] = [f for k, f in enumerate(factors) if k != i]
            yield mul(from_factors(number, rest), power(r, exponent / HALF))


def squared_sum(x: Term) -> tuple[Term, tuple[tuple[str, object], ...], Aval] | None:
    """The operand whose squares are summed, the params of the sum, and its aval."""
    if not isinstance(x, App):
        return None
    whole = x.given[0]
    if x.primitive.name == "contract" and x.operands[0] == x.operands[1]:
        first, second = dict(x.params)["spec"].split("->")[0].split(",")
        if x.shape or first != second:
            return None
        axes = tuple(range(whole.ndim))
        return x.operands[0], (("axis", axes), ("keepdims", False)), whole
    if x.primitive.name != "sum" or not is_power(x.operands[0]):
        return None
    ((base, exponent),) = split(x.operands[0])[1]
    return (base, x.params, whole) if exponent == Fraction(2) else None


STRUCTURAL: dict[str, Callable[[Term], Iterator[Term]]] = {
    "is-softmax": softmaxes,
    "is-logsumexp": logsumexps,
    "log-exp": log_of_exps,
    "is-norm": norms,
    "is-hypot": hypots,
    "two-class-softmax": two_class_softmaxes,
    "is-hyperbolic": hyperbolics,
    "hyperbolic-times-exp": hyperbolics_times_exp,
    "is-logaddexp": logs_of_sums,
    "log-of-difference": logs_of_differences,
    **NORMAL,
}
