"""Where results go: to a file, to a terminal in colour, or to stdout as they are.

    emit(text, file, language) -> nothing; the text is written

Colour is for people: only when stdout is a terminal and ``NO_COLOR`` is not set. What a
program reads from stdout or a file is the text, byte for byte.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from whence.core.errors import UserError


def emit(text: str, file: Path | None = None, language: str = "text") -> None:
    """Write a result.

    Args:
        text: The result.
        file: Where it goes; None for stdout.
        language: What it is written in, for its colours.
    """
    text = text.rstrip("\n") + "\n"
    if file is not None:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            what = f"{file} cannot be written: {error.strerror}"
            raise UserError(what, remedy="another FILE", where=f"-o {file}") from error
    elif language != "text" and wants_colour():
        emit_coloured(text, language)
    else:
        click.echo(encodable(text), nl=False)


def wants_colour() -> bool:
    """Whether a person reads stdout who has nothing against colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def terminal_width() -> int:
    """The columns of the terminal, or of the usual one where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def encodable(text: str) -> str:
    """The text with ? for each character that stdout cannot show."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding)


def emit_coloured(text: str, language: str) -> None:
    """Write a result to a terminal, in colour and with its own line ends."""
    from rich.console import Console
    from rich.syntax import Syntax

    # The terminal's own colours, which its owner can read on its background.
    style = Syntax("", language, theme="ansi_dark", background_color="default")
    highlighted = style.highlight(text)
    Console().print(highlighted, soft_wrap=True, end="")
