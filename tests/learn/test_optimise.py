"""Each rule takes the step of its formula, and remembers what it must."""

import numpy as np
import pytest

from whence.core.errors import UserError
from whence.learn.optimise import Adam, Fixed, Momentum, choose

RULES = [Fixed(0.1), Momentum(0.1, 0.5), Adam(0.1)]
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda r: type(r).__name__)


def walk(rule, x, gradients):
    """The parameter after each of a list of gradients."""
    parameters, path = [np.asarray(x)], []
    moments = rule.start(parameters)
    for count, gradient in enumerate(gradients, 1):
        parameters, moments = rule.update(
            parameters, [np.asarray(gradient)], moments, count
        )
        path.append(parameters[0])
    return path


def test_a_fixed_step_goes_against_the_gradient():
    assert walk(Fixed(0.5), 1.0, [2.0, -4.0]) == [0.0, 2.0]


def test_momentum_adds_what_is_left_of_the_velocity():
    assert walk(Momentum(1.0, 0.5), 0.0, [1.0, 0.0, 0.0]) == [-1.0, -1.5, -1.75]


def test_the_first_step_of_adam_is_the_step_size_for_any_gradient():
    gradient = np.array([1e-3, -1.0, 1e6])
    (x,) = walk(Adam(0.1, floor=0.0), np.zeros(3), [gradient])
    assert np.allclose(x, -0.1 * np.sign(gradient))


def test_adam_follows_algorithm_1_of_the_paper():
    draw = np.random.default_rng(0)
    gradients = draw.standard_normal((20, 3))
    x, m, v, (a, b) = np.ones(3), np.zeros(3), np.zeros(3), (0.9, 0.999)
    for t, g in enumerate(gradients, 1):
        m, v = a * m + (1 - a) * g, b * v + (1 - b) * g**2
        x = x - 0.1 * (m / (1 - a**t)) / (np.sqrt(v / (1 - b**t)) + 1e-8)
    assert np.allclose(walk(Adam(0.1), np.ones(3), gradients)[-1], x, rtol=1e-13)


@every_rule
def test_a_rule_writes_into_no_array(rule):
    x, g = np.ones(3), np.ones(3)
    moments = rule.start([x])
    kept = [m.copy() for part in moments for m in part]
    rule.update([x], [g], moments, 1)
    after = [m for part in moments for m in part]
    assert np.array_equal([x, g], np.ones((2, 3)))
    assert all(map(np.array_equal, kept, after))


@every_rule
def test_a_rule_keeps_float32(rule):
    x = np.ones(3, np.float32)
    (moved,), moments = rule.update([x], [x], rule.start([x]), 1)
    assert {moved.dtype, *(m.dtype for p in moments for m in p)} == {x.dtype}


def test_the_arguments_choose_the_rule():
    assert choose("gradient", None, 0.0) == Fixed(0.1)
    assert choose("gradient", 0.2, 0.9) == Momentum(0.2, 0.9)
    assert choose("adam", None, 0.0) == Adam()
    assert choose(Fixed(3.0), None, 0.0) == Fixed(3.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("newton", None, 0.0),
        ("gradient", -1.0, 0.0),
        ("gradient", float("nan"), 0.0),
        ("adam", None, 0.9),
        (Fixed(0.1), 0.2, 0.0),
    ],
)
def test_arguments_that_contradict_each_other_are_refused(arguments):
    with pytest.raises(UserError, match="try"):
        choose(*arguments)
