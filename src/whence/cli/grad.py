"""``whence grad TARGET --at ...``: the value and each gradient, in numbers.

The command reads its arguments and prints; ``whence.value_and_grad`` does the work.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import click
import numpy as np

from whence import api
from whence.api.containers import flatten
from whence.cli.options import at_option, wrt_option
from whence.cli.output import emit
from whence.cli.target import load, users_program
from whence.cli.values import read_point


@click.command("grad")
@click.argument("target")
@at_option
@wrt_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON, in full precision.")
def command(target: str, at: tuple[str, ...], wrt: str | None, as_json: bool) -> None:
    """Print the value of TARGET and its gradients."""
    point = read_point(at)
    found = load(target, tuple(point.values))
    names = found.wrt(wrt)
    values = found.values(point, names)
    with users_program(found):
        value, gradient = api.value_and_grad(found.function, wrt=names)(**values)
    by_name = names if isinstance(names, tuple) else (names or found.parameters[0],)
    each = gradient if isinstance(names, tuple) else (gradient,)
    pairs = zip(by_name, each, strict=True)
    gradients = dict(leaf for name, tree in pairs for leaf in leaves(name, tree))
    if as_json:
        listed = {name: plain(x) for name, x in gradients.items()}
        text = json.dumps({"value": plain(value), "gradient": listed}, indent=2)
        emit(text, language="json")
    else:
        emit(table({"value": value} | {f"d/d{n}": x for n, x in gradients.items()}))


def leaves(name: str, tree: Any) -> list[tuple[str, Any]]:
    """The arrays of a gradient, each as the user would write it."""
    found, structure = flatten(tree)
    return list(zip(structure.paths(name), found, strict=True))


def table(rows: Mapping[str, Any]) -> str:
    """A line for each number or array: its name, its shape, its entries."""
    width = max(map(len, rows))
    shapes = {name: shape(x) for name, x in rows.items()}
    column = max(map(len, shapes.values()))
    lines = []
    for name, x in rows.items():
        first, *rest = entries(x).splitlines()
        lines.append(f"{name:<{width}}  {shapes[name]:<{column}}  {first}")
        lines += [" " * (width + column + 4) + line for line in rest]
    return "\n".join(lines)


def shape(x: Any) -> str:
    """The shape of an array, as a reader writes it."""
    return "×".join(map(str, np.shape(x))) or "scalar"


def entries(x: Any) -> str:
    """The entries of an array, or a number, for a reader."""
    if np.shape(x) == ():
        return f"{np.asarray(x).item():.10g}"
    return np.array2string(np.asarray(x), precision=6)


def plain(x: Any) -> Any:
    """A number or an array in the terms of JSON, where nan and inf are text."""
    if isinstance(x, list):
        return [plain(part) for part in x]
    if isinstance(x, complex):
        return {"real": plain(x.real), "imag": plain(x.imag)}
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x if isinstance(x, bool | int | float) else plain(np.asarray(x).tolist())
