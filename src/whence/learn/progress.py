"""The progress of a run: a bar on the terminal, and nothing in a file or a pipe.

    with watch(steps, show) as report:   report(fit)

The bar goes to stderr, so that results on stdout stay clean. NO_COLOR is honoured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from whence.learn.fit import Fit


@contextmanager
def watch(steps: int, show: bool | None) -> Iterator[Callable[[Fit], None]]:
    """Show how far a run is.

    Args:
        steps: Of the whole run.
        show: None for on a terminal only.
    """
    if not (sys.stderr.isatty() if show is None else show):
        yield lambda fit: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("step"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=steps, loss="")
        yield lambda fit: bar.update(task, completed=fit.steps, loss=f"{fit.loss:.6g}")
