"""Products and the product of the others: right at zeros, short where there is none."""

import numpy as np
import pytest
from benchmarks.score import read

import whence
from whence.core.aval import Aval
from whence.core.primitive import named
from whence.simplify.others import without_factor
from whence.simplify.term import Symbol, apply

ZEROS = np.array([2.0, 0.0, 3.0, 5.0])


def product(x):
    return np.prod(x)


def rows(X):
    return np.sum(np.prod(X, axis=1) ** 2)


def by_code(derivation, **at):
    space = {}
    exec(derivation.code(), space)
    return space["gradient"](**at)


def test_the_slope_of_a_product_is_the_product_of_the_others():
    found = whence.explain(product, ZEROS)
    assert found.operations == 1
    assert found.result == "product_of_others(x, (0,))"
    assert "∏_(j≠i) xⱼ" in str(found)
    assert r"\prod_{j \ne i} {x}_{j}" in found._repr_latex_()


@pytest.mark.parametrize("x", [ZEROS, 0 * ZEROS, ZEROS + 1, ZEROS[1:2], ZEROS[:0]])
def test_it_is_right_at_zeros_in_grad_and_in_code(x):
    wanted = np.array([np.prod(np.delete(x, i)) for i in range(len(x))])
    np.testing.assert_array_equal(whence.grad(product)(x), wanted)
    space = {"np": np}
    exec(named("product_of_others").notation.helper, space)
    np.testing.assert_array_equal(space["product_of_others"](x, (0,)), wanted)


def test_the_code_of_rows_is_right_at_zeros():
    X = np.array([[2.0, 0.0], [0.0, 0.0], [3.0, -1.0]])
    found = whence.explain(rows, X)
    wanted = 2 * np.prod(X, axis=1, keepdims=True) * X[:, ::-1]
    np.testing.assert_array_equal(by_code(found, X=X), wanted)
    assert read(found.to_json()).complete


@pytest.mark.parametrize("n", [4, 70])
def test_every_entry_of_its_hessian_leaves_out_two_factors(n):
    x = np.linspace(0.8, 1.2, n)
    x[1] = 0.0
    found = whence.hessian(product)(x)
    for i in range(4):
        for k in range(4):
            left = np.prod(np.delete(x, [i, k]))
            assert np.isclose(found[i, k], 0.0 if i == k else left, rtol=1e-12)


def test_its_third_derivative_leaves_out_three_factors():
    x = ZEROS
    third = whence.jacobian(whence.hessian(product))(x)
    assert third[0, 1, 2] == 5.0
    assert third[1, 1, 2] == 0.0


@pytest.mark.parametrize("keepdims", [False, True])
def test_a_product_over_itself_leaves_one_over_the_factor(keepdims):
    def logs(X):
        P = np.prod(X, axis=0, keepdims=keepdims)
        return np.sum(np.log(P))

    found = whence.explain(logs, np.array([[2.0, 1.0, 3.0], [1.0, 2.0, 3.0]]))
    assert found.result == "1/X"
    assert any("product over factor" in step.rule for step in found.steps)
    assert "P ≠ 0" in str(found)


@pytest.mark.parametrize(("axis", "keepdims"), [(0, True), (1, False), (1, True)])
def test_a_product_cancels_only_along_its_own_axes(axis, keepdims):
    x = Symbol("x", (2, 2))
    params = (("axis", (axis,)), ("keepdims", keepdims))
    shape = tuple(1 if i == axis else 2 for i in range(2)) if keepdims else (2,)
    whole = apply(named("prod"), (x,), params, shape, (Aval((2, 2)),))
    others = apply(
        named("product_of_others"), (x,), (("axis", (1,)),), (2, 2), (Aval((2, 2)),)
    )
    found = [after for _, after in without_factor(others / whole)]
    assert found == ([1 / x] if (axis, keepdims) == (1, True) else [])


def test_a_geometric_mean_moves_as_itself_over_its_factors():
    found = whence.explain(lambda x: np.prod(x) ** (1 / 3), np.array([2.0, 1.0, 3.0]))
    assert found.result == "np.prod(x)**(1/3)/(3*x)"
