r"""A derivation as LaTeX (``align*`` of amsmath), and as Markdown around it.

latex(story) -> \begin{align*} … \end{align*}
markdown(story) -> headings, formulas between $$, a table of paths
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from whence.explain.derivation import Curvature, Entry, Line, Over, Result, Slope, Story
from whence.explain.dialect import LATEX
from whence.explain.formula import LETTERS, OPERATORS, broken, read, width
from whence.explain.law import Law
from whence.explain.proofs import reasons, used
from whence.explain.show import (
    REMARKS,
    Speaker,
    agreement,
    are_many,
    by_role,
    cotangents,
    figure,
    listed,
    meanings,
    shown_lines,
    sizes,
    trial_sizes,
)
from whence.simplify.term import Term


def latex(story: Story, level: str = "normal") -> str:
    """A derivation as one ``align*``, the rule of each line at its right."""
    speaker = Speaker(story, LATEX)
    said = [escaped_outside(x) for x in remark_lines(speaker)]
    parts = [lines(speaker, level), notations(speaker, level), *said]
    parts.append(rules_latex(story) if level == "full" else "")
    return "\n".join(filter(None, parts))


def display(story: Story, level: str = "normal") -> str:
    """The lines of a derivation between $$, where align* has to be aligned."""
    shown = lines(Speaker(story, LATEX), level).replace("align*", "aligned")
    return f"$$\n{shown}\n$$"


def lines(speaker: Speaker, level: str) -> str:
    """The lines of a derivation as one ``align*``."""
    story = speaker.story
    rows = [row(speaker, line) for line in shown_lines(story, level)]
    rows += [result_row(speaker, result) for result in story.results]
    rows += [curvature_row(speaker, x) for x in story.curvatures]
    return align(rows)


def align(rows: Sequence[str]) -> str:
    """Rows as one ``align*``."""
    body = " \\\\\n".join(f"  {r}" for r in rows)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def notations(speaker: Speaker, level: str) -> str:
    r"""The legend as a sentence: Here $W \in \mathbb{R}^{3 \times 4}$ is the weight."""
    roles = by_role(listed(speaker.story, level))
    parts = []
    for role, entries in roles.items():
        shown = ", ".join(member(speaker, e) for e in entries)
        inner = entries[0].role == "intermediate"
        verb = ("is an" if inner else "is the") if not are_many(entries) else "are the"
        parts.append(f"{shown} {verb} {role}")
    return f"Here {'; '.join(parts)}." if parts else ""


def member(speaker: Speaker, entry: Entry) -> str:
    r"""A symbol and the space that it is of: $X \in \mathbb{R}^{5 \times 3}$."""
    name = speaker.name(entry.value)
    shape = entry.value.aval.shape
    if not shape:
        return f"${name}$"
    kind = np.dtype(entry.value.aval.dtype).kind
    field = {"f": r"\mathbb{R}", "b": r"\{0, 1\}"}.get(kind, r"\mathbb{Z}")
    sizes_shown = r" \times ".join(map(str, shape))
    return rf"${name} \in {field}^{{{sizes_shown}}}$"


def row(speaker: Speaker, line: Line) -> str:
    """One line: left side, right side, rule."""
    left = "" if line.follows else speaker.subject(line)
    words = rf"\text{{{escaped(line.rule)}}}" if line.rule else ""
    if line.conditions:
        gone = ", ".join(speaker.writer.write(c) for c in line.conditions)
        words = rf"\text{{{escaped(line.rule.strip())} }} {gone}"
    words = r",\ ".join(filter(None, (words, layers(line.over))))
    return aligned(left, speaker.form(line.form), words)


def result_row(speaker: Speaker, result: Result) -> str:
    """The closed form, boxed if it fits in one line."""
    left = speaker.slope(Slope(speaker.story.output, result.by))
    return aligned(left, boxed(speaker, left, result.form), layers(result.over))


def curvature_row(speaker: Speaker, x: Curvature) -> str:
    """A matrix of second derivatives, boxed if it fits in one line."""
    left = speaker.curvature(x)
    return aligned(left, boxed(speaker, left, x.form))


def boxed(speaker: Speaker, left: str, x: Term) -> str:
    """A form in a box, if it fits in one line."""
    form = speaker.writer.write(x)
    fits = width(read(form)) <= PAGE - width(read(left))
    return rf"\boxed{{{form}}}" if fits else form


PAGE = 72  # digits beside each other on a page, roughly
NARROW = 32  # digits; a right side is not broken below this


def aligned(left: str, right: str, words: str = "") -> str:
    """``left &= right && words``, broken into lines that fit on a page."""
    room = max(NARROW, PAGE - width(read(left)) - width(read(words)))
    first, *others = broken(right, room)
    lines = [f"{left} &= {first}"]
    lines += [f" &{x}" if x.startswith("=") else rf" &\quad {{}} {x}" for x in others]
    lines[-1] += f" && {words}" if words else ""
    return " \\\\\n  ".join(lines)


def layers(over: Over | None) -> str:
    """The layers that a line is told for."""
    if over is None:
        return ""
    return rf"{over.letter} = {over.first}, \dots, {over.last}"


def escaped(words: str) -> str:
    """Words for use in LaTeX's text mode."""
    words = re.sub(r"([#%&_{}])", r"\\\1", words.replace("^", r"\^{}"))
    words = words.replace(r"\^\{\}", r"\^{}")
    known = (IN_TEXT.get(c) or unicodedata.normalize("NFD", c) for c in words)
    return re.sub(
        r"(\w)([\u0302\u0304\u0307])",
        lambda m: f"${MARKS[m[2]]}{{{m[1]}}}$",
        "".join(known),
    )


