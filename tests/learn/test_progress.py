"""The bar is for a terminal: results on stdout stay clean."""

from whence.learn import gradient_descent


def run(**options):
    gradient_descent(lambda x: x**2, 1.0, steps=3, **options)


def test_nothing_is_shown_where_there_is_no_terminal(capsys):
    run()
    assert capsys.readouterr() == ("", "")


def test_the_bar_goes_to_stderr(capsys):
    run(progress=True)
    out, err = capsys.readouterr()
    assert not out
    assert "3/3" in err
    assert "loss 0.262144" in err


def test_a_terminal_can_be_kept_quiet(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    run(progress=False)
    assert capsys.readouterr() == ("", "")
