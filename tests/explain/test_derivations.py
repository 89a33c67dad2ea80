"""The derivations the project exists for: their content, lines and numbers."""

import re

import numpy as np
import pytest

import whence
from derivations import Told, wrong_lines
from textbook import composite, logistic, network, softmax_regression

W = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
X2 = np.array([1.0, 2.0])
MLP = {
    "X": np.array([[1.0, 2.0], [-1.0, 0.5]]),
    "W1": np.array([[0.5, -0.5, 0.1], [0.25, 0.3, -0.2]]),
    "b1": np.zeros(3),
    "W2": np.array([[1.0, -1.0], [0.5, 0.5], [-0.5, 1.0]]),
    "b2": np.zeros(2),
    "Y": np.eye(2),
}


def lines(derivation):
    """The lines of the table, with single spaces, the result too."""
    parts = derivation.text(width=400).split("\n\n")
    block = next(part for part in parts if part.startswith("  name"))
    return [re.sub(r"\s+", " ", line).strip() for line in block.splitlines()]


def has(derivation, *words):
    """Whether one line of the table has all these words."""
    return any(all(w in line for w in words) for line in lines(derivation))


# ------------------------------------------------------------------- composite


def test_the_composite_is_300_at_2_by_the_chain_rule():
    told = whence.explain(composite, 2.0)
    assert told.result == "6*x*(x**2 + 1)**2"
    assert told.results == {"x": 300.0}
    assert told.operations == 5
    assert has(told, "u = x² + 1", "5")
    assert has(told, "3u²", "power rule", "75")
    assert has(told, "2x", "power rule", "4")
    assert has(told, "3u² · 2x", "chain rule", "300")
    assert has(told, "result", "6x·(x² + 1)²", "300")
    assert told.checked


# -------------------------------------------------------------------- logistic


@pytest.fixture(scope="module")
def of_logistic():
    return whence.explain(logistic, 0.5, -0.5, 2.0, 1.0, wrt=("w", "b", "x"))


def test_the_logistic_loss_has_the_gradients_of_the_textbook(of_logistic):
    assert of_logistic.result.splitlines() == [
        "(y_hat - y)*x",
        "y_hat - y",
        "(y_hat - y)*w",
    ]
    found = [float(v) for v in of_logistic.results.values()]
    np.testing.assert_allclose(found, [-0.755081, -0.377541, -0.188770], atol=1e-6)


def test_the_derivation_of_the_logistic_loss_says_what_a_textbook_says(of_logistic):
    assert has(of_logistic, "z = w·x + b", "0.5")
    assert has(of_logistic, "ŷ = sigmoid(z)", "is-sigmoid", "0.622459")
    assert has(of_logistic, "−(y·log(ŷ) + (1 − y)·log(1 − ŷ))", "0.474077")
    assert has(of_logistic, "(1 − y)/(1 − ŷ) − y/ŷ", "logarithm rule", "-1.60653")
    assert has(of_logistic, "ŷ·(1 − ŷ)", "sigmoid in terms of its output", "0.235004")
    assert has(of_logistic, "ŷ − y", "cancel 1 − ŷ, ŷ", "-0.377541")


@pytest.mark.parametrize("by", ["w", "b", "x"])
def test_the_logistic_loss_takes_at_most_twelve_lines(by):
    told = whence.explain(logistic, 0.5, -0.5, 2.0, 1.0, wrt=by)
    assert len(lines(told)) <= 12
    assert told.checked


def test_the_paths_of_the_logistic_loss_add_up_to_the_gradient(of_logistic):
    for name, paths in of_logistic.paths.items():
        assert len(paths) == 2
        total = sum(float(p.number) for p in paths)
        assert total == pytest.approx(float(of_logistic.results[name]), rel=1e-12)
        assert sum(p.share for p in paths) == pytest.approx(1)
    first, second = of_logistic.paths["w"]
    assert float(first.number) == pytest.approx(-0.755081, abs=1e-6)
    assert float(second.number) == 0.0
    assert {str(round(100 * p.share)) for p in (first, second)} == {"100", "0"}


# --------------------------------------------------------------------- softmax


@pytest.fixture(scope="module")
def of_softmax():
    return whence.explain(
        softmax_regression, W, X2, np.zeros(3), 1, wrt=("W", "b", "x")
    )


