"""Proofs: the rules that a derivation used, each with what it says and why it holds.

    used(story) -> {"logarithm rule": (Law(…), …), …}
    rules_text(story, width) -> the same as text

What they say comes from ``explain.catalogue``; a rule of several forms is stated in all
of them, and its reason is given once.
"""

from __future__ import annotations

import re

from whence.explain.catalogue import laws
from whence.explain.derivation import Story
from whence.explain.law import Law
from whence.explain.layout import equated, hanging, sides


def used(story: Story) -> dict[str, tuple[Law, ...]]:
    """The laws of every rule that the lines name, in their order."""
    found: dict[str, dict[Law, None]] = {}
    for line in story.lines:
        for law in laws(line.rule):
            found.setdefault(law.name, {})[law] = None
    return {name: tuple(several) for name, several in found.items()}


def reasons(several: tuple[Law, ...]) -> str:
    """When the forms of a rule hold, why, and where that is proved; each once."""
    conditions = [f"if {law.condition}" for law in several if law.condition]
    proofs = [law.proof for law in several]
    sources = [law.source for law in several]
    said = dict.fromkeys(map(sentence, (*conditions, *proofs, *sources)))
    return " ".join(said)


def sentence(words: str) -> str:
    """Words as a sentence; one that begins with a formula begins as that does."""
    begins = re.match(r"[a-z]+ [a-z]", words)
    words = words[0].upper() + words[1:] if begins else words
    return words if words.endswith(".") else f"{words}."


def rules_text(story: Story, width: int) -> list[str]:
    """The rules as Unicode text."""
    lines = ["", "  rules"]
    for name, several in used(story).items():
        lines.append(f"    {name}")
        for law in several:
            first, *others = sides(law.text)
            if others:
                lines += equated(f"      {first}", " = ".join(others), width)
            else:
                lines += hanging("      ", first, width)
        lines += hanging("        ", reasons(several), width)
    return lines if len(lines) > 2 else []
