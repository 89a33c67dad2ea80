"""A derivation: lines with both sides, the rule between them, and their check.

This is data alone. ``explain.build`` makes it from a program and ``explain.show``
writes it out. Every line was evaluated at several points before it was put here; where
one failed, the derivation ends with ``failure`` saying which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from whence.core.graph import Graph, Value
from whence.explain.blocks import Block
from whence.simplify.term import Symbol, Term

Kind = Literal["name", "local", "chain", "rewrite"]


@dataclass(frozen=True)
class Named:
    """The left side of a forward line: a value by its name."""

    value: Value


@dataclass(frozen=True)
class Slope:
    """The left side of a derivative: ∂(of)/∂(by).

    Attributes:
        of: What is differentiated.
        by: What it is differentiated by.
        held: Values that depend on ``by`` too and are held fixed, in a local slope.
    """

    of: Value
    by: Value
    held: tuple[Value, ...] = ()


Subject = Named | Slope


@dataclass(frozen=True)
class Chain:
    """The chain rule: a sum over what a value goes into, of products of slopes.

    Attributes:
        slopes: The products in symbols.
        products: The same with each factor as a term, nothing multiplied out.
    """

    slopes: tuple[tuple[Slope, ...], ...]
    products: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True)
class Written:
    """A definition as the user wrote it, before it is brought into normal form.

    Attributes:
        block: The equations that make the value.
    """

    block: Block


Form = Term | Chain | Written


@dataclass(frozen=True)
class Over:
    """The layers for which a line is told at once.

    Attributes:
        letter: What is written for the number of a layer.
        first: The number of the first layer in the order told.
        last: The number of the last.
    """

    letter: str
    first: int
    last: int


@dataclass(frozen=True)
class Line:
    """One line of a derivation.

    Attributes:
        kind: What sort of line it is.
        subject: What the line is about.
        form: What it is equal to.
        rule: The name of the rule that gives it.
        conditions: Terms that may not be 0 for it to hold.
        number: Its value at the point.
        follows: Whether it goes on from the line before, with the same left side.
        before: What the rule was used on, where that is not what was last said of the
            subject: a function as the user spelt it out.
        over: The layers it is told for, where it stands for a line of each.
    """

    kind: Kind
    subject: Subject
    form: Form
    rule: str = ""
    conditions: tuple[Term, ...] = ()
    number: Any = None
    follows: bool = False
    before: Form | None = None
    over: Over | None = None


@dataclass(frozen=True)
class Path:
    """What one path from an input to the output contributes.

    Attributes:
        through: The term, or the word, by which readers know the path.
        form: Its contribution.
        number: Its value at the point.
        share: The signed part of the whole, along the whole.
    """

    through: Term | str
    form: Term
    number: Any
    share: float


@dataclass(frozen=True)
class Result:
    """The derivative by one input.

    Attributes:
        by: The input.
        form: Its closed form.
        explicit: The same in the user's names alone.
        where: The names it uses beyond the user's, with what they are.
        operations: The number of operations in it.
        number: Its value at the point.
        paths: What each path contributes, where there are several.
        general: The form without the assumption, where one was used.
        over: The layers it is told for, where it stands for a result of each.
        runs: The form that runs, where that keeps digits that the closed form loses.
        saved: The rules that lead to it.
        rescued: Whether the closed form has not its number at the point, or its digits.
        base: The closed form before what the program computes is called by its name.
    """

    by: Value
    form: Term
    explicit: Term
    where: tuple[tuple[Symbol, Term], ...]
    operations: int
    number: Any
    paths: tuple[Path, ...] = ()
    general: Term | None = None
    over: Over | None = None
    runs: Term | None = None
    saved: str = ""
    rescued: bool = False
    base: Term | None = None


Part = str | Value | Slope | Written  # words, and what is written among them


@dataclass(frozen=True)
class Remark:
    """Something that is true beside the lines.

    Attributes:
        kind: A place without a value, a convention at a kink, a branch that counts, a
            series that runs near a removable singularity, or the result in words.
        parts: The sentence.
    """

    kind: Literal["sum", "domain", "kink", "branch", "series", "words"]
    parts: tuple[Part, ...]


Role = Literal[
    "input",
    "weight",
    "bias",
    "parameter",
    "label",
    "index",
    "constant",
    "captured array",
    "intermediate",
    "prediction",
    "loss",
    "output",
]


@dataclass(frozen=True)
class Entry:
    """One entry of the legend: a named value, and the part it plays.

    Attributes:
        value: The value, which knows its shape.
        name: What it is called.
        role: The part it plays; ``explain.legend`` says how that is known.
    """

    value: Value
    name: str
    role: Role


@dataclass(frozen=True)
class Fold:
    """Lines, or results, that say the same of one layer after another.

    Attributes:
        members: Which of a story's lines or results they are, in the order told.
        layers: The number of the layer of each.
        shown: The member that is written for all, with a letter for its number.
        counted: Whether the entries it picks out of arrays move on with the layer.
    """

    members: tuple[int, ...]
    layers: tuple[int, ...]
    shown: int
    counted: bool = False

    @property
    def layer(self) -> int:
        """The layer of the member that is written."""
        return self.layers[self.members.index(self.shown)]


@dataclass(frozen=True)
class Size:
    """How large the derivative by something of one layer is at the point.

    Attributes:
        by: The value or input of the layer.
        largest: The largest entry of the derivative, without its sign.
    """

    by: Value
    largest: float


@dataclass(frozen=True)
class Recursion:
    """Layers that are told once, for layer l, whatever their number.

    Every line that is folded stands among the lines of the story, checked by itself.

    Attributes:
        letter: What is written for the number of a layer.
        first: The number of the first layer.
        last: The number of the last.
        stems: What is called by layer, h for h1, h2, …; with how much the number in the
            name is ahead of the layer's.
        before: What stands before the first layer, by the name it has in the lines.
        lines: The lines that are told once.
        results: The results that are told once.
        sizes: How large the derivatives of each layer are, by its number.
    """

    letter: str
    first: int
    last: int
    stems: Mapping[str, int]
    before: Mapping[str, Value]
    lines: tuple[Fold, ...]
    results: tuple[Fold, ...]
    sizes: Mapping[int, tuple[Size, ...]]


@dataclass(frozen=True)
class Checks:
    """What stands behind a derivation.

    Attributes:
        points: At how many points every line was evaluated.
        automatic: The largest relative deviation of a result from the gradient that
            runs without any rewriting.
        differences: The same from central differences.
        conditions: Terms that the derivation divides by on its way.
        assumptions: What it took from the data, in words.
        failure: What went wrong, if a line failed its check.
    """

    points: int
    automatic: float
    differences: float
    conditions: tuple[Term, ...] = ()
    assumptions: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True)
class Higher:
    """What the function of a derivation is, where it is a derivative itself.

    Attributes:
        of: The name of the function whose derivative it is.
        by: The inputs that one was differentiated by, once for each order.
        along: The direction v, where the derivation is of ∇f·v and not of ∂f/∂x.
    """

    of: str
    by: tuple[Value, ...]
    along: Value | None = None


@dataclass(frozen=True)
class Curvature:
    """A matrix of second derivatives, read off the derivative of ∇f·v.

    Attributes:
        by: The two inputs that it is differentiated by.
        form: Its closed form.
        explicit: The same in the user's names alone.
        operations: The number of operations in it.
        number: Its value at the point.
    """

    by: tuple[Value, Value]
    form: Term
    explicit: Term
    operations: int
    number: Any


@dataclass(frozen=True)
class Story:
    """Everything a derivation says, before it is written in any dialect.

    Attributes:
        title: The name of the function.
        output: The value that is differentiated.
        by: The names of the inputs that it is differentiated by.
        lines: The derivation.
        results: The derivative by each input asked for.
        names: What each value is called.
        values: The symbol of every value in terms.
        symbols: What the symbols are called, those of cotangents too.
        cotangents: The value that each symbol of a cotangent belongs to.
        point: The numbers of the inputs; None for one that has none.
        captured: The names of inputs that are no arguments but arrays met on the way.
        value: The number of the output, if there is a point.
        checks: What stands behind it.
        legend: The named values that the derivation speaks of, with their roles.
        remarks: What is true at the point, and in words.
        sizes: How long each size with a name is, wherever the lines were checked.
        stable: The forms of cotangents that run, where they keep more digits.
        running: The program that runs, where the closed form has no number here.
        in_general: The derivatives that are others without the assumptions, written in
            cotangents where those keep their names.
        kept: The values whose cotangent δ is a name that lines go on with.
        recursions: The layers that are told once.
        higher: What the function is, where it is a derivative itself.
        curvatures: The matrices of second derivatives that the results apply to v.
    """

    title: str
    output: Value
    by: tuple[str, ...]
    lines: tuple[Line, ...]
    results: tuple[Result, ...]
    names: Mapping[Value, str]
    values: Mapping[Value, Symbol]
    symbols: Mapping[Term, str]
    cotangents: Mapping[Symbol, Value]
    point: Mapping[str, Any]
    captured: tuple[str, ...]
    value: Any
    checks: Checks
    legend: tuple[Entry, ...]
    remarks: tuple[Remark, ...] = ()
    sizes: tuple[Mapping[str, int], ...] = ()
    stable: Mapping[Symbol, Term] = field(default_factory=dict)
    running: Graph | None = None
    in_general: tuple[tuple[Slope, Term], ...] = ()
    kept: frozenset[Value] = frozenset()
    recursions: tuple[Recursion, ...] = ()
    higher: Higher | None = None
    curvatures: tuple[Curvature, ...] = ()

    @property
    def order(self) -> int:
        """Of which order its derivatives are."""
        return 1 + len(self.higher.by) if self.higher else 1

    def curvature(self, result: Result) -> Curvature | None:
        """The matrix that a result applies to a direction, if it was read off."""
        return next((x for x in self.curvatures if x.by[1] is result.by), None)

    @property
    def for_all_sizes(self) -> bool:
        """Whether it holds for all sizes of its arguments, and has no numbers."""
        return len(self.sizes) > 1

    def point_of(self, value: Value) -> Any:
        """The number of an input."""
        return self.point.get(self.names.get(value, ""))

    def symbol_of(self, value: Value) -> Symbol | None:
        """The symbol of a named value."""
        return self.values.get(value) if value in self.names else None
