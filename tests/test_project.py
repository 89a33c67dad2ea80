"""The project keeps its own rules: floors, sizes, and what an import may load.

Nothing here knows what the code computes. Each message names the file and the line.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "whence"
FOLDERS = [ROOT / name for name in ("src", "tests", "examples", "benchmarks")]
SOURCES = sorted(PACKAGE.rglob("*.py"))
PYTHON = sorted(file for folder in FOLDERS for file in folder.rglob("*.py"))
TEXTS = sorted([*PYTHON, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

FILE_LINES = 600
FUNCTION_LINES = 50
LINE_LENGTH = 88
PUBLIC_NAMES = 30
BUDGET_LINES = 2500
MODES = ("forward", "transpose", "reverse")  # with core, the heart

# The floor of each package and module of whence; the package itself stands above all.
FLOORS = {
    "core": 0,
    "ops": 1,
    "transform": 2,
    "simplify": 2,
    "numpy": 2,  # made from the records
    "special": 2,
    "frontend": 3,
    "explain": 3,
    "lineage": 3,
    "backend": 3,
    "api": 4,
    "learn": 5,
    "cli": 6,
    "explorer": 6,
    "__main__": 7,
    "__init__": 7,
}
# The one exception between neighbours: tidying what a rewrite leaves behind.
NEIGHBOURS = {("simplify", "transform")}
# Packages of one floor that this one may not import, though they lie below it.
ALONE = {"transform": {"core"}}

# The modules that are named for an optional or a slow package, and alone import it.
NAMED_FOR = {
    "llvmlite": ("backend/native",),
    "jax": ("backend/xla", "frontend/jaxpr"),
    "sympy": ("frontend/sympy",),
    "torch": ("frontend/torch_export",),
}
# Loaded when first needed: never by `import whence`, so never at the top of a module.
LAZY = {*NAMED_FOR, "scipy", "sklearn"}

every_source = pytest.mark.parametrize(
    "file", SOURCES, ids=lambda file: str(file.relative_to(PACKAGE))
)
every_python_file = pytest.mark.parametrize(
    "file", PYTHON, ids=lambda file: str(file.relative_to(ROOT))
)


# ------------------------------------------------------------------- reading


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def place(file: Path, line: int = 1) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def none_of(faults: Iterator[str]) -> None:
    """Fail with one line for each fault."""
    found = list(faults)
    assert not found, "\n".join(["", *found])


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """The full names that a file imports, wherever in it, with their lines."""
    package = ("whence", *file.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def unconditional_imports(file: Path) -> Iterator[tuple[str, int]]:
    """The packages that are loaded whenever the file is imported."""
    for node in tree(file).body:
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def part(name: str) -> str:
    """The package or module of whence that a full name lies in."""
    words = name.split(".")
    return words[1] if len(words) > 1 and words[1] in FLOORS else "__init__"


def home(file: Path) -> str:
    """The package or module of whence that a file lies in."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


# -------------------------------------------------------------------- floors


@every_source
def test_each_file_lies_on_a_floor(file):
    assert home(file) in FLOORS, f"{place(file)}: which floor is {home(file)} on?"


@every_source
def test_imports_lead_downwards(file):
    none_of(
        f"{place(file, line)}: {home(file)} (floor {FLOORS[home(file)]}) imports "
        f"{name} (floor {FLOORS[part(name)]})"
        for name, line in imports(file)
        if name.split(".")[0] == "whence"
        and part(name) != home(file)
        and (home(file), part(name)) not in NEIGHBOURS
        and FLOORS[part(name)] >= FLOORS[home(file)]
    )


@every_source
def test_transform_imports_core_alone(file):
    allowed = ALONE.get(home(file))
    none_of(
        f"{place(file, line)}: {home(file)} may import {sorted(allowed)}, not {name}"
        for name, line in imports(file)
        if allowed and name.split(".")[0] == "whence"
        if part(name) not in {*allowed, home(file)}
    )


@every_source
def test_core_and_transform_need_numpy_alone(file):
    none_of(
        f"{place(file, line)}: {home(file)} may import NumPy alone, not {name}"
        for name, line in imports(file)
        if home(file) in {"core", "transform"}
        if name.split(".")[0] not in {*sys.stdlib_module_names, "numpy", "whence"}
    )


@every_source
def test_other_systems_are_imported_in_the_modules_named_for_them(file):
    inside = file.relative_to(PACKAGE).as_posix()
    none_of(
        f"{place(file, line)}: {name} is imported outside {' and '.join(homes)}"
        for name, line in imports(file)
        if (homes := NAMED_FOR.get(name.split(".")[0]))
        if not inside.startswith(homes)
    )


@every_source
def test_slow_packages_are_imported_when_first_needed(file):
    inside = file.relative_to(PACKAGE).as_posix()
    none_of(
        f"{place(file, line)}: import {name} in the function that needs it"
        for name, line in unconditional_imports(file)
        if name in LAZY and not inside.startswith(NAMED_FOR.get(name, ("nowhere",)))
    )


def test_importing_whence_loads_no_slow_package():
    ask = f"import sys, whence; print(*sorted({LAZY!r} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    )
    assert not answer.stdout.split(), f"import whence loads {answer.stdout.strip()}"


# --------------------------------------------------------------------- sizes


@every_python_file
def test_no_file_is_too_long(file):
    length = len(lines(file))
    assert length <= FILE_LINES, (
        f"{place(file, length)}: {length} lines, the limit is {FILE_LINES}"
    )


@every_python_file
def test_no_function_is_too_long(file):
    functions = (
        node
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    none_of(
        f"{place(file, f.lineno)}: {f.name} has {length} lines, the limit is "
        f"{FUNCTION_LINES}"
        for f in functions
        if (length := (f.end_lineno or f.lineno) + 1 - f.lineno) > FUNCTION_LINES
    )


@every_python_file
def test_no_line_is_too_long(file):
    none_of(
        f"{place(file, i)}: {len(line)} characters, the limit is {LINE_LENGTH}"
        for i, line in enumerate(lines(file), 1)
        if len(line) > LINE_LENGTH
    )


def test_the_heart_stays_within_its_budget():
    outside = {"serialize", "notation", "errors"}
    core = [file for file in SOURCES if home(file) == "core"]
    heart = [file for file in core if not outside & {file.stem, file.parent.name}]
    heart += [PACKAGE / f"transform/{name}.py" for name in MODES]
    sizes = {file: len(lines(file)) for file in heart}
    assert sum(sizes.values()) <= BUDGET_LINES, "\n".join(
        [f"{sum(sizes.values())} lines, the budget is {BUDGET_LINES}"]
        + [place(file, length) for file, length in sizes.items()]
    )


# --------------------------------------------------------------------- words


def test_the_public_names_are_few_and_exist():
    import whence

    file = PACKAGE / "__init__.py"
    names = whence.__all__
    assert len(set(names)) == len(names), f"{place(file)}: a name is listed twice"
    assert len(names) <= PUBLIC_NAMES, (
        f"{place(file)}: {len(names)} public names, the limit is {PUBLIC_NAMES}"
    )
    missing = [name for name in names if not hasattr(whence, name)]
    assert not missing, f"{place(file)}: {missing} are listed and do not exist"


def test_nothing_is_left_to_do():
    words = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    none_of(
        f"{place(file, i)}: do it, or write it down as an issue: {line.strip()}"
        for file in TEXTS
        for i, line in enumerate(lines(file), 1)
        if any(word in line for word in words)
    )


@every_source
def test_each_module_says_what_it_is(file):
    assert ast.get_docstring(tree(file)), f"{place(file)}: no docstring"
