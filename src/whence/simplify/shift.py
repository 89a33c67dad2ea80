"""The form that runs: exponentials with the largest taken out, before they overflow.

    shifted(graph) -> the same program with every such place shifted, and which

    log(Σ w·e^x)  ->  m + log(Σ w·e^(x − m))                    m near max x
    x/(e^x − 1)   ->  x·e^(−m)/(e^(x − m) − e^(−m))             m near max(x, 0)
    log(cosh x)   ->  x + softplus(−2x) − log 2
    log(x^k)      ->  k·log|x| + log(sign(x)^k)             0, or nan as log(x^k) is

A term is read as p·e^q, with a mantissa p that is near 1 wherever it can be. Of a sum
of those the largest q is taken out: rounded, so that it does not move, which is right
to every order, because the sum is the same for any m. It stands in the program before
differentiation, so that derivatives do not overflow either. A derivation is told of
the program as it is written; this one runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from whence.core.builder import Builder
from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import named
from whence.simplify.exponentials import exponentials, log_of_number
from whence.simplify.forms import even
from whence.simplify.read import ALGEBRA, Reader
from whence.simplify.rule import distributed
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    App,
    Coefficient,
    Exponent,
    Factor,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    add,
    apply,
    from_factors,
    is_applied,
    is_positive,
    mul,
    power,
    scale,
    split,
    term,
    whole,
)
from whence.simplify.write import Writer

SHIFT = "max-shift"  # the rule by which the largest exponential is taken out
READ = ALGEBRA.keys() | {"sum", "mean", "contract", "sinh", "cosh", "expm1", "tanh"}
ENDS = frozenset({"log", "mul", "div", "power", "reciprocal"})
LARGEST = 40  # equations, counted as a tree; a larger expression is not looked into
FINE = 1_000  # parts of 1 to which the log of a base is rounded; others are whole


@dataclass(frozen=True)
class Scaled:
    """A term as p·e^q.

    Attributes:
        mantissa: p.
        exponent: q; 0 where there is no exponential that could overflow.
        summed: Whether a largest exponential was taken out of a sum.
    """

    mantissa: Term
    exponent: Term = ZERO
    summed: bool = False

    @property
    def whole(self) -> Term:
        """The term."""
        return mul(self.mantissa, power(EULER, self.exponent))


# ------------------------------------------------------------- terms as p·e^q


def scaled(x: Term) -> Scaled:
    """A term with its exponentials taken out."""
    match x:
        case Sum():
            return of_sum(x)
        case Prod():
            return product([of_factor(b, e) for b, e in x.factors])
        case App() if x.primitive.name in OPENED:
            return scaled(OPENED[x.primitive.name](x.operands[0]))
        case App() if x.primitive.name in ("sum", "mean"):
            return reduced(x)
        case App() if x.primitive.name == "contract":
            return contracted(x)
    return Scaled(x)


OPENED: dict[str, Callable[[Term], Term]] = {
    "sinh": lambda z: scale(
        Fraction(1, 2), add(power(EULER, z), scale(-1, power(EULER, scale(-1, z))))
    ),
    "cosh": lambda z: scale(
        Fraction(1, 2), add(power(EULER, z), power(EULER, scale(-1, z)))
    ),
    "expm1": lambda z: add(power(EULER, z), scale(-1, ONE)),
}


def of_factor(base: Term, exponent: Exponent) -> Scaled:
    """A factor of a product; of what is divided by, a difference keeps its digits."""
    if base == EULER:
        return Scaled(ONE, term(exponent))
    if isinstance(exponent, Term):
        return Scaled(power(base, exponent))
    apart = difference(base) if exponent < 0 else None
    inside = scaled(base) if apart is None else of_difference(*apart, exponent)
    if inside.exponent == ZERO:
        return Scaled(power(base, exponent))
    raised = power(inside.mantissa, exponent)
    return Scaled(raised, scale(exponent, inside.exponent), inside.summed)


def difference(x: Term) -> tuple[Coefficient, Term, Term] | None:
    """A term as c·(e^a − e^b) with c > 0: c, a and b."""
    if isinstance(x, App) and x.primitive.name in ("sinh", "expm1"):
        x = OPENED[x.primitive.name](x.operands[0])
    number, factors = split(x)
    parts = exponentials(factors[0][0]) if len(factors) == 1 else []
    if len(parts) != 2 or parts[0][0] != -parts[1][0]:
        return None
    (_, b), (c, a) = sorted(parts, key=lambda part: part[0] * number)
    return number * c, a, b


def of_difference(c: Coefficient, a: Term, b: Term, exponent: Exponent) -> Scaled:
    """c·(e^a − e^b) under an exponent, the larger taken out; it may not be 0."""
    gap = a - b
    size = apply(named("abs"), (gap,))
    left = -apply(named("expm1"), (-size,))
    sign = ONE if even(exponent) else apply(named("sign"), (gap,))
    mantissa = mul(Num(c), sign, left)
    return Scaled(mantissa, (a + b + size) / 2, summed=True)


def product(parts: Sequence[Scaled]) -> Scaled:
    """A product of such terms."""
    mantissa = mul(*(p.mantissa for p in parts))
    exponent = add(*(p.exponent for p in parts))
    return Scaled(mantissa, exponent, any(p.summed for p in parts))


def of_sum(x: Sum) -> Scaled:
    """A sum of exponentials, or of powers with one exponent."""
    numbers = [c for c, _ in x.items]
    unit = unit_of(x)
    if unit is None:
        parts = [scaled(m) for _, m in x.items]
        return total(parts, lambda ps: add(*map(scale, numbers, ps)), x)
    bases = [split(m)[1][0][0] if m != ONE else ONE for _, m in x.items]
    parts = [of_power(b, *unit) for b in bases]
    mantissa = add(*(scale(c, p.mantissa) for c, p in zip(numbers, parts, strict=True)))
    return Scaled(mantissa, mul(*unit), summed=True)


def total(
    parts: Sequence[Scaled], added: Callable[[list[Term]], Term], x: Term
) -> Scaled:
    """What is linear in such terms, with the largest exponential taken out."""
    exponents = list(dict.fromkeys(p.exponent for p in parts))
    if exponents == [ZERO]:
        return Scaled(x)
    if len(exponents) == 1:
        summed = any(p.summed for p in parts)
        return Scaled(added([p.mantissa for p in parts]), exponents[0], summed)
    largest = reduce(lambda a, b: apply(named("maximum"), (a, b)), exponents)
    m = resting(largest)
    return Scaled(added([less(p, m).whole for p in parts]), m, summed=True)


def unit_of(x: Term) -> tuple[Term, Term] | None:
    """The n of a sum of powers c·b^n, and the log of the largest base; else None."""
    if not isinstance(x, Sum):
        return None
    factors = [f for _, m in x.items for f in split(m)[1]]
    exponents = {e for _, e in factors}
    if len(exponents) != 1 or any(len(split(m)[1]) > 1 for _, m in x.items):
        return None
    (n,) = exponents
    bases = [b for b, _ in factors] + [m for _, m in x.items if m == ONE]
    if not isinstance(n, Term) or EULER in bases:
        return None
    largest = reduce(lambda a, b: apply(named("maximum"), (a, b)), map(size_of, bases))
    return n, resting(FINE * log(largest)) / FINE


def size_of(x: Term) -> Term:
    """A term without its sign."""
    return x if is_positive(x) else apply(named("abs"), (x,))


def of_power(base: Term, n: Term, unit: Term) -> Scaled:
    """A power b^n in units of e^m: (b·e^(−m))^n·e^(n·m)."""
    return Scaled(power(mul(base, power(EULER, -unit)), n), mul(n, unit))


def less(x: Scaled, m: Term) -> Scaled:
    """A term divided by e^m."""
    return Scaled(x.mantissa, add(x.exponent, scale(-1, m)))


def resting(x: Term) -> Term:
    """The nearest whole number, which does not move."""
    return apply(named("rint"), (x,))


def reduced(x: App) -> Scaled:
    """A sum or mean along axes, with the largest exponential of each taken out."""
    inside = scaled(x.operands[0])
    if inside.exponent == ZERO:
        return Scaled(x)
    (given,) = x.given
    axes, keepdims = dict(x.params)["axis"], dict(x.params)["keepdims"]
    kept = tuple(1 if i in axes else n for i, n in enumerate(given.shape))

    def largest(*, keepdims: bool) -> Term:
        params = (("axis", axes), ("keepdims", keepdims))
        shape = kept if keepdims else x.shape
        return resting(App(named("max"), (inside.exponent,), params, shape, (given,)))

    operand = less(inside, largest(keepdims=x.shape != ())).whole
    mantissa = apply(x.primitive, (operand,), x.params, x.shape, x.given)
    return Scaled(mantissa, largest(keepdims=keepdims), summed=True)


def contracted(x: App) -> Scaled:
    """A product over shared axes, with the largest entry of each factor taken out."""
    operands, taken = [], []
    for y, given in zip(x.operands, x.given, strict=True):
        inside = scaled(y)
        if inside.exponent == ZERO:
            operands.append(y)
            continue
        axes = tuple(range(given.ndim))
        params = (("axis", axes), ("keepdims", False))
        m = resting(App(named("max"), (inside.exponent,), params, (), (given,)))
        operands.append(less(inside, m).whole)
        taken.append(m)
    if not taken:
        return Scaled(x)
    mantissa = apply(x.primitive, tuple(operands), x.params, x.shape, x.given)
    return Scaled(mantissa, add(*taken), summed=True)


# --------------------------------------------------- where they would overflow


def steady(x: Term) -> Term | None:
    """A product or logarithm that does not overflow; None where x is that already."""
    found = steady_log(x) if is_applied(x, "log") else steady_product(x)
    return None if found == x else found


def steady_product(x: Term) -> Term | None:
    """A product or quotient of exponentials and sums of them."""
    number, factors = split(x)
    power_of_e = next((e for b, e in factors if b == EULER), None)
    parts = [of_factor(b, e) for b, e in factors]
    units = dict(filter(None, (unit_of(b) for b, _ in factors)))
    parts = [
        of_power(b, e, units[e]) if e in units else p
        for (b, e), p in zip(factors, parts, strict=True)
    ]
    stiff = [f for f, p in zip(factors, parts, strict=True) if p.exponent != ZERO]
    if all(is_hyperbolic(b) for b, _ in stiff):
        return ratio_of_hyperbolics(number, factors)
    summed = any(p.summed for p in parts)
    if any(is_below(e) for b, e in stiff if b != EULER):
        return scale(number, product(parts).whole)
    return multiplied_in(number, factors) if summed and power_of_e else None


def is_below(exponent: Exponent) -> bool:
    """Whether a factor with an exponent is divided by."""
    return not isinstance(exponent, Term) and exponent < 0


def is_hyperbolic(x: Term) -> bool:
    """Whether a term is a cosh or sinh."""
    return is_applied(x, "cosh") or is_applied(x, "sinh")


def ratio_of_hyperbolics(number: Coefficient, factors: Sequence[Factor]) -> Term | None:
    """cosh(z)/sinh(z) as 1/tanh(z), and sinh(z)/cosh(z) as tanh(z)."""
    for s, i in factors:
        for c, j in factors:
            if not (is_applied(s, "sinh") and is_applied(c, "cosh") and whole(i)):
                continue
            if s.operands != c.operands or not whole(j) or i * j > 0:
                continue
            count = min(abs(i), abs(j)) * (1 if i > 0 else -1)
            ratio = apply(named("tanh"), s.operands)
            more = [(s, -count), (c, count), (ratio, count)]
            return from_factors(number, [*factors, *more])
    return None


def multiplied_in(number: Coefficient, factors: Sequence[Factor]) -> Term | None:
    """A power of e in every item of a sum: e^(−x)·(e^x + 1) as 1 + e^(−x)."""
    outside = [f for f in factors if f[0] == EULER]
    for i, (base, exponent) in enumerate(factors):
        if isinstance(base, Sum) and exponent == 1 and scaled(base).summed:
            rest = [f for k, f in enumerate(factors) if k != i and f not in outside]
            inside = distributed(from_factors(Fraction(1), outside), base)
            return mul(from_factors(number, rest), inside)
    return None


def steadied(x: Term) -> Term:
    """A term, or each item of a sum, so that it does not overflow."""
    if isinstance(x, Sum) and len(x.items) > 1:
        return add(*(scale(c, steadied(m)) for c, m in x.items))
    return steady(x) or x


# ---------------------------------------------------------------- logarithms


def steady_log(x: Term) -> Term | None:
    """The logarithm of a product, with its exponentials and powers taken out."""
    assert isinstance(x, App)
    number, factors = split(x.operands[0])
    if len(factors) == 1:
        found = log_alone(number, *factors[0])
        if found is not None:
            return found
    out: list[Term] = []
    rest: list[Term] = []
    for base, exponent in factors:
        known = log_of_positive(base, exponent)
        if known is None:
            apart = difference(base) if exponent == 1 else None
            part = (
                of_difference(*apart, exponent) if apart else of_factor(base, exponent)
            )
            known = part.exponent
            rest.append(part.mantissa)
        out.append(known)
    taken, left = add(*out), scale(number, mul(*rest))
    if taken == ZERO:
        return None
    if isinstance(left, Num) and left.number > 0:
        return add(taken, log_of_number(left.number))
    return add(taken, apply(x.primitive, (left,), x.params, x.shape, x.given))


def log_of_positive(base: Term, exponent: Exponent) -> Term | None:
    """The log of a power of something positive; None of anything else."""
    if base == EULER:
        return term(exponent)
    if isinstance(exponent, Term):
        return mul(exponent, log(base)) if is_positive(base) else None
    if is_applied(base, "cosh"):
        return scale(exponent, log_cosh(base.operands[0]))
    z = inside_sech(base)
    return None if z is None else scale(-2 * exponent, log_cosh(z))


def log_alone(number: Coefficient, base: Term, exponent: Exponent) -> Term | None:
    """The log of a power, or of a difference of exponentials, that stands alone."""
    if isinstance(exponent, Term):
        if base == EULER or number <= 0:
            return None
        found = mul(exponent, log(size_of(base))) + log_of_number(number)
        return found if is_positive(base) else found + log_of_sign(base, exponent)
    apart = difference(base) if exponent in (1, -1) else None
    if apart is None:
        return None
    size, most, least = apart
    if number < 0:
        most, least = least, most
    left = log(-apply(named("expm1"), (least - most,)))
    found = scale(exponent, most + left + log_of_number(size))
    return found + log_of_number(number if number > 0 else -number)


def log_of_sign(base: Term, exponent: Term) -> Term:
    """The log of the sign of a power: 0, or no number where the power is negative."""
    return log(power(apply(named("sign"), (base,)), exponent))


def log(x: Term) -> Term:
    """The log of a term."""
    return apply(named("log"), (x,))


def log_cosh(z: Term) -> Term:
    """Log cosh z, as z + log(1 + e^(−2z)) − log 2."""
    return z + apply(named("softplus"), (-2 * z,)) - log_of_number(Fraction(2))


def inside_sech(x: Term) -> Term | None:
    """The z of 1 − tanh(z)²."""
    if not isinstance(x, Sum) or {c for c, _ in x.items} != {1, -1}:
        return None
    ((_, square),) = (item for item in x.items if item[0] == -1)
    _, factors = split(square)
    if x != ONE - square or len(factors) != 1:
        return None
    ((base, exponent),) = factors
    return base.operands[0] if is_applied(base, "tanh") and exponent == 2 else None


# ------------------------------------------------------------------ programs


def shifted(graph: Graph) -> tuple[Graph, list[Value]]:
    """Write a program so that no exponential in a quotient or logarithm overflows.

    Returns:
        The same program, same inputs, outputs and names, and the values it makes in
        another way.
    """
    if not any(is_stiff(e) or e.primitive.name == "log" for e in graph.equations):
        return graph, []
    looking = Looking(graph)
    builder = Builder(graph)
    found: list[Value] = []
    for equation in graph.equations:
        term = looking.steadied(equation)
        if term is None:
            builder.append(equation)
        else:
            looking.write(builder, equation, term)
            found.extend(equation.results)
    return (builder.finish(*graph.outputs), found) if found else (graph, [])


def is_stiff(equation: Equation) -> bool:
    """Whether an equation makes what grows as an exponential does."""
    if equation.primitive.name == "power":
        return not isinstance(equation.operands[1], Literal)
    return equation.primitive.name in ("exp", "sinh", "cosh", "expm1")


class Looking:
    """A look over a program for exponentials that may overflow."""

    def __init__(self, graph: Graph) -> None:
        self.symbols = {
            v: Symbol(v, v.aval.shape, order=f"{i:06d}")
            for i, v in enumerate(graph.values())
        }
        self.made = {y: e for e in graph.equations for y in e.results}
        self.atoms: dict[Term, Atom] = {s: v for v, s in self.symbols.items()}
        self.size: dict[Value, int] = {}  # of what is looked into, as a tree
        self.stiff: set[Atom] = set()  # what has an exponential in it
        self.below: set[Atom] = set()  # what divides by one

    def steadied(self, equation: Equation) -> Term | None:
        """What an equation makes, as a term that does not overflow, if it is one."""
        name, value = equation.primitive.name, equation.results[0]
        if name not in READ | ENDS or value.aval.dtype.kind != "f":
            return None
        if equation.origin.rule == SHIFT:
            return None  # a derivative of what has been shifted already
        inside = [x for x in equation.operands if isinstance(x, Value)]
        size = 1 + sum(self.size.get(x, 1) for x in inside)
        if size <= LARGEST and name in READ:
            self.size[value] = size
        if value in self.size and (
            is_stiff(equation) or not self.stiff.isdisjoint(inside)
        ):
            self.stiff.add(value)
        if name not in ENDS or size > LARGEST or not self.may_overflow(equation):
            return None
        reader = Reader(self.made, self.stops, self.symbols.__getitem__)
        for x in equation.operands:
            reader.read(x)
        found = steady(reader.line(equation))
        return None if isinstance(found, (Symbol, Num)) else found

    def may_overflow(self, equation: Equation) -> bool:
        """Whether an equation divides by an exponential, or multiplies or logs some.

        What is found here is read as a term, which takes longer.
        """
        name, operands = equation.primitive.name, equation.operands
        if name == "log":
            return operands[0] in self.size
        below = not self.below.isdisjoint(operands)
        if name == "mul":
            found = below or self.stiff.issuperset(operands)
        else:
            below = below or operands[1 if name == "div" else 0] in self.stiff
            found = below
        if below:
            self.below.update(equation.results)
        return found

    def stops(self, value: Value) -> bool:
        """Whether a value is not looked into."""
        return value not in self.size

    def write(self, builder: Builder, equation: Equation, term: Term) -> None:
        """Write a term in place of an equation."""
        (value,) = equation.results
        with builder.because(equation.origin.then(SHIFT)):
            writer = Writer(builder, self.atoms, value.aval.dtype)
            tracer = writer.write(term, value.aval)
        builder.call_last(value, tracer)
