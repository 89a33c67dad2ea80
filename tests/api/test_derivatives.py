"""Gradients of plain NumPy functions agree with central differences."""

import math
import pickle
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from whence import elementwise_grad, grad, hessian, jacobian, jvp, trace, value_and_grad
from whence.core.errors import TraceError, UserError
from whence.core.tracer import Tracer

X = np.array([0.3, -0.7, 1.2])


class Layer(NamedTuple):
    W: object
    b: object


def differences(f, x):
    x = np.asarray(x, dtype=float)
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-6
        found[index] = (f((x + step)[()]) - f((x - step)[()])) / 2e-6
    return found


# ------------------------------------------------------------------- the zoo


def polynomial(x):
    return np.sum(3 * x**3 - x**2 / 4 + 7)


def branch(x):
    return np.sum(x**2) if x[0] > 0 else np.sum(np.sin(x))


def newton(x):
    guess = 1.0
    while abs(guess * guess - x @ x) > 1e-12:
        guess = (guess + (x @ x) / guess) / 2
    return guess


def early(x):
    for i in range(3):
        if x[i] < 0:
            return x[i] * x[0]
    return x[2]


def recurrence(x):
    h = np.zeros(2)
    for entry in x:
        h = np.tanh(h * 0.5 + entry * np.array([1.0, -2.0]))
    return h @ h


def by_comprehension(x):
    return sum([np.exp(-(v**2)) * i for i, v in enumerate(x)])


def helper(x, power=2):
    return x**power


def with_helpers(x):
    return np.sum(helper(x, power=3)) * np.mean(helper(x))


def in_place(x):
    y = np.zeros_like(x)
    y[0] = x[1] * x[2]
    y[1:] += x[:2] ** 2
    y *= 3.0
    return np.sum(y * x)


def unpacking(x):
    a, b, c = x
    return a * b + b * c + math.pi * a


def norm_and_where(x):
    return np.sqrt(np.sum(np.where(x > 0, x, 0.5 * x) ** 2))


def matrix(x):
    A = np.outer(x, x) + np.eye(3)
    return np.sum((A @ x) * x.T)


def reductions(x):
    return np.max(x) * np.min(x) + x.mean() * x.var() + np.prod(x)


def softmax_loss(x):
    e = np.exp(x - np.max(x))
    return -np.log(e[1] / np.sum(e))


def lambda_inside(x):
    square = lambda v: v * v
    return np.sum(square(x)) + sum(map(square, x))


def try_inside(x):
    try:
        return np.sum(x) / len(x)
    except TypeError:
        return 0.0


def dict_inside(x):
    d = {"a": x * 2, "b": x**2}
    return np.sum(d["a"] * d["b"])


def indexing(x):
    return np.sum(x[[0, 2, 2]] * x[::-1]) + x[-1]


ZOO = [
    polynomial,
    branch,
    newton,
    early,
    recurrence,
    by_comprehension,
    with_helpers,
    in_place,
    unpacking,
    norm_and_where,
    matrix,
    reductions,
    softmax_loss,
    lambda_inside,
    try_inside,
    dict_inside,
    indexing,
]
each_function = pytest.mark.parametrize("f", ZOO, ids=lambda f: f.__name__)


@each_function
def test_gradients_agree_with_differences(f):
    value, gradient = value_and_grad(f)(X)
    assert value == pytest.approx(f(X))
    np.testing.assert_allclose(gradient, differences(f, X), rtol=1e-6, atol=1e-8)


@each_function
def test_branches_are_taken_anew_at_each_point(f):
    for x in (X, -X, X[::-1], X * 0.1):
        np.testing.assert_allclose(grad(f)(x), differences(f, x), rtol=1e-5, atol=1e-7)


