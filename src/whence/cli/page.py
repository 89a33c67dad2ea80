"""A calm page for longer answers: headings, prose, programs, output and tables.

    page = Page(); page.heading(1, "…"); page.say("…"); page.table(header, rows)

On a terminal headings are bold and programs coloured, unless NO_COLOR is set; in a pipe
or a file the same lines stand without any of it. Nothing here knows what is said.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import click
import numpy as np

from whence.cli.output import emit_coloured, encodable, wants_colour

WIDTH = 80
INDENT = "    "


class Page:
    """Writes to stdout, part by part."""

    def heading(self, number: int, title: str) -> None:
        """Begin a part."""
        line = f"{number}  {title}"
        rule = "─" * max(len(line), WIDTH)
        bold = wants_colour()
        self.write(f"\n{click.style(line, bold=True) if bold else line}\n{rule}\n")

    def say(self, words: str) -> None:
        """Write a paragraph."""
        self.write(textwrap.fill(words, WIDTH, break_long_words=False) + "\n")

    def program(self, text: str) -> None:
        """Show a program."""
        shown = textwrap.indent(text.strip("\n"), INDENT) + "\n"
        if wants_colour():
            emit_coloured(f"{shown}\n", "python")
        else:
            self.write(shown)

    def output(self, text: str) -> None:
        """Show what a program printed, as it is."""
        if text.strip():
            self.write(text.strip("\n") + "\n")

    def table(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Show rows below a header: words on the left, numbers on the right."""
        cells = [list(header), *([figure(x) for x in row] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for first, *rest in cells:
            others = [c.rjust(w) for c, w in zip(rest, widths[1:], strict=True)]
            line = "   ".join([first.ljust(widths[0]), *others])
            self.write(f"{INDENT}{line}".rstrip())
        self.write("")

    def write(self, text: str) -> None:
        """Write lines, with ? for what stdout cannot show."""
        click.echo(encodable(text))
        sys.stdout.flush()


def figure(x: Any) -> str:
    """A cell of a table: words as they are, numbers in six digits."""
    if isinstance(x, str):
        return x
    if np.ndim(x):
        return f"({', '.join(figure(entry) for entry in x)})"
    return str(x) if isinstance(x, int) else f"{float(x) + 0.0:.6g}"
