"""The arguments of a call: which are differentiated, which are inputs, which rest.

    given(f, args, named, wrt) -> Call

Every argument is taken apart into leaves. A leaf that is differentiated, an array, or a
float is an input of the graph; an int, bool, text, function or any other object is
static: the function sees it as it is. What cannot be differentiated is refused here,
with the number, the name and the path of the argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from whence.api.containers import Structure, flatten
from whence.api.parameters import parameters_of, title
from whence.core.aval import Aval, aval_of
from whence.core.builder import Unknown, stranger
from whence.core.errors import DerivativeError, TraceError
from whence.core.tracer import Tracer

Wrt = int | str | tuple[int | str, ...] | None
Slot = int | str  # an argument by position, or by its keyword


@dataclass(frozen=True, eq=False)
class Leaf:
    """One leaf of an argument.

    Attributes:
        content: A number, an array, a tracer, or anything static.
        aval: What is known of an input; None if the leaf is static.
        moves: Whether it is differentiated.
    """

    content: Any
    aval: Aval | None = None
    moves: bool = False

    def of_shape(self, shape: tuple[int, ...]) -> Leaf:
        """The same leaf, the sizes of its axes having names."""
        assert self.aval is not None, "a static leaf has no axes"
        return replace(self, aval=self.aval.like(shape))


class Named:
    """A number or an array among arguments, with names for the sizes of its axes.

    No dataclass, since arguments that are one are taken apart.
    """

    def __init__(self, content: Any, shape: tuple[int, ...]) -> None:
        self.content, self.shape = content, shape


@dataclass(frozen=True, eq=False)
class Argument:
    """One argument: what it is called, its leaves, and how they belong together."""

    name: str
    leaves: tuple[Leaf, ...]
    structure: Structure


@dataclass(frozen=True, eq=False)
class Call:
    """A function and its arguments.

    Attributes:
        function: The user's.
        arguments: By position or keyword, in the order of the call.
        wrt: The arguments that are differentiated, in the order asked for.
        single: Whether one was asked for by itself, and not as a tuple.
    """

    function: Any
    arguments: Mapping[Slot, Argument]
    wrt: tuple[Slot, ...]
    single: bool

    def moving(self) -> list[Leaf]:
        """The leaves that are differentiated, in the order asked for."""
        return [leaf for slot in self.wrt for leaf in self.arguments[slot].leaves]

    def inputs(self) -> list[Leaf]:
        """The leaves that are inputs, in the order of the call."""
        every = (leaf for x in self.arguments.values() for leaf in x.leaves)
        return [leaf for leaf in every if leaf.aval is not None]

    def grouped(self, leaves: Sequence[Any]) -> Any:
        """One thing for each leaf that moves, put together like the arguments."""
        found, rest = [], list(leaves)
        for slot in self.wrt:
            structure = self.arguments[slot].structure
            found.append(structure.unflatten(rest[: structure.count]))
            del rest[: structure.count]
        return found[0] if self.single else tuple(found)


def given(
    function: Any, args: Sequence[Any], named: Mapping[str, Any], wrt: Wrt
) -> Call:
    """Take the arguments of a call apart.

    Raises:
        DerivativeError: If an argument cannot be differentiated, or there is none such.
    """
    if not callable(function):
        raise TraceError(
            f"a function was expected, and {function!r} is of type "
            f"{type(function).__name__}",
            remedy="grad(f)(x): f by itself, and its arguments afterwards",
        )
    parameters = parameters_of(function, len(args))
    asked = wrt if isinstance(wrt, tuple) else () if wrt is None else (wrt,)
    slots = tuple(slot_of(function, w, parameters, args, named) for w in asked)
    if len(set(slots)) < len(slots):
        raise DerivativeError(
            f"wrt={wrt!r} names an argument of {title(function)} twice",
            remedy="each argument once",
        )
    arguments: dict[Slot, Argument] = {}
    every: list[tuple[Slot, Any]] = [*enumerate(args), *named.items()]
    for slot, content in every:
        name = parameters[slot] if isinstance(slot, int) else slot
        which = f"argument {slot} ({name})" if isinstance(slot, int) else repr(slot)
        whose = f"{which} of {title(function)}"
        arguments[slot] = argument_of(content, name, whose, moves=slot in slots)
    return Call(function, arguments, slots, not isinstance(wrt, tuple))


def argument_of(content: Any, name: str, whose: str, *, moves: bool) -> Argument:
    """Take one argument apart.

    Args:
        content: The argument.
        name: The name of its parameter.
        whose: How a message names it.
        moves: Whether it is differentiated.
    """
    parts, structure = flatten(content)
    if moves and content is None:
        raise DerivativeError(
            f"{whose} is None, which has no derivative",
            remedy="a float or an array of floats; wrt= chooses another argument",
        )
    leaves: list[Leaf] = []
    for part in parts:
        try:
            leaves.append(leaf_of(part, moves=moves))
        except Refusal as refusal:
            path = structure.paths(name)[len(leaves)]
            place = "is" if structure.is_leaf else f"holds at {path}"
            raise DerivativeError(
                f"{whose} {place} {refusal.what}",
                remedy=refusal.remedy.format(x=path),
            ) from None
    return Argument(name, tuple(leaves), structure)


def slot_of(
    function: Any,
    wrt: int | str,
    parameters: Sequence[str],
    args: Sequence[Any],
    named: Mapping[str, Any],
) -> Slot:
    """Where in a call the argument is that a user names by its number or its name."""
    if isinstance(wrt, str):
        if wrt in named:
            return wrt
        if wrt in parameters[: len(args)]:
            return parameters.index(wrt)
    elif isinstance(wrt, int):
        if -len(args) <= wrt < len(args):
            return wrt % len(args)
        if 0 <= wrt < len(parameters) and parameters[wrt] in named:
            return parameters[wrt]
    else:
        raise DerivativeError(
            f"wrt={wrt!r} is of type {type(wrt).__name__}",
            remedy="the number of an argument, its name, or a tuple of these",
        )
    known = [*parameters[: len(args)], *named]
    listed = f" ({', '.join(known)})" if known else ""
    count = f"{len(known)} argument{'' if len(known) == 1 else 's'}"
    what = f"wrt={wrt!r}, and {title(function)} was called with {count}{listed}"
    remedy = "the number of an argument, from 0, or its name, and a value for it"
    if wrt == 0 and not known:
        what = f"{title(function)} was called with nothing to differentiate by"
        remedy = "an argument that it takes, and a value for it"
    elif isinstance(wrt, int) and 0 <= wrt < len(parameters):
        name = parameters[wrt]
        what = f"{what}; the argument {wrt} is {name!r}, which has no value"
        remedy = f"wrt={known[0]!r}, or a value for {name!r}"
    raise DerivativeError(what, remedy=remedy)


# ---------------------------------------------------------------------- leaves


class Refusal(Exception):  # noqa: N818 - it never leaves this module
    """Why a leaf cannot be differentiated; the caller knows where it stands."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


