"""A derivation hands in its own lines: every one of them is judged right.

What is printed is what people copy: with δ₂ and ŷ, with rounded numbers, with sums and
recursions over layers, |x|, [x > 0] and e_c. A line that rests on an assumption of the
derivation is judged equal under it.
"""

import numpy as np
import pytest

import whence
from whence.explain.dialect import TEXT
from whence.explain.show import (
    curvature_row,
    meanings,
    result_row,
    row,
    shown_lines,
)
from whence.explain.speaker import Speaker

random = np.random.default_rng(0)


def normal(*shape):
    return random.normal(size=shape)


def softmax_rows(Z):
    return np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)


def logistic(w, b, X, y):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def one_of_several(W, x, b, c):
    q = W @ x + b
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[c])


def picked(W, b, X, t):
    P = softmax_rows(X @ W + b)
    return -np.mean(np.log(P[np.arange(len(t)), t]))


def network(X, W1, b1, W2, b2, W3, b3, Y):
    H1 = np.tanh(X @ W1 + b1)
    H2 = np.tanh(H1 @ W2 + b2)
    P = softmax_rows(H2 @ W3 + b3)
    return -np.sum(Y * np.log(P)) / len(X)


def deep(x, W1, W2, W3, W4, W5, y):
    h1 = np.tanh(W1 @ x)
    h2 = np.tanh(W2 @ h1)
    h3 = np.tanh(W3 @ h2)
    h4 = np.tanh(W4 @ h3)
    return np.sum((W5 @ h4 - y) ** 2) / 2


def recurrent(U, W, x, h, t):
    for i in range(3):
        h = np.tanh(W @ h + U @ x[i])
    return np.sum((h - t) ** 2)


def attention(Q, K, V, T):
    A = softmax_rows(Q @ K.T / np.sqrt(Q.shape[1]))
    return np.sum((A @ V - T) ** 2) / 2


def ridge(w, X, y, lam):
    r = X @ w - y
    return np.sum(r**2) + lam * np.sum(w**2)


def layer_norm(x, g, b, t):
    m = np.mean(x)
    s = np.sqrt(np.mean((x - m) ** 2) + 1e-5)
    n = (x - m) / s
    return np.sum((g * n + b - t) ** 2)


def gaussian(mu, S, x):
    d = x - mu
    return 0.5 * np.log(np.linalg.det(S)) + 0.5 * d @ np.linalg.solve(S, d)


def rectified(x, W, b, v, y):
    a = W @ x + b
    return (v @ np.maximum(a, 0) - y) ** 2


def huber(w, x, y, d):
    r = w * x - y
    return np.where(np.abs(r) <= d, r**2 / 2, d * (np.abs(r) - d / 2))


def cosine(u, v):
    return u @ v / (np.linalg.norm(u) * np.linalg.norm(v))


def rayleigh(x, A):
    return x @ A @ x / (x @ x)


LOSS = "z = w*x + b; y_hat = 1/(1 + exp(-z)); -(y*log(y_hat) + (1 - y)*log(1 - y_hat))"
GELU = "x*0.5*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))"
SPREAD = normal(3, 3)
WEIGHTS = {
    "W1": normal(2, 4),
    "b1": normal(4),
    "W2": normal(4, 3),
    "b2": normal(3),
    "W3": normal(3, 3),
    "b3": normal(3),
}
EXAMPLES = {
    "the logistic loss": (LOSS, {"w": 0.5, "x": 2.0, "b": -0.5, "y": 1.0}, "wbx"),
    "logistic regression": (
        logistic,
        {"w": normal(3), "b": 0.3, "X": normal(5, 3), "y": np.array([0.0, 1, 1, 0, 1])},
        "wb",
    ),
    "softmax regression": (
        one_of_several,
        {"W": normal(3, 2), "x": normal(2), "b": normal(3), "c": 1},
        "Wbx",
    ),
    "softmax regression of a batch": (
        picked,
        {
            "W": normal(2, 3),
            "b": normal(3),
            "X": normal(4, 2),
            "t": np.array([0, 1, 2, 0]),
        },
        "Wb",
    ),
    "three layers": (
        network,
        {"X": normal(5, 2), **WEIGHTS, "Y": np.eye(3)[[0, 1, 2, 0, 1]]},
        tuple(WEIGHTS),
    ),
    "five layers, told once": (
        deep,
        {
            "x": normal(3),
            **{f"W{i}": normal(3, 3) for i in range(1, 6)},
            "y": normal(3),
        },
        ("W1", "W2", "W3", "W4", "W5"),
    ),
    "shared weights": (
        recurrent,
        {
            "U": normal(3, 2),
            "W": normal(3, 3),
            "x": normal(3, 2),
            "h": normal(3),
            "t": normal(3),
        },
        "UW",
    ),
    "attention": (attention, {k: normal(3, 2) for k in "QKVT"}, "QKV"),
    "ridge": (
        ridge,
        {"w": normal(3), "X": normal(5, 3), "y": normal(5), "lam": 0.1},
        "w",
    ),
    "layer norm": (layer_norm, {k: normal(4) for k in "xgbt"}, "xgb"),
    "gaussian": (
        gaussian,
        {"mu": normal(3), "S": SPREAD @ SPREAD.T + np.eye(3), "x": normal(3)},
        ("mu", "S"),
    ),
    "rectified": (
        rectified,
        {"x": normal(2), "W": normal(3, 2), "b": normal(3), "v": normal(3), "y": 1.0},
        "Wbv",
    ),
    "huber": (huber, {"w": 0.5, "x": 2.0, "y": 0.3, "d": 1.0}, "w"),
    "cosine": (cosine, {"u": normal(3), "v": normal(3)}, "u"),
    "rayleigh": (rayleigh, {"x": normal(3), "A": normal(3, 3)}, "x"),
    "rounded numbers": (GELU, {"x": 0.7}, "x"),
    "a constant root": ("exp(-x**2/2)/sqrt(2*pi)", {"x": 0.4}, "x"),
    "a tower": ("x**x", {"x": 2.0}, "x"),
    "what is held fixed": ("log(x + sqrt(x**2 + 1))", {"x": 2.0}, "x"),
    "branches": ("abs(x)**3 + where(x > 0, x, 2*x)", {"x": 2.0}, "x"),
    "a quotient": ("tan(x)/x", {"x": 1.0}, "x"),
    "logarithms": ("log2(x) + log10(x)", {"x": 3.0}, "x"),
}


