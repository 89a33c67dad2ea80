r"""How an operation is written: as text, as LaTeX, and as NumPy code.

A notation is three templates and the binding strength of what they produce. ``{0}`` is
the first operand and ``{axis}`` a param. A writer puts brackets round an operand that
binds less than the template needs at that place.

    >>> Call("exp", r"\exp").text
    'exp({0})'
"""

from __future__ import annotations

from dataclasses import dataclass

# how strongly an expression holds together: brackets go round what binds less
COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)
LOOSE = -1  # inside brackets or between commas nothing needs brackets


@dataclass(frozen=True)
class Notation:
    """Three templates for one operation.

    Attributes:
        text: In Unicode.
        latex: In LaTeX, for amsmath.
        code: In Python over NumPy (``np``) and the names in ``helpers``.
        binds: How strongly the whole holds together.
        needs: How strongly each operand must, to stand without brackets.
        helper: Python source that the code needs, if it is more than NumPy.
    """

    text: str
    latex: str
    code: str
    binds: int = ATOM
    needs: tuple[int, ...] = (LOOSE,)
    helper: str = ""

    def need(self, operand: int) -> int:
        """How strongly an operand must hold together to stand without brackets."""
        return self.needs[min(operand, len(self.needs) - 1)]


def Call(  # noqa: N802 - reads like the dataclass it makes
    name: str, latex: str = "", code: str = "", *, operands: int = 1, helper: str = ""
) -> Notation:
    """The notation of a function: ``name(x, y)``."""
    places = ", ".join(f"{{{i}}}" for i in range(operands))
    shown = latex or rf"\operatorname{{{name}}}".replace("_", r"\_")
    inner = rf"\left({places}\right)"
    escaped = shown.replace("{", "{{").replace("}", "}}")
    called = code or f"np.{name}"
    return Notation(
        f"{name}({places})", escaped + inner, f"{called}({places})", helper=helper
    )


def Infix(  # noqa: N802 - as above
    text: str, latex: str, code: str, binds: int, *, tight: bool = False
) -> Notation:
    """The notation of an operator between two operands.

    ``tight`` when the right operand may not bind equally: x - (y - z).
    """
    return Notation(
        f"{{0}} {text} {{1}}",
        f"{{0}} {latex} {{1}}",
        f"{{0}} {code} {{1}}",
        binds,
        (binds, binds + 1 if tight else binds),
    )
