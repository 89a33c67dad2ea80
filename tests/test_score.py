"""The independent reader of derivations: it knows every operation, and agrees."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.numbers import FREE, OPERATIONS, number_of

from strategies import CASES, drawn
from whence.core.primitive import PRIMITIVES
from whence.explain import tree
from whence.explain.tree import operation

SPOKEN = [case for case in CASES if case.primitive.name != "custom"]


@pytest.mark.parametrize("case", SPOKEN, ids=str)
def test_an_operation_means_what_its_record_does(case):
    arrays = drawn(case)
    names = {f"x{i}": x for i, x in enumerate(arrays)}
    args = [{"name": name} for name in names]
    written = operation(case.primitive.name, args, case.example.params)
    wanted = case.primitive.reference(*arrays, **case.example.params)
    np.testing.assert_allclose(number_of(written, names), wanted, rtol=1e-12)


def test_every_operation_of_the_records_is_known_and_no_other():
    own = {"one_hot", "indicator"}  # trees have names for these; records have none
    assert set(OPERATIONS) == ({*PRIMITIVES} - {"custom"}) | own


def test_the_same_operations_are_free_on_both_sides():
    assert set(FREE) == tree.FREE


def test_the_page_on_json_says_what_each_operation_is():
    page = (Path(__file__).parents[1] / "docs/json.md").read_text(encoding="utf-8")
    table = page.rpartition("| operation |")[2].splitlines()[2:]
    assert table == [f"| `{op}` | `{text}` |" for op, text in OPERATIONS.items()]
    assert all(f"`{op}`" in page.partition("## Trees")[2] for op in FREE)
