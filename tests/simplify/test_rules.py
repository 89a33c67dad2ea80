"""Rules: both sides are the same number, and identities make a term shorter."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, given, settings, strategies as st

from terms import DIGITS, OutsideDomainError, agree, number_of
from whence.simplify.cost import cost
from whence.simplify.rule import rewrites
from whence.simplify.rules import IDENTITIES, RECOGNISE
from whence.simplify.term import EULER, Sum, Symbol, rebuild, scale, symbols_of

RULES = [*IDENTITIES, *RECOGNISE]
reals = st.integers(-4000, 4000).map(lambda n: Fraction(n, 997))
every_rule = pytest.mark.parametrize(
    "law", RULES, ids=[f"{i} {law.name}" for i, law in enumerate(RULES)]
)
every_identity = pytest.mark.parametrize(
    "law", IDENTITIES, ids=[f"{i} {law.name}" for i, law in enumerate(IDENTITIES)]
)


def numbers_of(law, drawn):
    """Both sides of a rule at a point, with many digits."""
    at = {
        s: mpmath.mpf(n.numerator) / n.denominator
        for s, n in zip(law.letters, drawn, strict=False)
    }
    return number_of(law.before, at), number_of(law.after, at)


@every_rule
@settings(max_examples=40)
@given(drawn=st.tuples(reals, reals))
def test_both_sides_of_a_rule_are_the_same_number(law, drawn):
    with mpmath.workdps(100):
        try:
            before, after = numbers_of(law, drawn)
        except (OutsideDomainError, ZeroDivisionError):
            assume(False)
        assert agree(after, before, digits=60)


@every_rule
def test_a_rule_has_a_name_a_source_and_no_letter_of_its_own(law):
    assert law.name and law.source
    assert law.letters
    assert symbols_of(law.after) - {EULER} <= set(law.letters)


@every_identity
def test_an_identity_lowers_the_measure(law):
    assert cost(law.after) < cost(law.before)


@every_rule
def test_a_rule_is_found_where_it_stands(law):
    letters = {s: Symbol(f"a{i}") for i, s in enumerate(law.letters)}
    before, after = (rebuild(side, letters) for side in (law.before, law.after))
    assert after in list(rewrites(law, before))


@every_identity
def test_an_identity_is_found_under_a_factor(law):
    letters = {s: Symbol(f"a{i}") for i, s in enumerate(law.letters)}
    before, after = (rebuild(side, letters) for side in (law.before, law.after))
    factor = Symbol("b")
    items = before.items if isinstance(before, Sum) else [(1, before)]
    inside = scale(0, factor)
    for coefficient, monomial in items:
        inside = inside + scale(coefficient, factor * monomial)
    found = list(rewrites(law, inside))
    assert any(symbols_of(x) and cost(x) <= cost(factor * after) + 2 for x in found)


@every_identity
@settings(max_examples=15)
@given(drawn=st.tuples(reals, reals, reals))
def test_a_rewrite_inside_a_longer_term_keeps_its_number(law, drawn):
    letters = {s: Symbol(f"a{i}") for i, s in enumerate(law.letters)}
    more = Symbol("b")
    start = rebuild(law.before, letters) * more + more
    with mpmath.workdps(DIGITS):
        at = dict(zip([*letters.values(), more], drawn, strict=False))
        at = {s: mpmath.mpf(n.numerator) / n.denominator for s, n in at.items()}
        try:
            wanted = number_of(start, at)
            found = [number_of(x, at) for x in rewrites(law, start)]
        except (OutsideDomainError, ZeroDivisionError):
            assume(False)
        assert all(agree(x, wanted) for x in found)


def test_both_sides_hold_where_a_repair_overflows_in_floats():
    z = mpmath.mpf(2000)
    with mpmath.workdps(2000):
        for law in RECOGNISE:
            if law.name == "is-absolute":
                continue
            below = law.name == "log-one-minus-exp"  # it holds for x < 0
            at = {law.letters[0]: -z if below else z}
            assert agree(number_of(law.after, at), number_of(law.before, at), 100)
