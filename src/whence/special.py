"""Functions of machine learning and statistics, computed so that none overflows.

    >>> from whence import special
    >>> special.sigmoid(-1e4), special.softmax([0.0, 0.0])
    (np.float64(0.0), array([0.5, 0.5]))

Made from the records of ``whence.ops.special``, to which ``special.gelu`` and the
others belong by their names. Each takes traced values, arrays, lists and numbers;
without a traced value it gives NumPy's arrays and scalars.
"""

from __future__ import annotations

from typing import Any

import whence.ops  # noqa: F401 - makes every operation known
from whence.ops import served

FOUND = served.special()
globals().update(FOUND)


def __dir__() -> list[str]:
    return [*FOUND]


def __getattr__(name: str) -> Any:
    raise served.unknown("whence.special", name, [*FOUND])
