"""Stiff points: gradients of textbook code are right where the code overflows.

The truth is computed with 1000 digits from the formula as it is written. No library of
floats is an oracle here.
"""

import mpmath
import numpy as np
import pytest

import whence

LINE = np.linspace(-1000, 1000, 81)
EXTREMES = [-1000.0, -745.0, -100.0, -37.0, 0.0, 37.0, 100.0, 710.0, 1000.0]


@pytest.fixture(autouse=True)
def no_warnings():
    with np.errstate(all="ignore"):
        yield


def exact(function, *at, by=0):
    """A partial derivative, by differences of a function of reals with many digits.

    So many that e^2000 leaves a hundred.
    """
    with mpmath.workdps(1000):
        x = [mpmath.mpf(float(v)) for v in at]
        h = mpmath.mpf(10) ** -40
        up, down = list(x), list(x)
        up[by], down[by] = x[by] + h, x[by] - h
        return float((function(*up) - function(*down)) / (2 * h))


def exp(x):
    return mpmath.exp(x)


def right(found, wanted, rtol=1e-13):
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=1e-300)


def logistic(z, y):
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
def test_the_naive_logistic_loss_has_its_gradient_everywhere(y):
    def truth(z, y):
        p = 1 / (1 + exp(-z))
        return -(y * mpmath.log(p) + (1 - y) * mpmath.log(1 - p))

    found = np.array([whence.grad(logistic)(z, y) for z in LINE])
    wanted = np.array([exact(truth, z, y) for z in LINE[::10]])
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found[::10], wanted, rtol=1e-12, atol=1e-16)


def test_the_naive_logistic_loss_of_an_array_is_right_in_one_program():
    y = (np.arange(len(LINE)) % 2).astype(float)
    found = whence.grad(lambda z: np.sum(logistic(z, y)))(LINE)
    wanted = (
        np.where(LINE >= 0, 1, np.exp(-np.abs(LINE))) / (1 + np.exp(-abs(LINE))) - y
    )
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-16)


def test_weights_of_logistic_regression_get_finite_gradients_from_huge_scores():
    x = np.array([[1000.0, -500.0], [-2000.0, 100.0], [3.0, 4.0]])
    y = np.array([1.0, 0.0, 1.0])

    def loss(w, b):
        return np.mean(logistic(x @ w + b, y))

    dw, db = whence.grad(loss, wrt=(0, 1))(np.array([1.0, 1.0]), 0.5)
    scores = x @ np.array([1.0, 1.0]) + 0.5
    error = (scores > 0) - y + 0.0
    error[2] = 1 / (1 + np.exp(-scores[2])) - 1
    np.testing.assert_allclose(dw, x.T @ error / 3, rtol=1e-12)
    np.testing.assert_allclose(db, error.mean(), rtol=1e-12)


def plain_softmax(q):
    return np.exp(q) / np.sum(np.exp(q))


def shifted_softmax(q):
    e = np.exp(q - np.max(q))
    return e / np.sum(e)


@pytest.mark.parametrize("softmax", [plain_softmax, shifted_softmax])
@pytest.mark.parametrize("c", [0, 1, 2])
@pytest.mark.parametrize(
    "q", [[1e4, 9999.0, 0.0], [-1e4, 1e4, 3.0], [800.0, 0.0, -800.0], [0.1, 0.2, 0.3]]
)
def test_the_naive_softmax_likelihood_has_its_gradient_at_huge_logits(softmax, c, q):
    found = whence.grad(lambda q: -np.log(softmax(q)[c]))(np.array(q))
    with mpmath.workdps(100):
        e = [exp(mpmath.mpf(v)) for v in q]
        wanted = [float(e[i] / sum(e) - (i == c)) for i in range(3)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)
    assert np.all(np.isfinite(found))


def test_a_batch_of_naive_likelihoods_is_right_at_huge_logits():
    q = np.array([[1e4, 9999.0, 0.0], [-1e4, 1e4, 3.0], [0.1, 0.2, 0.3]])
    targets = np.eye(3)[[0, 2, 1]]

    def loss(q):
        p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
        return -np.mean(np.sum(targets * np.log(p), axis=1))

    e = np.exp(q - q.max(axis=1, keepdims=True))
    wanted = (e / e.sum(axis=1, keepdims=True) - targets) / 3
    found = whence.grad(loss)(q)
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