MARKS = {"\u0302": r"\hat", "\u0304": r"\bar", "\u0307": r"\dot"}  # above letters


IN_TEXT = {
    **{letter: rf"$\{name}$" for name, letter in LETTERS.items()},
    **{letter: rf"$\{name}$" for name, letter in OPERATORS.items() if len(letter) == 1},
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", (f"$^{i}$" for i in range(10)), strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", (f"$_{i}$" for i in range(10)), strict=True)),
    "−": "-",
    "⁻": "$^-$",
    "ᵢ": "$_i$",
    "ⱼ": "$_j$",
    "ᵀ": r"$^\top$",
    "½": r"$\frac{1}{2}$",
    "√": r"$\surd$",
    "Σ": r"$\Sigma$",
    "…": r"\dots{}",
    "⟨": r"$\langle$",
    "⟩": r"$\rangle$",
}


def escaped_outside(words: str) -> str:
    """Words with formulas among them, the words escaped for LaTeX."""
    parts = words.split("$")
    return "$".join(x if i % 2 else escaped(x) for i, x in enumerate(parts))


def rules_latex(story: Story) -> str:
    """The rules as a description list."""
    items = [
        rf"  \item[{escaped(name)}] {statements(several)}"
        for name, several in used(story).items()
    ]
    if not items:
        return ""
    return "\n".join([r"\begin{description}", *items, r"\end{description}"])


def statements(several: tuple[Law, ...]) -> str:
    """What a rule says, in its forms, and why."""
    said = "; ".join(f"${law.latex}$" for law in several)
    return f"{said}. {escaped(reasons(several))}"


def rules_markdown(story: Story) -> list[str]:
    """The rules as a list in Markdown."""
    lines = []
    for name, several in used(story).items():
        said = "; ".join(f"${law.latex}$" for law in several)
        why = re.sub(r"([_*])", r"\\\1", reasons(several))
        lines.append(f"- **{name}**: {said}. {why}")
    return ["", "#### Rules", "", *lines] if lines else []


def markdown(story: Story, level: str = "normal") -> str:
    """A derivation as Markdown, for notebooks and pages that know LaTeX."""
    speaker = Speaker(story, LATEX)
    by = ", ".join(f"${speaker.dialect.name(x)}$" for x in story.by)
    title = speaker.dialect.name(story.title)
    parts = [
        f"### The derivative of ${title}$ by {by}",
        "",
        display(story, level),
    ]
    parts += legend_table(speaker, level)
    parts += where_lines(speaker, level)
    for result in story.results:
        if result.paths:
            parts += ["", *path_table(speaker, result)]
    parts += ["", *remark_lines(speaker), *closing(speaker, story)]
    parts += rules_markdown(story) if level == "full" else []
    return "\n".join(parts) + "\n"


def where_lines(speaker: Speaker, level: str) -> list[str]:
    """What the names in the results and the lines stand for."""
    named = meanings(speaker) | cotangents(speaker, level)
    shown = [f"${left} = {right}$" for left, right in named.items()]
    return ["", "where " + ", ".join(shown)] if shown else []


def legend_table(speaker: Speaker, level: str) -> list[str]:
    """The legend, as a table."""
    entries = listed(speaker.story, level)
    if not entries:
        return []
    rows = [f"| ${speaker.name(e.value)}$ | {sizes(e)} | {e.role} |" for e in entries]
    return ["", "| symbol | shape | role |", "|---|---|---|", *rows]


def path_table(speaker: Speaker, result: Result) -> list[str]:
    """The contributions of paths, as a table."""
    write = speaker.writer.write
    rows = [
        "| path through | contributes | at the point | share |",
        "|---|---|---|---|",
    ]
    for p in result.paths:
        through = p.through if isinstance(p.through, str) else f"${write(p.through)}$"
        share = f"{100 * p.share:.1f} %" if p.share == p.share else ""
        rows.append(f"| {through} | ${write(p.form)}$ | {figure(p.number)} | {share} |")
    total = f"| together | ${write(result.form)}$ | {figure(result.number)} | |"
    return [*rows, total]


def remark_lines(speaker: Speaker) -> list[str]:
    """The remarks, one to a paragraph, formulas between $."""
    lines: list[str] = []
    for remark in speaker.story.remarks:
        words = "".join(
            x if isinstance(x, str) else f"${speaker.part(x)}$" for x in remark.parts
        )
        lines += [f"{REMARKS[remark.kind].capitalize()}: {words}.", ""]
    return lines


def closing(speaker: Speaker, story: Story) -> list[str]:
    """What stands behind the derivation."""
    checks = story.checks
    if checks.failure:
        return [f"**Stopped:** {checks.failure}."]
    where = f"at {checks.points} points{trial_sizes(story)}"
    lines = [f"Every line was checked {where}; {agreement(checks)}."]
    if checks.assumptions:
        lines.append(f"Assuming that {', '.join(checks.assumptions)}.")
    if checks.conditions:
        shown = ", ".join(
            rf"${speaker.writer.write(c)} \ne 0$" for c in checks.conditions
        )
        lines.append(f"On the way it divides by what may not be 0: {shown}.")
    return lines
