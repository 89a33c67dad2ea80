"""Check my step: right lines hold however written; wrong ones are found out."""

import json

import numpy as np
import pytest

import whence
from whence.frontend.formula import FormulaError

LOSS = "z = w*x + b; y_hat = 1/(1 + exp(-z)); -(y*log(y_hat) + (1 - y)*log(1 - y_hat))"
X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.3, 0.4]])


def network(X, W1, b1, W2, b2, Y):
    A = X @ W1 + b1
    H = np.tanh(A)
    Z = H @ W2 + b2
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(X)


def mean_square(w, X, y):
    r = X @ w - y
    return np.mean(r**2)


def softmax_regression(W, x, b, c):
    q = W @ x + b
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[c])


@pytest.fixture(scope="module")
def of_loss():
    return whence.explain(LOSS, w=0.5, x=2.0, b=-0.5, y=1.0)


@pytest.fixture(scope="module")
def of_power():
    return whence.explain("(x**2 + 1)**3", x=2.0)


@pytest.fixture(scope="module")
def of_network():
    at = {
        "X": X,
        "W1": np.array([[0.5, -0.5, 0.1, 0.2], [0.25, 0.3, -0.2, 0.1]]),
        "b1": np.zeros(4),
        "W2": np.array([[1.0, -1.0], [0.5, 0.5], [-0.5, 1.0], [0.1, 0.2]]),
        "b2": np.zeros(2),
        "Y": np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
    }
    return whence.explain(network, at=at, wrt=("W1", "b1", "W2", "b2"))


@pytest.fixture(scope="module")
def of_form():
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    return whence.explain("x @ A @ x", x=np.array([1.0, 2.0]), A=A)


def only(verdict):
    (line,) = verdict.lines
    return line


# ----------------------------------------------------------------------- right


@pytest.mark.parametrize(
    "line",
    [
        "(y_hat - y)*x",
        "dL/dw = (ŷ − y)·x",
        "ŷ·x − y·x",
        "x*(sigmoid(w*x + b) - y)",
        "dL/dz = y_hat - y",
        "dL/dz = dL/dy_hat * dy_hat/dz",
        "dL/dw = dL/dz · dz/dw",
        "∂L/∂ŷ = −y/ŷ + (1 − y)/(1 − ŷ)",
        "dy_hat/dz = ŷ(1 − ŷ)",
        "dz = y_hat - y",
        "dz/dw = x",
        "z = w x + b",
        "dL/db = ŷ − y",
    ],
)
def test_a_right_line_holds_however_it_is_written(of_loss, line):
    verdict = of_loss.judge(line)
    assert verdict
    assert only(verdict).status == "equal", verdict
    assert only(verdict).points >= 3


@pytest.mark.parametrize(
    "line",
    ["u = x² + 1", "du = 2x", "du/dx = 2x", "du = 2x dx", "f′ = 3u²·2x", "= 6x(x²+1)²"],
)
def test_names_that_the_derivation_gives_may_be_used(of_power, line):
    assert only(of_power.judge(line)).status == "equal"


def test_the_remark_counts_the_operations_beyond_the_closed_form(of_loss):
    assert only(of_loss.judge("(y_hat - y)*x")).remark == "the same form"
    more = only(of_loss.judge("y_hat*x - y*x")).remark
    assert more == "1 operation more than the closed form"


def test_the_gradients_of_a_network_are_judged_line_by_line(of_network):
    verdict = of_network.judge(
        [
            "dZ = (P − Y)/3",
            "dW2 = Hᵀ dZ",
            "db2 = dZ.sum(axis=0)",
            "dH = dZ W₂ᵀ",
            "dA = dH ⊙ (1 − H²)",
            "dW1 = Xᵀ dA",
        ]
    )
    assert verdict, verdict
    assert [x.status for x in verdict.lines] == ["assuming", *["equal"] * 5]


