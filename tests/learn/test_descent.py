"""Gradient descent finds the minimum, keeps what is the caller's, and can go on."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whence.core.errors import UserError
from whence.learn import Adam, Fit, Fixed, Momentum, gradient_descent

draw = np.random.default_rng(0)
X = draw.standard_normal((23, 3))
TRUTH = {"w": np.array([1.0, -2.0, 0.5]), "b": 0.25}
Y = X @ TRUTH["w"] + TRUTH["b"]
START = {"w": np.zeros(3), "b": 0.0}

RULES = {
    "fixed": {},
    "momentum": {"momentum": 0.9, "step": 0.02},
    "adam": {"method": "adam"},
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
every_batch = pytest.mark.parametrize("batch", [None, 5])


def squares(params, X, y):
    return np.mean((X @ params["w"] + params["b"] - y) ** 2)


def fit(steps, params=START, **options):
    return gradient_descent(squares, params, (X, Y), steps=steps, **options)


def bits(params):
    return [np.asarray(params[key]).tobytes() for key in ("w", "b")]


def same_run(first, second):
    """Whether two runs ended with the same bits."""
    return (
        bits(first.params) == bits(second.params)
        and bits(first.last) == bits(second.last)
        and first.losses.tobytes() == second.losses.tobytes()
        and first.loss == second.loss
    )


# ---------------------------------------------------------------- the minimum


@every_rule
@every_batch
def test_the_parameters_behind_the_data_are_found(rule, batch):
    found = fit(2000, batch=batch, **rule).params
    assert np.allclose(found["w"], TRUTH["w"], atol=1e-3)
    assert np.allclose(found["b"], TRUTH["b"], atol=1e-3)


def test_one_step_is_that_of_the_textbook():
    once = gradient_descent(lambda x: x**2, 1.0, steps=1, step=0.25)
    assert once.params == 0.5


def test_a_rule_may_be_given_as_an_object():
    assert same_run(fit(5, step=0.02), fit(5, method=Fixed(0.02)))
    assert same_run(fit(5, momentum=0.9), fit(5, method=Momentum(0.1, 0.9)))


def test_the_losses_are_those_before_each_step():
    path = [START]
    run = fit(3, callback=lambda state: path.append(state.last))
    assert np.allclose(run.losses, [squares(p, X, Y) for p in path[:3]])


def test_the_best_parameters_survive_a_step_that_is_too_long():
    run = gradient_descent(lambda x: x**2, 1.0, steps=5, step=1.5)
    assert (run.params, run.loss) == (1.0, 1.0)
    assert run.last == -32.0


def test_zero_steps_judge_the_start():
    run = fit(0)
    assert np.isclose(run.loss, squares(START, X, Y))
    assert (run.steps, run.stopped) == (0, "steps")


def test_a_tolerance_on_the_gradient_ends_the_run():
    run = fit(10_000, tolerance=1e-6)
    assert run.stopped == "tolerance"
    assert 10 < run.steps < 1000


def test_the_minibatches_change_with_the_seed():
    assert not same_run(fit(3, batch=5, seed=0), fit(3, batch=5, seed=1))


# --------------------------------------------------------- what is the caller's


@every_rule
def test_the_arrays_of_the_caller_are_never_written_into(rule):
    start = {"w": np.zeros(3), "b": np.zeros(())}
    run = fit(5, params=start, **rule)
    assert not start["w"].any()
    assert not start["b"].any()
    assert not np.shares_memory(run.params["w"], start["w"])


def test_the_state_of_a_step_does_not_change_later():
    states = []
    fit(100, callback=states.append)
    assert len(states[10].losses) == 11
    assert np.array_equal(states[10].losses, states[-1].losses[:11])
    assert not states[10].losses.flags.writeable


def test_the_container_keeps_its_structure():
    params = [(np.ones(2), np.ones(1)), {"scale": 1.0}]

    def loss(params):
        (W, b), rest = params
        return np.sum(W**2) + np.sum(b**2) + rest["scale"] ** 2

    (pair, rest) = gradient_descent(loss, params, steps=2).params
    assert isinstance(pair, tuple)
    assert list(rest) == ["scale"]


def test_float32_stays():
    start = {"w": np.zeros(3, np.float32), "b": np.float32(0)}
    data = (X.astype(np.float32), Y.astype(np.float32))
    for rule in RULES.values():
        run = gradient_descent(squares, start, data, steps=3, **rule)
        assert run.params["w"].dtype == run.params["b"].dtype == np.float32


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"w": np.zeros(3, int)}, r"\['w'\] is int64"),
        ([True], r"\[0\] is bool"),
        ([], "holds no number"),
    ],
)
def test_parameters_that_cannot_move_are_refused_by_name(params, words):
    with pytest.raises(UserError, match=words):
        gradient_descent(lambda params: 0.0, params, steps=1)


# --------------------------------------------------------------------- going on


@every_rule
@every_batch
@pytest.mark.parametrize("pause", [0, 1, 4, 5, 17])
def test_a_run_that_is_saved_and_continued_has_the_same_bits(
    rule, batch, pause, tmp_path
):
    options = {"batch": batch, "seed": 3, **rule}
    fit(pause, **options).save(tmp_path / "run.npz")
    continued = fit(20, params=Fit.load(tmp_path / "run.npz"), **options)
    assert same_run(continued, fit(20, **options))


CRASH = """
import os, signal, sys
sys.path.insert(0, {folder!r})
from test_descent import fit

