"""Random expressions, as terms and as numbers, for the tests of simplify and explain.

An expression is a nested tuple, ``("add", a, b)``, over numbers and names of symbols.
``built`` makes a term of it with the constructors; ``exactly`` computes it as it stands
with 50 digits, which is the truth; ``number_of`` computes a term with 50 digits.
"""

from fractions import Fraction

import mpmath
import numpy as np
from hypothesis import assume, strategies as st

import whence.ops  # noqa: F401 - makes every operation known
from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.check import check
from whence.core.primitive import named
from whence.simplify.read import Reader
from whence.simplify.term import (
    EULER,
    App,
    Num,
    Prod,
    Sum,
    Symbol,
    Term,
    apply,
    power,
    term,
)
from whence.simplify.write import Writer

DIGITS = 50
SYMBOLS = {
    "x": Symbol("x"),
    "y": Symbol("y"),
    "p": Symbol("p", positive=True),
}
FUNCTIONS = ("sin", "cos", "tanh", "abs", "log", "sigmoid", "softplus", "sign")


class OutsideDomainError(ArithmeticError):
    """An expression has no real number at a point."""


def real(x):
    """A number, if it is a finite real one."""
    if isinstance(x, mpmath.mpc) or not mpmath.isfinite(x):
        raise OutsideDomainError
    return x


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


MPMATH = {
    "abs": abs,
    "sigmoid": sigmoid,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "sign": mpmath.sign,
    "select": lambda c, a, b: a if c else b,
    "square": lambda x: x * x,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
    "arctan": mpmath.atan,
    "arcsin": lambda x: real(mpmath.asin(x)),
    "arccos": lambda x: real(mpmath.acos(x)),
    "arcsinh": mpmath.asinh,
    "arctanh": lambda x: real(mpmath.atanh(x)),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "equal": lambda x, y: x == y,
    "maximum": max,
    "minimum": min,
}


def function(name):
    """A function of real numbers with 50 digits."""
    return MPMATH.get(name) or getattr(mpmath, name)


def raised(base, exponent):
    """A real power."""
    if base == 0 and exponent <= 0:
        raise OutsideDomainError
    return real(mpmath.power(base, exponent))


def of(number):
    """A number with 50 digits."""
    if isinstance(number, (Fraction, int)):
        number = Fraction(number)
        return mpmath.mpf(number.numerator) / number.denominator
    return mpmath.mpf(number)


def exactly(expression, at):
    """The number of an expression as it stands."""
    if not isinstance(expression, tuple):
        return at[expression] if isinstance(expression, str) else of(expression)
    name, *parts = expression
    values = [exactly(x, at) for x in parts]
    if name == "add":
        return values[0] + values[1]
    if name == "sub":
        return values[0] - values[1]
    if name == "mul":
        return values[0] * values[1]
    if name == "div":
        return values[0] * raised(values[1], -1)
    if name == "power":
        return raised(*values)
    if name == "exp" and abs(values[0]) > 500:
        raise OutsideDomainError
    if name == "log" and values[0] <= 0:
        raise OutsideDomainError
    return real(function(name)(*values))


def built(expression, symbols=SYMBOLS):
    """The term of an expression."""
    if not isinstance(expression, tuple):
        return symbols[expression] if isinstance(expression, str) else term(expression)
    name, *parts = expression
    values = [built(x, symbols) for x in parts]
    if name == "add":
        return values[0] + values[1]
    if name == "sub":
        return values[0] - values[1]
    if name == "mul":
        return values[0] * values[1]
    if name == "div":
        return values[0] / values[1]
    if name == "power":
        return power(*values)
    if name == "exp":
        return power(EULER, values[0])
    return apply(named(name), tuple(values))


def number_of(x, at):
    """The number of a term of scalars, with 50 digits."""
    match x:
        case Num():
            return of(x.number)
        case Symbol() if x == EULER:
            return mpmath.e + 0
        case Symbol() if x in at:
            return at[x]
        case Symbol():
            return of(x.number)
        case Sum():
            return sum((of(c) * number_of(m, at) for c, m in x.items), mpmath.mpf(0))
        case Prod():
            product = mpmath.mpf(1)
            for base, e in x.factors:
                exponent = number_of(e, at) if isinstance(e, Term) else of(e)
                product *= raised(number_of(base, at), exponent)
            return product
        case App():
            values = [number_of(y, at) for y in x.operands]
            if x.primitive.name == "log" and values[0] <= 0:
                raise OutsideDomainError
            return real(function(x.primitive.name)(*values))
    raise AssertionError(f"no such term: {x!r}")


def agree(found, wanted, digits=25):
    """Whether two numbers are the same to many digits."""
    return abs(found - wanted) <= mpmath.mpf(10) ** -digits * max(abs(wanted), 1)


def truth(expression, at):
    """The number of an expression; examples outside its domain are left out."""
    try:
        found = exactly(expression, at)
    except (OutsideDomainError, ZeroDivisionError, ValueError, OverflowError):
        assume(False)
    assume(abs(found) < mpmath.mpf(10) ** 12)
    return found


# ------------------------------------------------------------------ strategies

numbers = st.sampled_from(
    [*map(Fraction, (-3, -2, -1, 1, 2, 3)), Fraction(1, 2), Fraction(-2, 3)]
)
leaves = st.one_of(st.sampled_from(sorted(SYMBOLS)), st.sampled_from(sorted(SYMBOLS)))


def compound(inner):
    """One operation over expressions."""
    whole = st.sampled_from([Fraction(n) for n in (-2, -1, 2, 3)])
    halves = st.sampled_from([Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2)])
    either = st.one_of(inner, numbers)
    return st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul", "div"]), inner, either),
        st.tuples(st.sampled_from(["add", "sub", "mul", "div"]), either, inner),
        st.tuples(st.just("power"), inner, st.one_of(whole, halves)),
        st.tuples(st.sampled_from([*FUNCTIONS, "exp"]), inner),
    )


def expressions(size=10):
    """Expressions of real scalars."""
    return st.recursive(leaves, compound, max_leaves=size)


points = st.fixed_dictionaries(
    {
        "x": st.integers(-2000, 2000).map(lambda n: mpmath.mpf(n) / 997),
        "y": st.integers(-2000, 2000).map(lambda n: mpmath.mpf(n) / 991),
        "p": st.integers(1, 2000).map(lambda n: mpmath.mpf(n) / 983),
    }
)


def by_symbol(at):
    """A point by symbols instead of names."""
    return {SYMBOLS[name]: value for name, value in at.items()}


# --------------------------------------------------------------------- graphs


def graph_of(x, symbols, aval=None):
    """A term written as a graph over its symbols, and read again."""
    builder = Builder()
    inputs = {s: builder.input(Aval(s.shape), str(s.of)) for s in symbols}
    atoms = {s: t.atom for s, t in inputs.items()}
    aval = aval or Aval(x.shape)
    tracer = Writer(builder, atoms, np.dtype("float64")).write(x, aval)
    made = dict(builder.made)
    back = {atom: s for s, atom in atoms.items()}
    reader = Reader(made, lambda v: v in back, back.__getitem__)
    return check(builder.finish(tracer.atom)), reader.read(tracer.atom)
