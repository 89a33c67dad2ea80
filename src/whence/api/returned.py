"""What a function returned: its parts, and what a derivative can do with them.

    received(returned, builder, outputs) -> Returned
    scalar(returned, who, derivative)     refuses what grad cannot differentiate

Each refusal says what the function returned, and which other derivative, or which
change of the function, gives what was wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.api.containers import Structure, flatten
from whence.core.aval import aval_of
from whence.core.builder import Builder
from whence.core.errors import DerivativeError
from whence.core.graph import Atom
from whence.core.tracer import Tracer


@dataclass(frozen=True)
class Fixed:
    """A part of a result that is no array: an int, a text, any object."""

    content: Any


@dataclass(frozen=True)
class Returned:
    """What a function returned: a container of outputs of the graph, and of the rest.

    Attributes:
        structure: Of the container.
        parts: For each leaf the number of an output, or what is fixed.
    """

    structure: Structure
    parts: tuple[int | Fixed, ...]

    def filled(self, outputs: Sequence[Any]) -> Any:
        """Put the outputs of a run in their places."""
        return self.structure.unflatten(
            [p.content if isinstance(p, Fixed) else outputs[p] for p in self.parts]
        )


def received(
    returned: Any, builder: Builder, outputs: list[Atom], *, plain: bool = False
) -> Returned:
    """Sort what a function returned into outputs of its graph and the rest.

    Args:
        returned: Any container.
        builder: The graph; values of outer graphs become inputs that pass through.
        outputs: Where outputs are added.
        plain: Whether numbers are left as they are.
    """
    leaves, structure = flatten(returned)
    parts: list[int | Fixed] = []
    for leaf in leaves:
        if (
            isinstance(leaf, Tracer)
            or is_array(leaf)
            or (not plain and is_number(leaf))
        ):
            outputs.append(builder.adopt(leaf))
            parts.append(len(outputs) - 1)
        else:
            parts.append(Fixed(leaf))
    return Returned(structure, tuple(parts))


def is_array(leaf: Any) -> bool:
    """Whether a part of a result is an array of numbers."""
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biufc"


def is_number(leaf: Any) -> bool:
    """Whether a part of a result is a plain number that a graph can hold."""
    kinds = (bool, int, float, complex, np.number, np.bool_)
    return isinstance(leaf, kinds) and aval_of(leaf).dtype.kind in "biufc"


# -------------------------------------------------------------------- refusals


def pair(returned: Any, who: str) -> tuple[Any, Any]:
    """The result and the aux of a function that has aux."""
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise DerivativeError(
            f"with has_aux=True {who} must return a pair, and it returned "
            f"{described(returned)}",
            remedy="return y, aux: the first is differentiated, the second passed on",
        )
    return returned


def scalar(returned: Any, who: str, derivative: str) -> None:
    """Refuse what is no single real number."""
    needs = f"{derivative} needs a scalar output"
    what = f"{needs}; {who} returned {described(returned)}"
    if returned is None:
        remedy = "return y at its end (did the function forget to return?)"
    elif isinstance(returned, (tuple, list, dict)):
        remedy = "has_aux=True for extra outputs after the first; jacobian(f) for all"
    elif isinstance(returned, Tracer) or is_array(returned) or is_number(returned):
        aval = returned.aval if isinstance(returned, Tracer) else aval_of(returned)
        if not aval.shape and aval.dtype.kind != "c":
            return
        if aval.shape:
            what = f"{needs}; {who} returned shape {aval.shape}"
            remedy = "jacobian(f), or the sum of the output"
        else:
            remedy = "real and imaginary parts as two real arrays, or vjp"
    else:
        remedy = "a number as the output"
    raise DerivativeError(what, remedy=remedy)


def arrays(returned: Returned, whole: Any, who: str, derivative: str) -> None:
    """Refuse a result of which a part is no array."""
    for part, path in zip(returned.parts, returned.structure.paths("y"), strict=True):
        if isinstance(part, Fixed):
            where = "" if path == "y" else f" at {path[1:]} of its result"
            raise DerivativeError(
                f"{derivative} needs numbers; {who} returned "
                f"{described(part.content)}{where}",
                remedy="numbers or arrays as outputs",
            )
    if not returned.parts:
        raise DerivativeError(
            f"{derivative} needs an output; {who} returned {described(whole)}",
            remedy="return y at its end (did the function forget to return?)",
        )


def described(returned: Any) -> str:
    """What was returned, in a few words."""
    if returned is None:
        return "None"
    if isinstance(returned, (tuple, list, dict)):
        return f"a {type(returned).__name__} of {len(returned)}"
    if isinstance(returned, (Tracer, np.ndarray)):
        return f"{returned.dtype}{list(returned.shape) or ''}"
    return f"a {type(returned).__name__}"
