"""Checkpoints: a nested container of arrays in one file, whole or not at all.

    write(path, tree)        read(path) -> tree

The file is an uncompressed npz, which ``numpy.load`` opens too, with a manifest.json:
the version of the format, the structure of the container, and the SHA-256 of every
array. It is written under a temporary name in the same folder, brought to the disk, and
renamed, so that a crash or a full disk leaves the old file as it was. Reading verifies
everything and refuses with the reason; nothing in a file is ever executed.
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
import zipfile
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whence.api.containers import assemble
from whence.core.errors import UserError

Node: TypeAlias = dict[str, Any]
Arrays: TypeAlias = dict[str, NDArray[Any]]

FORMAT = "whence checkpoint"
VERSION = 1
MANIFEST = "manifest.json"
REMEDY = "an older checkpoint, or start the run anew"

# What zipfile raises, by the byte that is wrong.
NOT_A_ZIP = (zipfile.BadZipFile, EOFError, ValueError, RuntimeError, struct.error)


def write(path: str | os.PathLike[str], tree: Any) -> None:
    """Write a container of arrays, numbers, strings and None to a file."""
    path = Path(path)
    arrays: Arrays = {}
    structure = describe(tree, "", arrays)
    contents = {f"{name}.npy": encode(array) for name, array in arrays.items()}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "structure": structure,
        "sha256": {name: sha256(data).hexdigest() for name, data in contents.items()},
    }
    contents = {MANIFEST: json.dumps(manifest, indent=1).encode(), **contents}
    replace(path, contents)


def read(path: str | os.PathLike[str], like: Any = None) -> Any:
    """Read what ``write`` wrote.

    Args:
        path: The file.
        like: A container of the same structure, where it has classes of the user's;
            None stands for any part of it.
    """
    path = Path(path)
    contents = members(path)
    manifest = read_manifest(path, contents)
    arrays: Arrays = {}
    for name, digest in manifest["sha256"].items():
        data = contents.get(name)
        if data is None or sha256(data).hexdigest() != digest:
            fault = "is missing" if data is None else "does not match its SHA-256"
            raise damaged(path, f"the array {name} {fault}")
        arrays[name.removesuffix(".npy")] = decode(data)
    return rebuild(manifest["structure"], arrays, like)


# ------------------------------------------------------------------ structure


def describe(tree: Any, path: str, arrays: Arrays) -> Node:
    """Return a container as JSON, and collect its arrays under their paths."""
    kind = type(tree).__name__
    if tree is None or type(tree) in {bool, int, float, str}:
        return {"value": tree}
    if isinstance(tree, np.ndarray | np.generic) and tree.dtype.kind in "biufc":
        name = entry(path, arrays)
        arrays[name] = np.asarray(tree)
        return {"array": name, "scalar": isinstance(tree, np.generic)}
    if isinstance(tree, dict) and all(type(key) in {str, int} for key in tree):
        return {"dict": children(tree.items(), path, arrays)}
    if type(tree) in {list, tuple}:
        return {kind: children(enumerate(tree), path, arrays)}
    if parts := attributes(tree):
        below = children(parts.items(), path, arrays)
        return {"class": kind, "fields": below}
    raise UserError(
        f"a checkpoint cannot hold the {kind} at {path or 'its root'}",
        remedy="dicts, lists, tuples, dataclasses and named tuples of arrays",
    )


def children(items: Any, path: str, arrays: Arrays) -> list[list[Any]]:
    """Describe the parts of a container, each beside its key."""
    return [[key, describe(part, f"{path}/{key}", arrays)] for key, part in items]


def entry(path: str, taken: Arrays) -> str:
    """Return the name of an array in the file: its path, in harmless letters."""
    name = re.sub(r"[^\w/]", "_", path).strip("/") or "array"
    while name in taken:
        name += "_"
    return name


def attributes(tree: Any) -> dict[str, Any]:
    """Return the fields of a dataclass or a named tuple; empty for anything else."""
    if is_dataclass(tree) and not isinstance(tree, type):
        return {field.name: getattr(tree, field.name) for field in fields(tree)}
    names = getattr(tree, "_fields", ())
    return {name: getattr(tree, name) for name in names}


def rebuild(node: Node, arrays: Arrays, like: Any) -> Any:
    """Return the container that ``describe`` read."""
    match node:
        case {"value": value}:
            return value
        case {"array": name, "scalar": scalar}:
            return arrays[name][()] if scalar else arrays[name]
        case {"dict": items}:
            known = like if isinstance(like, dict) else {}
            return {k: rebuild(part, arrays, known.get(k)) for k, part in items}
        case {"list": items} | {"tuple": items}:
            whole = isinstance(like, list | tuple) and len(like) == len(items)
            below = like if whole else [None] * len(items)
            parts = [
                rebuild(part, arrays, other)
                for (_, part), other in zip(items, below, strict=True)
            ]
            return parts if "list" in node else tuple(parts)
    return rebuild_class(node, arrays, like)


def rebuild_class(node: Node, arrays: Arrays, like: Any) -> Any:
    """Return an instance of a user's class, taken from ``like``."""
    name = node["class"]
    if type(like).__name__ != name:
        raise UserError(
            f"the checkpoint has a {name} where like has a {type(like).__name__}",
            remedy="load(path, like=params), params being of the saved structure",
        )
    below = attributes(like)
    parts = [rebuild(part, arrays, below.get(key)) for key, part in node["fields"]]
    return assemble(type(like), tuple(key for key, _ in node["fields"]), parts)


# ----------------------------------------------------------------------- file


def encode(array: NDArray[Any]) -> bytes:
    """Return an array as the bytes of an npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def decode(data: bytes) -> NDArray[Any]:
    """Return the array of an npy file."""
    array: NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return array


def replace(path: Path, contents: dict[str, bytes]) -> None:
    """Write a zip file beside its place, bring it to the disk, then rename it."""
    if not path.parent.is_dir():
        raise UserError(
            f"{path} cannot be written: there is no folder {path.parent}",
            remedy=f"Path({str(path.parent)!r}).mkdir(parents=True)",
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, data in contents.items():
                    archive.writestr(name, data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a renaming to the disk, where the system can do so."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def members(path: Path) -> dict[str, bytes]:
    """Return the files inside a zip file; their CRC-32 is verified on the way."""
    try:
        file = io.BytesIO(path.read_bytes())
    except FileNotFoundError:
        raise UserError(
            f"there is no file {path}", remedy="the path that was given to save"
        ) from None
    try:
        with zipfile.ZipFile(file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except NOT_A_ZIP as error:
        raise damaged(path, f"it is truncated or overwritten: {error}") from None


def read_manifest(path: Path, contents: dict[str, bytes]) -> dict[str, Any]:
    """Return the manifest of a checkpoint of this version."""
    try:
        manifest = json.loads(contents[MANIFEST])
    except (KeyError, ValueError):
        raise damaged(path, "it has no manifest") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise damaged(path, "its manifest is of something else")
    if manifest.get("version") != VERSION:
        raise UserError(
            f"{path} has format version {manifest.get('version')}, "
            f"and this whence reads version {VERSION}",
            remedy="the version of whence that wrote it",
        )
    return manifest


def damaged(path: Path, reason: str) -> UserError:
    """Return the error for a file that is not what was written."""
    return UserError(f"{path} cannot be read as a checkpoint: {reason}", remedy=REMEDY)
