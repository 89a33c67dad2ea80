"""Cotangents as symbols: one for each value, known again wherever they stand."""

from whence.core.aval import Aval
from whence.core.graph import Value
from whence.simplify.cotangent import cotangent, cotangent_of
from whence.simplify.term import ONE, Symbol

V, W = Value(Aval((2, 3))), Value(Aval((2, 3)))


def test_a_value_has_one_cotangent_in_its_own_shape():
    assert cotangent(V) == cotangent(V, order="~7") != cotangent(W)
    assert cotangent(V).shape == (2, 3)
    assert cotangent(V) != Symbol(V, V.aval.shape)


def test_a_cotangent_tells_its_value_and_no_other_term_does():
    assert cotangent_of(cotangent(V)) is V
    for other in (Symbol(V), Symbol("x"), Symbol(("size", "n")), ONE, cotangent(V) * 2):
        assert cotangent_of(other) is None
