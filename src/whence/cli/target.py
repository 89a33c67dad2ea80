"""What a command is about: a formula, or a function in a file, with its values.

    load(text) -> Target, to be called like ``whence.explain`` calls a function

A file is imported once, under its own name, with its folder on the path, as
``python FILE`` would. What goes wrong in it is the user's to mend, so it is told by the
line in their file and never by a traceback.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from whence.cli.values import Point
from whence.core.errors import UserError
from whence.core.names import similar
from whence.core.source import PACKAGE, user_line
from whence.frontend.formula import parse

IN_A_FILE = re.compile(r"(?P<file>.+\.py)(?::(?P<name>.*))?", re.DOTALL)
SEVERAL = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


@dataclass(frozen=True)
class Target:
    """A function of the user.

    Attributes:
        text: What they called it on the command line.
        function: What to differentiate: a callable, or the text of a formula.
        signature: Its parameters.
        file: Where it stands, unless it is a formula.
        whole: The names that stand for whole numbers; None where that is not known.
    """

    text: str
    function: Callable[..., Any] | str
    signature: inspect.Signature
    file: Path | None = None
    whole: frozenset[str] | None = None

    @property
    def parameters(self) -> list[str]:
        """The names that values can be given to."""
        parameters = self.signature.parameters.values()
        return [p.name for p in parameters if p.kind not in SEVERAL]

    @property
    def takes_any_name(self) -> bool:
        """Whether it takes names that it does not list."""
        kinds = {p.kind for p in self.signature.parameters.values()}
        return inspect.Parameter.VAR_KEYWORD in kinds

    def wrt(self, names: str | None) -> str | tuple[str, ...] | None:
        """Read a list of names to differentiate by; None stands for the first."""
        if names is None:
            return None
        asked = tuple(name.strip() for name in names.split(","))
        for name in asked:
            if name not in self.parameters and not self.takes_any_name:
                where = f"--wrt {names}"
                refuse_name(name, self.parameters, where)
        return asked if len(asked) > 1 else asked[0]

    def values(
        self,
        point: Point,
        wrt: str | tuple[str, ...] | None,
        *,
        whole: bool = True,
    ) -> dict[str, Any]:
        """The values to call the target with.

        In a formula every number is a float but for those that index; in a function
        those that are differentiated are, and all others are as they were given.

        Args:
            point: What was given.
            wrt: What is differentiated.
            whole: Whether every parameter needs one.

        Raises:
            UserError: If one is missing or has no parameter.
        """
        moving = [wrt] if isinstance(wrt, str) else [*(wrt or self.parameters[:1])]
        if self.whole is not None:
            moving += [name for name in self.parameters if name not in self.whole]
        found = point.of(self.parameters, moving)
        self.check(found, whole=whole)
        return found

    def check(self, values: Mapping[str, Any], *, whole: bool = True) -> None:
        """Refuse values that the target cannot be called with.

        Raises:
            UserError: If one is missing or has no parameter.
        """
        for name in values:
            if name not in self.parameters and not self.takes_any_name:
                refuse_name(name, self.parameters, f"--at {name}=...")
        parameters = self.signature.parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty]
        missing = [n for n in needed if n in self.parameters and n not in values]
        if missing and whole:
            verb = "has" if len(missing) == 1 else "have"
            raise UserError(
                f"{' and '.join(missing)} {verb} no value",
                remedy=f"--at {','.join(f'{name}=1.0' for name in missing)}",
                where=self.text,
            )


def refuse_name(name: str, known: list[str], where: str) -> NoReturn:
    """Say that there is no parameter of a name, and which there are."""
    listed = ", ".join(known)
    what = f"the target has no parameter {name!r}; it has {listed or 'none'}"
    remedy = similar(name, known) or (f"one of {listed}" if known else f"no {name!r}")
    raise UserError(what, remedy=remedy, where=where)


# --------------------------------------------------------------------- loading


def load(text: str, given: Iterator[str] | tuple[str, ...] = ()) -> Target:
    """Find what a target on the command line stands for.

    Args:
        text: A formula, or ``FILE.py:FUNCTION``.
        given: Names that have a value, even where they are constants of formulas.
    """
    match = IN_A_FILE.fullmatch(text.strip())
    if match is None:
        formula = parse(text, given)
        return Target(text, text, inspect.signature(formula), whole=formula.whole)
    file, name = Path(match["file"]), match["name"]
    if not file.is_file():
        raise UserError(
            f"there is no file {file}", remedy="the path from this folder", where=text
        )
    function = find(import_file(file), name, file)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = inspect.Signature()
    return Target(text, function, signature, file)


def import_file(file: Path) -> ModuleType:
    """Import a file of the user."""
    file = file.resolve()
    name = file.stem if file.stem not in sys.modules else f"_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None, "a .py file has a spec"
    assert spec.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        where = f"{Path(error.filename or file).name}:{error.lineno}"
        what = f"{file.name} cannot be read: {error.msg}"
        raise UserError(what, remedy=f"python {file.name}", where=where) from error
    except SystemExit as error:
        what = f"{file.name} ends the program while it is imported"
        remedy = "if __name__ == '__main__': before what runs as a script"
        raise UserError(what, remedy=remedy, where=place(error, file)) from error
    except Exception as error:
        what = f"{file.name} cannot be imported: {said(error)}"
        remedy = f"python {file.name}, until it runs"
        raise UserError(what, remedy=remedy, where=place(error, file)) from error
    return module


def find(module: ModuleType, name: str | None, file: Path) -> Callable[..., Any]:
    """The function of a name in a file of the user."""
    found = getattr(module, name, None) if name else None
    if callable(found):
        return found  # type: ignore[no-any-return]
    known = [
        key
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    ]
    near = similar(name, known) if name else None
    what = f"{file.name} has no function {name!r}"
    if not name:
        what = f"{file.name} is a file, and no function of it is named"
    elif found is not None:
        what = f"{name!r} in {file.name} is no function"
    choice = near or (known[0] if known else "FUNCTION")
    listed = f"; it has {', '.join(known)}" if known else ""
    raise UserError(what + listed, remedy=f"{file}:{choice}", where=f"{file.name}")


# ------------------------------------------------------------ the user's mistakes


@contextmanager
def users_program(target: Target) -> Iterator[None]:
    """Tell what is raised in the user's program by its line there.

    Arithmetic that fails when no line of theirs is running is told by the target; any
    other error without such a line is ours, and passes.
    """
    try:
        yield
    except UserError as error:
        if error.where != user_line():
            raise
        # No line of theirs was running, so the place found is that of this command.
        what, remedy = error.what, error.remedy
        raise UserError(what, remedy=remedy, where=target.text) from error
    except Exception as error:
        where = place(error, target.file) if target.file else None
        if where is None and not isinstance(error, (ValueError, ArithmeticError)):
            raise
        what = f"{target.text} raises {said(error)}"
        remedy = "other values, or a look at this line" if where else "other values"
        raise UserError(what, remedy=remedy, where=where or target.text) from error


def said(error: BaseException) -> str:
    """An error as Python would print it, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place(error: BaseException, file: Path) -> str | None:
    """The innermost line of the user's files, beside this one, that led to an error."""
    folder = str(file.resolve().parent)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = frame.filename
        installed = "site-packages" in path or path.startswith(PACKAGE)
        if path.startswith(folder) and not installed:
            return f"{Path(path).name}:{frame.lineno}"
    return None
