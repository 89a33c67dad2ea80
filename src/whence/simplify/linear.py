"""What linear operations let out: numbers, constant factors, and arrays of ones.

    pulled(sum(3*s*x))  ->  3*s*sum(x)        where s has no entries along the axis

Called by the constructor of every applied operation, so that a factor never hides
inside a sum or a matrix product. Steps that a reader should see are not taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from whence.core.aval import Aval
from whence.core.primitive import Linear, Multilinear, named
from whence.core.structure import Pointwise
from whence.simplify.choices import pulled_choice
from whence.simplify.constant import constant
from whence.simplify.forms import ODD
from whence.simplify.products import normal
from whence.simplify.symmetric import is_symmetric, turned
from whence.simplify.term import (
    EULER,
    ONE,
    ZERO,
    App,
    Exponent,
    Factor,
    Num,
    Prod,
    Shape,
    Sum,
    Symbol,
    Term,
    apply,
    children,
    from_factors,
    items_of,
    mul,
    rebuild,
    scale,
    shape_of,
    split,
)


def pulled(x: App) -> Term:
    """An applied operation with what it lets out in front of it."""
    derivative = x.primitive.derivative
    name = x.primitive.name
    if name in SPECIAL:
        return SPECIAL[name](x)
    if not isinstance(derivative, (Linear, Multilinear)):
        return x
    first, *rest = x.operands
    if isinstance(derivative, Linear) and rest and name != "getitem":
        return x
    if first == ZERO:
        return ZERO
    coefficient, factors = split(first)
    inside, outside = parted(x, factors)
    left = from_factors(Fraction(1), inside)
    if name in ("sum", "mean") and left == ONE:
        times = entries(x.given[0].shape, dict(x.params)["axis"])
        count = times if name == "sum" else ONE
        return mul(Num(coefficient), count, from_factors(Fraction(1), outside))
    if name == "sum" and isinstance(left, App) and is_one_hot(left) and covers(x):
        put = left.given[0].shape
        count = entries(put, range(len(put)))
        return mul(Num(coefficient), count, from_factors(Fraction(1), outside))
    operands = (left, *rest)
    same = coefficient == 1 and operands == x.operands
    if same and name not in ("reshape", "transpose"):
        return x
    inner: Term = App(x.primitive, operands, x.params, x.shape, x.given)
    if name == "reshape":
        inner = reshaped(x, left)
    if name == "transpose" and is_symmetric(left) and left.shape == x.given[0].shape:
        inner = left
    elif name == "transpose" and isinstance(left, App):
        inner = transposed(x, left)
    if same and not outside:
        return inner
    return mul(Num(coefficient), from_factors(Fraction(1), outside), inner)


def entries(shape: Shape, axes: Iterable[int]) -> Term:
    """How many entries there are along some axes."""
    return mul(ONE, *(constant(shape[axis]) for axis in axes))


def covers(x: App) -> bool:
    """Whether a reduction is over all axes."""
    return len(dict(x.params)["axis"]) == x.given[0].ndim


def reshaped(x: App, operand: Term) -> Term:
    """A reshape that is more than axes of length 1 in front, which are not written."""
    shape = dict(x.params)["shape"]
    if operand == ONE or not operand.shape:
        return operand
    given = x.given[0].shape
    if operand.shape == shape and given == (1,) * (len(given) - len(shape)) + shape:
        return operand
    if operand.shape != given:  # repeated first, which is not written
        return App(x.primitive, (operand,), x.params, x.shape, x.given)
    while (
        isinstance(operand, App)
        and operand.primitive.name == "reshape"
        and operand.operands[0].shape == operand.given[0].shape
    ):
        x = App(x.primitive, operand.operands, x.params, x.shape, operand.given)
        (operand,) = operand.operands
    lone = len(shape) - len(operand.shape)
    front = shape[:lone] if lone > 0 else ()
    if set(front) <= {1} and shape[max(lone, 0) :] == operand.shape:
        return operand
    if isinstance(operand, App) and operand.primitive.name in ("sum", "mean", "prod"):
        axes, whole = dict(operand.params)["axis"], operand.given[0].shape
        if shape == tuple(1 if i in axes else n for i, n in enumerate(whole)):
            params = (("axis", axes), ("keepdims", True))
            return App(
                operand.primitive, operand.operands, params, shape, operand.given
            )
        if shape == tuple(n for i, n in enumerate(whole) if i not in axes):
            params = (("axis", axes), ("keepdims", False))
            return apply(
                operand.primitive, operand.operands, params, shape, operand.given
            )
    return App(x.primitive, (operand,), x.params, x.shape, x.given)


def transposed(x: App, operand: App) -> Term:
    """A transpose of a transpose, or of a product, is another one."""
    axes = dict(x.params)["axes"]
    inside, given = operand.operands, operand.given
    if operand.primitive.name == "transpose":
        inner = dict(operand.params)["axes"]
        both = tuple(inner[i] for i in axes)
        if both == tuple(range(len(both))):
            return inside[0]
        return App(x.primitive, inside, (("axes", both),), x.shape, given)
    if operand.primitive.name == "contract":
        operands, result = dict(operand.params)["spec"].split("->")
        spec = f"{operands}->{''.join(result[i] for i in axes)}"
        return App(operand.primitive, inside, (("spec", spec),), x.shape, given)
    return App(x.primitive, (operand,), x.params, x.shape, x.given)


def pulled_any(x: App) -> Term:
    """Whether anything is in ones, or in ones put among zeros: yes."""
    (operand,) = x.operands
    if operand == ONE or (covers(x) and is_one_hot(operand)):
        return ONE
    return x


def is_one_hot(x: Term) -> bool:
    """Whether a term is ones put among zeros."""
    return isinstance(x, App) and x.primitive.name == "scatter" and x.operands[0] == ONE


EVEN = frozenset({"cos", "cosh", "abs", "norm"})


def without_sign(x: App) -> Term:
    """f(−x) of an odd or even function as −f(x) or f(x)."""
    (operand,) = x.operands
    items = items_of(operand)
    if not items or items[0][0] > 0:
        return x
    turned = App(x.primitive, (scale(-1, operand),), x.params, x.shape, x.given)
    return scale(-1, turned) if x.primitive.name in ODD else turned


def parted(x: App, factors: tuple[Factor, ...]) -> tuple[list[Factor], list[Factor]]:
    """The factors that stay inside a linear operation, and those that may leave it."""
    params = dict(x.params)
    inside: list[Factor] = []
    outside: list[Factor] = []
    for base, exponent in factors:
        shape = shape_of(base, exponent)
        free = not shape or (
            x.primitive.name in ("sum", "mean")
            and rests_along(shape, x.given[0].shape, params["axis"])
            and (
                params["keepdims"] or lines_up(shape, x.given[0].shape, params["axis"])
            )
        )
        (outside if free else inside).append((base, exponent))
    return inside, outside


def rests_along(shape: Shape, whole: Shape, axes: tuple[int, ...]) -> bool:
    """Whether an operand of a shape is repeated along all these axes of the whole."""
    extra = len(whole) - len(shape)
    return all(
        axis < extra or (shape[axis - extra] == 1 and whole[axis] != 1) for axis in axes
    )


def lines_up(shape: Shape, whole: Shape, axes: tuple[int, ...]) -> bool:
    """Whether an operand lines up with what is left when axes are reduced away."""
    first = tuple(axes) == tuple(range(len(axes)))
    return first and len(shape) <= len(whole) - len(axes)


def untransposed(x: App) -> App:
    """A contraction whose operands are no transposes: their letters change places."""
    operands, result = dict(x.params)["spec"].split("->")
    letters, terms, given = operands.split(","), list(x.operands), list(x.given)
    for i, y in enumerate(terms):
        if (
            isinstance(y, App)
            and y.primitive.name == "transpose"
            and y.shape == given[i].shape
        ):
            axes = dict(y.params)["axes"]
            letters[i] = "".join(letters[i][axes.index(k)] for k in range(len(axes)))
            terms[i], given[i] = y.operands[0], y.given[0]
    params = (("spec", f"{','.join(letters)}->{result}"),)
    return App(x.primitive, tuple(terms), params, x.shape, tuple(given))


def unrepeated(x: App, i: int) -> Term | None:
    """A contraction over an axis along which an operand is repeated, without it.

    Σ_i a_ij·b_k is (Σ_i a_ij)·b_k: the other operand is summed first.
    """
    operands, result = dict(x.params)["spec"].split("->")
    letters, shape = operands.split(","), x.operands[i].shape
    lone = x.given[i].ndim - len(shape)
    repeated = letters[i][:lone]
    other = letters[1 - i]
    if not repeated or any(c in result or c not in other for c in repeated):
        return None
    axes = tuple(k for k, c in enumerate(other) if c in repeated)
    left = tuple(n for k, n in enumerate(x.given[1 - i].shape) if k not in axes)
    params = (("axis", axes), ("keepdims", False))
    summed = apply(named("sum"), (x.operands[1 - i],), params, left, (x.given[1 - i],))
    pair, given = [summed, summed], [x.given[1 - i].like(left)] * 2
    pair[i], given[i] = x.operands[i], x.given[i].like(x.given[i].shape[lone:])
    names = ["", ""]
    names[i] = letters[i][lone:]
    names[1 - i] = "".join(c for c in other if c not in repeated)
    spec = (("spec", f"{','.join(names)}->{result}"),)
    return apply(x.primitive, tuple(pair), spec, x.shape, tuple(given))


def pulled_contract(x: App) -> Term:
    """A contraction with numbers in front, and without arrays of ones."""
    x = untransposed(x)
    for i, operand in enumerate(x.operands):
        if operand not in (ONE, ZERO) and (found := unrepeated(x, i)):
            return found
    first, second = x.operands
    if ZERO in (first, second):
        return ZERO
    (a, left), (b, right) = split(first), split(second)
    out = [f for f in (*left, *right) if not shape_of(*f)]
    operands = tuple(
        from_factors(Fraction(1), [f for f in part if f not in out])
        for part in (left, right)
    )
    outside = mul(Num(a * b), from_factors(Fraction(1), out))
    for i, operand in enumerate(operands):
        if operand == ONE:
            return mul(outside, contracted_with_ones(x, operands[1 - i], 1 - i))
    for i, operand in enumerate(operands):
        if is_identity(operand) and (found := relabelled(x, operands[1 - i], 1 - i)):
            return mul(outside, found)
    inner = App(x.primitive, operands, x.params, x.shape, x.given)
    return mul(outside, normal(inner))


def pulled_solve(x: App) -> Term:
    """The solution of a system with a number times a vector: the number in front."""
    matrix, right = x.operands
    coefficient, factors = split(right)
    outside = [f for f in factors if not shape_of(*f)]
    inside = from_factors(Fraction(1), [f for f in factors if f not in outside])
    if not inside.shape or inside.shape != x.given[1].shape:
        return x
    inner = App(x.primitive, (matrix, inside), x.params, x.shape, x.given)
    return mul(Num(coefficient), from_factors(Fraction(1), outside), inner)


def is_identity(x: Term) -> bool:
    """Whether a term is the identity matrix."""
    return (
        isinstance(x, App)
        and x.primitive.name == "embed_diagonal"
        and x.operands[0] == ONE
        and len(x.shape) == 2
    )


def relabelled(x: App, other: Term, position: int) -> Term | None:
    """A product with the identity matrix: the other factor, its axes in their order."""
    operands, result = dict(x.params)["spec"].split("->")
    letters = operands.split(",")
    (i, k), mine = letters[1 - position], letters[position]
    if (i in mine) == (k in mine):
        return None
    mine = mine.replace(i, k) if i in mine else mine.replace(k, i)
    axes = tuple(mine.index(letter) for letter in result)
    return turned(other, axes, x.given[position])


def contracted_with_ones(x: App, other: Term, position: int) -> Term:
    """A contraction whose other operand is filled with ones: a sum over its axes.

    Left as it is when the result needs axes that only the ones have.
    """
    spec = dict(x.params)["spec"]
    operands, result = spec.split("->")
    letters = operands.split(",")[position]
    kept = "".join(i for i in letters if i in result)
    if not result.endswith(kept) or kept != "".join(i for i in result if i in letters):
        pair = (ONE, other) if position else (other, ONE)
        return App(x.primitive, pair, x.params, x.shape, x.given)
    axes = tuple(i for i, letter in enumerate(letters) if letter not in result)
    if not axes:
        return other
    shape = tuple(
        n for n, i in zip(x.given[position].shape, letters, strict=True) if i in result
    )
    params = (("axis", axes), ("keepdims", False))
    return apply(named("sum"), (other,), params, shape, (x.given[position],))


def pulled_scatter(x: App) -> Term:
    """Entries put among zeros, as an array of ones and zeros times what they are.

    scatter(1/p[c] at c) is e_c·(1/p): where the entries are functions of entries picked
    at the same index, the whole array's function stands for them.
    """
    if x.given[0].dtype.kind == "b":
        return x  # a mask, not numbers
    put, *arrays = x.operands
    index = (dict(x.params)["index"], tuple(arrays))
    if put == ZERO:
        return ZERO
    ones = App(x.primitive, (ONE, *arrays), x.params, x.shape, x.given)
    if put == ONE:
        return ones
    whole: dict[Term, Term] = {}
    if not put.shape and not x.given[0].shape:
        return mul(ones, put)
    for place in leaves(put):
        if not place.shape and not picks(place, index):
            continue
        if not picks(place, index):
            return x
        assert isinstance(place, App)
        whole[place] = place.operands[0]
    return mul(ones, rebuild(put, whole))


def picked(factors: list[Factor]) -> list[Factor]:
    """A product with a one-hot vector: of all other arrays only one entry matters.

    p·e_c is p[c]·e_c.
    """
    hot = next(
        (b for b, e in factors if is_one_hot(b) and e == 1 and len(b.shape) == 1), None
    )
    if not isinstance(hot, App) or hot.given[0].shape:
        return factors
    _, *arrays = hot.operands
    params = (("index", dict(hot.params)["index"]),)
    found: list[Factor] = []
    for base, exponent in factors:
        if base is hot or shape_of(base, exponent) != hot.shape:
            found.append((base, exponent))
            continue
        given = (Aval(hot.shape), *hot.given[1:])
        new = {
            leaf: apply(named("getitem"), (leaf, *arrays), params, (), given)
            for leaf in leaves(Prod(((base, exponent),)))
            if leaf.shape == hot.shape
        }
        one = Prod(((base, exponent),))
        found.extend(split(rebuild(one, new))[1])
    return found


def picks(x: Term, index: tuple[object, tuple[Term, ...]]) -> bool:
    """Whether a term is what an index picks."""
    return (
        isinstance(x, App)
        and x.primitive.name == "getitem"
        and (dict(x.params)["index"], x.operands[1:]) == index
    )


def leaves(x: Term) -> list[Term]:
    """The parts of a term that are no sums, products or entrywise functions."""
    found: list[Term] = []
    waiting = [x]
    while waiting:
        now = waiting.pop()
        entrywise = isinstance(now, App) and isinstance(
            now.primitive.structure, Pointwise
        )
        if isinstance(now, (Sum, Prod)) or entrywise:
            waiting.extend(children(now))
        elif not isinstance(now, Num) and now != EULER:
            found.append(now)
    return found


BOUNDED = frozenset(
    {
        "getitem",
        "scatter",
        "sum",
        "mean",
        "contract",
        "reshape",
        "transpose",
        "sigmoid",
        "softmax",
        "tanh",
        "sin",
        "cos",
        "sign",
        "abs",
        "relu",
        "maximum",
        "minimum",
    }
)


def is_finite(base: Term, exponent: Exponent = 1, *, given: bool = False) -> bool:
    """Whether a power is finite for every number, by its form alone.

    Args:
        base: The base.
        exponent: Its exponent.
        given: Whether symbols may be taken to be finite; else only those that a bounded
            function makes are.
    """
    if isinstance(exponent, Term) or exponent < 0:
        return False
    match base:
        case Symbol():
            return given or base.bounded
        case Sum():
            return all(is_finite(m, given=given) for _, m in base.items)
        case Prod() if any(is_one_hot(b) for b, _ in base.factors):
            return True  # written as entries among zeros, which no infinity reaches
        case Prod():
            return all(is_finite(b, e, given=given) for b, e in base.factors)
        case App() if is_one_hot(base) or is_indicator(base):
            return True
        case App():
            bounded = base.primitive.name in BOUNDED
            return bounded and all(is_finite(x, given=given) for x in base.operands)
    return True


def is_indicator(x: Term) -> bool:
    """Whether a term is 1 where a condition holds and 0 elsewhere."""
    return (
        isinstance(x, App)
        and x.primitive.name == "select"
        and x.operands[1:] == (ONE, ZERO)
    )


SPECIAL: dict[str, Callable[[App], Term]] = {
    "contract": pulled_contract,
    "solve": pulled_solve,
    "select": pulled_choice,
    "scatter": pulled_scatter,
    "any": pulled_any,
    **dict.fromkeys(ODD | EVEN, without_sign),
}
