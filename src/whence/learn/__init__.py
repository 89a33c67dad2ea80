"""Learning: losses, rules of descent, and a loop that can be stopped and continued.

    import numpy as np
    from whence.learn import gradient_descent

    def loss(w, X, y):
        return np.mean((X @ w - y) ** 2)

    fit = gradient_descent(loss, np.zeros(3), (X, y), steps=100)
    fit.params

The model is the user's own NumPy; nothing here wraps it. This floor asks ``whence.api``
for gradients and knows nothing of how they come about.
"""

from whence.learn.descent import gradient_descent
from whence.learn.fit import Fit
from whence.learn.layers import dense
from whence.learn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    mean_squared_error,
    softmax_cross_entropy,
)
from whence.learn.optimise import Adam, Fixed, Momentum, Rule

__all__ = [
    "Adam",
    "Fit",
    "Fixed",
    "Momentum",
    "Rule",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "dense",
    "gradient_descent",
    "mean_squared_error",
    "softmax_cross_entropy",
]
