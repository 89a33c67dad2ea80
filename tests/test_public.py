"""The names of the package itself."""

import subprocess
import sys

import pytest

import whence


def test_what_is_listed_is_found():
    assert set(whence.__all__) <= set(dir(whence))


def test_submodules_are_loaded_when_asked_for():
    ask = "import sys, whence; before = 'whence.learn' in sys.modules; whence.learn; "
    ask += "print(before, 'whence.learn' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", "True"]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'grads'"):
        whence.grads  # noqa: B018
