"""Planted faults: a wrong rule, record or move is caught; no wrong line is shown."""

import numpy as np
import pytest

from derivations import Told, wrong_lines
from textbook import logistic, softmax_loss
from whence.core.primitive import PRIMITIVES, Linear, Multilinear, Partials, named
from whence.explain import ending, show
from whence.ops.reduction import stretch
from whence.simplify import linear, recognise, search, term
from whence.simplify.rule import Rule, function
from whence.simplify.rules import IDENTITIES, RECOGNISE
from whence.simplify.term import (
    EULER,
    ONE,
    Sum,
    Symbol,
    add,
    apply,
    items_of,
    power,
    scale,
    split,
)

z = Symbol("z", order="z")
sin, cos, tanh = function("sin"), function("cos"), function("tanh")
sigmoid, log = function("sigmoid"), function("log")
softplus = function("softplus")


def network(X, W, V, T):
    H = np.tanh(X @ W)
    return np.sum((H @ V - T) ** 2) / len(X)


def batch(w, X, y):
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


rng = np.random.default_rng(0)
NETWORK = [rng.normal(size=s) for s in ((4, 3), (3, 2), (2, 2), (4, 2))]
LOGISTIC = (0.5, -0.5, 2.0, 1.0)
BATCH = [rng.normal(size=s) for s in (3, (5, 3))] + [np.array([0.0, 1, 1, 0, 1])]
QUOTIENT = "y/(x + 1) + 1/(x + 1)**2"


@pytest.fixture(autouse=True)
def forget():
    """Searches are remembered; what was found with a planted fault is forgotten."""
    search.searched.cache_clear()
    yield
    search.searched.cache_clear()


@pytest.fixture
def identity():
    """Plant a wrong rule, where it is found first."""

    def plant(before, after, into=IDENTITIES, name="a planted rule"):
        into.insert(0, Rule(name, before, after, source="nowhere"))

    kept = list(IDENTITIES), list(RECOGNISE)
    yield plant
    IDENTITIES[:], RECOGNISE[:] = kept


@pytest.fixture
def record():
    """Plant a wrong derivative in the record of an operation."""
    kept = {}

    def plant(name, derivative):
        kept[name] = PRIMITIVES[name].derivative
        object.__setattr__(PRIMITIVES[name], "derivative", derivative)

    yield plant
    for name, derivative in kept.items():
        object.__setattr__(PRIMITIVES[name], "derivative", derivative)


def caught(told, rule=""):
    """Whether a derivation was stopped, with every line that is shown still right."""
    failure = told.story.checks.failure
    assert failure, "the fault was not noticed"
    assert rule in failure, failure
    assert wrong_lines(told) == []
    assert failure in show.text(told.story)


# ------------------------------------------------------------------ identities

