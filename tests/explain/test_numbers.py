"""Numbers: how many points a step is judged at."""

import numpy as np

from whence.explain.numbers import FEWEST, Sample, agree_at
from whence.simplify.term import Symbol

X = Symbol("x")


def at(*numbers):
    """A sample of x for each number."""
    return [Sample({X: np.float64(n)}) for n in numbers]


def test_a_step_that_is_finite_at_two_points_is_not_proved():
    assert FEWEST == 3
    assert not agree_at(X, X, at(1.0, 2.0, np.nan, np.inf))
    assert agree_at(X, X, at(1.0, 2.0, 3.0, np.nan))


def test_a_step_must_agree_at_every_point():
    assert not agree_at(X, abs_of(X), at(1.0, 2.0, 3.0, -1.0))


def abs_of(x):
    """|x|, as the root of its square."""
    return (x**2) ** 0.5
