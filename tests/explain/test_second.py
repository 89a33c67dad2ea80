"""Second derivatives: closed forms as people write them, equal to the engine's own."""

import json

import numpy as np
import pytest

import whence
from whence.core.errors import DerivativeError, UserError
from whence.explain import second

X = np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 0.2], [0.5, 0.2, -0.7], [1.5, 0.1, 0.4]])
Y = np.array([1.0, -0.5, 0.2, 0.8])
W = np.array([0.5, -0.2, 0.1])
A = np.array([[1.0, 2.0, 0.0], [0.5, 3.0, -1.0], [0.2, 0.1, 2.0]])
BITS = np.array([0.0, 1.0, 1.0, 0.0])


def least_squares(w, X, y):
    return np.sum((X @ w - y) ** 2)


def mean_square(w, X, y):
    r = X @ w - y
    return np.mean(r**2)


def ridge(w, X, y, lam):
    r = X @ w - y
    return np.sum(r**2) + lam * np.sum(w**2)


def weighted(w, X, y, s):
    r = X @ w - y
    return np.sum(s * r**2)


def logistic(w, X, y):
    z = X @ w
    p = 1 / (1 + np.exp(-z))
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def poisson(w, X, y):
    z = X @ w
    e = np.exp(z)
    return np.sum(e - y * z)


def quadratic(w, A):
    return w @ A @ w


def softmax_loss(q, c):
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[c])


def total(q):
    return np.log(np.sum(np.exp(q)))


def separable(x):
    return np.sum(np.sin(x))


def length(x):
    return np.linalg.norm(x)


def kernel(x, y):
    u = x - y
    return np.exp(-np.sum(u**2) / 2)


def line(w, b, X, y):
    r = X @ w + b - y
    return np.mean(r**2)


def layer(W, x):
    return np.sum(np.tanh(W @ x))


HESSIANS = [
    (least_squares, (W, X, Y), "2*(X.T @ X)"),
    (mean_square, (W, X, Y), "(X.T @ X)/2"),
    (ridge, (W, X, Y, 0.1), "2*(lam*np.eye(3) + X.T @ X)"),
    (weighted, (W, X, Y, np.arange(1.0, 5)), "2*(X.T @ (s[:, None]*X))"),
    (logistic, (W, X, BITS), "X.T @ ((p*(1 - p))[:, None]*X)"),
    (poisson, (W, X, Y), "X.T @ (e[:, None]*X)"),
    (quadratic, (W, A), "A + A.T"),
    (softmax_loss, (W, 1), "np.diag(p) - np.outer(p, p)"),
    (separable, (W,), "-np.diag(np.sin(x))"),
    (kernel, (W, W + 1), "(np.outer(u, u) - np.eye(3))*kernel"),
]


# --------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("formula", "x", "second"),
    [
        ("(x**2 + 1)**3", 2.0, "(x**2 + 1)*(30*x**2 + 6)"),
        ("exp(-x**2)", 0.5, "np.exp(-x**2)*(4*x**2 - 2)"),
        ("sin(x)", 0.5, "-np.sin(x)"),
        ("log(x)", 0.5, "-1/x**2"),
        ("x**3", 0.5, "6*x"),
        ("3*x", 0.5, "0"),
        ("x*exp(x)", 0.5, "(x + 2)*np.exp(x)"),
    ],
)
def test_the_second_derivative_of_a_number_is_the_textbooks(formula, x, second):
    told = whence.explain(formula, x=x, order=2)
    assert told.checked, told.failure
    found = eval(told.result, {"np": np, "x": x})
    assert found == pytest.approx(eval(second, {"np": np, "x": x}))
    assert told.operations <= second.count("*") + second.count("+") + 4
    assert float(told.results["x"]) == pytest.approx(found)


def test_a_derivation_of_order_two_tells_the_first_before():
    text = str(whence.explain("exp(-x**2)", x=0.5, order=2))
    first, second = text.split("\n\n\n")
    assert "f(x), differentiated by x" in first
    assert "f′(x), differentiated by x" in second
    assert "∂²f/∂x² = f·(4x² − 2)" in second
    assert "f′ = −2" in second


def test_a_third_derivative_comes_of_the_second():
    told = whence.explain("sin(x)", x=0.5, order=3)
    assert told.result == "-np.cos(x)"
    assert "∂³f/∂x³ = −cos(x)" in str(told)
    assert "f″" in str(told)


