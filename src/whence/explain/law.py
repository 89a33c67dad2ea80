"""A law: a rule as readers meet it, with what it says, when it holds and why.

    Law("log-exp", "algebra", "exp(c·log(a)) = a^c", …)

Some laws are written down, in ``explain.statements``, ``explain.repairs`` and
``explain.motions``; others are made from the records they belong to, in
``explain.catalogue``.
"""

from __future__ import annotations

from dataclasses import dataclass

from whence.simplify.rule import Kind


@dataclass(frozen=True)
class Law:
    """What a rule says.

    Attributes:
        name: The words by which a derivation calls it.
        group: What it belongs to: calculus, recognition, identity, algebra, and so on.
        text: What it says, in Unicode.
        latex: The same for amsmath.
        proof: Why it holds.
        source: Where a reader finds it proved.
        sides: Both sides as NumPy code over its letters, if they are numbers.
        condition: What must be true for it to hold.
        kind: ``exact``, ``rounding`` or ``repair``, as for rules of the search.
    """

    name: str
    group: str
    text: str
    latex: str
    proof: str
    source: str
    sides: tuple[str, str] | None = None
    condition: str = ""
    kind: Kind = "rounding"


def said(
    name: str,
    text: str,
    latex: str,
    proof: str,
    sides: tuple[str, str] | None = None,
    *,
    condition: str = "",
    kind: Kind = "rounding",
    group: str = "algebra",
    source: str = "",
) -> Law:
    """A law written down; its proof is its source where there is no other."""
    return Law(name, group, text, latex, proof, source or proof, sides, condition, kind)
