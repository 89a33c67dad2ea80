"""A derivation in words: Unicode text for terminals, and what all dialects share.

    text(story) -> str

Every line has its kind, its two sides, the rule at the right and its number. Levels:
``brief`` leaves out the local derivatives and the steps, ``normal`` shows them,
``full`` adds the source of each rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from whence.explain.derivation import (
    Chain,
    Checks,
    Curvature,
    Entry,
    Line,
    Named,
    Over,
    Recursion,
    Result,
    Role,
    Size,
    Slope,
    Story,
)
from whence.explain.dialect import DOTS, TEXT, stem_and_digits
from whence.explain.layout import (
    NARROWEST,
    SHORT,
    WIDTH,
    Row,
    against,
    columns,
    equated,
    hanging,
    padded,
    table,
    together,
)
from whence.explain.proofs import rules_text
from whence.explain.speaker import Speaker
from whence.simplify.cotangent import cotangent
from whence.simplify.term import Symbol, Term, symbols_of

BRIEF = {"brief": ("name", "chain"), "normal": (), "full": ()}


def figure(x: Any) -> str:
    """A number beside a line: short, or the shape of what is too long to show."""
    if x is None:
        return ""
    array = np.asarray(x)
    if array.ndim == 0:
        return f"{float(array) + 0.0:.6g}" if array.dtype.kind in "fiub" else str(array)
    if array.size <= FEW:
        return bracketed(array)
    sizes = "×".join(map(str, array.shape))
    return f"[{sizes}]"


def bracketed(array: np.ndarray) -> str:
    """A small array on one line; what is rounding beside its largest entry is 0."""
    if array.ndim > 1:
        return "[" + " ".join(bracketed(row) for row in array) + "]"
    size = np.max(np.abs(array[np.isfinite(array)]), initial=0.0)
    entries = [0.0 if abs(v) < 1e-15 * size else float(v) + 0.0 for v in array]
    return "(" + ", ".join(f"{v:.4g}" for v in entries) + ")"


def text(story: Story, level: str = "normal", width: int = WIDTH) -> str:
    """A derivation as Unicode text.

    Args:
        story: What it says.
        level: How much of it is shown.
        width: The columns that it keeps within, as far as it can be broken.
    """
    width = max(width, NARROWEST)
    speaker = Speaker(story, TEXT)
    rows = [row(speaker, line) for line in shown_lines(story, level)]
    for result in story.results:
        rows.append(result_row(speaker, result))
        if (runs := stabilised(result, level)) is not None:
            shown = speaker.writer.write(runs)
            rows.append(Row("stabilise", "", shown, result.saved, AS_IT_RUNS))
    rows += [curvature_row(speaker, x) for x in story.curvatures]
    parts = [*heading(story, width), "", *symbols(speaker, level, width)]
    parts += table(rows, width).split("\n")
    named = meanings(speaker) | cotangents(speaker, level)
    for left, right in named.items():
        parts += equated(f"  where     {left}", right, width)
    parts += general_forms(story, speaker, width)
    parts += ["", *hanging("  ", words, width)] if (words := unread(story)) else []
    for recursion in story.recursions:
        parts += size_table(speaker, recursion)
    for result in story.results:
        parts += paths_to(speaker, result, width)
    parts += ["", *closing(story, speaker, width)]
    parts += rules_text(story, width) if level == "full" else []
    return "\n".join(line.rstrip() for line in parts)


def listed(story: Story, level: str) -> tuple[Entry, ...]:
    """The entries of the legend that a level shows: none where all is plain."""
    arrays = any(e.value.aval.shape for e in story.legend)
    plain = not arrays and len(story.legend) <= PLAIN_SYMBOLS
    return () if level == "brief" or (plain and level == "normal") else story.legend


PLAIN_SYMBOLS = 3  # so many numbers need no legend


def by_role(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries of a legend by their role, in words: several weights are weights."""
    found: dict[Role, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.role, []).append(entry)
    return {
        PLURAL[role] if are_many(x) else called(role): x for role, x in found.items()
    }


def are_many(entries: Sequence[Entry]) -> bool:
    """Whether entries are of more than one value."""
    return len(entries) > 1 or DOTS in entries[0].name


def called(role: Role) -> str:
    """What a role is called before readers, to whom nothing was captured."""
    return "fixed array" if role == "captured array" else role


