"""Variants of the families: however it is spelled, the derivation is short and right.

Each program is drawn as source, with names and order of its own, and loaded as from a
file, since derivations take their names from there.
"""

import linecache
from itertools import count

import numpy as np
import pytest
from hypothesis import Phase, given, settings, strategies as st

import whence

serial = count()
# A derivation takes too long to be shrunk for minutes.
PLAIN = (Phase.explicit, Phase.reuse, Phase.generate)
many = settings(max_examples=20, phases=PLAIN)
seeds = st.integers(0, 10_000)
logs = st.sampled_from(["log", "log2", "log10"])
over = st.sampled_from(["mean", "sum", "len", "shape"])


def loaded(source):
    """The function f of a source, from a file that exists in memory alone."""
    name = f"<variant {next(serial)}>"
    source = f"import numpy as np\n{source}"
    lines = source.splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    space = {}
    exec(compile(source, name, "exec"), space)
    return space["f"]


def by_code(derivation, at):
    """The gradients by the code of a derivation, in a namespace of its own."""
    space = {}
    exec(derivation.code(), space)
    takes = space["gradient"].__code__.co_varnames
    takes = takes[: space["gradient"].__code__.co_argcount]
    return space["gradient"](**{k: at[k] for k in takes})


def holds(source, at, by, human, more=2):
    """Derive a variant; check everything that is promised of it."""
    f = loaded(source)
    told = whence.explain(f, wrt=by, at=at)
    assert told.checked, f"{told.story.checks.failure}\n{source}"
    wanted = whence.grad(f, wrt=by, recognise=False)(**at)
    code = by_code(told, at)
    code = code if isinstance(code, tuple) else (code,)
    for name, truth, run, result in zip(
        by, wanted, code, told.story.results, strict=True
    ):
        size = max(1e-3, np.max(np.abs(truth)))
        for found in (told.results[name], run):
            assert np.shape(found) == np.shape(truth), source
            assert np.max(np.abs(found - truth)) <= 1e-9 * size, f"{source}\n{told}"
        assert result.operations <= human[name] + more, f"{source}\n{told}"
    return told


def names(*wanted):
    """Different names for the variables of a program."""
    letters = [*"abcdghkmqrstuvwxyzWX", "theta", "phi", "beta", "target"]
    return st.permutations(letters).map(
        lambda drawn: dict(zip(wanted, drawn, strict=False))
    )


# -------------------------------------------------------------------- logistic

SIGMOIDS = [
    "1/(1 + np.exp(-{z}))",
    "1/(np.exp(-{z}) + 1)",
    "1.0/(1.0 + np.exp(-({z})))",
    "np.exp({z})/(1 + np.exp({z}))",
    "(1 + np.exp(-{z}))**-1",
]
CROSS_ENTROPIES = [
    "-({y}*np.{log}({p}) + (1 - {y})*np.{log}(1 - {p}))",
    "-((1 - {y})*np.{log}(1 - {p}) + {y}*np.{log}({p}))",
    "-{y}*np.{log}({p}) - (1 - {y})*np.{log}(1 - {p})",
    "({y} - 1)*np.{log}(1 - {p}) - np.{log}({p})*{y}",
    "-(1 - {y})*np.{log}(1 - {p}) - {y}*np.{log}({p})",
]
AFFINE = ["{w}*{x} + {b}", "{x}*{w} + {b}", "{b} + {w}*{x}", "{b} + {x}*{w}"]


@many
@given(
    names("w", "b", "x", "y", "z", "p"),
    st.sampled_from(SIGMOIDS),
    st.sampled_from(CROSS_ENTROPIES),
    st.sampled_from(AFFINE),
    logs,
    st.permutations(["w", "b", "x", "y"]),
    seeds,
)
def test_the_logistic_loss_of_one_sample(n, sigmoid, loss, affine, log, order, seed):
    arguments = ", ".join(n[k] for k in order)
    source = (
        f"def f({arguments}):\n"
        f"    {n['z']} = {affine.format(**n)}\n"
        f"    {n['p']} = {sigmoid.format(**n)}\n"
        f"    return {loss.format(log=log, **n)}\n"
    )
    rng = np.random.default_rng(seed)
    at = {n[k]: float(rng.normal()) for k in "wbx"} | {n["y"]: float(seed % 2)}
    extra = log != "log"
    human = {n["w"]: 2 + extra, n["b"]: 1 + extra, n["x"]: 2 + extra}
    holds(source, at, tuple(n[k] for k in "wbx"), human)


