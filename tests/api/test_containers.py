from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest

from whence.api.containers import flatten
from whence.core.errors import ShapeError


class Layer(NamedTuple):
    W: object
    b: object


@dataclass(frozen=True)
class Model:
    layers: list
    scale: float = 1.0
    seen: dict = field(default_factory=dict)


NESTED = [
    1.0,
    None,
    (),
    [],
    {},
    (1.0, [2.0, (3.0,)], {"a": None, "b": 4.0}),
    Layer(1.0, [2.0]),
    Model([Layer(1.0, 2.0), Layer(3.0, 4.0)], 0.5, {3: 1.0}),
    OrderedDict(b=1.0, a=2.0),
]


@pytest.mark.parametrize("tree", NESTED, ids=str)
def test_a_container_comes_back_as_it_was(tree):
    leaves, structure = flatten(tree)
    back = structure.unflatten(leaves)
    assert back == tree
    assert type(back) is type(tree)


@pytest.mark.parametrize("tree", NESTED, ids=str)
def test_structures_are_keys(tree):
    assert len({flatten(tree)[1], flatten(tree)[1]}) == 1


def test_structures_differ_by_kind_and_key():
    trees = [[1.0], (1.0,), {"a": 1.0}, {"b": 1.0}, Layer(1.0, None), 1.0, None]
    assert len({flatten(tree)[1] for tree in trees}) == len(trees)


def test_leaves_are_what_is_no_container():
    array, function = np.ones(2), len
    assert flatten({"x": array, "n": 3, "s": "a", "f": function, "t": True})[0] == [
        array,
        3,
        "a",
        function,
        True,
    ]


def test_paths_are_written_as_the_user_would():
    model = Model([Layer(1.0, 2.0)], 0.5, {"k": 1.0})
    assert flatten(model)[1].paths("m") == [
        "m.layers[0].W",
        "m.layers[0].b",
        "m.scale",
        "m.seen['k']",
    ]
    assert flatten(1.0)[1].paths("x") == ["x"]


def test_dicts_match_in_any_order():
    structure = flatten({"a": 1.0, "b": 2.0})[1]
    assert structure.matched({"b": 20.0, "a": 10.0}) == [10.0, 20.0]


@pytest.mark.parametrize("other", [[1.0], (1.0, 2.0), {"a": 1.0}, 1.0], ids=str)
def test_another_structure_is_refused(other):
    with pytest.raises(ShapeError, match="built otherwise"):
        flatten((1.0,))[1].matched(other)


def test_a_dataclass_is_not_initialised_again():
    @dataclass
    class Checked:
        x: float

        def __post_init__(self):
            self.x = float(self.x)

    leaves, structure = flatten(Checked(1.0))
    assert structure.unflatten(["anything"]).x == "anything"
    assert leaves == [1.0]