ENTRYWISE = {
    "a sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (1 + exp(-z))),
    "a sigmoid by e^z": (
        lambda z: np.exp(z) / (1 + np.exp(z)),
        lambda z: exp(z) / (1 + exp(z)),
    ),
    "softplus": (lambda z: np.log(1 + np.exp(z)), lambda z: mpmath.log(1 + exp(z))),
    "log of a sigmoid": (
        lambda z: np.log(1 / (1 + np.exp(-z))),
        lambda z: -mpmath.log(1 + exp(-z)),
    ),
    "tanh by exponentials": (
        lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
        lambda z: (exp(z) - exp(-z)) / (exp(z) + exp(-z)),
    ),
    "tanh by e^2z": (
        lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1),
        lambda z: (exp(2 * z) - 1) / (exp(2 * z) + 1),
    ),
    "swish": (lambda z: z / (1 + np.exp(-z)), lambda z: z / (1 + exp(-z))),
}


@pytest.mark.parametrize("name", ENTRYWISE)
@pytest.mark.parametrize("z", EXTREMES)
def test_a_function_spelled_out_has_its_derivative_at_large_arguments(name, z):
    function, same = ENTRYWISE[name]
    wanted = exact(same, z)
    found = whence.grad(function)(z)
    assert np.isfinite(found)
    # What is smaller than the rounding of an output (1 − t², say) may be lost.
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=2e-16)


@pytest.mark.parametrize("x", [[1e4, 9999.0, 0.0], [-1e4, -10001.0, -9999.5]])
def test_a_naive_logsumexp_has_its_gradient(x):
    with mpmath.workdps(100):
        e = [exp(mpmath.mpf(v)) for v in x]
        wanted = [float(v / sum(e)) for v in e]
    found = whence.grad(lambda x: np.log(np.sum(np.exp(x))))(np.array(x))
    right(found, wanted, 1e-12)


@pytest.mark.parametrize("x", [[3e200, 4e200], [3e-200, 4e-200], [3.0, 4.0]])
def test_a_naive_norm_has_its_gradient_at_any_size(x):
    for norm in (
        lambda x: np.sqrt(np.sum(x**2)),
        lambda x: np.sqrt(x[0] ** 2 + x[1] ** 2),
        lambda x: np.hypot(x[0], x[1]),
        lambda x: np.sqrt(x @ x),
    ):
        right(whence.grad(norm)(np.array(x)), [0.6, 0.8])


def test_a_norm_at_zero_has_the_gradient_zero():
    for norm in (np.linalg.norm, lambda x: np.sqrt(np.sum(x**2))):
        assert whence.grad(norm)(np.zeros(3)).tolist() == [0.0] * 3


@pytest.mark.parametrize("x", [1e-10, 1e-3, 1.0, 50.0])
def test_the_log_of_one_less_an_exponential_keeps_its_digits(x):
    found = whence.grad(lambda x: np.log(1 - np.exp(-x)))(x)
    right(found, exact(lambda x: mpmath.log(1 - exp(-x)), x))


@pytest.mark.parametrize(
    ("function", "x", "wanted"),
    [
        (lambda x: np.where(x > 0, np.log(x), 0.0), -1.0, 0.0),
        (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0),
        (lambda x: np.where(x == 0, 1.0, np.sin(x) / x), 0.0, 0.0),
        (lambda x: np.where(x < 100, np.exp(x), 0.0), 1000.0, 0.0),
        (lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0), -1.0, 0.0),
    ],
)
def test_a_branch_not_taken_does_not_spoil_the_gradient(function, x, wanted):
    assert whence.grad(function)(x) == wanted


def test_explain_agrees_with_grad_at_stiff_points():
    for z in (-1000.0, -40.0, 40.0, 1000.0):
        for y in (0.0, 1.0):
            derivation = whence.explain(logistic, z, y)
            assert derivation.checked
            np.testing.assert_allclose(
                derivation.results["z"], whence.grad(logistic)(z, y), atol=1e-15
            )
