"""Products in one order, a shared factor taken out, symmetry and deviations known."""

import numpy as np
import pytest

import whence
import whence.ops
from whence.core.aval import Aval
from whence.core.primitive import named
from whence.explain.numbers import Sample
from whence.simplify.cost import cost
from whence.simplify.products import collected
from whence.simplify.search import search
from whence.simplify.term import Symbol, add, apply, mul, scale

SHAPES = {"A": (3, 3), "B": (3, 3), "S": (3, 3), "X": (4, 3), "x": (3,), "y": (3,)}
SYMBOLS = {
    name: Symbol(name, shape, order=name, symmetric=name == "S")
    for name, shape in SHAPES.items()
}
A, B, S, X, x, y = SYMBOLS.values()


def product(spec, first, second):
    operands, result = spec.split("->")
    sizes = {}
    for letters, term in zip(operands.split(","), (first, second), strict=True):
        sizes |= dict(zip(letters, term.shape, strict=True))
    shape = tuple(sizes[c] for c in result)
    given = (Aval(first.shape), Aval(second.shape))
    params = (("spec", spec),)
    return apply(named("contract"), (first, second), params, shape, given)


def point():
    draw = np.random.default_rng(0)
    numbers = {s: draw.normal(size=s.shape) for s in SYMBOLS.values()}
    numbers[S] = numbers[S] + numbers[S].T
    return Sample(numbers)


def at(a, v):
    return product("ij,j->i", a, v)


@pytest.mark.parametrize(
    ("spec", "first", "second"),
    [
        ("ij,j->i", A, x),
        ("ij,i->j", A, x),
        ("i,ij->j", x, A),
        ("ij,jk->ik", A, B),
        ("ij,kj->ki", A, B),
        ("ij,ki->jk", X, X.shape and product("ij,kj->ik", X, X)),
        ("i,j->ij", x, y),
        ("i,i->", at(A, x), at(B, y)),
        ("ij,j->i", product("i,j->ij", x, y), at(A, y)),
        ("ij,jk->ik", product("i,j->ij", x, y), product("ij,jk->ik", A, B)),
        ("ij,j->i", product("ij,jk->ik", A, product("ij,jk->ik", A, B)), x),
        ("ij,jk->ik", S, A),
        ("ij,jk->ki", A, S),
        ("i,ij->j", x, S),
    ],
)
def test_the_normal_form_has_the_numbers_of_the_product(spec, first, second):
    numbers = point()
    wanted = np.einsum(spec, numbers.of(first), numbers.of(second))
    np.testing.assert_allclose(numbers.of(product(spec, first, second)), wanted)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (product("i,i->", product("ij,i->j", A, x), x), product("i,i->", x, at(A, x))),
        (product("ij,kj->ki", A, A), product("ij,kj->ik", A, A)),
        (at(A, at(B, x)), at(product("ij,jk->ik", A, B), x)),
        (product("ij,i->j", S, x), at(S, x)),
        (product("ij,jk->ki", S, A), product("ji,jk->ik", A, S)),
    ],
)
def test_equal_products_are_one_term(first, second):
    assert first == second


def test_an_outer_product_takes_a_matrix_on_its_side():
    found = product("ij,jk->ik", product("i,j->ij", x, y), A)
    assert found == product("i,j->ij", x, product("i,ij->j", y, A))


@pytest.mark.parametrize(
    ("total", "operations"),
    [
        (add(at(A, x), product("ij,i->j", A, x)), 2),
        (add(at(A, x), scale(-2, at(B, x))), 3),
        (add(product("i,j->ij", x, y), product("i,j->ij", at(A, x), y)), 3),
        (add(at(A, product("ij,i->j", B, x)), at(A, at(B, x))), 3),
    ],
)
def test_a_shared_factor_is_taken_out_of_a_sum_of_products(total, operations):
    found, steps = search(total)
    assert cost(found) == operations < cost(total)
    assert "shared factor" in [step.rule for step in steps]
    np.testing.assert_allclose(point().of(found), point().of(total))


def test_sums_of_a_matrix_are_its_product_with_ones():
    params = (("axis", (0,)), ("keepdims", False))
    sums = apply(named("sum"), (A,), params, (3,), (Aval((3, 3)),))
    total = add(product("ij,i->j", A, mul(x, y)), scale(-1, sums))
    found, _ = search(total)
    assert cost(found) == 3 < cost(total)
    np.testing.assert_allclose(point().of(found), point().of(total))


def test_every_way_to_collect_keeps_the_numbers():
    numbers = point()
    total = add(at(A, x), product("ij,i->j", A, x), scale(3, at(A, y)), at(S, x))
    ways = list(collected(total))
    assert ways
    for _, new in ways:
        np.testing.assert_allclose(numbers.of(new), numbers.of(total))


def gaussian(d, S):
    return -0.5 * d @ np.linalg.inv(S) @ d - 0.5 * np.log(np.linalg.det(S))


MIRRORED = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 1.0]])
ODD = MIRRORED + np.array([[0, 0.5, 0], [0, 0, 0], [0, 0, 0]])
D = np.array([0.3, -1.2, 0.7])


def test_symmetry_of_the_data_is_an_assumption_with_the_general_form_beside():
    told = whence.explain(gaussian, D, MIRRORED, wrt="d")
    assert told.checked
    assert "S is symmetric" in str(told)
    assert "in general" in str(told)
    assert told.story.results[0].general is not None
    np.testing.assert_allclose(told.results["d"], -np.linalg.solve(MIRRORED, D))


def test_a_matrix_that_is_not_symmetric_is_not_taken_for_one():
    told = whence.explain(gaussian, D, ODD, wrt="d")
    assert told.checked
    assert "symmetric" not in str(told)
    inverse = np.linalg.inv(ODD)
    np.testing.assert_allclose(told.results["d"], -(inverse + inverse.T) @ D / 2)


def test_what_runs_assumes_nothing_of_the_data():
    slope = whence.grad(gaussian, "d")
    np.testing.assert_allclose(slope(D, MIRRORED), -np.linalg.solve(MIRRORED, D))
    inverse = np.linalg.inv(ODD)
    np.testing.assert_allclose(slope(D, ODD), -(inverse + inverse.T) @ D / 2)


def layer_norm(x, v):
    m = np.mean(x)
    s = np.sqrt(np.mean((x - m) ** 2) + 1e-5)
    xh = (x - m) / s
    return v @ xh


def test_deviations_from_a_mean_sum_to_zero_in_layer_norm():
    draw = np.random.default_rng(0)
    told = whence.explain(layer_norm, draw.normal(size=5), draw.normal(size=5))
    assert told.checked
    assert "deviations sum to 0" in str(told)
    assert "sum(x)" not in told.result


def test_what_is_centred_along_one_axis_is_not_along_the_other():
    def f(X, V):
        U = X - np.mean(X, axis=0)
        return np.sum(V * U) + np.sum(np.sum(U, axis=1) ** 3)

    draw = np.random.default_rng(0)
    X, V = draw.normal(size=(2, 4, 3))
    told = whence.explain(f, X, V)
    assert told.checked
    ours = whence.grad(f)(X, V)
    np.testing.assert_allclose(told.results["X"], ours)
