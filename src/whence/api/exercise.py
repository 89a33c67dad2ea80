"""Exercise: a derivation with blanks to fill in, and its answers.

    explain(f, *args).hints() -> Exercise: text, LaTeX, Markdown, HTML

What is asked, and what answers it, comes from the derivation; nothing here is written
by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from whence.explain.derivation import Story
from whence.explain.hints import hints_latex, hints_markdown, hints_text
from whence.explain.html import fragment, page
from whence.explain.layout import WIDTH


@dataclass(frozen=True)
class Exercise:
    """The questions that a derivation answers, the answers after them.

    Attributes:
        story: The derivation.
        level: How much of it is shown: brief, normal or full.
        before: Of a higher order, the derivations that are to be found before it.
    """

    story: Story
    level: str = "normal"
    before: tuple[Story, ...] = ()

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _parts(self, between: str, view: Callable[[Story], str]) -> str:
        """What is asked of each derivation in turn."""
        return between.join(map(view, (*self.before, self.story)))

    def text(self, width: int = WIDTH) -> str:
        """The exercise as Unicode text, in lines of at most ``width`` columns."""
        return self._parts("\n\n\n", lambda x: hints_text(x, self.level, width))

    def latex(self) -> str:
        """The questions as an ``align*`` of amsmath, the answers as another."""
        return self._parts("\n\n", hints_latex)

    def markdown(self) -> str:
        """The exercise as Markdown, the answers folded."""
        return self._parts("\n", hints_markdown)

    def html(self) -> str:
        """The exercise as one HTML file, each answer folded below its question."""
        return page(self.story, self.level, hints=True, before=self.before)

    def _repr_html_(self) -> str:
        return fragment(self.story, self.level, hints=True, before=self.before)

    def _repr_markdown_(self) -> str:
        return self.markdown()
