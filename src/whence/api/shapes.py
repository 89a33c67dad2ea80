"""The language of ``shapes=``: what an argument is, where it has no numbers.

    read_shape("n d") -> Declared(("n", "d"))        an array of n rows and d columns
    read_shape("n in m") -> Declared(("n",), "in m") n whole numbers from 0 to m - 1

First come the sizes, names or numbers, and then, where it matters, what the entries
are: ``in m``, ``bool``, ``positive``, ``one-hot``, ``rows sum to 1``, ``symmetric``,
``positive definite``. A tuple of sizes is a shape too; lists and dicts hold one shape
for each part. What is said of the entries is kept by every array that a derivation is
checked on, so a derivation may rest on it, and then says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.core.aval import BOOL, FLOAT64, Aval
from whence.core.builder import Unknown
from whence.core.errors import ShapeError
from whence.core.size import Size

EXAMPLE = 'shapes={"X": "n d", "w": "d", "c": "in m"}'
Draw = np.random.Generator


@dataclass(frozen=True)
class Declared:
    """What is known of an argument without numbers.

    Attributes:
        sizes: The lengths of its axes, by name or as numbers.
        entries: What its entries are, in the words of this language.
    """

    sizes: tuple[int | str, ...] = ()
    entries: str = ""

    @property
    def names(self) -> Iterator[str]:
        """The names of sizes in it."""
        bound = self.entries.removeprefix("in ")
        last = [bound] if bound != self.entries and not bound.isdigit() else []
        yield from (n for n in (*self.sizes, *last) if isinstance(n, str))

    def aval(self, sizes: Mapping[str, int]) -> Aval:
        """Its shape and dtype, the sizes having these lengths."""
        shape = tuple(
            n if isinstance(n, int) else Size(sizes[n], n) for n in self.sizes
        )
        if self.entries.startswith("in "):
            return Aval(shape, np.dtype("int64"))
        return Aval(shape, BOOL if self.entries == "bool" else FLOAT64)

    def drawn(self, draw: Draw, sizes: Mapping[str, int], plain: str) -> Any:
        """Random numbers for it.

        Args:
            draw: Where they come from.
            sizes: How long the sizes are.
            plain: What the entries are where nothing is said of them.
        """
        shape = self.aval(sizes).shape
        if self.entries.startswith("in "):
            bound = self.entries.removeprefix("in ")
            return draw.integers(0, int(sizes.get(bound, 0) or bound), shape)
        return ENTRIES[self.entries or plain](draw, shape)


class Standing(Unknown):
    """What a traced argument without numbers is bound to.

    Args:
        declared: What is known of it.
        sizes: How long its sizes are, in one trace.
    """

    def __init__(self, declared: Declared, sizes: Mapping[str, int]) -> None:
        self.declared = declared
        super().__init__(declared.aval(sizes))


# ------------------------------------------------------------ what entries can be


def one_hot(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Rows with a single 1 among zeros."""
    return np.eye(shape[-1])[draw.integers(0, shape[-1], shape[:-1])]


