"""Each loss is its formula, and stays finite where the formula does not."""

import numpy as np
import pytest

import whence
from whence.learn import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    mean_squared_error,
    softmax_cross_entropy,
)

draw = np.random.default_rng(0)
z = draw.standard_normal(7)
y = (draw.random(7) < 0.5).astype(float)
logits = draw.standard_normal((5, 3))
labels = draw.integers(3, size=5)
one_hot = np.eye(3)[labels]
p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_mean_squared_error():
    assert mean_squared_error(np.array([1.0, 4.0]), np.array([0.0, 2.0])) == 2.5


def test_binary_cross_entropy():
    wrong = -np.log(np.where(y == 1, sigmoid(z), 1 - sigmoid(z)))
    assert np.isclose(binary_cross_entropy(sigmoid(z), y), wrong.mean())


def test_logits_give_the_same_binary_cross_entropy():
    expected = binary_cross_entropy(sigmoid(z), y)
    assert np.isclose(binary_cross_entropy_from_logits(z, y), expected)


@pytest.mark.parametrize("classes", [labels, one_hot], ids=["integers", "one-hot"])
def test_softmax_cross_entropy(classes):
    expected = -np.log(p[np.arange(5), labels]).mean()
    assert np.isclose(softmax_cross_entropy(logits, classes), expected)


def test_the_gradient_of_the_binary_cross_entropy_is_prediction_minus_truth():
    gradient = whence.grad(binary_cross_entropy_from_logits)(z, y)
    assert np.allclose(gradient, (sigmoid(z) - y) / 7)


@pytest.mark.parametrize("classes", [labels, one_hot], ids=["integers", "one-hot"])
def test_the_gradient_of_the_softmax_cross_entropy_is_prediction_minus_truth(classes):
    gradient = whence.grad(softmax_cross_entropy)(logits, classes)
    assert np.allclose(gradient, (p - one_hot) / 5)


def test_scores_of_a_thousand_stay_finite():
    far = np.array([1000.0, -1000.0])
    assert binary_cross_entropy_from_logits(far, np.array([0.0, 0.0])) == 500.0
    assert softmax_cross_entropy(np.diag(far), np.array([1, 0])) == 500.0
