"""The benchmark's own problems are well formed, and a wrong one is noticed."""

import json
from pathlib import Path

import pytest
from benchmarks.check_problems import faults, operations
from benchmarks.derivations import space_of

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks" / "problems"
FILES = sorted(FOLDER.glob("*.json"))
SAMPLES = 3  # of each file: `python -m benchmarks.check_problems` checks all


def contents(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sample_of_the_problems_has_the_right_answers(file: Path) -> None:
    content = contents(file)
    problems = content["problems"]
    space = space_of(content["helpers"])
    for problem in problems[:: len(problems) // SAMPLES + 1]:
        assert not faults(problem | {"points": problem["points"][:1]}, space)


def test_the_names_of_the_problems_differ() -> None:
    names = [problem["name"] for f in FILES for problem in contents(f)["problems"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("change", "notice"),
    [
        ({"expected": "12*x**3 - 4*x"}, "is not"),
        ({"human": "12*x**3 - 4*x - 7"}, "the person's form gives"),
        ({"human_ops": 4}, "human_ops is not 5"),
        ({"points": [{}]}, "does not give"),
    ],
)
def test_a_wrong_answer_is_noticed(change: dict, notice: str) -> None:
    content = contents(FOLDER / "scalar.json")
    problem = content["problems"][0] | change
    found = faults(problem, space_of(content["helpers"]))
    assert any(notice in fault for fault in found)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("-1/p", 1),
        ("-np.sin(x)*np.sin(u)", 4),
        ("W.T @ (p - e_c)/len(y)", 3),
        ("p[c]*np.sum(D, axis=0)", 2),
        ("np.where(x > 0, x, 1)", 2),
    ],
)
def test_operations_are_counted_as_people_count_them(text: str, count: int) -> None:
    assert operations(text) == count
