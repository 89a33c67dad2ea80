"""Handwriting: what people write is read, and what cannot be read is pointed at."""

import pytest

from whence.frontend.formula import FormulaError
from whence.frontend.formula.handwriting import Unread, read
from whence.frontend.formula.leibniz import Alone, Names, Quotient

PLAIN = {name: name for name in ("w", "x", "y", "z", "u", "v", "y_hat", "lam")}
MATRICES = {name: name for name in ("X", "w", "r", "p", "x", "c", "W1")}
SCALARS = Names(
    {**PLAIN, "ŷ": "y_hat", "λ": "lam"}, inputs=frozenset({"w", "x", "y", "lam"})
)
ARRAYS = Names({**MATRICES, "W₁": "W1"}, frozenset({"X", "w", "r", "p", "x", "W1"}))


def formula(line, names=SCALARS):
    (statement,) = read(line, names)
    return statement.formula.text


def refusal(line):
    """The error of a line whose one side cannot be read."""
    (side,) = read(line, SCALARS)
    assert isinstance(side, Unread)
    return side.error


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("2x", "2*x"),
        ("6x·(x² + 1)²", "6*x*(x**2 + 1)**2"),
        ("x^2 - 2x⁻¹", "x**2 - 2*x**(-1)"),
        ("ŷ − y", "y_hat - y"),
        ("(ŷ − y)x", "(y_hat - y)*x"),
        ("x(x + 1)", "x*(x + 1)"),
        ("λ·w", "lam*w"),
        ("√x + √(x + 1)", "sqrt(x )+ sqrt((x + 1))"),
        ("σ(z)(1 − σ(z))", "sigmoid(z)*(1 - sigmoid(z))"),
        ("np.exp(-x)*np.sin(x)", "exp(-x)*sin(x)"),
        ("e^(−x)", "e**(-x)"),
        ("x ≥ 0", "x >= 0"),
        ("3x  # by the power rule", "3*x  "),
        ("2x sin x", "2*x *sin( x)"),
        ("sin²(x) cos^2 x", "sin(x)**2 *cos( x)**2"),
        ("1 + log x", "1 + log( x)"),
        ("cos 2πx", "cos( 2*π*x)"),
        ("1/(2x)", "1/(2*x)"),
        ("1/√(2π)·x", "1/sqrt((2*π))*x"),
        ("|x|·|y − 1|", "abs(x)*abs(y - 1)"),
        ("2[x > 0]", "2*where((x > 0), 1, 0)"),
        ("2^x y", "2**x *y"),
    ],
)
def test_print_is_read_as_a_formula(line, text):
    assert formula(line) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Xᵀ r", "dot(X.T , r)"),
        ("2 Xᵀ (X w)", "2 *dot(X.T , (times(X , w)))"),
        ("X^T(r - p)/3", "dot(X.T, (r - p))/3"),
        ("p ⊙ (1 − p)", "p * (1 - p)"),
        ("(p − r) ⊗ x", "outer((p - r) ,  x)"),
        ("W₁ᵀ p", "dot(W1.T , p)"),
        ("p ⊙ W₁ p", "p * times(W1 , p)"),
        ("Xᵀ·r", "X.T@r"),
        ("W₁⁻¹ᵀ p", "dot(inverse(W1).T , p)"),
        ("‖p‖² − ||r||", "norm(p)**2 - norm(r)"),
        ("r.sum(axis=0)", "r.sum(axis=0)"),
        ("-1/p_c", "-1/p[c]"),
        ("p_2", "p[2]"),
    ],
)
def test_arrays_side_by_side_are_matrix_products(line, text):
    assert formula(line, ARRAYS) == text


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ("dL/dz = 1", Quotient(None, ("z",))),
        ("∂L/∂ŷ = 1", Quotient(None, ("y_hat",))),
        ("du/dx = 1", Quotient("u", ("x",))),
        ("∂²f/∂x∂y = 1", Quotient(None, ("x", "y"))),
        ("d^2f/dx^2 = 1", Quotient(None, ("x", "x"))),
        ("d2f/dx2 = 1", Quotient(None, ("x", "x"))),
        ("d/dx f = 1", Quotient(None, ("x",))),
        ("d/dx f(x) = 1", Quotient(None, ("x",))),
        ("∂/∂x u = 1", Quotient("u", ("x",))),
        ("∂u/∂x|v = 1", Quotient("u", ("x",), ("v",))),
        ("f′ = 1", Quotient(None, ("",))),
        ("f''(x) = 1", Quotient(None, ("", ""))),
        ("∇f = 1", Quotient(None, ("",))),
        ("du = 1", Alone("u")),
        ("δz = 1", Alone("z", adjoint=True)),
        ("u = 1", "u"),
        ("t = 1", "t"),
        ("= 1", None),
        ("1", None),
    ],
)
def test_the_left_side_says_what_a_line_is_about(line, subject):
    (statement,) = read(line, SCALARS)
    assert statement.subject == subject


def test_derivatives_may_stand_in_a_form():
    (statement,) = read("dL/dw = dL/dz · dz/dw + 3u²u′", SCALARS)
    assert list(statement.derivatives.values()) == [
        Quotient(None, ("z",)),
        Quotient("z", ("w",)),
        Quotient("u", ("",)),
    ]


def test_a_chain_of_equals_signs_is_several_statements():
    first, second = read("dL/dw = (ŷ − y)·x = ŷ·x − y·x", SCALARS)
    assert first.subject == Quotient(None, ("w",))
    assert second.subject is None
    assert second.formula.text == "y_hat*x - y*x"


@pytest.mark.parametrize(
    ("line", "what", "caret"),
    [
        ("ŷ − q", "nothing here is called 'q'", 4),
        ("x·(y + 1", "never closed", 2),
        ("1/2x", "two ways", 3),
        ("wx", "nothing here is called 'wx'", 0),
        ("2·foo x", "nothing here is called 'foo'", 2),
        ("sin x/2", "where the argument of sin ends", 5),
        ("sin 2·x", "where the argument of sin ends", 5),
        ("x^2y", "behind an exponent", 3),
        ("sin⁻¹(x)", "sin⁻¹ can be read in two ways", 0),
        ("u(x)", "u(...) can be read in two ways", 0),
        ("2² + x²·· y", "nothing on its right", 7),
        ("", "empty", 0),
    ],
)
def test_a_mistake_is_shown_where_it_was_typed(line, what, caret):
    error = refusal(line)
    assert what in error.what
    assert error.column == caret


def test_a_left_side_that_names_nothing_is_shown_where_it_was_typed():
    with pytest.raises(FormulaError, match="nothing here is called 'q'") as caught:
        read("dL/dq = 1", SCALARS)
    assert caught.value.column == 4


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("d²f/dx = 1", "order 2 above, and of order 1 below"),
        ("df/dx² = 1", "of order 1 above"),
        ("d/dx x² = 2x", "a form that has no name"),
    ],
)
def test_a_derivative_that_says_two_things_is_refused(line, what):
    with pytest.raises(FormulaError, match=what):
        read(line, SCALARS)


def test_letters_side_by_side_are_told_to_be_a_product():
    assert refusal("wx").remedy == "w*x"


def test_one_side_that_cannot_be_read_leaves_the_others():
    first, second = read("dL/dw = (ŷ − q)·x = ŷ·x − y·x", SCALARS)
    assert isinstance(first, Unread)
    assert first.subject == Quotient(None, ("w",))
    assert second.formula.text == "y_hat*x - y*x"