PLURAL: dict[Role, str] = {
    "input": "inputs",
    "weight": "weights",
    "bias": "biases",
    "parameter": "parameters",
    "label": "labels",
    "index": "indices",
    "constant": "constants",
    "captured array": "fixed arrays",
    "intermediate": "intermediates",
}


def sizes(entry: Entry) -> str:
    """The shape of a named value, 5×3; nothing for a number."""
    return "×".join(map(str, entry.value.aval.shape))


def symbols(speaker: Speaker, level: str, width: int) -> list[str]:
    """The legend: each symbol with its shape, by the part that it plays."""
    roles = by_role(listed(speaker.story, level))
    shown = {role: ", ".join(sized(speaker, e) for e in x) for role, x in roles.items()}
    if not shown:
        return []
    if not any(e.value.aval.shape for e in speaker.story.legend):
        words = "; ".join(together(f"{role} {x}") for role, x in shown.items())
        return [*hanging("  with ", words, width), ""]
    space = max(map(len, shown))
    lines = []
    for role, x in shown.items():
        lines += hanging(f"  {padded(role, space)}  ", x, width)
    return [*lines, ""]


def fixed(story: Story, entry: Entry) -> str:
    """What an array of the program's own holds, if that is known and short."""
    array = story.point.get(entry.name) if entry.role == "captured array" else None
    return figure(array) if array is not None and np.size(array) <= FEW else ""


FEW = 6  # entries, which are all written


def sized(speaker: Speaker, entry: Entry) -> str:
    """A symbol and its shape, X [5×3]; or its entries, where no argument gives them."""
    name = speaker.name(entry.value)
    if entries := fixed(speaker.story, entry):
        return together(f"{name} = {entries}")
    return together(f"{name} [{sizes(entry)}]") if sizes(entry) else name


def cotangents(speaker: Speaker, level: str) -> dict[str, str]:
    """The names of cotangents among the lines that no result explains: δu = ∂f/∂u."""
    story = speaker.story
    known = {s for result in story.results for s, _ in result.where}
    used: set[Symbol] = set()
    for form in [x.form for x in shown_lines(story, level)]:
        match form:
            case Chain(_, products):
                used |= {s for p in products for x in p for s in symbols_of(x)}
            case Term():
                used |= symbols_of(form)
    return {
        speaker.label(s): speaker.slope(Slope(story.output, of))
        for s, of in story.cotangents.items()
        if s in used - known and of not in story.kept  # these have a line
    }


def shown_lines(story: Story, level: str) -> list[Line]:
    """The lines of a level."""
    kinds = BRIEF[level]
    return [line for line in story.lines if not kinds or line.kind in kinds]


def heading(story: Story, width: int) -> list[str]:
    """The function, what it is differentiated by, and where."""
    by = ", ".join(map(TEXT.name, story.by))
    scalars = {
        TEXT.name(k): v
        for k, v in story.point.items()
        if v is not None and np.ndim(v) == 0 and k not in story.captured
    }
    at = ", ".join(together(f"{k} = {figure(v)}") for k, v in scalars.items())
    names = [k for k in story.point if k not in story.captured]
    arguments = ", ".join(map(TEXT.name, names))
    whole = f"{TEXT.name(story.title)}({arguments})"
    if story.higher and story.higher.along:
        along = TEXT.name(story.names[story.higher.along])
        whole = f"{TEXT.name(story.title)} = ∇{TEXT.name(story.higher.of)}·{along}"
    words = f"{whole}, differentiated by {by}"
    words += f", at {at}" if at else ""
    first, *others = hanging("  ", words, width)
    return [first[2:], *others]


def row(speaker: Speaker, line: Line) -> Row:
    """One line as a row of the table."""
    left = "" if line.follows else speaker.subject(line)
    rule = line.rule
    if line.conditions:
        gone = ", ".join(speaker.writer.write(c) for c in line.conditions)
        rule = f"{rule} {gone}".strip()
    kind = "" if line.follows and line.kind == "chain" else line.kind
    number = told_for(line.over) or figure(line.number)
    return Row(kind, left, speaker.form(line.form), rule, number)


def told_for(over: Over | None) -> str:
    """The layers that a line is told for: l = 1…4; nothing for a line of its own."""
    return f"{over.letter} = {over.first}…{over.last}" if over else ""


