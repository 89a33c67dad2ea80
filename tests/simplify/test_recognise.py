"""Recognition: functions spelled out become the functions, and nothing else changes."""

import mpmath
import numpy as np
import pytest

import whence.numpy as wnp
from strategies import traced
from whence import special
from whence.core.check import check
from whence.simplify.recognise import recognise

VECTOR = np.array([0.3, -1.2, 2.0])
MATRIX = np.array([[0.3, -1.2, 2.0], [1.5, 0.1, -0.4]])


def rows_shifted(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def shifted(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


def shifted_logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


SPELLED = {
    "sigmoid": [
        (lambda x: 1 / (1 + np.exp(-x)), VECTOR),
        (lambda x: 1 / (np.exp(-x) + 1), VECTOR),
        (lambda x: 1.0 / (1.0 + np.exp(-2 * x)), 0.7),
        (lambda x: np.exp(x) / (1 + np.exp(x)), VECTOR),
        (lambda x: 1 / (1 + np.exp(x)), VECTOR),
        (lambda x: (1 + np.exp(-x)) ** -1, VECTOR),
        (lambda x: np.reciprocal(1 + np.exp(-x)), VECTOR),
        (lambda x: 0.5 * (1 + np.tanh(x / 2)), VECTOR),
    ],
    "softplus": [
        (lambda x: np.log(1 + np.exp(x)), VECTOR),
        (lambda x: np.log1p(np.exp(x)), VECTOR),
        (lambda x: np.log(1 + np.exp(-x)), 0.7),
        (lambda x: np.log(np.exp(x) + 1.0), MATRIX),
    ],
    "ndtr": [
        (lambda x: (1 + special.erf(x / np.sqrt(2))) / 2, VECTOR),
        (lambda x: x * 0.5 * (1 + special.erf(x / np.sqrt(2))), VECTOR),
        (lambda x: 0.5 * special.erfc(-x / np.sqrt(2)), VECTOR),
        (lambda x: 0.5 - 0.5 * special.erf(x / np.sqrt(2)), 0.7),
    ],
    "log_ndtr": [
        (lambda x: np.log(0.5 * (1 + special.erf(x / np.sqrt(2)))), VECTOR),
        (lambda x: np.log(special.ndtr(x)), VECTOR),
        (lambda x: np.log(special.erfc(x)), VECTOR),
        (lambda x: np.log(1 - special.erf(x)), 0.7),
    ],
    "erfcx": [(lambda x: np.exp(x**2) * special.erfc(x), VECTOR)],
    "softmax": [
        (lambda x: np.exp(x) / np.sum(np.exp(x)), VECTOR),
        (lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True), MATRIX),
        (lambda x: np.exp(x) / np.exp(x).sum(axis=0), MATRIX),
        (lambda x: np.exp(x) / np.exp(x).sum(axis=0, keepdims=True), MATRIX),
        (lambda x: np.exp(x) / np.exp(x).sum(1)[:, None], MATRIX),
        (lambda x: np.exp(-x) / np.sum(np.exp(-x)), VECTOR),
        (lambda x: np.exp(x / 3) / np.sum(np.exp(x / 3)), VECTOR),
        (lambda x: np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True), MATRIX),
        (lambda x: np.exp(x) * (1 / np.sum(np.exp(x))), VECTOR),
        (rows_shifted, MATRIX),
        (shifted, VECTOR),
    ],
    "tanh": [
        (lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), VECTOR),
        (lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1), VECTOR),
        (lambda x: (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)), VECTOR),
    ],
    "logsumexp": [
        (lambda x: np.log(np.sum(np.exp(x))), VECTOR),
        (lambda x: np.log(np.sum(np.exp(x), axis=1)), MATRIX),
        (lambda x: np.log(np.exp(x).sum(axis=0)), MATRIX),
        (shifted_logsumexp, VECTOR),
        (lambda x: np.log(np.mean(np.exp(x))), VECTOR),
        (lambda x: np.log(np.mean(np.exp(x), axis=1)), MATRIX),
        (lambda x: np.log(np.sum(np.exp(x)) / len(x)), VECTOR),
        (lambda x: np.log(2 * np.sum(np.exp(x))), VECTOR),
    ],
    "logaddexp": [
        (lambda x: np.log(np.exp(x) + np.exp(2 * x)), VECTOR),
        (lambda x: np.log(np.exp(x) / 2 + np.exp(2 * x) / 2), VECTOR),
    ],
    "norm": [
        (lambda x: np.sqrt(np.sum(x**2)), VECTOR),
        (lambda x: np.sqrt(np.sum(x * x, axis=1)), MATRIX),
        (lambda x: np.sqrt(x @ x), VECTOR),
        (lambda x: np.sum(x**2) ** 0.5, VECTOR),
        (lambda x: np.sqrt(np.square(x).sum()), VECTOR),
    ],
}
CASES = [(name, i) for name, forms in SPELLED.items() for i in range(len(forms))]
OTHERS = {
    "a product": lambda x: x * 2 + 1,
    "a rational function": lambda x: 1 / (1 + x**2),
    "an exponential": lambda x: np.exp(-(x**2)) / 2,
    "two exponentials": lambda x: np.exp(x) / (2 + np.exp(x)),
    "a shifted logarithm": lambda x: np.log(2 + np.exp(x)),
    "the wrong total": lambda x: np.exp(x) / np.sum(np.exp(2 * x)),
    "another total": lambda x: np.exp(x) / np.sum(np.exp(x[:2])),
    "a root of a sum": lambda x: np.sqrt(np.sum(x + 3)),
    "a sum of fourth powers": lambda x: np.sqrt(np.sum(x**4)),
    "a quotient of exponentials": lambda x: (np.exp(x) - 2) / (np.exp(x) + 2),
    "a mean of squares": lambda x: np.log(np.mean(np.exp(x) ** 2 + 1)),
}


