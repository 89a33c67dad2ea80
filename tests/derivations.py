"""Derivations under test: their lines evaluated again, by no code that made them.

``Told(f, …)`` builds a derivation; ``wrong_lines`` evaluates each of its lines and
finds those that are not what they say. The truth is the program as it was written, and
central differences of it, cut open at the value in question.
"""

import numpy as np

from whence.api.function import function_of
from whence.api.recording import record
from whence.core.evaluate import filled
from whence.core.graph import Literal
from whence.explain.build import Build
from whence.explain.derivation import Chain, Named, Written
from whence.explain.numbers import Sample
from whence.explain.prepare import prepare

STEP = 1e-6


class Told:
    """A derivation, with the program it came from."""

    def __init__(self, function, *args, wrt=0, title="f", **named):
        recording = record(function_of(function), args, named, wrt)
        self.arrays = [np.asarray(x) for x in recording.bound]
        self.build = Build(
            prepare(recording.graph, recording.wrt_inputs, recording.bound, title)
        )
        self.written, self.graph = recording.graph, self.build.graph
        self.story = self.build.story()
        self.known = set(self.written.values())

    def values(self, start=None):
        """The number of every value, some of them given."""
        with np.errstate(all="ignore"):
            numbers = computed(self.written, self.arrays, start or {})
            return computed(self.graph, self.arrays, {**numbers, **(start or {})})

    def slope(self, of, by):
        """∂of/∂by by central differences: a number for each entry of by."""
        graph = self.written if {of, by} <= self.known else self.graph
        base = np.asarray(self.values()[by], float)
        found = np.zeros(base.shape)
        for entry in np.ndindex(base.shape):
            ends = []
            for side in (STEP, -STEP):
                moved = base.copy()
                moved[entry] += side * max(1.0, abs(base[entry]))
                with np.errstate(all="ignore"):
                    numbers = computed(graph, self.arrays, {by: moved})
                ends.append(np.sum(numbers[of]))
            found[entry] = (ends[0] - ends[1]) / (2 * STEP * max(1, abs(base[entry])))
        return found

    def sample(self):
        """A point whose numbers are all true."""
        numbers = self.values()
        known = {s: numbers[v] for v, s in self.story.values.items() if v in numbers}
        for v, adjoint in self.build.derived.adjoints.items():
            if v in numbers:
                known[adjoint.symbol] = self.slope(self.story.output, v)
        return Sample(known)


def computed(graph, arrays, given):
    """The number of every value of a program, where some are not computed but given."""
    numbers = dict(zip(graph.inputs, arrays, strict=True)) | dict(given)
    for equation in graph.equations:
        if equation.results[0] in given:
            continue
        operands = [
            filled(x) if isinstance(x, Literal) else numbers[x]
            for x in equation.operands
        ]
        found = equation.primitive.reference(*operands, **equation.params)
        many = found if len(equation.results) > 1 else (found,)
        numbers.update(zip(equation.results, many, strict=True))
    return numbers


def number_of(sample, form):
    """The number of the right side of a line."""
    if isinstance(form, Chain):
        total = 0.0
        for product in form.products:
            part = 1.0
            for factor in product:
                part = part * sample.of(factor)
            total = total + part
        return total
    return sample.of(form.block.term if isinstance(form, Written) else form)


def same(found, wanted, rtol=1e-4):
    """Whether numbers agree as well as differences let one tell."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    known = np.isfinite(wanted)
    found = np.broadcast_to(found, wanted.shape)
    size = max(1.0, np.max(np.abs(wanted[known]), initial=0.0))
    return bool(np.all(np.abs(found[known] - wanted[known]) <= rtol * size))


def wrong_lines(told):
    """The lines and results of a derivation that are not what they say."""
    sample, numbers, story = told.sample(), told.values(), told.story
    wrong = []
    for line in story.lines:
        if isinstance(line.subject, Named):
            wanted = numbers[line.subject.value]
        elif line.kind == "local":
            wanted = local(told, line.subject)
        else:
            wanted = told.slope(line.subject.of, line.subject.by)
        for what, found in (
            ("right side", number_of(sample, line.form)),
            ("number", line.number),
        ):
            if not same(found, wanted):
                wrong.append((line.kind, line.rule, what, found, wanted))
    for result in story.results:
        wanted = told.slope(story.output, result.by)
        if not same(sample.of(result.form), wanted) or not same(result.number, wanted):
            wrong.append(("result", "", "", result.number, wanted))
    return wrong


def local(told, subject):
    """The slope of one entrywise value by another, all entries moved at once."""
    base = np.asarray(told.values()[subject.by], float)
    graph = told.written if {subject.of, subject.by} <= told.known else told.graph
    step = STEP * np.maximum(1.0, np.abs(base))
    rest = others(told, subject)
    with np.errstate(all="ignore"):
        up = computed(graph, told.arrays, {**rest, subject.by: base + step})
        down = computed(graph, told.arrays, {**rest, subject.by: base - step})
    return (up[subject.of] - down[subject.of]) / (2 * step)


def others(told, subject):
    """The other operands of a value, which rest while one of them moves."""
    numbers = told.values()
    part = told.build.parts[subject.of]
    return {v: numbers[v] for v in part.operands if v is not subject.by}
