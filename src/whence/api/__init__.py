"""Where the parts meet: derivatives of functions, and looks into them.

A derivative here is: take the arguments apart, record the function, transform the graph,
run it, and put the results together as the arguments were.
"""

from whence.api.derivatives import elementwise_grad, grad, value_and_grad
from whence.api.directions import hvp, jvp, vjp
from whence.api.look import trace
from whence.api.matrices import hessian, jacobian

__all__ = [
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "trace",
    "value_and_grad",
    "vjp",
]
