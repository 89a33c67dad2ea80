"""Strong zeros stay where they arose, and pass through nothing but what keeps them."""

import numpy as np
import pytest

import whence

SQUARE = np.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6], [-0.9, 0.8, 0.5]])
ROWS = np.array([[1.0, -2.0, 0.5], [0.3, 0.1, -1.0], [2.0, 1.0, 1.0]])


def slopes(f, x, step=1e-6):
    """The gradient of a function by central differences."""
    found = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        ends = []
        for side in (step, -step):
            moved = x.copy()
            moved[entry] += side
            ends.append(f(moved))
        found[entry] = (ends[0] - ends[1]) / (2 * step)
    return found


@pytest.mark.parametrize("recognise", [True, False])
@pytest.mark.parametrize(
    "kept",
    [
        lambda a: np.maximum(a, 0),
        lambda a: np.where(a > 0, a, 0),
        whence.special.relu,
        lambda a: np.clip(a, 0, 1.5),
    ],
)
def test_a_mask_does_not_pass_through_a_product_of_square_matrices(kept, recognise):
    def loss(w):
        return np.sum((kept(kept(ROWS @ w) @ w) @ w - 1.0) ** 2)

    found = whence.grad(loss, recognise=recognise)(SQUARE)
    np.testing.assert_allclose(found, slopes(loss, SQUARE), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("recognise", [True, False])
def test_an_untaken_branch_never_reaches_a_gradient(recognise):
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x) * np.log(x), 0.0) * ROWS[0])

    gradient = whence.grad(f, recognise=recognise)(np.array([0.0, -1.0, 4.0]))
    slope = (np.log(4.0) / 4 + 0.5) * ROWS[0, 2]
    np.testing.assert_allclose(gradient, [0.0, 0.0, slope])


@pytest.mark.parametrize("recognise", [True, False])
def test_rows_of_nan_that_are_masked_leave_the_others_alone(recognise):
    rows = ROWS.copy()
    rows[1] = np.nan

    def f(w):
        return np.sum(np.where(np.isnan(rows), 0.0, rows * w) ** 2)

    w = np.array([0.5, -1.0, 2.0])
    wanted = 2 * w * (rows[0] ** 2 + rows[2] ** 2)
    np.testing.assert_allclose(whence.grad(f, recognise=recognise)(w), wanted)
