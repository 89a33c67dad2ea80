"""The legend: what part each named value plays, as far as the program shows it.

    legend(graph, wrt, names, captured) -> one Entry for each named value

Roles are read from the program: what is multiplied with data and differentiated is a
weight, what is added to such a product a bias, what is compared with a prediction and
never differentiated a label. Names only settle what the program leaves open; and where
that is not enough, an entry says the weaker word that is true: an input, a parameter,
an intermediate.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.explain.derivation import Entry, Role
from whence.transform.transpose import reached

ORDER: tuple[Role, ...] = get_args(Role)

WEIGHT = re.compile(r"[wW]([a-z]{0,2}\d*|_.*)|(weight|kernel|coef)\w*|theta\d*|beta\d*")
BIAS = re.compile(r"b([a-z]{0,2}\d*|_.*)|(bias|intercept)\w*")
DATA = re.compile(r"[xX](\d*|_.*)|(input|feature|data|sample)\w*")
TARGET = re.compile(r"[yYtT](\d*|_.*)|(target|label|class|one_?hot)\w*")
LOSS = re.compile(r"[LJ]|\w*(loss|cost|error|nll|bce|mse|objective|entropy)\w*")

PRODUCTS = {"contract", "mul"}
LOGARITHMS = {"log", "log1p", "log2", "log10", "log_softmax", "log_sigmoid"}
PROBABILITIES = {"sigmoid", "softmax", "log_softmax"}
DISTANCES = {"square", "abs", "norm", "maximum", "relu", "softplus", "select"}


@dataclass(frozen=True)
class Meeting:
    """Where what is made of one input alone first meets something else."""

    equation: Equation
    own: Value
    other: Value


class Roles:
    """Reads the role of every named value from a program."""

    def __init__(
        self, graph: Graph, wrt: Sequence[Value], names: Mapping[Value, str]
    ) -> None:
        self.graph, self.wrt, self.names = graph, set(wrt), names
        self.moving = reached(graph, wrt)
        self.made = {y: e for e in graph.equations for y in e.results}
        self.needs = needs(graph)
        self.uses: dict[Value, list[Equation]] = defaultdict(list)
        self.meetings: dict[Value, list[Meeting]] = defaultdict(list)
        for equation in graph.equations:
            for x in values(equation.operands):
                self.uses[x].append(equation)
            for meeting in self.meetings_at(equation):
                (x,) = self.needs[meeting.own]
                self.meetings[x].append(meeting)
        (self.output,) = values(graph.outputs[:1])
        self.labels = {x: m for x in graph.inputs if (m := self.compared(x))}
        self.predictions = self.predicted() or self.picked()
        self.learns = bool(self.labels or self.predictions)

    def meetings_at(self, equation: Equation) -> Iterator[Meeting]:
        """What meets in an equation, from the side of what is made of one input."""
        operands = values(equation.operands)
        for own in operands:
            if len(self.needs[own]) == 1:
                for other in operands:
                    if self.needs[other] != self.needs[own]:
                        yield Meeting(equation, own, other)

    def role(self, x: Value, captured: Collection[Value]) -> Role:
        """The role of a named value."""
        if x is self.output:
            named = LOSS.fullmatch(self.names.get(x, ""))
            return "loss" if not x.aval.shape and (self.learns or named) else "output"
        if x in self.made:
            return "prediction" if x in self.predictions else "intermediate"
        return "captured array" if x in captured else self.role_of_input(x)

    def role_of_input(self, x: Value) -> Role:
        """The role of an argument."""
        if x in self.labels:
            return "label"
        if np.dtype(x.aval.dtype).kind in "iub":
            indexed = any(e.primitive.name == "getitem" for e in self.uses[x])
            return "index" if indexed else "constant"
        if self.is_bias(x):
            return "bias"
        multiplied = self.multiplied(x)
        if multiplied and self.is_weight(x):
            return "weight"
        if x in self.wrt:
            named = DATA.fullmatch(self.names[x])
            return "parameter" if self.learns and not named else "input"
        data = (multiplied and self.learns) or x.aval.shape
        return "input" if data else "constant"

    def multiplied(self, x: Value) -> bool:
        """Whether an input is contracted with a value, or multiplied with a weight."""
        return any(
            m.equation.primitive.name == "contract"
            or (m.equation.primitive.name == "mul" and self.is_linear(m))
            for m in self.meetings[x]
        )

    def is_linear(self, meeting: Meeting) -> bool:
        """Whether a product is of an input itself with one of the other kind."""
        (x,) = self.needs[meeting.own]
        others = self.needs[meeting.other]
        mixed = any((x in self.wrt) != (other in self.wrt) for other in others)
        told = mixed or bool(WEIGHT.fullmatch(self.names[x]))
        return told and self.is_bare(meeting.own) and self.is_bare(meeting.other)

    def is_bare(self, x: Value) -> bool:
        """Whether a value is an argument, in another shape at most."""
        while x in self.made and self.made[x].primitive.name in VIEWS:
            (x,) = values(self.made[x].operands)
        return x not in self.made

    def is_weight(self, x: Value) -> bool:
        """Whether what is multiplied with other things is a weight."""
        name = self.names[x]
        if WEIGHT.fullmatch(name):
            return self.learns or bool(x.aval.shape) or x in self.wrt
        if x not in self.wrt or not self.learns or DATA.fullmatch(name):
            return False
        return any(not self.needs[m.other] <= self.wrt for m in self.meetings[x])

    def is_bias(self, x: Value) -> bool:
        """Whether an input is only ever added to what is computed with a weight."""
        meetings = self.meetings[x]
        added = bool(meetings) and all(
            m.equation.primitive.name == "add" and len(self.needs[m.other]) > 1
            for m in meetings
        )
        arrays = any(m.other.aval.shape for m in meetings)
        named = bool(BIAS.fullmatch(self.names[x])) and (arrays or self.learns)
        return added and (named or (x in self.wrt and self.learns))

    # ----------------------------------------------------- labels, predictions

    def compared(self, x: Value) -> list[Meeting]:
        """Where a label meets a prediction; nothing, if an input is no label."""
        if x in self.wrt or self.output.aval.shape:
            return []
        meetings = self.meetings[x]
        told = all(
            m.other in self.moving
            and (len(self.needs[m.other]) > 1 or self.is_likely(m.other))
            for m in meetings
        )
        late = told and not any(self.enters_after(m.equation) for m in meetings)
        if not late:
            return []
        named = TARGET.fullmatch(self.names.get(x, ""))
        scalar = not any(y.aval.shape for y in self.graph.inputs)
        strong = any(map(self.compares, meetings))
        return meetings if (strong and not scalar) or named else []

    def is_likely(self, x: Value) -> bool:
        """Whether a value is made of probabilities, even if of one input alone."""
        found = self.answer(x)
        return found is not None and self.made[found].primitive.name in PROBABILITIES

    def compares(self, meeting: Meeting) -> bool:
        """Whether a meeting is one of those in which losses compare."""
        name = meeting.equation.primitive.name
        if name == "getitem":
            return True
        if name == "sub":
            after = self.after(meeting.equation)
            return any(self.is_distance(e) for e in after)
        behind = self.alone_behind(meeting.other)
        return name in {*PRODUCTS, "select", "xlogy"} and any(
            e.primitive.name in LOGARITHMS for e in behind
        )

    def is_distance(self, equation: Equation) -> bool:
        """Whether an equation makes a distance of a difference."""
        name, operands = equation.primitive.name, equation.operands
        if name == "power":
            return isinstance(operands[1], Literal) and operands[1].number == 2
        squared = len(operands) == 2 and operands[0] is operands[1]
        return name in DISTANCES or (name in PRODUCTS and squared)

    def after(self, equation: Equation) -> list[Equation]:
        """The equations that need the results of one."""
        reach = reached(self.graph, equation.results)
        return [
            e
            for e in self.graph.equations
            if e is not equation and any(x in reach for x in e.operands)
        ]

    def enters_after(self, equation: Equation) -> bool:
        """Whether something is still multiplied with an input to be learnt."""
        return any(
            e.primitive.name in PRODUCTS
            and any(self.needs[x] <= self.wrt for x in values(e.operands))
            for e in self.after(equation)
        )

    def alone_behind(self, x: Value) -> list[Equation]:
        """The equations that make a value of one named value alone."""
        found = []
        while x in self.made and x not in self.names:
            found.append(self.made[x])
            moving = self.moving_operands(self.made[x])
            if len(moving) != 1:
                break
            (x,) = moving
        return found

    def moving_operands(self, equation: Equation) -> list[Value]:
        """The operands of an equation that move, each once."""
        return [x for x in dict.fromkeys(values(equation.operands)) if x in self.moving]

    def predicted(self) -> set[Value]:
        """The named value that the labels meet, if it is one."""
        meetings = [m for found in self.labels.values() for m in found]
        met = {self.answer(m.other) for m in meetings}
        return {x for x in met if x is not None} if len(met) == 1 else set()

    def picked(self) -> set[Value]:
        """The probabilities of which a fixed class is picked for the output."""
        return {
            x
            for x in self.names
            if x in self.made
            and not self.output.aval.shape
            and self.made[x].primitive.name in ("softmax", "log_softmax")
            and all(e.primitive.name == "getitem" for e in self.uses[x])
        }

    def answer(self, x: Value) -> Value | None:
        """The named value behind what a label meets, logarithms left aside."""
        while x in self.made:
            equation = self.made[x]
            if x in self.names and equation.primitive.name != "log":
                return x
            moving = self.moving_operands(equation)
            if len(moving) != 1:
                return None
            (x,) = moving
        return None


VIEWS = {"broadcast", "convert", "reshape", "transpose", "positive"}


def values(atoms: Sequence[Atom]) -> list[Value]:
    """The values among atoms."""
    return [x for x in atoms if isinstance(x, Value)]


def needs(graph: Graph) -> dict[Value, frozenset[Value]]:
    """The inputs that every value of a program depends on."""
    found = {x: frozenset([x]) for x in graph.inputs}
    for equation in graph.equations:
        behind = [found[x] for x in values(equation.operands)]
        for y in equation.results:
            found[y] = frozenset().union(*behind)
    return found


def legend(
    graph: Graph,
    wrt: Sequence[Value],
    names: Mapping[Value, str],
    captured: Collection[Value],
) -> tuple[Entry, ...]:
    """Every named value with its role, in the order of a list of notations.

    Args:
        graph: The program, in recognised functions.
        wrt: The inputs it is differentiated by.
        names: What readers call the values; only these are listed.
        captured: The inputs that are no arguments.
    """
    roles = Roles(graph, wrt, names)
    found = [Entry(x, names[x], roles.role(x, captured)) for x in names]
    place = {x: i for i, x in enumerate(graph.values())}
    return tuple(sorted(found, key=lambda e: (ORDER.index(e.role), place[e.value])))
