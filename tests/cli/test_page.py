"""Longer answers read the same in a pipe as on a terminal."""

import io
import sys

import numpy as np
import pytest

from whence.cli.page import Page, figure


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_a_table_lines_up_its_columns(capsys):
    Page().table(("", "loss"), [("whence", 40.0), ("by hand", np.inf)])
    assert capsys.readouterr().out.splitlines() == [
        "              loss",
        "    whence      40",
        "    by hand    inf",
        "",
    ]


def test_prose_is_wrapped_and_no_word_is_cut(capsys):
    Page().say("seven words " * 20)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(lines).split() == ["seven", "words"] * 20


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        ("as it is", "as it is"),
        (7, "7"),
        (-0.0, "0"),
        (np.float64(1 / 3), "0.333333"),
        (np.array([1.0, np.nan]), "(1, nan)"),
    ],
)
def test_a_number_is_shown_in_six_digits(x, shown):
    assert figure(x) == shown


def test_a_terminal_gets_colours(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    page = Page()
    page.heading(1, "A title")
    page.program("def f(x):\n    return x\n")
    assert terminal.getvalue().count("\x1b[") > 2


def test_no_color_is_honoured(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    page = Page()
    page.heading(1, "A title")
    page.program("def f(x):\n    return x\n")
    assert "\x1b" not in terminal.getvalue()
    assert "    def f(x):\n        return x\n" in terminal.getvalue()
