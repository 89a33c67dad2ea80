"""The conventions of docs/conventions.md, in both modes and to second order."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import gradient, slopes, traced
from whence import special
from whence.core.primitive import PRIMITIVES
from whence.transform.forward import jvp
from whence.transform.reverse import vjp

INF = np.inf
where = np.where


def gradients(function, x):
    """The gradient of a scalar function, by both modes."""
    x = np.asarray(x, float)
    graph = traced(function, x)
    forward = jvp(graph)
    basis = np.eye(x.size).reshape(x.size, *x.shape)
    pushed = np.array([forward(x, e)[-1] for e in basis]).reshape(x.shape)
    return pushed, vjp(graph)(x, np.ones(()))[-1]


KINKS = {
    "abs at 0": (np.abs, 0.0, 0.0),
    "sign at 0": (np.sign, 0.0, 0.0),
    "maximum at a tie": (lambda x: np.maximum(x, 2.0), 2.0, 0.5),
    "minimum at a tie": (lambda x: np.minimum(2.0, x), 2.0, 0.5),
    "maximum(x, 0) at 0": (lambda x: np.maximum(x, 0), 0.0, 0.5),
    "maximum with itself": (lambda x: np.maximum(x, x), 1.0, 1.0),
    "relu at 0": (special.relu, 0.0, 0.0),
    "clip at its lower edge": (lambda x: np.clip(x, 1, 2), 1.0, 0.5),
    "clip at its upper edge": (lambda x: np.clip(x, 1, 2), 2.0, 0.5),
    "clip inside": (lambda x: np.clip(x, 1, 2), 1.5, 1.0),
    "clip outside": (lambda x: np.clip(x, 1, 2), 2.5, 0.0),
    "hypot at 0": (lambda x: np.hypot(x, 0 * x), 0.0, 0.0),
    "sqrt at 0": (np.sqrt, 0.0, INF),
    "x**0": (lambda x: x**0, 0.0, 0.0),
    "x**1 at 0": (lambda x: x**1, 0.0, 1.0),
    "x**2 at 0": (lambda x: x**2, 0.0, 0.0),
    "x**0.5 at 0": (lambda x: x**0.5, 0.0, INF),
    "0**x": (lambda x: 0.0**x, 2.0, 0.0),
    "x**y at y = 0": (lambda x: x ** (0 * x), 0.0, 0.0),
    "arctan2 at the origin": (lambda x: np.arctan2(x, 0 * x), 0.0, 0.0),
    "floor on a step": (np.floor, 1.0, 0.0),
    "a comparison": (lambda x: where(x >= 1, 3.0, 2.0), 1.0, 0.0),
}


@pytest.mark.parametrize("name", KINKS)
def test_slopes_at_kinks_follow_the_convention_in_both_modes(name):
    function, x, wanted = KINKS[name]
    for slope in slopes(function, x)[0]:
        assert slope[0] == wanted


FLAT = {
    "max of a tie": (np.max, [2.0, 1.0, 2.0], [0.5, 0, 0.5]),
    "min of a tie": (np.min, [1.0, 1.0, 1.0], [1 / 3] * 3),
    "ptp of a tie": (np.ptp, [1.0, 1.0, 3.0], [-0.5, -0.5, 1]),
    "norm at 0": (np.linalg.norm, [0.0, 0.0], [0, 0]),
    "std of a constant": (np.std, [0.1, 0.1, 0.1], [0, 0, 0]),
    "var of a constant": (np.var, [2.0, 2.0], [0, 0]),
    "prod with one zero": (np.prod, [0.0, 2.0, 3.0], [6, 0, 0]),
    "prod with two zeros": (np.prod, [0.0, 2.0, 0.0], [0, 0, 0]),
    "logsumexp of all -inf": (special.logsumexp, [-INF, -INF], [0, 0]),
    "sort of a tie": (lambda x: np.sort(x)[1], [1.0, 1.0, 1.0], [0, 1, 0]),
}


@pytest.mark.parametrize("name", FLAT)
def test_gradients_at_kinks_follow_the_convention_in_both_modes(name):
    function, x, wanted = FLAT[name]
    for found in gradients(function, x):
        np.testing.assert_allclose(found, wanted, atol=1e-15)


def test_a_product_with_zeros_has_the_right_second_derivatives():
    x = np.array([0.0, 2.0, 0.0, 3.0])
    pulled = vjp(traced(np.prod, x))
    pulled = replace(pulled, outputs=pulled.outputs[-1:])
    twice = jvp(pulled, pulled.inputs[:1])
    found = [twice(x, np.ones(()), e)[-1] for e in np.eye(4)]
    wanted = np.zeros((4, 4))
    wanted[0, 2] = wanted[2, 0] = 6.0
    np.testing.assert_array_equal(found, wanted)


STRONG = {
    "sqrt behind where": (lambda x: where(x > 0, np.sqrt(x), 0), 0.0, 0.0, 0.0),
    "log behind where": (lambda x: where(x > 0, np.log(x), x), 0.0, 1.0, 0.0),
    "sinc": (lambda x: where(x != 0, np.sin(x) / x, 1.0), 0.0, 0.0, 0.0),
    "log of maximum": (lambda x: np.log(np.maximum(x, 1e-3)), 0.0, 0.0, 0.0),
    "sqrt of relu": (
        lambda x: where(x > 0, np.sqrt(special.relu(x)), 0),
        -1.0,
        0.0,
        0.0,
    ),
    "sqrt of relu below": (lambda x: np.sqrt(special.relu(x)), -1.0, 0.0, 0.0),
    "log of clip": (lambda x: np.log(np.clip(x, 0, 1)), -1.0, 0.0, 0.0),
    "sqrt at an index": (lambda x: np.sqrt(np.stack([x, 1.0]))[1] + x, 0.0, 1.0, 0.0),
    "x log x": (lambda x: where(x > 0, x * np.log(x), 0.0), 0.0, 0.0, 0.0),
    "power behind where": (lambda x: where(x > 0, x**0.5, 0), 0.0, 0.0, 0.0),
    "division behind where": (lambda x: where(x == 0, x, 1 / x), 0.0, 1.0, 0.0),
    "a chain behind where": (
        lambda x: where(x > 0, np.exp(np.sqrt(x)) / x, x),
        0.0,
        1.0,
        0.0,
    ),
    "where in where": (
        lambda x: where(x > 0, where(x > 1, np.sqrt(x - 1), np.log(x)), x),
        1.0,
        1.0,
        -1.0,
    ),
    "assigned over": (
        lambda x: PRIMITIVES["setitem"](np.sqrt(np.stack([x, x + 1])), x, index=(0,))[
            0
        ],
        0.0,
        1.0,
        0.0,
    ),
}


@pytest.mark.parametrize("name", STRONG)
def test_a_strong_zero_is_zero_in_both_modes_to_second_order(name):
    function, x, first, second = STRONG[name]
    once, twice = slopes(function, x)
    assert [s[0] for s in once] == [first] * 2
    assert [s[0] for s in twice] == [second] * 4


def test_a_zero_that_was_computed_keeps_its_nan():
    assert np.isnan(gradient(lambda x: np.sqrt(x) * np.sqrt(x), 0.0)[0])


def test_an_index_past_an_infinite_slope_is_zero_in_both_modes():
    for found in gradients(lambda x: np.sqrt(x)[1:].sum(), [0.0, 4.0]):
        assert found.tolist() == [0.0, 0.25]


def test_reversed_slices_and_gathers_carry_strong_zeros():
    for found in gradients(lambda x: np.sqrt(x)[::-1][:1].sum(), [0.0, 4.0]):
        assert found.tolist() == [0.0, 0.25]
    for found in gradients(lambda x: np.log(x)[np.argmax(x)], [0.0, 4.0]):
        assert found.tolist() == [0.0, 0.25]


def test_the_mean_over_chosen_entries_is_not_touched_by_the_others():
    x = np.array([0.0, 1.0, 4.0])

    def chosen(x):
        return np.sum(where(x > 0, np.sqrt(x), 0.0)) / np.count_nonzero(x > 0)

    for found in gradients(chosen, x):
        np.testing.assert_allclose(found, [0, 0.25, 0.125])


def test_conventions_are_told_in_the_records():
    told = {p.name for p in PRIMITIVES.values() if "convention" in p.source}
    assert {"maximum", "minimum", "max", "min", "abs", "norm", "relu"} <= told
