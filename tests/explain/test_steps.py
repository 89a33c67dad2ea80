"""Steps: both sides of each can be evaluated, and are equal."""

import re

import numpy as np
import pytest

import whence
from textbook import logistic
from whence.explain.catalogue import laws


def network(X, W, V, Y):
    H = np.tanh(X @ W)
    P = np.exp(H @ V) / np.sum(np.exp(H @ V), axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(X)


def picked(q, c):
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[c])


def huber(r, d):
    return np.sum(np.where(np.abs(r) <= d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)))


def own_names(df_dx, x):
    return np.sin(df_dx * x) * x


rng = np.random.default_rng(0)
ARRAYS = [rng.normal(size=s) for s in ((2, 3), (3, 2), (2, 2))]
TOLD = {
    "logistic": (logistic, (0.5, -0.5, 2.0, 1.0), ("w", "b", "x")),
    "network": (network, (*ARRAYS, np.eye(2)), ("W", "V")),
    "an index": (picked, (np.array([0.3, -1.2, 0.5]), 1), "q"),
    "choices": (huber, (np.array([0.3, -1.2, 2.5]), 1.0), "r"),
    "two routes": ("exp(x)/x + x**x", (0.7,), 0),
    "a product": ("prod(x)", (np.array([0.3, -1.2, 2.5]),), 0),
    "a name like a derivative": (own_names, (0.7, 1.2), "x"),
}
every = pytest.mark.parametrize("name", TOLD)


def told(name):
    f, at, by = TOLD[name]
    return whence.explain(f, *at, wrt=by)


@every
def test_both_sides_of_every_step_are_equal(name):
    found = told(name)
    for step in found.steps:
        before, after = (eval(x, found.scope) for x in (step.before, step.after))
        np.testing.assert_allclose(
            *np.broadcast_arrays(before, after), rtol=1e-9, atol=1e-12, err_msg=step
        )
        np.testing.assert_allclose(
            *np.broadcast_arrays(step.value, after), rtol=1e-9, atol=1e-12
        )


@every
def test_every_step_names_its_rule_and_is_checked(name):
    steps = told(name).steps
    assert all(step.rule and step.checked for step in steps)
    assert {"name", "chain", "result", "check"} <= {step.kind for step in steps}


@every
def test_every_rule_that_a_derivation_names_is_in_the_catalogue(name):
    for step in told(name).steps:
        found = {law.name for law in laws(step.rule)}
        left = step.rule
        for known in sorted(found, key=len, reverse=True):
            left = left.replace(known, "")
        assert not left.strip(", "), f"{step.rule!r} is not in the catalogue"


def test_what_a_step_cancels_is_a_condition_that_holds():
    found = told("logistic")
    (cancel,) = [step for step in found.steps if step.rule == "cancel"]
    assert {*cancel.conditions} == {"y_hat != 0", "1 - y_hat != 0"}
    for condition in cancel.conditions:
        assert eval(condition, found.scope)
        assert not all(eval(condition, {**found.scope, "y_hat": y}) for y in (0, 1))


@every
def test_a_step_builds_on_what_was_last_said_of_each_name_in_it(name):
    said = {}
    for i, step in enumerate(told(name).steps, 1):
        words = {*re.findall(r"\w+", f"{step.before} {step.after}"), step.subject}
        assert {said[word] for word in words if word in said} <= {*step.uses}
        assert all(other in said.values() for other in step.uses)
        said[step.subject] = i


@every
def test_only_a_first_word_about_a_name_builds_on_nothing(name):
    steps = told(name).steps
    first = [i for i, step in enumerate(steps, 1) if not step.uses]
    assert [steps[i - 1].subject for i in first] == [
        *dict.fromkeys(steps[i - 1].subject for i in first)
    ]
    assert {steps[i - 1].kind for i in first} <= {"name", "local", "chain"}
    assert len(first) < len(steps)


def test_a_cotangent_that_is_sent_back_builds_on_the_one_it_comes_from():
    steps = told("network").steps
    above = [i for i, x in enumerate(steps, 1) if x.subject == "dnetwork_dv"]
    for by in ("dnetwork_dH", "dnetwork_dV"):
        chain = next(x for x in steps if x.subject == by and x.kind == "chain")
        assert max(above) in chain.uses


@every
def test_steps_lead_from_line_to_line_to_the_result(name):
    found = told(name)
    for step in found.steps:
        if step.kind == "result":
            said = [
                x.after
                for x in found.steps[: found.steps.index(step)]
                if x.subject == step.subject
            ]
            assert step.before == said[-1]


@every
def test_what_runs_gives_the_gradient(name):
    f, at, by = TOLD[name]
    found = told(name)
    scope = {**found.scope}
    wanted = whence.grad(f, by)(*at)
    parts = wanted if isinstance(by, tuple) else (wanted,)
    for text, part in zip(found.runs.splitlines(), parts, strict=True):
        np.testing.assert_allclose(
            *np.broadcast_arrays(eval(text, scope), part), rtol=1e-9
        )


def test_a_recognised_function_is_a_step_from_what_was_written():
    (step,) = [x for x in told("logistic").steps if x.rule == "is-sigmoid"]
    assert step.before == "1/(1 + np.exp(-z))"
    assert step.after == "sigmoid(z)"


def test_a_chain_is_a_product_of_derivatives_that_have_names():
    step = next(x for x in told("logistic").steps if x.subject == "dlogistic_dz")
    assert step.before == "dlogistic_dy_hat * dy_hat_dz"


def test_an_assumption_is_said_where_it_is_used():
    steps = told("network").steps
    assert any("sum to 1" in words for step in steps for words in step.assumptions)


def test_operations_count_cotangents_once():
    def layers(W, V, x):
        h = np.tanh(W @ x)
        return np.sum(np.tanh(V @ h))

    at = (np.eye(2), np.eye(2), np.ones(2))
    both = whence.explain(layers, *at, wrt=("W", "V"))
    alone = [whence.explain(layers, *at, wrt=by).operations for by in ("W", "V")]
    assert max(alone) < both.operations <= sum(alone)
