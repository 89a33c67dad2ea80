"""A tracer: a handle onto a value of a graph still being written.

Arithmetic on a tracer, NumPy's functions and its methods write equations instead of
computing numbers. What a function of NumPy becomes is found in ``ANSWERS``, which the
records fill; this module names no operation of ours, only NumPy's.

A tracer does not hold its value but a buffer that does, because NumPy's arrays can be
written in place: ``x[i] = v`` puts a new value into the buffer, and every other handle
onto it, and every view of it, sees the change.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import ShapeError, TraceError
from whence.core.graph import Atom, Origin
from whence.core.primitive import ANSWERS
from whence.core.source import place

if TYPE_CHECKING:
    from numpy.lib.mixins import NDArrayOperatorsMixin as Operators

    from whence.core.builder import Builder
else:
    Operators = object  # the operators are set below the class


class Buffer:
    """What a tracer is a handle onto: a value, how often written, and whose it is."""

    __slots__ = ("atom", "borrowed", "version")

    def __init__(self, atom: Atom, *, borrowed: bool) -> None:
        self.atom, self.borrowed, self.version = atom, borrowed, 0


@dataclass(frozen=True)
class Rearranged:
    """A view of all entries of an array in another order: a transpose, a reshape.

    Attributes:
        name: What made it.
        read: The view of an array.
        back: The array of a view; None where NumPy's layout decides what a write does.
    """

    name: str
    read: Callable[[Tracer], Tracer]
    back: Callable[[Tracer], Tracer] | None = None

    def undone(self, value: Tracer) -> Tracer:
        """The array whose view has a value."""
        if self.back is None:
            raise TraceError(
                f"the program writes into the result of {self.name}, which is a view "
                "or a copy as the layout in memory decides",
                remedy=f"write into the array before {self.name}, or copy() after it",
            )
        return self.back(value)


class Tracer(Operators):
    """A value of a graph still being written.

    Attributes:
        builder: The graph.
        parent: The tracer that this is a view of, if it is one.
        index: Where in the parent: an index, or a ``Rearranged``.
    """

    __slots__ = ("_seen", "buffer", "builder", "index", "parent", "rebinds")
    __array_priority__ = 1_000.0

    def __init__(self, builder: Builder, atom: Atom, *, borrowed: bool = False) -> None:
        self.builder = builder
        self.buffer = Buffer(atom, borrowed=borrowed)
        self.parent: Tracer | None = None
        self.index: Any = None
        self._seen = 0
        # NumPy's scalars are immutable: on them `a += 1` gives the name a new value
        self.rebinds = not atom.aval.shape

    # ------------------------------------------------------------- the value

    @property
    def atom(self) -> Atom:
        """The value now: read again through the parents when one was written."""
        if self.parent is not None:
            now = self.parent.atom_and_version()
            if now != self._seen:
                self.buffer.atom = self.parent.viewed(self.index).buffer.atom
                self._seen = now
        return self.buffer.atom

    def atom_and_version(self) -> int:
        """How often the buffer at the root of this view was written."""
        root = self
        while root.parent is not None:
            root = root.parent
        return root.buffer.version

    def viewed(self, index: Any) -> Tracer:
        """Read through an index without becoming a view."""
        if isinstance(index, Rearranged):
            return index.read(self)
        found: Tracer = ANSWERS[operator.getitem](self, index)
        return found

    def view_of(self, parent: Tracer, index: Any) -> Tracer:
        """Become a view of another tracer, at an index."""
        self.parent, self.index = parent, index
        self._seen = parent.atom_and_version()
        self.rebinds = False
        return self

    def write(self, atom: Atom) -> None:
        """Put a new value into the buffer, through the views up to its root."""
        target = self
        while target.parent is not None:
            value = Tracer(target.builder, atom)
            if isinstance(target.index, Rearranged):
                put = target.index.undone(value)
            else:
                put = ANSWERS[operator.setitem](target.parent, target.index, value)
            atom, target = put.atom, target.parent
        if target.buffer.borrowed:
            raise TraceError(
                "the program writes into an array that is an argument of the "
                "differentiated function",
                remedy="x = x.copy() first, then write into the copy",
            )
        target.buffer.atom = atom
        target.buffer.version += 1

    @property
    def aval(self) -> Aval:
        """Shape and dtype."""
        return self.atom.aval

    shape = property(lambda self: self.atom.aval.shape)
    dtype = property(lambda self: self.atom.aval.dtype)
    ndim = property(lambda self: len(self.atom.aval.shape))
    size = property(lambda self: self.atom.aval.size)
    nbytes = property(lambda self: self.size * self.dtype.itemsize)
    itemsize = property(lambda self: self.dtype.itemsize)

    def __repr__(self) -> str:
        name = self.builder.name_of(self.buffer.atom)
        maker = self.builder.made.get(self.buffer.atom)  # type: ignore[arg-type]
        by = f", made by {maker.primitive} at {maker.origin.where}" if maker else ""
        return f"<traced {self.buffer.atom.aval}{' ' + name if name else ''}{by}>"

    # ---------------------------------------------------- NumPy's two protocols

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **options: Any
    ) -> Any:
        key = ufunc if method == "__call__" else (ufunc, method)
        answer = ANSWERS.get(key)
        if answer is None and getattr(np, ufunc.__name__, None) is not ufunc:
            answer = ANSWERS.get(f"special.{ufunc.__name__}")  # SciPy's
        if answer is None:
            raise missing(ufunc, method)
        out = options.pop("out", None)
        result = answer(*inputs, **options)
        if out is None or out[0] is None:
            return result
        if not isinstance(out[0], Tracer):
            raise TraceError(
                "a traced value was written into a NumPy array (out=)",
                remedy="acc = acc + x, which makes a new array",
            )
        return assign(out[0], result)

    def __array_function__(
        self, function: Any, types: Any, args: Any, options: Any
    ) -> Any:
        answer = ANSWERS.get(function)
        if answer is None:
            raise missing(function)
        return answer(*args, **options)

    # ------------------------------------------------------ asked for a number

    def __bool__(self) -> bool:
        if self.size != 1:
            return bool(np.empty(self.shape))  # NumPy's own error
        self.builder.branched = True
        answer = bool(self.builder.number(self.atom))
        self.builder.decisions.append((place(), answer))
        return answer

    def _python_number(self, kind: Callable[[Any], Any]) -> Any:
        """This value as a Python number, if that loses no derivative."""
        atom, builder = self.atom, self.builder
        if atom.aval.dtype.kind in "fc" and builder.depends(atom):
            raise TraceError(
                f"{kind.__name__}() of {self._shown()}, which depends on an argument "
                "that is differentiated; a plain number would lose its derivative",
                remedy="np.sin(x) for math.sin(x); whence.numpy.stack to build arrays",
            )
        builder.branched = True
        return kind(builder.number(atom))

    def _shown(self) -> str:
        name = self.builder.name_of(self.buffer.atom)
        return f"{name} ({self.aval})" if name else f"a traced {self.aval}"

    def __float__(self) -> float:
        found: float = self._python_number(float)
        return found

    def __int__(self) -> int:
        found: int = self._python_number(int)
        return found

    def __complex__(self) -> complex:
        found: complex = self._python_number(complex)
        return found

    def __index__(self) -> int:
        found: int = self._python_number(operator.index)
        return found

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self.aval.dtype.kind in "fc" and self.builder.depends(self.atom):
            raise TraceError(
                f"NumPy asked for the numbers of {self._shown()}, which would lose its "
                "derivative (a list of traced values, or a function NumPy hands on)",
                remedy="whence.numpy has the function under the same name",
            )
        self.builder.branched = True
        return np.array(self.builder.number(self.atom), dtype)

    def item(self) -> Any:
        """The single number of a value that depends on nothing differentiated."""
        return self._python_number(float if self.dtype.kind == "f" else int)

    def tolist(self) -> Any:
        """The numbers, where that loses no derivative."""
        return self.__array__().tolist()

    def __format__(self, spec: str) -> str:
        self.builder.branched = True
        return format(self.builder.number(self.atom)[()], spec)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TraceError(
            "a traced value was pickled or deep-copied",
            remedy="return the value from the function first; x.copy() copies an array",
        )

    def __hash__(self) -> int:
        return id(self)

    # -------------------------------------------------- containers and indexing

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tracer]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.shape[0]))

    def __getitem__(self, index: Any) -> Tracer:
        found: Tracer = ANSWERS[operator.getitem](self, index)
        basic = index if isinstance(index, tuple) else (index,)
        if found.shape and all(
            isinstance(i, (int, slice, np.integer)) or i is None or i is Ellipsis
            for i in basic
        ):
            found.view_of(self, index)
        return found

    def __setitem__(self, index: Any, value: Any) -> None:
        put = ANSWERS[operator.setitem](self, index, value)
        self.write(put.atom)

    def __getattr__(self, name: str) -> Any:
        from whence.core.names import attribute

        return attribute(self, name)


# ------------------------------------------------------- operators and methods


def operate(function: Any, *, swap: bool = False) -> Callable[[Tracer, Any], Any]:
    """The method by which an operator becomes what a function of NumPy becomes."""

    def write(self: Tracer, other: Any) -> Any:
        if isinstance(other, (str, bytes, dict, set)) or other is None:
            return NotImplemented
        answer = ANSWERS[function]
        return answer(other, self) if swap else answer(self, other)

    return write


def operate_in_place(function: Any) -> Callable[[Tracer, Any], Tracer]:
    """The method for ``x += y``: scalars rebind, arrays are written."""

    def write(self: Tracer, other: Any) -> Tracer:
        result: Tracer = ANSWERS[function](self, other)
        return result if self.rebinds else assign(self, result)

    return write


def assign(target: Tracer, result: Tracer) -> Tracer:
    """Write a whole new value into an array, as ``out=`` and ``x += y`` do."""
    if target.rebinds:
        return result
    target.write(ANSWERS[operator.setitem](target, Ellipsis, result).atom)
    return target


for _name, _function in {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
    "matmul": np.matmul,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
}.items():
    setattr(Tracer, f"__{_name}__", operate(_function))
    setattr(Tracer, f"__r{_name}__", operate(_function, swap=True))
    setattr(Tracer, f"__i{_name}__", operate_in_place(_function))
for _name, _function in {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}.items():
    setattr(Tracer, f"__{_name}__", operate(_function))
for _name, _function in {
    "neg": np.negative,
    "pos": np.positive,
    "abs": np.abs,
    "invert": np.invert,
}.items():
    setattr(Tracer, f"__{_name}__", lambda self, f=_function: ANSWERS[f](self))


def missing(function: Any, method: str = "__call__") -> TraceError:
    """The error for a function of NumPy without an answer, with the nearest."""
    from whence.core.names import nearest

    name = getattr(function, "__name__", str(function))
    module = getattr(function, "__module__", None) or "numpy"
    how = f".{method}" if method != "__call__" else ""
    return TraceError(
        f"{module}.{name}{how} has no derivative here", remedy=nearest(name)
    )


def entered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function a door through which the user's program writes a graph.

    What is written inside gets the user's place as its origin, and the result may be
    named by that place's source.
    """

    @wraps(function)
    def enter(*args: Any, **named: Any) -> Any:
        builder = deepest(args, named)
        if builder is None or builder.origin is not None:
            return function(*args, **named)
        where = place()
        builder.origin = Origin("traced", where)
        try:
            result = function(*args, **named)
        except ShapeError as error:
            raise about_operands(error, tracers_in(args, named)) from None
        finally:
            builder.origin = None
        if isinstance(result, Tracer):
            builder.assigned(result.buffer.atom, where)
        return result

    return enter


