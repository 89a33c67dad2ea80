"""Lengths: slopes of every order are right however large or small the numbers are."""

import numpy as np
import pytest

import whence

SCALES = [1e-200, 1.0, 1e200]


@pytest.fixture(autouse=True)
def no_warnings():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("scale", SCALES)
def test_the_length_of_three_numbers_by_hand_has_its_slopes(scale):
    def length(x, y, z):
        return np.sqrt(x**2 + y**2 + z**2)

    at = 3 * scale, 4 * scale, 12 * scale
    first = whence.grad(length, wrt=(0, 1, 2))(*at)
    np.testing.assert_allclose(first, np.array([3, 4, 12]) / 13, rtol=1e-14)
    second = whence.grad(whence.grad(length))(*at) * scale
    np.testing.assert_allclose(second, (4**2 + 12**2) / 13**3, rtol=1e-14)


@pytest.mark.parametrize("scale", SCALES)
def test_a_unit_vector_by_hand_has_its_slope(scale):
    x, t = np.array([3.0, 4.0, -1.0]), np.array([1.0, 2.0, 3.0])
    found = whence.grad(lambda v: v @ t / np.sqrt(np.sum(v**2)))(x * scale) * scale
    r = np.sqrt(26)
    np.testing.assert_allclose(found, t / r - x * (x @ t) / r**3, rtol=1e-13)


@pytest.mark.parametrize("scale", SCALES)
def test_the_curvature_of_a_norm_neither_over_nor_underflows(scale):
    x = np.array([3.0, 4.0, -1.0])
    found = whence.hessian(lambda v: np.sqrt(np.sum(v**2)))(x * scale) * scale
    wanted = np.eye(3) / np.sqrt(26) - np.outer(x, x) / 26**1.5
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("scale", [1e-160, 1e-100, 1.0, 1e100, 1e160])
def test_an_angle_has_its_slope(scale):
    found = whence.grad(np.arctan2, wrt=(0, 1))(3 * scale, 4 * scale)
    np.testing.assert_allclose(found, np.array([4, -3]) / 25 / scale, rtol=1e-14)


@pytest.mark.parametrize("x", [1e200, -1e200, 1e100])
@pytest.mark.parametrize("formula", ["log(1 + x**2)", "x/sqrt(1 + x**2)", "arctan(x)"])
def test_slopes_far_out_are_finite_in_every_order(formula, x):
    slope = whence.grad(formula, wrt="x")
    assert abs(slope(x=x)) < 1e-90
    assert abs(whence.grad(slope, wrt="x")(x=x)) < 1e-90


def test_the_code_of_a_norm_takes_no_square_where_that_overflows():
    x = np.array([1e200, -2e200, 5e199])
    space = {}
    exec(whence.explain("sqrt(sum(x**2))", x=x).code(), space)
    wanted = np.array([1.0, -2.0, 0.5]) / np.sqrt(5.25)
    np.testing.assert_allclose(space["gradient"](x), wanted, rtol=1e-14)


def test_what_runs_is_told_as_a_step():
    derivation = whence.explain("arctan2(y, x)", wrt="x", x=1e-160, y=1e-160)
    assert derivation.checked
    assert "over-its-length" in str(derivation)
    assert derivation.results["x"] == pytest.approx(-5e159)
