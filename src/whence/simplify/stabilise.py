"""The form of a cotangent that runs: the short one, with its last digits.

    stabilised(s - y, makers)  ->  (1 − y)·s − y·σ(−z), [split-saturation]   s = σ(z)

    1 − σ(z)      ->  σ(−z)             complement
    σ(z) − y      ->  (1 − y)·σ(z) − y·σ(−z)     split-saturation
    p − e_c       ->  the others kept, −Σ of them at c     split-saturation
    e^x − 1       ->  expm1(x)          expm1
    1 − cos x     ->  2·sin²(x/2)       half-angle
    x·log x       ->  xlogy(x, x)       removable-limit
    x·(log x + 1) ->  x·log x + x       distribute

Each is equal in the reals. The short form, which readers see, loses what is left of a
difference when both sides round to the same number; this one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from whence.core.graph import Equation, Graph, Value
from whence.core.primitive import named
from whence.simplify.cost import cost
from whence.simplify.linear import is_one_hot
from whence.simplify.read import Reader
from whence.simplify.rule import Step
from whence.simplify.shift import is_hyperbolic, ratio_of_hyperbolics
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Coefficient,
    Item,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    from_factors,
    mul,
    power,
    scale,
    split,
    symbols_of,
)

StableRule = Callable[[Term, "Makers"], Iterator[Term]]
LOST = frozenset({"sigmoid", "softmax", "exp", "cos", "log", "sinh", "cosh"})
LABEL = 3  # operations; what is taken from a probability is no longer


@dataclass
class Makers:
    """The functions that make the symbols of a program, as far as they lose digits.

    Attributes:
        graph: The program.
        symbols: The symbol of each of its values.
        names: The values that have a name, if what is made of others is to be written
            in those alone.
    """

    graph: Graph
    symbols: Mapping[Value, Symbol]
    names: Collection[Value] | None = None
    made: dict[Term, Equation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reader = Reader(
            {y: e for e in self.graph.equations for y in e.results},
            lambda v: self.names is None or v in self.names,
            self.symbols.__getitem__,
        )
        for equation in self.graph.equations:
            if equation.primitive.name in LOST:
                for y in equation.results:
                    self.made[self.symbols[y]] = equation

    def application(self, x: Term) -> App | None:
        """A term as a function of something else, if it is or stands for one."""
        if isinstance(x, App):
            return x
        if isinstance(x, Prod) and len(x.factors) == 1 and x.factors[0][0] == EULER:
            exponent = x.factors[0][1]
            if isinstance(exponent, Term):
                return App(named("exp"), (exponent,), (), x.shape)
        equation = self.made.get(x)
        if equation is None or not isinstance(equation.operands[0], Value):
            return None
        inside = self.reader.read(equation.operands[0])
        params = tuple(sorted(equation.params.items()))
        given = tuple(y.aval for y in equation.operands)
        return App(equation.primitive, (inside,), params, x.shape, given)


def stabilised(x: Term, makers: Makers) -> tuple[Term, tuple[Step, ...]]:
    """The form of a term that runs, and the steps to it.

    Args:
        x: A cotangent, in its short form.
        makers: What makes the symbols it is in.
    """
    stabilising = Stabilising(makers)
    found = stabilising.form(x)
    names = dict.fromkeys(s.rule for s in stabilising.steps)
    return found, (Step(", ".join(names), x, found),) if names else ()


class Stabilising:
    """A term being put right; what occurs in it many times is looked at once."""

    def __init__(self, makers: Makers) -> None:
        self.makers = makers
        self.steps: list[Step] = []
        self.known: dict[Term, Term] = {}

    def form(self, x: Term) -> Term:
        """A term with every place in it that may lose its digits put right."""
        if x not in self.known:
            self.known[x] = self.fresh(x)
        return self.known[x]

    def fresh(self, x: Term) -> Term:
        """Put right a term that has not been met yet."""
        for name, rule in RULES.items():
            for after in rule(x, self.makers):
                self.steps.append(Step(name, x, after))
                return after if name in LAST else self.form(after)
        match x:
            case Sum():
                return add(*(scale(c, self.form(m)) for c, m in x.items))
            case Prod():
                parts = [
                    power(self.form(b), self.form(e) if isinstance(e, Term) else e)
                    for b, e in x.factors
                ]
                return mul(*parts)
            case App() if x.operands:
                operands = tuple(map(self.form, x.operands))
                if operands != x.operands:
                    return apply(x.primitive, operands, x.params, x.shape, x.given)
        return x


# ---------------------------------------------------------------- one place each


def constant_and_rest(x: Term) -> tuple[Coefficient, list[Item]]:
    """A sum as its constant and its other items; of any other term there are none."""
    if not isinstance(x, Sum):
        return 0, []
    number = next((c for c, m in x.items if m == ONE), None)
    return (0, []) if number is None else (number, [y for y in x.items if y[1] != ONE])


def less(name: str, form: Callable[[Term], Term]) -> StableRule:
    """The rule for 1 less a function that may be near 1.

    Args:
        name: The function f.
        form: What 1 − f(z) is, as a term of z.
    """

    def rule(x: Term, makers: Makers) -> Iterator[Term]:
        number, rest = constant_and_rest(x)
        for c, m in rest:
            of = makers.application(m) if c == -number else None
            if of is not None and of.primitive.name == name:
                others = (scale(d, n) for d, n in rest if n != m)
                yield add(scale(number, form(of.operands[0])), *others)

    return rule


def splits(x: Term, makers: Makers) -> Iterator[Term]:
    """A probability less a label: what is left of either when they round alike."""
    if not isinstance(x, Sum) or len(x.items) < 2:
        return
    for c, m in x.items:
        of = makers.application(m)
        label = add(*(scale(d / -c, n) for d, n in x.items if n != m))
        if of is None or isinstance(label, Num) or cost(label) > LABEL:
            continue
        if of.primitive.name == "sigmoid" and not depends(label, m, of):
            other = apply(of.primitive, (scale(-1, of.operands[0]),))
            yield scale(c, add(mul(1 - label, m), scale(-1, mul(label, other))))
        if of.primitive.name == "softmax" and is_one_class(label, m):
            others = mul(m, 1 - label)
            params = (("axis", (0,)), ("keepdims", False))
            total = apply(named("sum"), (others,), params, ())
            yield scale(c, add(others, scale(-1, mul(label, total))))


def depends(label: Term, probability: Term, of: App) -> bool:
    """Whether a label is made of the probability, or of what that is made of."""
    inside = symbols_of(of.operands[0]) | symbols_of(probability)
    return bool(inside & symbols_of(label))


def is_one_class(label: Term, probabilities: Term) -> bool:
    """Whether a term is 1 at one place of a vector."""
    one_place = (
        is_one_hot(label) and isinstance(label, App) and not label.given[0].shape
    )
    return one_place and label.shape == probabilities.shape and len(label.shape) == 1


def limits(x: Term, makers: Makers) -> Iterator[Term]:
    """A power of x times log x, whose limit at 0 is 0."""
    number, factors = split(x)
    for base, exponent in factors:
        of = makers.application(base)
        if exponent != 1 or of is None or of.primitive.name != "log":
            continue
        for other, e in factors:
            if other == of.operands[0] and not isinstance(e, Term) and e > 0:
                small = power(other, e)
                rest = [f for f in factors if f not in ((base, exponent), (other, e))]
                found = apply(named("xlogy"), (small, other))
                yield mul(from_factors(number, rest), found)


def spread_limits(x: Term, makers: Makers) -> Iterator[Term]:
    """A power of x times a sum with log x in it, multiplied out."""
    number, factors = split(x)
    powers = {b for b, e in factors if not isinstance(e, Term) and e > 0}
    for base, exponent in factors:
        if exponent != 1 or not isinstance(base, Sum) or len(base.items) < 2:
            continue
        logs = {
            of.operands[0]
            for _, m in base.items
            for b, _ in split(m)[1]
            if (of := makers.application(b)) and of.primitive.name == "log"
        }
        if logs & powers:
            rest = from_factors(number, [f for f in factors if f[0] != base])
            yield add(*(scale(c, mul(rest, m)) for c, m in base.items))


def ratios(x: Term, makers: Makers) -> Iterator[Term]:
    """A cosh over a sinh of the same, or the other way, by its tanh."""
    number, factors = split(x)
    known = [(hyperbolic(b, makers), e) for b, e in factors]
    found = ratio_of_hyperbolics(number, known)
    if found is not None:
        yield found
    below = any(is_hyperbolic(b) for b, e in known if not isinstance(e, Term) and e < 0)
    for i, (base, exponent) in enumerate(known):
        if not below or exponent != 1 or not isinstance(base, Sum):
            continue
        inside = (b for _, m in base.items for b, _ in split(m)[1])
        if any(is_hyperbolic(hyperbolic(b, makers)) for b in inside):
            rest = from_factors(number, [f for k, f in enumerate(known) if k != i])
            yield add(*(scale(c, mul(rest, m)) for c, m in base.items))


def hyperbolic(x: Term, makers: Makers) -> Term:
    """A term as a cosh or sinh, if it stands for one."""
    of = makers.application(x)
    return x if of is None or not is_hyperbolic(of) else of


RULES: dict[str, StableRule] = {
    "complement": less("sigmoid", lambda z: apply(named("sigmoid"), (-z,))),
    "split-saturation": splits,
    "expm1": less("exp", lambda z: -apply(named("expm1"), (z,))),
    "half-angle": less("cos", lambda z: 2 * apply(named("sin"), (z / 2,)) ** 2),
    "removable-limit": limits,
    "distribute": spread_limits,
    "hyperbolic tangent": ratios,
}
LAST = frozenset({"split-saturation"})  # what it gives is not looked into again
