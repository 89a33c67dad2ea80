"""The operations, one record each, one file per family.

Importing this package makes every operation known.
"""

from whence.ops import (
    along,
    comparison,
    contraction,
    custom,
    diagonal,
    elementwise,
    indexing,
    join,
    linalg,
    products,
    reduction,
    rounding,
    series,
    shape,
    special,
    spread,
)

__all__ = [
    "along",
    "comparison",
    "contraction",
    "custom",
    "diagonal",
    "elementwise",
    "indexing",
    "join",
    "linalg",
    "products",
    "reduction",
    "rounding",
    "series",
    "shape",
    "special",
    "spread",
]
