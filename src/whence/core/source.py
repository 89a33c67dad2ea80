"""Where an operation stands in the user's program: its file, line, scope and name.

    place()     -> the user's frames that are running, innermost first, as one Place
    Place.name  -> the name the source gives to the value computed there, or None

Taking a place costs a walk over the frames and one look-up; everything a reader wants
of it (the line, the chain of functions, the name assigned to) is found when it is asked
for, once per place. Names come from the exact source range of the running instruction
and the syntax tree around it: ``h = np.tanh(a)`` names its result ``h``, and ``w =
helper(g)`` names what helper returns. Nothing here knows what an operation is.
"""

from __future__ import annotations

import ast
import dis
import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

PACKAGE = str(Path(__file__).parent.parent) + "/"
DEEPEST = 64  # frames; a longer stack of the user's own functions is cut

Stop = tuple[CodeType, int]


@dataclass(frozen=True)
class Place:
    """A place in the user's program.

    Attributes:
        stack: The running instruction of each of the user's frames, innermost first.
        text: What to show instead, where the program is no Python source (a formula).
        functions: The scope that goes with ``text``.
    """

    stack: tuple[Stop, ...] = ()
    text: str = ""
    functions: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.text or not self.stack:
            return self.text or "prompt:1"
        code, instruction = self.stack[0]
        file = Path(code.co_filename).name
        shown = "prompt" if code.co_filename.startswith("<") else file
        return f"{shown}:{line_of(code, instruction)}"

    @property
    def file(self) -> str:
        """The path of the file, as Python knows it."""
        return self.stack[0][0].co_filename if self.stack else self.text

    @property
    def scope(self) -> tuple[str, ...]:
        """The user's functions around this place, outermost first."""
        return self.functions or tuple(c.co_name for c, _ in reversed(self.stack))

    @cached_property
    def name(self) -> str | None:
        """The name that the source assigns the value computed here to."""
        for code, instruction in self.stack:
            found = target_of(code, instruction)
            if found is not RETURNED:
                return found
        return None


# ------------------------------------------------------------ taking a place

_located: ContextVar[Place | None] = ContextVar("located", default=None)
_ours: dict[CodeType, bool] = {}
_places: dict[tuple[Stop, ...], Place] = {}


def run_user(function: Any, *args: Any, **named: Any) -> Any:
    """Call the user's function; the places of what it does begin inside this call."""
    return function(*args, **named)


def is_ours(code: CodeType) -> bool:
    """Whether a code object belongs to this package or to NumPy's dispatcher."""
    file = code.co_filename
    ours = (
        file.startswith(PACKAGE) or "/numpy/" in file or file == "<__array_function__"
    )
    ours = ours or file.startswith("<__array_function__") or "/contextlib.py" in file
    _ours[code] = ours
    return ours


def place() -> Place:
    """The place of the operation that is running."""
    fixed = _located.get()
    if fixed is not None:
        return fixed
    stack: list[Stop] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        ours = _ours.get(code)
        if ours is None:
            ours = is_ours(code)
        if not ours:
            stack.append((code, frame.f_lasti))
            if len(stack) == DEEPEST:
                break
        elif code is run_user.__code__ and stack:
            break
        frame = frame.f_back
    key = tuple(stack)
    known = _places.get(key)
    if known is None:
        known = Place(key)
        if len(_places) > 100_000:
            _places.clear()
        _places[key] = known
    return known


def user_line() -> str:
    """Name the line of user code that is running, as ``file:line``."""
    return str(place())


@contextmanager
def located(where: str, scope: tuple[str, ...] = ()) -> Iterator[None]:
    """Give what is written inside the block this place, instead of the running line."""
    token = _located.set(Place(text=where, functions=scope))
    try:
        yield
    finally:
        _located.reset(token)


# ------------------------------------------------- lines and names of a place

RETURNED: Any = object()  # the value is returned, so the caller's frame names it


