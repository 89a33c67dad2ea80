"""Formulas: what they mean, and what they refuse."""

import json
import pickle
import warnings
from inspect import signature

import numpy as np
import pytest
from hypothesis import given, strategies as st

from whence.core.errors import ShapeError, UserError
from whence.core.source import user_line
from whence.frontend.formula import FormulaError, parse
from whence.frontend.formula.program import run
from whence.frontend.formula.vocabulary import greatest, least

LOSS = "z = w*x + b; y_hat = 1/(1 + exp(-z)); -(y*log(y_hat) + (1 - y)*log(1 - y_hat))"
M = np.array([[2.0, 1.0], [1.0, 3.0]])
V = np.array([0.5, -1.0])


def value(text, **values):
    return parse(text)(**values)


def refusal(text, **values):
    """The error that a formula gets, read or given these values."""
    with pytest.raises(FormulaError) as caught:
        parse(text)(**values)
    assert isinstance(caught.value, UserError)
    return caught.value


# ------------------------------------------------------------------- meaning


def test_parameters_are_the_free_names_in_order_of_appearance():
    assert parse(LOSS).parameters == ("w", "x", "b", "y")


def test_a_formula_is_called_like_a_function_of_its_names():
    loss = parse(LOSS)
    expected = 0.47407698418010669
    assert loss(0.5, 2.0, -0.5, 1.0) == pytest.approx(expected)
    assert loss(0.5, 2.0, y=1.0, b=-0.5) == pytest.approx(expected)
    assert list(signature(loss).parameters) == ["w", "x", "b", "y"]


def test_lines_and_semicolons_separate_statements():
    assert value("u = x + 1\n\nv = u*2;  # twice\nv**2", x=1) == 16


def test_a_statement_goes_on_inside_brackets():
    assert value("u = (x\n  + 1  # one\n)\nu*2", x=1) == 4


@pytest.mark.parametrize("text", ["h = (x**2 + 1)**3", "h(x) = (x**2 + 1)**3"])
def test_the_last_statement_may_name_its_value(text):
    assert parse(text).name == "h"
    assert value(text, x=2) == 125


def test_a_stated_list_of_parameters_gives_their_order():
    assert parse("f(y, x) = x - y*a").parameters == ("y", "x", "a")


def test_a_name_may_be_computed_anew():
    assert value("x = x + 1; x = 2*x; x", x=1) == 4


def test_constants_are_known_and_may_be_given_another_value():
    assert parse("pi*x").parameters == ("x",)
    assert value("2*pi", pi=3) == 6
    assert parse("e*x", given={"e"}).parameters == ("e", "x")
    assert value("e = x - y; e**2", x=3, y=1) == 4


def test_a_name_that_is_not_called_is_a_value():
    assert parse("gamma*x + beta").parameters == ("gamma", "x", "beta")
    assert value("(x - mean)/std", x=3.0, mean=1.0, std=2.0) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M @ v", M @ V),
        ("M.T", M.T),
        ("M.shape[1]", 2),
        ("len(M)", 2),
        ("v[0]", 0.5),
        ("v[-1]", -1.0),
        ("M[:, 0]", M[:, 0]),
        ("M[0, 1:]", M[0, 1:]),
        ("v[:, None]*v", V[:, None] * V),
        ("M[..., 0]", M[..., 0]),
        ("sum(M, axis=0)", M.sum(0)),
        ("sum(M, axis=1, keepdims=True)", M.sum(1, keepdims=True)),
        ("M.mean()", M.mean()),
        ("M.sum(axis=(0, 1))", M.sum()),
        ("where(v > 0, v, 0)", np.where(V > 0, V, 0)),
        ("tr(M)", np.trace(M)),
        ("logdet(M)", np.log(np.linalg.det(M))),
        ("log(det(M))", np.log(np.linalg.det(M))),
        ("solve(M, v)", np.linalg.solve(M, V)),
        ("inv(M) @ v", np.linalg.inv(M) @ V),
        ("norm(v)", np.linalg.norm(V)),
        ("dot(v, v)", V @ V),
        ("outer(v, v)", np.outer(V, V)),
        ("einsum('ij,j->i', M, v)", M @ V),
        ("stack((v, v))", np.stack((V, V))),
        ("concatenate([v, v])", np.concatenate([V, V])),
        ("ln(2*e)", np.log(2 * np.e)),
        ("asin(v)", np.arcsin(V)),
        ("arctan(v) + atan(v)", 2 * np.arctan(V)),
        ("sigmoid(v)", 1 / (1 + np.exp(-V))),
        ("sum(softmax(v))", 1.0),
        ("logsumexp(v)", np.log(np.sum(np.exp(V)))),
        ("max(v)", 0.5),
        ("min(v)", -1.0),
        ("max(0, v)", np.maximum(V, 0)),
        ("max(M, axis=0)", M.max(0)),
        ("v // 0.3 + v % 0.3", V // 0.3 + V % 0.3),
        ("abs(v) + sign(v)", np.abs(V) + np.sign(V)),
    ],
)
def test_functions_mean_what_numpy_means(text, expected):
    given = {"M": M, "v": V}
    used = {name: given[name] for name in parse(text).parameters}
    np.testing.assert_allclose(value(text, **used), expected, rtol=1e-14)