@many
@given(
    names("w", "b", "X", "y", "z", "p"),
    st.sampled_from(SIGMOIDS),
    st.sampled_from(CROSS_ENTROPIES),
    st.sampled_from(["{X} @ {w} + {b}", "{b} + {X} @ {w}", "{X}.dot({w}) + {b}"]),
    over,
    seeds,
)
def test_the_logistic_loss_of_a_batch(n, sigmoid, loss, affine, mean, seed):
    whole = loss.format(log="log", **n)
    source = (
        f"def f({n['w']}, {n['b']}, {n['X']}, {n['y']}):\n"
        f"    {n['z']} = {affine.format(**n)}\n"
        f"    {n['p']} = {sigmoid.format(**n)}\n"
        f"    return {meaned(whole, mean, n['y'])}\n"
    )
    rng = np.random.default_rng(seed)
    at = {
        n["w"]: rng.normal(size=3),
        n["b"]: float(rng.normal()),
        n["X"]: rng.normal(size=(5, 3)),
        n["y"]: rng.integers(0, 2, 5).astype(float),
    }
    divided = mean != "sum"
    human = {n["w"]: 2 + divided, n["b"]: 2 + divided}
    holds(source, at, (n["w"], n["b"]), human)


def meaned(x, how, rows):
    """The mean or the sum of an array."""
    return {
        "mean": f"np.mean({x})",
        "sum": f"np.sum({x})",
        "len": f"np.sum({x})/len({rows})",
        "shape": f"({x}).sum()/{rows}.shape[0]",
    }[how]


# --------------------------------------------------------------------- softmax

SOFTMAXES = [
    ("", "np.exp({q})/np.sum(np.exp({q}){axis})"),
    ("e = np.exp({q})", "e/e.sum({only})"),
    ("e = np.exp({q} - np.max({q}{axis}))", "e/np.sum(e{axis})"),
    ("e = np.exp({q} - {q}.max({only}))", "e/e.sum({only})"),
]


def softmax_lines(n, softmax, *, rows):
    """The lines that make p of q."""
    axis = ", axis=1, keepdims=True" if rows else ""
    fill = {"axis": axis, "only": axis[2:], **n}
    first, second = (part.format(**fill) for part in softmax)
    first = f"    {first}\n" if first else ""
    return f"{first}    {n['p']} = {second}\n"


@many
@given(
    names("W", "b", "x", "t", "q", "p"),
    st.sampled_from(SOFTMAXES),
    st.sampled_from(["index", "array", "one-hot", "eye", "dot"]),
    logs,
    seeds,
)
def test_softmax_regression_of_one_sample(n, softmax, target, log, seed):
    rng = np.random.default_rng(seed)
    c = int(rng.integers(3))
    loss, t = {
        "index": ("-np.{log}({p}[{t}])", c),
        "array": ("-np.{log}({p}[{t}])", np.array(c)),
        "one-hot": ("-np.sum({t}*np.{log}({p}))", np.eye(3)[c]),
        "eye": ("-np.sum(np.eye(3)[{t}]*np.{log}({p}))", c),
        "dot": ("-np.dot({t}, np.{log}({p}))", np.eye(3)[c]),
    }[target]
    source = (
        f"def f({n['W']}, {n['b']}, {n['x']}, {n['t']}):\n"
        f"    {n['q']} = {n['W']} @ {n['x']} + {n['b']}\n"
        f"{softmax_lines(n, softmax, rows=False)}"
        f"    return {loss.format(log=log, **n)}\n"
    )
    at = {
        n["W"]: rng.normal(size=(3, 2)),
        n["b"]: rng.normal(size=3),
        n["x"]: rng.normal(size=2),
        n["t"]: t,
    }
    extra = log != "log"
    human = {n["W"]: 2 + extra, n["b"]: 1 + extra, n["x"]: 2 + extra}
    holds(source, at, (n["W"], n["b"], n["x"]), human)


@many
@given(
    names("W", "b", "X", "t", "q", "p"),
    st.sampled_from(SOFTMAXES),
    st.sampled_from(["picked", "one-hot", "soft", "rows"]),
    over,
    seeds,
)
def test_softmax_regression_of_a_batch(n, softmax, target, mean, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, 4)
    soft = np.abs(rng.normal(size=(4, 3)))
    loss, t = {
        "picked": ("np.log({p}[np.arange(len({t})), {t}])", y),
        "one-hot": ("np.sum({t}*np.log({p}), axis=1)", np.eye(3)[y]),
        "soft": (
            "np.sum({t}*np.log({p}), axis=1)",
            soft / soft.sum(axis=1, keepdims=True),
        ),
        "rows": ("({t}*np.log({p})).sum(axis=1)", np.eye(3)[y]),
    }[target]
    source = (
        f"def f({n['W']}, {n['b']}, {n['X']}, {n['t']}):\n"
        f"    {n['q']} = {n['X']} @ {n['W']} + {n['b']}\n"
        f"{softmax_lines(n, softmax, rows=True)}"
        f"    return -{meaned(loss.format(**n), mean, n['X'])}\n"
    )
    at = {
        n["W"]: rng.normal(size=(2, 3)),
        n["b"]: rng.normal(size=3),
        n["X"]: rng.normal(size=(4, 2)),
        n["t"]: t,
    }
    divided = mean != "sum"
    human = {n["W"]: 2 + divided, n["b"]: 2 + divided}
    holds(source, at, (n["W"], n["b"]), human)


