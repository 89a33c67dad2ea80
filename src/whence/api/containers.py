"""Containers of numbers: taken apart into leaves, and put together again.

    flatten(tree) -> (leaves, structure)        structure.unflatten(leaves) -> tree

Tuples, lists, dicts, namedtuples, dataclasses and None nest freely and come back as
they were; everything else is a leaf. A structure can be a key, it says how the user
would write each leaf, and it knows nothing of what the leaves are.

    >>> leaves, structure = flatten({"W": [1.0, 2.0], "b": (3.0, None)})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> structure.unflatten([10, 20, 30])
    {'W': [10, 20], 'b': (30, None)}
    >>> structure.paths()
    ["params['W'][0]", "params['W'][1]", "params['b'][0]"]
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from whence.core.errors import ShapeError


@dataclass(frozen=True)
class Structure:
    """What a container is without its leaves.

    Attributes:
        kind: The type of the container; ``object`` for a leaf.
        keys: What its parts are reached by: positions, keys, or names of attributes.
        parts: The structures of its parts.
    """

    kind: type
    keys: tuple[Any, ...] = ()
    parts: tuple[Structure, ...] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether this is no container."""
        return self.kind is object

    @property
    def count(self) -> int:
        """The number of leaves."""
        return 1 if self.is_leaf else sum(part.count for part in self.parts)

    def unflatten(self, leaves: Sequence[Any]) -> Any:
        """Put leaves together as they were taken apart."""
        assert len(leaves) == self.count, (
            f"{len(leaves)} leaves for {self.count} places"
        )
        return self._filled(iter(leaves))

    def _filled(self, leaves: Iterator[Any]) -> Any:
        if self.is_leaf:
            return next(leaves)
        return assemble(self.kind, self.keys, [p._filled(leaves) for p in self.parts])

    def routes(self) -> Iterator[tuple[tuple[type, Any], ...]]:
        """The way to each leaf: the kind of each container on it, and the key there."""
        if self.is_leaf:
            yield ()
        for key, part in zip(self.keys, self.parts, strict=True):
            for rest in part.routes():
                yield ((self.kind, key), *rest)

    def paths(self, name: str = "params") -> list[str]:
        """How the user would write each leaf, if the whole is called by a name."""
        return [name + "".join(written(*step) for step in r) for r in self.routes()]

    def matched(self, tree: Any, what: str = "the tangent") -> list[Any]:
        """The leaves of a tree that must have this structure, dicts in any order.

        Raises:
            ShapeError: If it has another one.
        """
        if self.is_leaf:
            return [tree]
        kind, keys, parts = taken_apart(tree)
        found = dict(zip(keys, parts, strict=True))
        if kind is not self.kind or set(found) != set(self.keys):
            raise ShapeError(
                f"{what} is built otherwise than the argument it belongs to",
                remedy=f"{self} of the same parts, nested in the same way",
            )
        pairs = zip(self.keys, self.parts, strict=True)
        return [leaf for key, p in pairs for leaf in p.matched(found[key], what)]

    def __str__(self) -> str:
        if self.kind is type(None):
            return "None"
        return "a number or an array" if self.is_leaf else f"a {self.kind.__name__}"


LEAF = Structure(object)


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """Take a container apart into its leaves, in order, and the structure."""
    leaves: list[Any] = []
    return leaves, _flattened(tree, leaves)


def _flattened(tree: Any, leaves: list[Any]) -> Structure:
    kind, keys, parts = taken_apart(tree)
    if kind is object:
        leaves.append(tree)
        return LEAF
    return Structure(kind, keys, tuple(_flattened(part, leaves) for part in parts))


def taken_apart(tree: Any) -> tuple[type, tuple[Any, ...], Sequence[Any]]:
    """One level of a container: kind, keys and parts; ``object`` for a leaf."""
    kind = type(tree)
    if tree is None:
        return kind, (), ()
    if kind is tuple or kind is list:
        return kind, tuple(range(len(tree))), tree
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return kind, tree._fields, tree
    if isinstance(tree, dict):
        kept = OrderedDict if isinstance(tree, OrderedDict) else dict
        return kept, tuple(tree), tuple(tree.values())
    if is_dataclass(kind) and not callable(tree):
        names = tuple(field.name for field in fields(tree))
        return kind, names, [getattr(tree, name) for name in names]
    return object, (), ()


def assemble(kind: type, keys: tuple[Any, ...], parts: list[Any]) -> Any:
    """One level of a container from its parts.

    A dataclass is filled without being initialised, so that what it checks or computes
    of numbers does not meet traced values.
    """
    if kind is type(None):
        return None
    if kind is tuple or kind is list:
        return kind(parts)
    if issubclass(kind, dict):
        return kind(zip(keys, parts, strict=True))
    if issubclass(kind, tuple):
        return kind(*parts)
    whole = object.__new__(kind)
    for key, part in zip(keys, parts, strict=True):
        object.__setattr__(whole, key, part)
    return whole


def written(kind: type, key: Any) -> str:
    """A step on the way to a leaf, as it is written in Python."""
    by_attribute = not issubclass(kind, dict | list) and kind is not tuple
    return f".{key}" if by_attribute else f"[{key!r}]"