def printed(told, level):
    """Every line that a level prints, as it is printed."""
    story = told.printed
    speaker = Speaker(story, TEXT)
    rows = [row(speaker, line) for line in shown_lines(story, level)]
    rows += [result_row(speaker, result) for result in story.results]
    rows += [curvature_row(speaker, x) for x in story.curvatures]
    yield from (f"{r.left} = {r.right}" for r in rows)
    yield from (f"{left} = {right}" for left, right in meanings(speaker).items())
    for subject, form in story.in_general:
        yield f"{speaker.left(subject)} = {speaker.writer.write(form)}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_line_of_a_derivation_is_right(name):
    function, at, wrt = EXAMPLES[name]
    told = whence.explain(function, at=at, wrt=tuple(wrt))
    views = (told, "brief"), (told, "normal"), (told.unfold(), "full")
    lines = [line for view, level in views for line in printed(view, level)]
    assumed = told.story.checks.assumptions
    for line in told.judge(lines).lines:
        rests = line.status == "assuming" and any(a in line.remark for a in assumed)
        assert line.status == "equal" or rests, line


@pytest.mark.parametrize(
    "name", ["the logistic loss", "softmax regression", "attention", "huber", "a tower"]
)
@pytest.mark.parametrize("spoiled", ["1.001·({})", "({}) + 0.001"])
def test_no_line_of_a_derivation_stays_right_when_it_is_spoiled(name, spoiled):
    function, at, wrt = EXAMPLES[name]
    told = whence.explain(function, at=at, wrt=tuple(wrt))
    lines = [x for x in printed(told, "normal") if not x.startswith(" =")]
    cut = [x.rpartition(" = ") for x in lines]
    wrong = [f"{x.split(' = ')[0]} = {spoiled.format(form)}" for x, _, form in cut]
    for line in told.judge([x for x in wrong if x.startswith("∂")]).lines:
        assert line.status == "wrong", line


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("δₗ = (Wₗ₊₁ᵀ δₗ₊₁) ⊙ (1 − hₗ²)", "equal"),
        ("δ_l = (W_{l+1}ᵀ δ_{l+1}) ⊙ (1 − h_l²)", "equal"),
        ("δₗ = (Wₗ₊₁ᵀ δₗ₊₁) ⊙ (1 + hₗ²)", "wrong"),
        ("δₗ = (Wₗ₊₂ᵀ δₗ₊₁) ⊙ (1 − hₗ²)", "wrong"),
        ("δₗ = (Wₗ₊₁ᵀ δₗ₊₁) ⊙ q", "unreadable"),
        ("dWₗ = δₗ ⊗ hₗ₋₁", "equal"),
        ("δ2 = W3ᵀ δ3 ⊙ (1 − h2²)", "equal"),
    ],
)
def test_a_line_for_all_layers_is_judged_in_each(line, status):
    function, at, wrt = EXAMPLES["five layers, told once"]
    (found,) = whence.explain(function, at=at, wrt=wrt).judge(line).lines
    assert found.status == status, found
    assert found.text == line
