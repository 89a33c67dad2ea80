"""Gradient descent: from a loss in plain NumPy and parameters to better parameters.

    gradient_descent(loss, params, data, steps=...) -> Fit

One loop serves every rule and every model. It evaluates the loss and its gradient,
keeps the best parameters, and asks the rule for the next ones. Each of its states is a
``Fit``, complete in itself, so that Ctrl-C, a callback that saves, and a run that goes
on the next day need nothing more. The loop knows neither the model nor how the gradient
is found.

    >>> fit = gradient_descent(lambda x: (x - 3.0) ** 2, 0.0, steps=50)
    >>> print(f"{fit.params:.4f}", fit.stopped)
    3.0000 steps
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whence.api import value_and_grad
from whence.api.containers import flatten
from whence.core.errors import UserError
from whence.learn.faults import advice, fault, spoilt
from whence.learn.fit import Fit, Stop
from whence.learn.optimise import Arrays, Moments, Rule, choose
from whence.learn.progress import watch
from whence.learn.rows import Rows, arrays


def gradient_descent(
    loss: Callable[..., Any],
    params: Any,
    data: tuple[Any, ...] = (),
    *,
    steps: int,
    step: float | None = None,
    momentum: float = 0.0,
    method: str | Rule = "gradient",
    batch: int | None = None,
    seed: int = 0,
    tolerance: float | None = None,
    progress: bool | None = None,
    callback: Callable[[Fit], None] | None = None,
) -> Fit:
    """Make a loss small by going against its gradient.

    Ctrl-C ends the run early and returns it. A loss or a gradient that is not finite
    ends it before the update, with a warning that names the parameter and a remedy: an
    exception would lose the parameters. The caller's arrays are never written into.

    Args:
        loss: A function of params and the arrays of data, to a number.
        params: Floats or arrays, nested as you like; or an earlier Fit, to go on with.
        data: Arrays with a row per sample.
        steps: Steps in all, those of an earlier Fit included.
        step: The learning rate; None for 0.1, and 0.01 with Adam.
        momentum: The part of the velocity that is kept, for the method "gradient".
        method: "gradient", "adam", or a rule such as Momentum(0.1, decay=0.95).
        batch: Rows of a step; None for all.
        seed: Of the order of the rows.
        tolerance: Stop when no entry of the gradient is larger in size.
        progress: Show a bar on stderr; None for on a terminal only.
        callback: Called with the Fit after each step, and with the final one.
    """
    rule = choose(method, step, momentum)
    rows = Rows(arrays(data, batch), batch, seed)
    start = resume if isinstance(params, Fit) else begin
    fit = start(params, rule, rows)
    descent = Descent(value_and_grad(loss), rule, rows, steps, tolerance)
    fit = run(descent, fit, progress, callback)
    if fit.stopped == "not finite":
        warnings.warn(fit.message, RuntimeWarning, stacklevel=2)
    return fit


def run(
    descent: Descent,
    fit: Fit,
    progress: bool | None,
    callback: Callable[[Fit], None] | None,
) -> Fit:
    """Return the final state, or the latest where Ctrl-C ends the run."""
    try:
        with watch(descent.steps, progress) as report:
            for state in descent.states(fit):
                fit = state
                report(fit)
                if callback:
                    callback(fit)
    except KeyboardInterrupt:
        message = f"interrupted after {fit.steps} of {descent.steps} steps"
        return replace(fit, stopped="interrupted", message=message)
    return fit


# -------------------------------------------------------------------- starting


def begin(params: Any, rule: Rule, rows: Rows) -> Fit:
    """Return the state before the first step."""
    leaves, structure = flatten(params)
    if not leaves:
        raise UserError("params holds no number", remedy="arrays of parameters")
    pairs = zip(leaves, structure.paths(), strict=True)
    parameters = [parameter(leaf, path) for leaf, path in pairs]
    own = structure.unflatten(parameters)
    return Fit(
        params=own,
        loss=np.inf,
        losses=np.empty(0),
        stopped="running",
        message="",
        last=own,
        moments=rule.start(parameters),
        recipe=recipe(rule, rows),
    )


def parameter(leaf: Any, path: str) -> Any:
    """Return a number or an array as a floating one of our own."""
    number = isinstance(leaf, int | float) and not isinstance(leaf, bool)
    array = np.array(leaf, dtype=np.float64 if number else None)
    if array.dtype.kind != "f":
        raise UserError(
            f"{path} is {array.dtype}, which has no neighbours to move to",
            remedy="a float, or an array such as np.zeros(3)",
        )
    return array[()]


def resume(fit: Fit, rule: Rule, rows: Rows) -> Fit:
    """Return a state to go on from, and refuse another rule or other rows."""
    now = recipe(rule, rows)
    for name, value in now.items():
        if name != "numbers" and fit.recipe.get(name) != value:
            raise UserError(
                f"the run has {name} {fit.recipe.get(name)!r}, and this call {value!r}",
                remedy="the same again, or fit.params, from which a new run starts",
            )
    return replace(fit, stopped="running", message="", recipe=now)


def recipe(rule: Rule, rows: Rows) -> dict[str, Any]:
    """Return what must agree for a run to go on; the numbers of its rule may change."""
    return {
        "rule": type(rule).__name__,
        "numbers": repr(rule),
        "batch": rows.batch,
        "seed": rows.seed,
        "rows": rows.count,
    }


# ---------------------------------------------------------------------- running


@dataclass(frozen=True)
class Descent:
    """What stays the same from step to step."""

    objective: Callable[..., tuple[Any, Any]]
    rule: Rule
    rows: Rows
    steps: int
    tolerance: float | None

    def states(self, fit: Fit) -> Iterator[Fit]:
        """Yield the state after each step, and last the final one."""
        good = fit  # the latest whose loss and gradient are known to be finite
        parameters: Arrays
        parameters, structure = flatten(fit.last)
        history = np.empty(max(fit.steps, 64))
        history[: fit.steps] = fit.losses
        while True:
            value, gradients = self.look(fit)
            if what := fault(value, gradients, structure.paths):
                yield self.given_up(good, fit, what)
                return
            good = self.judged(fit, value)
            if stopped := self.reason(good, gradients):
                yield replace(good, stopped=stopped)
                return
            moved, moments = self.moved(parameters, gradients, good)
            if what := spoilt("update", moved, structure.paths):
                yield self.given_up(good, fit, what)
                return
            if fit.steps == len(history):
                history = np.append(history, np.empty_like(history))
            history[fit.steps] = value
            fit = replace(
                good,
                losses=prefix(history, fit.steps + 1),
                last=structure.unflatten(moved),
                moments=moments,
            )
            parameters = moved
            yield fit

    def look(self, fit: Fit) -> tuple[float, Arrays]:
        """Return the loss and its gradient at the last parameters."""
        value, gradient = self.objective(fit.last, *self.rows.at(fit.steps))
        return float(value), flatten(gradient)[0]

    def moved(
        self, parameters: Arrays, gradients: Arrays, fit: Fit
    ) -> tuple[Arrays, Moments]:
        """Return the next parameters and moments; what overflows is found later."""
        with np.errstate(all="ignore"):
            return self.rule.update(parameters, gradients, fit.moments, fit.steps + 1)

    def judged(self, fit: Fit, value: float) -> Fit:
        """Return the state with its last parameters as the best, if they are.

        Until an epoch is complete, its mean says nothing, and the latest are the best.
        """
        recent = fit.losses[max(0, fit.steps + 1 - self.rows.steps) :]
        score = (float(np.sum(recent)) + value) / (len(recent) + 1)
        if score < fit.loss or fit.steps < self.rows.steps:
            return replace(fit, params=fit.last, loss=score)
        return fit

    def reason(self, fit: Fit, gradients: Arrays) -> Stop | None:
        """Return why the run ends here, if it does."""
        if self.tolerance is not None:
            largest = max(np.max(np.abs(g), initial=0.0) for g in gradients)
            if largest <= self.tolerance:
                return "tolerance"
        return "steps" if fit.steps >= self.steps else None

    def given_up(self, good: Fit, fit: Fit, what: str) -> Fit:
        """Return the last good state, with what spoilt the next one."""
        size = getattr(self.rule, "step", None)
        message = advice(what, fit.steps, self.rows.at(fit.steps), size)
        return replace(good, stopped="not finite", message=message)


def prefix(history: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the losses so far; they are never written again, so no copy is needed."""
    losses = history[:count]
    losses.flags.writeable = False
    return losses
