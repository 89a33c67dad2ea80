"""``whence demo``: a tour of what whence does, in seven parts and under a minute.

Each part is a short program that is shown, run, and answered by what it printed; then a
table, where numbers say more than formulas. The programs are texts, since the names of
a derivation are read from the source of the user, and here the reader is the user.

    whence demo          all of it
    whence demo 2 6      some of its parts
"""

from __future__ import annotations

import contextlib
import io
import linecache
import time
from collections.abc import Callable
from decimal import Decimal, localcontext
from importlib.util import find_spec
from typing import Any

import click
import numpy as np

from whence.api.derivatives import grad, value_and_grad
from whence.api.directions import jvp
from whence.api.matrices import hessian
from whence.cli import tour
from whence.cli.page import Page
from whence.learn import dense, gradient_descent

Names = dict[str, Any]

STEP = 1e-6  # of central differences
DIGITS = 100  # in which the truth is computed


@click.command("demo")
@click.argument("parts", nargs=-1, type=click.IntRange(1, 7), metavar="[PART]...")
def command(parts: tuple[int, ...]) -> None:
    """Take a tour: derivations, stable losses, training, paths, Hessians."""
    start = time.perf_counter()
    page = Page()
    for number, part in enumerate(PARTS, 1):
        if not parts or number in parts:
            part(page, number)
    page.say(f"The tour took {time.perf_counter() - start:.1f} seconds.")


def run(page: Page, number: int, part: tour.Part) -> Names:
    """Show a program, run it as the user's own, and show what it prints."""
    page.heading(number, part.title)
    page.say(part.words)
    page.program(part.program)
    file = f"<part {number}>"
    lines = part.program.splitlines(keepends=True)
    linecache.cache[file] = (len(part.program), None, lines, file)
    names: Names = {"__name__": file}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(part.program, file, "exec"), names)  # noqa: S102 - it is our own
    page.output(printed.getvalue())
    return names


def derivation(page: Page, number: int) -> None:
    """Show the chain rule on (x² + 1)³."""
    run(page, number, tour.DERIVATION)


# ------------------------------------------------------------------ stable losses


def naive(page: Page, number: int) -> None:
    """Differentiate the logistic loss, and evaluate it where its formula fails."""
    names = run(page, number, tour.LOGISTIC)
    page.say(tour.AT_40)
    for y in (0, 1):
        rows = both(names["loss"], (1.0, 40.0, 0.0, float(y)))
        rows.append((f"in {DIGITS} digits", *truth(40, y)))
        page.table((f"y = {y}", "loss", "∂loss/∂b"), rows)


def both(loss: Callable[..., Any], point: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The loss and its slope by b: of the program as it is written, and by whence."""
    with np.errstate(all="ignore"):
        plain = value_and_grad(loss, "b", recognise=False)(*point)
        return [
            ("as it is written", *plain),
            ("whence", *value_and_grad(loss, "b")(*point)),
        ]


def truth(z: int, y: int) -> tuple[float, float]:
    """The logistic loss and its slope by z, from its formula in many digits."""
    with localcontext() as context:
        context.prec = DIGITS
        step = Decimal(10) ** (-DIGITS // 4)

        def loss(z: Decimal) -> Decimal:
            y_hat = 1 / (1 + (-z).exp())
            return -(y * y_hat.ln() + (1 - y) * (1 - y_hat).ln())

        slope = (loss(z + step) - loss(z - step)) / (2 * step)
        return float(loss(Decimal(z))), float(slope)


def softmax(page: Page, number: int) -> None:
    """Differentiate softmax regression, and evaluate it at logits of 10⁴."""
    names = run(page, number, tour.SOFTMAX)
    page.say(tour.AT_10000)
    point = (np.zeros((3, 2)), np.array([1e4, 0.0, -1e4]), names["x"], 1)
    page.table(("c = 1", "loss", "∂loss/∂b"), both(names["loss"], point))


def network(page: Page, number: int) -> None:
    """Differentiate a network of two layers by all its parameters."""
    run(page, number, tour.NETWORK)


# ----------------------------------------------------------------------- training


def training(page: Page, number: int) -> None:
    """Train three models by gradient descent, and try them on rows held back."""
    names = run(page, number, tour.TRAINING)
    if find_spec("sklearn") is None:
        page.write(tour.NO_DATA)
        return
    page.say(tour.IN_TRAINING)
    header = ("", "rows", "parameters", "steps", "seconds", "right, held back")
    page.table(header, [trained(model, names) for model in tour.MODELS])


def trained(model: tour.Model, names: Names) -> tuple[Any, ...]:
    """Train one model, and tell what it took and how well it does."""
    X, labels, X_test, labels_test = rows_of(model)
    binary = model.loss == "logistic"
    classes = labels.max() + 1
    start: Any = [(np.zeros(X.shape[1]), 0.0)]
    if not binary:
        start = dense((X.shape[1], *model.hidden, classes))
    targets = labels if binary else np.eye(classes)[labels]
    began = time.perf_counter()
    loss = names[model.loss]
    fit = gradient_descent(loss, start, (X, targets), progress=False, **model.options)
    seconds = time.perf_counter() - began
    scores = names["scores"](fit.params, X_test)
    found = scores > 0 if binary else scores.argmax(axis=1)
    right = f"{np.mean(found == labels_test):.1%}"
    size = sum(np.size(x) for layer in fit.params for x in layer)
    return model.title, len(X), size, fit.steps, f"{seconds:.1f}", right


def rows_of(model: tour.Model) -> tuple[Any, Any, Any, Any]:
    """Rows to learn from, and a quarter held back; scaled by the former."""
    from sklearn import datasets

    X, labels = getattr(datasets, f"load_{model.data}")(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    test, train = np.split(order, [len(X) // 4])
    by = 0 if model.scales else None
    X = (X - X[train].mean(axis=by)) / X[train].std(axis=by)
    return X[train], labels[train], X[test], labels[test]


# ------------------------------------------------------ paths, and the bare numbers


def lineage(page: Page, number: int) -> None:
    """Tell which way a gradient came."""
    run(page, number, tour.LINEAGE)


def numbers(page: Page, number: int) -> None:
    """Compare forward and reverse mode, the Hessian, and differences."""
    names = run(page, number, tour.NUMBERS)
    f, x, v = names["energy"], names["x"], names["v"]
    gradient, matrix = grad(f), hessian(f)(x)
    rows = [
        ("forward mode", jvp(f, x, v)[1], float(v @ jvp(gradient, x, v)[1])),
        ("reverse mode", gradient(x) @ v, float(v @ matrix @ v)),
        ("differences", along(f, x, v), float(v @ along(gradient, x, v))),
    ]
    page.say(tour.AGREEMENT)
    page.table(("", "∇f·v", "v·∇²f·v"), rows)


def along(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The derivative of a function along a direction, by central differences."""
    return (f(x + STEP * v) - f(x - STEP * v)) / (2 * STEP)


PARTS = (derivation, naive, softmax, network, training, lineage, numbers)