def rows_of_shares(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Rows of positive numbers that sum to 1."""
    parts = draw.uniform(0.2, 1.0, shape)
    shares: np.ndarray = parts / parts.sum(axis=-1, keepdims=True)
    return shares


def symmetric(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Square matrices that are their own transposes."""
    half = draw.normal(size=shape)
    return half + np.swapaxes(half, -1, -2)


def definite(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Symmetric matrices with positive eigenvalues."""
    half = draw.normal(size=shape)
    return half @ np.swapaxes(half, -1, -2) + np.eye(shape[-1])


ENTRIES: Mapping[str, Callable[[Draw, Any], Any]] = {
    "": lambda draw, shape: draw.normal(size=shape),
    "shares": lambda draw, shape: draw.uniform(0.1, 0.9, shape),
    "large": lambda draw, shape: draw.uniform(1.1, 2.0, shape),
    "positive": lambda draw, shape: draw.uniform(0.2, 2.0, shape),
    "bool": lambda draw, shape: draw.integers(0, 2, shape).astype(bool),
    "one-hot": one_hot,
    "rows sum to 1": rows_of_shares,
    "symmetric": symmetric,
    "positive definite": definite,
}
PLAIN = ("", "shares", "large")  # what is tried for entries of which nothing is said
WORDS = [word for word in ENTRIES if word not in PLAIN]


# ----------------------------------------------------------------------- reading


def read_shapes(shapes: Any) -> dict[str, Any]:
    """What is declared of each argument: containers with ``Declared`` as leaves.

    Raises:
        ShapeError: If a shape cannot be read.
    """
    if not isinstance(shapes, Mapping):
        raise ShapeError(
            f"shapes= is of type {type(shapes).__name__}, and is a dict by argument",
            remedy=EXAMPLE,
        )
    return {name: read_shape(shape, name) for name, shape in shapes.items()}


def read_shape(shape: Any, whose: str = "x") -> Any:
    """What is declared of one argument.

    >>> read_shape("n 3")
    Declared(sizes=('n', 3), entries='')
    >>> read_shape({"W": "d k", "c": "in m"})["c"]
    Declared(sizes=(), entries='in m')
    """
    if isinstance(shape, dict):
        return {k: read_shape(x, f"{whose}[{k!r}]") for k, x in shape.items()}
    if isinstance(shape, list):
        return [read_shape(x, f"{whose}[{i}]") for i, x in enumerate(shape)]
    if isinstance(shape, str):
        return read_text(shape, whose)
    sizes = shape if isinstance(shape, tuple) else (shape,)
    return Declared(tuple(read_size(n, whose, shape) for n in sizes))


def read_text(text: str, whose: str) -> Declared:
    """Sizes, and what the entries are."""
    words = text.replace(",", " ").split()
    starts = {word.split()[0] for word in WORDS} | {"in"}
    end = next((i for i, word in enumerate(words) if word in starts), len(words))
    sizes = tuple(read_size(n, whose, text) for n in words[:end])
    entries = " ".join(words[end:])
    if entries.startswith("in ") and len(words) == end + 2:
        read_size(words[-1], whose, text)
    elif entries and entries not in WORDS:
        raise ShapeError(
            f"the shape {text!r} of {whose} says that its entries are {entries!r}",
            remedy=f"{', '.join(WORDS)}, or in m for whole numbers below m",
        )
    if entries in SQUARE and (len(sizes) < 2 or sizes[-1] != sizes[-2]):
        raise ShapeError(
            f"the shape {text!r} of {whose} is {entries}, and not square",
            remedy=f"d d {entries}",
        )
    if entries in ROWS and not sizes:
        raise ShapeError(
            f"{whose} is {entries}, and has no sizes", remedy=f"n m {entries}"
        )
    return Declared(sizes, entries)


SQUARE = ("symmetric", "positive definite")
ROWS = ("one-hot", "rows sum to 1")


def read_size(size: Any, whose: str, shape: Any) -> int | str:
    """One size: a name, or a number of entries."""
    if isinstance(size, int) and not isinstance(size, bool) and size >= 0:
        return int(size)
    if isinstance(size, str) and size.isidentifier():
        return size
    if isinstance(size, str) and size.isdigit():
        return int(size)
    raise ShapeError(
        f"{size!r} in the shape {shape!r} of {whose} is no size",
        remedy='names and numbers: "n d", ("n", 3), "" for a single number',
    )


def leaves(declared: Any) -> Iterator[Declared]:
    """Every array that is declared, in order."""
    if isinstance(declared, Declared):
        yield declared
    else:
        parts: Sequence[Any] = (
            list(declared.values()) if isinstance(declared, dict) else declared
        )
        for part in parts:
            yield from leaves(part)