def test_one_hot_vectors_are_written_as_they_are_printed():
    W = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    at = {"W": W, "x": np.array([1.0, 2.0]), "b": np.zeros(3), "c": 1}
    told = whence.explain(softmax_regression, at=at)
    assert only(told.judge("(p − e_1) ⊗ x")).remark == "the same form"
    assert only(told.judge("dL/dp = -e_1/p[c]")).status == "equal"


def test_a_name_of_ones_own_may_be_used_and_differentiated_by(of_power):
    verdict = of_power.judge(["t = x²", "dt/dx = 2x", "df/dx = 3(t + 1)²·dt/dx"])
    assert [x.status for x in verdict.lines] == ["named", "equal", "equal"]
    assert verdict


def test_sizes_with_names_may_be_written():
    shapes = {"X": "n d", "w": "d", "y": "n"}
    told = whence.explain(mean_square, shapes=shapes)
    assert only(told.judge("2·(Xᵀ r)/n")).remark == "the same form"
    assert only(told.judge("2·Xᵀ r")).status == "wrong"
    assert only(told.judge("2/n Xᵀ(X w − y)")).status == "equal"
    assert only(told.judge("2/n Xᵀ X w")).status == "wrong"


# ---------------------------------------------------------------- assumptions


@pytest.mark.parametrize(
    ("program", "at", "line", "assumed"),
    [
        (LOSS, {"w": 0.5, "x": 2.0, "b": -0.5, "y": 1.0}, "(ŷ − 1)·x", "y = 1"),
        ("abs(x)", {"x": 2.0}, "1", "x > 0"),
        ("abs(x)", {"x": 2.0}, "x/abs(x)", "x ≠ 0"),
        ("x**2", {"x": 2.0}, "2*exp(log(x))", "x ≥ 0"),
        ("x**2", {"x": 2.0}, "4", "the number at your point"),
    ],
)
def test_an_assumption_that_a_line_needs_is_named(program, at, line, assumed):
    found = only(whence.explain(program, at=at).judge(line))
    assert found.status == "assuming", found
    assert assumed in found.remark


def test_a_symmetric_matrix_is_assumed_only_where_it_is_one(of_form):
    symmetric = whence.explain("x @ A @ x", x=np.array([1.0, 2.0]), A=2 * np.eye(2))
    found = only(symmetric.judge("2 A x"))
    assert (found.status, found.remark) == (
        "assuming",
        "A is symmetric, as at your point",
    )
    found = only(of_form.judge("2 A x"))
    assert (found.status, found.remark) == (
        "wrong",
        "it would be right if A is symmetric",
    )


# ----------------------------------------------------------------------- wrong


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("(y - y_hat)*x", "the sign is wrong"),
        ("2*(y_hat - y)*x", "yours is 2 times too large"),
        ("y_hat - y", "this is ∂f/∂b, not ∂f/∂w"),
        ("(y_hat - y)*w", "this is ∂f/∂x, not ∂f/∂w"),
        ("y_hat*x - y", "the term −y should be −x·y"),
        ("y_hat*x + y*x", "the sign of the term x·y is wrong"),
        ("y_hat*x", "missing: −x·y"),
        ("(y_hat - y)*x + 1", "too much: 1"),
        ("(y_hat - y)*ŷ(1 − ŷ)*x", "yours has the factor ŷ·(1 − ŷ) too often"),
    ],
)
def test_what_is_off_in_a_loss_is_said(of_loss, line, hint):
    found = only(of_loss.judge(line))
    assert (found.status, found.remark) == ("wrong", hint)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("3u²", "the inner derivative ∂u/∂x = 2x is missing"),
        ("2x", "the outer derivative ∂f/∂u = 3u² is missing"),
        ("6x u", "yours lacks the factor u"),
        ("3u³·2x", "yours has the factor u too often"),
        ("3x²·2x", "one x should be u"),
        ("f", "this is f itself, not ∂f/∂x"),
    ],
)
def test_what_is_off_in_a_chain_is_said(of_power, line, hint):
    found = only(of_power.judge(line))
    assert found.status == "wrong"
    assert hint in found.remark