def test_the_examples_of_a_person_are_read():
    loss = "H = tanh(X @ W + b); E = exp(H); P = E/sum(E, axis=1, keepdims=True)"
    loss += "; -sum(Y*log(P))/len(Y)"
    assert parse(loss).parameters == ("X", "W", "b", "Y")
    found = value(loss, X=M, W=M, b=V, Y=np.eye(2))
    p = np.exp(np.tanh(M @ M + V))
    p /= p.sum(axis=1, keepdims=True)
    assert found == pytest.approx(-np.log(np.diag(p)).sum() / 2)


def test_greatest_and_least_take_one_array_or_several_values():
    assert greatest(V) == 0.5
    assert list(greatest(V, 0, 1)) == [1, 1]
    assert list(least(V, 0)) == [0, -1]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("p[c]*y", {"c"}),
        ("i = c + 1; j = i*2; p[j]*y", {"c", "i", "j"}),
        ("sum(x, axis=k)**n", {"k"}),
        ("sum(x*ones(n))*y", {"n"}),
        ("reshape(x, (n, m))*y", {"n", "m"}),
        ("x**n", set()),
    ],
)
def test_names_that_index_or_count_are_whole_numbers(text, names):
    assert parse(text).whole == names


# ----------------------------------------------------------------- plain numbers


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/0", np.inf),
        ("0**-1", np.inf),
        ("(-8)**(1/3)", np.nan),
        ("9**9**9**9", np.inf),
        ("2**62*2*2", 2.0**64),
        ("1e999", np.inf),
        ("7//2", 3),
        ("2**-1", 0.5),
    ],
)
def test_numbers_follow_numpy_and_stay_small(text, expected):
    found = value(text)
    assert type(found) in {int, float}
    assert found == expected or (np.isnan(found) and np.isnan(expected))


def test_repeated_squares_of_an_integer_end():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert value("; ".join(["x = x*x"] * 900), x=3) == np.inf


def test_numbers_do_not_decide_the_dtype():
    x = np.ones(2, np.float32)
    assert value("(1/3)*x + 2", x=x).dtype == np.float32


# ------------------------------------------------------------- names and places


def test_every_computed_value_is_named():
    seen = []
    formula = parse("u = x + 1; v = 2*u; v")
    run(formula, {"x": 1}, lambda value, name: seen.append((name, value)))
    assert seen == [("u", 2), ("v", 4)]


def test_operations_carry_the_line_of_the_formula():
    class Spy:
        def __add__(self, other):
            return user_line()

    assert value("u = x\nu + 1", x=Spy()) == "formula:2"


def test_an_error_of_an_operation_points_into_the_formula():
    class Narrow:
        def __matmul__(self, other):
            raise ShapeError("f64[2] and f64[3] do not fit", remedy="f64[2]")

    with pytest.raises(ShapeError) as caught:
        value("1 + (A @ x)", A=Narrow(), x=1)
    assert str(caught.value).splitlines()[1:3] == ["  at   1 + (A @ x)", " " * 12 + "^"]


def test_formulas_of_one_text_are_equal_and_pickle():
    formula = parse(LOSS)
    assert formula == parse(LOSS) != parse("x")
    assert {formula: 1}[parse(LOSS)] == 1
    assert pickle.loads(pickle.dumps(formula))(0.0, 0.0, 0.0, 1.0) == np.log(2)
    assert str(formula) == LOSS


# --------------------------------------------------------------------- refusals

