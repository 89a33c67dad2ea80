"""An independent reader of derivations: it has their JSON, NumPy and SciPy, no more.

    python -m benchmarks.score derivation.json …

It computes the names forward from the point, takes derivatives by central differences
of that, and evaluates both sides of every step, at the point and at points near it. So
what a derivation says of itself is not believed here, but seen.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.numbers import (
    array_of,
    names_in,
    number_of,
    operations,
    plain_number,
)

POINTS = 6  # tried beside the given one; a side may have no number at some
ENOUGH = 3  # points at which both sides must have numbers
TOLERANCE = 1e-5  # relative, of sides in which derivatives are by differences
ENTRIES = 40  # of an array; differences of larger ones are taken at the first of these


@dataclass
class Read:
    """What was found in one derivation.

    Attributes:
        wrong: The steps whose sides differ, and names whose numbers are others.
        unseen: The steps that had numbers at too few points to be judged.
        nameless: The steps without a rule, or that say themselves they are unchecked.
        steps: How many steps there are.
        operations: The operations of all results, as counted here.
        results: The derivative by each input, as evaluated here from its closed form.
        runs: The same from the form that runs.
    """

    wrong: list = field(default_factory=list)
    unseen: list = field(default_factory=list)
    nameless: list = field(default_factory=list)
    steps: int = 0
    operations: int = 0
    results: dict = field(default_factory=dict)
    runs: dict = field(default_factory=dict)

    @property
    def complete(self):
        """Whether every step has a rule and two sides seen to be equal."""
        return bool(self.steps) and not (self.wrong or self.unseen or self.nameless)


def read(document):
    """Judge a derivation by its JSON alone.

    Args:
        document: The JSON, as text or parsed.
    """
    if isinstance(document, str):
        document = json.loads(document)
    assert document["whence"] == "derivation", "no derivation"
    assert document["schema"] == 2, "of another schema"
    found = Read(steps=len(document["steps"]))
    if document["checks"]["failure"]:
        found.nameless.append(document["checks"]["failure"])
    given = {
        x["name"]: number_at(x)
        for x in document["names"]
        if x["name"] in document["point"]
    }
    with np.errstate(all="ignore"):
        points = [Point(document, x) for x in near(document, given)]
        mirrored = symmetric_names(document)
        assumed = [Point(document, x) for x in near(document, given, mirrored)]
        far = [Point(document, x) for x in away(document, given, mirrored)]
        for name in document["names"]:
            if name["kind"] == "value" and not told(points[0][name["name"]], name):
                found.wrong.append(name["name"])
        for step in document["steps"]:
            judge(step, assumed if step["assumptions"] else points, far, found)
        for result in document["results"]:
            evaluate(result, points[0], found)
    found.operations = count(document["results"])
    return found


def number_at(name):
    """The number of an input at the point; one of our own where there is no point."""
    if name["value"] is not None:
        return array_of(name["value"])
    shape = [
        plain_number(x["number"] if isinstance(x, dict) else x) for x in name["shape"]
    ]
    return np.random.default_rng(len(shape)).uniform(0.2, 0.9, shape)


def told(number, name):
    """Whether a name has the number that the derivation says it has."""
    said = array_of(name["value"])
    return bool(
        said is None
        or np.allclose(said, number, rtol=1e-6, atol=1e-12, equal_nan=True)
        or not np.isfinite(number).all()  # written out it overflows; ours may not
    )


# ---------------------------------------------------------------------- points


class Point:
    """The numbers of all names at a point, each found when it is asked for."""

    def __init__(self, document, given):
        self.document, self.given = document, given
        self.entries = {x["name"]: x for x in document["names"]}
        self.known = forward(document, given, {})

    def __getitem__(self, name):
        if name not in self.known:
            self.known[name] = self.slope(self.entries[name])
        return self.known[name]

    def slope(self, entry):
        """A derivative by central differences; nan at a kink."""
        by, total = entry["by"], entry["of"] == self.document["output"]
        base = np.asarray(self.known[by], float)
        if entry["held"] or not total:
            return self.local(entry, base)
        found = np.full(base.shape, np.nan)
        for i in list(np.ndindex(base.shape))[:ENTRIES]:
            found[i] = two_sided(
                lambda x: np.sum(
                    forward(self.document, self.given, {by: x})[entry["of"]]
                ),
                base,
                np.arange(base.size).reshape(base.shape)
                == np.ravel_multi_index(i, base.shape)
                if base.shape
                else True,
            )
        return found

    def local(self, entry, base):
        """How a value moves with one operand, entry by entry, the others at rest."""
        definition = self.entries[entry["of"]]["definition"]

        def value(x):
            return np.asarray(number_of(definition, {**self.known, entry["by"]: x}))

        return two_sided(value, base, np.ones(base.shape, bool))


def two_sided(value, base, which):
    """A central difference of higher order; nan where both sides differ.

    A second, shorter step is tried where the first leaves the domain or meets a kink.
    """
    largest = np.max(np.abs(base), initial=0.0)
    found = np.nan
    for size in (1e-4 * max(1.0, largest), 1e-3 * largest):
        if size and not np.isfinite(found).all():
            ends = [value(base + k * size * which) for k in (-2, -1, 0, 1, 2)]
            left, right = (ends[2] - ends[1]) / size, (ends[3] - ends[2]) / size
            slope = (8 * (ends[3] - ends[1]) - (ends[4] - ends[0])) / (12 * size)
            apart = np.abs(right - left) > 0.05 * np.maximum(1.0, np.abs(slope))
            found = np.where(np.isfinite(found), found, np.where(apart, np.nan, slope))
    return found


def forward(document, given, fixed):
    """The numbers of inputs and values; some may be given instead of computed."""
    known = {**given, **fixed}
    for name in document["names"]:
        if name["kind"] == "value" and name["name"] not in fixed:
            known[name["name"]] = number_of(name["definition"], known)
    return known


def symmetric_names(document):
    """The matrices that a derivation says it takes to be symmetric."""
    assumptions = document["checks"]["assumptions"]
    return {x["name"] for x in document["names"]} & {
        words.removesuffix(" is symmetric") for words in assumptions
    }


def near(document, given, mirrored=()):
    """The point, and others near it, where what is differentiated by has moved.

    Args:
        document: The JSON.
        given: The point.
        mirrored: The names of the matrices that stay symmetric.
    """
    yield given
    draw = np.random.default_rng(0)
    for i in range(POINTS):
        moved = dict(given)
        for name in document["by"]:
            x = np.asarray(given[name], float)
            size = np.max(np.abs(x), initial=0.0)
            tame = x * min(1.0, 2.0 / size) if i % 2 and size else x
            moved[name] = tame * (1 + 0.1 * draw.uniform(-1, 1, x.shape)) + (
                np.where(x == 0, draw.uniform(0.01, 0.1), 0.0)
            )
            if name in mirrored:
                moved[name] = (moved[name] + moved[name].T) / 2
        yield moved


def away(document, given, mirrored):
    """Points farther off, for steps that have no numbers near the point."""
    draw = np.random.default_rng(1)
    for _ in range(POINTS):
        moved = dict(given)
        for name in document["by"]:
            x = draw.uniform(-2, 2, np.shape(given[name]))
            moved[name] = (x + x.T) / 2 if name in mirrored else x
        yield moved


# ----------------------------------------------------------------------- steps


def judge(step, points, far, found):
    """Evaluate both sides of a step at every point, and at far ones if few are left."""
    if not step["rule"] or not step["checked"]:
        found.nameless.append(step["id"])
    seen = [equal(step, point) for point in points]
    if False not in seen and seen.count(True) < ENOUGH:
        seen += [equal(step, point) for point in far]
    if False in seen:
        found.wrong.append(step["id"])
    elif seen.count(True) < ENOUGH:
        found.unseen.append(step["id"])


def equal(step, point):
    """Whether both sides are the same numbers at a point; None if one has none."""
    before, after = (
        np.asarray(number_of(step[side], point), float) for side in ("before", "after")
    )
    before, after = np.broadcast_arrays(before, after)
    both = np.isfinite(before) & np.isfinite(after)
    if not both.any():
        return None
    size = max(np.max(np.abs(before[both])), 1e-3)
    close = np.abs(before[both] - after[both]) <= TOLERANCE * size + rounding(
        step, point
    )
    return bool(np.all(close))


def rounding(step, point):
    """How far the sides move when the names in them move in their last digits."""
    draw = np.random.default_rng(0)
    moved = {
        name: np.asarray(point[name]) * (1 + 4e-16 * draw.uniform(-1, 1))
        for side in ("before", "after")
        for name in names_in(step[side])
        if np.asarray(point[name]).dtype.kind == "f"
    }
    rest = {n: point[n] for s in ("before", "after") for n in names_in(step[s])}
    change = 0.0
    for side in ("before", "after"):
        ends = (number_of(step[side], names) for names in (rest, {**rest, **moved}))
        first, second = (np.asarray(x, float) for x in ends)
        change = max(change, np.nanmax(np.abs(first - second), initial=0.0))
    return 100 * change if np.isfinite(change) else 0.0


# --------------------------------------------------------------------- results


def evaluate(result, point, found):
    """The closed form of a result, and the form that runs, at the point."""
    names = Where(point, result["where"])
    shape = np.shape(point[result["by"]])
    for form, kept in (("term", found.results), ("runs", found.runs)):
        if result[form] is not None:
            kept[result["by"]] = np.broadcast_to(number_of(result[form], names), shape)


class Where:
    """A point, with the names that a result is written in beside it."""

    def __init__(self, point, where):
        self.point, self.own = point, {}
        for x in where:
            self.own[x["name"]] = number_of(x["term"], self)

    def __getitem__(self, name):
        return self.own[name] if name in self.own else self.point[name]


def count(results):
    """The operations of results, and of what only the way back computes, each once."""
    back = {
        x["name"]: x["term"] for r in results for x in r["where"] if x["way"] == "back"
    }
    return sum(operations(r["term"]) for r in results) + sum(
        map(operations, back.values())
    )


def agree(found, wanted):
    """Whether a gradient is the expected one, to nine digits of its size."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    size = max(np.max(np.abs(wanted), initial=0.0), 1e-3)
    if found.shape != wanted.shape:
        if wanted.shape:  # an expected number may stand for an array filled with it
            return False
        wanted = np.broadcast_to(wanted, found.shape)
    return bool(np.all(np.abs(found - wanted) <= 1e-9 * size))


def main(files):
    """Read derivations, and say what was found in each."""
    for file in files:
        found = read(Path(file).read_text(encoding="utf-8"))
        state = "every step holds" if found.complete else "steps do not hold"
        print(f"{file}: {found.steps} steps, {found.operations} operations; {state}")
        for what in ("wrong", "unseen", "nameless"):
            if getattr(found, what):
                print(f"  {what}: {getattr(found, what)}")


if __name__ == "__main__":
    main(sys.argv[1:])
