"""Numbers: how many points a step is judged at."""

import numpy as np

import whence
from strategies import traced
from whence.explain.numbers import FEWEST, Sample, agree_at, differences
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


def test_a_number_whose_rounding_hides_how_it_moves_has_no_differences():
    arrays = [np.array([1.0, 2.0]), np.array([0.0, -1e9])]
    graph = traced(lambda x, m: x + m, *arrays)
    for found in differences(graph, arrays, 0):
        np.testing.assert_allclose(found, [1.0, np.nan], rtol=1e-6)


def test_a_mask_that_is_added_as_a_huge_number_is_derived():
    def f(s, m, v):
        z = s + (1 - m) * -1e9
        e = np.exp(z - np.max(z))
        return np.dot(e / np.sum(e), v)

    s, m, v = np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.0, 1.0]), np.arange(3.0)
    derivation = whence.explain(f, s, m, v)
    assert derivation.checked, derivation.failure
    np.testing.assert_allclose(derivation.results["s"], whence.grad(f)(s, m, v))
