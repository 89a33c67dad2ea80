"""Each mistake with an argument or a result is told in three parts."""

import numpy as np
import pytest

import whence
from whence import UserError, grad, jacobian, jvp, value_and_grad, vjp
from whence.core.errors import DerivativeError, ShapeError, TraceError


def f(x, y=2.0):
    return np.sum(x * x) * y


def refused(call, kind=UserError):
    with pytest.raises(kind) as error:
        call()
    what, where, remedy = str(error.value).split("\n")
    assert where.startswith("  at   test_arguments.py:")
    assert remedy.startswith("  try  ")
    return what, remedy.removeprefix("  try  ")


@pytest.mark.parametrize(
    ("bad", "what", "remedy"),
    [
        (np.array([1, 2]), "an array of int64", "x.astype(float)"),
        (np.array([True]), "an array of bool", "x.astype(float)"),
        (np.array([object()]), "an array of object", "x.astype(float)"),
        (np.array(["a"]), "an array of <U1", "an array of floats"),
        (True, "a bool", "float(x)"),
        ("text", "of type str", "a float or an array of floats"),
        (None, "None", "a float or an array"),
        (object(), "of type object", "a float or an array of floats"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "a masked array", ".filled(0)"),
        (np.ones((1, 1)).view(np.matrix), "a np.matrix", "np.asarray(x)"),
    ],
    ids=lambda x: str(x)[:20],
)
def test_an_argument_without_a_derivative_is_named(bad, what, remedy):
    said, tried = refused(lambda: grad(f)(bad), DerivativeError)
    assert said.startswith("argument 0 (x) of 'f' is ")
    assert what in said
    assert remedy in tried


def test_the_path_in_a_container_is_named():
    params = [{"w": [1.0, 2.0, "three"]}]
    said, _ = refused(lambda: grad(f)(params))
    assert "argument 0 (x) of 'f' holds at x[0]['w'][2] of type str" in said
    said, tried = refused(lambda: grad(f)({"W": np.array([1])}))
    assert "x['W']" in said
    assert tried == "x['W'].astype(float)"


def test_a_keyword_argument_is_named():
    said, _ = refused(lambda: grad(f, wrt="y")(1.0, y="a"))
    assert said.startswith("'y' of 'f' is of type str")


@pytest.mark.parametrize("wrt", [4, -3, "z", 1.5])
def test_an_unknown_argument_is_refused(wrt):
    said, _ = refused(lambda: grad(f, wrt)(1.0, 2.0))
    assert f"wrt={wrt!r}" in said


def test_the_arguments_that_there_are_are_listed():
    said, _ = refused(lambda: grad(f, 3)(1.0))
    assert said == "wrt=3, and 'f' was called with 1 argument (x)"


def test_an_argument_that_was_meant_by_its_place_is_named():
    with pytest.raises(DerivativeError) as error:
        grad(lambda w, x: w * x)(x=2.0)
    assert "the argument 0 is 'w', which has no value" in error.value.what
    assert error.value.remedy == "wrt='x', or a value for 'w'"


def test_a_call_without_arguments_has_nothing_to_differentiate_by():
    with pytest.raises(DerivativeError, match="nothing to differentiate by"):
        grad(lambda: 3.0)()


@pytest.mark.parametrize(
    ("function", "what", "remedy"),
    [
        (lambda x: None, "returned None", "forget to return"),
        (lambda x: "a", "returned a str", "numbers or arrays"),
        (lambda x: (x, x), "returned 2", "one value"),
    ],
)
def test_an_output_that_explain_cannot_take_is_described(function, what, remedy):
    with pytest.raises(DerivativeError) as error:
        whence.explain(function, 2.0)
    assert what in error.value.what
    assert remedy in error.value.remedy


def test_an_argument_named_twice_is_refused():
    refused(lambda: grad(f, (0, 0))(1.0))


@pytest.mark.parametrize("derivative", [grad, value_and_grad, jacobian, whence.hessian])
def test_what_cannot_be_called_is_refused(derivative):
    said, _ = refused(lambda: derivative(3.0), TraceError)
    assert said == "a function was expected, and 3.0 is of type float"


