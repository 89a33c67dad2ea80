"""Nothing stale: a function answers as Python would after any change around it."""

import math
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from whence import grad, value_and_grad
from whence.api import kept, recording
from whence.api.closed import fingerprint

SCALE = 2.0
TABLE = {"scale": 2.0}
ARRAY = np.array([1.0, 2.0])


@pytest.fixture
def traces(monkeypatch):
    """Count how often functions are recorded."""
    kept._kept.clear()
    count = SimpleNamespace(times=0)
    original = recording.called

    def called(*args):
        count.times += 1
        return original(*args)

    monkeypatch.setattr(recording, "called", called)
    return count


def plain(x):
    return np.sum(np.sin(x) * x)


def helper(x):
    return x * x


def uses_helper(x):
    return np.sum(helper(x)) + math.pi


def test_a_closed_function_is_recorded_once(traces):
    for i in range(5):
        x = np.arange(3.0) + i
        np.testing.assert_allclose(grad(plain)(x), np.cos(x) * x + np.sin(x))
    assert traces.times == 1


def test_a_fresh_lambda_in_a_loop_is_recorded_once(traces):
    for i in range(5):
        assert grad(lambda x: x**3)(float(i)) == 3 * i**2
    assert traces.times == 1


def test_other_shapes_dtypes_and_static_values_are_recorded_anew(traces):
    power = lambda x, n: np.sum(x) ** n
    for x in (1.0, np.float64(1.0), np.ones(2), np.ones(3), np.ones(3, np.float32)):
        for n in (1, 2, 3):
            expected = n * np.sum(x) ** (n - 1)
            np.testing.assert_allclose(
                grad(power)(x, n), np.full(np.shape(x), expected)
            )
    assert traces.times == 15


def test_true_and_one_are_other_values():
    f = lambda x, flag: x * (2.0 if flag is True else 3.0)
    assert grad(f)(1.0, True) == 2.0
    assert grad(f)(1.0, 1) == 3.0


def test_a_function_with_a_branch_is_recorded_at_each_call(traces):
    f = lambda x: x if x > 0 else -x
    assert [grad(f)(x) for x in (1.0, -1.0, 2.0)] == [1.0, -1.0, 1.0]
    assert traces.times == 3


def test_a_formula_is_recorded_once(traces):
    for i in range(3):
        assert grad("x**2 + c", wrt="x")(x=float(i), c=1.0) == 2 * i
    assert traces.times == 1


def test_kept_graphs_are_few(traces):
    for n in range(kept.MOST + 20):
        grad(lambda x, n: x * n)(1.0, n)
    assert len(kept._kept) == kept.MOST


def test_a_kept_graph_nests(traces):
    f = lambda x: x * grad(helper)(x)
    assert [grad(f)(x) for x in (1.0, 2.0)] == [4.0, 8.0]
    assert grad(grad(f))(3.0) == 4.0


def test_aux_of_a_kept_graph_is_of_this_call():
    f = lambda x: (x * x, {"x": x, "n": 3})
    for x in (1.0, 2.0):
        assert grad(f, has_aux=True)(x) == (2 * x, {"x": x, "n": 3})


def test_constants_made_inside_survive():
    f = lambda x: np.sum(x * np.array([1.0, 2.0]))
    for _ in range(3):
        first = grad(f)(np.ones(2))
        assert first.tolist() == [1.0, 2.0]
        first[:] = 9.0


# ------------------------------------------------------------------ what changes


def test_a_global_number_may_change():
    global SCALE
    f = lambda x: SCALE * x
    SCALE = 2.0
    assert grad(f)(1.0) == 2.0
    SCALE = 5.0
    assert grad(f)(1.0) == 5.0
    SCALE = 2.0


def test_a_global_function_may_be_bound_anew():
    global helper
    before = helper
    assert grad(uses_helper)(3.0) == 6.0
    try:
        helper = lambda x: 10.0 * x
        assert grad(uses_helper)(3.0) == 10.0
    finally:
        helper = before
    assert grad(uses_helper)(3.0) == 6.0


def test_a_global_container_may_change():
    f = lambda x: TABLE["scale"] * x
    assert grad(f)(1.0) == 2.0
    TABLE["scale"] = 7.0
    assert grad(f)(1.0) == 7.0
    TABLE["scale"] = 2.0


def test_a_captured_array_may_be_written():
    f = lambda x: np.sum(ARRAY * x)
    assert grad(f)(1.0) == 3.0
    ARRAY[0] = 10.0
    assert grad(f)(1.0) == 12.0
    ARRAY[0] = 1.0


def test_a_closure_may_change():
    scale = 2.0

    def f(x):
        return scale * x

    assert grad(f)(1.0) == 2.0
    scale = 3.0
    assert grad(f)(1.0) == 3.0


def test_closures_of_one_code_differ():
    def make(scale):
        return lambda x: scale * x

    assert [grad(make(s))(1.0) for s in (1.0, 2, True, 1)] == [1.0, 2.0, 1.0, 1.0]
    functions = [make(np.float64(i)) for i in range(3)]
    assert [grad(f)(1.0) for f in functions] == [0.0, 1.0, 2.0]


def test_an_inner_closure_may_change():
    def make(scale):
        def inner(x):
            return scale * x

        return lambda x: inner(x) * x

    assert [grad(make(s))(1.0) for s in (1.0, 2.0)] == [2.0, 4.0]


def test_defaults_may_change():
    def f(x, scale=2.0, *, power=1):
        return scale * x**power

    assert grad(f)(1.0) == 2.0
    f.__defaults__ = (5.0,)
    assert grad(f)(1.0) == 5.0
    f.__kwdefaults__ = {"power": 3}
    assert grad(f)(1.0) == 15.0


