"""Layers start with the variance that keeps activations at their size."""

import numpy as np
import pytest

from whence.core.errors import UserError
from whence.learn import dense


def test_the_shapes_follow_the_sizes():
    shapes = [(W.shape, b.shape) for W, b in dense([64, 128, 10])]
    assert shapes == [((64, 128), (128,)), ((128, 10), (10,))]


def test_the_variance_of_the_weights_is_two_over_the_inputs():
    ((W, b),) = dense([500, 400])
    assert np.isclose(W.var(), 2 / 500, rtol=0.02)
    assert not b.any()


def test_activations_keep_their_size_through_many_relu_layers():
    x = np.random.default_rng(1).standard_normal((50, 256))
    for W, b in dense([256] * 21):
        x = np.maximum(x @ W + b, 0)
    assert 0.3 < np.mean(x**2) < 3


def test_the_type_of_the_numbers_can_be_chosen():
    assert {a.dtype for pair in dense([3, 2], dtype="float32") for a in pair} == {
        np.dtype("float32")
    }


def test_the_seed_decides_the_weights():
    first, again, other = (dense([3, 2], seed=s)[0][0] for s in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_single_size_is_refused():
    with pytest.raises(UserError, match="no layer"):
        dense([64])
