import numpy as np
import pytest

from whence import (
    custom_derivative,
    elementwise_grad,
    grad,
    hessian,
    jacobian,
    jvp,
    stop_gradient,
    trace,
    vjp,
)
from whence.core import check
from whence.core.errors import DerivativeError


@custom_derivative
def cube(x):
    """The third power."""
    return x * x * x


@cube.vjp
def _(y_bar, x):
    return 3 * x**2 * y_bar


@custom_derivative
def stretched(x):
    return np.exp(x)


@stretched.jvp
def _(primals, tangents):
    y = stretched(*primals)
    return y, 7 * y * tangents[0]


def test_a_function_with_a_derivative_is_a_function():
    assert cube(2.0) == 8.0
    assert cube.__doc__ == "The third power."
    np.testing.assert_array_equal(cube(np.arange(3)), [0, 1, 8])


def test_it_is_one_equation():
    graph = check.check(trace(lambda x: cube(x) + 1, 2.0))
    assert [e.primitive.name for e in graph.equations] == ["custom", "add"]
    assert graph(2.0) == (9.0,)


@pytest.mark.parametrize("x", [2.0, np.array([1.0, -2.0])], ids=["number", "array"])
def test_a_rule_for_vjp_serves_both_modes_and_all_orders(x):
    by = elementwise_grad
    np.testing.assert_allclose(by(cube)(x), 3 * x**2)
    np.testing.assert_allclose(jvp(cube, x, np.ones_like(x))[1], 3 * x**2)
    np.testing.assert_allclose(by(by(cube))(x), 6 * x)
    np.testing.assert_allclose(by(by(by(cube)))(x), np.full_like(x, 6.0))


def test_a_rule_that_calls_the_function_holds_to_all_orders():
    assert grad(stretched)(0.0) == 7.0
    assert grad(grad(stretched))(0.0) == 49.0
    assert grad(grad(grad(stretched)))(0.0) == 343.0
    assert jvp(grad(stretched), 0.0, 1.0) == (7.0, 49.0)


def test_static_arguments_and_containers_are_passed_on():
    @custom_derivative
    def f(x, n, p, name=None):
        assert name == "a"
        return {"a": x * n * np.array([1.0, 2.0]), "b": p["k"]}

    @f.jvp
    def _(primals, tangents):
        (_, n, _, name), (x_dot, n_dot, p_dot, name_dot) = primals, tangents
        assert (n, name, n_dot, name_dot) == (3, "a", None, None)
        return None, {"a": 10 * n * x_dot, "b": p_dot["k"]}

    found = jacobian(lambda x, p: f(x, 3, p, name="a"), (0, 1))(np.ones(2), {"k": 2.0})
    np.testing.assert_array_equal(found["a"][0], 30 * np.eye(2))
    assert found["b"][1]["k"] == 1.0


def test_an_argument_without_a_cotangent_rests():
    @custom_derivative
    def f(x, y):
        return x * y

    @f.vjp
    def _(z_bar, x, y):
        return z_bar * y, None

    assert grad(f, (0, 1))(2.0, 3.0) == (3.0, 0.0)
    assert vjp(f, 2.0, 3.0)[1](1.0) == (3.0, 0.0)
    assert hessian(lambda x: f(x, x))(2.0) == 1.0


def test_integer_arrays_are_arguments_that_rest():
    @custom_derivative
    def pick(x, i):
        return x[i]

    @pick.jvp
    def _(primals, tangents):
        assert tangents[1] is None
        return None, 5 * tangents[0][primals[1]]

    found = grad(lambda x: np.sum(pick(x, np.array([0, 0]))))(np.ones(3))
    np.testing.assert_array_equal(found, [10.0, 0.0, 0.0])


def refusal(call):
    with pytest.raises(DerivativeError) as error:
        call()
    return error.value.what


