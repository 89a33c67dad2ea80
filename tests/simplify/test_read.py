"""Terms in graphs: what is written reads as what it was, and has the same numbers."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from terms import built, compound, expressions, graph_of, numbers
from whence.core.aval import Aval
from whence.simplify.term import (
    EULER,
    ONE,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    children,
    exact,
    symbols_of,
    term,
)

SCALARS = {"x": Symbol("x"), "y": Symbol("y"), "p": Symbol("p", positive=True)}
ARRAYS = {
    "x": Symbol("x", (2, 3)),
    "y": Symbol("y", (3,)),
    "p": Symbol("p", (2, 1), positive=True),
    "s": Symbol("s"),
}
arrays = st.recursive(st.sampled_from(sorted(ARRAYS)), compound, max_leaves=8)


def is_rounded(x):
    """Whether a literal of a term is rounded when it is written, such as 1/3."""
    own = []
    if isinstance(x, Num):
        own = [x.number]
    if isinstance(x, Sum):
        own = [c for c, m in x.items if m == ONE or isinstance(c, float)]
    if isinstance(x, Prod):
        own = [e for _, e in x.factors if not isinstance(e, Term)]
        if not symbols_of(x) - {EULER}:
            return True  # 2**0.5 and e**e
        if any(isinstance(b, Num) for b, _ in x.factors):
            return True
    return any(exact(float(c)) != c for c in own) or any(map(is_rounded, children(x)))


def by_numpy(expression, at):
    """The array of an expression as it stands."""
    if not isinstance(expression, tuple):
        return at[expression] if isinstance(expression, str) else float(expression)
    name, *parts = expression
    values = [by_numpy(x, at) for x in parts]
    names = {"sub": "subtract", "mul": "multiply", "div": "divide"}
    if name == "sigmoid":
        return 1 / (1 + np.exp(-values[0]))
    if name == "softplus":
        return np.logaddexp(0, values[0])
    return getattr(np, names.get(name, name))(*values)


def drawn(symbols, seed):
    """Numbers for symbols, positive where they are."""
    rng = np.random.default_rng(seed)
    found = {k: rng.uniform(-2, 2, s.shape) for k, s in symbols.items()}
    found["p"] = np.abs(found["p"]) + 0.1
    return found


@settings(max_examples=200)
@given(expressions())
def test_a_term_of_scalars_that_is_written_reads_as_itself(expression):
    made = built(expression, SCALARS)
    assume(not is_rounded(made))
    assert graph_of(made, SCALARS.values())[1] == made


@settings(max_examples=200)
@given(arrays)
def test_a_term_of_arrays_that_is_written_reads_as_itself(expression):
    made = built(expression, ARRAYS)
    assume(not is_rounded(made))
    assert graph_of(made, ARRAYS.values())[1] == made


@settings(max_examples=200)
@given(arrays, st.integers(0, 1000))
def test_a_graph_written_for_a_term_computes_the_expression(expression, seed):
    at = drawn(ARRAYS, seed)
    with np.errstate(all="ignore"):
        wanted = np.asarray(by_numpy(expression, at))
        made = built(expression, ARRAYS)
        graph, _ = graph_of(made, ARRAYS.values(), Aval(wanted.shape))
        (found,) = graph(*(at[k] for k in ARRAYS))
    known = np.isfinite(wanted)
    assume(known.any() and np.max(np.abs(wanted[known])) < 1e6)
    assert found.shape == wanted.shape
    size = max(1.0, np.max(np.abs(wanted[known])))
    np.testing.assert_allclose(found[known], wanted[known], rtol=1e-6, atol=1e-7 * size)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@given(number=numbers)
def test_a_number_is_written_in_the_shape_asked_for(shape, number):
    graph, _ = graph_of(term(number), [], Aval(shape))
    np.testing.assert_array_equal(graph()[0], np.full(shape, float(number)))


def test_a_term_that_lost_its_last_array_gets_its_shape_back():
    x = ARRAYS["x"]
    graph, _ = graph_of(x / x, [x], Aval((2, 3)))
    np.testing.assert_array_equal(graph(np.full((2, 3), 4.0))[0], np.ones((2, 3)))
