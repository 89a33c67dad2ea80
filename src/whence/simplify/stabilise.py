"""The form of a cotangent that runs: the short one, with its last digits.

    stabilised(s - y, makers)  ->  (1 − y)·s − y·σ(−z), [split-saturation]   s = σ(z)

    1 − σ(z)      ->  σ(−z)             complement
    σ(z) − y      ->  (1 − y)·σ(z) − y·σ(−z)     split-saturation
    p − e_c       ->  the others kept, −Σ of them at c     split-saturation
    e^x − 1       ->  expm1(x)          expm1
    1 − cos x     ->  2·sin²(x/2)       half-angle
    x·log x       ->  xlogy(x, x)       removable-limit
    x·(log x + 1) ->  x·log x + x       distribute
    x/r²          ->  (x/r)/r           over-its-length     r = hypot(x, y)
    prod(x)^c     ->  prod(sign(x))^c·prod(|x|^c)       root-of-product
    y/p           ->  0 where y and p are: y·log p has the slope 0 there     no-weight

Each is equal in the reals. The short form, which readers see, loses what is left of a
difference when both sides round to the same number; this one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from whence.core.aval import BOOL, Aval
from whence.core.graph import Equation, Graph, Value
from whence.core.primitive import named
from whence.ops.shape import broadcast_shapes
from whence.simplify.cost import cost
from whence.simplify.lengths import over_lengths
from whence.simplify.linear import is_one_hot
from whence.simplify.read import LENGTHS, Reader
from whence.simplify.rule import Step
from whence.simplify.search import denominators, outright
from whence.simplify.shift import is_hyperbolic, ratio_of_hyperbolics
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
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
    is_applied,
    is_exact,
    is_positive,
    mul,
    oriented,
    power,
    rebuild,
    scale,
    split,
    symbols_of,
    whole,
)

StableRule = Callable[[Term, "Makers"], Iterator[Term]]
LOST = frozenset(
    {"sigmoid", "softmax", "exp", "cos", "log", "sinh", "cosh", "prod", *LENGTHS}
)
LABEL = 3  # operations; what is taken from a probability is no longer


@dataclass
class Makers:
    """The functions that make the symbols of a program, as far as they lose digits.

    Attributes:
        graph: The program.
        symbols: The symbol of each of its values.
        names: The values that have a name, if what is made of others is to be written
            in those alone.
        ends: The values at which windows end; if none are given, those with a name.
    """

    graph: Graph
    symbols: Mapping[Value, Symbol]
    names: Collection[Value] | None = None
    ends: Collection[Value] = ()
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
        inside = tuple(map(self.reader.read, equation.operands))
        params = tuple(sorted(equation.params.items()))
        given = tuple(y.aval for y in equation.operands)
        return App(equation.primitive, inside, params, x.shape, given)

    @cached_property
    def in_logs(self) -> set[Term]:
        """What logarithms are taken of, where it may vanish."""
        ends = self.ends or self.names or ()
        reader = Reader(self.reader.made, ends.__contains__, self.reader.symbol)
        logs = [e for e in self.graph.equations if e.primitive.name == "log"]
        found = {oriented(reader.read(e.operands[0]), Fraction(1))[1] for e in logs}
        return {x for x in found if not is_positive(x)}

    def length(self, x: Term) -> App | None:
        """A term as the length of something, if it is or stands for one."""
        found = self.application(x)
        return found if found and found.primitive.name in LENGTHS else None


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


def roots_of_products(x: Term, makers: Makers) -> Iterator[Term]:
    """A root of a product as the product of roots, none of which overflows."""
    number, factors = split(x)
    for i, (base, exponent) in enumerate(factors):
        if not is_exact(exponent) or whole(exponent):
            continue
        of = makers.application(base)
        if of is None or not is_applied(of, "prod"):
            continue
        if is_applied(of.operands[0], "sign"):
            continue  # it is what is left of one
        size, signs = (apply(named(name), of.operands) for name in ("abs", "sign"))
        roots = App(of.primitive, (power(size, exponent),), of.params, of.shape)
        sign = App(of.primitive, (signs,), of.params, of.shape)
        rest = [*factors[:i], *factors[i + 1 :], (sign, exponent)]
        yield mul(from_factors(number, rest), roots)


def unweighted(x: Term, makers: Makers) -> Iterator[Term]:
    """What stands over an operand of a logarithm: a weight, that may be 0 as well.

    The slope of y·log p + (1 − y)·log(1 − p) is taken apart again, so that each weight
    stands over its own.
    """
    _, factors = split(x)
    below = [b for b, e in factors if e == -1 and b in makers.in_logs]
    if not below:
        return
    parts = [weight_over(x, b) for b in below]
    if any(w is None for w in parts):
        return
    weights = {b: w for b, w in zip(below, parts, strict=True) if w is not None}
    others = x
    for b, w in weights.items():
        others = add(others, scale(-1, w / b))
    left = mul(others, from_factors(Fraction(1), [(b, Fraction(1)) for b in below]))
    if outright(left) != ZERO or all(isinstance(w, Num) for w in weights.values()):
        return
    yield add(*(safely(w, b) for b, w in weights.items()))


def weight_over(x: Term, below: Term) -> Term | None:
    """The number A of A/b near b = 0, where b is a name, or 1 less a name."""
    number, rest = constant_and_rest(below)
    ((c, name),) = rest if len(rest) == 1 else [(Fraction(1), below)]
    if not isinstance(name, Symbol):
        return None
    above = mul(x, below)
    at = Num(-number / c) if rest else ZERO
    if any(rebuild(b, {name: at}) == ZERO for b in denominators(above)):
        return None
    return rebuild(above, {name: at})


def safely(weight: Term, below: Term) -> Term:
    """A quotient that is 0 where both sides of it are."""
    if isinstance(weight, Num):
        return weight / below
    bare = from_factors(Fraction(1), split(weight)[1])
    none = apply(named("equal"), (below, ZERO)), apply(named("equal"), (bare, ZERO))
    shape = broadcast_shapes(*(x.shape for x in none))
    truth = Aval(shape, BOOL)
    both = apply(named("bitwise_and"), none, (), shape, (truth, truth))
    given = (truth, Aval(shape), Aval(shape))
    return weight / apply(named("select"), (both, ONE, below), (), shape, given)


RULES: dict[str, StableRule] = {
    "complement": less("sigmoid", lambda z: apply(named("sigmoid"), (-z,))),
    "split-saturation": splits,
    "expm1": less("exp", lambda z: -apply(named("expm1"), (z,))),
    "half-angle": less("cos", lambda z: 2 * apply(named("sin"), (z / 2,)) ** 2),
    "removable-limit": limits,
    "distribute": spread_limits,
    "hyperbolic tangent": ratios,
    "over-its-length": over_lengths,
    "root-of-product": roots_of_products,
    "no-weight": unweighted,
}
LAST = frozenset({"split-saturation", "no-weight"})  # not looked into again
