"""``whence doctor``: is everything here that whence needs, and does it compute rightly?

    findings() -> what was found, each right, absent or wrong, with what to try

It computes one gradient and one derivation and holds both against differences, which
use nothing of whence but the function's value.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from whence import api
from whence.cli.output import emit
from whence.frontend.formula import parse

NEEDED = ("numpy", "scipy", "llvmlite", "click", "rich")
OPTIONAL = {
    "scikit-learn": "pip install 'whence[data]'",
    "ipykernel": "pip install 'whence[notebook]'",
    "sympy": "pip install sympy",
    "jax": "pip install jax",
    "torch": "pip install torch",
}
LOSS = "z = w*x + b; p = 1/(1 + exp(-z)); -(y*log(p) + (1 - y)*log(1 - p))"
POINT = {"w": 0.5, "x": 2.0, "b": -0.5, "y": 1.0}
STEP = 1e-6
AGREES = 1e-7  # relative to 1: what central differences at this step can promise


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        found: What was found.
        remedy: What to try, where it is wrong.
    """

    name: str
    found: str
    remedy: str = ""


@click.command("doctor")
def command() -> None:
    """Look at the installation, and check a gradient and a derivation."""
    found = list(findings())
    width = max(len(finding.name) for finding in found)
    lines = [f"{finding.name:<{width}}  {finding.found}" for finding in found]
    wrong = [finding for finding in found if finding.remedy]
    lines += [f"\n{f.name} is wrong\n  try  {f.remedy}" for f in wrong]
    emit("\n".join(lines))
    if wrong:
        raise click.exceptions.Exit(1)


def findings() -> Iterator[Finding]:
    """All that is looked at, in order."""
    yield Finding("whence", version("whence") or "not installed")
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for name in NEEDED:
        found = version(name)
        remedy = "" if found else f"pip install {name}"
        yield Finding(name, found or "missing", remedy)
    for name, remedy in OPTIONAL.items():
        yield Finding(name, version(name) or f"absent (optional: {remedy})")
    yield Finding("cpu", f"{processor()}, {os.cpu_count()} threads")
    yield judged("gradient", gradient)
    yield judged("derivation", derivation)


def version(name: str) -> str | None:
    """The version of an installed package, without importing it."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """What the CPU calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


# ------------------------------------------------------------------ small checks


def judged(name: str, check: Callable[[], tuple[float, float]]) -> Finding:
    """Compare what whence says with differences."""
    remedy = "pip install --force-reinstall whence, and if it stays, report this line"
    try:
        said, expected = check()
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is wrong here
        return Finding(name, f"{type(error).__name__}: {error}", remedy)
    gap = abs(said - expected)
    if not gap < AGREES:
        return Finding(name, f"{said!r}, but differences say {expected!r}", remedy)
    return Finding(name, f"right ({gap:.0e} from differences)")


def gradient() -> tuple[float, float]:
    """A small gradient, and the same by differences."""
    _, found = api.value_and_grad(LOSS, wrt="w")(**POINT)
    return float(found), difference(LOSS, "w", POINT)


def derivation() -> tuple[float, float]:
    """The result of a small derivation at a point, and the same by differences."""
    found = api.explain("(x**2 + 1)**3", x=2.0)
    return float(found.results["x"]), difference("(x**2 + 1)**3", "x", {"x": 2.0})


def difference(text: str, name: str, point: dict[str, float]) -> float:
    """A derivative by central differences of the formula's value."""
    formula = parse(text)
    ahead = formula(**{**point, name: point[name] + STEP})
    behind = formula(**{**point, name: point[name] - STEP})
    return float(np.asarray(ahead - behind)) / (2 * STEP)