def leaf_of(content: Any, *, moves: bool) -> Leaf:
    """What a leaf of an argument is to a graph."""
    if isinstance(content, Tracer):
        return traced_leaf(content, moves=moves)
    if isinstance(content, Unknown):
        return unknown_leaf(content, moves=moves)
    if isinstance(content, Named):
        leaf = leaf_of(content.content, moves=moves)
        return leaf if leaf.aval is None else leaf.of_shape(content.shape)
    kind = type(content)
    if kind in (float, complex) or (kind is int and moves):
        number = content if kind is complex else float(content)
        return Leaf(number, aval_of(number), moves)
    if isinstance(content, (np.ndarray, np.inexact)):
        return array_leaf(content, moves=moves)
    if moves:
        named = "a bool" if kind is bool else f"of type {kind.__name__}"
        raise Refusal(
            f"{named}, which has no derivative",
            "float({x})" if kind is bool else "a float or an array of floats",
        )
    return Leaf(content)


def array_leaf(content: Any, *, moves: bool) -> Leaf:
    """A NumPy array or number as a leaf."""
    if isinstance(content, (np.ma.MaskedArray, np.matrix)):
        masked = isinstance(content, np.ma.MaskedArray)
        raise Refusal(
            "a masked array" if masked else "a np.matrix, whose * is not entrywise",
            "{x}.filled(0)" if masked else "np.asarray({x})",
        )
    array = np.asarray(content)
    kind = array.dtype.kind
    if moves and kind not in "fc":
        raise Refusal(
            f"an array of {array.dtype}, which has no derivative",
            "{x}.astype(float)" if kind in "biuO" else "an array of floats",
        )
    if kind not in "biufc":
        return Leaf(content)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return Leaf(array, Aval(array.shape, array.dtype), moves)


def unknown_leaf(content: Unknown, *, moves: bool) -> Leaf:
    """An array or a number of which the shape alone is known."""
    if moves and not content.aval.moves:
        raise Refusal(f"a {content.aval}, which has no derivative", "real entries")
    return Leaf(content, content.aval, moves)


def traced_leaf(content: Tracer, *, moves: bool) -> Leaf:
    """A value of an outer graph as a leaf."""
    if content.builder.finished:
        raise stranger(content)
    aval = content.aval
    if moves and not aval.moves:
        raise Refusal(f"a traced {aval}, which has no derivative", "{x}.astype(float)")
    return Leaf(content, aval, moves)
