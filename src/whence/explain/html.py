"""A derivation as HTML: one page that needs no network and no script, or a fragment.

    page(story, level, code) -> a document, for a file
    fragment(story, level, code) -> the same as one element, for a notebook

Formulas are MathML, which browsers show by themselves; what a level leaves out is there
all the same, folded in ``details``. Lines are a list: both sides, then the rule, then
the value, beside each other where there is room and below each other where not.
Everything that comes from the user's program is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from itertools import groupby

from whence.explain.derivation import Curvature, Line, Part, Result, Slope, Story
from whence.explain.dialect import LATEX, TEXT
from whence.explain.formula import broken, read, sides, width
from whence.explain.hints import BLANK, READ_OFF, blanks, name_lines, questions
from whence.explain.latex import latex, member
from whence.explain.layout import SHORT
from whence.explain.mathml import mathml
from whence.explain.proofs import reasons, used
from whence.explain.show import (
    AS_IT_RUNS,
    REMARKS,
    SIZES,
    agreement,
    by_role,
    cotangents,
    figure,
    heading,
    length,
    listed as shown_legend,
    meanings,
    size_rows,
    stabilised,
    told_for,
    trial_sizes,
    unread,
    why,
)
from whence.explain.speaker import Speaker

ROOM = 52  # digits; a longer right side is broken
BESIDE = 30  # digits; a longer one has its rule below


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
    inner = contents(story, level, code, hints=hints, before=before)
    title = escape(" ".join(heading((*before, story)[0], 10_000)))
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
    inner = contents(story, level, code, hints=hints, before=before)
    return f"<style>\n{style('derivation')}</style>\n{inner}"


def contents(
    story: Story, level: str, code: str, *, hints: bool, before: Sequence[Story]
) -> str:
    """A derivation and those before it, or what they ask: one after another."""
    if not hints:
        return "\n".join(
            [*(body(x, level, "") for x in before), body(story, level, code)]
        )
    first, *others = (exercise(x, level) for x in (*before, story))
    return "\n".join([first, *(folded(NEXT, [x]) for x in others)])


NEXT = "Next, when you have found it"  # further questions tell the answers before


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
        shown = printed(" ".join(heading(self.story, 10_000)))
        shown = re.sub(
            r"[^\s,]+ = [^\s,]+", r'<span class="together">\g<0></span>', shown
        )
        shown = re.sub("[₀-₉]+", subscript, shown)
        return f"<h1>{shown}</h1>"

    def legend(self) -> str:
        """The symbols, with their shapes and the parts they play."""
        items = []
        for role, entries in by_role(self.story.legend).items():
            shown = ", ".join(mathml(member(self.speaker, e)) for e in entries)
            items.append(f"<dt>{escape(role)}</dt><dd>{shown}</dd>")
        inner = '<dl class="symbols">\n' + "\n".join(items) + "\n</dl>"
        unfolded = bool(shown_legend(self.story, self.level))
        return folded("Symbols", [inner], unfolded=unfolded)

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
                yield folded(count, [listed(found)], unfolded=unfolded, kind="steps")
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
        for x in self.story.curvatures:
            left, number = self.speaker.curvature(x), figure(x.number)
            answer = folded("answer", [listed([self.curvature(x)])])
            yield item(left, BLANK["latex"], READ_OFF, number, answer)

    def results(self) -> Iterator[str]:
        """The closed forms."""
        if self.story.results:
            yield "<h2>Result</h2>"
            matrices = map(self.curvature, self.story.curvatures)
            results = (x for r in self.story.results for x in self.result(r))
            yield listed([*results, *matrices], "result")
        items = [
            item(self.speaker.left(subject), self.write(form))
            for subject, form in self.story.in_general
        ]
        if items:
            yield folded("In general, without the assumption", [listed(items)])

    def by(self, result: Result) -> str:
        """The left side of a result."""
        return self.speaker.slope(Slope(self.story.output, result.by))

    def result(self, result: Result) -> Iterator[str]:
        """The closed form by one input, and the form that runs in its stead."""
        operations = length(result.operations)
        form, layers = self.write(result.form), told_for(result.over)
        if layers:
            yield item(self.by(result), form, "", layers)
        else:
            yield item(self.by(result), form, operations, figure(result.number))
        if (runs := stabilised(result, self.level)) is not None:
            rule = escape(f"stabilise: {result.saved}")
            yield item("", self.write(runs), rule, AS_IT_RUNS)

    def curvature(self, x: Curvature) -> str:
        """A matrix of second derivatives."""
        left, form = self.speaker.curvature(x), self.write(x.form)
        return item(left, form, length(x.operations), figure(x.number))

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
                cells = [[printed(x) for x in row] for row in rows[1:]]
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
                    printed(figure(p.number)),
                    printed(f"{100 * p.share:.1f} %") if p.share == p.share else "",
                ]
                for p in result.paths
            ]
            whole = mathml(self.write(result.form))
            rows.append(["together", whole, printed(figure(result.number)), ""])
            head = ("path through", "contributes", "at the point", "share")
            yield f"<h2>Paths to {mathml(self.speaker.name(result.by))}</h2>"
            yield tabled(head, rows, "paths")

    def remarks(self) -> Iterator[str]:
        """What is true at the point, and in words; those of one kind together."""
        if words := unread(self.story):
            yield f"<p>{escape(words[0].upper() + words[1:])}.</p>"
        for kind, group in groupby(self.story.remarks, lambda x: x.kind):
            lead = f"<strong>{REMARKS[kind].capitalize()}:</strong>"
            said = "; ".join(self.sentence(x.parts) for x in group)
            yield f"<p>{lead} {said}.</p>"

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
        where = f"at {checks.points} points{trial_sizes(self.story)}"
        lines = [escape(f"Every line was checked {where}; {agreement(checks)}.")]
        if checks.assumptions:
            words = ", ".join(checks.assumptions)
            lines.append(escape(f"Assuming that {words} ({why(self.story)})."))
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
    chain = " ".join(map(mathml, sides("=" + first)))  # a line may end between them
    many = len(number) > SHORT
    long = max(width(read(x)) for x in (first, *others)) > BESIDE
    parts = [
        f'<span class="left">{mathml(left) if left else ""}</span>',
        f'<span class="right{" long" * long}">{chain}{shown}</span>',
        f'<span class="rule">{rule}</span>',
        f'<span class="number{" many" * many}">{"≈ " * many}{printed(number)}</span>',
    ]
    return f"<li>{' '.join(parts)}{below}</li>"


def subscript(digits: re.Match[str]) -> str:
    """Small digits, which not every font has in bold, as subscripts."""
    return f"<sub>{digits[0].translate(DIGITS)}</sub>"


DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def printed(number: str) -> str:
    """A number with the minus of print, which is as wide as a plus."""
    return escape(number).replace("-", "−")


def listed(items: Iterable[str], kind: str = "") -> str:
    """Lines as a list."""
    inner = "\n".join(items)
    shown = f"lines {kind}".strip()
    return f'<ol class="{shown}">\n{inner}\n</ol>'


def tabled(
    head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "sizes"
) -> str:
    """Rows of cells in HTML, as a table that scrolls by itself where it is wide."""
    top = "".join(f'<th scope="col">{escape(x)}</th>' for x in head)
    lines = ["".join(f"<td>{x}</td>" for x in row) for row in rows]
    inner = "\n".join(f"<tr>{x}</tr>" for x in lines)
    return (
        f'<div class="wide"><table class="{kind}">\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{inner}\n</tbody>\n</table></div>"
    )


def folded(
    title: str, parts: Iterable[str], *, unfolded: bool = False, kind: str = ""
) -> str:
    """Parts that a reader can fold and unfold."""
    inner = "\n".join(parts)
    state = (f' class="{kind}"' if kind else "") + " open" * unfolded
    return f"<details{state}>\n<summary>{escape(title)}</summary>\n{inner}\n</details>"


def source(text: str) -> str:
    """Source to be copied."""
    return f"<pre><code>{escape(text.rstrip())}</code></pre>"
