r"""How an operation is written: as text, as LaTeX, and as NumPy code.

A notation is three templates and the binding strength of what they produce. ``{0}`` is
the first operand, ``{all}`` every one, ``{shape}`` a param; ``{along}`` stands for the
axis and its companions, ``{below}`` and ``{beside}`` for the same in LaTeX, ``{index}``
for an index, ``{order}`` for the order of axes of a transpose. A writer puts brackets
round an operand that binds less than the template needs there, and hands the texts to
``written``.

    >>> Call("exp", r"\exp").text
    'exp({0})'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whence.core.aval import Aval

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


def Call(
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


def Infix(
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


def written(
    template: str,
    operands: Sequence[str],
    params: Mapping[str, Any],
    avals: Sequence[Aval],
) -> str:
    """Fill a template in.

    Args:
        template: The text, latex or code of a notation.
        operands: The operands as written, with the brackets they need.
        params: The params of the equation.
        avals: The avals of its operands.
    """
    return template.format(*operands, **notation_params(params, operands, avals))


def notation_params(
    params: Mapping[str, Any], operands: Sequence[str], avals: Sequence[Aval]
) -> dict[str, Any]:
    """What a template may name besides its operands: the params, and words for them."""
    axis, ndim = params.get("axis"), avals[0].ndim if avals else 0
    axes = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
    options = {} if len(axes) == ndim else {"axis": axes[0] if len(axes) == 1 else axes}
    if params.get("keepdims"):
        options["keepdims"] = True
    if params.get("ddof"):
        options["ddof"] = params["ddof"]
    words = {
        "all": ", ".join(operands),
        "along": "".join(f", {name}={value}" for name, value in options.items()),
        "below": "",
        "beside": "",
        "index": index_text(params.get("index", ()), operands),
    }
    if "axis" in options:
        shown = ", ".join(map(str, axes))
        words["below"] = rf"_{{\text{{axis }} {shown}}}"
        words["beside"] = rf",\,\text{{axis }} {shown}"
    turned = params.get("reverse")
    words["back"] = ", from the end" if turned else ""
    words["flip"] = f"[{':, ' * axes[0]}::-1]" if turned else ""
    order = tuple(params.get("axes", (1, 0)))
    plain = order == (1, 0)
    words["order"] = "ᵀ" if plain else f".transpose{order}"
    words["order_code"] = ".T" if plain else f".transpose{order}"
    words["order_latex"] = r"\top" if plain else str(order)
    return {**params, **words}


def index_text(index: Any, operands: Sequence[str]) -> str:
    """An index as it stands between brackets.

    Its parts are ints, None, slices as triples, and "#i" for the i-th index operand;
    those are the last operands of the equation.
    """
    arrays = operands[len(operands) - sum(isinstance(i, str) for i in index) :]
    shown = []
    for part in index:
        if isinstance(part, tuple):
            start, stop, step = ("" if i is None else str(i) for i in part)
            shown.append(f"{start}:{stop}" + (f":{step}" if step else ""))
        else:
            is_array = isinstance(part, str)
            shown.append(arrays[int(part[1:])] if is_array else str(part))
    return ", ".join(shown) or "()"