# --------------------------------------------------------------- least squares

ERRORS = [
    ("{X} @ {w} + {b} - {y}", "{r}**2"),
    ("{y} - ({X} @ {w} + {b})", "{r}**2"),
    ("{X} @ {w} + {b} - {y}", "{r}*{r}"),
    ("{y} - {X} @ {w} - {b}", "np.square({r})"),
]


@many
@given(names("w", "b", "X", "y", "r"), st.sampled_from(ERRORS), over, seeds)
def test_linear_regression(n, error, mean, seed):
    residual, squared = (part.format(**n) for part in error)
    source = (
        f"def f({n['w']}, {n['b']}, {n['X']}, {n['y']}):\n"
        f"    {n['r']} = {residual}\n"
        f"    return {meaned(squared, mean, n['X'])}\n"
    )
    rng = np.random.default_rng(seed)
    at = {
        n["w"]: rng.normal(size=3),
        n["b"]: float(rng.normal()),
        n["X"]: rng.normal(size=(5, 3)),
        n["y"]: rng.normal(size=5),
    }
    divided = mean != "sum"
    human = {n["w"]: 2 + divided, n["b"]: 2 + divided}
    holds(source, at, (n["w"], n["b"]), human)


# -------------------------------------------------------------------- networks

ACTIVATIONS = {
    "tanh": "np.tanh({})",
    "sigmoid": "1/(1 + np.exp(-({})))",
    "relu": "np.maximum({}, 0)",
    "relu the other way": "np.maximum(0, {})",
}


@settings(max_examples=18, phases=PLAIN)
@given(
    st.integers(1, 6),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(["squares", "softmax", "picked"]),
    st.booleans(),
    seeds,
)
def test_networks_of_one_to_six_layers(depth, activation, head, bias, seed):
    source, at, by = network(depth, activation, head, bias=bias, seed=seed)
    most = 8 + 8 * depth  # a product and a slope for each layer; ties are long
    told = holds(source, at, by, dict.fromkeys(by, most))
    chain = [x for x in told.story.lines if x.kind != "name"]
    assert len(chain) <= 9 * depth + 6


def network(depth, activation, head, *, bias, seed):
    """A network of some layers, its point and its parameters."""
    rng = np.random.default_rng(seed)
    width = [2, *rng.integers(2, 4, depth - 1).tolist(), 3]
    at = {"X": rng.normal(size=(4, 2))}
    rows, before = [], "X"
    for i in range(1, depth + 1):
        at[f"W{i}"] = rng.normal(size=(width[i - 1], width[i]))
        if bias:
            at[f"b{i}"] = rng.normal(size=width[i])
        affine = f"{before} @ W{i}" + (f" + b{i}" if bias else "")
        if i == depth:
            rows.append(f"    Z = {affine}")
        elif activation == "sigmoid":
            rows += [f"    A{i} = {affine}", f"    H{i} = 1/(1 + np.exp(-A{i}))"]
        else:
            rows.append(f"    H{i} = {ACTIVATIONS[activation].format(affine)}")
        before = f"H{i}"
    by = tuple(k for k in at if k[0] in "Wb")
    if head == "squares":
        at["Y"] = rng.normal(size=(4, 3))
        rows.append("    return np.mean(np.sum((Z - Y)**2, axis=1))")
    else:
        rows.append("    P = np.exp(Z)/np.sum(np.exp(Z), axis=1, keepdims=True)")
        labels = rng.integers(0, 3, 4)
        picked = head == "picked"
        at["Y"] = labels if picked else np.eye(3)[labels]
        loss = "np.log(P[np.arange(len(Y)), Y])" if picked else "Y*np.log(P)"
        rows.append(f"    return -np.sum({loss})/len(X)")
    return f"def f({', '.join(at)}):\n" + "\n".join(rows) + "\n", at, by


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("cos(cos(cos(x)))", {"x": 0.4}),
        ("exp(exp(x))", {"x": 0.4}),
        ("concatenate([x, y])*z", {"x": [1.0], "y": [2.0, 3.0], "z": [1.0, 0.5, 2.0]}),
        ("sum((tanh(X @ W) - Y)**2)/2", {k: [[0.5, 1.0], [2.0, 0.0]] for k in "WXY"}),
    ],
)
def test_small_programs_of_every_kind_are_derived(formula, at):
    at = {k: np.array(x) if isinstance(x, list) else x for k, x in at.items()}
    assert whence.explain(formula, wrt=min(at), at=at).checked
