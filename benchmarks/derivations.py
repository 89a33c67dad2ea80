"""Derivations against solved problems: are they right, short, checked and fast?

    python -m benchmarks.derivations [problems.json …] [--points N] [--table FILE]

Each problem is a NumPy function, the same as a formula where formulas can say it,
points, the closed form that a person writes with its number of operations, and an
expression for the gradient. A form counts as right when the derivation, its code, its
JSON as read by ``benchmarks.score``, and ``whence.grad`` of the function and of the
formula give the expected numbers at every point.
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
from benchmarks.score import agree, read

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "shared/derivations-examples.json"
OWN = sorted((HERE / "problems").glob("*.json"))
ABOUT = """# Derivations

Solved problems, each at several points. Right: the derivation, its code, its JSON as an
independent reader evaluates it, and the slope of the function and of its formula give
the expected numbers at every point. Steps: all have a rule, and the reader found both
sides of each equal. Human form: no more operations than the form that a person writes;
2 more: at most two more. Times are milliseconds of a warm derivation, median and worst
over the problems. Made by `make derivations`.

"""
GROUPS = ["seed", "scalar", "loss", "regression", "matrix", "layer", "deep", "stiff"]
LOGISTIC = "seed_logreg_bce__w"  # the problem whose lines are counted


@dataclass
class Score:
    """How one problem went.

    Attributes:
        name: The name of the problem.
        group: Its family.
        seconds: One warm derivation, in seconds.
        operations: The operations of the closed form; None without a derivation.
        human: The operations of a person's form.
        form: The closed form.
        lines: How many lines the derivation has, its results among them.
        steps: What the reader found wrong in its steps, in words.
        wrong: What went wrong, in words.
    """

    name: str
    group: str
    human: int
    seconds: float = 0.0
    operations: int | None = None
    form: str = ""
    lines: int = 0
    steps: list[str] = field(default_factory=list)
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


def by_code(derivation, point):
    """The gradient by the code of a derivation, run with NumPy and SciPy alone."""
    space = {}
    exec(derivation.code(), space)
    takes = inspect.signature(space["gradient"]).parameters
    return space["gradient"](**{k: v for k, v in point.items() if k in takes})


def ways(problem, function, point):
    """The other ways to the gradient, by their names."""
    by, formula = problem["wrt"], problem.get("formula")
    found = {"grad": lambda: whence.grad(function, by)(**point)}
    if formula:
        found["grad of the formula"] = lambda: whence.grad(formula, by)(**point)
        found["explain of the formula"] = lambda: whence.explain(
            formula, wrt=by, at=point
        ).results[by]
    return found


def scored(problem, space, folder, most):
    """Derive one problem at each of its points, or the first few."""
    score = Score(problem["name"], problem["group"], problem["human_ops"])
    function = loaded(problem, folder)
    points = [numbers(raw) for raw in problem["points"][:most]]
    for point in points:
        with np.errstate(all="ignore"):
            wanted = eval(problem["expected"], {**space, **point})
            at_point(score, problem, function, point, wanted)
    score.seconds = warm(function, problem["wrt"], points[0])
    score.wrong = list(dict.fromkeys(score.wrong))
    return score


def warm(function, by, point):
    """The time of a derivation that has been made before, in seconds."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        try:
            whence.explain(function, wrt=by, at=point)
        except Exception:  # noqa: BLE001 - said where it was made first
            return 0.0
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def at_point(score, problem, function, point, wanted):
    """Derive one problem at one point, in every way."""
    try:
        derivation = whence.explain(function, wrt=problem["wrt"], at=point)
        explained(score, problem, derivation, point, wanted)
    except Exception as error:  # noqa: BLE001 - every failure is a line of the table
        score.wrong.append(f"explain: {type(error).__name__}: {first_line(error)}")
    for name, way in ways(problem, function, point).items():
        try:
            if not agree(way(), wanted):
                score.wrong.append(name)
        except Exception as error:  # noqa: BLE001
            score.wrong.append(f"{name}: {type(error).__name__}: {first_line(error)}")