@pytest.mark.parametrize(
    ("program", "line", "hint"),
    [
        ("x**2*sin(x)", "2x·cos(x)", "the product rule"),
        ("x**2/sin(x)", "2x/cos(x)", "the quotient rule"),
        ("x**2*sin(x)", "2x·sin(x) − x²·cos(x)", "the sign of the term −x²·cos(x)"),
        ("x**2*sin(x)", "2x·sin(x) + x²·sin(x)", "should be x²·cos(x)"),
        ("cos(3*x)", "−3·cos(3x)", "a cos should be sin"),
        ("cos(3*x)", "−sin(3x)", "is missing"),
        ("x**3", "x³", "this is f itself"),
    ],
)
def test_what_is_off_in_a_rule_is_said(program, line, hint):
    found = only(whence.explain(program, x=2.0).judge(line))
    assert found.status == "wrong"
    assert hint in found.remark


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("dW2 = dZᵀ H", "yours is the transpose"),
        ("db2 = dZ", "the sum over axis 0 is missing"),
        ("dW1 = Xᵀ dH", "the inner derivative ∂H/∂A = 1 − H² is missing"),
        ("dZ = P − Y", "yours is 3 times too large (3 is the number of rows of X)"),
        ("dW2 = dZ H", "f64[3,2] and f64[3,4]"),
        ("dW2 = Xᵀ dZ", "yours has the shape (2, 2), ∂network/∂W₂ has (4, 2)"),
    ],
)
def test_what_is_off_in_a_network_is_said(of_network, line, hint):
    found = only(of_network.judge(line))
    assert found.status == "wrong"
    assert hint in found.remark


def test_the_matrix_that_should_be_transposed_is_named(of_form):
    at = {"x": np.array([1.0, 2.0]), "A": np.array([[1.0, 2.0], [3.0, 4.0]])}
    told = whence.explain("sum(tanh(A @ x))", at=at)
    found = only(told.judge("A (1 − tanh(A x)²)"))
    assert found.status == "wrong"
    assert "Aᵀ" in found.remark or "should be" in found.remark or found.counterexample


def test_the_first_wrong_line_comes_with_a_counterexample(of_power):
    verdict = of_power.judge(["u = x² + 1", "du/dx = 2x", "df/dx = 3u²·x", "= 3x·u²"])
    assert [x.status for x in verdict.lines] == ["equal", "equal", "wrong", "wrong"]
    assert not verdict
    first = verdict.first_wrong
    assert first is verdict.lines[2]
    point = first.counterexample
    x = point.point["x"]
    assert x == round(2 * x) / 2
    assert point.yours == pytest.approx(3 * (x**2 + 1) ** 2 * x)
    assert point.right == pytest.approx(6 * x * (x**2 + 1) ** 2)
    assert verdict.lines[3].remark.startswith("it follows from the line before")


def test_a_line_that_is_right_at_the_given_point_alone_is_wrong(of_power):
    assert only(of_power.judge("150x")).status == "wrong"


def test_a_line_that_is_right_for_one_sign_alone_is_wrong_on_the_other():
    told = whence.explain("x*abs(x)", x=2.0)
    assert only(told.judge("2*abs(x)")).status == "equal"
    found = only(whence.explain("x*abs(x)", x=-2.0).judge("2*x"))
    assert (found.status, found.remark) == ("wrong", "the sign is wrong, if x < 0")


def test_rounding_at_a_saturated_point_is_no_mistake():
    told = whence.explain(LOSS, w=20.0, x=2.0, b=0.0, y=1.0)
    assert told.judge("(ŷ − y)·x")
    assert told.judge("dL/dz = ŷ·(1 − y) − y·(1 − ŷ)")


def test_too_few_points_are_no_verdict():
    told = whence.explain("x**2", x=2.0)
    found = only(told.judge("2*x + 0*log(-x**2 - 1)"))
    assert found.status == "open"
    assert not told.judge("2*x + 0*log(-x**2 - 1)")


# ------------------------------------------------------------------- the verdict


