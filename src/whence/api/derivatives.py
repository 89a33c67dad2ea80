"""Gradients of functions: the forms that take a function and give a function.

    grad(f)              x -> the gradient of f at x
    value_and_grad(f)    x -> (f(x), the gradient)
    elementwise_grad(f)  x -> the derivative of each entry, for f that acts on entries

``f`` is plain Python over NumPy, or a formula in a text. The result takes what f takes;
it may be differentiated again, and be used inside a function that is differentiated.

    >>> grad(lambda x: x**3)(2.0)
    np.float64(12.0)
    >>> grad("w*x + b", wrt=("w", "b"))(w=2.0, x=3.0, b=1.0)
    (np.float64(3.0), np.float64(1.0))
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from whence.api.arguments import Wrt, given
from whence.api.function import Derivative, function_of, which
from whence.api.kept import prepared
from whence.api.pipeline import differentiated
from whence.api.recording import Recording
from whence.api.running import run
from whence.core.graph import Graph


def grad(
    f: Callable[..., Any] | str,
    wrt: Wrt = None,
    *,
    has_aux: bool = False,
    recognise: bool = True,
    argnums: Wrt = None,
) -> Derivative:
    """The gradient of a function with one real number as its output.

    Args:
        f: A Python function, or a formula.
        wrt: What to differentiate by: the number of an argument, its name, or a tuple
            of these; the first argument, if nothing is said.
        has_aux: Whether f returns a pair, of which the second is passed on as it is.
        recognise: Whether known functions, such as a sigmoid written out, are replaced
            by themselves; they then hold for larger arguments.
        argnums: The same as wrt.

    Returns:
        A function of the same arguments to the gradient: like the argument, in shape,
        dtype and container; a tuple for a tuple. With aux, a pair of it and aux.

    Raises:
        DerivativeError: When called, if the output or an argument is of a wrong kind.

    Example:
        >>> import numpy as np
        >>> grad(lambda p: np.sum(p["w"] ** 2))({"w": np.array([1.0, 2.0])})
        {'w': array([2., 4.])}
    """
    return Derivative(_grad, function_of(f), which(wrt, argnums), has_aux, recognise)


def value_and_grad(
    f: Callable[..., Any] | str,
    wrt: Wrt = None,
    *,
    has_aux: bool = False,
    recognise: bool = True,
    argnums: Wrt = None,
) -> Derivative:
    """The value of a function and its gradient, for the cost of the gradient.

    Args:
        f: A Python function, or a formula.
        wrt: See ``grad``.
        has_aux: See ``grad``; the value is then a pair of the output and aux.
        recognise: See ``grad``.
        argnums: The same as wrt.

    Returns:
        A function of the same arguments to a pair of value and gradient.

    Example:
        >>> value_and_grad(lambda x: x * x)(3.0)
        (np.float64(9.0), np.float64(6.0))
    """
    return Derivative(
        _value_and_grad, function_of(f), which(wrt, argnums), has_aux, recognise
    )


def elementwise_grad(
    f: Callable[..., Any] | str,
    wrt: Wrt = None,
    *,
    recognise: bool = True,
    argnums: Wrt = None,
) -> Derivative:
    """The derivative of each entry of the output by its own entry of the input.

    For functions that act on entries, as when a curve is drawn. Where an output depends
    on several entries of the input, what comes out is the sum of a column of the
    Jacobian.

    Example:
        >>> import numpy as np
        >>> elementwise_grad(lambda x: x**2)(np.array([1.0, 2.0]))
        array([2., 4.])
    """
    return Derivative(
        _elementwise_grad, function_of(f), which(wrt, argnums), False, recognise
    )


# ------------------------------------------------------------- what a call does


def _value_and_grad(d: Derivative, args: Any, named: Any) -> Any:
    outputs, aux, gradient = pulled(d, args, named, scalar="value_and_grad")
    return ((outputs, aux) if d.has_aux else outputs), gradient


def _grad(d: Derivative, args: Any, named: Any) -> Any:
    _, aux, gradient = pulled(d, args, named, scalar="grad")
    return (gradient, aux) if d.has_aux else gradient


def _elementwise_grad(d: Derivative, args: Any, named: Any) -> Any:
    return pulled(d, args, named)[2]


def pulled(d: Derivative, args: Any, named: Any, scalar: str = "") -> tuple[Any, ...]:
    """The result of a function, its aux, and the cotangents of its arguments."""
    call = given(d.function, args, named, d.wrt)
    kept, bound = prepared(
        call,
        partial(backward, recognise=d.recognise),
        ("backward", d.recognise),
        has_aux=d.has_aux,
        scalar=scalar,
        needs="" if scalar else "elementwise_grad",
    )
    found = run(kept.graph, bound)
    main, moved = kept.main, kept.moved
    outputs = [*found[:main], *found[main + moved :]]
    aux = kept.aux.filled(outputs) if kept.aux else None
    bars = call.grouped(found[main : main + moved])
    return kept.result.filled(outputs), aux, bars


def backward(recording: Recording, *, recognise: bool) -> Graph:
    """The graph of outputs, cotangents and aux, for cotangents of ones."""
    every = len(recording.graph.outputs)
    main = sum(isinstance(part, int) for part in recording.result.parts)
    return differentiated(
        recording.graph,
        recording.wrt_inputs,
        recognise=recognise,
        seed=1.0,
        aux=every - main,
    )
