"""Slips: what is off in a line that is wrong, as far as numbers tell.

    Slips(comparison).slip(claim, what) -> "the sign is wrong", or nothing

Each slip that people make would give a certain number: the right one with the other
sign, without an inner derivative, without one term. The first of them that the line
agrees with at every point is named.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from whence.core.graph import Literal, Value
from whence.explain.assumptions import assumptions
from whence.explain.changes import changes
from whence.explain.collect import multiplied_out
from whence.explain.comparison import Comparison
from whence.explain.derivation import Chain, Slope
from whence.explain.dialect import TEXT
from whence.explain.ground import Claim, Point, Quantity, Rate, computed
from whence.explain.numbers import FEWEST, Sample
from whence.simplify.term import (
    ONE,
    Num,
    Symbol,
    Term,
    items_of,
    mul,
    power,
    split,
    symbols_of,
)
from whence.transform.reverse import vjp
from whence.transform.transpose import reached

Array = np.ndarray[Any, Any]
Told = Callable[[Point], Array]  # what a slip would give at a point
CLOSE = 1e-8  # relative; a slip is named only if the numbers leave no doubt
LARGEST = 10_000  # number in a ratio
SMALL = 6  # whole numbers up to it are forgotten, or written too often
MOST_FACTORS = 5  # of a form, of which some may be missing


class Slips:
    """The slips that people make, tried on one line."""

    def __init__(self, both: Comparison) -> None:
        self.both, self.ground, self.story = both, both.ground, both.story
        self.names = both.names

    def slip(self, claim: Claim, what: Quantity) -> str:
        """What is off in a claim, in words."""
        self.claim, self.what = claim, what
        self.points = list(filter(self.has_numbers, self.ground.points))
        if not self.both.fits(claim, what):
            yours, right = self.both.shapes(claim, what)
            plain = (
                f"yours has the shape {yours}, {self.both.subject(what)} has {right}"
            )
            return self.of_shape() or plain
        if found := self.named_slip():
            return found
        for assumption in assumptions(self.ground):
            if assumption.holds(self.ground.arrays):
                drawn = self.both.drawn(assumption)
                self.points = list(filter(self.has_numbers, drawn))
                if found := self.named_slip():
                    return f"{found}, if {assumption.words}"
        return self.of_assumption()

    def named_slip(self) -> str:
        """The first slip that gives what the line gives."""
        if len(self.points) < FEWEST:
            return ""
        kinds = (
            self.of_number,
            self.of_transpose,
            self.of_variable,
            self.of_chain,
            self.of_factors,
            self.of_product,
            self.of_terms,
            self.of_paths,
            self.of_change,
        )
        return next(filter(None, (kind() for kind in kinds)), "")

    # ----------------------------------------------------------------- numbers

    def has_numbers(self, point: Point) -> bool:
        """Whether both sides are finite all over at a point."""
        both = self.yours(point), self.right(point)
        return all(np.isfinite(x).all() for x in both)

    def yours(self, point: Point) -> Array:
        """What the line gives."""
        return self.ground.number(self.claim, point)

    def right(self, point: Point) -> Array:
        """What is right."""
        return self.ground.number(self.what, point)

    def same(self, first: Told, second: Told) -> bool:
        """Whether two things have the same numbers, and not only zeros."""
        seen = False
        for p in self.points:
            a, b = np.asarray(first(p)), np.asarray(second(p))
            if a.shape != b.shape or not are_close(a, b):
                return False
            seen = seen or bool(np.any(b))
        return seen

    def times(self, factor: float, *told: Told) -> Told:
        """The product of what slips give, with a factor."""

        def product(p: Point) -> Array:
            numbers = np.broadcast_arrays(*(t(p) for t in told))
            return np.asarray(factor * np.prod(numbers, axis=0))

        return product

    def plus(self, factor: float, told: Told) -> Told:
        """What the line gives with something added."""
        return lambda p: self.yours(p) + factor * told(p)

    def of(self, what: Quantity) -> Told:
        """The numbers of a quantity."""
        return lambda p: self.ground.number(what, p)

    def summed(self, axis: int) -> Told:
        """What the line gives, summed along an axis."""
        return lambda p: np.asarray(self.yours(p).sum(axis=axis))

    def spread(self, point: Point) -> Array:
        """What the line gives, in the shape of what is right."""
        return np.broadcast_to(self.yours(point), self.right(point).shape)

    # ------------------------------------------------------------------- slips

    def of_number(self) -> str:
        """A sign or a constant factor."""
        ratio = self.constant_ratio()
        if ratio is None:
            return ""
        if ratio == -1:
            return "the sign is wrong"
        words = self.factor_in_words(abs(ratio))
        return f"the sign is wrong, and {words}" if words and ratio < 0 else words

    def factor_in_words(self, missing: Fraction) -> str:
        """A constant that has to be multiplied by, if it is one that people forget."""
        sizes = self.sizes()
        told = {*range(1, SMALL + 1), *sizes, *(2 * n for n in sizes), *self.numbers()}
        if not {missing.numerator, missing.denominator} <= told:
            return ""
        if missing.numerator == 1:
            n = missing.denominator
            return f"yours is {n} times too large{sizes.get(n, '')}"
        return f"the factor {missing} is missing{sizes.get(missing.numerator, '')}"

    def sizes(self) -> dict[int, str]:
        """The lengths of the inputs, each with what it counts."""
        sizes: dict[int, str] = {}
        for x in self.ground.written.inputs:
            name = self.ground.written.names.get(x, "?")
            for axis, n in enumerate(map(int, x.aval.shape)):
                word = "rows" if axis == 0 and len(x.aval.shape) > 1 else "entries"
                counted = f" ({n} is the number of {word} of {TEXT.name(name)})"
                if n > 2:
                    sizes.setdefault(n, counted)
        return sizes

    def numbers(self) -> set[int]:
        """The whole numbers that stand in the program, and in fractions there."""
        literals = (
            Fraction(x.number).limit_denominator(1000)
            for e in self.ground.written.equations
            for x in e.operands
            if isinstance(x, Literal)
            and isinstance(x.number, (int, float))
            and np.isfinite(x.number)
        )
        return {abs(n) for x in literals for n in (x.numerator, x.denominator)}

    def constant_ratio(self) -> Fraction | None:
        """The number that the line has to be multiplied by, if it is one."""
        found = None
        for p in self.points:
            yours, right = self.spread(p), self.right(p)
            i = int(np.argmax(np.abs(right)))
            if not right.size or right.flat[i] == 0 or yours.flat[i] == 0:
                continue
            ratio = right.flat[i] / yours.flat[i]
            found = ratio if found is None else found
            if not np.isclose(ratio, found, rtol=CLOSE):
                return None
        if found is None or not self.same(self.times(found, self.spread), self.right):
            return None
        exact = Fraction(float(found)).limit_denominator(LARGEST)
        return exact if exact and np.isclose(float(exact), found, rtol=CLOSE) else None

    def of_shape(self) -> str:
        """A transpose, or a sum over rows that is missing."""
        if self.same(lambda p: self.yours(p).T, self.right):
            return "yours is the transpose"
        for axis in range(np.ndim(self.yours(self.ground.points[0]))):
            if self.same(self.summed(axis), self.right):
                return f"the sum over axis {axis} is missing"
        return ""

    def of_transpose(self) -> str:
        """A matrix that should be transposed, or should not."""
        if np.ndim(self.right(self.points[0])) < 2:
            return self.of_operand()
        if self.same(lambda p: self.spread(p).T, self.right):
            return "yours is the transpose"
        return self.of_operand()

    def of_operand(self) -> str:
        """A square operand of the line that should be transposed."""
        for i, source in enumerate(self.claim.sources):
            shape = self.claim.graph.inputs[i].aval.shape
            if len(shape) != 2 or shape[0] != shape[1] or not isinstance(source, Value):
                continue

            def turned(p: Point, i: int = i) -> Array:
                given = [self.ground.source(x, p) for x in self.claim.sources]
                given[i] = np.asarray(given[i]).T
                return np.asarray(computed(self.claim.graph, given))

            if self.same(turned, self.right):
                name = self.both.subject(source)
                return f"{name} should be transposed: {name}ᵀ"
        return ""

    def of_variable(self) -> str:
        """The derivative by another variable, or the thing itself."""
        if not isinstance(self.what, Rate):
            return ""
        subject = self.both.subject(self.what)
        if self.same(self.yours, self.of(self.what.of)):
            whole = self.both.speaker.name(self.what.of)
            return f"this is {whole} itself, not {subject}"
        for other in self.names:
            rate = Rate(self.what.of, (other,))
            if rate == self.what or not self.leads(other, self.what.of):
                continue
            if self.same(self.yours, self.of(rate)):
                found = self.both.subject(rate)
                inner = self.inner(other)
                return f"this is {found}, not {subject}{inner}"
        return ""

    def inner(self, other: Value) -> str:
        """The inner derivative that leads on from another variable, if one does."""
        assert isinstance(self.what, Rate)
        (by,) = self.what.by[:1]
        if not self.leads(by, other):
            return ""
        slope = Slope(other, by)
        lines = [x for x in self.story.lines if x.subject == slope]
        shown = f" = {self.both.speaker.form(lines[0].form)}" if lines else ""
        return f": {self.named(slope)}{shown} is missing"

    def leads(self, first: Value, last: Value) -> bool:
        """Whether a value depends on another."""
        after = reached(self.ground.program((first,)), [first])
        return first is not last and last in after

    def of_chain(self) -> str:
        """The slope of one entrywise function left out on the way."""
        if not isinstance(self.what, Rate) or len(self.what.by) > 1:
            return ""
        of, (by,) = self.what.of, self.what.by
        for line in self.story.lines:
            slope = line.subject
            if line.kind != "local" or not isinstance(slope, Slope):
                continue
            if slope.of is of or slope.by is by:
                continue
            if slope.of.aval.shape != slope.by.aval.shape:
                continue
            if self.same(self.yours, self.without(slope)):
                shown = self.both.speaker.form(line.form)
                return f"{self.named(slope)} = {shown} is missing"
        return ""

    def without(self, slope: Slope) -> Told:
        """The derivative as if one function were the identity."""
        assert isinstance(self.what, Rate)
        of, (by,) = self.what.of, self.what.by
        cut = self.ground.cut(slope.by, (by,))
        pulled = vjp(cut, [by])

        def told(p: Point) -> Array:
            arrays = [self.ground.values(p)[x] for x in cut.inputs]
            seed = self.ground.number(Rate(of, (slope.of,)), p)
            return np.asarray(pulled(*arrays, seed)[-1])

        return told

    # --------------------------------------------------------- parts of the form

    def term_at(self, x: Term) -> Told:
        """The numbers of a term of the derivation."""
        symbols = self.story.values
        adjoints = [s for s in symbols_of(x) if is_cotangent(s)]

        def told(p: Point) -> Array:
            values = self.ground.values(p)
            numbers: dict[Term, Any] = {
                s: values[v] for v, s in symbols.items() if v in values
            }
            for s in adjoints:
                rate = Rate(self.ground.output, (s.of[1],))
                numbers[s] = self.ground.number(rate, p)
            return np.asarray(Sample(numbers).of(x))

        return told

    def of_factors(self) -> str:
        """Factors of the right form that are missing, or are there too often."""
        for form in self.both.forms(self.what):
            parts = self.parts(form)
            pairs = combinations(parts[:MOST_FACTORS], 2)
            for some in (*((x,) for x in parts), *pairs):
                if found := self.of_factor(some):
                    return found
        return ""

    def parts(self, form: Term) -> list[Term]:
        """What may be missing: local derivatives, factors and their bases, names."""
        _, factors = split(form)
        names = [s for v, s in self.story.values.items() if v in self.story.names]
        found = [*self.slopes(), *(power(b, e) for b, e in factors)]
        every = dict.fromkeys([*found, *names, *(b for b, _ in factors)])
        return [x for x in every if self.is_factor(x)]

    def is_factor(self, x: Term) -> bool:
        """Whether a term can be an entrywise factor of what is right."""
        shape = self.right(self.points[0]).shape
        padded = (*(1 for _ in shape[len(x.shape) :]), *x.shape)
        return len(padded) == len(shape) and all(
            n in (1, m) for n, m in zip(padded, shape, strict=True)
        )

    def of_factor(self, some: tuple[Term, ...]) -> str:
        """Whether some factors are missing, or too many."""
        told = [self.term_at(x) for x in some]
        shown = self.both.speaker.writer.write(mul(ONE, *some))
        slope = self.slopes().get(some[0]) if len(some) == 1 else None
        for sign, extra in ((1, ""), (-1, ", and the sign is wrong")):
            if self.alike(self.times(sign, self.yours, *told), self.right):
                if slope:
                    return f"{self.named(slope)} = {shown} is missing{extra}"
                return f"yours lacks the factor {shown}{extra}"
            if self.alike(self.times(sign, self.right, *told), self.yours):
                return f"yours has the factor {shown} too often{extra}"
        return ""

    def alike(self, first: Told, second: Told) -> bool:
        """Whether two things have the same numbers when they are broadcast."""
        shape = self.right(self.points[0]).shape
        try:
            return self.same(
                lambda p: np.broadcast_to(first(p), shape),
                lambda p: np.broadcast_to(second(p), shape),
            )
        except ValueError:
            return False

    def named(self, slope: Slope) -> str:
        """What a local derivative is called."""
        where = "outer" if slope.of is self.ground.output else "inner"
        return f"the {where} derivative {self.both.speaker.slope(slope)}"

    def slopes(self) -> dict[Term, Slope]:
        """The local derivatives of the derivation."""
        return {
            x.form: x.subject
            for x in self.story.lines
            if x.kind == "local"
            and isinstance(x.form, Term)
            and isinstance(x.subject, Slope)
            and not isinstance(x.form, Num)
        }

    def of_terms(self) -> str:
        """One term of a sum that is missing, too much, or another one."""
        yours = multiplied_out(self.both.term(self.claim))
        for form in self.both.forms(self.what):
            right = multiplied_out(form)
            if len(items_of(yours)) < 2 and len(items_of(right)) < 2:
                continue
            apart = multiplied_out(right - yours)
            if len(items_of(apart)) > 2:
                continue
            if self.alike(self.plus(1, self.term_at(apart)), self.right):
                return self.terms_in_words(yours, right, apart)
        return ""

    def terms_in_words(self, yours: Term, right: Term, apart: Term) -> str:
        """How the terms of two sums differ, which they do in two at the most."""
        have = {m: c for c, m in items_of(yours)}
        need = {m: c for c, m in items_of(right)}
        write = self.both.speaker.writer.write
        gone = [Num(need[m]) * m for _, m in items_of(apart) if m in need]
        extra = [Num(have[m]) * m for _, m in items_of(apart) if m in have]
        if len(gone) == len(extra) == 1:
            if gone[0] == -extra[0]:
                return f"the sign of the term {write(extra[0])} is wrong"
            return f"the term {write(extra[0])} should be {write(gone[0])}"
        if gone and not extra:
            return f"missing: {', '.join(map(write, gone))}"
        if extra and not gone:
            return f"too much: {', '.join(map(write, extra))}"
        return ""

    def of_product(self) -> str:
        """The derivative of a product taken for the product of the derivatives."""
        if not isinstance(self.what, Rate) or len(self.what.by) > 1:
            return ""
        program = self.ground.program((self.what.of,))
        made = {y: e for e in program.equations for y in e.results}
        maker = made.get(self.what.of)
        if maker is None or maker.primitive.name not in ("mul", "div"):
            return ""
        operands = [x for x in maker.operands if isinstance(x, Value)]
        if len(operands) < 2:
            return ""
        first, second = (self.of(Rate(x, self.what.by)) for x in operands)
        divides = maker.primitive.name == "div"
        left = self.times(1, self.yours, second) if divides else self.yours
        if not self.alike(left, first if divides else self.times(1, first, second)):
            return ""
        if divides:
            return "this is u′/v′; the quotient rule is (u/v)′ = (u′·v − u·v′)/v²"
        return "this is u′·v′; the product rule is (u·v)′ = u′·v + u·v′"

    def of_paths(self) -> str:
        """A path that is missing, or the only one."""
        if not isinstance(self.what, Rate) or self.what.of is not self.ground.output:
            return ""
        for result in self.story.results:
            if self.what.by != (result.by,):
                continue
            for path in result.paths:
                told = self.term_at(path.form)
                through = self.both.speaker.through(path)
                if self.alike(self.plus(1, told), self.right):
                    return f"the path through {through} is missing"
                if self.alike(told, self.yours):
                    return f"this is the path through {through} alone"
        return self.of_chain_products()

    def of_chain_products(self) -> str:
        """A product of the chain rule that is missing."""
        for line in self.story.lines:
            if not isinstance(line.form, Chain) or len(line.form.products) < 2:
                continue
            slope = line.subject
            if not isinstance(slope, Slope) or Rate(slope.of, (slope.by,)) != self.what:
                continue
            both = zip(line.form.slopes, line.form.products, strict=True)
            for slopes, product in both:
                if self.alike(
                    self.plus(1, self.term_at(mul(ONE, *product))), self.right
                ):
                    shown = " · ".join(map(self.both.speaker.slope, slopes))
                    return f"the part {shown} is missing"
        return ""

    def of_change(self) -> str:
        """One number, name or function of the line that should be another."""
        for changed, words in changes(self.claim, self.names):
            if self.alike(self.of(changed), self.right):
                return words
        return ""

    def of_assumption(self) -> str:
        """Something that would make it right, but does not hold here."""
        for assumption, _ in self.both.assuming(self.claim, self.what):
            return f"it would be right if {assumption.words}"
        return ""


def are_close(a: Array, b: Array) -> bool:
    """Whether two arrays are the same but for rounding."""
    scale = float(np.max(np.abs(b), initial=0.0))
    return bool(np.all(np.abs(a - b) <= CLOSE * scale + 1e-13))


def is_cotangent(x: Symbol) -> bool:
    """Whether a symbol stands for a cotangent."""
    return isinstance(x.of, tuple) and x.of[0] == "cotangent"
