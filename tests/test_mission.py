"""The mission: seven systems, from the chain rule to deep networks, with numbers."""

from itertools import pairwise

import numpy as np
import pytest

import whence

rng = np.random.default_rng(7)
START = rng.bit_generator.state


@pytest.fixture(autouse=True)
def the_same_numbers_for_each_test():
    """Start the numbers anew, whichever tests ran before in the same process."""
    rng.bit_generator.state = START


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(q):
    return np.exp(q) / np.sum(np.exp(q))


def logistic(w, b, x, y):
    y_hat = sigmoid(w @ x + b)
    return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))


def softmax_regression(W, b, x, c):
    return -np.log(softmax(W @ x + b)[c])


def layers(X, parameters):
    """The outputs of every layer of a network of tanh, the last without it."""
    outputs = [X]
    for i, (W, b) in enumerate(parameters):
        A = outputs[-1] @ W + b
        outputs.append(A if i == len(parameters) - 1 else np.tanh(A))
    return outputs


def loss(parameters, X, Y):
    return np.sum((layers(X, parameters)[-1] - Y) ** 2) / (2 * len(X))


def parameters_of(depth, wide=4):
    widths = [3, *[wide] * (depth - 1), 2]
    return [
        (rng.normal(size=(m, n)) / np.sqrt(m), rng.normal(size=n) / 4)
        for m, n in pairwise(widths)
    ]


def differences(function, x, step=1e-6):
    """The gradient of a function of one array by central differences."""
    found = np.zeros(np.shape(x))
    for entry in np.ndindex(found.shape):
        up, down = np.array(x, float), np.array(x, float)
        up[entry] += step
        down[entry] -= step
        found[entry] = (function(up) - function(down)) / (2 * step)
    return found


# ---------------------------------------------------------- 1. composite functions


def test_a_composite_has_the_product_of_the_slopes_along_it():
    function = lambda x: (x**2 + 1) ** 3
    assert whence.grad(function)(2.0) == 300.0
    assert whence.explain(function, 2.0).result == "6*x*(x**2 + 1)**2"
    for x in (-1.5, 0.0, 0.3):
        u = x**2 + 1
        assert whence.grad(function)(x) == pytest.approx(3 * u**2 * 2 * x)


# -------------------------------------------------------------------- 2. sigmoid


@pytest.mark.parametrize("z", np.linspace(-30, 30, 13))
def test_the_slope_of_the_sigmoid_is_written_in_its_output(z):
    s = sigmoid(z)
    assert whence.grad(sigmoid)(z) == pytest.approx(s * (1 - s), rel=1e-9, abs=1e-15)
    assert whence.explain(sigmoid, z).operations == 2


# --------------------------------------------------------- 3. logistic regression


@pytest.mark.parametrize("y", [0.0, 1.0, 0.25])
def test_logistic_regression_has_the_error_times_the_input(y):
    w, b, x = rng.normal(size=3), 0.3, rng.normal(size=3)
    dw, db, dx = whence.grad(logistic, wrt=("w", "b", "x"))(w, b, x, y)
    error = sigmoid(w @ x + b) - y
    np.testing.assert_allclose(dw, error * x, rtol=1e-12)
    np.testing.assert_allclose(db, error, rtol=1e-12)
    np.testing.assert_allclose(dx, error * w, rtol=1e-12)


def test_gradient_descent_learns_a_line_between_two_clouds():
    X = np.vstack([rng.normal(size=(40, 2)) + 2, rng.normal(size=(40, 2)) - 2])
    y = np.repeat([1.0, 0.0], 40)

    def mean_loss(w, b):
        p = sigmoid(X @ w + b)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    w, b, first = np.zeros(2), 0.0, mean_loss(np.zeros(2), 0.0)
    step = whence.grad(mean_loss, wrt=("w", "b"))
    for _ in range(200):
        dw, db = step(w, b)
        w, b = w - 0.5 * dw, b - 0.5 * db
    assert mean_loss(w, b) < 0.1 * first
    assert np.mean((X @ w + b > 0) == (y == 1)) >= 0.97


# --------------------------------------------------------------------- 4. softmax


def test_the_jacobian_of_softmax_is_p_times_delta_less_p():
    q = rng.normal(size=4)
    p = softmax(q)
    wanted = p[:, None] * (np.eye(4) - p)
    np.testing.assert_allclose(whence.jacobian(softmax)(q), wanted, rtol=1e-12)
    for c in range(4):
        found = whence.grad(lambda q, c=c: softmax(q)[c])(q)
        np.testing.assert_allclose(found, wanted[c], rtol=1e-12)


# ---------------------------------------------------------- 5. softmax regression


@pytest.mark.parametrize("c", [0, 1, 2])
def test_softmax_regression_has_the_outer_product_of_error_and_input(c):
    W, b, x = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=2)
    dW, db, dx = whence.grad(softmax_regression, wrt=("W", "b", "x"))(W, b, x, c)
    error = softmax(W @ x + b) - np.eye(3)[c]
    np.testing.assert_allclose(dW, np.outer(error, x), rtol=1e-11)
    np.testing.assert_allclose(db, error, rtol=1e-11)
    np.testing.assert_allclose(dx, W.T @ error, rtol=1e-11)
    assert np.sum(db) == pytest.approx(0, abs=1e-14)


# -------------------------------------------------------- 6. networks of any depth