def test_softmax_regression_is_the_outer_product_of_error_and_input(of_softmax):
    assert has(of_softmax, "p = softmax(q)", "is-softmax")
    assert has(of_softmax, "result", "(p − e_1) ⊗ x")
    assert has(of_softmax, "∂q = p − e_1", "softmax in terms of its output")
    assert has(of_softmax, "Wᵀ (p − e_1)")
    assert [r.operations for r in of_softmax.story.results] == [2, 1, 2]
    wanted = [[0.2595, 0.5190], [-0.2946, -0.5892], [0.0351, 0.0702]]
    np.testing.assert_allclose(of_softmax.results["W"], wanted, atol=5e-5)
    error = [0.259496, -0.294615, 0.035119]
    np.testing.assert_allclose(of_softmax.results["b"], error, atol=1e-6)


def test_the_derivation_of_softmax_regression_cancels_the_probability(of_softmax):
    assert has(of_softmax, "−e_1/p_1", "logarithm rule")
    assert has(of_softmax, "cancel", "p_1") or has(of_softmax, "softmax in terms")


# --------------------------------------------------------------------- network


@pytest.fixture(scope="module")
def of_network():
    return whence.explain(network, **MLP, wrt=("W1", "b1", "W2", "b2"))


def test_the_network_of_two_layers_has_its_numbers(of_network):
    by_name = of_network.story.names
    numbers = {
        by_name.get(line.subject.by): line.number
        for line in of_network.story.lines
        if hasattr(line.subject, "by")
    }
    assert float(of_network.story.value) == pytest.approx(0.318270, abs=1e-6)
    error = [[-0.061725, 0.061725], [0.198180, -0.198180]]
    hidden = [[-0.051846, 0, 0.084730], [0.345460, 0, -0.285690]]
    np.testing.assert_allclose(numbers["Z"], error, atol=1e-6)
    np.testing.assert_allclose(numbers["A"], hidden, atol=1e-6)
    wanted = [[-0.397306, 0, 0.370420], [0.069038, 0, 0.026616]]
    np.testing.assert_allclose(of_network.results["W1"], wanted, atol=1e-6)


def test_the_network_is_derived_layer_by_layer(of_network):
    assert has(of_network, "∂Z", "softmax in terms of its output")
    assert has(of_network, "(P − Y)/2", "factor")
    assert has(of_network, "(1 − H²)", "∂A")
    assert has(of_network, "Hᵀ (P − Y)/2", "3 operations")
    assert has(of_network, "mean(P − Y, axis=0)", "2 operations")
    assert has(of_network, "Xᵀ δA", "7 operations")
    assert has(of_network, "onehot-sum")
    assert of_network.story.checks.assumptions == ("the rows of Y sum to 1",)
    assert "in general" in str(of_network)


def test_a_unit_with_equal_weights_to_both_classes_has_a_gradient_of_zero(of_network):
    assert np.max(np.abs(of_network.results["W1"][:, 1])) < 1e-15
    shown = str(of_network).split("checked", maxsplit=1)[0]
    assert not re.search(r"\de-\d\d\b", shown), "rounding is shown"


# ------------------------------------------------------------------------- all

FOUR = {
    "composite": (composite, (2.0,), "x"),
    "logistic": (logistic, (0.5, -0.5, 2.0, 1.0), ("w", "b", "x")),
    "softmax": (softmax_regression, (W, X2, np.zeros(3), 1), ("W", "b", "x")),
    "network": (network, tuple(MLP.values()), ("W1", "b1", "W2", "b2", "X")),
}


@pytest.mark.parametrize("name", FOUR)
def test_every_line_evaluated_again_is_right(name):
    function, at, by = FOUR[name]
    told = Told(function, *at, wrt=by, title=name)
    assert not told.story.checks.failure
    assert wrong_lines(told) == []
    assert told.story.checks.automatic < 1e-12
    assert told.story.checks.differences < 1e-6


@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize("level", ["brief", "normal", "full"])
def test_each_level_shows_the_result(name, level):
    function, at, by = FOUR[name]
    brief = whence.explain(function, *at, wrt=by, level="brief")
    told = whence.explain(function, *at, wrt=by, level=level)
    assert "result" in str(told)
    assert len(str(told)) >= len(str(brief))


def test_full_says_where_each_rule_is_proved():
    told = whence.explain("sin(x)**2 + cos(x)*x", 0.7, level="full")
    normal = whence.explain("sin(x)**2 + cos(x)*x", 0.7)
    assert len(str(told)) > len(str(normal))
    assert "DLMF" in str(told)