def primitives(graph):
    return [e.primitive.name for e in graph.equations]


@pytest.mark.parametrize(("name", "i"), CASES)
def test_a_function_that_is_spelled_out_is_recognised(name, i):
    function, x = SPELLED[name][i]
    graph, steps = recognise(traced(function, x))
    check(graph)
    assert steps, f"nothing was recognised in\n{graph}"
    assert name in primitives(graph)


@pytest.mark.parametrize(("name", "i"), CASES)
def test_recognition_keeps_values_and_the_shape_of_the_program(name, i):
    function, x = SPELLED[name][i]
    written = traced(function, x)
    graph, steps = recognise(written)
    assert graph.inputs == written.inputs
    assert graph.outputs == written.outputs
    assert [v.aval for v in graph.outputs] == [v.aval for v in written.outputs]
    np.testing.assert_allclose(graph(x)[0], written(x)[0], rtol=1e-13)
    for found in steps:
        assert found.step.rule
        assert found.step.before != found.step.after


@pytest.mark.parametrize("name", OTHERS)
def test_other_programs_are_left_alone(name):
    written = traced(OTHERS[name], VECTOR)
    graph, steps = recognise(written)
    assert not steps, [f.step for f in steps]
    assert graph is written


@pytest.mark.parametrize("axis", [0, 1, 2, (0, 2), (1, 2)])
def test_softmax_is_recognised_along_any_axes(axis):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))

    def function(x):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)

    graph, steps = recognise(traced(function, x))
    assert "softmax" in primitives(check(graph)), steps
    np.testing.assert_allclose(graph(x)[0], function(x), rtol=1e-13)


def test_a_product_with_exponentials_along_another_axis_is_no_softmax():
    x = np.random.default_rng(0).normal(size=(3, 3))

    def function(x):
        return np.exp(x) / np.sum(np.exp(x), axis=1)  # broadcasts along the columns

    graph, _ = recognise(traced(function, x))
    np.testing.assert_allclose(graph(x)[0], function(x), rtol=1e-13)


def test_a_name_that_the_user_gave_keeps_its_value():
    def function(z):
        e = np.exp(-z)
        p = 1 / (1 + e)
        return p * e

    written = traced(function, VECTOR)
    graph, steps = recognise(written)
    assert len(steps) == 1
    np.testing.assert_allclose(graph(VECTOR)[0], function(VECTOR), rtol=1e-13)


@pytest.mark.parametrize("z", [-1000.0, -40.0, 40.0, 1000.0])
def test_what_is_recognised_is_finite_where_the_spelled_form_overflows(z):
    for name, function in {
        "sigmoid": lambda x: np.exp(x) / (1 + np.exp(x)),
        "softplus": lambda x: np.log(1 + np.exp(x)),
        "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    }.items():
        graph, _ = recognise(traced(function, z))
        with mpmath.workdps(100):
            x = mpmath.mpf(z)
            wanted = {
                "sigmoid": 1 / (1 + mpmath.exp(-x)),
                "softplus": mpmath.log1p(mpmath.exp(x)),
                "tanh": mpmath.tanh(x),
            }[name]
        np.testing.assert_allclose(graph(z)[0], float(wanted), rtol=1e-15)


def test_a_program_that_uses_the_functions_by_name_is_left_alone():
    for function in (special.softmax, special.logsumexp, wnp.tanh, wnp.linalg.norm):
        written = traced(function, VECTOR)
        assert recognise(written) == (written, [])


def test_a_log_of_a_sigmoid_is_a_softplus():
    graph, steps = recognise(traced(lambda z: np.log(1 / (1 + np.exp(-z))), -800.0))
    assert [f.step.rule for f in steps] == ["is-sigmoid", "log of sigmoid"]
    assert graph(-800.0)[0] == -800.0


def test_many_functions_in_one_program_are_all_recognised():
    def network(x):
        for _ in range(6):
            x = 1 / (1 + np.exp(-x)) - 0.5
        return np.log(np.sum(np.exp(x)))

    graph, steps = recognise(traced(network, VECTOR))
    assert primitives(graph).count("sigmoid") == 6
    assert len(steps) == 7
    np.testing.assert_allclose(graph(VECTOR)[0], network(VECTOR), rtol=1e-13)