@lru_cache(maxsize=10_000)
def line_of(code: CodeType, instruction: int) -> int:
    """The line of an instruction."""
    line = positions_of(code)[instruction // 2][0]
    return line or code.co_firstlineno


@lru_cache(maxsize=1_000)
def positions_of(code: CodeType) -> list[tuple[int | None, ...]]:
    """The source range of every instruction of a code object."""
    return list(code.co_positions())


@dataclass(frozen=True)
class Source:
    """The syntax tree of a file, by source range, and the parent of each node."""

    nodes: dict[tuple[int | None, ...], ast.AST]
    parents: dict[ast.AST, ast.AST]


@lru_cache(maxsize=200)
def source_of(file: str, text: str) -> Source:
    """Parse a file once; a file that does not parse names nothing."""
    nodes: dict[tuple[int | None, ...], ast.AST] = {}
    parents: dict[ast.AST, ast.AST] = {}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Source(nodes, parents)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            parents[child] = node
        if isinstance(node, (ast.expr, ast.AugAssign)):
            end = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            nodes[end] = node
    return Source(nodes, parents)


@lru_cache(maxsize=100_000)
def target_of(code: CodeType, instruction: int) -> str | None:
    """The name that the source gives to the value of an instruction.

    ``RETURNED`` when the value is what the function returns.
    """
    lines = linecache.getlines(code.co_filename)
    source = source_of(code.co_filename, "".join(lines))
    node = source.nodes.get(positions_of(code)[instruction // 2])
    if node is None:
        return stored_in(code, instruction) if not lines else None
    found = climb(node, source.parents)
    return found if found is RETURNED or belongs(found, code) else None


def stored_in(code: CodeType, instruction: int) -> Any:
    """The name that the next instruction stores a value in, for code without source."""
    following = (i for i in dis.get_instructions(code) if i.offset > instruction)
    after = next(following, None)
    if after is None or after.opname.startswith("RETURN"):
        return RETURNED
    return after.argval if after.opname.startswith("STORE_") else None


def climb(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Any:
    """Follow a value outwards to the name it is given."""
    if isinstance(node, ast.AugAssign):
        return root_name(node.target)
    index: list[int] = []
    while (parent := parents.get(node)) is not None:
        match parent:
            case ast.Assign(targets=[target, *_]):
                return tuple_name(target, index)
            case ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
                return root_name(target)
            case ast.Return() | ast.Lambda():
                return RETURNED if not index else None
            case ast.Tuple(elts=parts):
                index.append(next(i for i, part in enumerate(parts) if part is node))
            case ast.IfExp() if parent.test is not node:
                pass
            case ast.ListComp() if parent.elt is node:
                pass
            case ast.Dict(keys=keys, values=values):
                key = next(
                    (k for k, v in zip(keys, values, strict=True) if v is node), 0
                )
                text = key.value if isinstance(key, ast.Constant) else None
                return text if isinstance(text, str) and text.isidentifier() else None
            case _:
                return None
        node = parent
    return None


def tuple_name(target: ast.AST, index: list[int]) -> str | None:
    """The name at a position of an assignment's target, for ``a, b = x, y``."""
    for i in reversed(index):
        if not isinstance(target, ast.Tuple) or i >= len(target.elts):
            return None
        target = target.elts[i]
    return root_name(target)


def root_name(target: ast.AST) -> str | None:
    """What a target calls a value: the name, the attribute, or the text key."""
    match target:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))) if name.isidentifier():
            return name
    return None


def belongs(name: str | None, code: CodeType) -> bool:
    """Whether a name (still) occurs in a code object: files change under a program."""
    if name is None:
        return False
    known = (*code.co_varnames, *code.co_names, *code.co_cellvars, *code.co_freevars)
    return (
        name in known
        or name in code.co_consts
        or any(isinstance(c, tuple) and name in c for c in code.co_consts)
    )