def explained(score, problem, derivation, point, wanted):
    """What one derivation says, and what a reader of its JSON finds."""
    by = problem["wrt"]
    if not derivation.checked:
        score.operations = None
        score.steps.append("stopped")
        score.wrong.append(f"stopped: {derivation.story.checks.failure}")
        return
    first = not score.form
    score.operations, score.form = derivation.operations, derivation.result
    found = derivation.results[by]
    if not agree(found, wanted):
        score.wrong.append(f"explain: {found} at {point}")
    if not agree(by_code(derivation, point), wanted):
        score.wrong.append("code")
    document = json.loads(derivation.to_json())
    seen = read(document)
    score.lines = len(document["lines"]) + len(document["results"])
    if seen.operations != derivation.operations:
        score.wrong.append(f"{seen.operations} operations by the reader's count")
    if by in seen.runs and not agree(seen.runs[by], wanted):
        score.wrong.append("the form that runs")
    if first and not seen.complete:
        for what in ("wrong", "unseen", "nameless"):
            if getattr(seen, what):
                score.steps.append(f"{what} {getattr(seen, what)}")


def first_line(error):
    """What happened, without the rest of the message."""
    return (str(error).splitlines() or [""])[0]


def measured(files, most=None):
    """The scores of all problems in some files."""
    scores = []
    for file in files:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
        space = space_of(found["helpers"])
        with tempfile.TemporaryDirectory() as folder:
            scores += [scored(p, space, folder, most) for p in found["problems"]]
    return scores


def row(name, scores):
    """One family as a row of the table."""
    times = [1e3 * s.seconds for s in scores]
    return (
        f"| {name} | {len(scores)} | {sum(not s.wrong for s in scores)} "
        f"| {sum(not s.steps for s in scores)} "
        f"| {sum(s.short for s in scores)} | {sum(s.nearly for s in scores)} "
        f"| {statistics.median(times):.0f} | {max(times):.0f} |"
    )


def table(scores):
    """The scores of each family, and of all."""
    lines = [
        "| group | problems | right | steps | human form | 2 more | ms | worst |",
        "|---|---|---|---|---|---|---|---|",
    ]
    others = {s.group: None for s in scores if s.group not in GROUPS}
    for group in [*GROUPS, *others]:
        of_group = [s for s in scores if s.group == group]
        if of_group:
            lines.append(row(group, of_group))
    lines.append(row("all", scores))
    lines += [
        f"\nThe logistic loss takes {s.lines} lines."
        for s in scores
        if s.name == LOGISTIC
    ]
    return "\n".join(lines)


def misses(scores):
    """What is wrong, and the forms that are longer than a person's."""
    lines = [f"wrong   {s.name}: {'; '.join(s.wrong)}" for s in scores if s.wrong]
    lines += [f"steps   {s.name}: {'; '.join(s.steps)}" for s in scores if s.steps]
    lines += [
        f"longer  {s.name}: {s.operations} operations for {s.human}: {s.form[:90]}"
        for s in scores
        if s.operations is not None and not s.short
    ]
    return "\n".join(lines)


def main(arguments=None):
    """Measure, and print the table and the misses."""
    parser = argparse.ArgumentParser(description="derivations of solved problems")
    parser.add_argument("problems", nargs="*", help="files of problems; else all")
    parser.add_argument("--points", type=int, help="look at so many points of each")
    parser.add_argument("--table", help="also write the tables to this file")
    given = parser.parse_args(arguments)
    files = [Path(x).resolve() for x in given.problems or (EXAMPLES, *OWN)]
    sets = {"the examples": [x for x in files if x == EXAMPLES and x.exists()]}
    sets["our own"] = [x for x in files if x != EXAMPLES]
    written = []
    for name, of_set in sets.items():
        if of_set:
            scores = measured(of_set, given.points)
            print(f"{name}\n\n{table(scores)}\n\n{misses(scores) or 'no misses'}\n")
            written.append(
                f"## Of {name}\n\n{table(scores)}\n\n```\n{misses(scores)}\n```"
            )
    if given.table:
        text = ABOUT + "\n\n".join(written) + "\n"
        Path(given.table).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
