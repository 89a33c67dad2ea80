"""Layers told once: what repeats is found by its structure; its numbers are right."""

import json
import re

import numpy as np
import pytest

import whence

draw = np.random.default_rng(7)


def arrays(*shapes):
    return [draw.normal(size=s) * 0.5 for s in shapes]


def net(Ws, bs, x, y):
    h = x
    for W, b in zip(Ws, bs, strict=True):
        h = np.tanh(W @ h + b)
    return 0.5 * np.sum((h - y) ** 2)


def deep(n, width=3):
    shapes = [(width, width)] * n
    return arrays(*shapes), arrays(*[(width,)] * n), *arrays(width, width)


def rnn(Wx, Wh, b, xs, y):
    h = np.zeros(3)
    for x in xs:
        h = np.tanh(Wx @ x + Wh @ h + b)
    return 0.5 * np.sum((h - y) ** 2)


RNN = arrays((3, 2), (3, 3), 3, (5, 2), 3)


def by_hand(W1, b1, W2, b2, W3, b3, x, y):
    h1 = np.tanh(W1 @ x + b1)
    h2 = np.tanh(W2 @ h1 + b2)
    h3 = np.tanh(W3 @ h2 + b3)
    return np.mean((h3 - y) ** 2)


BY_HAND = arrays((4, 3), 4, (5, 4), 5, (2, 5), 2, 3, 2)


def layer(params, h):
    return np.maximum(0, params["W"] @ h + params["b"])


def of_dicts(params, x, y):
    h = x
    for p in params[:-1]:
        h = layer(p, h)
    y_hat = params[-1]["W"] @ h + params[-1]["b"]
    return np.mean((y_hat - y) ** 2)


SIZES = [(5, 4), (6, 5), (4, 6), (2, 4)]
OF_DICTS = [dict(zip("Wb", arrays(s, s[0]), strict=True)) for s in SIZES]


def batch(Ws, bs, X, Y):
    H = X
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        H = 1 / (1 + np.exp(-(H @ W + b)))
    Z = H @ Ws[-1] + bs[-1]
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    return -np.mean(np.sum(Y * np.log(P), axis=1))


BATCH = (
    arrays((3, 4), (4, 4), (4, 4), (4, 2)),
    arrays(4, 4, 4, 2),
    *arrays((5, 3)),
    np.eye(2)[[0, 1, 1, 0, 1]],
)


