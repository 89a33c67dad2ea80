"""The operations, one record each, one file per family.

Importing this package makes every operation known.
"""

from whence.ops import (
    comparison,
    contraction,
    elementwise,
    reduction,
    shape,
)

__all__ = ["comparison", "contraction", "elementwise", "reduction", "shape"]
