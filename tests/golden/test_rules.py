"""The page of all rules: `make golden` writes it from the records."""

from whence.explain.catalogue import catalogue

GROUPS = {
    "derivation": "What makes a derivation",
    "recognition": "Functions recognised",
    "algebra": "Steps of the search",
    "identity": "Identities",
    "stability": "Forms that keep their digits",
    "silent": "Taken without a word",
    "calculus": "Derivatives of operations",
}
ABOUT = """# The rules

Every rule that a derivation may name: what it says, when it holds and why. The page is
written from the records that are matched and run, by `make golden`. *Exact* rules keep
every bit, those without a word are equal in the reals wherever both sides are finite,
and a *repair* is also defined where its left side is not. Capital letters are matrices;
x̄ is the derivative of the output by x, ẋ how far x moves."""


def page():
    """The page of all laws, by group and name."""
    parts = [ABOUT]
    for group, title in GROUPS.items():
        parts.append(f"## {title}")
        of_group = [law for law in catalogue() if law.group == group]
        for name in dict.fromkeys(law.name for law in of_group):
            parts += entry([law for law in of_group if law.name == name])
    return "\n\n".join(parts)


def entry(same):
    """The laws of one name: statements, then when and why."""
    kinds = "".join(f" *{k}*" for k in {x.kind: 0 for x in same} if k != "rounding")
    yield f"### {same[0].name}{kinds}".replace(" *", " (").replace("*", ")")
    yield "\n".join(f"    {law.text}" for law in same)
    for what in ("condition", "proof", "source"):
        said = dict.fromkeys(getattr(law, what) for law in same)
        words = {"condition": "When: ", "proof": "", "source": "Source: "}[what]
        shown = "; ".join(filter(None, said))
        if shown and (what != "source" or {*said} != {law.proof for law in same}):
            yield f"{words}{shown.removesuffix('.')}."


def test_the_page_of_rules_is_that_of_the_records(golden):
    golden("../../docs/rules.md", page())
