r"""A derivation as LaTeX (``align*`` of amsmath), and as Markdown around it.

latex(story) -> \begin{align*} … \end{align*}
markdown(story) -> headings, formulas between $$, a table of paths
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

from whence.explain.derivation import (
    Curvature,
    Entry,
    Line,
    Over,
    Recursion,
    Result,
    Role,
    Slope,
    Story,
)
from whence.explain.dialect import LATEX
from whence.explain.formula import LETTERS, OPERATORS, broken, read, tightened, width
from whence.explain.law import Law
from whence.explain.proofs import reasons, used
from whence.explain.show import (
    AS_IT_RUNS,
    REMARKS,
    SIZES,
    agreement,
    are_many,
    by_role,
    called,
    cotangents,
    figure,
    fixed,
    listed,
    meanings,
    shown_lines,
    size_rows,
    sizes,
    stabilised,
    trial_sizes,
    unread,
    why,
)
from whence.explain.speaker import Speaker
from whence.simplify.term import Term


def latex(story: Story, level: str = "normal") -> str:
    """A derivation as one ``align*``, the rule of each line at its right."""
    speaker = Speaker(story, LATEX)
    words = [*remark_lines(speaker), *provisos(speaker)]
    said = [escaped_outside(x) for x in words]
    parts = [lines(speaker, level), notations(speaker, level), *said]
    parts.append(rules_latex(story) if level == "full" else "")
    return tightened("\n".join(filter(None, parts)))


def display(story: Story, level: str = "normal") -> str:
    """The lines of a derivation between $$, where align* has to be aligned."""
    shown = lines(Speaker(story, LATEX), level).replace("align*", "aligned")
    return tightened(f"$$\n{shown}\n$$")


def lines(speaker: Speaker, level: str) -> str:
    """The lines of a derivation as one ``align*``, with what the names in it mean."""
    story = speaker.story
    rows = [row(speaker, line) for line in shown_lines(story, level)]
    rows += [x for result in story.results for x in result_rows(speaker, result, level)]
    rows += [curvature_row(speaker, x) for x in story.curvatures]
    named = meanings(speaker) | cotangents(speaker, level)
    rows += [aligned(rf"\text{{where }} {x}", form) for x, form in named.items()]
    for i, (subject, form) in enumerate(story.in_general):
        words = [r"\text{in general, without that assumption}"][i:]
        rows.append(aligned(speaker.left(subject), speaker.writer.write(form), words))
    return align(rows)


def align(rows: Sequence[str]) -> str:
    """Rows as one ``align*``."""
    body = " \\\\\n".join(f"  {r}" for r in rows)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def notations(speaker: Speaker, level: str) -> str:
    r"""The legend as a sentence: Here $W \in \mathbf{R}^{3 \times 4}$ is the weight."""
    roles = by_role(listed(speaker.story, level))
    parts = []
    for role, entries in roles.items():
        shown = ", ".join(f"${member(speaker, e)}$" for e in entries)
        article = ARTICLES.get(entries[0].role, "the")
        verb = f"is {article}" if not are_many(entries) else "are the"
        parts.append(f"{shown} {verb} {role}")
    return f"Here {'; '.join(parts)}." if parts else ""


ARTICLES: dict[Role, str] = {"intermediate": "an", "captured array": "a"}


def member(speaker: Speaker, entry: Entry) -> str:
    r"""A symbol and the space that it is of: X \in \mathbf{R}^{5 \times 3}."""
    name = speaker.name(entry.value)
    if entries := fixed(speaker.story, entry):
        return f"{name} = {entries}"
    shape = entry.value.aval.shape
    if not shape:
        return name
    kind = np.dtype(entry.value.aval.dtype).kind
    field = {"f": r"\mathbf{R}", "b": r"\{0, 1\}"}.get(kind, r"\mathbf{Z}")
    sizes_shown = r" \times ".join(map(str, shape))
    return rf"{name} \in {field}^{{{sizes_shown}}}"


def row(speaker: Speaker, line: Line) -> str:
    """One line: left side, right side, rule."""
    left = "" if line.follows else speaker.subject(line)
    reasons = line.rule.strip().split(", ") if line.rule else []
    words = [rf"\text{{{escaped(x)}}}" for x in reasons]
    gone = [speaker.writer.write(c) for c in line.conditions]
    if words and gone:
        words[-1] += rf"\ {gone.pop(0)}"
    reasons = with_commas(*words, *gone, *layers(line.over))
    return aligned(left, speaker.form(line.form), reasons)


def result_rows(speaker: Speaker, result: Result, level: str) -> Iterator[str]:
    """The closed form, boxed if it fits in one line, and the form that runs."""
    left = speaker.slope(Slope(speaker.story.output, result.by))
    yield aligned(left, boxed(speaker, left, result.form), layers(result.over))
    if (runs := stabilised(result, level)) is not None:
        words = escaped(f"stabilise: {result.saved}")
        reasons = with_commas(*(rf"\text{{{x}}}" for x in (words, AS_IT_RUNS)))
        yield aligned("", speaker.writer.write(runs), reasons)


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
ASIDE = 44  # digits; longer words are broken
NARROW = 32  # digits; a right side is not broken below this


def aligned(left: str, right: str, reasons: Sequence[str] = ()) -> str:
    """``left &= right && reasons``, broken into lines that fit on a page.

    Args:
        left: The left side; nothing where the line goes on from the one before.
        right: The right side.
        reasons: What stands beside it, in parts between which it may be broken.
    """
    words = packed(reasons)
    aside = max((width(read(x)) for x in words), default=0.0)
    first, *others = broken(right, max(NARROW, PAGE - width(read(left)) - aside))
    lines = [f"{left} &= {first}"]
    lines += [f" &{x}" if x.startswith("=") else rf" &\quad {{}} {x}" for x in others]
    if words:
        lines[-1] += f" && {words[0]}"
        lines += [f" &&& {x}" for x in words[1:]]
    return " \\\\\n  ".join(lines)


def with_commas(*reasons: str) -> list[str]:
    """Reasons with a comma behind each but the last."""
    return [*(rf"{x},\ " for x in reasons[:-1]), *reasons[-1:]]


def packed(parts: Sequence[str]) -> list[str]:
    """Parts side by side, in lines that stand beside formulas."""
    lines: list[str] = []
    for part in parts:
        if lines and width(read(lines[-1] + part)) <= ASIDE:
            lines[-1] += part
        else:
            lines.append(part)
    return lines


def layers(over: Over | None) -> list[str]:
    """The layers that a line is told for, as a reason beside it."""
    if over is None:
        return []
    return [rf"{over.letter} = {over.first}, \dots, {over.last}"]


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
    for recursion in story.recursions:
        parts += layer_table(speaker, recursion)
    for result in story.results:
        if result.paths:
            parts += ["", *path_table(speaker, result)]
    parts += ["", *remark_lines(speaker), *closing(speaker, story)]
    parts += rules_markdown(story) if level == "full" else []
    return tightened("\n".join(parts) + "\n")


def legend_table(speaker: Speaker, level: str) -> list[str]:
    """The legend, as a table."""
    entries = listed(speaker.story, level)
    if not entries:
        return []
    rows = [
        f"| ${speaker.name(e.value)}$ | {sizes(e)} "
        f"| {called(e.role)} {fixed(speaker.story, e)}".rstrip()
        + " |"
        for e in entries
    ]
    return ["", "| symbol | shape | role |", "|---|---|---|", *rows]


def layer_table(speaker: Speaker, recursion: Recursion) -> list[str]:
    """How large the derivatives of each layer are, as a table."""
    rows = size_rows(speaker, recursion)
    if not rows:
        return []
    head = [f"${x}$" for x in rows[0]]
    shown = [f"| {' | '.join(row)} |" for row in (head, *rows[1:])]
    shown.insert(1, "|" + "---:|" * len(head))
    return ["", f"{SIZES.capitalize()}:", "", *shown]


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
        return provisos(speaker)
    where = f"at {checks.points} points{trial_sizes(story)}"
    checked = f"Every line was checked {where}; {agreement(checks)}."
    return [checked, *provisos(speaker)]


def provisos(speaker: Speaker) -> list[str]:
    """What the derivation holds under, or why it stopped."""
    story, checks = speaker.story, speaker.story.checks
    if checks.failure:
        return [f"Stopped: {checks.failure}; the lines above are checked."]
    words = unread(story)
    lines = [f"{words[0].upper()}{words[1:]}."] if words else []
    if checks.assumptions:
        lines.append(f"Assuming that {', '.join(checks.assumptions)} ({why(story)}).")
    if checks.conditions:
        shown = ", ".join(
            rf"${speaker.writer.write(c)} \ne 0$" for c in checks.conditions
        )
        lines.append(f"On the way it divides by what may not be 0: {shown}.")
    return lines
