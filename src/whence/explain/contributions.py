"""Contributions: what each round of a loop adds to the derivative by what all share.

    by_layer(form, layers, …) -> one Path for each of the heaviest, one for the rest

Where weights are used in every step, the derivative is a sum over the steps, and each
item of the sum is what the paths through that step contribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from whence.core.graph import Value
from whence.explain.derivation import Path
from whence.explain.layers import Layers
from whence.simplify.cotangent import cotangent
from whence.simplify.term import Symbol, Term, from_items, items_of, symbols_of

FEWEST = 3  # items; fewer are paths like any others
SHOWN = 5  # of the heaviest, where there are more than can be listed
MOST = 8  # that are listed each


def layer_numbers(
    layers: Layers, first: int, symbols: Mapping[Value, Symbol]
) -> dict[Symbol, int]:
    """The layer of every symbol of a value that a layer makes, or of its cotangent."""
    found: dict[Symbol, int] = {}
    for number, row in enumerate(layers.values, first):
        for v in row:
            found[symbols[v]] = number
            found[cotangent(v)] = number
    return found


def by_layer(
    form: Term,
    numbers: Mapping[Symbol, int],
    letter: str,
    number_of: Callable[[Term], Any],
) -> tuple[Path, ...]:
    """What each layer contributes to a derivative that is a sum over layers.

    Args:
        form: The derivative.
        numbers: The layer of each symbol.
        letter: What is written for the number of a layer.
        number_of: The number of a term at the point.
    """
    items = items_of(form)
    found: dict[int, Term] = {}
    for item in items:
        x = from_items([item])
        layer = max((numbers[s] for s in symbols_of(x) if s in numbers), default=None)
        if layer is None or layer in found:
            return ()
        found[layer] = x
    if len(found) < FEWEST:
        return ()
    values = {layer: np.asarray(number_of(x)) for layer, x in found.items()}
    whole = np.sum(list(values.values()), axis=0)
    square = float(np.vdot(whole, whole))

    def path(name: str, x: Term, value: Any) -> Path:
        share = float(np.vdot(value, whole)) / square if square else float("nan")
        return Path(name, x, value, share)

    heaviest = sorted(found, key=lambda n: -abs(float(np.vdot(values[n], whole))))
    listed = heaviest if len(found) <= MOST else heaviest[:SHOWN]
    paths = [path(f"{letter} = {n}", found[n], values[n]) for n in listed]
    rest = sorted(heaviest[len(listed) :], reverse=True)
    if rest:
        others = from_items((1, found[n]) for n in rest)
        value = np.sum([values[n] for n in rest], axis=0)
        paths.append(path(f"the other {len(rest)}", others, value))
    return tuple(paths)
