"""The command line: ``whence COMMAND TARGET``, one file per command.

    whence explain "(x**2 + 1)**3" --at x=2
    whence grad model.py:loss --at data.npz --wrt W,b

A target is a formula or a function in a file. Results go to stdout, all else to stderr.
The exit code is 0 when it is done, 1 for the user's mistake (what happened, where, what
to try; no traceback), 2 for a command that cannot be read.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import click

from whence.cli import demo, doctor, explain, grad
from whence.core.errors import UserError


class Commands(click.Group):
    """The commands; a mistake of the user ends each of them in the same way."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and tell a mistake in its three lines."""
        with warnings.catch_warnings():
            warnings.showwarning = tell_warning
            try:
                return super().invoke(ctx)
            except UserError as error:
                click.echo(str(error), err=True)
                ctx.exit(1)


def tell_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Write a warning as one line, without the place in our own files."""
    click.echo(f"warning: {message}", file=sys.stderr)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="whence", message="whence %(version)s")
def main() -> None:
    """Derivatives that show their work.

    TARGET is a formula, such as "z = w*x + b; 1/(1 + exp(-z))", or FILE.py:FUNCTION.
    """


for module in (explain, grad, demo, doctor):
    main.add_command(module.command)
