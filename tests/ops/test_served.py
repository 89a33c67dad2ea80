"""whence.numpy and whence.special: traced values, lists, arrays and numbers alike."""

import contextlib

import numpy as np
import pytest

import whence.numpy as wnp
from strategies import gradient, traced
from whence import special
from whence.core.errors import TraceError


def test_without_traced_values_numpy_answers():
    assert wnp.sin(0.5) == np.sin(0.5)
    assert isinstance(wnp.array([1, 2]), np.ndarray)
    assert wnp.zeros(3).shape == (3,)
    assert wnp.full(2, 3.0).tolist() == [3, 3]
    assert wnp.linalg.norm([3.0, 4.0]) == 5
    assert (wnp.pi, wnp.newaxis, wnp.float32) == (np.pi, None, np.float32)


def test_lists_with_traced_values_are_stacked_however_deep():
    def f(x):
        return wnp.sum(wnp.array([[x, 1.0], [2.0, x * x]]) * wnp.eye(2))

    assert gradient(f, 3.0)[0] == 7.0


def test_lists_are_operands_too():
    def f(x):
        return wnp.dot([x, 2 * x], [1.0, 10.0]) + wnp.sum(wnp.stack([x, x]))

    assert gradient(f, 1.0)[0] == 23.0


def test_arrays_of_traced_values_take_a_dtype():
    graph = traced(lambda x: wnp.asarray([x, 2 * x], dtype="float32"), 1.0)
    assert graph.outputs[0].aval.dtype == np.float32
    assert traced(lambda x: wnp.full((2, 2), x), 1.0)(5.0)[0].tolist() == [[5, 5]] * 2


def test_a_function_without_a_record_refuses_traced_values():
    with pytest.raises(TraceError, match="nanmax has no derivative here"):
        traced(lambda x: wnp.nanmax(x), np.ones(2))


@pytest.mark.parametrize("module", [wnp, special])
def test_a_missing_name_is_told_with_the_nearest(module):
    with pytest.raises(AttributeError, match="did you mean"):
        module.summm if module is wnp else module.sofmax  # noqa: B018


@pytest.mark.parametrize("module", [wnp, special])
def test_a_module_lists_what_it_has(module):
    assert all(hasattr(module, name) for name in dir(module))
    assert {"sin", "linalg"} <= set(dir(wnp))
    assert {"sigmoid", "softmax"} <= set(dir(special))


REFUSED = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


@pytest.mark.parametrize("name", sorted(n for n in np.__all__ if n != "test"))
def test_no_function_of_numpy_makes_an_object_array_of_traced_values(name):
    function = getattr(np, name)
    if not callable(function) or isinstance(function, type) or name.startswith("print"):
        pytest.skip("no function")

    def f(x):
        for arguments in ((x,), (x, x), ([x, x],)):
            with contextlib.suppress(*REFUSED, TraceError, Warning):
                found = function(*arguments)
                for part in found if isinstance(found, (tuple, list)) else [found]:
                    held = isinstance(part, np.ndarray) and part.dtype == object
                    assert not held, f"np.{name} holds traced values"
        return x

    with contextlib.suppress(np.linalg.LinAlgError):
        traced(f, np.eye(2) + 0.5)
