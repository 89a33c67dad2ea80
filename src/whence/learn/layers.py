"""Layers: the parameters that a network starts from.

A network is a list of pairs (W, b), and its formula a loop in plain NumPy,
``x = f(x @ W + b)``; all that a library can add is a good start.

    >>> [(W.shape, b.shape) for W, b in dense([64, 10, 2])]
    [((64, 10), (10,)), ((10, 2), (2,))]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whence.core.errors import UserError


def dense(
    sizes: Sequence[int], *, seed: int = 0, dtype: DTypeLike = np.float64
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return weights and biases for dense layers, one pair (W, b) a layer.

    The weights into a unit are normal with variance 2/n, where n is the size of the
    layer before: then activations keep their size through any number of relu layers.
    Biases are zero.

    Args:
        sizes: Of the input, the hidden layers and the output.
        seed: Of the weights.
        dtype: float64, or float32 for half the memory and twice the speed.

    Source:
        He et al. 2015.
    """
    if len(sizes) < 2:
        raise UserError(
            f"sizes is {list(sizes)}, which makes no layer",
            remedy="at least the size of the input and of the output: dense([64, 10])",
        )
    draw = np.random.default_rng(seed)
    return [
        (
            (draw.standard_normal((n, m)) * (2 / n) ** 0.5).astype(dtype),
            np.zeros(m, dtype),
        )
        for n, m in pairwise(sizes)
    ]
