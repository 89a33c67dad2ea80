"""Whether a function reads nothing that may change between two calls.

    fingerprint(f) -> all that f reads besides its arguments, as a key; None if unknown

A graph may be kept only for such a function. Its code is walked, and that of the
functions in it: it may use arguments and local names, modules of mathematics, functions
without effects, its own kind of functions, and numbers and texts, which are compared by
value. All is looked up anew at each call, so that a global bound to something else is
another key. Whatever is not known to be harmless makes the answer None.

    >>> fingerprint(lambda x: abs(x) + 1) is None
    False
    >>> fingerprint(lambda x: print(x)) is None
    True
"""

from __future__ import annotations

import builtins
import dis
import sys
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from whence.api.function import Derivative

MODULES = frozenset(
    {
        "numpy",
        "numpy.linalg",
        "numpy.fft",
        "scipy.special",
        "math",
        "cmath",
        "operator",
        "itertools",
        "functools",
        "whence",
        "whence.numpy",
        "whence.special",
    }
)
BUILTINS = frozenset(
    {
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "callable",
        "complex",
        "dict",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "frozenset",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "pow",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "slice",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
    }
)
# Names in modules and on arrays that read or change what is outside.
EFFECTS = frozenset(
    {
        "random",
        "load",
        "loadtxt",
        "genfromtxt",
        "fromfile",
        "fromregex",
        "memmap",
        "save",
        "savez",
        "savetxt",
        "tofile",
        "savez_compressed",
        "ctypeslib",
        "setflags",
        "geterr",
        "seterr",
        "errstate",
        "setbufsize",
        "lib",
        "testing",
        "core",
        "put",
        "place",
        "copyto",
        "putmask",
        "fill_diagonal",
        "empty",
        "empty_like",
        "cache",
        "lru_cache",
        "attrgetter",
        "methodcaller",
        "learn",
    }
)
PLAIN = (int, float, complex, str, bytes, bool, type(None), np.number, np.bool_)


def fingerprint(function: Any) -> Hashable | None:
    """All that a function reads besides its arguments, by value where it can be."""
    try:
        return tuple(walked(function, {}))
    except NotClosed:
        return None


class NotClosed(Exception):  # noqa: N818 - it never leaves this module
    """The function reads or does something that may change."""


def walked(function: Any, seen: dict[int, int]) -> Iterator[Hashable]:
    """The code of a function and what its names stand for, in a fixed order.

    Args:
        function: Any callable.
        seen: The functions on the way so far, by identity: recursion ends there.
    """
    if isinstance(function, Derivative):
        yield Derivative, function.does, repr(function.wrt), function.has_aux
        yield function.recognise
        yield from walked(function.function, seen)
        return
    if type(function) is not FunctionType:
        yield formula(function)
        return
    if function.__dict__:  # `f.scale` may be set anew
        raise NotClosed
    seen[id(function)] = len(seen)
    code = function.__code__
    names = names_in(code)
    if names is None:
        raise NotClosed
    yield code
    for default in function.__defaults__ or ():
        yield plain(default)
    for name, default in (function.__kwdefaults__ or {}).items():
        yield name, plain(default)
    for content in contents(function, names):
        yield from stands_for(content, seen)


def formula(function: Any) -> Hashable:
    """A formula reads nothing but its arguments; nothing is known of other objects."""
    from whence.frontend.formula import Formula

    if not isinstance(function, Formula):
        raise NotClosed
    return function.text, function.parameters


def contents(function: FunctionType, names: tuple[str, ...]) -> Iterator[Any]:
    """What the global names that a function reads, and its cells, stand for now."""
    for name in names:
        yield looked_up(name, function.__globals__)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for _, cell in cells:
        try:
            yield cell.cell_contents
        except ValueError:
            raise NotClosed from None


def looked_up(name: str, namespace: Mapping[str, Any]) -> Any:
    """A global, or a builtin that has no effects."""
    if name in namespace:
        return namespace[name]
    found = getattr(builtins, name, None)
    if name in BUILTINS:
        return HARMLESS
    if isinstance(found, type) and issubclass(found, BaseException):
        return HARMLESS
    raise NotClosed


HARMLESS = object()


def stands_for(content: Any, seen: dict[int, int]) -> Iterator[Hashable]:
    """What a name stands for, as a part of a key."""
    if content is HARMLESS:
        yield "builtin"
    elif isinstance(content, (*PLAIN, tuple)):
        yield plain(content)
    elif isinstance(content, ModuleType):
        if content.__name__ not in MODULES:
            raise NotClosed
        yield content.__name__
    elif is_harmless(content):
        yield content
    elif id(content) in seen:
        yield "seen", seen[id(content)]
    else:
        yield from walked(content, seen)


def plain(content: Any) -> Hashable:
    """A number or a text by its bits; a tuple of such."""
    if isinstance(content, tuple) and type(content) is tuple:
        return tuple(map(plain, content))
    if not isinstance(content, PLAIN):
        raise NotClosed
    return type(content), repr(content)


def is_harmless(content: Any) -> bool:
    """Whether something is a function or a type of a library that has no effects."""
    if isinstance(content, np.ufunc):
        return content.signature is not None or hasattr(np, content.__name__)
    if isinstance(content, type):
        harmless = content in (bool, int, float, complex, str, list, tuple, dict)
        return harmless or issubclass(content, (np.number, np.bool_))
    module = getattr(content, "__module__", None) or ""
    name = getattr(content, "__name__", "")
    if name in EFFECTS or name.startswith("_"):
        return False
    if isinstance(content, BuiltinFunctionType):
        owner = getattr(content, "__self__", None)
        return isinstance(owner, ModuleType) and owner.__name__ in {
            *MODULES,
            "_operator",
        }
    if module.startswith("whence.") and isinstance(content, FunctionType):
        return not module.startswith("whence.learn")  # plain NumPy, to be followed
    return module in MODULES and getattr(sys.modules[module], name, None) is content


# --------------------------------------------------------------------- the code


@lru_cache(maxsize=1_000)
def names_in(code: CodeType) -> tuple[str, ...] | None:
    """The global names that a code object reads; None if it does more than read."""
    names: dict[str, None] = {}
    outer = frozenset(code.co_freevars)
    waiting = [code]
    while waiting:
        part = waiting.pop()
        waiting += [c for c in part.co_consts if isinstance(c, CodeType)]
        for step in dis.get_instructions(part):
            if not harmless_step(step, outer):
                return None
            if step.opname == "LOAD_GLOBAL":
                names[step.argval] = None
    return tuple(names)


def harmless_step(step: dis.Instruction, outer: frozenset[str]) -> bool:
    """Whether an instruction only reads, and reads only what can be followed."""
    kind = step.opname
    if kind in ("LOAD_ATTR", "LOAD_METHOD"):
        return step.argval not in EFFECTS and not step.argval.startswith("__")
    if "DEREF" in kind:
        return kind.startswith("LOAD") or step.argval not in outer
    if kind == "LOAD_GLOBAL":
        return True
    words = ("GLOBAL", "ATTR", "IMPORT", "BUILD_CLASS", "LOCALS", "ANNOTATIONS")
    return not kind.endswith("_NAME") and not any(word in kind for word in words)