def test_mixed_partials_of_two_numbers_stand_beside_each_other():
    told = whence.explain("x**2*y**3", x=0.5, y=2.0, wrt=("x", "y"), order=2)
    assert told.result.splitlines() == ["2*y**3", "6*x*y**2", "6*x**2*y"]
    assert {k: float(v) for k, v in told.results.items()} == {
        ("x", "x"): 16.0,
        ("x", "y"): 12.0,
        ("y", "y"): 3.0,
    }
    assert "∂²f/∂x∂y = 6x·y²" in str(told)


def test_entries_are_differentiated_one_by_one_where_the_function_takes_them_so():
    told = whence.explain("x**3", x=np.array([1.0, 2.0]), order=2)
    assert told.result == "6*x"
    np.testing.assert_allclose(told.results["x"], [6.0, 12.0])


# ---------------------------------------------------------------------- arrays


@pytest.mark.parametrize(
    ("function", "at", "form"), HESSIANS, ids=[f.__name__ for f, _, _ in HESSIANS]
)
def test_the_hessian_of_a_family_is_the_textbooks(function, at, form):
    told = whence.explain(function, *at, order=2)
    assert told.checked, told.failure
    (name,) = told.results
    assert f" = {form}\n" in told.code() or told.result == form
    np.testing.assert_allclose(
        told.results[name], whence.hessian(function)(*at), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("function", "at"), [(total, (W,)), (length, (W,))])
def test_a_hessian_of_outer_products_stays_one(function, at):
    told = whence.explain(function, *at, order=2)
    assert "np.outer" in told.result
    (found,) = told.results.values()
    np.testing.assert_allclose(found, whence.hessian(function)(*at), rtol=1e-9)


def test_a_hessian_is_printed_as_people_write_it():
    told = whence.explain(logistic, W, X, BITS, order=2)
    assert "H = Xᵀ diag(p ⊙ (1 − p)) X" in str(told)
    assert r"\nabla^2 \mathit{logistic} &= \boxed{X^{\top}\,\operatorname{diag}" in (
        told.latex()
    )


def test_the_blocks_of_two_inputs_are_read_off_one_by_one():
    told = whence.explain(line, W, 0.2, X, Y, wrt=("w", "b"), order=2)
    assert told.result.splitlines() == [
        "(X.T @ X)/2",
        "np.sum(X, axis=0)/2",
        "2",
    ]
    assert told.results["w", "b"].shape == (3,)


def test_where_no_matrix_can_be_read_off_the_product_with_v_is_given():
    told = whence.explain(layer, A, W, order=2)
    assert told.checked
    assert not told.story.curvatures
    assert "no matrix can be read off: this is H v" in str(told)
    assert "def hessian(W, x, v):" in told.code()
    v = told.story.point["v"]
    expected = whence.hvp(layer, (A, W), (v, np.zeros(3)))[0]
    np.testing.assert_allclose(told.results["W"], expected, rtol=1e-9)


def test_an_assumption_of_the_gradient_is_one_of_the_hessian():
    def loss(q, y):
        p = np.exp(q) / np.sum(np.exp(q))
        return -np.sum(y * np.log(p))

    told = whence.explain(loss, W, np.array([0.0, 1.0, 0.0]), order=2)
    assert told.result == "np.diag(p) - np.outer(p, p)"
    assert told.story.checks.assumptions == ("the entries of y sum to 1",)


# ----------------------------------------------------------------------- views


def test_every_view_of_a_second_derivative_is_written():
    told = whence.explain(logistic, W, X, BITS, order=2)
    document = json.loads(told.to_json())
    assert document["order"] == 2
    (matrix,) = document["curvatures"]
    assert matrix["by"] == ["w", "w"]
    np.testing.assert_allclose(matrix["value"], told.results["w"])
    assert [x["function"] for x in document["before"]] == ["logistic"]
    assert told.markdown().count("###") == 2
    assert told.html().count("<article") == 2
    assert told.steps


def test_lines_of_ones_own_about_second_derivatives_are_judged():
    told = whence.explain("(x**2 + 1)**3", x=2.0, order=2)
    assert told.judge(["f″ = 6(x² + 1)(5x² + 1)", "d²f/dx² = 6(x²+1)² + 24x²(x²+1)"])
    assert not told.judge("6(x² + 1)²")
    hessian = whence.explain(logistic, W, X, BITS, order=2)
    assert hessian.judge("H = Xᵀ diag(p ⊙ (1 − p)) X")
    assert not hessian.judge("H = Xᵀ X")


