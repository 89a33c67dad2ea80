import numpy as np
import pytest

from whence import explain, grad, hvp, jvp, vjp
from whence.core.errors import DerivativeError

X = np.array([0.5, -1.0, 2.0])


def f(x, p):
    return {"a": np.sin(x) * p["k"], "b": np.sum(x)}


def test_the_inner_products_of_jvp_and_vjp_agree():
    primals = (X, {"k": 2.0})
    tangents = (np.array([1.0, 0.5, -1.0]), {"k": 0.25})
    _, y_dot = jvp(f, primals, tangents)
    _, pullback = vjp(f, *primals)
    y_bar = {"b": 3.0, "a": np.array([1.0, -2.0, 0.1])}
    x_bar, p_bar = pullback(y_bar)
    forward = y_bar["a"] @ y_dot["a"] + y_bar["b"] * y_dot["b"]
    reverse = x_bar @ tangents[0] + p_bar["k"] * tangents[1]["k"]
    assert forward == pytest.approx(reverse)


def test_the_output_is_that_of_the_function():
    y, _ = vjp(f, X, {"k": 2.0})
    np.testing.assert_allclose(y["a"], f(X, {"k": 2.0})["a"])
    assert y["b"] == X.sum()


def test_arguments_may_be_overwritten_before_the_pullback():
    x = X.copy()
    _, pullback = vjp(lambda x: x * x, x)
    x[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], 2 * X)


def test_an_output_that_rests_takes_a_cotangent():
    _, pullback = vjp(lambda x: (x * 2, 3.0, np.floor(x)), 1.5)
    assert pullback((1.0, 1.0, 1.0)) == (2.0,)
    assert jvp(lambda x: (x * 2, 3.0), (1.5,), (1.0,)) == ((3.0, 3.0), (2.0, 0.0))


def test_one_argument_may_stand_alone():
    assert jvp(lambda x: x**2, 3.0, 1.0) == (9.0, 6.0)
    np.testing.assert_allclose(hvp(lambda x: np.sum(x**3), X, np.ones(3)), 6 * X)


def test_modes_nest():
    cube = lambda x: x**3
    assert jvp(lambda x: vjp(cube, x)[1](1.0)[0], (2.0,), (1.0,)) == (12.0, 12.0)
    assert vjp(lambda x: jvp(cube, (x,), (1.0,))[1], 2.0)[1](1.0) == (12.0,)
    assert grad(lambda x: hvp(cube, x, 1.0))(2.0) == 6.0
    assert grad(lambda v: jvp(cube, (2.0,), (v,))[1])(1.0) == 12.0


def test_a_pullback_belongs_to_its_function():
    def g(x):
        _, pullback = vjp(lambda y: y * y * x, x)
        return pullback(x)[0]

    assert grad(g)(2.0) == 24.0  # of 2x³


def test_hvp_agrees_with_differences_of_gradients():
    loss = lambda p: np.sum(np.exp(p["a"]) * p["b"] ** 2)
    at = {"a": X, "b": X + 1}
    v = {"a": np.ones(3), "b": -X}
    found = hvp(loss, (at,), (v,))[0]
    step = lambda t: {k: at[k] + t * v[k] for k in at}
    ahead, behind = grad(loss)(step(1e-6)), grad(loss)(step(-1e-6))
    for k in at:
        np.testing.assert_allclose(
            found[k], (ahead[k] - behind[k]) / 2e-6, rtol=1e-5, atol=1e-7
        )


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (lambda z: z * z, lambda z: 2 * z),
        (lambda z: 1j * np.exp(z), lambda z: 1j * np.exp(z)),
        (lambda z: np.log(np.exp(z)), lambda z: 1.0),
    ],
    ids=["a square", "a complex constant", "a logarithm that is no inverse"],
)
def test_functions_with_a_complex_derivative_have_it_in_both_modes(f, derivative):
    z, v = 1 + 4j, np.complex128(0.5 - 1j)
    y, pullback = vjp(f, z)
    np.testing.assert_allclose(y, f(z))
    np.testing.assert_allclose(pullback(v)[0], derivative(z) * v)
    np.testing.assert_allclose(jvp(f, z, v), (f(z), derivative(z) * v))


def test_the_absolute_value_of_a_complex_number_is_refused():
    for call in (lambda: jvp(np.abs, 1j, 1j), lambda: vjp(np.abs, 1j)):
        with pytest.raises(DerivativeError, match="no complex derivative"):
            call()


def test_a_complex_program_is_not_explained():
    with pytest.raises(DerivativeError, match="of real numbers"):
        explain(lambda z: z * z, 1j)
