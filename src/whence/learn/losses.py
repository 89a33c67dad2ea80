"""Losses: how far predictions are from the truth, as one number.

Each is a few lines of NumPy and of ``whence.special``, on arrays with a row per sample,
and averages over the rows. Used inside a loss of yours they are differentiated like any
other line. Those that take logits (the scores before sigmoid or softmax) never
overflow.

    >>> float(mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    2.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from whence import special

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "mean_squared_error",
    "softmax_cross_entropy",
]


def mean_squared_error(prediction: Any, target: Any) -> Any:
    """Average the squared differences over all entries."""
    return np.mean((prediction - target) ** 2)


def binary_cross_entropy(probability: Any, y: Any) -> Any:
    """Average the surprise at labels, given the probability of label 1.

    Args:
        probability: Entries between 0 and 1, such as those of a sigmoid.
        y: Labels 0 and 1, or probabilities; of the same shape.
    """
    surprise = y * np.log(probability) + (1 - y) * np.log(1 - probability)
    return -np.mean(surprise)


def binary_cross_entropy_from_logits(z: Any, y: Any) -> Any:
    """Average the surprise at labels, given the scores before the sigmoid.

    Args:
        z: Scores; the probability of label 1 is sigmoid(z).
        y: Labels 0 and 1, or probabilities; of the same shape.
    """
    return np.mean(special.softplus(z) - y * z)


def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """Average the surprise at classes, given the scores before the softmax.

    Args:
        logits: (n, k) scores; the probabilities of a row are softmax(logits).
        labels: (n,) integer classes from 0, or (n, k) one-hot rows.
    """
    log_p = special.log_softmax(logits, axis=-1)
    if labels.ndim == logits.ndim:
        return -np.mean(np.sum(labels * log_p, axis=-1))
    return -np.mean(log_p[np.arange(len(labels)), labels])