@pytest.mark.parametrize(
    ("function", "what", "remedy"),
    [
        (lambda x: None, "returned None", "did the function forget to return?"),
        (lambda x: x * np.ones(2), "returned shape (2,)", "jacobian(f), or the sum"),
        (lambda x: (x, x), "returned a tuple of 2", "has_aux=True"),
        (lambda x: {"a": x}, "returned a dict of 1", "has_aux=True"),
        (lambda x: "text", "returned a str", "a number"),
        (lambda x: 1j, "returned a complex", "two real arrays"),
    ],
    ids=["None", "array", "tuple", "dict", "str", "complex"],
)
def test_an_output_that_grad_cannot_take_is_described(function, what, remedy):
    said, tried = refused(lambda: grad(function)(1.0), DerivativeError)
    assert said.startswith("grad needs a scalar output; ")
    assert what in said
    assert remedy in tried


def test_the_function_is_named_in_messages():
    def forgetful(x):
        x * x

    assert "'forgetful' returned None" in refused(lambda: grad(forgetful)(1.0))[0]


def test_aux_needs_a_pair():
    said, _ = refused(lambda: grad(lambda x: x, has_aux=True)(1.0))
    assert "must return a pair" in said


def test_a_text_in_the_result_is_refused_by_the_matrices():
    said, _ = refused(lambda: jacobian(lambda x: (x, "a"))(1.0))
    assert "returned a str at [1] of its result" in said


def test_a_tangent_of_another_shape_is_refused():
    said, _ = refused(lambda: jvp(f, (np.ones(3),), (np.ones(2),)), ShapeError)
    assert said == ("the tangent of x has the shape (2,), and what it belongs to (3,)")


def test_a_cotangent_of_another_shape_is_refused():
    _, pullback = vjp(f, np.ones(3))
    refused(lambda: pullback(np.ones(2)), ShapeError)


def test_wrt_and_argnums_are_one():
    assert grad(f, argnums=1)(1.0, 3.0) == 1.0
    refused(lambda: grad(f, 0, argnums=0))


def test_too_few_arguments_are_pythons_own_error():
    with pytest.raises(TypeError, match="missing 1 required positional"):
        grad(lambda x, y: x)(1.0)


# ------------------------------------------------------------- what is accepted


def test_python_numbers_are_floats():
    assert grad(lambda x: x**2)(3) == 6.0
    assert isinstance(grad(lambda x: x**2)(3), np.float64)


def test_float32_stays():
    x = np.ones(3, np.float32)
    value, gradient = value_and_grad(lambda x: np.sum(x * 0.5))(x)
    assert (value.dtype, gradient.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(3.0).astype(">f8"),
        np.arange(6.0)[::-2],
        np.broadcast_to(2.0, (3,)),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3)),
        np.array(2.0),
    ],
    ids=["byte-swapped", "strided", "read-only", "fortran", "empty", "0-d"],
)
def test_arrays_of_any_layout_are_taken(array):
    gradient = grad(lambda x: np.sum(x * x))(array)
    np.testing.assert_array_equal(gradient, 2 * array)
    assert gradient.shape == array.shape


def test_static_arguments_are_what_they_are():
    def g(x, n, name, flag, h, nothing):
        assert type(n) is int and name == "a" and flag is True and nothing is None
        return h(x) ** n

    assert grad(g)(2.0, 3, "a", True, np.sin, None) == pytest.approx(
        3 * np.sin(2.0) ** 2 * np.cos(2.0)
    )


def test_integer_arrays_are_inputs():
    y = np.array([0, 2])
    gradient = grad(lambda x, y: np.sum(x[y]))(np.ones(3), y)
    np.testing.assert_array_equal(gradient, [1.0, 0.0, 1.0])


def test_keyword_arguments_are_differentiated_by_name():
    assert grad(f, "y")(2.0, y=5.0) == 4.0
    assert grad(f, ("y", "x"))(x=2.0, y=5.0) == (4.0, 20.0)
    assert grad(f)(x=2.0, y=5.0) == 20.0
    assert grad(f, -1)(2.0, 5.0) == 4.0


def test_the_caller_may_not_be_written_into():
    def g(x):
        x[0] = 1.0
        return x.sum()

    x = np.zeros(2)
    said, tried = refused(lambda: grad(g)(x))
    assert "argument" in said
    assert "copy" in tried
    assert not x.any()
