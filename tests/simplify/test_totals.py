"""Totals: each step on a sum, a mean or a product keeps the numbers."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import whence.ops  # noqa: F401 - makes every operation known
from whence.core.aval import Aval
from whence.core.primitive import named
from whence.explain.numbers import Sample
from whence.simplify.cost import cost
from whence.simplify.search import search
from whence.simplify.term import (
    ONE,
    ZERO,
    App,
    Num,
    Symbol,
    add,
    apply,
    mul,
    power,
    scale,
)
from whence.simplify.totals import dot_products, means, reduced

U, V, W = (Symbol(x, (3,), order=x) for x in "uvw")
A, B = (Symbol(x, (2, 3), order=x) for x in "AB")
P = Symbol("p", (2, 3), order="p", unit=(1,))
D = Symbol("d", (2, 3), order="d", centred=(1,))
S = Symbol("s", order="s")
SYMBOLS = (U, V, W, A, B, P, D, S)


def total(x, axis=None, name="sum", *, keepdims=False, given=None):
    """A sum or mean over some axes."""
    axes = tuple(range(len(x.shape))) if axis is None else axis
    kept = tuple(
        1 if i in axes else n
        for i, n in enumerate(x.shape)
        if keepdims or i not in axes
    )
    params = (("axis", axes), ("keepdims", keepdims))
    return apply(named(name), (x,), params, kept, (Aval(given or x.shape),))


def product(spec, first, second, shape):
    given = (Aval(first.shape), Aval(second.shape))
    return apply(named("contract"), (first, second), (("spec", spec),), shape, given)


def point(seed=0):
    draw = np.random.default_rng(seed)
    numbers = {s: draw.normal(size=s.shape) for s in SYMBOLS}
    numbers[P] = np.exp(numbers[P]) / np.exp(numbers[P]).sum(1, keepdims=True)
    numbers[D] = numbers[D] - numbers[D].mean(1, keepdims=True)
    return Sample(numbers)


def steps_at(x):
    """Every step that totals allow at a term."""
    own = list(reduced(x)) if isinstance(x, App) else []
    return [*own, *means(x)]


def the_same(found, wanted, seed=0):
    numbers = point(seed)
    np.testing.assert_allclose(numbers.of(found), numbers.of(wanted), atol=1e-12)


vectors = st.sampled_from([U, V, W, U * V, S * W, ONE])
weights = st.integers(-3, 3).filter(bool)


@st.composite
def totals(draw):
    """A sum, a mean or a product of sums of vectors or matrices."""
    matrix = draw(st.booleans())
    some = st.sampled_from([A, B, A * B, P, D, S * A, power(B, 2)])
    items = draw(st.lists(some if matrix else vectors, min_size=1, max_size=3))
    whole = add(*(scale(draw(weights), x) for x in items))
    shape = (2, 3) if matrix else (3,)
    whole = whole if whole.shape == shape else add(whole, A if matrix else U)
    if draw(st.booleans()):
        axis = draw(st.sampled_from([(0,), (1,), (0, 1)] if matrix else [(0,)]))
        name = draw(st.sampled_from(["sum", "mean"]))
        return total(whole, axis, name, keepdims=draw(st.booleans()))
    if matrix:
        return product("ij,j->i", whole, draw(st.sampled_from([U, V])), (2,))
    return product("i,i->", whole, draw(st.sampled_from([U, V])), ())


@settings(max_examples=150)
@given(totals(), st.integers(0, 5))
def test_every_step_at_a_total_keeps_its_numbers(x, seed):
    for _, new in steps_at(x):
        the_same(new, x, seed)


@settings(max_examples=60)
@given(totals(), weights)
def test_the_search_makes_a_total_no_longer(x, number):
    start = scale(number, x)
    found, _ = search(start)
    assert cost(found) <= cost(start)
    the_same(found, start)


SHORT = {
    "softmax-sum": (total(P, (1,)), ONE),
    "deviations sum to 0": (total(D, (1,)), ZERO),
    "dot product": (total(U * V), product("i,i->", U, V, ())),
    "mean": (total(U) * Num(1) / 3, total(U, name="mean")),
}


@pytest.mark.parametrize("rule", SHORT)
def test_a_total_that_has_a_name_is_called_by_it(rule):
    start, wanted = SHORT[rule]
    assert (rule, wanted) in steps_at(start)
    assert cost(wanted) <= cost(start)


def test_a_sum_of_a_sum_is_taken_item_by_item():
    start = total(add(U * V, W))
    assert [new for rule, new in reduced(start) if rule == "distribute"] == [
        add(total(U * V), total(W))
    ]


NONE = {
    "a softmax along another axis": (total(P, (0,)), "softmax-sum"),
    "a softmax along all axes": (total(P), "softmax-sum"),
    "the mean of a softmax": (total(P, (1,), "mean"), "softmax-sum"),
    "deviations along another axis": (total(D, (0,)), "deviations sum to 0"),
    "one vector": (total(U), "dot product"),
    "a vector divided by another": (total(U / V), "dot product"),
    "a matrix": (total(A * B), "dot product"),
    "a sum over another number": (total(U) / 2, "mean"),
}


@pytest.mark.parametrize("name", NONE)
def test_what_only_looks_like_it_is_not_called_so(name):
    start, rule = NONE[name]
    for found, new in steps_at(start):
        assert found != rule or cost(new) >= cost(start)
        the_same(new, start)


def test_a_dot_product_takes_all_factors_in():
    ((_, found),) = dot_products(total(U * V * W))
    the_same(found, total(U * V * W))
    assert found.primitive.name == "contract"


def test_a_mean_keeps_what_it_is_multiplied_by():
    start = mul(S, total(U), V) / 3
    ((_, found),) = means(start)
    assert cost(found) < cost(start)
    the_same(found, start)