def tracers_in(args: Any, named: dict[str, Any]) -> Iterator[Tracer]:
    """The tracers in some arguments, one list deep."""
    for x in (*args, *named.values()) if named else args:
        for y in x if type(x) in (list, tuple) else (x,):
            if isinstance(y, Tracer):
                yield y


def deepest(args: Any, named: dict[str, Any]) -> Builder | None:
    """The innermost graph among the tracers in some arguments, one list deep."""
    found: Builder | None = None
    for x in tracers_in(args, named):
        if found is None or x.builder.depth > found.depth:
            found = x.builder
    return found


def about_operands(error: ShapeError, operands: Iterator[Tracer]) -> ShapeError:
    """An error about shapes that tells whose they are, as far as they have names."""
    known = {x.builder.name_of(x.buffer.atom): x.shape for x in operands}
    sizes = {k: "×".join(map(str, s)) or "a number" for k, s in known.items() if k}
    if not sizes:
        return error
    whose = ", ".join(f"{name} is {size}" for name, size in sizes.items())
    what = f"{error.what} ({whose})"
    return ShapeError(what, remedy=error.remedy, where=error.where)


def name_value(value: Any, name: str) -> None:
    """Name a traced value as an assignment does; anything else has no names."""
    if isinstance(value, Tracer):
        value.builder.rename(value.atom, name)
