r"""Hints: a derivation with blanks to fill in, and the answers after it.

    questions(story) -> what is asked, each with the lines that answer it
    hints_text, hints_latex, hints_markdown: the same, written

Names are given; every local derivative, every use of the chain rule and what is left
after simplifying is asked for. The value of each result is given too, so that readers
can check themselves before they look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from whence.core.graph import Value
from whence.explain.derivation import Chain, Line, Named, Part, Slope, Story, Written
from whence.explain.dialect import LATEX, TEXT
from whence.explain.formula import broken, tightened
from whence.explain.latex import (
    ASIDE,
    align,
    aligned,
    curvature_row as latex_curvature_row,
    escaped,
    layers,
    row as latex_row,
)
from whence.explain.layout import NARROWEST, Row, equated, table
from whence.explain.show import (
    cotangents,
    curvature_row,
    figure,
    heading,
    meanings,
    row,
    symbols,
    told_for,
)
from whence.explain.speaker import Speaker


@dataclass(frozen=True)
class Question:
    """One blank.

    Attributes:
        subject: The derivative that is asked for.
        asked: The question.
        answer: The lines that answer it.
        number: The value to find, where a result is asked for.
    """

    subject: Slope
    asked: tuple[Part, ...]
    answer: tuple[Line, ...]
    number: Any = None

    @property
    def value(self) -> str:
        """The value to find, or the layers that it is asked for."""
        return told_for(self.answer[0].over) or figure(self.number)

    @property
    def follows(self) -> bool:
        """Whether it goes on from the question before, with the same left side."""
        return self.answer[0].follows


def questions(story: Story) -> list[Question]:
    """What a derivation asks of a student, in its order."""
    definitions = {
        x.subject.value: x.form
        for x in story.lines
        if isinstance(x.subject, Named) and isinstance(x.form, Written)
    }
    found: list[Question] = []
    for line in story.lines:
        if not isinstance(line.subject, Slope):
            continue
        if found and goes_on(found[-1], line):
            found[-1] = replace(found[-1], answer=(*found[-1].answer, line))
            continue
        asked = tuple(asks(line, line.subject, definitions, story.output))
        found.append(Question(line.subject, asked, (line,)))
    for result in story.results:
        subject = Slope(story.output, result.by)
        places = [i for i, q in enumerate(found) if q.subject == subject]
        if places:
            found[places[-1]] = replace(found[places[-1]], number=result.number)
    return found


def goes_on(question: Question, line: Line) -> bool:
    """Whether a line is one more step of what a question asks to simplify."""
    both = (question.answer[-1].kind, line.kind)
    return both == ("rewrite", "rewrite") and question.subject == line.subject


def asks(
    line: Line, subject: Slope, definitions: dict[Value, Written], output: Value
) -> Iterator[Part]:
    """The question that a line answers."""
    if line.kind == "rewrite":
        yield "simplified?"
    elif isinstance(line.form, Chain) and len(line.form.slopes) > 1:
        yield "a product for each way: put the slopes in"
    elif isinstance(line.form, Chain):
        yield "chain rule: put the slopes in"
    elif line.kind == "local" and subject.of in definitions:
        inner = subject.by in definitions
        yield from asks_local(subject, definitions[subject.of], output, inner)
    else:
        through = [
            v for v, form in definitions.items() if subject.by in form.block.operands
        ]
        yield "what sends it back?" if len(through) != 1 else "back through "
        if len(through) == 1:
            yield from (through[0], " = ", definitions[through[0]], "?")


def asks_local(
    subject: Slope, form: Written, output: Value, has_inner: bool
) -> Iterator[Part]:
    """The question for the slope of one operation."""
    if len(form.block.operands) > 1:
        yield from (form, ": its derivative by ", subject.by, "?")
    elif subject.of is not output:
        yield from ("inner function ", form, ": its derivative?")
    elif has_inner:
        yield from ("outer function ", form, ": its derivative?")
    else:
        yield from (form, ": its derivative?")


def blanks(speaker: Speaker, question: Question) -> str:
    """What stands at the right of a question: the slopes in symbols, and blanks."""
    blank = BLANK[speaker.dialect.key]
    form = question.answer[0].form
    if not isinstance(form, Chain):
        return blank
    empty = speaker.side_by_side(form, [[blank] * len(p) for p in form.slopes])
    several = any(len(p) > 1 for p in form.slopes)
    return f"{speaker.in_symbols(form)} = {empty}" if several else empty


READ_OFF = "the matrix that the direction is multiplied with?"
BLANK = {"text": "____", "latex": r"\underline{\hspace{3em}}"}


def name_lines(story: Story) -> list[Line]:
    """The lines that are given."""
    return [x for x in story.lines if isinstance(x.subject, Named)]


# ------------------------------------------------------------------------- text


def hints_text(story: Story, level: str, width: int) -> str:
    """The questions as Unicode text, the answers below."""
    width = max(width, NARROWEST)
    speaker = Speaker(story, TEXT)
    rows = [row(speaker, line) for line in name_lines(story)]
    answers: list[Row] = []
    for i, question in enumerate(questions(story), 1):
        left = "" if question.follows else speaker.slope(question.subject)
        right, words = blanks(speaker, question), in_words(speaker, question)
        rows.append(Row(str(i), left, right, words, question.value))
        shown = [row(speaker, line) for line in question.answer]
        answers += [
            replace(shown[0], kind=str(i)),
            *(replace(x, kind="") for x in shown[1:]),
        ]
    for i, x in enumerate(story.curvatures, len(questions(story)) + 1):
        left, number = speaker.curvature(x), figure(x.number)
        rows.append(Row(str(i), left, BLANK["text"], READ_OFF, number))
        answers.append(replace(curvature_row(speaker, x), kind=str(i)))
    parts = [*heading(story, width), "", *symbols(speaker, level, width)]
    parts += [table(rows, width), "", "  answers", table(answers, width)]
    named = meanings(speaker) | cotangents(speaker, "full")
    for left, right in named.items():
        parts += equated(f"  where  {left}", right, width)
    return "\n".join(line.rstrip() for line in "\n".join(parts).splitlines())


def in_words(speaker: Speaker, question: Question) -> str:
    """A question as text."""
    return "".join(
        part if isinstance(part, str) else speaker.part(part) for part in question.asked
    )


# ------------------------------------------------------------- LaTeX and Markdown


def hints_latex(story: Story) -> str:
    """The questions as one ``align*``, the answers as another."""
    asked, answered = hint_rows(story)
    return tightened(f"{align(asked)}\n\\textbf{{Answers}}\n{align(answered)}")


def hint_rows(story: Story) -> tuple[list[str], list[str]]:
    """The rows of the questions and of the answers, in LaTeX."""
    speaker = Speaker(story, LATEX)
    asked = [latex_row(speaker, line) for line in name_lines(story)]
    answered = []
    for i, question in enumerate(questions(story), 1):
        left = "" if question.follows else speaker.slope(question.subject)
        mark = rf"\text{{({i})}}\quad {left}"
        words = list(in_latex(speaker, question))
        words += [rf",\ {x}" for x in layers(question.answer[0].over)]
        asked.append(aligned(mark, blanks(speaker, question), words))
        lines = [latex_row(speaker, line) for line in question.answer]
        answered += [rf"\text{{({i})}}\quad {lines[0]}", *lines[1:]]
    for i, x in enumerate(story.curvatures, len(questions(story)) + 1):
        mark = rf"\text{{({i})}}\quad "
        left = mark + speaker.curvature(x)
        asked.append(aligned(left, BLANK["latex"], [rf"\text{{{READ_OFF}}}"]))
        answered.append(mark + latex_curvature_row(speaker, x))
    return asked, answered


def in_latex(speaker: Speaker, question: Question) -> Iterator[str]:
    """The words and the formulas of a question, in LaTeX."""
    for part in question.asked:
        if isinstance(part, str):
            yield rf"\text{{{escaped(part)}}}"
        else:
            yield from broken(speaker.part(part), ASIDE)


def hints_markdown(story: Story) -> str:
    """The questions as Markdown, the answers folded."""
    asked, answered = (display_of(rows) for rows in hint_rows(story))
    by = ", ".join(f"${LATEX.name(x)}$" for x in story.by)
    title = f"### Exercise: the derivative of ${LATEX.name(story.title)}$ by {by}"
    folded = ["<details>", "<summary>Answers</summary>", "", answered, "", "</details>"]
    return tightened("\n".join([title, "", asked, "", *folded]) + "\n")


def display_of(rows: Sequence[str]) -> str:
    """Rows between $$, where align* has to be aligned."""
    return f"$$\n{align(rows).replace('align*', 'aligned')}\n$$"
