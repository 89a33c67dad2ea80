"""From a program to the derivative that runs, in recognised functions and stable forms.

    shortest(graph, wrt, seed)    (x) -> (y)    becomes    (x, y_bar) -> (y, x_bar)

``grad`` executes what this function makes, and the results of a derivation have their
numbers from there wherever their closed form is another.
"""

from __future__ import annotations

from collections.abc import Sequence

from whence.core.graph import Graph, Value
from whence.simplify.derive import derive
from whence.simplify.recognise import recognise
from whence.simplify.removable import filled
from whence.simplify.shift import shifted
from whence.simplify.stable import stable
from whence.simplify.stops import stops
from whence.transform.tidy import living


def known(graph: Graph) -> Graph:
    """A program in recognised functions, its gaps filled, nothing overflowing."""
    found, places = shifted(filled(recognise(graph)[0])[0])
    return living(found) if places else found


def shortest(graph: Graph, wrt: Sequence[Value], seed: float | None) -> Graph:
    """The derivative in recognised functions, each cotangent simplified as it forms."""
    ready = known(graph)
    return stable(derive(ready, wrt, stops(ready, wrt), seed=seed).graph)[0]
