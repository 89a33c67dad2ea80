"""The tour runs, part by part, and what it claims in words stands in its numbers."""

import re

import pytest
from click.testing import CliRunner

from whence.cli import demo, tour
from whence.cli.demo import command


def told(*parts):
    """What a tour through some parts prints."""
    result = CliRunner().invoke(command, [str(part) for part in parts])
    assert result.exit_code == 0, result.output
    return result.output


def row(text, label):
    """The cells of the row of a table that begins with a label."""
    found = re.search(rf"^ +{label}  +(.+)$", text, flags=re.MULTILINE)
    assert found, f"there is no row {label!r}"
    return found[1].split()


@pytest.fixture(scope="module")
def whole():
    return told()


def test_every_part_has_its_heading(whole):
    headings = re.findall(r"^(\d)  (.+)\n─", whole, flags=re.MULTILINE)
    assert [int(number) for number, _ in headings] == list(range(1, 8))


def test_every_program_is_shown_as_it_runs(whole):
    for part in (tour.DERIVATION, tour.LOGISTIC, tour.NETWORK, tour.NUMBERS):
        for line in part.program.splitlines():
            assert line in whole


def test_no_derivation_stops(whole):
    assert "STOPPED" not in whole
    assert whole.count("checked ") == 5


def test_a_pipe_gets_no_colours(whole):
    assert "\x1b" not in whole


def test_it_ends_with_the_seconds_it_took(whole):
    seconds = re.search(r"took ([\d.]+) seconds\.\n$", whole)
    assert seconds
    assert float(seconds[1]) < 60


def test_one_part_can_be_asked_for():
    text = told(1)
    assert "(x² + 1)²" in text
    assert "300" in text
    assert "2  " + tour.LOGISTIC.title not in text


def test_a_part_that_does_not_exist_is_refused():
    assert CliRunner().invoke(command, ["8"]).exit_code == 2


def test_the_logistic_loss_is_right_where_its_formula_fails():
    text = told(2)
    assert "(ŷ − y)·x" in text
    zero, one = text.split("y = 1  ", maxsplit=1)
    assert row(zero.split("y = 0  ")[1], "whence") == ["40", "1"]
    assert row(one, "as it is written") == ["nan", "nan"]
    assert row(one, "whence")[0] == row(one, "in 100 digits")[0] == "4.24835e-18"


def test_the_truth_is_computed_in_many_digits():
    value, slope = demo.truth(40, 1)
    assert value == pytest.approx(4.248354255291589e-18, rel=1e-15)
    assert slope == pytest.approx(-4.248354255291589e-18, rel=1e-15)


def test_the_softmax_survives_logits_of_ten_thousand():
    text = told(3)
    assert "⊗ x" in text
    assert row(text, "whence") == ["10000", "(1,", "-1,", "0)"]


def test_the_models_learn():
    rights = re.findall(r"([\d.]+)%$", told(5), flags=re.MULTILINE)
    assert len(rights) == 3
    assert all(float(right) > 95 for right in rights)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    text = told(5, 6)
    assert "pip install 'whence[data]'" in text
    assert tour.LINEAGE.title in text


def test_forward_and_reverse_mode_agree_with_differences():
    text = told(7)
    modes = [row(text, name) for name in ("forward mode", "reverse mode")]
    assert modes[0] == modes[1] == row(text, "differences")
