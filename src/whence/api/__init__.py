"""Where the parts meet: derivatives of functions, and looks into them.

A derivative here is: take the arguments apart, record the function, transform the
graph, run it, and put the results together as the arguments were.
"""

from whence.api.compare import Report, check
from whence.api.custom import custom_derivative, stop_gradient
from whence.api.derivatives import elementwise_grad, grad, value_and_grad
from whence.api.directions import hvp, jvp, vjp
from whence.api.explaining import explain
from whence.api.look import trace
from whence.api.matrices import hessian, jacobian

__all__ = [
    "Report",
    "check",
    "custom_derivative",
    "elementwise_grad",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "stop_gradient",
    "trace",
    "value_and_grad",
    "vjp",
]
