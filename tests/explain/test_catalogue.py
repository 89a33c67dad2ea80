"""The catalogue of rules: each is stated, has a reason, and is true on numbers."""

import inspect
import re
from itertools import groupby

import numpy as np
import pytest
import scipy.special

from whence.core.primitive import PRIMITIVES
from whence.explain.catalogue import catalogue, laws
from whence.simplify import (
    choices,
    others,
    polynomial,
    products,
    recognise,
    removable,
    search,
    stabilise,
    stable,
    totals,
)

LAWS = catalogue()
every = pytest.mark.parametrize(
    "law", LAWS, ids=[f"{i} {law.name}" for i, law in enumerate(LAWS)]
)


def drawn(seed):
    """Numbers for the letters of a law: matrices, vectors, a place, and the rest."""
    rng = np.random.default_rng(seed)
    scope = {"np": np, "scipy": scipy, "k": int(rng.integers(3))}
    for primitive in PRIMITIVES.values():
        exec(primitive.notation.helper, scope)
    scope |= {x: rng.uniform(-1.5, 1.5, (3, 3)) for x in "ABX"}
    scope |= {x: rng.uniform(-1.5, 1.5, 3) for x in "pquv"}
    return scope | {x: rng.uniform(-1.5, 1.5) for x in "abcdxyzw"}


@every
def test_a_law_is_stated_in_text_and_latex_and_has_a_reason(law):
    assert law.name and law.text and law.proof and law.source
    assert not re.search(r"[^\x00-\x7f]", law.latex), "LaTeX is ASCII"
    assert law.latex.count("{") == law.latex.count("}")
    assert law.latex.count(r"\left") == law.latex.count(r"\right")


@pytest.mark.parametrize("law", [x for x in LAWS if x.sides], ids=lambda x: x.text)
def test_both_sides_of_a_law_are_equal_on_numbers(law):
    counted = 0
    for seed in range(20):
        with np.errstate(all="ignore"):
            before, after = (eval(side, drawn(seed)) for side in law.sides)
        if np.isfinite(before).all():
            np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-12)
            counted += 1
    assert counted >= 3


def test_every_operation_that_gives_a_reason_is_stated():
    because = {p.because for p in PRIMITIVES.values() if p.because}
    assert because <= {law.name for law in LAWS}


def test_every_step_that_the_search_can_take_is_in_the_catalogue():
    written = re.compile(r'yield \(?\s*"([^"]+)"')
    files = (search, totals, polynomial, choices, products, others)
    steps = {x for file in files for x in written.findall(inspect.getsource(file))}
    steps |= {*recognise.STRUCTURAL, recognise.MERGED, search.ASSUMED, search.CLIP}
    assert "polynomial division" in steps, "the pattern finds what is yielded"
    assert all({law.name for law in laws(x)} == {*x.split(", ")} for x in steps)


def test_every_step_that_keeps_digits_is_in_the_catalogue_and_no_other():
    logarithms = re.findall(r'return "([^"]+)", ', inspect.getsource(stable))
    assert "max-shift" in logarithms, "the pattern finds what is returned"
    steps = {*logarithms, *stabilise.RULES, removable.NEAR}
    assert steps <= {law.name for law in LAWS}
    assert {law.name for law in LAWS if law.group == "stability"} <= steps


def test_a_rule_of_several_names_has_the_laws_of_each():
    found = laws("matrix product rule, distribute, cancel")
    names = [name for name, _ in groupby(law.name for law in found)]
    assert names == ["matrix product rule", "distribute", "cancel"]
