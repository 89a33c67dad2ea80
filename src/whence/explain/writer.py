"""Write a term in a dialect: the order of factors, the brackets, the fractions.

    Writer(dialect, label).write(term)

``label`` names the symbols, in the dialect. Everything else follows from the term: a
product of arrays is entrywise unless it is a contraction, and a contraction is written
as the matrix product that its letters spell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from whence.core.notation import ATOM, LOOSE, POWER, PRODUCT, SUM, UNARY, written
from whence.core.size import Sized
from whence.core.structure import Pointwise
from whence.explain.dialect import Dialect, number
from whence.simplify.fraction import HALF, fraction_of, gathered, is_constant
from whence.simplify.linear import is_indicator, is_one_hot
from whence.simplify.term import (
    EULER,
    ONE,
    App,
    Exponent,
    Num,
    Prod,
    Shape,
    Sum,
    Symbol,
    Term,
    is_applied,
    is_size,
)

Label = Callable[[Symbol], str]
Part = tuple[str, int]  # what is written, and how strongly it holds together


class Writer:
    """Writes terms in one dialect."""

    def __init__(
        self, dialect: Dialect, label: Label, taken: Iterable[str] = ()
    ) -> None:
        """Write terms in a dialect.

        Args:
            dialect: How they look.
            label: What symbols are called.
            taken: The names that code has for its values, which no helper may have.
        """
        self.dialect, self.label, self.taken = dialect, label, frozenset(taken)
        self.helpers: dict[str, None] = {}

    def write(self, x: Term) -> str:
        """A term as a whole, without brackets round it."""
        return self.part(x)[0]

    def tight(self, x: Term, need: int) -> str:
        """A term, in brackets if it holds together less than its place needs."""
        text, binds = self.part(x)
        return self.bracket(text) if binds < need else text

    def bracket(self, text: str) -> str:
        """Put brackets round something."""
        if self.dialect.key == "latex":
            return rf"\left({text}\right)"
        return f"({text})"

    def part(self, x: Term) -> Part:
        """A term, and how strongly what is written holds together."""
        match x:
            case Num():
                low = UNARY if x.number < 0 else ATOM
                shown = number(x.number, self.dialect)
                return shown, PRODUCT if "/" in shown else low
            case Symbol():
                return self.symbol(x)
            case Sum():
                return self.sum(x)
            case Prod():
                return self.monomial(Fraction(1), x)
            case App():
                return self.applied(x)
        raise AssertionError(f"no such term: {x!r}")

    def symbol(self, x: Symbol) -> Part:
        """A name; a constant by the name it is known by."""
        if is_constant(x):
            return self.constant(x.of[1]), ATOM if "/" not in x.of[1] else PRODUCT
        if is_size(x):
            return self.dialect.name(x.of[1]), ATOM
        if x == EULER:
            return {"code": "np.e"}.get(self.dialect.key, "e"), ATOM
        label = self.label(x)
        binds = ATOM if re.fullmatch(r"[\w.\[\]{}\\^₀-₉₊₋\u0302]+", label) else UNARY
        return label, max(binds, POWER)

    def constant(self, name: str) -> str:
        """A well-known number."""
        if self.dialect.key == "code":
            return re.sub(r"(log|sqrt|pi)", r"np.\1", name)
        if self.dialect.key == "latex":
            name = re.sub(r"sqrt\((.*)\)", r"\\sqrt{\1}", name)
            return re.sub(r"(log|pi)", r"\\\1", name).replace("*", "")
        return name.replace("pi", "π").replace("*", "").replace("sqrt", "√")

    # ------------------------------------------------------------------- sums

    def sum(self, x: Sum) -> Part:
        """Items that are added, then those that are taken away."""
        items = [(*self.signed(c, m), m) for c, m in x.items]
        if len(items) == 1:
            return self.monomial(*x.items[0])
        constant_first = any(neg for _, neg, _ in items)
        items.sort(
            key=lambda item: (
                item[1],
                (item[2] == ONE) != constant_first,
                rank(item[2]),
            )
        )
        text = ""
        for (shown, binds), negative, _ in items:
            inner = self.bracket(shown) if binds <= SUM and negative else shown
            if not text:
                text = f"{self.dialect.minus}{inner}" if negative else inner
            else:
                text += f" {self.dialect.minus if negative else '+'} {inner}"
        return text, SUM

    def signed(self, coefficient: Any, monomial: Term) -> tuple[Part, bool]:
        """An item without its sign, and whether the sign is a minus."""
        if monomial == ONE:
            return (number(abs(coefficient), self.dialect), ATOM), coefficient < 0
        negative, above, below = fraction_of(coefficient, monomial)
        if above and isinstance(above[0][0], Num) and above[0][0].number < 0:
            negative = True
            top = Num(-above[0][0].number)
            above = above[1:] if top == ONE else [(top, Fraction(1)), *above[1:]]
        return self.fraction(above, below), negative

    # --------------------------------------------------------------- products

    def monomial(self, coefficient: Any, x: Term) -> Part:
        """A coefficient times a product."""
        (text, binds), negative = self.signed(coefficient, x)
        if not negative:
            return text, binds
        inner = self.bracket(text) if binds <= SUM else text
        return self.dialect.minus + inner, min(binds, UNARY)

    def fraction(
        self, above: list[tuple[Term, Exponent]], below: list[tuple[Term, Exponent]]
    ) -> Part:
        """What is above and below a line."""
        above, below = gathered(above), gathered(below)
        if not below:
            return self.product(above)
        top, top_binds = self.product(above)
        bottom, bottom_binds = self.product(below)
        if self.dialect.slash:
            apart = len(above) == 1 and is_applied(above[0][0], "div")
            if top_binds < PRODUCT or (apart and top_binds == PRODUCT):
                top = self.bracket(top)
            if bottom_binds <= PRODUCT:
                bottom = self.bracket(bottom)
        return self.dialect.fraction(top, bottom), PRODUCT

    def product(self, factors: list[tuple[Term, Exponent]]) -> Part:
        """Factors side by side: numbers, sums without a constant, names, the rest."""
        if not factors:
            return "1", ATOM
        if len(factors) == 1:
            return self.raised(*factors[0])
        ordered = sorted(factors, key=lambda f: place(*f))
        text, arrays = "", False
        for i, (base, exponent) in enumerate(ordered):
            shown, binds = self.raised(base, exponent)
            numbers_only = all(isinstance(b, Num) for b, _ in ordered[:i])
            if binds < PRODUCT or (binds == PRODUCT and not numbers_only):
                shown = self.bracket(shown)
            joint = (
                self.dialect.entrywise if arrays and base.shape else self.dialect.times
            )
            if i == 0 or (i == 1 and self.juxtaposed(ordered[0][0], shown)):
                joint = ""
            text += joint + shown
            arrays = arrays or bool(base.shape)
        return text, PRODUCT

    def juxtaposed(self, first: Term, second: str) -> bool:
        """Whether a number stands right before a name: 6x, but 6·sin(x)."""
        return (
            self.dialect.key == "text"
            and isinstance(first, Num)
            and second[:1].isalpha()
            and not CALLED.match(second)
        )

    def raised(self, base: Term, exponent: Exponent) -> Part:
        """A base to an exponent."""
        if base == EULER and self.dialect.key != "latex":
            inner = self.write(
                exponent if isinstance(exponent, Term) else Num(exponent)
            )
            return (
                f"np.exp({inner})" if self.dialect.key == "code" else f"exp({inner})"
            ), ATOM
        if not isinstance(exponent, Term):
            if exponent == 1:
                return self.part(base)
            if exponent == HALF:
                return self.dialect.root(self.write(base)), ATOM
        shown = exponent if isinstance(exponent, Term) else Num(exponent)
        need = LOOSE if self.dialect.key != "code" else ATOM
        return self.dialect.power(
            self.tight(base, ATOM), self.tight(shown, need)
        ), POWER

    # -------------------------------------------------------------- operations

    def applied(self, x: App) -> Part:
        """An operation by the notation of its record."""
        if is_one_hot(x):
            return self.one_hot(x), ATOM
        if is_indicator(x):
            return self.indicator(x), ATOM
        if x.primitive.name == "contract":
            return self.contraction(x)
        if x.primitive.name == "div":
            above, below = x.operands
            return self.fraction([(above, Fraction(1))], [(below, Fraction(1))])
        if x.primitive.name == "embed_diagonal" and is_square(x):
            return self.diagonal(x), ATOM
        if x.primitive.name == "transpose" and dict(x.params)["axes"] == (1, 0):
            return self.dialect.transpose(self.operand(x, 0, ATOM)), ATOM
        if x.primitive.name == "getitem":
            return self.picked(x), ATOM
        notation = x.primitive.notation
        template = getattr(notation, self.dialect.key)
        operands = [
            self.operand(x, i, LOOSE if alone(template, i) else notation.need(i))
            for i in range(len(x.operands))
        ]
        text = written(template, operands, dict(x.params), x.given)
        text = self.helped(text, notation.helper)
        is_call = self.dialect.key != "latex" and CALLED.match(template)
        return text, ATOM if is_call else notation.binds

    def helped(self, text: str, helper: str) -> str:
        """Code that calls a helper, by another name where a value has that one."""
        if self.dialect.key != "code" or not helper:
            return text
        for name in DEFINED.findall(helper):
            if name in self.taken:
                call = re.compile(rf"\b{name}\(")
                text, helper = (call.sub(f"{name}_(", x) for x in (text, helper))
        self.helpers[helper] = None
        return text

    def diagonal(self, x: App) -> str:
        """A diagonal matrix, or the identity."""
        if x.operands[0] == ONE:
            code = f"np.eye({lengths(x.shape)[0]})"
            return code if self.dialect.key == "code" else "I"
        name = {"code": "np.diag", "latex": r"\operatorname{diag}", "text": "diag"}
        inner = self.operand(x, 0, LOOSE)
        return name[self.dialect.key] + self.bracket(inner)

    def operand(self, x: App, i: int, need: int) -> str:
        """An operand; in code, repeated to the shape in which it is taken."""
        y, shape = x.operands[i], lengths(x.given[i].shape)
        repeats = tuple(y.shape) != tuple(x.given[i].shape)
        entrywise = isinstance(x.primitive.structure, Pointwise)
        if self.dialect.key != "code" or entrywise or not repeats:
            return self.tight(y, need)
        return f"np.broadcast_to({self.write(y)}, {shape})"

    def picked(self, x: App) -> str:
        """An entry of an array: p_c in print, p[c] in code."""
        array = self.operand(x, 0, ATOM)
        index = self.index(x)
        if self.dialect.key == "latex":
            whole = f"{{{array}}}" if "_" in array else array  # one index at a time
            return f"{whole}_{{{index}}}"
        simple = index.isalnum() and array.isidentifier() and index != "None"
        if self.dialect.key == "text" and simple and "[" not in array:
            return f"{array}_{index}"
        return f"{array}[{index}]"

    def index(self, x: App) -> str:
        """The index of an operation, its arrays by their names."""
        arrays = [self.write(y) for y in x.operands[1:]]
        return written(
            "{index}", [self.write(x.operands[0]), *arrays], dict(x.params), x.given
        )

    def one_hot(self, x: App) -> str:
        """Ones put among zeros: e_c."""
        index = self.index(x)
        if self.dialect.key == "latex":
            return rf"\mathbf{{e}}_{{{index}}}"
        if self.dialect.key == "text":
            return f"e_{index}" if index.isalnum() else f"e[{index}]"
        mask = x.given[0].dtype.kind == "b"
        if len(x.shape) == 1 and not x.given[0].shape:
            (size,) = lengths(x.shape)
            whole = f"{size}, dtype=bool" if mask else size
            return f"np.eye({whole})[{index}]"
        notation = x.primitive.notation
        operands = [self.write(y) for y in x.operands]
        shape = lengths(x.given[0].shape)
        operands[0] = f"np.ones({shape})" if shape else "1.0"
        put = written(notation.code, operands, dict(x.params), x.given)
        put = self.helped(put, notation.helper)
        return f"({put} > 0)" if mask else put

    def indicator(self, x: App) -> str:
        """1 where a condition holds: [u > 0]."""
        condition = self.write(x.operands[0])
        if self.dialect.key == "latex":
            return rf"\left[{condition}\right]"
        return f"({condition})" if self.dialect.key == "code" else f"[{condition}]"

    def contraction(self, x: App) -> Part:
        """A product over shared axes, as a matrix product where it is one."""
        spec = dict(x.params)["spec"]
        shape = canonical(spec)
        if shape in OUTER:
            i, j = OUTER[shape]
            return self.outer(x, i, j)
        if shape in PRODUCTS:
            return self.matrix_product(x, PRODUCTS[shape])
        if shape in TOTALS and self.dialect.key != "latex":
            return self.total(x, TOTALS[shape])
        operands = [self.operand(x, i, LOOSE) for i in range(len(x.operands))]
        notation = x.primitive.notation
        return written(
            getattr(notation, self.dialect.key), operands, dict(x.params), x.given
        ), ATOM

    def outer(self, x: App, i: int, j: int) -> Part:
        """Every entry of one operand times every entry of the other."""
        if self.dialect.key == "code":
            left, right = self.operand(x, i, LOOSE), self.operand(x, j, LOOSE)
            return f"np.outer({left}, {right})", ATOM
        joint = r" \otimes " if self.dialect.key == "latex" else " ⊗ "
        left, right = (self.tight(x.operands[k], UNARY) for k in (i, j))
        return f"{left}{joint}{right}", PRODUCT

    def matrix_product(self, x: App, order: str) -> Part:
        """A product in the order and with the transposes that its letters spell."""
        factors = []
        if self.dialect.key == "code" and scales_rows(x):
            return self.rows_scaled(x, *order.split())
        for token in order.split():
            turned = token.endswith("T")
            factor = self.operand(x, int(token[0]), self.need(x, token))
            factors.append(self.dialect.transpose(factor) if turned else factor)
        joint = {"code": " @ ", "latex": r"\,", "text": " "}[self.dialect.key]
        # Python reads a*B @ c as (a*B) @ c: code keeps brackets that print leaves out
        return joint.join(factors), SUM if self.dialect.key == "code" else PRODUCT

    def need(self, x: App, token: str) -> int:
        """How strongly a factor of a matrix product has to hold together."""
        print_only = self.dialect.key != "code"
        if token.endswith("T"):
            return ATOM if self.dialect.key != "latex" else POWER
        scales = print_only and scales_rows(x.operands[int(token[0])])
        return PRODUCT if scales else POWER

    def rows_scaled(self, x: App, left: str, right: str) -> Part:
        """A product with a diagonal matrix in code: each row with a factor."""
        diagonal = x.operands[int(left[0])]
        assert isinstance(diagonal, App), "a diagonal matrix"
        factor = self.tight(diagonal.operands[0], ATOM)
        matrix = self.operand(x, int(right[0]), ATOM)
        matrix = self.dialect.transpose(matrix) if right.endswith("T") else matrix
        return f"{factor}[:, None]*{matrix}", PRODUCT

    def total(self, x: App, axis: str) -> Part:
        """A sum of entrywise products."""
        inner = self.product([(y, Fraction(1)) for y in x.operands])[0]
        along = f", axis={axis}" if axis else ""
        name = "np.sum" if self.dialect.key == "code" else "sum"
        return f"{name}({inner}{along})", ATOM


def lengths(shape: Shape) -> Shape:
    """A shape as code writes it: numbers, and the sizes that have names."""
    return tuple(n if isinstance(n, Sized) else int(n) for n in shape)


def scales_rows(x: Term) -> bool:
    """Whether a term is a product of a diagonal matrix and another, as in Xᵀ D X."""
    if not isinstance(x, App) or x.primitive.name != "contract" or len(x.shape) != 2:
        return False
    left, *_ = PRODUCTS.get(canonical(dict(x.params)["spec"]), "").split() or [""]
    return bool(left) and is_square(x.operands[int(left[0])])


def is_square(x: Term) -> bool:
    """Whether a term is a diagonal put into a square matrix, nothing above or below."""
    return (
        isinstance(x, App)
        and x.primitive.name == "embed_diagonal"
        and len(x.shape) == 2
        and x.shape[0] == x.shape[1]
        and dict(x.params)["offset"] == 0
    )


def alone(template: str, i: int) -> bool:
    """Whether an operand stands between brackets or commas, and needs none."""
    return bool(re.search(rf"[(\s]\{{{i}\}}(?:[),]|\{{along\}})", template)) and (
        CALLED.match(template) is not None
    )


DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)
CALLED = re.compile(r"^[\w.]+\(.*\)$")  # name(…): needs no brackets anywhere


def place(base: Term, exponent: Exponent) -> tuple[int, str]:
    """Where a factor stands: numbers, (ŷ − y), names, powers and functions, (1 − s).

    What ∏ stands before comes last, lest it take in what follows.
    """
    if isinstance(base, Num):
        return 0, ""
    if isinstance(base, Symbol) and isinstance(base.of, tuple):
        return 1, base.text
    if isinstance(base, Sum):
        plain = exponent == 1 and ONE not in [m for _, m in base.items]
        return (2 if plain else 5), base.text
    if isinstance(base, Symbol):
        return 3, base.text
    if isinstance(base, App) and base.primitive.name == "product_of_others":
        return 6, base.text
    return 4, base.text


def rank(monomial: Term) -> str:
    """The order of items in a sum: as in the program, highest powers first."""
    return monomial.text


def canonical(spec: str) -> str:
    """A spec with its letters renamed in order of appearance."""
    letters: dict[str, str] = {}
    return "".join(
        letters.setdefault(c, "ijklmnop"[len(letters)]) if c.isalpha() else c
        for c in spec
    )


OUTER = {"i,j->ij": (0, 1), "i,j->ji": (1, 0)}
PRODUCTS = {
    "i,i->": "0T 1",
    "ij,j->i": "0 1",
    "ij,i->j": "0T 1",
    "i,ij->j": "1T 0",
    "i,ji->j": "1 0",
    "ij,jk->ik": "0 1",
    "ij,kj->ik": "0 1T",
    "ij,ik->jk": "0T 1",
    "ij,ki->jk": "0T 1T",
    "ij,jk->ki": "1T 0T",
    "ij,kj->ki": "1 0T",
    "ij,ik->kj": "1T 0",
    "ij,ki->kj": "1 0",
}
TOTALS = {"ij,ij->": "", "ij,ij->i": "1", "ij,ij->j": "0"}
