"""Symmetry: what is said to be symmetric is, and what the program makes so is known."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import whence
import whence.ops
from whence.core.aval import Aval
from whence.core.primitive import named
from whence.explain.numbers import Sample
from whence.simplify.symmetric import is_symmetric, symmetric_values, turned
from whence.simplify.term import App, Symbol, add, apply, mul, power, scale

A = Symbol("A", (3, 3), order="A")
S = Symbol("S", (3, 3), order="S", symmetric=True)
T = Symbol("T", (3, 3), order="T", symmetric=True)
X = Symbol("X", (4, 3), order="X")
x = Symbol("x", (3,), order="x")
ATOMS = (A, S, T, X, x)


def product(spec, first, second):
    """A product of two matrices in the shape of A."""
    given = (Aval(first.shape), Aval(second.shape))
    params = (("spec", spec),)
    return apply(named("contract"), (first, second), params, (3, 3), given)


def inverse(m):
    return App(named("inv"), (m,), (), (3, 3), (Aval((3, 3)),))


def point():
    draw = np.random.default_rng(0)
    numbers = {s: draw.normal(size=s.shape) for s in ATOMS}
    for s in (S, T):
        numbers[s] = numbers[s] @ numbers[s].T + np.eye(3)
    return Sample(numbers)


def matrices(inner):
    """Matrices made of others."""
    specs = st.sampled_from(["ij,jk->ik", "ij,kj->ik", "ij,ik->jk", "ij,jk->ki"])
    return st.one_of(
        st.builds(add, inner, inner),
        st.builds(mul, inner, inner),
        st.builds(scale, st.sampled_from([-1, 2, 3]), inner),
        st.builds(turned, inner),
        st.builds(lambda m: add(m, turned(m)), inner),
        st.builds(product, specs, inner, inner),
        st.builds(lambda spec, m: product(spec, m, m), specs, inner),
    )


every_matrix = st.recursive(st.sampled_from([A, S, T]), matrices, max_leaves=5)


@settings(max_examples=300)
@given(every_matrix)
def test_what_is_symmetric_by_its_form_is_so_in_numbers(m):
    if m.shape == (3, 3) and is_symmetric(m):
        number = point().of(m)
        np.testing.assert_allclose(number, number.T, rtol=1e-9, atol=1e-9)


@settings(max_examples=100)
@given(every_matrix)
def test_a_matrix_turned_twice_is_the_matrix(m):
    if m.shape == (3, 3):
        np.testing.assert_allclose(point().of(turned(m)), point().of(m).T)
        np.testing.assert_allclose(point().of(turned(turned(m))), point().of(m))


FORMS = {
    "a symbol": (S, True),
    "any symbol": (A, False),
    "a matrix and its transpose": (add(A, turned(A)), True),
    "a matrix less its transpose": (add(A, scale(-1, turned(A))), False),
    "a vector added to each row": (add(S, x), False),
    "a number added to each entry": (S + 2, True),
    "XᵀX": (product("ij,ik->jk", X, X), True),
    "AAᵀ": (product("ij,kj->ik", A, A), True),
    "A²": (product("ij,jk->ik", A, A), False),
    "a product of two": (product("ij,jk->ik", S, T), False),
    "entry by entry": (3 * power(S, 2) * T, True),
    "an inverse": (inverse(S), True),
    "the inverse of any": (inverse(A), False),
}


@pytest.mark.parametrize("name", FORMS)
def test_symmetry_is_known_by_the_form_alone(name):
    m, symmetric = FORMS[name]
    number = point().of(m)
    assert is_symmetric(m) == symmetric
    assert np.allclose(number, number.T) == symmetric


@pytest.mark.parametrize("name", ["a symbol", "XᵀX", "AAᵀ", "an inverse"])
def test_a_symmetric_matrix_is_its_own_transpose(name):
    assert turned(FORMS[name][0]) == FORMS[name][0]


def test_axes_take_any_order():
    t = Symbol("t", (2, 3, 4))
    numbers = np.arange(24.0).reshape(2, 3, 4)
    for axes in ((0, 1, 2), (2, 0, 1), (1, 0, 2)):
        found = Sample({t: numbers}).of(turned(t, axes))
        np.testing.assert_array_equal(found, numbers.transpose(axes))


PROGRAMS = {
    "XᵀX": (lambda X, S: X.T @ X, True),
    "XXᵀ": (lambda X, S: X @ X.T, True),
    "X²": (lambda X, S: X @ X, False),
    "X + Xᵀ": (lambda X, S: X + X.T, True),
    "Xᵀ + X": (lambda X, S: X.T + X, True),
    "X − Xᵀ": (lambda X, S: X - X.T, False),
    "S⁻¹": (lambda X, S: np.linalg.inv(S), True),
    "X⁻¹": (lambda X, S: np.linalg.inv(X), False),
    "S + I": (lambda X, S: S + np.eye(3), False),  # what is captured is not looked at
    "2 e^S": (lambda X, S: 2 * np.exp(S), True),
    "S ⊙ X": (lambda X, S: S * X, False),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_symmetry_goes_through_a_program(name):
    f, symmetric = PROGRAMS[name]
    graph = whence.trace(f, np.eye(3), np.eye(3))
    (y,) = graph.outputs
    assert (y in symmetric_values(graph, [graph.inputs[1]])) == symmetric
