"""The saboteur: every rule is broken in turn, and the check catches each.

Rules are taken from the records themselves, so that a new one is broken here too. Each
is first seen at work in a sound derivation. Broken, it must stop the derivation, or not
be used, so that every number that is given is still right.
"""

import re
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
import scipy.special

import whence
from strategies import CASES, drawn, moves, program, traced
from textbook import logistic, softmax_loss
from whence.core.primitive import (
    PRIMITIVES,
    Defined,
    Differential,
    Linear,
    Multilinear,
    Partials,
)
from whence.explain import build, prepare
from whence.explain.build import story
from whence.explain.catalogue import catalogue, of_rule
from whence.simplify import linear, recognise, search
from whence.simplify.rules import IDENTITIES, RECOGNISE
from whence.simplify.term import Term, exact, scale, term

WAYS = {  # in which a term is made wrong, the least first
    "a little more": lambda x: scale(exact(1.001), x),
    "its opposite": lambda x: scale(-1, x),
    "twice": lambda x: scale(2, x),
    "a number": lambda x: term(7),
}
SPACE = {"np": np, "scipy": scipy, **vars(whence.special)}


@pytest.fixture(autouse=True)
def forget():
    """Searches are remembered; what was found with a broken rule is forgotten."""
    search.searched.cache_clear()
    yield
    search.searched.cache_clear()


class Program:
    """A function at a point, and what is derived of it while all is sound."""

    def __init__(self, function, *at, by=0, recognise=True):
        self.function, self.at, self.by = function, at, by
        self.recognise = recognise
        sound = self.told()
        assert sound.checked, sound.story.checks.failure
        self.results = sound.results
        self.rules = {word for x in sound.steps for word in x.rule.split(", ")}

    def told(self):
        search.searched.cache_clear()
        options = {"wrt": self.by, "recognise": self.recognise}
        return whence.explain(self.function, *self.at, **options)

    def catches(self):
        """Whether the derivation stops now; if it does not, it must still be right."""
        told = self.told()
        if told.story.checks.failure:
            return told.story.checks.failure
        for name, number in told.results.items():
            np.testing.assert_allclose(number, self.results[name], rtol=1e-6, atol=1e-9)
        return ""


def caught(programs, plant, name=""):
    """Demand that the least way of being wrong that is used is noticed, by its name.

    The search that puts names back uses rules too, under its own name.
    """
    found = []
    for wrong in WAYS.values():
        with plant(wrong):
            found += [failure for p in programs if (failure := p.catches())]
        if found:
            break
    assert found, "nothing was noticed: the rule was never used"
    if name:
        assert any(name in x or "put names back" in x for x in found), found


class Planted:
    """An attribute, or an entry, replaced for a while."""

    def __init__(self, place, name, new):
        self.place, self.name, self.new = place, name, new

    def set(self, x):
        if isinstance(self.place, (dict, list)):
            self.place[self.name] = x
        else:
            object.__setattr__(self.place, self.name, x)

    def __enter__(self):
        listed = isinstance(self.place, (dict, list))
        self.old = self.place[self.name] if listed else getattr(self.place, self.name)
        self.set(self.new)

    def __exit__(self, *_):
        self.set(self.old)
        search.searched.cache_clear()


# ------------------------------------------------------- identities, recognitions


def spelled(code, rule):
    """A side with its functions written out, as they have to be to be recognised."""
    if "relu" in repr(rule.before):
        code = code.replace("np.maximum", "relu").replace("relu(z, 0)", "relu(z)")
    code = re.sub(r"\bsigmoid\((\w+)\)", r"(1/(1 + np.exp(-\1)))", code)
    return re.sub(r"np\.logaddexp\((.+?), 0\)", r"np.log1p(np.exp(\1))", code)


