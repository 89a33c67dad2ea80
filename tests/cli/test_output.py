"""Results reach files, pipes and terminals."""

import io
import sys

import pytest

from whence.cli.output import emit
from whence.core.errors import UserError


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_a_pipe_gets_the_text_as_it_is(capsys):
    emit('{"x": 1}', language="json")
    assert capsys.readouterr().out == '{"x": 1}\n'


def test_a_file_gets_the_text(tmp_path, capsys):
    emit("ŷ = σ(z)\n\n", tmp_path / "out.txt", "text")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "ŷ = σ(z)\n"
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        emit("x", tmp_path / "nowhere" / "out.txt")


def test_a_terminal_gets_colours_and_whole_lines(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    emit(f"def f(x):\n    return {'x + ' * 60}1", language="python")
    shown = terminal.getvalue()
    assert "\x1b[" in shown
    assert shown.count("\n") == 2


def test_no_color_is_honoured(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    emit("def f(x): ...", language="python")
    assert terminal.getvalue() == "def f(x): ...\n"


def test_what_stdout_cannot_show_is_replaced(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    emit("ŷ = 1")
    narrow.flush()
    assert narrow.buffer.getvalue() == b"? = 1\n"