def result_row(speaker: Speaker, result: Result) -> Row:
    """The closed form as the last row."""
    of = speaker.story.output
    left = speaker.slope(Slope(of, result.by))
    form = speaker.writer.write(result.form)
    if result.over:
        return Row("result", left, form, "", told_for(result.over))
    number = figure(result.number)
    lines = [x for x in speaker.story.lines if x.subject == Slope(of, result.by)]
    if columns(number) > SHORT and lines and figure(lines[-1].number) == number:
        number = ""  # a long one stands above
    return Row("result", left, form, length(result.operations), number)


def length(operations: int) -> str:
    """How long a form is, in words."""
    return f"{operations} operation{'s' * (operations != 1)}"


def curvature_row(speaker: Speaker, x: Curvature) -> Row:
    """A matrix of second derivatives as a row below the results."""
    left, form = speaker.curvature(x), speaker.writer.write(x.form)
    return Row("read off", left, form, length(x.operations), figure(x.number))


def stabilised(result: Result, level: str) -> Term | None:
    """The form that runs, where the closed form has not all its digits at the point."""
    return result.runs if result.rescued and level != "brief" else None


AS_IT_RUNS = "as it runs"


def meanings(speaker: Speaker) -> dict[str, str]:
    """What the names in the results stand for, each once, where no line has said it."""
    story = speaker.story
    said = [x.subject for x in story.lines]
    told = {story.values[x.value] for x in said if isinstance(x, Named)}
    return {
        speaker.label(symbol): speaker.writer.write(meaning)
        for result in story.results
        for symbol, meaning in result.where
        if symbol not in told
    }


def unread(story: Story) -> str:
    """That no matrix of second derivatives was read off, where none was."""
    if not (story.higher and story.higher.along) or story.curvatures:
        return ""
    along = TEXT.name(story.names[story.higher.along])
    return f"no matrix can be read off: this is H {along}, for any direction {along}"


def general_forms(story: Story, speaker: Speaker, width: int) -> list[str]:
    """The derivatives as they are without the assumption, where one was used."""
    lines = []
    for subject, form in story.in_general:
        left = f"    {speaker.left(subject)}"
        lines += equated(left, speaker.writer.write(form), width)
    return ["", "  in general, without that assumption", *lines] if lines else []


def paths_to(speaker: Speaker, result: Result, width: int) -> list[str]:
    """What each path to an input contributes, in columns or with its form below."""
    if not result.paths:
        return []
    write = speaker.writer.write
    rows = [
        (
            f"through {speaker.through(p)}",
            write(p.form),
            figure(p.number),
            f"{100 * p.share:.1f} %" if p.share == p.share else "",
        )
        for p in result.paths
    ]
    rows.append(("together", write(result.form), figure(result.number), ""))
    widths = [max(columns(r[i]) for r in rows) for i in range(4)]
    lines = ["", f"  paths to {speaker.name(result.by)}"]
    beside = 4 + sum(widths) + 6 <= width
    for label, form, number, share in rows:
        shown = f"    {padded(label, widths[0])}  "
        shown += f"{padded(form, widths[1])}  " if beside else ""
        if beside or 4 + widths[0] + widths[2] + widths[3] + 4 <= width:
            shown += f"{against(number, widths[2])}  {against(share, widths[3])}"
            lines.append(shown)
        else:
            lines += [f"{shown}{share}", *equated("     ", number, width, sign="≈")]
        lines += [] if beside else equated("     ", form, width)
    return lines


