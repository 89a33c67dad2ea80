"""Lines for layer l: ``δₗ = Wₗ₊₁ᵀ δₗ₊₁ ⊙ (1 − hₗ²)`` says the same of every layer.

    at_layer(line, "l", 2) -> "δ₂ = W₃ᵀ δ₃ ⊙ (1 − h₂²)"

The number of a layer stands where its letter stood: in subscripts, in an index, alone,
and a sum over layers is written out.
"""

from __future__ import annotations

import re

LETTERS = dict(zip("lktnijm", "ₗₖₜₙᵢⱼₘ", strict=True))
LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789+-0123456789")


def is_layered(line: str, letter: str) -> bool:
    """Whether a line is about layers in general."""
    below = LETTERS[letter]
    return bool(re.search(rf"{below}|_{letter}(?![a-zA-Z0-9_])|_\{{{letter}", line))


def at_layer(line: str, letter: str, number: int) -> str:
    """What a line for all layers says of one."""

    def shifted(match: re.Match[str]) -> str:
        shift = (match[1] or "").translate(PLAIN)
        return str(number + int(shift or 0)).translate(LOWERED)

    line = sums_written_out(line, letter)
    for pattern in (
        rf"{LETTERS[letter]}([₊₋][₀-₉]+)?",
        rf"_{letter}(?![a-zA-Z0-9_])()",
        rf"_\{{{letter}([+-][0-9]+)?\}}",
    ):
        line = re.sub(pattern, shifted, line)
    return re.sub(rf"(?<!\w){letter}(?!\w)", str(number), line)


def sums_written_out(line: str, letter: str) -> str:
    """A line with each sum over layers as the sum of its items."""
    head = rf"Σ{LETTERS[letter]}₌([₀-₉]+)([⁰¹²³⁴-⁹]+)\s*"
    while match := re.search(head, line):
        end = end_of_item(line, match.end())
        first, last = (int(x.translate(PLAIN)) for x in match.groups())
        item = line[match.end() : end].strip()
        items = (at_layer(item, letter, n) for n in range(first, last + 1))
        line = f"{line[: match.start()]}({' + '.join(items)}) {line[end:]}"
    return line


def end_of_item(line: str, start: int) -> int:
    """Where an item of a sum ends: at a sign or a bracket that is not its own."""
    depth = 0
    for at in range(start, len(line)):
        depth += (line[at] in "([") - (line[at] in ")]")
        if depth < 0 or (depth == 0 and line[at] in "=+−-" and line[start:at].strip()):
            return at
    return len(line)