def test_a_mutable_default_may_change():
    def f(x, scales=[2.0]):  # noqa: B006
        return scales[0] * x

    assert grad(f)(1.0) == 2.0
    f.__defaults__[0][0] = 6.0
    assert grad(f)(1.0) == 6.0


def test_attributes_may_change():
    class Model:
        scale = 2.0

    model = Model()
    f = lambda x: model.scale * x
    g = lambda x, m: m.scale * x
    assert (grad(f)(1.0), grad(g)(1.0, model)) == (2.0, 2.0)
    model.scale = 4.0
    assert (grad(f)(1.0), grad(g)(1.0, model)) == (4.0, 4.0)


def test_attributes_of_functions_may_change():
    def f(x):
        return f.scale * x

    f.scale = 2.0
    assert grad(f)(1.0) == 2.0
    f.scale = 3.0
    assert grad(f)(1.0) == 3.0


def test_a_callable_argument_may_change():
    state = [1.0]
    f = lambda x, g: g(x)
    g = lambda x: state[0] * x
    assert grad(f)(1.0, g) == 1.0
    state[0] = 2.0
    assert grad(f)(1.0, g) == 2.0
    assert grad(f)(1.0, np.sin) == pytest.approx(np.cos(1.0))
    assert grad(f)(1.0, lambda x: 3 * x) == 3.0


def test_random_numbers_are_drawn_at_each_call():
    f = lambda x: np.random.rand() * x
    g = lambda x: getattr(np, "random").rand() * x  # noqa: B009
    for function in (f, g):
        assert grad(function)(1.0) != grad(function)(1.0)


def test_what_is_printed_is_printed_at_each_call(capsys):
    def f(x):
        print("called")  # noqa: T201
        return x * x

    grad(f)(1.0), grad(f)(1.0)
    assert capsys.readouterr().out == "called\ncalled\n"


def test_what_is_counted_is_counted_at_each_call():
    calls = []

    def f(x):
        calls.append(1)
        return x

    grad(f)(1.0), grad(f)(1.0)
    assert len(calls) == 2


def test_a_derivative_of_something_open_is_open():
    scale = [2.0]
    inner = grad(lambda y: scale[0] * y * y)
    f = lambda x: inner(x)
    assert grad(f)(1.0) == 4.0
    scale[0] = 3.0
    assert grad(f)(1.0) == 6.0


# -------------------------------------------------------------- what is closed


def factorial(n):
    return 1 if n < 1 else n * factorial(n - 1)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


CLOSED = {
    "numpy": plain,
    "helper": uses_helper,
    "recursive": factorial,
    "mutual": even,
    "formula-like": lambda x, y: (x @ y).T.sum(axis=0, keepdims=True)[..., 0],
    "comprehension": lambda x: [v * i for i, v in enumerate(x) if isinstance(i, int)],
    "nested": lambda x: (lambda y: y + x)(2.0),  # noqa: PLC3002
    "linalg": lambda x: np.linalg.norm(x) + math.sqrt(2),
    "derivative": grad(plain),
}


@pytest.mark.parametrize("f", CLOSED.values(), ids=CLOSED)
def test_this_is_closed(f):
    assert fingerprint(f) is not None
    assert fingerprint(f) == fingerprint(f)
    assert hash(fingerprint(f)) == hash(fingerprint(f))


def writes_global(x):
    global SCALE
    SCALE = x


def imports(x):
    import numpy as inner  # noqa: ICN001

    return inner.sin(x)


def local_class(x):
    class Inner:
        y = x

    return Inner.y


def generator(x):
    return x.__class__


OPEN = {
    "print": lambda x: print(x),  # noqa: T201
    "open": lambda x: open(x),  # noqa: PTH123, SIM115
    "eval": lambda x: eval("x"),
    "unknown": lambda x: nothing_of_this_name,  # noqa: F821
    "array": lambda x: x * ARRAY,
    "dict": lambda x: TABLE,
    "random": lambda x: np.random.rand(),
    "getattr": lambda x: getattr(np, "random"),  # noqa: B009
    "dunder": generator,
    "load": lambda x: np.load(x),
    "empty": lambda x: np.empty(3) * x,
    "global": writes_global,
    "import": imports,
    "class": local_class,
    "module": lambda x: sys.maxsize,
    "method": "text".upper,
    "object": SimpleNamespace(),
}


@pytest.mark.parametrize("f", OPEN.values(), ids=OPEN)
def test_this_is_not_closed(f):
    assert fingerprint(f) is None


# ------------------------------------------------------------------- processes


def test_eight_threads_get_their_own_answers():
    kept._kept.clear()

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            x = rng.standard_normal(rng.integers(1, 6))
            np.testing.assert_allclose(grad(plain)(x), np.cos(x) * x + np.sin(x))
            y = rng.standard_normal()
            branchy = lambda v: v * v if v > 0 else -v
            assert grad(branchy)(y) == (2 * y if y > 0 else -1.0)
            value, slope = value_and_grad(lambda v: v * grad(helper)(v))(y)
            assert (value, slope) == (pytest.approx(2 * y * y), pytest.approx(4 * y))
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


@pytest.mark.skipif(
    not hasattr(sys, "platform") or sys.platform == "win32", reason="fork"
)
def test_it_works_after_a_fork():
    program = """
        import os
        import whence
        f = lambda x: x**3
        assert whence.grad(f)(2.0) == 12.0
        child = os.fork()
        if child == 0:
            assert whence.grad(f)(3.0) == 27.0
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