def test_a_gradient_that_is_explained_is_called_so():
    assert "f′(x), differentiated by x" in str(
        whence.explain(whence.grad("x**3"), x=2.0)
    )
    told = whence.explain(whence.grad("x**2*y", wrt="y"), x=2.0, y=1.0)
    assert "f_y(x, y), differentiated by x" in str(told)


def test_orders_that_there_are_not_are_refused():
    with pytest.raises(UserError, match="no order 0"):
        whence.explain("x**2", x=1.0, order=0)
    with pytest.raises(DerivativeError, match="third derivative by an array"):
        whence.explain(separable, W, order=3)


def test_a_derivation_that_stopped_goes_no_further():
    told = whence.explain("sqrt(x)", x=-1.0, order=2)
    assert not told.checked
    assert told.story.order == 1


# ------------------------------------------------------------- for all sizes


def mean_loss(w, b, X, y):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def penalised(w, X, y):
    r = X @ w - y
    return r @ r + 0.1 * w @ w


SIZES = {"w": "d", "X": "n d", "y": "n"}


def hessian_by_differences(f, w, *others):
    """The Hessian by w, from differences of the gradient."""
    gradient, step = whence.grad(f), 1e-6
    ways = step * np.eye(len(w))
    return np.array(
        [(gradient(w + v, *others) - gradient(w - v, *others)) / 2 / step for v in ways]
    )


@pytest.mark.parametrize("f", [penalised, logistic], ids=["penalised", "logistic"])
@pytest.mark.parametrize("n", [4, 9])
def test_a_hessian_for_all_sizes_gives_the_numbers_at_any(f, n):
    told = whence.explain(f, shapes=SIZES, order=2)
    assert told.checked, told.failure
    scope = {}
    exec(told.code(), scope)
    draw = np.random.default_rng(n)
    at = draw.normal(size=3), draw.normal(size=(n, 3)), draw.uniform(size=n)
    np.testing.assert_allclose(
        scope["hessian"](*at), hessian_by_differences(f, *at), rtol=1e-5, atol=1e-7
    )


def test_a_hessian_for_all_sizes_is_told_in_their_names():
    told = whence.explain(mean_loss, wrt=("w", "b"), shapes=SIZES, order=2)
    text = str(told)
    assert "= Xᵀ diag(p ⊙ (1 − p)) X/n" in text
    assert "= mean(diag(p ⊙ (1 − p)) X, axis=0)" in text
    assert "= mean(p ⊙ (1 − p))" in text
    assert "at 10 points (d = 5, n = 7; d = 13, n = 11)" in text
    whole = json.loads(told.to_json())
    matrices = [m for x in (whole, *whole["before"]) for m in x.get("curvatures", ())]
    assert [m["by"] for m in matrices] == [["w", "w"], ["w", "b"]]
    assert all(m["value"] is None for m in matrices)
    with pytest.raises(DerivativeError, match="no numbers"):
        _ = told.results


def test_a_second_derivative_by_a_number_needs_no_numbers_either():
    told = whence.explain("sum(exp(a*x))", wrt="a", shapes={"x": "n"}, order=2)
    assert told.checked and "∂²f/∂a²" in str(told)
    scope = {}
    exec(told.code(), scope)
    x = np.array([0.5, -1.0, 2.0])
    np.testing.assert_allclose(
        scope["derivative"](0.3, x), np.sum(x**2 * np.exp(0.3 * x))
    )


def test_numbers_with_names_for_sizes_have_a_hessian_in_these_names():
    told = whence.explain(penalised, W, X, BITS, shapes={"X": "n d", "w": "d"}, order=2)
    scope = {}
    exec(told.code(), scope)
    np.testing.assert_allclose(scope["hessian"](W, X, BITS), told.results["w"])


def test_a_hessian_that_is_another_at_other_sizes_is_not_told(monkeypatch):
    honest = second.shortest

    def other(x):
        return honest(x) if 5 in x.shape else x + x

    monkeypatch.setattr(second, "shortest", other)
    told = whence.explain(penalised, shapes=SIZES, order=2)
    assert not told.checked and not told.story.curvatures