def size_table(speaker: Speaker, recursion: Recursion) -> list[str]:
    """The sizes of a recursion in columns."""
    rows = size_rows(speaker, recursion)
    if not rows:
        return []
    widths = [max(columns(x) for x in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(against(c, w) for c, w in zip(r, widths, strict=True)) for r in rows
    ]
    return ["", f"  {SIZES}", *(f"    {x}" for x in lines)]


def size_rows(speaker: Speaker, recursion: Recursion) -> list[list[str]]:
    """How large the derivatives of each layer are: whether they vanish or explode."""
    rows = [
        [str(layer), *(f"{size.largest:.3g}" for size in sizes)]
        for layer, sizes in shortened(recursion.sizes)
    ]
    heads = headings(speaker, recursion)
    if len(rows) < FEWEST or len(heads) < 2:
        return []
    return [heads, *(r + [""] * (len(heads) - len(r)) for r in rows)]


SIZES = "largest entries, by layer"
FEWEST = 3  # layers; the sizes of fewer are seen without a table
MOST = 8  # rows of that table


def shortened(
    sizes: Mapping[int, tuple[Size, ...]],
) -> list[tuple[int, tuple[Size, ...]]]:
    """The sizes of all layers, or of some at even distances with the last."""
    layers = [x for x in sizes.items() if x[1]]
    if len(layers) <= MOST:
        return layers
    places = sorted({round(i * (len(layers) - 1) / (MOST - 1)) for i in range(MOST)})
    return [layers[i] for i in places]


def headings(speaker: Speaker, recursion: Recursion) -> list[str]:
    """What the columns of the table are of."""
    layer = next((x for x in recursion.sizes.values() if x), ())
    found = [recursion.letter]
    for size in layer:
        name = speaker.story.names[size.by]
        if size.by in speaker.story.kept:
            name = speaker.story.symbols[cotangent(size.by)]
        stem, _ = stem_and_digits(name)
        shown = speaker.called(
            f"{'delta_' if stem == 'delta' else stem}[{recursion.letter}]"
        )
        of = speaker.name(speaker.story.output)
        found.append(shown if size.by in speaker.story.kept else f"∂{of}/∂{shown}")
    return found


def agreement(checks: Checks) -> str:
    """How far the results are from plain reverse mode and from differences."""
    if not np.isfinite(checks.automatic):
        return "the formula as written has no finite number at this point"
    plain = f"plain reverse mode agrees {within(checks.automatic, ROUNDING)}"
    if not np.isfinite(checks.differences):
        return f"{plain}; differences give no slope here"
    return f"{plain}, differences {within(checks.differences, DIFFERENCING)}"


def trial_sizes(story: Story) -> str:
    """The sizes at which a derivation for all sizes was checked."""
    if not story.for_all_sizes or not story.sizes[0]:
        return ""
    shown = (
        ", ".join(together(f"{k} = {n}") for k, n in x.items()) for x in story.sizes
    )
    return f" ({'; '.join(shown)})"


ROUNDING = {1e-12: "to rounding", 1e-9: "to 1e-9", 1e-7: "to 1e-7"}
DIFFERENCING = {1e-8: "to 1e-8", 1e-6: "to 1e-6", 1e-4: "to 1e-4"}


def within(deviation: float, bounds: dict[float, str]) -> str:
    """The narrowest of some bounds that a deviation keeps, in words."""
    return next((w for bound, w in bounds.items() if deviation <= bound), "badly")


def why(story: Story) -> str:
    """Why the assumptions of a derivation may be made."""
    return "as declared" if story.for_all_sizes else "it holds in the data"


def remarked(speaker: Speaker, width: int) -> list[str]:
    """The remarks, each kind by its name."""
    lines: list[str] = []
    for remark in speaker.story.remarks:
        words = "".join(
            x if isinstance(x, str) else together(speaker.part(x)) for x in remark.parts
        )
        lines += hanging(f"  {REMARKS[remark.kind]:<10}", words, width)
    return lines


REMARKS = {
    "sum": "of a sum",
    "domain": "no value",
    "kink": "at a kink",
    "branch": "here",
    "series": "series",
    "words": "in words",
}


def closing(story: Story, speaker: Speaker, width: int) -> list[str]:
    """What stands behind the derivation."""
    checks = story.checks
    if checks.failure:
        rest = "the lines above are checked, no more is shown"
        return hanging("  STOPPED   ", f"{checks.failure}; {rest}", width)
    where = f"at {checks.points} points{trial_sizes(story)}"
    every = "every line" + ", of every layer," * bool(story.recursions)
    words = f"{every} {where}; {agreement(checks)}"
    lines = [*remarked(speaker, width), *hanging("  checked   ", words, width)]
    if checks.assumptions:
        words = f"{', '.join(checks.assumptions)} ({why(story)})"
        lines += hanging("  assuming  ", words, width)
    if checks.conditions:
        shown = ", ".join(f"{speaker.writer.write(c)} ≠ 0" for c in checks.conditions)
        words = f"by what may not be 0 on the way: {shown}"
        lines += hanging("  divided   ", words, width)
    return lines
