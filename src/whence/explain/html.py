"""A derivation as HTML: one page that needs no network and no script, or a fragment.

    page(story, level, code) -> a document, for a file
    fragment(story, level, code) -> the same as one element, for a notebook

Formulas are MathML, which browsers show by themselves; what a level leaves out is there
all the same, folded in ``details``. Lines are a list: both sides, then the rule, then
the value, beside each other where there is room and below each other where not.
Everything that comes from the user's program is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from itertools import groupby

from whence.explain.derivation import Curvature, Line, Part, Result, Slope, Story
from whence.explain.dialect import LATEX, TEXT
from whence.explain.formula import broken, read, width
from whence.explain.hints import blanks, name_lines, questions
from whence.explain.latex import latex
from whence.explain.mathml import mathml
from whence.explain.proofs import reasons, used
from whence.explain.show import (
    REMARKS,
    SIZES,
    Speaker,
    agreement,
    cotangents,
    figure,
    heading,
    meanings,
    size_rows,
    sizes,
    told_for,
)

ROOM = 52  # digits; a longer right side is broken


def page(
    story: Story,
    level: str = "normal",
    code: str = "",
    *,
    hints: bool = False,
    before: Sequence[Story] = (),
) -> str:
    """A derivation as a document of its own.

    Args:
        story: What it says.
        level: How much of it is unfolded.
        code: The result as NumPy code, or why there is none.
        hints: Whether it is asked for, with blanks, and the answers folded.
        before: The derivations that it goes on from.
    """
    inner = exercise(story, level) if hints else body(story, level, code)
    inner = "\n".join([*(body(x, level, "") for x in before), inner])
    title = escape(" ".join(heading(story, 10_000)))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style('page')}{style('derivation')}"
        f"</style>\n</head>\n<body>\n{inner}\n</body>\n</html>\n"
    )


def fragment(
    story: Story,
    level: str = "normal",
    code: str = "",
    *,
    hints: bool = False,
    before: Sequence[Story] = (),
) -> str:
    """A derivation as one element with its style, in the colours around it."""
    inner = exercise(story, level) if hints else body(story, level, code)
    inner = "\n".join([*(body(x, level, "") for x in before), inner])
    return f"<style>\n{style('derivation')}</style>\n{inner}"


def style(name: str) -> str:
    """A style sheet of this package."""
    file = resources.files("whence.explain") / f"{name}.css"
    return file.read_text(encoding="utf-8")


def body(story: Story, level: str, code: str) -> str:
    """The whole account, as one element."""
    sections = Sections(story, level)
    parts = [
        sections.title(),
        sections.legend(),
        *sections.derivation(),
        *sections.results(),
        sections.meanings(),
        *sections.layers(),
        *sections.paths(),
        *sections.remarks(),
        sections.checks(),
        sections.rules(),
        folded("LaTeX", [source(latex(story, level))]),
        folded("NumPy code", [source(code)]) if code else "",
    ]
    return article(sections, parts)


def exercise(story: Story, level: str) -> str:
    """The questions that a derivation answers, as one element."""
    sections = Sections(story, level)
    parts = [
        sections.title(),
        sections.legend(),
        f"<h2>Names</h2>\n{listed(map(sections.line, name_lines(story)))}",
        f"<h2>Fill in</h2>\n{listed(sections.questions())}",
        sections.meanings(),
    ]
    return article(sections, parts)


def article(sections: Sections, parts: Iterable[str]) -> str:
    """The parts of a derivation as one element, with room for the widest left side."""
    lines = sections.story.lines
    widest = max((width(read(sections.left(x))) for x in lines), default=2.0)
    column = f"--left: {min(widest, 22) * 0.62 + 1:.1f}em"
    inner = "\n".join(filter(None, parts))
    return f'<article class="whence" style="{column}">\n{inner}\n</article>'


class Sections:
    """Writes the parts of a derivation in HTML."""

    def __init__(self, story: Story, level: str) -> None:
        self.story, self.level = story, level
        self.speaker = Speaker(story, LATEX)
        self.write = self.speaker.writer.write

    def title(self) -> str:
        """What is differentiated by what, and where."""
        shown = escape(" ".join(heading(self.story, 10_000)))
        return f"<h1>{shown}</h1>"

    def legend(self) -> str:
        """The symbols, with their shapes and the parts they play."""
        entries = self.story.legend
        arrays = any(e.value.aval.shape for e in entries)
        rows = [
            [mathml(self.speaker.name(e.value)), escape(sizes(e)), escape(e.role)]
            for e in entries
        ]
        table = tabled(("symbol", "shape", "role"), rows)
        unfolded = self.level != "brief" and (arrays or len(entries) > 3)
        return folded("Symbols", [table], unfolded=unfolded)

    # --------------------------------------------------------------------- lines

    def derivation(self) -> Iterator[str]:
        """The lines, section by section; what a brief account leaves out is folded."""
        unfolded = self.level != "brief"
        for section, group in groupby(self.story.lines, section_of):
            lines = list(group)
            if section == "local":
                inner = [listed(map(self.line, lines))]
                yield folded("Local derivatives", inner, unfolded=unfolded)
            elif section == "name":
                yield f"<h2>Names</h2>\n{listed(map(self.line, lines))}"
            else:
                yield "<h2>Chain rule</h2>"
                yield from self.chains(lines, unfolded=unfolded)

    def chains(self, lines: Sequence[Line], *, unfolded: bool) -> Iterator[str]:
        """The lines of the chain rule, the steps between them folded."""
        for rewriting, group in groupby(lines, lambda x: x.kind == "rewrite"):
            found = [self.line(x) for x in group]
            if rewriting:
                count = f"{len(found)} step{'s' * (len(found) > 1)}"
                yield folded(count, [listed(found)], unfolded=unfolded)
            else:
                yield listed(found)

    def left(self, line: Line) -> str:
        """The left side of a line, in LaTeX."""
        return "" if line.follows else self.speaker.subject(line)

    def line(self, line: Line) -> str:
        """One line: both sides, the rule with its condition, the value."""
        gone = ", ".join(mathml(self.write(c)) for c in line.conditions)
        rule = f"{escape(line.rule)} {gone}".strip()
        right = self.speaker.form(line.form)
        number = told_for(line.over) or figure(line.number)
        return item(self.left(line), right, rule, number)

    def questions(self) -> Iterator[str]:
        """The blanks, each with its answer folded."""
        for question in questions(self.story):
            left = "" if question.follows else self.speaker.slope(question.subject)
            asked = self.sentence(question.asked)
            answer = folded("answer", [listed(map(self.line, question.answer))])
            right = blanks(self.speaker, question)
            yield item(left, right, asked, question.value, answer)

    def results(self) -> Iterator[str]:
        """The closed forms."""
        if self.story.results:
            yield "<h2>Result</h2>"
            matrices = map(self.curvature, self.story.curvatures)
            results = map(self.result, self.story.results)
            yield listed([*results, *matrices], "result")
        items = [
            item(self.by(r), self.write(r.general))
            for r in self.story.results
            if r.general is not None
        ]
        if items:
            yield folded("In general, without the assumption", [listed(items)])

    def by(self, result: Result) -> str:
        """The left side of a result."""
        return self.speaker.slope(Slope(self.story.output, result.by))

    def result(self, result: Result) -> str:
        """The closed form by one input."""
        operations = f"{result.operations} operation{'s' * (result.operations != 1)}"
        form, layers = self.write(result.form), told_for(result.over)
        if layers:
            return item(self.by(result), form, "", layers)
        return item(self.by(result), form, operations, figure(result.number))

    def curvature(self, x: Curvature) -> str:
        """A matrix of second derivatives."""
        operations = f"{x.operations} operation{'s' * (x.operations != 1)}"
        left, form = self.speaker.curvature(x), self.write(x.form)
        return item(left, form, operations, figure(x.number))

    def meanings(self) -> str:
        """What the names in the results stand for."""
        found = meanings(self.speaker) | cotangents(self.speaker, "full")
        items = [item(left, right) for left, right in found.items()]
        return f"<h2>Where</h2>\n{listed(items)}" if items else ""

    # -------------------------------------------------------------------- tables

    def layers(self) -> Iterator[str]:
        """How large the derivatives of each layer of a recursion are."""
        for recursion in self.story.recursions:
            rows = size_rows(Speaker(self.story, TEXT), recursion)
            if rows:
                cells = [[escape(x) for x in row] for row in rows[1:]]
                yield f"<h2>{SIZES.capitalize()}</h2>\n{tabled(rows[0], cells)}"

    def paths(self) -> Iterator[str]:
        """What each path contributes."""
        for result in self.story.results:
            if not result.paths:
                continue
            rows = [
                [
                    escape(p.through)
                    if isinstance(p.through, str)
                    else mathml(self.write(p.through)),
                    mathml(self.write(p.form)),
                    escape(figure(p.number)),
                    f"{100 * p.share:.1f} %" if p.share == p.share else "",
                ]
                for p in result.paths
            ]
            whole = mathml(self.write(result.form))
            rows.append(["together", whole, escape(figure(result.number)), ""])
            head = ("path through", "contributes", "at the point", "share")
            yield f"<h2>Paths to {mathml(self.speaker.name(result.by))}</h2>"
            yield tabled(head, rows)

    def remarks(self) -> Iterator[str]:
        """What is true at the point, and in words."""
        for remark in self.story.remarks:
            lead = f"<strong>{REMARKS[remark.kind].capitalize()}:</strong> "
            yield f"<p>{lead}{self.sentence(remark.parts)}.</p>"

    def sentence(self, parts: Iterable[Part]) -> str:
        """Words with formulas among them."""
        return "".join(
            escape(x) if isinstance(x, str) else mathml(self.speaker.part(x))
            for x in parts
        )

    def checks(self) -> str:
        """What stands behind the derivation."""
        checks = self.story.checks
        if checks.failure:
            words = escape(f"{checks.failure}; the lines above are checked")
            return f'<p class="stopped"><strong>Stopped:</strong> {words}.</p>'
        points = f"Every line was checked at {checks.points} points; "
        lines = [escape(f"{points}{agreement(checks)}.")]
        if checks.assumptions:
            words = ", ".join(checks.assumptions)
            lines.append(escape(f"Assuming that {words}; it holds in the data."))
        if checks.conditions:
            shown = ", ".join(
                mathml(rf"{self.write(c)} \ne 0") for c in checks.conditions
            )
            lines.append(f"On the way it divides by what may not be 0: {shown}.")
        return "<h2>Checks</h2>\n" + "\n".join(f"<p>{x}</p>" for x in lines)

    def rules(self) -> str:
        """What each rule says, and why it holds."""
        terms = []
        for name, several in used(self.story).items():
            said = "<br>".join(mathml(law.latex) for law in several)
            why = escape(reasons(several))
            terms.append(f"<dt>{escape(name)}</dt><dd>{said}<p>{why}</p></dd>")
        inner = "<dl>\n" + "\n".join(terms) + "\n</dl>"
        full = self.level == "full"
        return folded("Rules", [inner], unfolded=full) if terms else ""


def section_of(line: Line) -> str:
    """The section that a line stands in."""
    return line.kind if line.kind in ("name", "local") else "chain"


def item(
    left: str, right: str, rule: str = "", number: str = "", below: str = ""
) -> str:
    """One line of a list.

    Args:
        left: The left side in LaTeX.
        right: The right side in LaTeX.
        rule: What gives it, in HTML.
        number: Its value at the point, as text.
        below: What stands below it, in HTML.
    """
    first, *others = broken(right, ROOM)
    lines = [mathml(x if x.startswith("=") else rf"\quad {x}") for x in others]
    shown = "".join(f"<br>{x}" for x in lines)
    parts = [
        f'<span class="left">{mathml(left) if left else ""}</span>',
        f'<span class="right">{mathml("=" + first)}{shown}</span>',
        f'<span class="rule">{rule}</span>',
        f'<span class="number">{escape(number)}</span>',
    ]
    return f"<li>{' '.join(parts)}{below}</li>"


def listed(items: Iterable[str], kind: str = "") -> str:
    """Lines as a list."""
    inner = "\n".join(items)
    shown = f"lines {kind}".strip()
    return f'<ol class="{shown}">\n{inner}\n</ol>'


def tabled(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells in HTML, as a table that scrolls by itself where it is wide."""
    top = "".join(f'<th scope="col">{escape(x)}</th>' for x in head)
    lines = ["".join(f"<td>{x}</td>" for x in row) for row in rows]
    inner = "\n".join(f"<tr>{x}</tr>" for x in lines)
    return (
        f'<div class="wide"><table>\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{inner}\n</tbody>\n</table></div>"
    )


def folded(title: str, parts: Iterable[str], *, unfolded: bool = False) -> str:
    """Parts that a reader can fold and unfold."""
    inner = "\n".join(parts)
    state = " open" if unfolded else ""
    return f"<details{state}>\n<summary>{escape(title)}</summary>\n{inner}\n</details>"


def source(text: str) -> str:
    """Source to be copied."""
    return f"<pre><code>{escape(text.rstrip())}</code></pre>"
