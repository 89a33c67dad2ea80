"""explain: the derivation of a gradient, from a function or a formula and a point.

explain(f, *args, wrt=None, **named) -> Derivation

The program is traced as for ``grad``, its functions are recognised, its cotangents
simplified as they form, and every line is checked before it is printed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.api.function import function_of
from whence.api.pipeline import is_complex
from whence.api.recording import Recording, record
from whence.core.errors import DerivativeError, UserError
from whence.explain.build import story
from whence.explain.code import code, one_liner
from whence.explain.derivation import Result, Story
from whence.explain.dialect import TEXT
from whence.explain.latex import latex, markdown
from whence.explain.show import Speaker, text
from whence.explain.tojson import to_json
from whence.frontend.formula import Formula

LEVELS = ("brief", "normal", "full")


@dataclass(frozen=True)
class Contribution:
    """What one path from an input to the output contributes to a derivative.

    Attributes:
        through: What the path goes through, as readers tell it from the others.
        form: Its closed form, as text.
        number: Its value at the point, in the shape of the input.
        share: The signed part of the whole that it makes; all of them sum to 1.
    """

    through: str
    form: str
    number: Any
    share: float


@dataclass(frozen=True)
class Derivation:
    """A derivation that prints well everywhere.

    Attributes:
        story: What it says: lines, results, names and checks.
        level: How much of it is shown: brief, normal or full.
    """

    story: Story
    level: str = "normal"

    def __str__(self) -> str:
        return text(self.story, self.level)

    __repr__ = __str__

    @property
    def result(self) -> str:
        """The closed form, as text; several are joined by newlines."""
        return "\n".join(one_liner(self.story).values())

    @property
    def results(self) -> dict[str, Any]:
        """The derivative at the point, by the name of each input."""
        return {self.story.names[r.by]: r.number[()] for r in self.story.results}

    @property
    def operations(self) -> int:
        """How many operations the closed forms have in all."""
        return sum(r.operations for r in self.story.results)

    @property
    def paths(self) -> dict[str, tuple[Contribution, ...]]:
        """What each path contributes, by the name of each input."""
        speaker = Speaker(self.story, TEXT)
        return {
            self.story.names[r.by]: tuple(
                Contribution(
                    speaker.through(p), speaker.writer.write(p.form), p.number, p.share
                )
                for p in r.paths
            )
            for r in self.story.results
        }

    @property
    def checked(self) -> bool:
        """Whether every line passed its check."""
        return not self.story.checks.failure

    def latex(self) -> str:
        """The derivation as an ``align*`` of amsmath."""
        return latex(self.story, self.level)

    def markdown(self) -> str:
        """The derivation as Markdown."""
        return markdown(self.story, self.level)

    def to_json(self) -> str:
        """The derivation as JSON, in a version-stamped schema."""
        return to_json(self.story)

    def code(self) -> str:
        """A NumPy function that computes the gradient by its closed form.

        For arrays of the shapes it was derived with: the sizes in it are numbers.

        Raises:
            DerivativeError: If the derivation stopped before a result.
        """
        if not self.checked:
            raise DerivativeError(
                f"the derivation stopped: {self.story.checks.failure}",
                remedy="whence.grad, which gives the gradient without a derivation",
            )
        source = code(self.story)
        self._demand_code(source)
        return source

    def _demand_code(self, source: str) -> None:
        """Run generated code once: it is given out only if it gives the gradient."""
        scope: dict[str, Any] = {}
        parameters = parameters_of(source)
        point = {k: v for k, v in self.story.point.items() if k in parameters}
        with np.errstate(all="ignore"):
            exec(source, scope)  # noqa: S102 - written by this package just now
            found = scope["gradient"](**point)
        numbers = [r.number for r in self.story.results]
        parts = found if len(numbers) > 1 else (found,)
        for number, part in zip(numbers, parts, strict=True):
            if not np.allclose(number, part, rtol=1e-6, atol=1e-9, equal_nan=True):
                raise DerivativeError(
                    "the code of this derivation does not give its gradient here: the "
                    "point is one where a convention decides, or the form has no code",
                    remedy="whence.grad, which holds the conventions",
                )

    def _repr_latex_(self) -> str:
        # align* is a display by itself; within $$ it has to be aligned
        return f"$${self.latex().replace('align*', 'aligned')}$$"

    def _repr_markdown_(self) -> str:
        return self.markdown()


def parameters_of(source: str) -> list[str]:
    """The parameters of generated code."""
    _, _, head = source.partition("def gradient(")
    return head.partition(")")[0].split(", ")


def explain(
    f: Callable[..., Any] | str,
    *args: Any,
    wrt: Any = None,
    at: Mapping[str, Any] | None = None,
    order: int = 1,
    level: str = "normal",
    recognise: bool = True,
    **named: Any,
) -> Derivation:
    """Derive the gradient of a function at a point, and say how.

    Args:
        f: A NumPy function, or a formula; its result is one number, or an array whose
            entries are differentiated one by one.
        args: Its arguments: the point.
        wrt: The arguments to differentiate by: a position, a name, or a tuple of them;
            the first, if not given.
        at: More arguments by name, for names that collide with these.
        order: 1; higher orders are derived by explaining a gradient.
        level: How much to show: brief, normal or full.
        recognise: Whether functions written out by hand are recognised first.
        named: More arguments by name.

    Returns:
        A derivation: ``str`` of it is text, and it has ``latex``, ``markdown``,
        ``to_json`` and ``code``.

    Example:
        >>> print(explain("(x**2 + 1)**3", x=2.0).result)
        6*x*(x**2 + 1)**2
    """
    demand_choices(level, order)
    function = function_of(f)
    by = 0 if wrt is None else wrt
    given = measured(function, args, {**(at or {}), **named})
    recording = one_output(record(function, *given, by))
    told = story(
        recording.graph,
        recording.wrt_inputs,
        recording.bound,
        title_of(function),
        recognised=recognise,
        reserved=parameter_names(function),
    )
    return Derivation(told, level)


def demand_choices(level: str, order: int) -> None:
    """Refuse a level or an order that there is not."""
    if level not in LEVELS:
        raise UserError(f"there is no level {level!r}", remedy=", ".join(LEVELS))
    if order != 1:
        raise DerivativeError(
            f"a derivation of order {order}", remedy="explain(whence.grad(f), …)"
        )


def measured(
    function: Any, args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a formula with whole numbers as numbers that could move.

    In a formula y = 1 is a value like any other, and is to keep its name; only what an
    index or an axis is made of stays whole. A function's arguments stay as they are.
    """
    if not isinstance(function, Formula):
        return args, named
    free = [name not in function.whole for name in function.parameters]

    def number(x: Any, *, moves: bool) -> Any:
        return float(x) if type(x) is int and moves else x

    moved = [number(x, moves=m) for x, m in zip(args, free, strict=False)]
    others = {k: number(x, moves=k not in function.whole) for k, x in named.items()}
    return (*moved, *args[len(moved) :]), others


def parameter_names(function: Any) -> list[str]:
    """The names of a function's own parameters, as far as it tells them."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def one_output(recording: Recording) -> Recording:
    """Refuse a function that returned several values, or none, or is complex."""
    if is_complex(recording.graph):
        raise DerivativeError(
            "explain is of real numbers; there are complex ones in the function",
            remedy="real and imaginary parts as two real arrays, or whence.vjp",
        )
    count = len(recording.graph.outputs)
    if count != 1:
        raise DerivativeError(
            f"explain needs one output; the function returned {count}",
            remedy="return one value; explain each of several by itself",
        )
    return recording


def title_of(function: Any) -> str:
    """What a derivation calls a function."""
    name = getattr(function, "__name__", "f")
    return name if name.isidentifier() and not hasattr(function, "statements") else "f"


__all__ = ["Derivation", "Result", "explain"]
