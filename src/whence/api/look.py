"""Look at a program as the system sees it.

trace(f, *args) -> Graph
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whence.api.function import function_of
from whence.api.recording import record
from whence.core.graph import Graph


def trace(f: Callable[..., Any] | str, *args: Any, **named: Any) -> Graph:
    """Record what a function does with its arguments, as a graph that prints well.

    Floats and arrays are inputs; ints, texts and other objects are what they are.

    Example:
        >>> print(trace(lambda x: x * x + 1.0, 3.0))
        (x: f64[])
          a = mul x x   | traced, prompt:1
          b = add a 1   | traced, prompt:1
        -> b
    """
    return record(function_of(f), args, named, None).graph
