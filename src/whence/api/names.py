"""What a reader calls the leaves of an argument.

    leaf_names(f, "params", structure) -> ["W1", "b1", "W2", "b2"]

The last key or attribute on the way to a leaf is its name. Parts of a tuple or a list
have none, but the program may name them where it takes them out: ``w, b = params``, or
``for W, b in layers``, in the function itself or in one that it hands them to. A name
met again is numbered, as the layers of a network are.
"""

from __future__ import annotations

import ast
import linecache
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from whence.api.containers import Structure
from whence.core.source import source_of

ANY: Any = object()  # a step on the way to a leaf that may have any key
DEEPEST = 4  # functions that hand an argument on
AS_IT_IS = ("list", "tuple", "reversed", "sorted")


def leaf_names(function: Any, argument: str, structure: Structure) -> list[str]:
    """Names for the leaves of an argument, all different.

    >>> from whence.api.containers import flatten
    >>> layers = [{"W": 1.0, "b": 2.0}, {"W": 3.0, "b": 4.0}]
    >>> leaf_names(None, "layers", flatten(layers)[1])
    ['W1', 'b1', 'W2', 'b2']
    >>> leaf_names(None, "x", flatten([1.0, 2.0])[1])
    ['x1', 'x2']
    """
    if structure.is_leaf:
        return [argument]
    ways = [tuple(key for _, key in route) for route in structure.routes()]
    stems = [way[-1] if is_name(way[-1]) else None for way in ways]
    if None in stems:
        taken = list(taken_out(function, argument))
        found = [
            next(filter(None, (t.name_at(way) for t in taken)), None) for way in ways
        ]
        stems = [a or b for a, b in zip(stems, found, strict=True)]
    if None in stems:
        keys = [[k for k in way if is_name(k)] for way in ways]
        spare = [k[-1] if k else argument for k in keys]
        stems = [a or b for a, b in zip(stems, spare, strict=True)]
    return numbered([str(stem) for stem in stems])


def is_name(key: Any) -> bool:
    """Whether a key can be the name of a value."""
    return isinstance(key, str) and key.isidentifier()


def numbered(stems: Sequence[str]) -> list[str]:
    """Number the names that are met more than once."""
    uses, met = Counter(stems), Counter[str]()
    found = []
    for stem in stems:
        met[stem] += 1
        found.append(f"{stem}{met[stem]}" if uses[stem] > 1 else stem)
    return found


# ------------------------------------------------------ how the program takes out


@dataclass(frozen=True)
class Taken:
    """A place where a program takes parts out of one of its parameters.

    Attributes:
        parameter: Which.
        way: The keys from the parameter to what is taken apart.
        target: What it is assigned to.
    """

    parameter: str
    way: tuple[Any, ...]
    target: ast.expr

    def name_at(self, way: Sequence[Any]) -> str | None:
        """The name that is given to what lies on a way, if one is."""
        if len(way) < len(self.way):
            return None
        pairs = zip(self.way, way, strict=False)
        if any(own is not ANY and own != key for own, key in pairs):
            return None
        target = self.target
        for key in way[len(self.way) :]:
            if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(
                key, int
            ):
                return None
            if any(isinstance(part, ast.Starred) for part in target.elts[: key + 1]):
                return None
            if key >= len(target.elts):
                return None
            target = target.elts[key]
        return target.id if isinstance(target, ast.Name) else None


@dataclass(frozen=True)
class Handed:
    """A place where a program hands a parameter to another function."""

    parameter: str
    function: str
    position: int


def taken_out(function: Any, parameter: str, depth: int = 0) -> Iterator[Taken]:
    """Where a function, or one that it hands a parameter to, takes it apart."""
    if not isinstance(function, FunctionType) or depth == DEEPEST:
        return
    taken, handed = uses_of(function.__code__)
    yield from (t for t in taken if t.parameter == parameter)
    for h in handed:
        inner = (
            named_function(function, h.function) if h.parameter == parameter else None
        )
        if inner is not None and h.position < inner.__code__.co_argcount:
            name = inner.__code__.co_varnames[h.position]
            yield from taken_out(inner, name, depth + 1)


def named_function(function: FunctionType, name: str) -> FunctionType | None:
    """What a name stands for in a function, if it is a function too."""
    free = function.__code__.co_freevars
    found = function.__globals__.get(name)
    if name in free and function.__closure__:
        try:
            found = function.__closure__[free.index(name)].cell_contents
        except ValueError:
            return None
    return found if isinstance(found, FunctionType) else None


@lru_cache(maxsize=1_000)
def uses_of(code: CodeType) -> tuple[tuple[Taken, ...], tuple[Handed, ...]]:
    """How the source of a function takes its parameters apart, and hands them on."""
    lines = linecache.getlines(code.co_filename)
    parents = source_of(code.co_filename, "".join(lines)).parents
    taken: list[Taken] = []
    handed: list[Handed] = []
    whole = next((node for node in parents if is_source_of(node, code)), None)
    for node in ast.walk(whole) if whole else ():
        match node:
            case ast.Assign(targets=[target], value=value):
                taken += pieces(target, value, ())
            case ast.For(target=target, iter=value):
                taken += pieces(target, value, (ANY,))
            case ast.comprehension(target=target, iter=value):
                taken += pieces(target, value, (ANY,))
            case ast.Call(func=ast.Name(id=called), args=args):
                handed += [
                    Handed(x.id, called, i)
                    for i, x in enumerate(args)
                    if isinstance(x, ast.Name)
                ]
    return tuple(taken), tuple(handed)


def is_source_of(node: ast.AST, code: CodeType) -> bool:
    """Whether a node is the source of a code object."""
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and node.lineno == code.co_firstlineno
    if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
        return False
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return first == code.co_firstlineno


def pieces(target: ast.expr, value: ast.expr, end: tuple[Any, ...]) -> Iterator[Taken]:
    """What an assignment, or one turn of a loop, takes out of parameters."""
    match value, target:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]), ast.Tuple(
            elts=[_, part]
        ):
            yield from pieces(part, inner, end)
        case ast.Tuple(elts=args), ast.Tuple(elts=parts):
            for inner, part in zip(args, parts, strict=False):
                yield from pieces(part, inner, end)
        case ast.Call(func=ast.Name(id="zip"), args=args), ast.Tuple(elts=parts):
            for inner, part in zip(args, parts, strict=False):
                yield from pieces(part, inner, end)
        case _:
            found = way_of(value)
            if found is not None:
                yield Taken(found[0], (*found[1], *end), target)


def way_of(value: ast.expr) -> tuple[str, tuple[Any, ...]] | None:
    """The name at the root of an expression, and the keys that lead on from it."""
    match value:
        case ast.Name(id=name):
            return name, ()
        case ast.Attribute(value=inner, attr=key):
            step: tuple[Any, ...] = (key,)
        case ast.Subscript(value=inner, slice=ast.Slice()):
            step = ()
        case ast.Subscript(value=inner, slice=ast.Constant(value=key)):
            step = (key,)
        case ast.Subscript(value=inner):
            step = (ANY,)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in AS_IT_IS:
            step = ()
        case _:
            return None
    root = way_of(inner)
    return None if root is None else (root[0], (*root[1], *step))