def program_of(law, rule, *, by_factor):
    """A program in which a rule is used: its left side, times a factor or alone."""
    letters = [s.text for s in rule.letters]
    left = law.sides[0] if by_factor else spelled(law.sides[0], rule)
    for x in (0.7, -0.6, 1.3):
        numbers = dict.fromkeys(letters, x)
        with np.errstate(all="ignore"):
            both = [eval(side, {**SPACE, **numbers}) for side in law.sides]
        if np.isfinite(both).all() and abs(both[0]) > 1e-3:
            break
    if by_factor:
        function = eval(f"lambda a, {', '.join(letters)}: a*({left})", SPACE)
        return Program(function, 1.7, *numbers.values(), recognise=False)
    return Program(
        eval(f"lambda {', '.join(letters)}: {left}", SPACE), *numbers.values()
    )


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        pytest.param(rules, i, id=f"{rule.name} {i}")
        for rules in (IDENTITIES, RECOGNISE)
        for i, rule in enumerate(rules)
        if rule.before != rule.after
    ],
)
def test_a_broken_identity_or_recognition_is_caught(rules, place):
    rule = rules[place]
    used = program_of(of_rule("", rule), rule, by_factor=rules is IDENTITIES)
    assert rule.name in used.rules, "the rule is not used where it should be"

    class First:
        """The broken rule in front of all others, where it is found first."""

        def __init__(self, wrong):
            self.broken = replace(rule, after=wrong(rule.after))

        def __enter__(self):
            self.kept = list(rules)
            rules[:] = [self.broken, *(x for x in rules if x is not rule)]

        def __exit__(self, *_):
            rules[:] = self.kept
            search.searched.cache_clear()

    caught([used], First, rule.name)


# --------------------------------------------------- what is seen by its structure


def squares_of_softmax(q):
    p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
    return np.sum(p**2)


def divergence(a, z):
    t = np.exp(a) / np.sum(np.exp(a))
    q = np.exp(z) / np.sum(np.exp(z))
    return np.sum(t * np.log(t / q))


def temperature(tau, s):
    q = s / tau
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[1])


def labelled(q, t):
    p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
    return -np.sum(t * np.log(p))


def network(W, X, V, T):
    H = np.tanh(X @ W)
    return np.sum((H @ V - T) ** 2) / len(X)


def batch(w, X, y):
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def attention(K, Q, V, G):
    S = Q @ K.T / np.sqrt(2)
    A = np.exp(S) / np.sum(np.exp(S), axis=1, keepdims=True)
    return np.sum(G * (A @ V))


def elu(x, a, v):
    return np.dot(v, np.where(x > 0, x, a * (np.exp(x) - 1)))


LINEAR = [
    "pulled",
    "reshaped",
    "transposed",
    "unrepeated",
    "relabelled",
    "contracted_with_ones",
]
rng = np.random.default_rng(0)
VECTOR, MATRIX = np.array([0.3, -1.2, 0.5]), rng.normal(size=(2, 3))
PROGRAMS = {
    "a composite": lambda: Program("(x**2 + 1)**3", 2.0),
    "a quotient": lambda: Program("y/(x + 1) + 1/(x + 1)**2", 0.7, 2.0, by=1),
    "logistic": lambda: Program(logistic, 0.5, -0.5, 2.0, 1.0),
    "odd functions": lambda: Program("sin(-x)*tanh(-x)*y + x**3*cos(-x)", 0.7, 2.0),
    "a length": lambda: Program("sqrt(x**2 + y**2)*x", 0.7, 2.0),
    "a norm": lambda: Program("sqrt(sum(x**2))", VECTOR),
    "a softmax": lambda: Program(softmax_loss, VECTOR),
    "softmax in rows": lambda: Program(squares_of_softmax, MATRIX),
    "a divergence": lambda: Program(divergence, VECTOR, np.array([1.0, 0.2, -0.4])),
    "a temperature": lambda: Program(temperature, 1.5, VECTOR),
    "labels": lambda: Program(labelled, rng.normal(size=(2, 2)), np.eye(2)),
    "a normal probability": lambda: Program("x*(1 + erf(x/sqrt(2)))/2", 0.7),
    "a tail": lambda: Program("log(erfc(x))", 0.7),
    "logsumexp": lambda: Program("log(sum(exp(x)))**2", VECTOR),
    "a network": lambda: Program(
        network, *(rng.normal(size=s) for s in ((3, 2), (4, 3), (2, 2), (4, 2)))
    ),
    "a batch": lambda: Program(
        batch, rng.normal(size=3), rng.normal(size=(5, 3)), np.array([0.0, 1, 1, 0, 1])
    ),
    "attention": lambda: Program(attention, *rng.normal(size=(4, 3, 2))),
    "choices": lambda: Program(elu, VECTOR, 1.5, np.array([1.0, -0.5, 2.0])),
    "a comparison": lambda: Program(lambda x: 3 * np.maximum(2 * x, x), VECTOR),
    "a log of a product": lambda: Program(
        lambda x: np.log(np.prod(x)), np.array([0.3, 1.2, 0.5])
    ),
    "a trace": lambda: Program(
        lambda X, A: np.trace(A @ X), *rng.normal(size=(2, 3, 3))
    ),
    "a cubic over a factor": lambda: Program("(x**3 - 1)/(x - 1)", 0.7),
    "an arcsine": lambda: Program("arcsin(x/2)", 0.7),
    "a power in disguise": lambda: Program("a*exp(2*log(x))", 1.5, 0.7),
    "a quadratic form": lambda: Program("x @ A @ x", VECTOR, rng.normal(size=(3, 3))),
    "a spread": lambda: Program("sum((x - mean(x))**2)", VECTOR),
    "a standardised vector": lambda: Program(
        "v @ ((x - mean(x))/std(x))", np.array([1.0, 0.2, -0.4]), VECTOR, by="x"
    ),
    "a linear system": lambda: Program(
        lambda b, A, v: v @ np.linalg.solve(A, 2 * b),
        VECTOR,
        rng.normal(size=(3, 3)),
        np.array([1.0, 0.2, -0.4]),
    ),
    "a choice that is none": lambda: Program("where(x > 0, x**2, x*x)*3", 0.7),
    "a density": lambda: Program(
        "-log(exp(-(x - m)**2/(2*s**2))/(s*sqrt(2*pi)))", 0.9, 0.6, 0.7
    ),
    "rows of weights": lambda: Program(
        lambda W, X, v: np.sum((X @ W) * v), *rng.normal(size=(2, 3, 3)), VECTOR
    ),
    "two classes": lambda: Program("exp(a)/(exp(a) + exp(b))", 0.7, 0.3),
    "a sum of exponentials": lambda: Program("log(exp(a) + exp(b))", 0.7, 0.3),
    "a difference": lambda: Program("log(exp(a) - exp(b))", 0.7, 0.3),
    "hyperbolic": lambda: Program("a*(exp(x) - exp(-x))/2", 0.7, 0.3, by=1),
    "hyperbolic and not": lambda: Program("sinh(x)*exp(-x)*a", 0.7, 0.3),
    "sums of columns": lambda: Program(
        lambda X, v: np.sum(np.exp(X @ v)), rng.normal(size=(2, 3)), VECTOR
    ),
}


