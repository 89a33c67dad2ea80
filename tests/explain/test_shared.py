"""What a derivation would repeat gets one name, and what is clipped is said to be."""

import numpy as np
import pytest

import whence

rng = np.random.default_rng(0)
ROWS = rng.normal(size=(4, 3))
VECTOR, GAIN, SHIFT, PROBE = rng.normal(size=(4, 5))


def layer_norm(x, gamma, beta, v):
    m = np.mean(x)
    s = np.sqrt(np.mean((x - m) ** 2) + 1e-5)
    xh = (x - m) / s
    return np.dot(v, gamma * xh + beta)


def batch_norm(X, gamma, V):
    m = np.mean(X, axis=0)
    s = np.sqrt(np.mean((X - m) ** 2, axis=0) + 1e-5)
    Xh = (X - m) / s
    return np.sum(V * gamma * Xh)


def layer_norm_in_one_line(x, gamma, beta, v):
    xh = (x - np.mean(x)) / np.sqrt(np.var(x) + 1e-5)
    return np.sum(v * (gamma * xh + beta))


def huber(p, y, d):
    r = p - y
    return np.sum(np.where(np.abs(r) <= d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)))


@pytest.mark.parametrize("function", [layer_norm, layer_norm_in_one_line])
def test_layer_norm_names_the_cotangent_that_it_repeats(function):
    found = whence.explain(function, VECTOR, GAIN, SHIFT, PROBE, wrt="x")
    text = str(found)
    assert found.operations == 8
    assert "where     δxh = γ ⊙ v" in text
    assert "(δxh − xh·(xhᵀ δxh)/5 − mean(δxh))/" in text
    space = {}
    exec(found.code(), space)
    at = {"x": VECTOR, "gamma": GAIN, "beta": SHIFT, "v": PROBE}
    takes = space["gradient"].__code__.co_varnames
    by_code = space["gradient"](**{k: x for k, x in at.items() if k in takes})
    np.testing.assert_allclose(by_code, whence.grad(function)(*at.values()), rtol=1e-9)


def test_batch_norm_is_written_in_the_normalised_rows():
    found = whence.explain(batch_norm, ROWS, GAIN[:3], ROWS[::-1], wrt="X")
    assert found.operations == 8
    assert "Xh" in found.result
    assert "u" not in found.result.replace("sum", "").replace("num", "")


def test_the_slope_of_a_huber_loss_is_clipped():
    found = whence.explain(huber, VECTOR, GAIN, 0.5, wrt="p")
    assert found.result == "np.clip(r, -d, d)"
    assert "d ≥ 0" in str(found)
    assert "where(|r| > d" in str(found), "the form in general stands beside it"


def test_a_bound_that_is_a_number_needs_no_assumption():
    found = whence.explain(lambda p, y: huber(p, y, 1.0), VECTOR, GAIN, wrt="p")
    assert "clip" in found.result
    assert "assuming" not in str(found)


def test_a_negative_bound_is_no_clip():
    found = whence.explain(huber, VECTOR, GAIN, -0.5, wrt="p")
    assert "clip" not in found.result
    assert found.checked