SLIPS = [  # the text, the character pointed at, a part of the message
    ("x^", 1, "nothing on its right"),
    ("1/2x", 3, "1/(2*x)"),
    ("x^2y", 3, "x^(2*y)"),
    ("sin x y", 6, "brackets"),
    ("sin x/2", 5, "brackets"),
    ("sin⁻¹ x", 0, "arcsin(x)"),
    ("exp(x", 3, "never closed"),
    ("x + 1)", 5, "closes nothing"),
    ("(x + 1]", 6, "closes a '('"),
    ("(x; y)", 0, "never closed"),
    ("x +", 2, "nothing on its right"),
    ("x + * y", 2, "nothing on its right"),
    ("* x", 0, "nothing on its left"),
    ("exp(, x)", 4, "nothing on its left"),
    ("x = ", 2, "nothing on its right"),
    ("= x", 0, "nothing on its left"),
    ("a = b = c", 6, "second '='"),
    ("x**2 = 4", 0, "left of '='"),
    ("x[0] = 4", 0, "left of '='"),
    ("f(x, x) = x", 0, "twice"),
    ("f(x) = x; f", 0, "last statement"),
    ("z = x; f(z) = z", 0, "computed as well"),
    ("x += 1", 2, "x = x + ..."),
    ("x := 1", 2, "statement of its own"),
    ("a if b else c", 2, "where(condition, x, y)"),
    ("a > 0 and b > 0", 6, "logical_and(a, b)"),
    ("not a", 0, "logical_not(a)"),
    ("0 < x < 1", 8, "two comparisons"),
    ("lambda x: x", 0, "word of Python"),
    ("x for x in y", 2, "word of Python"),
    ("import os", 0, "word of Python"),
    ("await x", 0, "word of Python"),
    ("'x'", 0, "text is no value"),
    ("f'x'", 1, "text is no value"),
    ("exp('x')", 4, "text is no value"),
    ("x'", 1, "x.T"),
    ("exp(*x)", 4, "nothing on its left"),
    ("exp(**x)", 4, "nothing on its left"),
    ("exp(x=1)", 4, "no option 'x'"),
    ("x & y", 2, "logical_and"),
    ("x, y", 1, "stack((x, y))"),
    ("(x, y)", 0, "a list stands"),
    ("[x, y]", 0, "a list stands"),
    ("exp((x, y))", 4, "a list stands"),
    ("x: 1", 1, "outside of an index"),
    ("x.foo", 2, ".T"),
    ("x.__class__", 2, "two underscores"),
    ("__import__", 0, "two underscores"),
    ("sin(x, 3, y)", 0, "sin takes 1 value, and is given 3"),
    ("x + maximum(y)", 4, "maximum(x, y)"),
    ("save(x)", 0, "no function"),
    ("copyto(x, y)", 0, "no function"),
    ("seterr(x)", 0, "no function"),
    ("test()", 0, "no function"),
    ("x.sum", 2, ".sum()"),
    ("x.T()", 3, "nothing stands in these brackets"),
    ("1/sigmod(x)", 2, "did you mean 'sigmoid'?"),
    ("x(y + 1)", 0, "x*(...)"),
    ("f(x) = f(x)", 7, "no function 'f'"),
    ("True", 0, "no value"),
    ("007", 0, "begins with a zero"),
    ("1__0", 1, "cannot read"),
    ("1" * 200, 0, "200 characters"),
    ("x ? y", 2, "means nothing"),
    ("x \0", 2, "means nothing"),
    ("x \ud800", 2, "means nothing"),
    ("-" * 100 + "x", 20, "in a row"),
    ("(" * 101 + "x" + ")" * 101, 100, "100 deep"),
    ("x" + " + x" * 250, 0, "200 levels"),
    ("x" + "**x" * 3000, 0, "200 levels"),
    ("x" + " + x" * 2400, 0, "200 levels"),
    ("x" + ".T" * 3000, 0, "200 levels"),
    ("u = x\nv = u $ 2", 12, "means nothing"),
    ("ŷ = ŷ² + $", 9, "means nothing"),
]


