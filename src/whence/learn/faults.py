"""What to say when a number of a run is not finite.

    fault(value, gradients, paths)  -> what is wrong with a step, or None
    advice(...)                     -> what is wrong, where, and what to try

A nan reaches every parameter within a step, so a run stops before the update. The
reason is looked for where it usually is: in the rows of the step, in the start, in the
step size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whence.core.errors import UserError


def finite(array: NDArray[Any]) -> bool:
    """Tell whether all entries are finite; of most arrays the square tells it fast."""
    return isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


def fault(
    value: float, gradients: Sequence[NDArray[Any]], paths: Callable[[], Sequence[str]]
) -> str | None:
    """Return what is wrong with a loss and its gradient, or None."""
    if not isfinite(value):
        return f"the loss is {value}"
    return spoilt("gradient", gradients, paths)


def spoilt(
    noun: str, arrays: Sequence[NDArray[Any]], paths: Callable[[], Sequence[str]]
) -> str | None:
    """Return which of the arrays is not finite, or None."""
    for i, array in enumerate(arrays):
        if not finite(array):
            bad = np.sum(~np.isfinite(array))
            count = f"{bad} of {np.size(array)} entries"
            return f"the {noun} of {paths()[i]} is not finite ({count})"
    return None


def advice(what: str, count: int, data: Sequence[Any], step: float | None) -> str:
    """Return the message of a run that stopped, in the three parts of an error.

    Args:
        what: The fault.
        count: Steps taken before.
        data: The rows of the step.
        step: The step size of the rule, where it has one.
    """
    kept = "the initial parameters" if count == 0 else "the last good parameters"
    return str(
        UserError(
            f"{what} at step {count + 1}; the run stopped before the update, "
            f"with {kept}",
            remedy=remedy(count, data, step),
        )
    )


def remedy(count: int, data: Sequence[Any], step: float | None) -> str:
    """Return the likeliest way out."""
    for i, array in enumerate(data):
        if (row := bad_row(array)) is not None:
            return (
                f"data without nan and inf: data[{i}] has one in row {row} of the step"
            )
    if count == 0:
        return "a start at which loss(params, *data) and its gradient are finite"
    if step is None:
        return "a rule that takes smaller steps"
    return f"a smaller step, such as step={step / 10:.2g} (it is {step:.2g})"


def bad_row(array: Any) -> int | None:
    """Return the first row of an array that has a nan or an inf."""
    numbers = np.asarray(array)
    if numbers.dtype.kind not in "fc" or numbers.ndim == 0:
        return None
    bad = ~np.isfinite(numbers).reshape(len(numbers), -1).all(axis=1)
    return int(np.argmax(bad)) if bad.any() else None
