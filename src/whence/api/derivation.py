"""Derivation: what explain gives back, with its views.

    explain(f, *args) -> Derivation: text, LaTeX, Markdown, JSON, NumPy code, numbers

It holds the story, which is data, and how much of it is to be shown; each view is
written when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.core.errors import DerivativeError
from whence.explain.code import code, one_liner
from whence.explain.derivation import Story
from whence.explain.dialect import TEXT
from whence.explain.latex import display, latex, markdown
from whence.explain.show import Speaker, text
from whence.explain.tojson import to_json


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
        return display(self.story, self.level)

    def _repr_markdown_(self) -> str:
        return self.markdown()


def parameters_of(source: str) -> list[str]:
    """The parameters of generated code."""
    _, _, head = source.partition("def gradient(")
    return head.partition(")")[0].split(", ")