WRITTEN = [  # as people write, and the same in the words of the grammar
    ("x^2 sin x", "times(x**2, sin(x))"),
    ("2x", "2*x"),
    ("3x² − 2x + 1", "3*x**2 - 2*x + 1"),
    ("2 (x + 1)", "2*(x + 1)"),
    ("(x)(y)", "times(x, y)"),
    ("x y", "times(x, y)"),
    ("sin x", "sin(x)"),
    ("sin 2x cos y", "times(sin(2*x), cos(y))"),
    ("sin²(x) + cos^2 x", "sin(x)**2 + cos(x)**2"),
    ("1 + log x", "1 + log(x)"),
    ("sin x / x", "sin(x)/x"),
    ("ln |x|", "log(abs(x))"),
    ("√x + √(2π)", "sqrt(x) + sqrt(2*π)"),
    ("e^{-x²/2}", "e**(-x**2/2)"),
    ("x·y ÷ 2", "times(x, y)/2"),
    ("x/2·y", "x/2*y"),
    ("[x ≤ y]·x", "where(x <= y, 1, 0)*x"),
    ("{x}", "x"),
    ("np.exp(x)", "exp(x)"),
    ("u = x²  # a square\nu sin u", "u = x**2\ntimes(u, sin(u))"),
    ("f(x, y) = 2x + y", "f(x, y) = 2*x + y"),
]


@pytest.mark.parametrize(("text", "words"), WRITTEN)
def test_what_people_write_is_read(text, words):
    formula, other = parse(text), parse(words)
    assert formula.text == text
    assert formula.parameters == other.parameters
    at = {name: 0.7 - 0.3 * i for i, name in enumerate(formula.parameters)}
    assert formula(**at) == other(**at)


def test_matrices_side_by_side_are_multiplied_as_matrices():
    X, w = np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0])
    y = np.ones(3)
    found = parse("2 Xᵀ (X w − y)/3")(X=X, w=w, y=y)
    assert found.tolist() == (2 * X.T @ (X @ w - y) / 3).tolist()
    assert parse("A⁻¹ w")(A=2 * np.eye(2), w=w).tolist() == [0.5, 1.0]


def test_vectors_side_by_side_are_refused():
    with pytest.raises(FormulaError, match="read in two ways") as error:
        parse("x sin x")(x=np.ones(3))
    assert error.value.column == 0


def test_a_mistake_in_handwriting_is_shown_as_it_was_typed():
    with pytest.raises(FormulaError) as error:
        parse("x² y + y[0]")(x=2.0, y=3.0)
    assert str(error.value).splitlines()[1:3] == ["  at   x² y + y[0]", " " * 14 + "^"]


def test_no_function_is_suggested_that_is_no_slip_of_the_hand():
    assert "did you mean" not in str(refusal("convolve(x, y)"))
    assert "did you mean 'sigmoid'" in str(refusal("sigmod(x)"))


@pytest.mark.parametrize(("text", "at", "part"), SLIPS)
def test_a_mistake_is_pointed_at(text, at, part):
    error = refusal(text)
    start = text.rfind("\n", 0, at) + 1
    if "levels" not in part:
        assert (error.line, error.column) == (1 + text.count("\n", 0, at), at - start)
    assert part in str(error)
    assert error.remedy


def test_the_caret_stands_under_the_character():
    assert str(refusal("u = x + 1;  1/sigmod(u)")).splitlines() == [
        "there is no function 'sigmod'; did you mean 'sigmoid'?",
        "  at   u = x + 1;  1/sigmod(u)",
        "                     ^",
        "  try  sigmoid(...), or sigmod*(...) if a product is meant",
    ]


def test_a_long_line_is_shown_around_the_character():
    text = " + ".join(["abcdefgh"] * 20) + " ? " + " + ".join(["abcdefgh"] * 20)
    _, line, caret, _ = str(refusal(text)).splitlines()
    assert line.startswith("  at   ...") and line.endswith("...") and len(line) < 88
    assert line[caret.index("^")] == "?"


def test_combining_marks_do_not_shift_the_caret():
    _, line, caret, _ = str(refusal("y\u0302 ? x")).splitlines()
    assert line.index("?") - caret.index("^") == 1  # \u0302 takes no column
    assert value("y\u0302 + 1", ŷ=1) == 2


@pytest.mark.parametrize("text", ["", "  ", ";;\n", "# nothing"])
def test_an_empty_formula_is_refused(text):
    assert "empty" in str(refusal(text))


def test_a_very_long_formula_is_refused():
    assert "20,000 characters" in str(refusal("x" * 20_000))


