"""``whence explain TARGET``: the derivation of a derivative, line by line.

The command reads its arguments; ``whence.explain`` does the work. A derivation that
stopped is printed as far as it is right, and ends the command with 1 like any mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from whence import api
from whence.cli.output import emit, terminal_width
from whence.cli.target import load, users_program
from whence.cli.values import read_point
from whence.core.errors import DerivativeError

# How each form is asked of a derivation, and the language it is written in.
FORMATS: Mapping[str, tuple[Callable[[Any], str], str]] = {
    "text": (lambda derivation: derivation.text(terminal_width()), "text"),
    "latex": (lambda derivation: derivation.latex(), "latex"),
    "markdown": (lambda derivation: derivation.markdown(), "markdown"),
    "html": (lambda derivation: derivation.html(), "html"),
    "json": (lambda derivation: derivation.to_json(), "json"),
    "python": (lambda derivation: derivation.code(), "python"),
}


@click.command("explain")
@click.argument("target")
@click.option(
    "--at",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="The point: x=2,W=[[1,0],[0,1]], or a file .npz or .csv. May be repeated.",
)
@click.option("--wrt", metavar="NAME,...", help="Differentiate by these.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How it is written.",
)
@click.option(
    "--level",
    type=click.Choice(["brief", "normal", "full"]),
    default="normal",
    show_default=True,
    help="How much of it is shown.",
)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of stdout.",
)
def command(
    target: str,
    at: tuple[str, ...],
    wrt: str | None,
    form: str,
    level: str,
    output: Path | None,
) -> None:
    """Show how the derivative of TARGET is found, step by step."""
    point = read_point(at)
    found = load(target, tuple(point.values))
    names = found.wrt(wrt)
    values = found.values(point, names)
    write, language = FORMATS[form]
    with users_program(found):
        derivation = api.explain(found.function, wrt=names, at=values, level=level)
        # There is no code of a part of a gradient: this format has nothing to print.
        text = write(derivation)
    emit(text, output, language)
    if not derivation.checked:
        raise DerivativeError(
            f"the derivation stopped: {derivation.story.checks.failure}",
            remedy="whence grad, which gives the numbers without a derivation",
            where=target,
        )