WRONG = {
    "cos² is sin²": (cos(z) ** 2, sin(z) ** 2, "sin(x)*cos(x)", (0.7,)),
    "a sum of squares is 2": (sin(z) ** 2 + cos(z) ** 2, 2, "sin(x)*cos(x)*3", (0.7,)),
    "1 − t² is 1": (1 - z**2, ONE, "tanh(x)*y", (0.7, 2.0)),
    "a factor is dropped": (z * (1 - z), z, logistic, LOGISTIC),
    "1 − s is s": (1 - z, z, logistic, LOGISTIC),
    "a product is a sum": (sin(z) * cos(z), sin(z) + cos(z), "sin(x)**2", (0.7,)),
    "the wrong sign": (z / (1 - z), -z, QUOTIENT, (0.7, 2.0)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_identity_is_caught_or_not_used(identity, name):
    before, after, f, at = WRONG[name]
    identity(before, term.term(after))
    told = Told(f, *at)
    if told.story.checks.failure:
        caught(told, "a planted rule")
    assert wrong_lines(told) == []


@pytest.mark.parametrize(
    ("before", "after", "f", "at"),
    [
        (cos(z) ** 2, term.ONE, "sin(x)*cos(x)", (0.7,)),
        (1 - z**2, ONE, "tanh(x)**2", (0.7,)),
        (1 - z, ONE, "3/(1 + exp(-x))", (0.7,)),
    ],
    ids=["cos²", "1 − t²", "1 − s"],
)
def test_a_wrong_identity_that_is_used_is_named(identity, before, after, f, at):
    identity(before, after)
    caught(Told(f, *at), "a planted rule")


# ----------------------------------------------------------------- recognition

SPELLED = {
    "a sigmoid of twice its argument": (
        1 / (1 + power(EULER, z)),
        sigmoid(-2 * z),
        logistic,
        LOGISTIC,
    ),
    "a sigmoid turned round": (
        1 / (1 + power(EULER, z)),
        sigmoid(z),
        logistic,
        LOGISTIC,
    ),
    "softplus of twice its argument": (
        log(1 + power(EULER, z)),
        softplus(2 * z),
        "log(1 + exp(x))**2",
        (0.7,),
    ),
    "half a tanh": (
        (power(EULER, z) - 1) / (power(EULER, z) + 1),
        tanh(z),
        "((exp(x) - 1)/(exp(x) + 1))**2",
        (0.7,),
    ),
}


@pytest.mark.parametrize("name", SPELLED)
def test_a_wrong_recognition_is_caught(identity, name):
    before, after, f, at = SPELLED[name]
    identity(before, after, RECOGNISE, "is-planted")
    caught(Told(f, *at), "is-planted")


def test_a_softmax_recognised_along_a_wrong_axis_is_caught(monkeypatch):
    def flipped(total, exponent):
        axes = right(total, exponent)
        return None if axes is None else tuple(1 - a for a in axes)

    right = recognise.axis_of_total
    monkeypatch.setattr(recognise, "axis_of_total", flipped)
    M = np.array([[0.3, -1.2], [1.5, 0.1]])

    def loss(q):
        p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
        return np.sum(p**2)

    caught(Told(loss, M), "is-softmax")


# --------------------------------------------------------------------- records

PARTIALS = {
    "tanh": (lambda y, x: (1 + y * y,), network, NETWORK, "W"),
    "exp": (lambda y, x: (2 * y,), "exp(x)**2", (0.7,), "x"),
    "sin": (lambda y, x: (-np.cos(x),), "sin(x)*x", (0.7,), "x"),
    "log": (lambda y, x: (1 / (x * x),), "log(x)*x", (0.7,), "x"),
    "sigmoid": (lambda y, x: (y,), logistic, LOGISTIC, "w"),
    "power": (lambda y, x, n: (n * x**n, None), "(x**2 + 1)**3", (2.0,), "x"),
}


@pytest.mark.parametrize("name", PARTIALS)
def test_a_wrong_partial_derivative_is_caught(record, name):
    rule, f, at, by = PARTIALS[name]
    record(name, Partials(rule))
    caught(Told(f, *at, wrt=by))


def test_a_wrong_transpose_is_caught(record):
    record(
        "sum",
        Linear((lambda y_bar, x, axis, keepdims: 2 * stretch(y_bar, x, axis),)),
    )
    caught(Told("sum(x**2)", np.array([0.3, -1.2])))


def test_a_wrong_product_rule_is_caught(record):
    wrong = Multilinear((lambda g, x, y: -g * y, lambda g, x, y: -x * g))
    record("mul", wrong)
    caught(Told("x*sin(x)", 0.7))


# ----------------------------------------------------------------------- moves


def doubled(moves):
    """Moves that forget a factor of two."""

    def wrong(x):
        for name, new in moves(x):
            yield name, scale(2, new)

    return wrong


def dropping(x):
    """Multiply out and drop the last item."""
    out = [(c, search.multiplied(m)) for c, m in items_of(x)]
    everywhere = items_of(add(*(search.distributed(term.Num(c), m) for c, m in out)))
    if len(everywhere) > 1:
        yield "distribute", add(*(scale(c, m) for c, m in everywhere[:-1]))


def first_alone(x):
    """Take the first item of a sum for the whole."""
    if isinstance(x, Sum) and len(x.items) > 1:
        c, m = x.items[0]
        yield "factor", scale(c, m)


MOVES = {
    "distribute": ("expanded", dropping, logistic, LOGISTIC),
    "factor": ("factored", first_alone, logistic, LOGISTIC),
    "factor a product": ("factored", first_alone, "sin(x)*y + x**3", (0.7, 2.0)),
    "factor instead": ("over_common_denominator", first_alone, logistic, LOGISTIC),
    "factor arrays": ("factored", first_alone, batch, BATCH),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_wrong_move_is_caught_and_named(monkeypatch, name):
    place, wrong, f, at = MOVES[name]
    monkeypatch.setattr(search, place, wrong)
    caught(Told(f, *at), name.split()[0])


@pytest.mark.parametrize("place", ["factored", "over_common_denominator", "expanded"])
def test_a_move_that_doubles_shows_no_wrong_line(monkeypatch, place):
    monkeypatch.setattr(search, place, doubled(getattr(search, place)))
    for f, at in ((logistic, LOGISTIC), (QUOTIENT, (2.0, 0.7)), (network, NETWORK)):
        told = Told(f, *at)
        assert wrong_lines(told) == []


# ------------------------------------------------------------- what is underneath


def test_a_wrong_normal_form_is_caught(monkeypatch):
    def blind(base, exponent):  # √(x²) is taken for x
        ((inner, first),) = base.factors
        return term.power(inner, first * exponent)

    monkeypatch.setattr(term, "power_of_power", blind)
    caught(Told("sqrt(x**2)*x", -1.5))


def test_a_wrong_factor_pulled_out_of_a_sum_is_caught(monkeypatch):
    def wrong(x):
        if x.primitive.name == "sum":
            return scale(2, right(x))
        return right(x)

    right = linear.pulled
    monkeypatch.setattr(linear, "pulled", wrong)
    x, y = np.array([0.3, -1.2]), np.array([2.0, 0.5])
    caught(Told("sum(x*y)*sum(x**2)", x, y=y))


def test_names_put_back_wrongly_are_caught(monkeypatch):
    def wrong(x, *meanings):
        return scale(3, right(x, *meanings))

    right = ending.closed
    monkeypatch.setattr(ending, "closed", wrong)
    caught(Told("(x**2 + 1)**3", 2.0), "put names back")


def test_an_assumption_that_the_data_break_is_not_made():
    def loss(q, t):
        p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
        return -np.sum(t * np.log(p))

    q = np.array([[0.3, -1.2], [1.5, 0.1]])
    held = Told(loss, q, np.eye(2))
    assert held.story.checks.assumptions
    assert held.story.results[0].general is not None
    broken = Told(loss, q, np.array([[1.0, 0.0], [0.5, 0.7]]))
    assert not broken.story.checks.assumptions
    for told in (held, broken):
        assert wrong_lines(told) == []
        assert not told.story.checks.failure


SOUND = {
    "a composite": ("(x**2 + 1)**3", (2.0,)),
    "logistic": (logistic, LOGISTIC),
    "softmax": (softmax_loss, (np.array([0.3, -1.2, 0.5]),)),
    "a network": (network, NETWORK),
    "a quotient": (QUOTIENT, (2.0, 0.7)),
    "choices": ("where(x > 0, x**2, -x)*maximum(x, 0)", (0.7,)),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_derivation_is_checked_and_every_line_is_right(name):
    f, at = SOUND[name]
    for by in range(len(at)):
        told = Told(f, *at, wrt=by)
        assert not told.story.checks.failure
        assert wrong_lines(told) == []
        assert split(told.story.results[0].form) is not None


def test_operations_are_found_by_name_for_planting():
    assert apply(named("tanh"), (z,)) == tanh(z)
