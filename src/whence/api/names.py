"""What a reader calls the leaves of an argument.

    leaf_names("params", structure) -> ["W1", "b1", "W2", "b2"]

The last key or attribute on the way to a leaf is its name. A name met again is
numbered, as the layers of a network are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from whence.api.containers import Structure


def leaf_names(argument: str, structure: Structure) -> list[str]:
    """Names for the leaves of an argument, all different.

    >>> from whence.api.containers import flatten
    >>> leaf_names("layers", flatten([{"W": 1.0, "b": 2.0}, {"W": 3.0, "b": 4.0}])[1])
    ['W1', 'b1', 'W2', 'b2']
    >>> leaf_names("x", flatten([1.0, 2.0])[1])
    ['x1', 'x2']
    """
    if structure.is_leaf:
        return [argument]
    stems = []
    for route in structure.routes():
        keys = [k for _, k in route if isinstance(k, str) and k.isidentifier()]
        stems.append(keys[-1] if keys else argument)
    return numbered(stems)


def numbered(stems: Sequence[str]) -> list[str]:
    """Number the names that are met more than once."""
    uses, met = Counter(stems), Counter[str]()
    found = []
    for stem in stems:
        met[stem] += 1
        found.append(f"{stem}{met[stem]}" if uses[stem] > 1 else stem)
    return found