@pytest.fixture(scope="module")
def programs():
    """All programs, each derived once while everything is sound, and watched."""
    return {name: watched(make) for name, make in PROGRAMS.items()}


def watched(make):
    """A program that knows, beside its rules, the steps of linear algebra it takes."""
    used = set()

    def watching(name, right):
        def step(x, *rest):
            found = right(x, *rest)
            if isinstance(found, Term) and found != x:
                used.add(name)
            return found

        return step

    with ExitStack() as stack:
        for name in LINEAR:
            step = watching(name, getattr(linear, name))
            stack.enter_context(Planted(linear, name, step))
        table = {k: watching(f.__name__, f) for k, f in linear.SPECIAL.items()}
        stack.enter_context(Planted(linear, "SPECIAL", table))
        made = make()
    made.rules |= used
    return made


def using(programs, rule):
    """The programs whose derivations use a rule, at most three."""
    return [p for p in programs.values() if rule in p.rules][:3]


@pytest.mark.parametrize("name", recognise.STRUCTURAL)
def test_a_broken_recognition_of_structure_is_caught(programs, name):
    right = recognise.STRUCTURAL[name]

    def plant(wrong):
        return Planted(
            recognise.STRUCTURAL, name, lambda x: (wrong(y) for y in right(x))
        )

    caught(using(programs, name), plant, name)


# ------------------------------------------------------------- steps of the search

BY_THEMSELVES = {  # broken in their own places below
    "multiply",
    "cancel",
    "onehot-sum",
    "symmetry",
    "clip",
}
MOVES = {law.name for law in catalogue() if law.group == "algebra"} - BY_THEMSELVES


@pytest.mark.parametrize("name", sorted(MOVES))
def test_a_broken_step_of_the_search_is_caught(programs, name):
    right = search.moves_at

    def plant(wrong):
        def moves_at(x, identities):
            for rule, new in right(x, identities):
                yield rule, (wrong(new) if name in rule.split(", ") else new)

        return Planted(search, "moves_at", moves_at)

    caught(using(programs, name), plant, name)


