"""Derivations against solved problems: are they right, short, and fast?

    python -m benchmarks.derivations [problems.json] [--table RESULTS.md]

Each problem is a NumPy function, the same as a formula, points, the closed form that a
person writes with its number of operations, and an expression for the gradient. A form
counts as right when the derivation, its code, and ``whence.grad`` of the function and
of the formula give the expected numbers at every point.
"""

import argparse
import importlib.util
import inspect
import json
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import whence

PROBLEMS = Path(__file__).resolve().parents[2] / "shared/derivations-examples.json"
RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
ABOUT = """# Derivations

Solved problems, each at several points. Right: the derivation, its code, and the slope
of the function and of its formula give the expected numbers at every point. Human form:
no more operations than the form that a person writes. Times are milliseconds for one
derivation, median and worst. Made by `python -m benchmarks.derivations --table FILE`.

"""
GROUPS = ["seed", "scalar", "loss", "regression", "matrix", "layer", "deep", "stiff"]


@dataclass
class Score:
    """How one problem went.

    Attributes:
        name: The name of the problem.
        group: Its family.
        seconds: One derivation, in seconds, at its slowest point.
        operations: The operations of the closed form; None without a derivation.
        human: The operations of a person's form.
        form: The closed form.
        wrong: What went wrong, in words.
    """

    name: str
    group: str
    human: int
    seconds: float = 0.0
    operations: int | None = None
    form: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def short(self) -> bool:
        """Whether the form is no longer than a person's."""
        return self.operations is not None and self.operations <= self.human

    @property
    def nearly(self) -> bool:
        """Whether it has at most two operations more."""
        return self.operations is not None and self.operations <= self.human + 2


def space_of(helpers):
    """The names that expected gradients are written in."""
    space = {"np": np}
    for source in helpers.values():
        exec(source, space)
    return space


def loaded(problem, folder):
    """The function of a problem, from a file, so that its names are found."""
    file = Path(folder) / f"{problem['name']}.py"
    file.write_text("import numpy as np\n\n\n" + problem["function"], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(problem["name"], file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def numbers(point):
    """A point with lists as arrays."""
    return {k: np.array(v) if isinstance(v, list) else v for k, v in point.items()}


def agree(found, wanted):
    """Whether a gradient is the expected one, to twelve digits of its size."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    size = max(np.max(np.abs(wanted), initial=0.0), 1e-3)
    if found.shape != wanted.shape:
        if wanted.shape:  # an expected number may stand for an array filled with it
            return False
        wanted = np.broadcast_to(wanted, found.shape)
    return bool(np.all(np.abs(found - wanted) <= 1e-9 * size))


def by_code(derivation, point):
    """The gradient by the code of a derivation, run with NumPy and SciPy alone."""
    space = {}
    exec(derivation.code(), space)
    takes = inspect.signature(space["gradient"]).parameters
    return space["gradient"](**{k: v for k, v in point.items() if k in takes})


def ways(problem, function, point):
    """The other ways to the gradient, by their names."""
    by = problem["wrt"]
    found = {"grad": lambda: whence.grad(function, by)(**point)}
    if "formula" not in problem:
        return found
    formula = problem["formula"]
    return found | {
        "grad of the formula": lambda: whence.grad(formula, by)(**point),
        "explain of the formula": lambda: whence.explain(
            formula, wrt=by, at=point
        ).results[by],
    }


def scored(problem, space, folder):
    """Derive one problem at each of its points."""
    score = Score(problem["name"], problem["group"], problem["human_ops"])
    function = loaded(problem, folder)
    for raw in problem["points"]:
        point = numbers(raw)
        with np.errstate(all="ignore"):
            wanted = eval(problem["expected"], {**space, **point})
            at_point(score, problem, function, point, wanted)
    score.wrong = list(dict.fromkeys(score.wrong))
    return score


def at_point(score, problem, function, point, wanted):
    """Derive one problem at one point, in every way."""
    start = time.perf_counter()
    try:
        derivation = whence.explain(function, wrt=problem["wrt"], at=point)
        found = derivation.results.get(problem["wrt"])
        score.seconds = max(score.seconds, time.perf_counter() - start)
        score.operations, score.form = derivation.operations, derivation.result
        if not derivation.checked:
            score.operations = None
            score.wrong.append(f"stopped: {derivation.story.checks.failure}")
            return
        if not agree(found, wanted):
            score.wrong.append(f"explain: {found} at {point}")
        if not agree(by_code(derivation, point), wanted):
            score.wrong.append("code")
    except Exception as error:  # noqa: BLE001 - every failure is a line of the table
        score.wrong.append(f"explain: {type(error).__name__}: {first_line(error)}")
    for name, way in ways(problem, function, point).items():
        try:
            if not agree(way(), wanted):
                score.wrong.append(name)
        except Exception as error:  # noqa: BLE001
            score.wrong.append(f"{name}: {type(error).__name__}: {first_line(error)}")


def first_line(error):
    """What happened, without the rest of the message."""
    return (str(error).splitlines() or [""])[0]


def measured(file):
    """The scores of all problems in a file."""
    found = json.loads(Path(file).read_text(encoding="utf-8"))
    space = space_of(found["helpers"])
    with tempfile.TemporaryDirectory() as folder:
        return [scored(p, space, folder) for p in found["problems"]]


def row(name, scores):
    """One family as a row of the table."""
    times = [1e3 * s.seconds for s in scores]
    return (
        f"| {name} | {len(scores)} | {sum(not s.wrong for s in scores)} "
        f"| {sum(s.short for s in scores)} | {sum(s.nearly for s in scores)} "
        f"| {statistics.median(times):.0f} | {max(times):.0f} |"
    )


def table(scores):
    """The scores of each family, and of all."""
    lines = [
        "| group | problems | right | human form | at most 2 more | ms | worst |",
        "|---|---|---|---|---|---|---|",
    ]
    for group in GROUPS:
        of_group = [s for s in scores if s.group == group]
        if of_group:
            lines.append(row(group, of_group))
    return "\n".join([*lines, row("all", scores)])


def misses(scores):
    """What is wrong, and the forms that are longer than a person's."""
    lines = [f"wrong   {s.name}: {'; '.join(s.wrong)}" for s in scores if s.wrong]
    lines += [
        f"longer  {s.name}: {s.operations} operations for {s.human}: {s.form[:90]}"
        for s in scores
        if s.operations is not None and not s.short
    ]
    return "\n".join(lines)


def main(arguments=None):
    """Measure, and print the table and the misses."""
    parser = argparse.ArgumentParser(description="derivations of solved problems")
    parser.add_argument("problems", nargs="?", default=PROBLEMS)
    parser.add_argument("--table", help="also write the table to this file")
    given = parser.parse_args(arguments)
    if not Path(given.problems).exists():
        print(f"there is no file of problems at {given.problems}")
        return
    scores = measured(given.problems)
    print(table(scores))
    print()
    print(misses(scores) or "no misses")
    if given.table:
        text = f"{ABOUT}{table(scores)}\n\n```\n{misses(scores)}\n```\n"
        Path(given.table).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
