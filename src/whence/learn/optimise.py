"""Rules of descent: how a step leads from the gradient to new parameters.

    start    parameters                                -> moments
    update   parameters, gradients, moments, count     -> parameters, moments

A rule is a frozen dataclass of a few numbers. What it must remember from step to step
(its moments) is handed to it and handed back, so that a run can be stopped, written to
a file and continued with the same bits. Parameters and gradients are lists of arrays; a
rule knows nothing of the container they come from, and never writes into an array.

    >>> rule = Fixed(step=0.1)
    >>> rule.update([np.array([1.0, 2.0])], [np.array([10.0, 0.0])], (), count=1)
    ([array([0., 2.])], ())
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whence.core.errors import UserError

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Sequence[Array]
Moments: TypeAlias = tuple[Arrays, ...]

METHODS = ("gradient", "adam")


class Rule(Protocol):
    """What a method of descent must answer."""

    def start(self, parameters: Arrays) -> Moments:
        """Return what the rule remembers before the first step."""
        ...

    def update(
        self, parameters: Arrays, gradients: Arrays, moments: Moments, count: int
    ) -> tuple[Arrays, Moments]:
        """Take one step; ``count`` is 1 in the first."""
        ...


@dataclass(frozen=True)
class Fixed:
    """Gradient descent: x - step * gradient."""

    step: float = 0.1

    def start(self, parameters: Arrays) -> Moments:
        """Return nothing: the rule remembers nothing."""
        return ()

    def update(
        self, parameters: Arrays, gradients: Arrays, moments: Moments, count: int
    ) -> tuple[Arrays, Moments]:
        """Go against the gradient."""
        pairs = zip(parameters, gradients, strict=True)
        return [x - self.step * g for x, g in pairs], ()


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with a velocity: v = decay * v + gradient, x - step * v.

    Source:
        Polyak 1964, in the scaling of Sutskever et al. 2013.
    """

    step: float = 0.1
    decay: float = 0.9

    def start(self, parameters: Arrays) -> Moments:
        """Return a velocity of zero."""
        return ([np.zeros_like(x) for x in parameters],)

    def update(
        self, parameters: Arrays, gradients: Arrays, moments: Moments, count: int
    ) -> tuple[Arrays, Moments]:
        """Add the gradient to the velocity, and go against it."""
        (velocity,) = moments
        pairs = zip(velocity, gradients, strict=True)
        velocity = [self.decay * v + g for v, g in pairs]
        moved = zip(parameters, velocity, strict=True)
        return [x - self.step * v for x, v in moved], (velocity,)


@dataclass(frozen=True)
class Adam:
    """Adam: each entry has its own scale, the root of its mean squared gradient.

    Args:
        step: About how far an entry moves in a step.
        first: How much of the mean gradient is kept.
        second: How much of the mean squared gradient is kept.
        floor: Added to the root, so that an entry that rests is not divided by zero.

    Source:
        Kingma and Ba 2015, algorithm 1.
    """

    step: float = 0.01
    first: float = 0.9
    second: float = 0.999
    floor: float = 1e-8

    def start(self, parameters: Arrays) -> Moments:
        """Return means of zero."""
        mean = [np.zeros_like(x) for x in parameters]
        return mean, list(mean)

    def update(
        self, parameters: Arrays, gradients: Arrays, moments: Moments, count: int
    ) -> tuple[Arrays, Moments]:
        """Renew both means, correct them for their start at zero, and step."""
        a, b = self.first, self.second
        step = self.step * (1 - b**count) ** 0.5 / (1 - a**count)
        floor = self.floor * (1 - b**count) ** 0.5
        mean = [a * m + (1 - a) * g for m, g in zip(moments[0], gradients, strict=True)]
        square = [
            b * s + (1 - b) * (g * g)
            for s, g in zip(moments[1], gradients, strict=True)
        ]
        moved = [
            x - step * m / (np.sqrt(s) + floor)
            for x, m, s in zip(parameters, mean, square, strict=True)
        ]
        return moved, (mean, square)


def choose(method: str | Rule, step: float | None, momentum: float) -> Rule:
    """Return the rule that the arguments of ``gradient_descent`` ask for."""
    if not isinstance(method, str):
        if step is not None or momentum:
            raise UserError(
                f"the step or momentum is given twice, here and in {method!r}",
                remedy="leave out step= and momentum= beside a rule",
            )
        return method
    if method not in METHODS:
        raise UserError(
            f"there is no method {method!r}",
            remedy=f"one of {METHODS}, or a rule such as Momentum(step=0.1)",
        )
    if step is not None and not step > 0:
        raise UserError(
            f"the step is {step}", remedy="a positive step, such as step=0.1"
        )
    if method == "gradient":
        size = 0.1 if step is None else step
        return Momentum(size, momentum) if momentum else Fixed(size)
    if momentum:
        raise UserError(
            "momentum is given to Adam, which has its own",
            remedy="leave out momentum=, or method=Adam(step=…, first=…) for another",
        )
    return Adam() if step is None else Adam(step)