def test_a_verdict_is_written_for_other_programs(of_power):
    found = json.loads(of_power.judge("3u²").to_json())
    assert found["status"] == "wrong"
    (line,) = found["lines"]
    assert line["text"] == "3u²"
    assert line["counterexample"]["point"].keys() == {"x"}


def test_what_cannot_be_read_is_told_apart_from_what_is_wrong(of_power):
    lines = ["u = x² + 1", "df/dx = 3q²·2x", "= 3u²·2x", "du/dx = 2·(x", "du/dx = x"]
    verdict = of_power.judge(lines)
    found = [x.status for x in verdict.lines]
    assert found == ["equal", "unreadable", "equal", "unreadable", "wrong"]
    assert not verdict
    assert verdict.first_wrong is verdict.lines[4]
    assert verdict.unreadable == (verdict.lines[1], verdict.lines[3])
    line = verdict.lines[1]
    assert line.remark.startswith("nothing here is called 'q'; try ")
    assert line.text[line.place] == "q"
    assert "the first wrong line is 5" in str(verdict)
    assert "not read, and so not judged: 2, 4" in str(verdict)
    assert json.loads(verdict.to_json())["first_wrong"] == 5


def test_a_verdict_that_read_nothing_is_no_approval(of_power):
    verdict = of_power.judge("3q²")
    assert verdict.status == "unreadable"
    assert not verdict
    assert verdict.first_wrong is None


def test_what_goes_on_from_a_line_that_says_nothing_is_not_judged(of_power):
    verdict = of_power.judge(["dq/dt = 2x", "= 6x·(x² + 1)²", "6x·(x² + 1)²"])
    found = [x.status for x in verdict.lines]
    assert found == ["unreadable", "unreadable", "equal"]


@pytest.mark.parametrize("lines", [[3], 3, None, [None], b"2x", ["2x", 3.0]])
def test_what_is_no_text_is_refused(of_power, lines):
    with pytest.raises(whence.UserError, match="a line to judge is text"):
        of_power.judge(lines)


@pytest.mark.parametrize("lines", ["", [], ["", "# nothing"]])
def test_no_lines_are_refused(of_power, lines):
    with pytest.raises(FormulaError, match="no line to judge"):
        of_power.judge(lines)


def test_a_gradient_by_several_inputs_says_by_which():
    told = whence.explain("x*y", x=2.0, y=3.0, wrt=("x", "y"))
    assert told.judge(["df/dx = y", "df/dy = x"])
    assert "by which" in only(told.judge("∇f = x")).remark


def test_no_noise_of_rounding_hides_a_mistake():
    told = whence.explain("x**2", x=2.0)
    assert told.judge("1e17*x - 1e17*x + 5*x").status in ("open", "wrong")
    assert whence.explain("1e-15*x**2", x=2.0).judge("4e-15*x").status == "wrong"
    assert whence.explain("sin(x)**2 + cos(x)**2", x=2.0).judge("0")


@pytest.mark.parametrize(
    ("formula", "line"), [("x**3", "3x"), ("x*log(x)", "x"), ("x**2*sin(x)", "2x")]
)
def test_a_line_that_holds_at_one_alone_is_wrong(formula, line):
    assert whence.explain(formula, x=1.0).judge([line]).status == "wrong"


@pytest.mark.parametrize(
    ("formula", "line", "status"),
    [
        ("x**2", "4", "assuming"),
        ("x**2", "4.003", "wrong"),
        ("exp(x)", "7.39", "assuming"),
        ("exp(x)", "7.40", "wrong"),
        ("x + 1", "1.001", "wrong"),
        ("x + 1", "1", "equal"),
    ],
)
def test_a_number_is_that_of_the_point_as_far_as_it_is_written(formula, line, status):
    assert only(whence.explain(formula, x=2.0).judge(line)).status == status


