"""The values of a point, from the command line or from a file.

    read_point(items) -> Point: the values by name, and which came from a file

``x=2,y=3`` and ``W=[[1,0],[0,1]]`` are numbers and lists of numbers, ``x=pi/4`` is a
formula without names, ``data.npz`` holds arrays by name, ``data.csv`` columns by name.
Nothing of it is run as code.

    >>> read_point(["x=2,y=-1.5", "W=[[1,0],[0,1]]"]).values["W"].shape
    (2, 2)
"""

from __future__ import annotations

import ast
import csv
import unicodedata
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from whence.core.errors import UserError
from whence.frontend.formula import FormulaError, parse

EXAMPLE = "numbers or lists of numbers: --at x=2,y=[1,0.5]"
NUMBERS = "biufc"  # kinds of dtype that hold numbers


@dataclass(frozen=True)
class Point:
    """Values by name.

    Attributes:
        values: All of them.
        from_files: The names that came from a file, which may hold more than is needed.
    """

    values: Mapping[str, Any]
    from_files: frozenset[str] = frozenset()

    def of(
        self, parameters: Collection[str], floats: Collection[str]
    ) -> dict[str, Any]:
        """The values for a function.

        Args:
            parameters: Its names; what a file holds beyond them is left out.
            floats: The names whose whole numbers become floats.
        """
        return {
            name: as_input(name, value, as_float=name in floats)
            for name, value in self.values.items()
            if name in parameters or name not in self.from_files
        }


def read_sizes(items: Iterable[str]) -> dict[str, str] | None:
    """Read all that was given with ``--shapes``; None where it was not.

    >>> read_sizes(["X=n d, w=d", "y=n in m"])
    {'X': 'n d', 'w': 'd', 'y': 'n in m'}

    Raises:
        UserError: If one of them has no name.
    """
    found: dict[str, str] = {}
    given = list(items)
    for text in (text for item in given for text in item.split(",") if text.strip()):
        name, equals, sizes = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise UserError(
                f"{text.strip()!r} is no shape",
                remedy='a name and its sizes: --shapes "X=n d, w=d"',
                where=f"--shapes {text.strip()}",
            )
        found[name.strip()] = sizes.strip()
    return found if given else None


def as_input(name: str, value: Any, *, as_float: bool) -> Any:
    """A value as a function wants it: numbers, and floats where it is no index."""
    if not isinstance(value, np.ndarray):
        return float(value) if as_float and type(value) is int else value
    if value.dtype.kind not in NUMBERS:
        what = f"{name!r} holds text: {str(value.flat[0])!r}"
        raise UserError(what, remedy="a column of numbers", where=f"--at {name}")
    return value.astype(np.float64) if as_float and value.dtype.kind in "biu" else value


def read_point(items: Iterable[str]) -> Point:
    """Read all that was given with ``--at``.

    Raises:
        UserError: If one of them is no value, or its file cannot be read.
    """
    values: dict[str, Any] = {}
    from_files: set[str] = set()
    for item in items:
        suffix = Path(item).suffix.lower()
        if suffix in READERS and "=" not in item:
            found = READERS[suffix](Path(item))
            from_files |= found.keys()
            values |= found
            continue
        for assignment in split(item):
            name, text = named(assignment)
            if name in values and name not in from_files:
                refuse(f"{name!r} is given twice", item, remedy="it once")
            values[name] = value(text, item)
            from_files.discard(name)
    return Point(values, frozenset(from_files))


def refuse(what: str, item: str, remedy: str = EXAMPLE) -> NoReturn:
    """Refuse a value of the command line."""
    shown = item if len(item) < 70 else f"{item[:67]}..."
    raise UserError(what, remedy=remedy, where=f"--at {shown}")


# -------------------------------------------------------------- the command line


def split(item: str) -> list[str]:
    """Split at the commas that stand outside of brackets."""
    parts, depth = [""], 0
    for character in item:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    if depth:
        refuse("a bracket is not closed", item)
    return [part for part in parts if part.strip()]


def named(assignment: str) -> tuple[str, str]:
    """Split an assignment into its name and its text."""
    name, equals, text = assignment.partition("=")
    name = unicodedata.normalize("NFKC", name.strip())
    if not equals and assignment.strip().isidentifier():
        refuse(f"{name!r} has no value", assignment, remedy=f"--at {name}=1.0")
    if not equals or not name.isidentifier() or not text.strip():
        what = f"{assignment.strip()!r} is no NAME=VALUE, .npz or .csv"
        refuse(what, assignment)
    return name, text.strip()


def value(text: str, item: str) -> Any:
    """Read a number, a list of numbers, or a formula without names."""
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        found = computed(text, item)
    if isinstance(found, bool | int | float):
        return found
    if not isinstance(found, list | tuple):
        refuse(f"{text!r} is no number", item)
    try:
        array = np.asarray(found)
    except ValueError:
        refuse("the rows of a list differ in length", item, "rows of one length")
    if array.dtype.kind not in NUMBERS:
        refuse(f"{text!r} holds something that is no number", item)
    return array


def computed(text: str, item: str) -> Any:
    """The value of a formula without names, such as ``pi/4``."""
    try:
        formula = parse(text)
    except FormulaError as error:
        refuse(f"{text!r} is no value: {error.what}", item)
    if formula.parameters:
        what = f"{text!r} is no value: {formula.parameters[0]!r} has none"
        refuse(what, item)
    return formula()


# ------------------------------------------------------------------------- files


def read_npz(file: Path) -> dict[str, Any]:
    """The arrays of an .npz file, by name."""
    remedy = "a file written by numpy.savez, with arrays of numbers"
    try:
        with np.load(existing(file), allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        what = f"{file} cannot be read: {error}"
        raise UserError(what, remedy=remedy, where=f"--at {file}") from error


def read_csv(file: Path) -> dict[str, Any]:
    """The columns of a .csv file, by the names in its first line."""
    with existing(file).open(newline="", encoding="utf-8-sig") as lines:
        try:
            rows = [row for row in csv.reader(lines) if row]
        except (UnicodeDecodeError, csv.Error) as error:
            what, remedy = f"{file} cannot be read: {error}", "UTF-8 text"
            raise UserError(what, remedy=remedy, where=f"--at {file}") from error
    if len(rows) < 2:
        what, remedy = f"{file} has no rows", "names in its first line, then numbers"
        raise UserError(what, remedy=remedy, where=f"--at {file}")
    names, *body = rows
    for i, row in enumerate(body, 2):
        if len(row) != len(names):
            what = f"row {i} of {file} has {len(row)} cells, the first has {len(names)}"
            remedy = "as many cells in each row"
            raise UserError(what, remedy=remedy, where=f"{file.name}:{i}")
    columns = zip(*body, strict=True)
    return {
        name.strip().replace(" ", "_"): column(cells)
        for name, cells in zip(names, columns, strict=True)
    }


def column(cells: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """A column as whole numbers, else floats (an empty cell is nan), else text."""
    texts = [cell.strip() for cell in cells]
    for convert in (int, lambda text: float(text or "nan")):
        try:
            return np.asarray([convert(text) for text in texts])
        except (ValueError, OverflowError):
            continue
    return np.asarray(texts)


def existing(file: Path) -> Path:
    """The file, which must exist."""
    if not file.is_file():
        what, remedy = f"there is no file {file}", "the path from this folder"
        raise UserError(what, remedy=remedy, where=f"--at {file}")
    return file


READERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    ".npz": read_npz,
    ".csv": read_csv,
}