@pytest.mark.parametrize("depth", range(1, 7))
def test_the_recursion_of_layers_is_the_gradient(depth):
    parameters = parameters_of(depth)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    found = whence.grad(loss)(parameters, X, Y)
    H = layers(X, parameters)
    D = (H[-1] - Y) / len(X)
    for layer in reversed(range(depth)):
        dW, db = found[layer]
        np.testing.assert_allclose(dW, H[layer].T @ D, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(db, D.sum(axis=0), rtol=1e-10, atol=1e-14)
        D = (D @ parameters[layer][0].T) * (1 - H[layer] ** 2)


@pytest.mark.parametrize("depth", range(1, 7))
def test_every_layer_agrees_with_differences(depth):
    parameters = parameters_of(depth, wide=3)
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    found = whence.grad(loss)(parameters, X, Y)
    for layer, (W, b) in enumerate(parameters):

        def moved(pair, layer=layer):
            return loss([*parameters[:layer], pair, *parameters[layer + 1 :]], X, Y)

        dW, db = found[layer]
        wanted = differences(lambda W, b=b, moved=moved: moved((W, b)), W)
        np.testing.assert_allclose(dW, wanted, rtol=1e-6, atol=1e-9)
        wanted = differences(lambda b, W=W, moved=moved: moved((W, b)), b)
        np.testing.assert_allclose(db, wanted, rtol=1e-6, atol=1e-9)


def test_a_deep_network_learns_by_gradient_descent():
    parameters = parameters_of(3, wide=8)
    X = rng.normal(size=(60, 3))
    Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2] / 2])
    step, first = whence.value_and_grad(loss), loss(parameters, X, Y)
    for _ in range(300):
        value, slopes = step(parameters, X, Y)
        parameters = [
            (W - 0.3 * dW, b - 0.3 * db)
            for (W, b), (dW, db) in zip(parameters, slopes, strict=True)
        ]
    assert value < 0.2 * first


# --------------------------------------------------- 7. paths, and every other mode


@pytest.mark.parametrize(
    ("f", "at", "by"),
    [
        ("-(y*log(p) + (1 - y)*log(1 - p))", {"p": 0.3, "y": 1.0}, "p"),
        ("x*sin(x) + x**2", {"x": 0.7}, "x"),
        ("x**x", {"x": 1.7}, "x"),
        ("exp(-a*x)*cos(x)/(1 + x**2)", {"a": 0.5, "x": 0.7}, "x"),
        ("(w*x + b)**2 + w*b", {"w": 1.5, "x": 2.0, "b": -0.3}, "w"),
    ],
)
def test_the_contributions_of_the_paths_sum_to_the_gradient(f, at, by):
    told = whence.explain(f, wrt=by, at=at)
    paths = told.paths[by]
    assert len(paths) > 1
    gradient = whence.grad(f, wrt=by)(**at)
    assert float(told.results[by]) == pytest.approx(gradient, rel=1e-12)
    total = sum(float(p.number) for p in paths)
    assert total == pytest.approx(gradient, rel=1e-12)
    assert sum(p.share for p in paths) == pytest.approx(1)


SYSTEMS = {
    "composite": (lambda x: np.sum((x**2 + 1) ** 3), rng.normal(size=3)),
    "sigmoid": (lambda x: np.sum(sigmoid(x)), rng.normal(size=3)),
    "logistic": (lambda w: logistic(w, 0.3, w[::-1], 1.0), rng.normal(size=3)),
    "softmax": (lambda q: -np.log(softmax(q)[1]), rng.normal(size=3)),
    "softmax regression": (
        lambda W: softmax_regression(W, 0.1, np.array([0.3, -1.2]), 2),
        rng.normal(size=(3, 2)),
    ),
    "network": (
        lambda W: loss([(W, 0.1), (W.T, 0.2)], np.eye(3), np.eye(3)),
        rng.normal(size=(3, 2)),
    ),
    "logsumexp": (lambda x: np.log(np.sum(np.exp(x))), rng.normal(size=3)),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_forward_reverse_and_explained_derivatives_agree(name):
    function, x = SYSTEMS[name]
    gradient = whence.grad(function)(x)
    direction = rng.normal(size=x.shape)
    _, pushed = whence.jvp(function, (x,), (direction,))
    assert float(pushed) == pytest.approx(float(np.sum(gradient * direction)))
    np.testing.assert_allclose(gradient, differences(function, x), rtol=1e-5, atol=1e-8)
    told = whence.explain(function, x)
    assert told.checked
    (explained,) = told.results.values()
    np.testing.assert_allclose(explained, gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SYSTEMS)
def test_second_derivatives_agree_in_every_way(name):
    function, x = SYSTEMS[name]
    slope = whence.grad(function)
    hessian = whence.hessian(function)(x)
    direction = rng.normal(size=x.shape)
    product = np.tensordot(hessian, direction, axes=x.ndim)
    again = whence.hvp(function, x, direction)
    np.testing.assert_allclose(again, product, rtol=1e-9, atol=1e-12)
    nested = whence.grad(lambda x: np.sum(slope(x) * direction))(x)
    np.testing.assert_allclose(nested, product, rtol=1e-9, atol=1e-12)
    step = 1e-5
    wanted = (slope(x + step * direction) - slope(x - step * direction)) / (2 * step)
    np.testing.assert_allclose(product, wanted, rtol=1e-5, atol=1e-7)


def test_third_derivatives_of_a_composite_are_those_of_the_polynomial():
    third = whence.grad(whence.grad(whence.grad(lambda x: (x**2 + 1) ** 3)))
    assert third(2.0) == pytest.approx(120 * 8 + 72 * 2)