def test_a_function_without_a_rule_is_refused():
    @custom_derivative
    def bare(x):
        return x

    assert refusal(lambda: grad(bare)(1.0)) == "'bare' has no derivative yet"
    assert bare(1.0) == 1.0


BENT = {
    "exp": lambda x, x_dot: np.exp(x_dot),
    "square": lambda x, x_dot: x_dot * x_dot,
    "offset": lambda x, x_dot: x_dot * x + 1.0,
    "quotient": lambda x, x_dot: x / x_dot,
    "choice": lambda x, x_dot: np.where(x > 0, x_dot, x),
    "clip": lambda x, x_dot: np.clip(x_dot, -1, 1),
}
STRAIGHT = {
    "zero": lambda x, x_dot: 0.0,
    "choice": lambda x, x_dot: np.where(x > 0, x_dot * 2, 0.0),
    "quotient": lambda x, x_dot: (x_dot - 0) / x + np.zeros(2) * x_dot,
    "joined": lambda x, x_dot: np.concatenate([x_dot[:1] * x[0], np.zeros(1)]),
    "mean": lambda x, x_dot: np.mean(x_dot) * x + np.sum(x_dot),
}


@pytest.mark.parametrize("tangent", BENT.values(), ids=BENT)
def test_a_rule_that_is_not_linear_is_refused(tangent):
    f = custom_derivative(lambda x: x * 1.0)
    f.jvp(lambda primals, tangents: (None, tangent(primals[0], tangents[0])))
    assert "is not linear" in refusal(lambda: jvp(f, np.ones(2), np.ones(2)))
    f.vjp(lambda y_bar, x: tangent(x, y_bar))
    assert "is not linear" in refusal(lambda: jacobian(f)(np.ones(2)))


@pytest.mark.parametrize("tangent", STRAIGHT.values(), ids=STRAIGHT)
def test_a_rule_that_is_linear_is_transposed(tangent):
    x = np.array([1.0, 2.0])
    f = custom_derivative(lambda x: x * 1.0)
    f.jvp(lambda primals, tangents: (None, tangent(primals[0], tangents[0])))
    expected = np.stack([np.broadcast_to(tangent(x, e), 2) for e in np.eye(2)], 1)
    np.testing.assert_allclose(jacobian(f)(x), expected)
    g = custom_derivative(lambda x: x * 1.0)
    g.vjp(lambda y_bar, x: tangent(x, y_bar))
    np.testing.assert_allclose(jacobian(g)(x), expected.T)
    np.testing.assert_allclose(jvp(g, x, np.ones(2))[1], expected.T @ np.ones(2))


def test_a_rule_of_another_form_is_refused():
    @custom_derivative
    def f(x, y):
        return x

    f.jvp(lambda x, x_dot: x_dot[0])
    assert "no pair" in refusal(lambda: grad(f)(1.0, 2.0))
    f.vjp(lambda z_bar, x, y: z_bar)
    assert "must return 2 cotangents" in refusal(lambda: grad(f)(1.0, 2.0))


def test_what_is_captured_must_be_an_argument():
    def outer(x):
        @custom_derivative
        def f(y):
            return x * y

        f.vjp(lambda z_bar, y: z_bar * y)
        return f(2.0 * x)

    assert "from around it" in refusal(lambda: grad(outer)(1.0))


# ------------------------------------------------------------------- at rest


def test_what_is_stopped_does_not_move():
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3.0
    assert grad(lambda x: stop_gradient(x) ** 2)(3.0) == 0.0
    assert grad(grad(lambda x: x**2 * stop_gradient(x)))(3.0) == 6.0
    assert jvp(lambda x: stop_gradient(x) * 2, 3.0, 1.0) == (6.0, 0.0)


def test_containers_and_numbers_may_be_stopped():
    assert stop_gradient({"a": 1.0, "n": 2}) == {"a": 1.0, "n": 2}
    f = lambda p: p["a"] * stop_gradient(p)["a"]
    assert grad(f)({"a": 3.0}) == {"a": 3.0}
