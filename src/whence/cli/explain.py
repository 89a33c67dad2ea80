"""``whence explain TARGET``: the derivation of a derivative, line by line.

The command reads its arguments; ``whence.explain`` does the work. A derivation that
stopped is printed as far as it is right, and ends the command with 1 like any mistake.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from whence import api
from whence.api.derivation import Derivation
from whence.api.explaining import LEVELS
from whence.cli.options import at_option, wrt_option
from whence.cli.output import emit, terminal_width
from whence.cli.target import load, users_program
from whence.cli.values import read_point, read_sizes
from whence.core.errors import DerivativeError, UserError
from whence.frontend.formula.vocabulary import ATTRIBUTES, METHODS

# How each form is asked of a derivation, and the language it is written in.
FORMATS: Mapping[str, tuple[Callable[[Any], str], str]] = {
    "text": (lambda derivation: derivation.text(terminal_width()), "text"),
    "latex": (lambda derivation: derivation.latex(), "latex"),
    "markdown": (lambda derivation: derivation.markdown(), "markdown"),
    "html": (lambda derivation: derivation.html(), "html"),
    "json": (lambda derivation: derivation.to_json(), "json"),
    "python": (lambda derivation: derivation.code(), "python"),
}
LONGEST_NAME = 255  # characters of the name of a file
WHOLE = ("json", "python")  # formats for programs, which have no blanks


@click.command("explain")
@click.argument("target")
@at_option
@click.option(
    "--shapes",
    multiple=True,
    metavar="NAME=SIZES,...",
    help='Without numbers, for all sizes: "X=n d, w=d, c=in m". May be repeated.',
)
@wrt_option
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
    type=click.Choice(LEVELS),
    default="normal",
    show_default=True,
    help="How much of it is shown.",
)
@click.option(
    "--order",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="1 for the gradient, 2 for second derivatives and Hessians, and so on.",
)
@click.option(
    "--layers", is_flag=True, help="Tell every layer, where layers are told once."
)
@click.option(
    "--mine",
    multiple=True,
    metavar="LINE",
    help="Judge this line of yours, or the lines of a file. May be repeated.",
)
@click.option(
    "--hints", is_flag=True, help="Leave blanks to fill in, with the answers after."
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
    shapes: tuple[str, ...],
    wrt: str | None,
    form: str,
    level: str,
    order: int,
    mine: tuple[str, ...],
    *,
    layers: bool,
    hints: bool,
    output: Path | None,
) -> None:
    """Show how the derivative of TARGET is found, step by step.

    With --mine, say of each line of yours whether it is right, and end with 1 if one is
    wrong.
    """
    point = read_point(at)
    sizes = read_sizes(shapes)
    found = load(target, (*point.values, *(sizes or ())))
    names = found.wrt(wrt)
    values = found.values(point, names, whole=sizes is None)
    write, language = FORMATS[form]
    if hints:
        demand_blanks(form, mine)
    with users_program(found):
        derivation = api.explain(
            found.function,
            wrt=names,
            at=values,
            shapes=sizes,
            order=order,
            level=level,
        )
        derivation = derivation.unfold() if layers else derivation
        if mine:
            judge(derivation, mine, form, output)
            return
        # There is no code of a part of a gradient: this format has nothing to print.
        text = write(derivation.hints() if hints else derivation)
    emit(text, output, language)
    if not derivation.checked:
        raise DerivativeError(
            f"the derivation stopped: {derivation.failure}",
            remedy="whence grad, which gives the numbers without a derivation",
            where=target,
        )


def demand_blanks(form: str, mine: tuple[str, ...]) -> None:
    """Refuse blanks where nobody could fill them in."""
    if form in WHOLE:
        raise click.UsageError(f"--hints are for people: not with --format {form}")
    if mine:
        what = "--hints leave blanks, --mine judges what you wrote: one at a time"
        raise click.UsageError(what)


def judge(
    derivation: Derivation, mine: tuple[str, ...], form: str, output: Path | None
) -> None:
    """Print a verdict on someone's own lines."""
    if form not in ("text", "json"):
        what = f"a verdict has no format {form}"
        raise UserError(what, remedy="--format text or json", where=f"--format {form}")
    lines = [line for item in mine for line in lines_of(item)]
    verdict = derivation.judge(lines)
    emit(str(verdict) if form == "text" else verdict.to_json(), output, form)
    if not verdict:
        sys.exit(1)


def lines_of(item: str) -> list[str]:
    """A line, or the lines of a file."""
    file, where = Path(item), f"--mine {item}"
    try:
        if len(item) > LONGEST_NAME or not file.is_file():
            refuse_file(item)
            return [item]
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        what = f"{file} cannot be read: {error}"
        raise UserError(what, remedy="a file of lines in UTF-8", where=where) from error


def refuse_file(item: str) -> None:
    """Refuse what looks like the name of a file and is none: no line is one word."""
    word = re.fullmatch(r"\S*\.(\w{2,8})", item)
    if not (word and not word[1].isdigit() and word[1] not in METHODS | ATTRIBUTES):
        return
    what = f"there is no file {item}"
    remedy = "the name of a file of lines, or a line such as 'dL/dx = 2x'"
    raise UserError(what, remedy=remedy, where=f"--mine {item}")
