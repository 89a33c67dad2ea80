import numpy as np
import pytest

from whence import grad, hessian, jacobian, jvp

X = np.array([0.5, -1.0, 2.0])
A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_tall_and_wide_jacobians_agree_with_their_matrix(rows):
    matrix = np.arange(3.0 * rows).reshape(rows, 3)
    np.testing.assert_array_equal(jacobian(lambda x: matrix @ x)(X), matrix)


def test_the_shape_is_that_of_output_and_input():
    f = lambda w: A @ w
    assert jacobian(f)(np.ones((3, 4))).shape == (2, 4, 3, 4)
    assert jacobian(lambda w: np.sum(w, axis=0))(np.ones((3, 4))).shape == (4, 3, 4)
    assert jacobian(lambda x: x)(np.zeros((0, 2))).shape == (0, 2, 0, 2)
    assert jacobian(lambda x: x * x)(3.0) == 6.0


def test_containers_give_containers():
    f = lambda p, s: {"a": p["x"] * s, "b": (np.sum(p["x"]), s)}
    found = jacobian(f, (0, 1))({"x": X}, 2.0)
    np.testing.assert_array_equal(found["a"][0]["x"], 2 * np.eye(3))
    np.testing.assert_array_equal(found["a"][1], X)
    np.testing.assert_array_equal(found["b"][0][0]["x"], np.ones(3))
    assert found["b"][1][1] == 1.0


def test_a_constant_output_has_rows_of_zeros():
    np.testing.assert_array_equal(
        jacobian(lambda x: np.stack([x[0], 1.0]))(X), [[1, 0, 0], [0, 0, 0]]
    )


def test_hessians_are_symmetric_and_agree_with_jvp_of_grad():
    f = lambda x: np.sum(np.outer(x, x) ** 2) + x[0] * np.exp(x[1])
    matrix = hessian(f)(X)
    np.testing.assert_allclose(matrix, matrix.T)
    for i, basis in enumerate(np.eye(3)):
        np.testing.assert_allclose(jvp(grad(f), X, basis)[1], matrix[i])
    np.testing.assert_allclose(jacobian(grad(f))(X), matrix)


def test_a_hessian_of_two_arguments_has_blocks():
    (xx, xy), (yx, yy) = hessian(lambda x, y: np.sum(x**2) * y, (0, 1))(X, 3.0)
    np.testing.assert_allclose(xx, 6 * np.eye(3))
    np.testing.assert_allclose(xy, 2 * X)
    np.testing.assert_allclose(yx, 2 * X)
    assert yy == 0.0


def test_a_hessian_of_a_dict_has_dicts_of_dicts():
    found = hessian(lambda p: p["a"] ** 2 * p["b"])({"a": 2.0, "b": 3.0})
    assert found == {"a": {"a": 6.0, "b": 4.0}, "b": {"a": 4.0, "b": 0.0}}


def test_dtypes_stay():
    x = X.astype(np.float32)
    assert jacobian(lambda x: x * x)(x).dtype == np.float32
    assert hessian(lambda x: np.sum(x**3))(x).dtype == np.float32
