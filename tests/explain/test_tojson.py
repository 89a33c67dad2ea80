"""Derivations for other programs and pages: JSON, LaTeX and Markdown."""

import copy
import json
import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks.numbers import names_in
from benchmarks.score import read

import whence
from textbook import logistic


def network(X, W_hidden, V, Y):
    H = np.tanh(X @ W_hidden)
    P = np.exp(H @ V) / np.sum(np.exp(H @ V), axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(X)


rng = np.random.default_rng(0)
ARRAYS = [rng.normal(size=s) for s in ((2, 3), (3, 2), (2, 2))]
TOLD = {
    "logistic": lambda **o: whence.explain(
        logistic, 0.5, -0.5, 2.0, 1.0, wrt=("w", "b", "x"), **o
    ),
    "network": lambda **o: whence.explain(
        network, *ARRAYS, np.eye(2), wrt=("W_hidden", "V"), **o
    ),
    "a formula": lambda **o: whence.explain("(x**2 + 1)**3/y", x=2.0, y=3.0, **o),
    "an index": lambda **o: whence.explain(
        lambda q, c: -np.log((np.exp(q) / np.sum(np.exp(q)))[c]),
        np.array([0.3, -1.2, 0.5]),
        1,
        **o,
    ),
    "choices": lambda **o: whence.explain(
        "abs(x)**1.5 + sqrt(x*x + 1)*maximum(x, 0)", x=0.7, **o
    ),
}
PAGE = (Path(__file__).parents[2] / "docs/json.md").read_text(encoding="utf-8")


def documented(section):
    """The fields of which a section of the page on JSON has a row."""
    rows = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0].splitlines()
    first = [x.split("|")[1] for x in rows if x.startswith("| `")]
    return {name for cell in first for name in re.findall(r"`(\w+)`", cell)}


every = pytest.mark.parametrize("name", TOLD)


@every
def test_json_has_the_fields_of_its_schema(name):
    told = TOLD[name]()
    found = json.loads(told.to_json())
    assert found["whence"] == "derivation"
    assert found["schema"] == 2
    assert set(found) == documented("The document")
    assert all(set(step) == documented("Steps") for step in found["steps"])
    assert all(set(result) == documented("Results") for result in found["results"])
    assert all(set(name) <= documented("Names") for name in found["names"])
    for field in ("lines", "legend", "checks"):
        parts = found[field] if isinstance(found[field], list) else [found[field]]
        row = next(x for x in PAGE.splitlines() if x.startswith(f"| `{field}`"))
        assert all(f"`{name}`" in row for part in parts for name in part)
    assert found["checks"]["failure"] == ""
    for result, (by, value) in zip(found["results"], told.results.items(), strict=True):
        assert result["by"] == by
        np.testing.assert_allclose(result["value"], value)


@every
def test_json_is_strict_and_names_the_rules(name):
    def refuse(constant):
        raise AssertionError(constant)

    found = json.loads(TOLD[name]().to_json(), parse_constant=refuse)
    assert all(x["rule"] and x["checked"] for x in found["steps"])
    assert "?" not in json.dumps(found["results"])


@every
def test_every_line_is_a_step(name):
    found = json.loads(TOLD[name]().to_json())
    steps = {x["id"]: x for x in found["steps"]}
    assert [x["step"] for x in found["lines"]] == [*steps][: len(found["lines"])]
    assert {x["kind"] for x in found["steps"]} >= {"name", "result", "check"}


@every
def test_every_name_in_a_tree_is_defined(name):
    found = json.loads(TOLD[name]().to_json())
    defined = set()
    for x in found["names"]:
        assert names_in(x.get("definition", {})) <= defined, "by those before it"
        defined.add(x["name"])
    assert len(defined) == len(found["names"]), "each name once"
    for step in found["steps"]:
        assert names_in(step["before"]) | names_in(step["after"]) <= defined
        assert step["subject"] in defined
    for result in found["results"]:
        own = {x["name"] for x in result["where"]}
        assert names_in(result["term"]) <= defined | own


@every
def test_a_reader_with_numpy_alone_finds_every_step_true(name):
    told = TOLD[name]()
    found = read(told.to_json())
    assert found.complete, (found.wrong, found.unseen, found.nameless)
    assert found.operations == told.operations
    for kept in (found.results, found.runs):
        for by, value in told.results.items():
            np.testing.assert_allclose(kept[by], value, rtol=1e-9)


def test_a_reader_with_numpy_alone_finds_what_is_wrong():
    whole = json.loads(TOLD["logistic"]().to_json())
    for step in whole["steps"]:
        broken = copy.deepcopy(whole)
        there = broken["steps"][step["id"] - 1]
        there["after"] = {"op": "add", "args": [there["after"], {"number": 0.01}]}
        assert read(broken).wrong == [step["id"]]


def test_a_derivation_without_numbers_keeps_the_names_of_sizes():
    sizes = {"X": "n d", "w": "d", "y": "n"}
    told = whence.explain("mean((X @ w - y)**2)", wrt="w", shapes=sizes)
    found = json.loads(told.to_json())
    assert [x["size"] for x in found["names"][0]["shape"]] == ["n", "d"]
    assert all(x is None for x in found["point"].values())
    assert {"n", "d"} == set(found["sizes"][0])
    assert read(found).complete


def test_numbers_that_are_not_finite_are_texts():
    found = json.loads(whence.explain("log(x)", x=0.0).to_json())
    assert found["value"] == "-inf"


def balanced(text):
    """Whether braces, and left and right brackets, come in pairs."""
    depth = 0
    for c in re.sub(r"\\[{}]", "", text):
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0 and text.count(r"\left") == text.count(r"\right")


@every
@pytest.mark.parametrize("level", ["brief", "normal", "full"])
def test_latex_is_well_formed(name, level):
    found = TOLD[name](level=level).latex()
    assert balanced(found)
    opened = re.findall(r"\\begin\{(.*?)\}", found)
    closed = re.findall(r"\\end\{(.*?)\}", found)
    assert sorted(opened) == sorted(closed)
    assert opened
    rows = found.splitlines()
    assert all(balanced(row) for row in rows)
    assert all(row.count(r"\frac") * 2 <= row.count("{") for row in rows)
    assert not re.search(r"[^\x00-\x7f]", found), "LaTeX is ASCII"
    text = re.sub(r"\\text\{[^}]*\}", "", found)
    assert not re.search(r"(?<![\\])_[^{\\]\w", text), "an index of several letters"


@every
def test_markdown_has_a_heading_the_formulas_and_the_checks(name):
    found = TOLD[name]().markdown()
    assert found.startswith("#")
    assert found.count("$$") % 2 == 0
    assert found.count("$") % 2 == 0
    assert r"\begin" in found
    assert "checked" in found


def test_markdown_has_a_table_of_paths():
    found = TOLD["logistic"]().markdown()
    _, table = found.split("| path through", 1)
    rows = [x for x in table.splitlines()[1:] if x.startswith("|")]
    assert len(rows) >= 4
    assert len({x.count("|") for x in rows}) == 1


@every
def test_notebooks_are_given_latex_and_markdown(name):
    told = TOLD[name]()
    assert r"\begin" in told._repr_latex_()
    assert told._repr_markdown_() == told.markdown()


@every
def test_levels_show_more_and_more(name):
    brief, normal, full = (
        str(TOLD[name](level=level)) for level in ("brief", "normal", "full")
    )
    assert len(brief) <= len(normal) <= len(full)
    assert "local" not in brief


def test_an_unknown_level_is_refused():
    with pytest.raises(whence.UserError, match="level"):
        whence.explain("x", x=1.0, level="verbose")
