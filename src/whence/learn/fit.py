"""The result of a run, which is also the place from which it goes on.

``Fit.params`` are the best parameters so far. ``Fit.last`` are those after the last
step; with the moments of the rule and the losses they are all that the next step needs,
so a run that is saved, loaded and continued ends with the bits of one that was not
stopped.

The best are those of the lowest loss, where the loss of a step is that of the
parameters before its update. With minibatches each step sees other rows, and one loss
says little: there the mean of the losses of an epoch is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import PathLike
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whence.core.errors import UserError
from whence.learn.checkpoint import read, write
from whence.learn.optimise import Moments

Stop: TypeAlias = Literal["running", "steps", "tolerance", "interrupted", "not finite"]


@dataclass(frozen=True, eq=False)
class Fit:
    """Where a run of gradient descent stands.

    Args:
        params: The best parameters so far, in the container they were given in.
        loss: The loss of these; inf before the first step.
        losses: The loss of each step, before its update.
        stopped: Why the run ended.
        message: What a reader should know of the end; empty when all went well.
        last: The parameters after the last step.
        moments: What the rule remembers.
        recipe: The rule, the batch, the seed and the number of rows, in words.
    """

    params: Any
    loss: float
    losses: NDArray[np.float64]
    stopped: Stop
    message: str
    last: Any
    moments: Moments
    recipe: Mapping[str, Any]

    @property
    def steps(self) -> int:
        """The number of steps that were taken."""
        return len(self.losses)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to a file, whole or not at all."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        write(path, {**parts, "loss": np.float64(self.loss)})

    @staticmethod
    def load(path: str | PathLike[str], like: Any = None) -> Fit:
        """Read a run, and refuse a file that is damaged.

        Args:
            path: What ``save`` wrote.
            like: Parameters of the same structure; needed where their containers are
                classes of your own (dataclasses, named tuples).
        """
        parts = read(path, {"params": like, "last": like})
        names = {field.name for field in fields(Fit)}
        if not isinstance(parts, dict) or parts.keys() != names:
            raise UserError(
                f"{path} is a checkpoint, but not one of a fit",
                remedy="a file that Fit.save wrote",
            )
        return Fit(**{**parts, "loss": float(parts["loss"])})

    def __repr__(self) -> str:
        return (
            f"Fit(steps={self.steps}, loss={self.loss:.6g}, stopped={self.stopped!r})"
        )
