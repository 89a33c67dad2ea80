"""Graphs that are kept from one call to the next.

    prepared(call, derive, kind) -> (Kept, what its inputs stand for now)

A function without branches that is closed over nothing is recorded and differentiated
once for each kind of arguments: the key is what the function reads, the structure of
its containers, the shapes and dtypes of its inputs and the values of the rest. Every
other function is recorded anew at each call. At most 256 graphs are kept, those used
last.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

from whence.api.arguments import Call, Leaf
from whence.api.closed import PLAIN, fingerprint
from whence.api.recording import Recording, recorded
from whence.api.returned import Fixed, Returned
from whence.core.graph import Graph

MOST = 256  # graphs


@dataclass(frozen=True)
class Kept:
    """A derived graph, and how its outputs belong together.

    Attributes:
        graph: What runs.
        primal: The program as it was recorded.
        result: What the function returned.
        aux: The second part, if it has aux.
        moved: The number of inputs that are differentiated.
        constants: What the inputs behind those of the call stand for.
    """

    graph: Graph
    primal: Graph
    result: Returned
    aux: Returned | None
    moved: int
    constants: tuple[Any, ...]

    @property
    def main(self) -> int:
        """The number of outputs that are differentiated."""
        return sum(isinstance(part, int) for part in self.result.parts)


_kept: OrderedDict[Hashable, Kept] = OrderedDict()
_lock = Lock()


def _free() -> None:
    """Give a child process a lock that no thread of its parent holds."""
    global _lock  # noqa: PLW0603 - there is one for the process
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free)


def prepared(
    call: Call,
    derive: Callable[[Recording], Graph],
    kind: Hashable,
    *,
    has_aux: bool = False,
    scalar: str = "",
    needs: str = "",
) -> tuple[Kept, list[Any]]:
    """Find the derived graph of a call, or record the call and derive it.

    Args:
        call: The function and its arguments.
        derive: The graph to run, from a recording.
        kind: What ``derive`` does, as a part of the key.
        has_aux: See ``recorded``, as all below.
        scalar: What needs one real number as the result.
        needs: What needs numbers and arrays as the result.

    Returns:
        The graph, and a number, an array or a tracer for each input of the program.
    """
    key = key_of(call)
    if key is not None:
        key = (key, kind, has_aux, scalar != "", needs != "")
        with _lock:
            found = _kept.get(key)
            if found is not None:
                _kept.move_to_end(key)
        if found is not None:
            inputs = [leaf.content for leaf in call.inputs()]
            return found, [*inputs, *found.constants]
    recording = recorded(call, has_aux=has_aux, scalar=scalar, needs=needs)
    count = len(call.inputs())
    made = Kept(
        graph=derive(recording),
        primal=recording.graph,
        result=recording.result,
        aux=recording.aux,
        moved=len(recording.wrt_inputs),
        constants=recording.bound[count:],
    )
    if key is not None and recording.keepable and is_plain(made):
        with _lock:
            _kept[key] = made
            if len(_kept) > MOST:
                _kept.popitem(last=False)
    return made, list(recording.bound)


def is_plain(made: Kept) -> bool:
    """Whether all that is fixed in a result is a number or a text."""
    parts = (*made.result.parts, *(made.aux.parts if made.aux else ()))
    return all(isinstance(p.content, PLAIN) for p in parts if isinstance(p, Fixed))


def key_of(call: Call) -> Hashable | None:
    """What makes two calls the same program; None if that cannot be known."""
    reads = fingerprint(call.function)
    if reads is None:
        return None
    parts: list[Hashable] = [reads, call.wrt]
    for slot, argument in call.arguments.items():
        leaves = tuple(leaf_keys(argument.leaves))
        if None in leaves:
            return None
        parts.append((slot, argument.structure, leaves))
    return tuple(parts)


def leaf_keys(leaves: tuple[Leaf, ...]) -> Iterator[Hashable | None]:
    """The aval of each input, and the value of each static leaf."""
    for leaf in leaves:
        if leaf.aval is not None:
            # a named size is a part of the program, and equal to its number
            named = any(type(n) is not int for n in leaf.aval.shape)
            yield None if named else leaf.aval
        elif isinstance(leaf.content, PLAIN):
            yield type(leaf.content), repr(leaf.content)
        else:
            yield fingerprint(leaf.content)