@pytest.mark.parametrize(
    ("formula", "line", "hint"),
    [
        ("x**3", "x²", "the factor 3 is missing"),
        ("x**3", "−6x²", "the sign is wrong, and yours is 2 times too large"),
        ("sin(37*x)", "cos(37x)", "the factor 37 is missing"),
        ("x**3", "3.5x²", ""),
        ("x**3", "(111/52)·x²", ""),
        ("x**3", "0.333x²", ""),
    ],
)
def test_only_a_factor_that_people_forget_is_named(formula, line, hint):
    found = only(whence.explain(formula, x=2.0).judge(line))
    assert (found.status, found.remark) == ("wrong", hint)


@pytest.mark.parametrize(
    "line",
    [
        "2x sin x + x² cos x",
        "d/dx f = 2x sin x + x^2 cos x",
        "df/dx = 2x sin(x) + x^2 cos(x)",
        "f'(x) = x(2 sin x + x cos x)",
        "∂f/∂x = 2x·sin(x) + x²·cos(x)",
        "d2f/dx2 = 2 sin x + 4x cos x − x² sin x",
        "d²f/dx² = (2 − x²) sin x + 4x cos x",
    ],
)
def test_what_people_write_is_accepted(line):
    assert only(whence.explain("x^2 sin x", x=2.0).judge(line)).status == "equal"


@pytest.mark.parametrize(
    "line", ["d²f/dx = 2x sin x + x² cos x", "sin x/2", "x^2y", "sin⁻¹ x", "f(x)"]
)
def test_what_can_be_read_in_two_ways_is_not_judged(line):
    told = whence.explain("y*x^2 sin x", x=2.0, y=1.0)
    assert only(told.judge(line)).status == "unreadable"


@pytest.mark.parametrize(
    "line", ["2/n X^T(X w − y)", "2Xᵀ(X w - y)/n", "(2/n)·Xᵀ·r", "2 X.T @ r / m"]
)
def test_n_is_the_number_of_rows_where_nothing_else_is_called_n(line):
    w, y = np.array([0.5, -1.0]), np.array([1.0, 0.0, 2.0])
    told = whence.explain(mean_square, w, X, y)
    found = only(told.judge(line))
    assert found.status == "equal"
    assert found.remark.endswith("= 3, the number of rows of X")


def test_products_of_matrices_bind_before_those_of_entries():
    at = {"w": np.array([0.5, -1.0]), "A": np.array([[1.0, 2.0], [3.0, 4.0]])}
    told = whence.explain("sum(tanh(A @ w))", at=at, wrt="w")
    assert only(told.judge("Aᵀ (1 − tanh(A w)²)")).status == "equal"
    assert only(told.judge("Aᵀ (1 − tanh(A w)²) ⊙ w")).status == "wrong"
    assert told.judge("w ⊙ Aᵀ (1 − tanh(A w)²)/w")


def test_a_slope_with_something_held_fixed_is_another():
    told = whence.explain("u = x**2; u*x", x=2.0)
    assert told.judge(["∂f/∂x|u = u", "df/dx = u + 2x·x"])
    assert only(told.judge("∂f/∂x|u = 3u")).status == "wrong"
    assert only(told.judge("df/dx = u")).status == "wrong"


def test_an_inverse_is_that_of_a_matrix():
    at = {"A": np.array([[2.0, 1.0], [0.0, 3.0]]), "x": np.ones(2), "b": np.ones(2)}
    told = whence.explain("b @ solve(A, x)", at=at, wrt="x")
    assert only(told.judge("A⁻¹ᵀ b")).status == "equal"
    assert only(told.judge("A^{-1}ᵀ b")).status == "equal"
    assert only(told.judge("A⁻¹ b")).status == "wrong"
    assert only(told.judge("inv(x ⊗ x) b")).status in ("wrong", "open")


def test_the_slope_at_one_point_is_no_line():
    verdict = whence.explain("x^3", x=2.0).judge(["f'(2) = 12", "f'(x) = 3x^2"])
    assert [line.status for line in verdict.lines] == ["unreadable", "equal"]
    assert "f'(2) is one number" in str(verdict)
