"""A fit is written and read whole, or not at all."""

from dataclasses import dataclass, fields

import numpy as np
import pytest

from whence.core.errors import UserError
from whence.learn import Fit, gradient_descent
from whence.learn.checkpoint import write


@dataclass
class Line:
    slope: float
    offset: float


def loss(line):
    return (line.slope - 1.0) ** 2 + (line.offset - 2.0) ** 2


def test_a_fit_comes_back_in_all_its_fields(tmp_path):
    run = gradient_descent(lambda x: x**2, 1.0, steps=3, momentum=0.5)
    run.save(tmp_path / "run.npz")
    back = Fit.load(tmp_path / "run.npz")
    assert all(
        type(getattr(run, f.name)) is type(getattr(back, f.name)) for f in fields(Fit)
    )
    assert (back.params, back.loss, back.stopped) == (run.params, run.loss, "steps")
    assert np.array_equal(back.losses, run.losses)
    assert back.recipe == run.recipe


def test_a_fit_before_its_first_step_can_be_saved(tmp_path):
    with pytest.warns(RuntimeWarning, match="the loss is nan"):
        run = gradient_descent(lambda x: x * np.nan, 1.0, steps=3)
    run.save(tmp_path / "run.npz")
    assert Fit.load(tmp_path / "run.npz").loss == np.inf


def test_parameters_in_a_dataclass_come_back_with_a_like(tmp_path):
    run = gradient_descent(loss, Line(0.0, 0.0), steps=3)
    run.save(tmp_path / "run.npz")
    back = Fit.load(tmp_path / "run.npz", like=Line(0.0, 0.0))
    assert back.params == run.params
    assert gradient_descent(loss, back, steps=6).steps == 6


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    write(tmp_path / "x.npz", {"W": np.ones(2)})
    with pytest.raises(UserError, match="not one of a fit"):
        Fit.load(tmp_path / "x.npz")
