"""Automatic differentiation that shows its work.

    >>> import numpy as np
    >>> import whence
    >>> whence.grad(lambda x: np.sin(x) * x)(0.0)
    np.float64(0.0)

Write a function in plain NumPy. ``grad`` and its relatives give its derivatives, and
``explain`` the steps that lead to them, from the same graph.
"""

from importlib import import_module
from typing import Any

from whence.api import (
    check,
    custom_derivative,
    elementwise_grad,
    explain,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    trace,
    value_and_grad,
    vjp,
)
from whence.core.errors import UserError

__version__ = "0.1.0"
__all__ = [
    "UserError",
    "check",
    "custom_derivative",
    "elementwise_grad",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "learn",
    "numpy",
    "special",
    "stop_gradient",
    "trace",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Load what is needed by few programs when it is first asked for."""
    if name in ("learn", "numpy", "special"):
        return import_module(f"whence.{name}")
    raise AttributeError(f"module 'whence' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
