"""Remarks: what is true at the point, or in words, beside the lines of a derivation.

    remarks(ready, lines, results, roles) -> what to add at the end

A kink is said with the slopes on its sides and the convention that was taken; a choice
between branches with the branch that counts; a chain of numbers, or an error times an
input, in words. Nothing is said unless it can matter: a kink behind a branch that was
not taken is silent.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from whence.core.graph import Atom, Equation, Literal as Number, Value
from whence.core.source import Place, line_of
from whence.core.structure import Pointwise
from whence.explain.blocks import block
from whence.explain.derivation import (
    Entry,
    Line,
    Named,
    Part,
    Remark,
    Result,
    Slope,
    Written,
)
from whence.explain.evidence import number_of, plain_cotangents
from whence.explain.numbers import every_value
from whence.explain.prepare import Prepared
from whence.simplify.removable import filled
from whence.simplify.term import App, Term, add, split
from whence.transform.reverse import vjp
from whence.transform.transpose import reached

CHOICES = {"select", "maximum", "minimum", "relu"}
COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
ASIDE = (1e-7, 1e-9)  # how far from a kink its sides are, relative to the input


class Point:
    """The numbers of a program at the point, and what is near it."""

    def __init__(self, ready: Prepared) -> None:
        self.ready = ready
        self.made = {y: e for e in ready.graph.equations for y in e.results}
        self.moving = reached(ready.graph, ready.wrt)
        self.numbers = every_value(ready.graph, ready.arrays)

    def number(self, x: Atom) -> np.ndarray:
        """The number of an operand."""
        return np.asarray(number_of(x, self.numbers))

    def formula(self, x: Atom) -> Part:
        """How an operand is written: by its name, or by what it is made of."""
        if isinstance(x, Number):
            return f"{x.number:g}"
        if x not in self.made or x in self.ready.names:
            return x
        return self.definition(x)

    def definition(self, x: Value) -> Written:
        """What a value is made of, down to the named values."""
        return Written(block(x, self.made, self.ready.names, self.ready.symbols))

    # ------------------------------------------------------------------- kinks

    def kinks(self) -> Iterator[Remark]:
        """The kinks that the derivative meets at the point."""
        kinked = [e for e in self.choosable() if np.any(self.at_kink(e))]
        met = [e for e in kinked if np.any(self.at_kink(e) & self.felt(e))]
        yield from map(self.kink, met)
        branching = (e for e in self.choosable() if e.primitive.name == "select")
        edges = [e for e in branching if np.any(self.on_edge(e))]
        yield from map(self.edge, edges)
        if met or edges:
            yield from self.sides("kink" if met else "branch")

    def choosable(self) -> list[Equation]:
        """The equations that move."""
        return [e for e in self.ready.graph.equations if e.results[0] in self.moving]

    def at_kink(self, equation: Equation) -> np.ndarray:
        """Which entries of a result are at a kink."""
        kink = equation.primitive.kink
        if kink is None:
            return np.zeros((), bool)
        operands = [self.number(x) for x in equation.operands]
        result = self.number(equation.results[0])
        return np.asarray(kink.at(result, *operands, **equation.params))

    def felt(self, equation: Equation) -> np.ndarray:
        """Which entries of a result the output feels."""
        (y,) = equation.results
        pulled, bars = plain_cotangents(self.ready, [y])
        if y not in bars:
            return np.zeros((), bool)
        numbers = every_value(pulled, self.ready.arrays)
        return np.asarray(np.not_equal(number_of(bars[y], numbers), 0))

    def kink(self, equation: Equation) -> Remark:
        """The slopes beside a kink, and the convention at it."""
        kink, (y,) = equation.primitive.kink, equation.results
        assert kink is not None
        where = counted(self.at_kink(equation))
        words = f"{kink.sides}; by convention {kink.taken}"
        return Remark("kink", (self.definition(y), f"{where}: {words}"))

    def on_edge(self, equation: Equation) -> np.ndarray:
        """Where the condition of a branch compares equals."""
        condition = self.made.get(bare(equation.operands[0], self.made))
        if condition is None or condition.primitive.name not in COMPARISONS:
            return np.zeros((), bool)
        x, y = map(self.number, condition.operands)
        return np.asarray(x == y)

    def edge(self, equation: Equation) -> Remark:
        """A condition that is on its edge."""
        condition = bare(equation.operands[0], self.made)
        edge = self.on_edge(equation)
        holds = (
            bool(np.any(self.number(condition)[edge]))
            if edge.ndim
            else bool(self.number(condition))
        )
        words = "holds: the first" if holds else "does not hold: the second"
        where = counted(edge)
        return Remark(
            "branch",
            (
                self.definition(condition),
                f"{where} is on its edge, and {words} branch counts",
            ),
        )

    def sides(self, kind: Literal["kink", "branch"]) -> Iterator[Remark]:
        """The derivative by a number to the left and to the right of the point."""
        for x in self.ready.wrt:
            if x.aval.shape or self.ready.output.aval.shape:
                continue
            left, right = (self.beside(x, side) for side in (-1, 1))
            if left != right:
                words = f" is {left} left of the point and {right} right of it"
                yield Remark(kind, (Slope(self.ready.output, x), words))

    def beside(self, x: Value, side: int) -> str:
        """The derivative by a number on one side of the point, as a limit."""
        i, pulled = (
            self.ready.graph.inputs.index(x),
            vjp(self.ready.written, [x], seed=1),
        )
        found = []
        for step in ASIDE:
            arrays = list(self.ready.arrays)
            here = float(arrays[i])
            arrays[i] = np.asarray(here + side * step * max(1.0, abs(here)))
            found.append(float(pulled(*arrays)[-1]))
        near, nearer = found
        if np.isfinite(found).all() and abs(near - nearer) <= 1e-2 * abs(nearer) + 1e-5:
            return f"{round(nearer, 6) + 0.0:.4g}"
        return "without bound" if np.isfinite(found).all() else "not defined"

    # ---------------------------------------------------------------- branches

    def branches(self) -> Iterator[Remark]:
        """Which branch counts, of those that the derivative depends on."""
        for equation in self.choosable():
            if equation.primitive.name == "select":
                if not np.all(self.on_edge(equation)):
                    yield self.condition(equation)
            elif equation.primitive.name in CHOICES and not np.all(
                self.at_kink(equation)
            ):
                yield self.larger(equation)

    def condition(self, equation: Equation) -> Remark:
        """Where the condition of a branch holds."""
        condition = bare(equation.operands[0], self.made)
        true = self.number(condition).astype(bool)
        shown = self.definition(condition) if condition in self.made else condition
        if not true.ndim or true.all() or not true.any():
            holds = bool(true.all())
            words = "holds: the first" if holds else "does not hold: the second"
            return Remark("branch", (shown, f" {words} branch counts"))
        words = " holds" + counted(true) + ": there the first branch counts"
        return Remark("branch", (shown, words + ", elsewhere the second"))

    def larger(self, equation: Equation) -> Remark:
        """Which operand a maximum or minimum is."""
        (y,), first = equation.results, equation.operands[0]
        second = (*equation.operands, Number(0, y.aval))[1]
        same = np.asarray(self.number(first) == self.number(y))
        shown = self.definition(y)
        if same.all() or not same.any():
            one = first if same.all() else second
            return Remark("branch", (shown, " is ", self.formula(one)))
        where = counted(same) + " and "
        others = (self.formula(second), " in the others")
        return Remark("branch", (shown, " is ", self.formula(first), where, *others))


def bare(x: Atom, made: Mapping[Value, Equation]) -> Any:
    """A value before it is repeated or converted."""
    while isinstance(x, Value) and x in made:
        if made[x].primitive.name not in ("broadcast", "convert"):
            break
        x = made[x].operands[0]
    return x


def counted(mask: np.ndarray) -> str:
    """In how many entries something is so; nothing for a number."""
    if not mask.ndim:
        return ""
    return f" in {int(mask.sum())} of {mask.size} entries"


def decided(decisions: Sequence[tuple[Place, bool]]) -> Iterator[Remark]:
    """Which way Python went at each condition: it is that way that is derived."""
    answers: dict[tuple[str, int], list[bool]] = {}
    for where, answer in decisions:
        if where.stack:  # a loop may ask at several instructions of one line
            asked = (where.file, line_of(*where.stack[0]))
            answers.setdefault(asked, []).append(answer)
    for (file, line), found in list(answers.items())[:MOST]:
        condition = linecache.getline(file, line).strip().removesuffix(":")
        shown = f"“{condition}” " if condition else "the condition "
        name = "prompt" if file.startswith("<") else Path(file).name
        yield Remark("branch", (f"{shown}{held(found)} ({name}:{line})",))


MOST = 5  # conditions of Python that are named


def held(answers: Sequence[bool]) -> str:
    """How often a condition held."""
    if len(answers) == 1:
        return "holds" if answers[0] else "does not hold"
    if all(answers[:-1]) and not answers[-1]:
        return f"held {len(answers) - 1} times, then not"
    return f"held {sum(answers)} of {len(answers)} times"


# ------------------------------------------------------------------------ words


def series(ready: Prepared, point: Point) -> Iterator[Remark]:
    """Where a power series runs, since what is written has no value or no digits."""
    if not ready.recognises:
        return
    for value, gap in filled(ready.graph)[1].items():
        x = gap.symbol.of
        if not isinstance(x, Value) or x not in ready.names:
            continue
        if np.any(np.abs(point.number(x) - float(gap.at)) < float(gap.radius)):
            words = f" = {float(gap.at):g}: within {float(gap.radius):g} of it, "
            words += "the power series of that is what runs (series-near)"
            shown = point.definition(value)
            yield Remark("series", (shown, " has no value at ", x, words))


def of_sum(ready: Prepared, point: Point) -> Iterator[Remark]:
    """That a function of several entries is differentiated as their sum.

    Where every entry depends on the same entry of the input alone, there is no saying.
    """
    shape = ready.output.aval.shape
    on_the_way = [e for e in ready.graph.equations if e.results[0] in point.moving]
    entrywise = all(isinstance(e.primitive.structure, Pointwise) for e in on_the_way)
    if shape and not (entrywise and all(x.aval.shape == shape for x in ready.wrt)):
        words = " has several entries: these are the derivatives of their sum"
        yield Remark("sum", (ready.output, words))


def outside(ready: Prepared, point: Point) -> Iterator[Remark]:
    """Where the function, as it runs too, has no value at the point: log(x) at −1."""
    runs = every_value(ready.running, ready.arrays)[ready.output]
    if np.isfinite(runs).all():
        return
    filled_in = filled(ready.graph)[1] if ready.recognises else {}
    for equation in ready.graph.equations:
        (y,) = equation.results
        given = all(np.isfinite(point.number(x)).all() for x in equation.operands)
        if y in point.moving and given and not np.isfinite(point.number(y)).all():
            if y not in filled_in:
                words = " has no finite value here: the lines hold where it has one"
                yield Remark("domain", (point.definition(y), words))
            return


def in_words(
    ready: Prepared, lines: Sequence[Line], results: Sequence[Result]
) -> Iterator[Remark]:
    """A chain of numbers in words, where there is one way of several links."""
    slopes = {
        (x.subject.of, x.subject.by): x.number
        for x in lines
        if x.kind == "local" and isinstance(x.subject, Slope) and not x.subject.held
    }
    if len(results) != 1 or np.ndim(results[0].number):
        return
    output = [x.number for x in lines if x.subject == Named(ready.output)]
    if not np.isfinite(output).all():
        return
    links, now = [], results[0].by
    while now is not ready.output:
        users = [v for v, part in ready.parts.items() if now in part.operands]
        if len(users) != 1 or (users[0], now) not in slopes:
            return
        links.append((users[0], slopes[users[0], now], now))
        (now,) = users
    if 2 <= len(links) <= LONGEST and all(tells(k) for _, k, _ in links):
        parts: list[Part] = []
        for of, k, by in links:
            parts += [*grows(of, float(k), by), ", "]
        whole = grows(ready.output, float(results[0].number), results[0].by)
        yield Remark("words", (*parts, "so ", *whole))


LONGEST = 4  # links of a chain that can be told in words


def tells(x: Any) -> bool:
    """Whether a slope is one finite number, and something moves."""
    return np.ndim(x) == 0 and bool(np.isfinite(x)) and bool(x != 0)


def grows(of: Value, slope: float, by: Value) -> tuple[Part, ...]:
    """How fast one number grows with another."""
    times = "" if abs(slope) == 1 else f"{abs(slope):.4g} times "
    if slope > 0:
        return (of, f" grows {times}as fast as ", by)
    return (of, f" falls {times}as fast as ", by, " grows")


def errors(
    ready: Prepared, results: Sequence[Result], legend: Sequence[Entry]
) -> Iterator[Remark]:
    """Gradients that are a prediction error times something, in words."""
    found = {e.role: ready.symbols[e.value] for e in legend}
    if not {"prediction", "label"} <= found.keys():
        return
    if found["prediction"].shape != found["label"].shape:
        return
    error = add(found["prediction"], -found["label"])
    values: dict[Term, Value] = {s: v for v, s in ready.symbols.items()}
    for result in results:
        coefficient, factors = split(result.form)
        operands = tuple(b for b, e in factors if e == 1)
        if len(factors) == 1 and isinstance(factors[0][0], App):
            product = factors[0][0]
            operands = product.operands if product.primitive.name == "contract" else ()
        others = [values.get(x) for x in operands if x not in (error, -error)]
        sign = -1 if -error in operands else 1
        if coefficient != sign or len(others) != len(operands) - 1 or len(others) > 1:
            continue
        said = " is the error of the prediction"
        parts: list[Part] = ["the gradient by ", result.by, said]
        if others and others[0] is not None:
            parts += [" times ", others[0]]
        if None not in others:
            yield Remark("words", tuple(parts))


def remarks(
    ready: Prepared,
    lines: Sequence[Line],
    results: Sequence[Result],
    legend: Sequence[Entry],
) -> tuple[Remark, ...]:
    """Everything that is worth adding to a derivation."""
    point = Point(ready)
    told = (
        *of_sum(ready, point),
        *outside(ready, point),
        *point.kinks(),
        *point.branches(),
        *series(ready, point),
    )
    words = tuple(errors(ready, results, legend))
    words = words or tuple(in_words(ready, lines, results))
    return tuple(dict.fromkeys((*told, *words)))
