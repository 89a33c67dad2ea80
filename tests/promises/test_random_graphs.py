"""Random programs, drawn from the records inside their domains.

A program is a chain of entrywise records and of moves between shapes, each on values
made before. It is evaluated by the graph and, by hand, by the references; forward mode,
reverse mode and central differences must agree.
"""

import numpy as np
from hypothesis import assume, given, strategies as st

from strategies import close, differences, directions, inner, traced
from whence.core.check import check
from whence.core.primitive import PRIMITIVES, REAL, Constant, NoDerivative
from whence.core.structure import Pointwise
from whence.transform.forward import jvp
from whence.transform.reverse import vjp

ENTRYWISE = sorted(
    p.name
    for p in PRIMITIVES.values()
    if isinstance(p.structure, Pointwise)
    and not isinstance(p.derivative, (Constant, NoDerivative))
    and not p.examples
)
SHAPE = (2, 3)
MOVES = [
    ("sum", {"axis": (1,), "keepdims": True}, "broadcast", {"shape": SHAPE}),
    ("mean", {"axis": (0,), "keepdims": True}, "broadcast", {"shape": SHAPE}),
    ("transpose", {"axes": (1, 0)}, "reshape", {"shape": SHAPE}),
    ("cumsum", {"axis": 1, "reverse": False}, "convert", {"dtype": "float64"}),
    ("softmax", {"axis": (1,)}, "getitem", {"index": ((None, None, -1),)}),
    ("getitem", {"index": (1,)}, "broadcast", {"shape": SHAPE}),
]

steps = st.lists(
    st.tuples(
        st.sampled_from([*ENTRYWISE, *range(len(MOVES))]),
        st.integers(0, 10),
        st.integers(0, 10),
    ),
    min_size=1,
    max_size=7,
)
seeds = st.integers(0, 2**16)


def fitted(call, x, domain):
    """A value moved into an open interval by functions that are smooth."""
    low, high = domain
    if domain == REAL:
        return call("tanh", x)
    half = call("mul", call("tanh", x), 0.4)
    middle = call("add", half, 0.5)  # between 0.1 and 0.9
    width = high - low if np.isfinite(high - low) else 2.0
    start = low if np.isfinite(low) else 0.0
    return call("add", call("mul", middle, width), start)


def run(call, plan, *arrays):
    """Run a plan, by a function that calls a record by its name."""
    values = list(arrays)
    for what, *picks in plan:
        x = [values[pick % len(values)] for pick in picks]
        if isinstance(what, int):
            first, options, second, more = MOVES[what]
            moved = call(first, call("tanh", x[0]), **options)
            values.append(call(second, moved, **more))
        else:
            domain = PRIMITIVES[what].domain
            operands = zip(x, domain, strict=False)
            values.append(call(what, *(fitted(call, v, d) for v, d in operands)))
    return values[-1]


def by_records(name, *operands, **params):
    """Write an equation."""
    return PRIMITIVES[name](*operands, **params)


def by_hand(name, *operands, **params):
    """Compute with the reference alone."""
    return PRIMITIVES[name].reference(*operands, **params)


@given(steps, seeds)
def test_random_programs_agree_with_themselves_in_every_way(plan, seed):
    rng = np.random.default_rng(seed)
    x = [rng.uniform(-1.5, 1.5, SHAPE) for _ in range(2)]
    graph = check(traced(lambda *x: run(by_records, plan, *x), *x))
    (value,) = graph(*x)
    np.testing.assert_array_equal(value, run(by_hand, plan, *x))
    assume(np.all(np.isfinite(value)) and np.max(np.abs(value)) < 1e3)
    x_dot, y_bar = directions(x, seed), rng.normal(size=value.shape)
    y_dot = check(jvp(graph))(*x, *x_dot)[1]
    x_bar = check(vjp(graph))(*x, y_bar)[1:]
    forward, backward = inner([y_bar], [y_dot]), inner(x_bar, x_dot)
    size = inner([np.abs(y_bar)], [np.abs(y_dot)])
    assert abs(forward - backward) <= 1e-10 * max(size, 1)
    coarse, fine = (differences(graph, x, x_dot, h) for h in (2e-3, 1e-3))
    assume(close(coarse, fine, 1e-6))  # no kink lies between the points
    assert close([y_dot], fine, 1e-5)


@given(steps, seeds)
def test_random_programs_have_symmetric_second_derivatives(plan, seed):
    rng = np.random.default_rng(seed)
    x = [rng.uniform(-1.5, 1.5, SHAPE) for _ in range(2)]
    graph = traced(lambda *x: run(by_records, plan, *x), *x)
    y_bar = rng.normal(size=SHAPE)
    u, v = directions(x, seed), directions(x, seed + 1)
    gradient = vjp(graph)
    twice = check(jvp(gradient, gradient.inputs[:2]))

    def curved(direction):
        return twice(*x, y_bar, *direction)[len(gradient.outputs) + 1 :]

    one, other = inner(curved(u), v), inner(curved(v), u)
    assume(np.isfinite(one) and abs(one) < 1e6)
    assert abs(one - other) <= 1e-8 * max(abs(one), 1)