def test_a_missing_value_is_named_and_pointed_at():
    error = refusal("u = w*x; u + b", w=1, x=1)
    assert (error.what, error.column) == ("'b' has no value", 13)
    assert "'w' and 'x' have no value" in str(refusal("w*x"))
    assert "exp(...)" in str(refusal("exp*x", x=1))


def test_an_extra_value_is_refused_with_the_names_there_are():
    assert "has 2 names (w, x), and no 'wx'" in str(refusal("w*x", w=1, x=1, wx=1))
    with pytest.raises(FormulaError, match="3 values were given to 2 names"):
        parse("w*x")(1, 2, 3)
    with pytest.raises(FormulaError, match="'w' is given twice"):
        parse("w*x")(1, w=2)


@pytest.mark.parametrize(
    ("text", "values", "part"),
    [
        ("1 + M @ x", {"M": M, "x": np.ones(3)}, "(2, 2) and (3,)"),
        ("x[5]", {"x": V}, "out of bounds"),
        ("x[0]", {"x": 2.0}, "a number has no entries"),
        ("len(x)", {"x": 2.0}, "a number has no length"),
        ("inv(x)", {"x": np.zeros((2, 2))}, "Singular"),
    ],
)
def test_what_fails_on_the_values_is_pointed_at(text, values, part):
    assert part in str(refusal(text, **values))


def test_a_call_with_too_many_arguments_is_pointed_at():
    assert refusal("1 + sigmoid(x, 2, 3, 4, 5)", x=1.0).column == 4
    assert refusal("1 + sigmoid()").column == 4


# ------------------------------------------------------------------------- fuzz

PIECES = [*"xe2()[],:+-*/@=<. ;#'^²é", "\n", '"', "y_hat", "exp", "sum", "0.5", "1e3"]
PIECES += ["**", "==", ".T", ".shape", "axis", "lambda", "if", "and", "...", "None"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_random_text_raises_nothing_but_a_formula_error(text):
    try:
        formula = parse(text)
    except FormulaError:
        return
    assert all(name.isidentifier() for name in formula.parameters)


CALLS = {"exp": np.exp, "tanh": np.tanh, "abs": np.abs, "sqrt": np.sqrt, "log": np.log}
NUMBERS = st.one_of(
    st.integers(0, 9), st.floats(0, 100).map(lambda x: round(x, 3) + 0.0)
)


def combine(parts):
    """Larger pairs of (formula, the same in Python over NumPy) from smaller ones."""
    operator = st.sampled_from(["+", "-", "*", "/", "**"])
    comparison = st.sampled_from(["<", ">=", "=="])

    def both(pattern, *pairs):
        return tuple(pattern.format(*sides) for sides in zip(*pairs, strict=True))

    infix = st.builds(
        lambda op, x, y: both(f"({{}}) {op} ({{}})", x, y), operator, parts, parts
    )
    call = st.builds(
        lambda name, x: both(f"{name}({{}})", x), st.sampled_from(list(CALLS)), parts
    )
    compared = st.builds(
        lambda op, x, y: both(f"(({{}}) {op} ({{}}))*1.0", x, y),
        comparison,
        parts,
        parts,
    )
    minus = parts.map(lambda x: both("-({})", x))
    choice = st.builds(
        lambda x, y, z: both("where(({}) > 0, {}, {})", x, y, z), parts, parts, parts
    )
    return st.one_of(infix, call, compared, minus, choice)


expressions = st.recursive(
    st.one_of(
        st.sampled_from(["x", "y"]).map(lambda name: (name, name)),
        NUMBERS.map(lambda number: (repr(number), f"F({number!r})")),
    ),
    combine,
    max_leaves=12,
)


@given(expressions)
def test_valid_formulas_agree_with_python_over_numpy(pair):
    formula, python = pair
    values = {"x": np.array([0.5, -2.0, 0.0]), "y": np.array(3.0)}
    with np.errstate(all="ignore"):
        names = {**values, **CALLS, "where": np.where, "F": np.float64}
        expected = eval(python, {"__builtins__": {}}, names)
        read = parse(f"u = {formula}; u")
        found = read(**{name: values[name] for name in read.parameters})
    np.testing.assert_allclose(
        np.asarray(found, float), np.asarray(expected, float), rtol=1e-12
    )


def test_errors_speak_json_to_an_editor():
    error = refusal("u = x\nv = u $ 2")
    assert json.loads(json.dumps([error.line, error.column])) == [2, 6]
