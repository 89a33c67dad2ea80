r"""Writes the parts of a story in one dialect: names, slopes, the sides of lines.

    Speaker(story, LATEX).slope(slope) -> r"\frac{\partial L}{\partial w}"

Terms are written by ``explain.writer``; what stands around them is written here, with
the names that the story has given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from whence.core.graph import Value
from whence.core.notation import LOOSE, PRODUCT
from whence.explain.aswritten import as_written
from whence.explain.derivation import (
    Chain,
    Curvature,
    Form,
    Line,
    Named,
    Part,
    Path,
    Slope,
    Story,
    Written,
)
from whence.explain.dialect import Dialect
from whence.explain.writer import Writer
from whence.simplify.cotangent import cotangent
from whence.simplify.term import ONE, Symbol


class Speaker:
    """Writes the parts of a story in one dialect."""

    def __init__(self, story: Story, dialect: Dialect) -> None:
        self.story, self.dialect = story, dialect
        self.writer = Writer(dialect, self.label, story.names.values())

    def label(self, symbol: Symbol) -> str:
        """What a symbol is called; the user may have a name that begins with delta."""
        name = self.story.symbols.get(symbol, "?")
        own = name in self.story.names.values()
        return self.dialect.name(name) if own else self.called(name)

    def called(self, name: str) -> str:
        """A name of ours in this dialect; that of a cotangent is δ."""
        if name.startswith("delta_") and self.dialect.key != "code":
            inner = self.dialect.name(name.removeprefix("delta_"))
            return f"δ{inner}" if self.dialect.key == "text" else rf"\delta_{{{inner}}}"
        return self.dialect.name(name)

    def name(self, value: Any) -> str:
        """What a value is called."""
        return self.dialect.name(self.story.names.get(value, "?"))

    def partial(self, of: str, by: Sequence[Value]) -> str:
        """∂²f/∂x∂y; in LaTeX d²f/dx² for a function of one number."""
        latex = self.dialect.key == "latex"
        arguments = [n for n in self.story.point if n not in self.story.captured]
        plain = latex and len(arguments) == 1 and not by[0].aval.shape
        d = {"text": "∂", "latex": r"\partial "}.get(self.dialect.key, "d")
        d = "d" if plain else d
        counts = Counter(by)
        below = "".join(f"{d}{self.raised(self.name(x), n)}" for x, n in counts.items())
        above = f"{self.raised(d.strip(), len(by))} {self.dialect.name(of)}"
        if latex:
            return rf"\frac{{{above}}}{{{below}}}"
        return f"{above.replace(' ', '')}/{below}"

    def raised(self, what: str, times: int) -> str:
        """Something with a number above, unless that is 1."""
        return self.dialect.power(what, str(times)) if times > 1 else what

    def curvature(self, x: Curvature) -> str:
        """The left side of a matrix of second derivatives."""
        higher = self.story.higher
        assert higher is not None, "a first derivative has no curvature"
        if x.by[0] is x.by[1] and len(self.story.by) == 1:
            latex = self.dialect.key == "latex"
            return rf"\nabla^2 {self.dialect.name(higher.of)}" if latex else "H"
        return self.partial(higher.of, x.by)

    def is_derived_again(self, subject: Slope) -> bool:
        """Whether a derivative is that of a derivative, by an input asked for."""
        story, higher = self.story, self.story.higher
        if higher is None or higher.along or subject.held:
            return False
        return subject.of is story.output and story.names[subject.by] in story.by

    def slope(self, subject: Slope) -> str:
        """∂f/∂x; behind a bar stands what is held fixed, as in ∂f/∂x|u."""
        if (higher := self.story.higher) and self.is_derived_again(subject):
            return self.partial(higher.of, (*higher.by, subject.by))
        of, by = self.name(subject.of), self.name(subject.by)
        held = ", ".join(map(self.name, subject.held))
        if self.dialect.key == "latex":
            whole = rf"\frac{{\partial {of}}}{{\partial {by}}}"
            return rf"\left.{whole}\right|_{{{held}}}" if held else whole
        return f"∂{of}/∂{by}" + (f"|{held}" if held else "")

    def subject(self, line: Line) -> str:
        """The left side of a line."""
        if isinstance(line.subject, Named):
            return self.name(line.subject.value)
        return self.left(line.subject)

    def left(self, subject: Slope) -> str:
        """A derivative, with the name δ that it keeps."""
        shown = self.slope(subject)
        if subject.of is not self.story.output or subject.by not in self.story.kept:
            return shown
        return f"{self.label(cotangent(subject.by))} = {shown}"

    def form(self, form: Form) -> str:
        """The right side of a line."""
        match form:
            case Chain(slopes, products):
                factors = self.summed([self.tightly(p) for p in products])
                terms = self.side_by_side(form, factors)
                together = any(len(p) > 1 for p in slopes)
                return f"{self.in_symbols(form)} = {terms}" if together else terms
            case Written(block):
                return as_written(block, self.writer, self.story.symbol_of)
        return self.writer.write(form)

    def part(self, part: Part) -> str:
        """A part of a sentence that is no words."""
        match part:
            case Slope():
                return self.slope(part)
            case Written():
                return self.form(part)
            case Value():
                return self.name(part)
        return part

    def through(self, path: Path) -> str:
        """By what readers know a path."""
        known = path.through
        return known if isinstance(known, str) else self.writer.write(known)

    def in_symbols(self, chain: Chain) -> str:
        """The products of a chain as slopes: ∂f/∂u · ∂u/∂x."""
        slopes = [[self.slope(s) for s in p] for p in chain.slopes]
        return self.side_by_side(chain, slopes)

    def side_by_side(self, chain: Chain, products: list[list[str]]) -> str:
        """Factors for the products of a chain; those of arrays are entrywise."""
        times = {"text": " · ", "latex": r" \cdot ", "code": " * "}[self.dialect.key]
        if all(s.by.aval.shape for p in chain.slopes for s in p):
            times = self.dialect.entrywise
        return " + ".join(times.join(p) for p in products)

    def tightly(self, product: Any) -> list[str]:
        """The factors of one product, in brackets where needed, ones left out."""
        kept = [f for f in product if f != ONE] or [ONE]
        need = PRODUCT if len(kept) > 1 else LOOSE
        shown = [self.writer.tight(f, need) for f in kept]
        minus = self.dialect.minus
        return [
            self.writer.bracket(f) if i and f.startswith(minus) else f
            for i, f in enumerate(shown)
        ]

    def summed(self, products: list[list[str]]) -> list[list[str]]:
        """Products of a sum: all but the first in brackets where they begin with −."""
        minus = self.dialect.minus
        return [
            [self.writer.bracket(p[0]), *p[1:]] if i and p[0].startswith(minus) else p
            for i, p in enumerate(products)
        ]
