"""At the level full, every rule that was used is stated and proved, in every format."""

import re

import numpy as np
import pytest

import whence
from whence.explain.catalogue import catalogue
from whence.explain.latex import escaped
from whence.explain.proofs import reasons, used


def told(level="full"):
    text = "z = w*x + b; p = 1/(1 + exp(-z)); -(y*log(p) + (1 - y)*log(1 - p))"
    return whence.explain(text, w=0.5, x=2.0, b=-0.5, y=1.0, wrt="w", level=level)


def test_every_rule_of_the_lines_has_its_law():
    found = used(told().story)
    assert {"is-sigmoid", "logarithm rule", "chain rule", "cancel"} <= set(found)
    for name, several in found.items():
        assert all(law.name == name for law in several)
        assert reasons(several)


def test_a_reason_is_given_once_and_as_a_sentence():
    for name in {law.name for law in catalogue()}:
        several = tuple(law for law in catalogue() if law.name == name)
        words = reasons(several)
        assert words.endswith(".") and ".." not in words
        assert len(words) <= sum(
            len(x.proof + x.source + x.condition) + 9 for x in several
        )


def test_every_format_states_the_rules_at_the_level_full_only():
    full, normal = told(), told("normal")
    assert "  rules\n" in str(full) and "  rules\n" not in str(normal)
    assert r"\begin{description}" in full.latex()
    assert r"\begin{description}" not in normal.latex()
    assert "#### Rules" in full.markdown() and "#### Rules" not in normal.markdown()
    open_ = "<details open>\n<summary>Rules</summary>"
    assert open_ in full.html() and open_ not in normal.html()


@pytest.mark.parametrize("law", catalogue(), ids=lambda law: law.name)
def test_reasons_in_latex_need_no_unicode(law):
    words = escaped(reasons((law,)))
    assert words.isascii(), words
    assert words.count("$") % 2 == 0
    assert not re.search(r"(?<![\\$])[_&%#]", re.sub(r"\$[^$]*\$", "", words)), words


def test_arrays_have_their_laws_too():
    def loss(W, x, y):
        r = np.tanh(W @ x) - y
        return r @ r

    text = str(whence.explain(loss, np.eye(2), np.ones(2), np.ones(2), level="full"))
    assert "C = A B" in text and "tanh in terms of its output" in text