def callback(state):
    state.save({path!r})
    if state.steps == {step}:
        os.kill(os.getpid(), signal.SIGKILL)

fit(40, method="adam", batch=5, callback=callback)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
@pytest.mark.parametrize("step", [2, 31])
def test_a_run_that_is_killed_continues_with_the_same_bits(step, tmp_path):
    path = str(tmp_path / "run.npz")
    folder = str(Path(__file__).parent)
    code = CRASH.format(folder=folder, path=path, step=step)
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    options = {"method": "adam", "batch": 5}
    continued = fit(40, params=Fit.load(path), **options)
    assert same_run(continued, fit(40, **options))


def test_a_finished_run_is_returned_as_it_is():
    run = fit(7)
    assert same_run(fit(7, params=run), run)


def test_the_step_size_of_a_run_may_change():
    run = fit(10, params=fit(5, step=0.1), step=0.01)
    assert run.recipe["numbers"] == "Fixed(step=0.01)"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "adam"}, "rule 'Fixed', and this call 'Adam'"),
        ({"batch": 4}, "batch None, and this call 4"),
        ({"seed": 1}, "seed 0, and this call 1"),
    ],
)
def test_a_run_does_not_go_on_as_another(options, words):
    with pytest.raises(UserError, match=words):
        fit(10, params=fit(5), **options)


# ----------------------------------------------------------------------- ending


def test_ctrl_c_returns_the_best_so_far():
    def interrupt(state):
        if state.steps == 7:
            raise KeyboardInterrupt

    run = fit(100, callback=interrupt)
    assert (run.stopped, run.steps) == ("interrupted", 7)
    assert run.message == "interrupted after 7 of 100 steps"
    assert np.isclose(squares(run.params, X, Y), run.loss)


def test_an_interrupted_run_continues_with_the_same_bits():
    def interrupt(state):
        raise KeyboardInterrupt

    assert same_run(fit(9, params=fit(9, callback=interrupt)), fit(9))


def test_an_error_of_the_loss_passes_through():
    def loss(x):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gradient_descent(loss, 0.0, steps=1)


def test_the_callback_sees_each_step_and_the_end():
    seen = []
    fit(3, callback=lambda state: seen.append((state.steps, state.stopped)))
    assert seen == [(1, "running"), (2, "running"), (3, "running"), (3, "steps")]


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_loss_that_is_not_finite_ends_the_run_with_the_last_good_parameters():
    with pytest.warns(RuntimeWarning, match=r"(?s)the loss is inf.*smaller step"):
        run = gradient_descent(lambda x: x**2, 1.0, steps=5000, step=1.5)
    assert run.stopped == "not finite"
    assert run.params == 1.0
    assert np.isfinite(run.last**2)
    assert run.last == (-2.0) ** run.steps


@pytest.mark.filterwarnings("ignore:divide")
def test_a_gradient_that_is_not_finite_is_named():
    def loss(params):
        return np.sum(np.sqrt(params["scale"])) + params["b"] ** 2

    start = {"b": 1.0, "scale": np.array([0.0, 1.0])}
    words = r"(?s)gradient of params\['scale'\] is not finite \(1 of 2 entries\) at ste"
    with pytest.warns(RuntimeWarning, match=words):
        run = gradient_descent(loss, start, steps=5)
    assert (run.stopped, run.steps) == ("not finite", 0)
    assert np.array_equal(run.params["scale"], start["scale"])


def test_an_update_that_is_not_finite_is_not_made():
    with pytest.warns(RuntimeWarning, match="the update of params is not finite"):
        run = gradient_descent(lambda x: 1e300 * x, 1.0, steps=5, step=1e10)
    assert (run.params, run.last) == (1.0, 1.0)


def test_a_bad_row_is_named():
    bad = X.copy()
    bad[11, 1] = np.nan
    with pytest.warns(RuntimeWarning, match=r"data\[0\] has one in row 11"):
        gradient_descent(squares, START, (bad, Y), steps=5)


def test_a_run_that_met_a_nan_can_go_on_without_it():
    bad = X.copy()
    bad[:, 1] = np.nan
    with pytest.warns(RuntimeWarning, match="data"):
        broken = gradient_descent(squares, fit(5), (bad, Y), steps=10)
    assert same_run(fit(10, params=broken), fit(10))


def test_the_repr_says_how_the_run_ended():
    run = replace(fit(3), loss=0.125)
    assert repr(run) == "Fit(steps=3, loss=0.125, stopped='steps')"


def test_adam_is_exported_with_its_numbers():
    assert fit(1, method=Adam(0.5)).recipe["numbers"].startswith("Adam(step=0.5, first")
