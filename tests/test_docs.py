r"""Everything that the documentation shows is run.

Docstrings are doctests. In README.md and docs/, the blocks of one file run in order
and share one namespace:

    ```python      statements are executed; a session of >>> lines is a doctest; what
                   a block prints is compared with a ```text block right below it
    ```console     lines of `$ whence ...` run as the command line does, in a folder
                   that holds a copy of examples/, and `$ cat FILE` shows a file there;
                   blocks that start with another command are not run
    ```text        and all others are read by people only

Notebooks in examples/ run from top to bottom.
"""

import contextlib
import doctest
import importlib
import io
import linecache
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
EXAMPLES = ROOT / "examples"
MODULES = sorted((SOURCE / "whence").rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOTEBOOKS = sorted(EXAMPLES.rglob("*.ipynb"))

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)[^`\n]*$")
NOTEBOOK_SECONDS = 300


def short(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of its own to run in, with the examples, and a plain terminal."""
    if EXAMPLES.exists():
        shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "88")


def run_session(session: doctest.DocTest) -> None:
    """Run a session of >>> lines, and fail with what differs."""
    report: list[str] = []
    runner = doctest.DocTestRunner(
        verbose=False, optionflags=doctest.ELLIPSIS | doctest.REPORT_NDIFF
    )
    runner.run(session, out=report.append, clear_globs=False)
    assert not runner.summarize(verbose=False).failed, "".join(report)


# ---------------------------------------------------------------- docstrings


@pytest.mark.parametrize("file", MODULES, ids=short)
def test_the_examples_in_docstrings_are_true(file):
    path = file.relative_to(SOURCE).with_suffix("")
    module = importlib.import_module(".".join(path.parts).removesuffix(".__init__"))
    for session in doctest.DocTestFinder().find(module):
        run_session(session)


# --------------------------------------------------------------------- pages


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, on its lines `start` to `end`."""

    language: str
    text: str
    start: int
    end: int

    def printed_by(self, other: "Block") -> bool:
        """Whether this is the text right below another block."""
        return self.language == "text" and self.start - other.end in {1, 2}


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    fence, body, start = None, [], 0
    for i, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if fence is None:
            if fence := FENCE.match(line):
                body, start = [], i
        elif line.strip() == "```":
            found.append(Block(fence["language"], "\n".join(body), start, i))
            fence = None
        else:
            body.append(line.removeprefix(fence["indent"]))
    assert fence is None, f"{short(page)}:{start}: the block is not closed"
    return found


def trimmed(text: str) -> str:
    """The text without the white space at the ends of its lines, or below it."""
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def run_python(block: Block, names: dict, place: str) -> str:
    """Execute a block, or check it where it is a session; return what it prints."""
    if block.text.lstrip().startswith(">>>"):
        parser = doctest.DocTestParser()
        text = f"{block.text}\n"
        run_session(parser.get_doctest(text, names, place, place, block.start))
        return ""
    # The source is kept where a traceback, and whence, looks for it.
    file, source = f"<{place}>", block.text.splitlines(keepends=True)
    linecache.cache[file] = (len(block.text), None, source, file)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, file, "exec"), names)
    return printed.getvalue()


def run_console(block: Block) -> str:
    """Run the commands of a block; return it with what they print now."""
    found = []
    for command in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        typed = re.match(r"(?:.*\\\n)*.*", command)[0]
        printed = trimmed(answer(typed.replace("\\\n", "")))
        found.append(f"$ {typed}\n{printed}" if printed else f"$ {typed}")
    return "\n".join(found)


def answer(line: str) -> str:
    """What the terminal shows for a command."""
    program, *arguments = shlex.split(line, comments=True)
    if program == "cat":
        return "\n".join(Path(name).read_text(encoding="utf-8") for name in arguments)
    assert program == "whence", f"only whence and cat are run here, not {program}"
    from whence.cli import main

    result = CliRunner().invoke(main, arguments, prog_name="whence")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def printed(page: Path) -> Iterator[tuple[Block, str]]:
    """Run a page; each of its blocks that shows output, and what that is now."""
    names = {"__name__": "__main__"}
    for block, below in zip_longest(found := blocks(page), found[1:]):
        if block.language == "console" and re.match(r"\$ (whence|cat) ", block.text):
            yield block, run_console(block)
        elif block.language == "python":
            text = run_python(block, names, f"{short(page)}:{block.start}")
            if below and below.printed_by(block):
                yield below, trimmed(text)


def rewritten(page: Path, shown: list[tuple[Block, str]]) -> None:
    """Write into a page what its blocks print now."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for block, text in reversed(shown):
        indent = FENCE.match(lines[block.start - 1])["indent"]
        new = [f"{indent}{line}".rstrip() for line in text.splitlines()]
        lines[block.start : block.end - 1] = new
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_the_blocks_of_a_page_run_and_print_what_it_says(page, request):
    if request.config.getoption("--rewrite-golden"):
        rewritten(page, list(printed(page)))
    for block, text in printed(page):
        assert text == trimmed(block.text), f"{short(page)}:{block.start}"


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_the_links_of_a_page_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    broken = [link for link in links if not (page.parent / link).exists()]
    assert not broken, f"{short(page)} links to {', '.join(broken)}"


# ----------------------------------------------------------------- notebooks


@pytest.mark.parametrize("file", NOTEBOOKS, ids=short)
@pytest.mark.filterwarnings("default")  # those of the kernel's own machinery
def test_a_notebook_runs_from_top_to_bottom(file):
    import nbclient
    import nbformat

    notebook = nbformat.read(file, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=NOTEBOOK_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": "examples"}},
    )
    client.execute()