@each_function
def test_second_derivatives_agree_with_differences_of_gradients(f):
    v = np.array([1.0, -0.5, 0.25])
    ahead, behind = grad(f)(X + 1e-6 * v), grad(f)(X - 1e-6 * v)
    _, moved = jvp(grad(f), (X,), (v,))
    np.testing.assert_allclose(moved, (ahead - behind) / 2e-6, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(hessian(f)(X) @ v, moved, rtol=1e-9, atol=1e-9)


@each_function
def test_recognition_changes_no_gradient(f):
    kept = grad(f, recognise=False)(X)
    np.testing.assert_allclose(grad(f)(X), kept, rtol=1e-9, atol=1e-12)


# ------------------------------------------------------------ what comes back


@dataclass
class Model:
    W: np.ndarray
    b: float
    note: None = None


def test_a_gradient_is_built_like_its_argument():
    params = {
        "layers": [Layer(np.ones((2, 3)), np.zeros(2)), Layer(np.ones((1, 2)), 0.0)],
        "model": Model(np.ones(2), 1.0),
    }

    def loss(p):
        h = np.ones(3)
        for W, b in p["layers"]:
            h = W @ h + b
        return np.sum(h) * p["model"].b + np.sum(p["model"].W)

    gradient = grad(loss)(params)
    assert type(gradient["layers"][0]) is Layer
    assert gradient["layers"][0].W.shape == (2, 3)
    assert type(gradient["model"]) is Model
    assert gradient["model"].note is None
    np.testing.assert_array_equal(gradient["layers"][0].W, np.ones((2, 3)))


def test_a_constant_has_the_gradient_zero():
    np.testing.assert_array_equal(grad(lambda x: 3.0)(X), np.zeros(3))
    np.testing.assert_array_equal(grad(lambda x: 3)(X), np.zeros(3))
    assert grad(lambda x, y: y)(1.0, 2.0) == 0.0


def test_aux_comes_back_as_plain_values():
    def f(x):
        y = x * x
        return np.sum(y), {"y": y, "n": len(x), "text": "a", "none": None}

    gradient, aux = grad(f, has_aux=True)(X)
    np.testing.assert_array_equal(gradient, 2 * X)
    np.testing.assert_array_equal(aux["y"], X * X)
    assert type(aux["y"]) is np.ndarray
    assert (aux["n"], aux["text"], aux["none"]) == (3, "a", None)
    (value, again), gradient = value_and_grad(f, has_aux=True)(X)
    assert value == np.sum(X * X)
    np.testing.assert_array_equal(again["y"], X * X)


def test_results_share_no_memory():
    c = np.ones(3)
    first = grad(lambda x: np.sum(x * c))(X)
    first[:] = 7.0
    assert c.tolist() == [1.0, 1.0, 1.0]
    f = lambda x, y: np.sum(x + y)
    one, two = grad(f, (0, 1))(X, X)
    one[0] = 5.0
    assert two[0] == 1.0
    again = grad(f, (0, 1))(X, X)[0]
    assert again[0] == 1.0


def test_formulas_are_functions():
    gradient = grad("sigmoid(w*x + b)", wrt=("w", "b"))(w=1.0, x=2.0, b=-2.0)
    np.testing.assert_allclose(gradient, (0.5, 0.25))
    assert value_and_grad("x**2")(3.0) == (9.0, 6.0)


def test_methods_and_partials_are_functions():
    from functools import partial

    class Scaled:
        scale = 3.0

        def loss(self, x):
            return self.scale * np.sum(x * x)

        def __call__(self, x):
            return self.loss(x)

    np.testing.assert_allclose(grad(Scaled().loss)(X), 6 * X)
    np.testing.assert_allclose(grad(Scaled())(X), 6 * X)
    np.testing.assert_allclose(grad(partial(helper, power=3))(2.0), 12.0)
    np.testing.assert_allclose(grad(np.sin)(0.5), np.cos(0.5))


def test_a_derivative_pickles_and_says_what_it_is():
    derivative = grad(polynomial)
    assert derivative.__name__ == "grad(polynomial)"
    again = pickle.loads(pickle.dumps(derivative))
    np.testing.assert_array_equal(again(X), derivative(X))


def test_elementwise_derivatives_keep_the_shape():
    x = np.linspace(-2, 2, 9).reshape(3, 3)
    np.testing.assert_allclose(elementwise_grad(np.tanh)(x), 1 - np.tanh(x) ** 2)
    second = elementwise_grad(elementwise_grad(np.sin))
    np.testing.assert_allclose(second(x), -np.sin(x), atol=1e-12)


# -------------------------------------------------------------------- nesting


def test_derivatives_nest_to_third_order():
    assert grad(grad(grad(lambda x: x**4)))(2.0) == 48.0
    inner = lambda x: x * grad(lambda y: x * y)(1.0)
    assert grad(inner)(3.0) == 6.0
    assert grad(grad(inner))(3.0) == 2.0
    deep = lambda x: grad(lambda y: grad(lambda z: x * y * z**2)(y) * x)(x)
    assert grad(deep)(2.0) == 48.0


def test_a_captured_outer_value_keeps_its_derivative():
    def f(x):
        g = grad(lambda y: np.sum(x * y**2))(np.ones(3))
        return np.sum(g * g)

    np.testing.assert_allclose(grad(f)(X), 8 * X)


def test_a_hessian_may_be_used_inside():
    f = lambda x: np.sum(hessian(lambda y: np.sum(y**3))(x))
    np.testing.assert_allclose(grad(f)(X), np.full(3, 6.0))


def test_a_jacobian_may_be_used_inside():
    f = lambda x: np.sum(jacobian(lambda y: y * y * x[0])(x) ** 2)
    np.testing.assert_allclose(grad(f)(X), differences(f, X), rtol=1e-5)


def test_a_branch_inside_is_seen_outside():
    def f(x):
        return grad(lambda y: y * x if x > 0 else -y * x)(1.0)

    assert grad(f)(2.0) == 1.0
    assert grad(f)(-2.0) == -1.0


def test_aux_of_an_inner_gradient_keeps_its_derivative():
    def f(x):
        gradient, aux = grad(lambda y: (y * x, x * x), has_aux=True)(2.0)
        return gradient + aux

    assert grad(f)(3.0) == 7.0


# ----------------------------------------------------------------- exceptions


def test_an_exception_of_the_function_passes_through():
    class MyError(Exception):
        pass

    def f(x):
        raise MyError("here")

    with pytest.raises(MyError, match="here"):
        grad(f)(1.0)
    assert grad(lambda x: x * x)(2.0) == 4.0


def test_endless_recursion_is_a_recursion_error():
    def f(x):
        return f(x) + 1

    with pytest.raises(RecursionError):
        grad(f)(1.0)


def test_a_traced_value_that_leaks_is_refused():
    kept = []

    def f(x):
        kept.append(x * x)
        return x

    grad(f)(2.0)
    assert isinstance(kept[0], Tracer)
    with pytest.raises(TraceError, match="after that has ended"):
        grad(lambda x: x * kept[0])(1.0)
    with pytest.raises(TraceError, match="after that has ended"):
        grad(lambda x: x * x)(kept[0])


def test_a_detached_number_is_refused():
    with pytest.raises(UserError, match="lose its derivative"):
        grad(lambda x: math.sin(x))(1.0)


def test_numpys_wrapping_of_our_error_is_taken_off():
    with pytest.raises(UserError):
        grad(lambda x: np.frombuffer(np.array([x, x])).sum())(1.0)


# ---------------------------------------------------------------------- size


def test_a_long_loop_is_no_problem():
    def f(x):
        for _ in range(5_000):
            x = np.sin(x) * 0.5 + x * 0.9
        return np.sum(x)

    x = np.ones(2) * 0.1
    assert len(trace(f, x).equations) == 20_001
    np.testing.assert_allclose(grad(f)(x), differences(f, x), rtol=1e-4, atol=1e-9)
