"""Compare a gradient written by hand with the one found here, entry by entry.

    check(f, gradient, *args) -> Report        print(report) says where they differ

Both are also compared with central differences, which know nothing of either: a third
voice that says who is wrong.

    >>> print(check(lambda x: x**3, lambda x: 3 * x, 2.0))
    the gradient is wrong: 1 of 1 entries deviate
      x   yours 6   ours 12   differences 12   deviation 0.5
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.api.arguments import Call, Wrt, given
from whence.api.derivatives import grad
from whence.api.function import function_of, which
from whence.core.errors import ShapeError

TOLERANCE = 1e-6  # relative to the largest entry of the array
SHOWN = 5  # entries


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient.

    Attributes:
        path: How the user would write it: "params['W'][0, 1]".
        yours: What the function under test says.
        ours: What is found here.
        differences: What central differences say, to about eight digits.
        deviation: How far yours is from ours, relative to the scale of the array.
    """

    path: str
    yours: float
    ours: float
    differences: float
    deviation: float

    @property
    def wrong(self) -> bool:
        """Whether it deviates by more than rounding explains."""
        return not self.deviation <= TOLERANCE


@dataclass(frozen=True)
class Report:
    """What a comparison found.

    Attributes:
        entries: All entries, in the order of the arguments.
    """

    entries: tuple[Entry, ...]

    @property
    def ok(self) -> bool:
        """Whether every entry agrees."""
        return not self.wrong

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The entries that deviate, the worst first."""
        found = [entry for entry in self.entries if entry.wrong]
        return tuple(
            sorted(found, key=lambda e: (not np.isnan(e.deviation), -e.deviation))
        )

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        count = len(self.entries)
        if self.ok:
            worst = max((e.deviation for e in self.entries), default=0.0)
            entries = "entry" if count == 1 else "entries"
            return (
                f"the gradient is right: {count} {entries}, "
                f"the largest deviation is {worst:.1e}"
            )
        bad = self.wrong
        head = f"the gradient is wrong: {len(bad)} of {count} entries deviate"
        shown = bad[:SHOWN]
        width = max(len(entry.path) for entry in shown)
        lines = [
            f"  {e.path:<{width}}   yours {e.yours:.6g}   ours {e.ours:.6g}   "
            f"differences {e.differences:.6g}   deviation {e.deviation:.2g}"
            for e in shown
        ]
        rest = len(bad) - len(shown)
        more = [f"  and {rest} more"] if rest else []
        doubt = [e for e in shown if disputed(e)]
        note = (
            ["  the differences agree with neither: is the function smooth here?"]
            if doubt
            else []
        )
        return "\n".join([head, *lines, *more, *note])


def disputed(entry: Entry) -> bool:
    """Whether the differences are far from both gradients."""
    scale = max(abs(entry.ours), abs(entry.differences), 1e-8)
    far = abs(entry.ours - entry.differences) > 1e-3 * scale
    return bool(far and abs(entry.yours - entry.differences) > 1e-3 * scale)


def check(
    f: Callable[..., Any] | str,
    gradient: Callable[..., Any],
    *args: Any,
    wrt: Wrt = None,
    **named: Any,
) -> Report:
    """Compare a gradient written by hand with ours, and both with differences.

    Args:
        f: The function, with a real number as its output, or a formula.
        gradient: The gradient under test, a function of the same arguments.
        args: The point at which they are compared.
        wrt: What the gradient is by; see ``grad``.
        named: Further arguments, by name.

    Returns:
        A report, which is true if all entries agree.

    Raises:
        ShapeError: If the gradient is of another structure or shape than the argument.
    """
    function, asked = function_of(f), which(wrt, None)
    call = given(function, args, named, asked)
    ours = leaves_of(call, grad(function, asked)(*args, **named))
    yours = leaves_of(call, gradient(*args, **named))
    entries: list[Entry] = []
    differences = central(call)
    for path, mine, theirs in zip(
        paths(call), map(np.asarray, ours), map(np.asarray, yours), strict=True
    ):
        if mine.shape != theirs.shape:
            raise ShapeError(
                f"your gradient by {path} has the shape {theirs.shape}, and {path} "
                f"{mine.shape}",
                remedy="one number for each entry of the argument",
            )
        finite = np.abs(mine[np.isfinite(mine)])
        scale = max(float(finite.max(initial=0.0)), 1e-300)
        for index in np.ndindex(mine.shape):
            where = f"{path}[{', '.join(map(str, index))}]" if index else path
            a, b = theirs[index].item(), mine[index].item()
            same = a == b or (a != a and b != b)  # noqa: PLR0124 - both are nan
            apart = 0.0 if same else abs(a - b) / scale
            entries.append(Entry(where, a, b, next(differences), apart))
    return Report(tuple(entries))


def leaves_of(call: Call, gradient: Any) -> list[Any]:
    """The leaves of a gradient, which must be built as the arguments are."""
    parts = (gradient,) if call.single else gradient
    found: list[Any] = []
    for slot, part in zip(call.wrt, parts, strict=True):
        argument = call.arguments[slot]
        found += argument.structure.matched(part, f"the gradient by {argument.name}")
    return found


def paths(call: Call) -> list[str]:
    """How the user would write each array that is differentiated."""
    arguments = [call.arguments[slot] for slot in call.wrt]
    return [path for x in arguments for path in x.structure.paths(x.name)]


def central(call: Call) -> Iterator[float]:
    """Central differences, for each entry of what is differentiated.

    The step is the cube root of the precision, in the scale of the entry.
    """
    for leaf in call.moving():
        array = np.array(leaf.content, dtype=leaf.aval.dtype if leaf.aval else None)
        small = float(np.cbrt(np.finfo(array.dtype).eps))
        for index in np.ndindex(array.shape):
            x = array[index]
            step = small * max(1.0, abs(float(x)))
            ends = []
            for side in (x + step, x - step):
                moved = array.copy()
                moved[index] = side
                ends.append((float(moved[index]), value_at(call, leaf, moved)))
            (right, high), (left, low) = ends
            yield (high - low) / (right - left)


def value_at(call: Call, changed: Any, content: np.ndarray) -> float:
    """The value of the function where one leaf of its arguments is another."""
    args: list[Any] = []
    named: dict[str, Any] = {}
    for slot, argument in call.arguments.items():
        leaves = [
            (content if content.shape else content[()])
            if leaf is changed
            else leaf.content
            for leaf in argument.leaves
        ]
        whole = argument.structure.unflatten(leaves)
        if isinstance(slot, int):
            args.append(whole)
        else:
            named[slot] = whole
    with np.errstate(all="ignore"):
        return float(call.function(*args, **named))
