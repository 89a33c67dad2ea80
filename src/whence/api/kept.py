"""Graphs that are kept from one call to the next."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from whence.api.arguments import Call
from whence.api.recording import Recording, recorded
from whence.core.graph import Graph


@dataclass(frozen=True)
class Ready:
    """A derivative graph that is ready to run, and where it comes from."""

    graph: Graph
    bound: tuple[Any, ...]
    recording: Recording


def prepared(
    call: Call,
    derive: Callable[[Recording], Graph],
    kind: Hashable,
    *,
    has_aux: bool = False,
    scalar: str = "",
    needs: str = "",
) -> Ready:
    """Record a call and derive its graph."""
    recording = recorded(call, has_aux=has_aux, scalar=scalar, needs=needs)
    return Ready(derive(recording), recording.bound, recording)
