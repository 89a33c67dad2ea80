"""What all tests share: one hypothesis profile, and texts kept as golden files."""

from pathlib import Path

import pytest
from hypothesis import settings

GOLDEN = Path(__file__).parent / "golden"

# The same examples on every run, and no deadline: a busy machine is no failure.
settings.register_profile("whence", deadline=None, derandomize=True)
settings.load_profile("whence")


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the golden texts, and what pages show, anew and compare nothing",
    )


@pytest.fixture
def golden(request):
    """Compare a text with the file tests/golden/<name>, or rewrite that file."""

    def compare(name, text):
        file = GOLDEN / name
        text = "".join(f"{line.rstrip()}\n" for line in text.rstrip().splitlines())
        if request.config.getoption("--rewrite-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.exists(), f"{name} is no golden text yet: run `make golden`"
        assert text == file.read_text(encoding="utf-8")

    return compare