def residual(Ws, bs, x, y):
    h = x
    for W, b in zip(Ws, bs, strict=True):
        h = h + np.tanh(W @ h + b)
    return 0.5 * np.sum((h - y) ** 2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(W, U, b, xs, y):
    h, c = np.zeros(2), np.zeros(2)
    for x in xs:
        z = W @ x + U @ h + b
        i, f, o = sigmoid(z[:2]), sigmoid(z[2:4]), sigmoid(z[4:6])
        g = np.tanh(z[6:])
        c = f * c + i * g
        h = o * np.tanh(c)
    return 0.5 * np.sum((h - y) ** 2)


LSTM = arrays((8, 3), (8, 2), 8, (4, 3), 2)


def gru(Wz, Uz, Wr, Ur, Wn, Un, xs, y):
    h = np.zeros(2)
    for x in xs:
        z = sigmoid(Wz @ x + Uz @ h)
        r = sigmoid(Wr @ x + Ur @ h)
        n = np.tanh(Wn @ x + Un @ (r * h))
        h = (1 - z) * n + z * h
    return 0.5 * np.sum((h - y) ** 2)


GRU = arrays(*[(2, 3), (2, 2)] * 3, (4, 3), 2)


def orbit(x, steps=40):
    for _ in range(steps):
        x = 1.1 * np.sin(x)
    return x


PROGRAMS = {
    "a loop": (net, deep(4), ("Ws", "bs")),
    "its input": (net, deep(4), ("x",)),
    "by hand": (by_hand, BY_HAND, ("W1", "b1", "W2", "b2", "W3", "b3", "x")),
    "dicts": (of_dicts, (OF_DICTS, *arrays(4, 2)), ("params",)),
    "a batch": (batch, BATCH, ("Ws", "bs")),
    "residual": (residual, deep(5), ("Ws", "bs", "x")),
    "recurrent": (rnn, RNN, ("Wx", "Wh", "b")),
    "its inputs": (rnn, RNN, ("xs",)),
    "lstm": (lstm, LSTM, ("W", "U", "b")),
    "gru": (gru, GRU, ("Wz", "Uz", "Wr", "Ur", "Wn", "Un")),
    "a scalar": (orbit, (0.3,), ("x",)),
}


@pytest.fixture(params=PROGRAMS, scope="module")
def told(request):
    f, args, wrt = PROGRAMS[request.param]
    return f, args, wrt, whence.explain(f, *args, wrt=wrt)


def leaves(x):
    if isinstance(x, dict):
        return [y for v in x.values() for y in leaves(v)]
    return [y for v in x for y in leaves(v)] if isinstance(x, (list, tuple)) else [x]


def test_every_derivation_is_checked_and_folds(told):
    *_, derivation = told
    assert derivation.checked, derivation.story.checks.failure
    assert derivation.story.recursions


def test_results_and_code_give_the_gradient(told):
    f, args, wrt, derivation = told
    wanted = leaves(whence.grad(f, wrt=wrt)(*args))
    found = list(derivation.results.values())
    scope = {}
    exec(derivation.code(), scope)
    point = derivation.story.point
    takes = scope["gradient"].__code__.co_varnames
    takes = takes[: scope["gradient"].__code__.co_argcount]
    run = leaves(scope["gradient"](**{k: point[k] for k in takes}))
    assert len(wanted) == len(found) == len(run)
    for a, b, c in zip(wanted, found, run, strict=True):
        assert np.allclose(a, b, rtol=1e-9, atol=1e-12)
        assert np.allclose(a, c, rtol=1e-9, atol=1e-12)


def test_code_computes_nothing_twice(told):
    *_, derivation = told
    rights = [
        x.split(" = ", 1)[1] for x in derivation.code().splitlines() if " = " in x
    ]
    long = [x for x in rights if "@" in x]
    assert len(long) == len(set(long))


# ------------------------------------------------------------- what is told once

DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def put_in(text, letter, layer):
    """A text for layer l, with a number for l."""
    sub = {"l": "ₗ", "t": "ₜ"}[letter]

    def number(match):
        ahead = match[1].replace("₊", "+").replace("₋", "-").translate(DIGITS)
        shown = str(layer + int(ahead or 0))
        return shown.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))

    text = re.sub(rf"{sub}((?:[₊₋][₀-₉]+)?)", number, text)
    return re.sub(
        rf"\[{letter}([+-]\d+)?\]", lambda m: f"_{layer + int(m[1] or 0)}", text
    )


def plain(text, before):
    """A text with h₀ for what stands before the first layer."""
    for name, own in before.items():
        text = re.sub(rf"\b{re.escape(own)}\b(?![₀-₉])", name, text)
    return text


def test_a_line_told_once_is_the_line_of_every_layer_with_its_number_put_in(told):
    """The lines of the layers were checked; what is told for all says no more."""
    *_, derivation = told
    document = json.loads(derivation.to_json())
    assert any(recursion["lines"] for recursion in document["recursions"])
    for recursion in document["recursions"]:
        own = {
            show(name): show(x) for name, x in recursion["before"].items() if x != name
        }
        for part in recursion["lines"]:
            assert len(part["layers"]) == len(part["members"]) >= 2
            for layer, member in zip(part["layers"], part["members"], strict=True):
                line = document["lines"][member - 1]
                general = put_in(part["text"], recursion["letter"], layer)
                wanted = f"{line['left']} = {line['right']}"
                assert same(general, wanted, own), f"{general}\n{wanted}"


def show(name):
    """A name as text shows it."""
    stem = name.rstrip("0123456789")
    return stem + name[len(stem) :].translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def same(general, wanted, own):
    """Whether two texts are the same, early values by either of their names."""
    words = r"[^\W\dᵀ]+[₀-₉]*|\S"
    pairs = zip(re.findall(words, general), re.findall(words, wanted), strict=False)
    return len(general.split()) == len(wanted.split()) and all(
        a == b or own.get(a) == b for a, b in pairs
    )


