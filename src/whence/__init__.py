"""Automatic differentiation that shows its work.

>>> import numpy as np
>>> import whence
>>> whence.grad(lambda x: np.sin(x) * x)(0.0)
np.float64(0.0)
"""

from whence.api import elementwise_grad, grad, trace, value_and_grad
from whence.core.errors import UserError

__all__ = ["UserError", "elementwise_grad", "grad", "trace", "value_and_grad"]
__version__ = "0.1.0"
