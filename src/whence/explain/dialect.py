r"""How terms are written: one writer, and a dialect for text, LaTeX and NumPy code.

    write(6*x*(x**2 + 1)**2, TEXT, names)   ->   6x·(x² + 1)²

A dialect says how names, numbers, products, fractions and powers look; the writer
decides the order of factors and where brackets go. Operations are written by their
record's notation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from whence.simplify.fraction import is_decimal

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPTS = str.maketrans("0123456789+-=lktnijm", "₀₁₂₃₄₅₆₇₈₉₊₋₌ₗₖₜₙᵢⱼₘ")
DOTS = "…"  # in a name for many: W1…W4
INDEXED = re.compile(r"(.*)\[([a-z](?:[+-]\d+)?)\]")  # a name for layer l: h[l-1]
GREEK = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "kappa",
            "mu",
            "nu",
            "xi",
            "rho",
            "sigma",
            "tau",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
            "pi",
            "lam",
        ],
        "αβγδεζηθκμνξρστφχψωΓΔΘΣΦΨΩπλ",
        strict=False,
    )
)
LATEX_GREEK = {name: rf"\{name}" for name in GREEK} | {"lam": r"\lambda"}


@dataclass(frozen=True)
class Dialect:
    """A way of writing terms.

    Attributes:
        key: Which template of a notation it uses: text, latex or code.
        name: How a name of the program is shown.
        times: Between factors that are numbers or entrywise products of numbers.
        entrywise: Between factors that are arrays.
        power: A base and an exponent, both written.
        fraction: What is above and below a line, both written, with their need of
            brackets settled by ``slash``.
        slash: Whether fractions are written on one line, so that brackets are needed.
        root: A square root.
        minus: The sign.
        transpose: A transposed matrix.
    """

    key: str
    name: Callable[[str], str]
    times: str
    entrywise: str
    power: Callable[[str, str], str]
    fraction: Callable[[str, str], str]
    slash: bool
    root: Callable[[str], str]
    minus: str
    transpose: Callable[[str], str]


PARTIAL = re.compile("([a-zA-Z])_([a-z]{1,2})")  # f_x, f_xy


def pretty(name: str) -> str:
    """A name in Unicode: y_hat is ŷ, W1 is W₁, f_prime is f′, h[l-1] is hₗ₋₁."""
    if DOTS in name:
        return DOTS.join(map(pretty, name.split(DOTS)))
    if indexed := INDEXED.fullmatch(name):
        return pretty(indexed[1]) + indexed[2].translate(SUBSCRIPTS)
    if name.isdigit():
        return name.translate(SUBSCRIPTS)
    if name.endswith("_bar") and len(name) == 5:
        return name[0] + "\u0304"
    if name.endswith("_prime"):
        primes = pretty(name.removesuffix("_prime")) + "′"
        return primes.replace("′′", "″").replace("″′", "‴")
    if (
        name.endswith(("_hat", "hat"))
        and len(name.removesuffix("hat").rstrip("_")) == 1
    ):
        return name[0] + "\u0302" if name[0] != "y" else "ŷ"
    stem, digits = stem_and_digits(name)
    stem = GREEK.get(stem, stem)
    return stem + digits.translate(SUBSCRIPTS)


def stem_and_digits(name: str) -> tuple[str, str]:
    """A name and the number at its end."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem.rstrip("_"), digits) if stem.rstrip("_") else (name, "")


def pretty_latex(name: str) -> str:
    r"""A name in LaTeX: y_hat is \hat{y}, W1 is W_1, a long word stands upright."""
    if DOTS in name:
        return r", \dots, ".join(map(pretty_latex, name.split(DOTS)))
    if indexed := INDEXED.fullmatch(name):
        stem = pretty_latex(indexed[1])
        return f"{stem}_{{{indexed[2]}}}" if stem else indexed[2]
    if name.endswith("_bar") and len(name) == 5:
        return rf"\bar{{{name[0]}}}"
    if partial := PARTIAL.fullmatch(name):
        return f"{partial[1]}_{{{partial[2]}}}"
    if name.endswith("_prime"):
        return pretty_latex(name.removesuffix("_prime")) + "'"
    if (
        name.endswith(("_hat", "hat"))
        and len(name.removesuffix("hat").rstrip("_")) == 1
    ):
        return rf"\hat{{{name[0]}}}"
    stem, digits = stem_and_digits(name)
    shown = LATEX_GREEK.get(stem, stem)
    if len(stem) > 1 and stem not in LATEX_GREEK:
        shown = rf"\mathit{{{stem}}}".replace("_", r"\_")
    return f"{shown}_{{{digits}}}" if digits else shown


def text_power(base: str, exponent: str) -> str:
    """A power in Unicode: x², x^n, e^(x + 1)."""
    if exponent.lstrip("−-").isdigit():
        return base + exponent.replace("−", "-").translate(SUPERSCRIPTS)
    plain = exponent.isidentifier() or exponent.isalnum()
    return f"{base}^{exponent}" if plain else f"{base}^({exponent})"


TEXT = Dialect(
    key="text",
    name=pretty,
    times="·",
    entrywise=" ⊙ ",
    power=text_power,
    fraction=lambda above, below: f"{above}/{below}",
    slash=True,
    root=lambda x: f"√{x}" if x.isidentifier() or x.isdigit() else f"√({x})",
    minus="−",
    transpose=lambda x: f"{x}ᵀ",
)

LATEX = Dialect(
    key="latex",
    name=pretty_latex,
    times=r"\,",
    entrywise=r" \odot ",
    power=lambda base, exponent: f"{base}^{{{exponent}}}",
    fraction=lambda above, below: rf"\frac{{{above}}}{{{below}}}",
    slash=False,
    root=lambda x: rf"\sqrt{{{x}}}",
    minus="-",
    transpose=lambda x: rf"{{{x}}}^{{\top}}" if "^" in x else rf"{x}^{{\top}}",
)

CODE = Dialect(
    key="code",
    name=lambda name: name,
    times="*",
    entrywise="*",
    power=lambda base, exponent: f"{base}**{exponent}",
    fraction=lambda above, below: f"{above}/{below}",
    slash=True,
    root=lambda x: f"np.sqrt({x})",
    minus="-",
    transpose=lambda x: f"{x}.T",
)


def number(value: Fraction | float, dialect: Dialect) -> str:
    """A number: whole, a short decimal, or a fraction."""
    sign = dialect.minus if value < 0 else ""
    if isinstance(value, Fraction):
        size = abs(value)
        if size.denominator == 1:
            return sign + str(size.numerator)
        decimal = repr(float(size))
        if is_decimal(size) or (len(decimal) <= 5 and "e" not in decimal):
            return sign + decimal
        return sign + dialect.fraction(str(size.numerator), str(size.denominator))
    if dialect.key == "code":
        digits = repr(float(abs(value)))
        return sign + digits.replace("inf", "np.inf").replace("nan", "np.nan")
    return sign + f"{abs(value):.6g}"
