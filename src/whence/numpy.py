"""NumPy, for use anywhere: each function takes traced values, arrays and numbers alike.

    >>> from whence import numpy as wnp
    >>> wnp.sin(0.0), wnp.stack([1.0, 2.0])
    (np.float64(0.0), array([1., 2.]))

``import numpy as np`` serves as well in a function that is differentiated, but for what
NumPy answers itself: ``np.array([a, b])`` of traced values asks each for its number,
``wnp.array([a, b])`` stacks them. The functions are made from the records; what has no
record is NumPy's own, and refuses traced values.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

import whence.ops  # noqa: F401 - makes every operation known
from whence.ops import served

FOUND = served.public(np) | served.OWN
FOUND |= {
    "linalg": SimpleNamespace(**served.public(np.linalg)),
    "random": np.random,
    "fft": np.fft,
}
globals().update(FOUND)


def __dir__() -> list[str]:
    return [*FOUND]


def __getattr__(name: str) -> Any:
    raise served.unknown("whence.numpy", name, [*FOUND])