def test_a_broken_product_of_the_chain_is_caught(programs):
    right = build.multiplied

    def plant(wrong):
        return Planted(build, "multiplied", lambda chain: wrong(right(chain)))

    caught([programs["logistic"], programs["a composite"]], plant)


def test_a_broken_assumption_is_caught(programs):
    def plant(wrong):
        return Planted(prepare, "ONE", wrong(term(1)))

    caught([programs["labels"]], plant, search.ASSUMED)


def test_a_matrix_wrongly_taken_to_be_symmetric_is_caught():
    def quadratic(x, A):
        return x @ np.linalg.solve(A, x)

    lopsided = np.array([[2.0, 0.5], [-0.3, 1.0]])
    program = Program(quadratic, np.array([1.0, -0.4]), lopsided, by=1)

    def plant(_):
        return Planted(prepare, "is_mirrored", lambda a: np.ndim(a) == 2)

    caught([program], plant, "symmetry")


def test_a_broken_clip_is_caught():
    def huber(r, d):
        return np.sum(np.where(np.abs(r) <= d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)))

    used = Program(huber, np.array([0.2, 2.5, -3.1]), 1.0)
    right = prepare.clipped

    def plant(wrong):
        def clipped(x):
            found = right(x)
            return found and (wrong(found[0]), found[1])

        return Planted(prepare, "clipped", clipped)

    assert search.CLIP in used.rules
    caught([used], plant)


# ------------------------------------------- steps of linear algebra, and silent ones


SPECIAL = {f.__name__: f for f in linear.SPECIAL.values()}
del SPECIAL["pulled_any"]  # of masks, which run and are not read


@pytest.mark.parametrize("name", [*LINEAR, *SPECIAL])
def test_a_broken_step_of_linear_algebra_is_caught_where_it_is_used(programs, name):
    right = SPECIAL.get(name) or getattr(linear, name)

    def broken(x, *rest):
        found = right(x, *rest)
        changed = isinstance(found, Term) and found != x
        return scale(2, found) if changed else found

    table = {k: broken if f is right else f for k, f in linear.SPECIAL.items()}
    with Planted(linear, "SPECIAL", table), Planted(linear, name, broken):
        assert any(p.catches() for p in using(programs, name))


# ------------------------------------------------------------------ the records


def wrongly(rule):
    """A rule of a derivative whose result is half as much again."""

    def wrong(*operands, **params):
        found = rule(*operands, **params)
        if isinstance(found, tuple):
            return tuple(map(more, found))
        return more(found)

    return wrong


def more(part):
    """A part of a derivative, half as much again; it may be made when asked for."""
    if part is None:
        return None
    return (lambda: part() * 1.5) if callable(part) else part * 1.5


def broken(derivative):
    """A derivative declared wrongly, in the same form."""
    match derivative:
        case Partials(rule):
            return Partials(wrongly(rule))
        case Differential(rule):
            return Differential(wrongly(rule))
        case Linear(rules) | Multilinear(rules):
            if callable(rules):
                return type(derivative)(lambda i: wrongly(rules(i)))
            return type(derivative)(tuple(map(wrongly, rules)))
    raise AssertionError(f"no such derivative: {derivative}")


def explained(case):
    """Why the derivation of one operation, by all operands that move, stopped."""
    arrays, params = drawn(case), case.example.params
    shape = program(case).outputs[0].aval.shape
    weights = np.random.default_rng(1).uniform(0.5, 1.5, shape)  # Σ softmax is flat
    graph = traced(
        lambda *x: case.primitive(*x[:-1], **params) * x[-1], *arrays, weights
    )
    inputs = zip(graph.inputs, arrays, strict=False)
    wrt = [x for x, a in inputs if a.dtype.kind == "f"]
    search.searched.cache_clear()
    return story(graph, wrt, [*arrays, weights]).checks.failure


BY_RECORD = {
    case.primitive.name: case
    for case in reversed(CASES)
    if moves(case)
    and not isinstance(case.primitive.derivative, Defined)
    and case.primitive.name != "custom"
}


@pytest.mark.parametrize("name", BY_RECORD)
def test_a_broken_derivative_of_a_record_is_caught(name):
    case, record = BY_RECORD[name], PRIMITIVES[name]
    assert not explained(case), "sound, it is derived"
    linear_too = {i: wrongly(rule) for i, rule in record.linear.items()}
    wrong = Planted(record, "derivative", broken(record.derivative))
    with wrong, Planted(record, "linear", linear_too):
        assert explained(case)
