"""Which loop an operation is: the one word that every reader of a graph goes by.

An operation writes no loop. It says which kind of loop it is, and fusion, sparsity,
lineage, batching and the backends read that word. The word also says how a strong zero
passes through the operation (``transform.masks``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pointwise:
    """Every entry of the result comes from the entries at the same place."""


@dataclass(frozen=True)
class View:
    """Entries are moved, repeated or picked; none is computed."""


@dataclass(frozen=True)
class Scatter:
    """Entries are put at places of an array; all other places hold zero."""


@dataclass(frozen=True)
class Reduction:
    """Entries along axes are combined into one.

    Attributes:
        combine: The name of the pointwise operation that joins two entries.
        start: What an empty reduction gives.
    """

    combine: str
    start: float


@dataclass(frozen=True)
class Contraction:
    """Products of entries, summed over shared axes."""


@dataclass(frozen=True)
class Rows:
    """Whole rows are mapped to rows (softmax): entries along an axis meet."""


@dataclass(frozen=True)
class Library:
    """A routine of a library, called as it is.

    Attributes:
        routine: Its name, for people.
    """

    routine: str


@dataclass(frozen=True)
class Nested:
    """The operation runs a graph held in its params."""


Structure = (
    Pointwise | View | Scatter | Reduction | Contraction | Rows | Library | Nested
)