def test_whole_numbers_given_to_a_formula_keep_their_names():
    formula = "p = 1/(1 + exp(-w*x)); -(y*log(p) + (1 - y)*log(1 - p))"
    told = whence.explain(formula, w=1, x=2, y=1)
    assert told.result == "(p - y)*x"
    picked = whence.explain("p = softmax(q); -log(p[c])", q=np.ones(3), c=1)
    assert picked.result == "p - np.eye(3)[1]"


@pytest.mark.parametrize("x", [2.0, -1.0])
def test_the_masks_of_a_maximum_are_not_read(x):
    found = whence.explain(lambda x: np.maximum(x, 0) ** 2, x)
    assert found.checked
    assert "[x > 0]" in str(found)
    assert " or " not in str(found)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_kink_hides_nothing_from_the_cotangent_of_what_it_makes(order):
    def f(X, W, b, G):
        Z = X @ W + b
        H = np.maximum(*((0, Z)[i] for i in order))
        return np.sum(G * H)

    draw = np.random.default_rng(0)
    shapes = {"X": (5, 4), "W": (4, 3), "b": (3,), "G": (5, 3)}
    point = {name: draw.normal(size=shape) for name, shape in shapes.items()}
    told = whence.explain(f, wrt=("X", "W", "b"), at=point)
    assert told.checked
    np.testing.assert_allclose(
        told.results["W"],
        point["X"].T @ (point["G"] * (point["X"] @ point["W"] + point["b"] > 0)),
    )


def test_a_cotangent_may_be_an_input_of_the_program_itself():
    def f(W, b, x, v):
        y = W @ x + b
        return v @ y

    draw = np.random.default_rng(0)
    shapes = {"W": (3, 4), "b": (3,), "x": (4,), "v": (3,)}
    point = {name: draw.normal(size=shape) for name, shape in shapes.items()}
    told = whence.explain(f, wrt="b", at=point)
    assert told.checked
    assert told.result == "v"


@pytest.mark.parametrize(
    ("formula", "rules"),
    [
        ("x**2*sin(x)", "power rule, sine rule, product rule"),
        ("e**x", "exponential rule"),
        ("x**x", "power rule, exponential rule"),
    ],
)
def test_a_slope_names_the_rules_that_give_it(formula, rules):
    told = whence.explain(formula, x=1.5)
    assert [x.rule for x in told.story.lines if x.kind == "local"] == [rules]


def test_what_is_only_written_otherwise_is_not_said_to_cancel():
    told = whence.explain("arcsin(x)", x=0.3)
    assert not told.story.checks.conditions
    assert all("cancel" not in x.rule for x in told.story.lines)


def test_a_name_of_the_users_that_begins_with_delta_stays_it():
    def f(x, w):
        delta_x = x * w
        return np.tanh(delta_x) ** 2 + np.tanh(delta_x)

    told = whence.explain(f, 0.3, 0.7, wrt=("x", "w"))
    text = str(told)
    assert "δx" not in text
    assert "tanh(delta_x)" in text
    assert "delta_x = x*w" in told.code()


def test_a_name_given_twice_needs_no_number_where_one_value_is_left():
    def probabilities(z):
        p = np.exp(z)
        p = p / np.sum(p)
        return p @ p

    text = str(whence.explain(probabilities, np.array([0.1, 0.2, 0.3])))
    assert "p = softmax(z)" in text
    assert "p₂" not in text

    def twice(x):
        u = np.sin(x)
        u = u * np.cos(x)
        return u**2

    assert "u₁ = sin(x)" in str(whence.explain(twice, 0.3))


def test_a_slope_that_has_a_name_is_called_by_it():
    def mish(x):
        return x * np.tanh(np.log(1 + np.exp(x)))

    lines = str(whence.explain(mish, 0.7)).splitlines()
    (slope,) = [x for x in lines if "∂u/∂x = " in x and "·" not in x]
    assert "∂u/∂x = s " in slope


def test_an_array_that_a_result_would_say_twice_keeps_its_name():
    def kernel(x, y, g):
        return np.exp(-g * np.sum((x - y) ** 2))

    told = whence.explain(kernel, np.ones(2), np.zeros(2), 0.5, wrt=("x", "g"))
    assert "∂kernel/∂g = −kernel·sum(u²)" in str(told)
    assert "∂kernel/∂x = −2g·u·kernel" in str(told)