@pytest.mark.parametrize("depth", [3, 12, 60])
def test_a_network_of_any_depth_is_told_in_as_many_lines(depth):
    derivation = whence.explain(net, *deep(depth), wrt=("Ws", "bs"))
    assert derivation.checked
    text = str(derivation)
    assert len(text.splitlines()) <= 48
    assert "zₗ = Wₗ hₗ₋₁ + bₗ" in text
    assert "= Wₗ₊₁ᵀ δₗ₊₁ ⊙ (1 − hₗ²)" in text
    assert "∂net/∂Wₗ = δₗ ⊗ hₗ₋₁" in text
    assert f"l = 1…{depth}" in text


def test_one_layer_needs_no_letter():
    derivation = whence.explain(net, *deep(1), wrt="Ws")
    assert not derivation.story.recursions
    assert "∂net/∂W = " in str(derivation)


def test_layers_written_out_by_hand_are_told_like_a_loop():
    text = str(whence.explain(by_hand, *BY_HAND, wrt=("W1", "W2", "W3")))
    assert "zₗ = Wₗ hₗ₋₁ + bₗ" in text
    assert "δₗ = ∂by_hand/∂zₗ" in text


def test_layers_that_differ_are_not_told_as_one():
    def mixed(W1, W2, W3, x):
        h1 = np.tanh(W1 @ x)
        h2 = np.sin(W2 @ h1)
        h3 = np.tanh(W3 @ h2)
        return np.sum(h3)

    derivation = whence.explain(mixed, *arrays((3, 3), (3, 3), (3, 3), 3))
    assert not derivation.story.recursions


def test_a_layer_with_another_number_in_it_is_told_by_itself():
    def scaled(Ws, x):
        h = x
        for factor, W in zip([1.0, 1.0, 2.0, 1.0, 1.0, 1.0], Ws, strict=True):
            h = np.tanh(factor * (W @ h))
        return np.sum(h)

    derivation = whence.explain(scaled, arrays(*[(3, 3)] * 6), *arrays(3))
    told = {n for r in derivation.story.recursions for n in range(r.first, r.last + 1)}
    assert told == {1, 2, 4, 5, 6}


def test_what_all_steps_share_has_a_sum_over_the_steps():
    text = str(whence.explain(rnn, *RNN, wrt=("Wx", "Wh", "b")))
    assert "∂rnn/∂Wx = Σₜ₌₁⁵ δₜ ⊗ xₜ" in text
    assert "∂rnn/∂Wh = Σₜ₌₁⁵ δₜ ⊗ hₜ₋₁" in text
    assert "h₀ = 0" in text


def test_the_paths_of_many_steps_are_the_heaviest_and_the_others():
    xs = arrays((30, 2))
    derivation = whence.explain(rnn, *RNN[:3], *xs, RNN[4], wrt="Wx")
    paths = derivation.paths["Wx"]
    assert len(paths) == 6
    assert paths[-1].through == "the other 25"
    assert sum(p.share for p in paths) == pytest.approx(1)
    assert np.allclose(sum(p.number for p in paths), derivation.results["Wx"])


def test_each_layer_is_told_on_request():
    derivation = whence.explain(net, *deep(4), wrt="Ws")
    full = whence.explain(net, *deep(4), wrt="Ws", level="full")
    for text in (str(derivation.unfold()), str(full)):
        assert "∂net/∂W₂ = δ₂ ⊗ h₁" in text
    assert "∂net/∂W₂ = δ₂ ⊗ h₁" not in str(derivation)


def test_vanishing_gradients_are_seen_by_layer():
    Ws, bs, x, y = deep(30)
    derivation = whence.explain(net, [0.3 * W for W in Ws], bs, x, y, wrt="Ws")
    largest = json.loads(derivation.to_json())["recursions"][0]["largest"]
    sizes = [row["W" + str(row["layer"])] for row in largest]
    assert sizes[0] < 1e-6 * sizes[-1]
    for row, number in zip(largest, derivation.results.values(), strict=True):
        assert row[f"W{row['layer']}"] == pytest.approx(np.max(np.abs(number)))
    assert "largest entries, by layer" in str(derivation)
