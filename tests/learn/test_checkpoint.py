"""A checkpoint comes back with its bits, or it is refused with the reason."""

import errno
import json
import os
import zipfile
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from whence.core.errors import UserError
from whence.learn import checkpoint
from whence.learn.checkpoint import read, write

TREE = {
    "W": [np.arange(6.0).reshape(2, 3), (np.float32(1.5), None)],
    "step": 3,
    "name": "adam",
    "rate": 0.1,
    "empty": {},
    7: np.array([True, False]),
}


class Pair(NamedTuple):
    W: object
    b: object


@dataclass
class Net:
    first: Pair
    scale: float


def same(x, y):
    """Whether two containers agree in structure, types and bits."""
    if type(x) is not type(y):
        return False
    if isinstance(x, dict):
        return list(x) == list(y) and all(same(x[k], y[k]) for k in x)
    if isinstance(x, list | tuple):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(x, np.ndarray | np.generic):
        return (x.dtype, x.shape, x.tobytes()) == (y.dtype, y.shape, y.tobytes())
    return x == y


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.npz"
    write(path, TREE)
    return path


def rewrite_manifest(path, **changes):
    """Write a file again with other entries in its manifest."""
    contents = checkpoint.members(path)
    manifest = {**json.loads(contents["manifest.json"]), **changes}
    contents["manifest.json"] = json.dumps(manifest).encode()
    checkpoint.replace(path, contents)


# ------------------------------------------------------------------ structure


def test_a_container_comes_back_with_its_structure_and_bits(file):
    assert same(read(file), TREE)


@pytest.mark.parametrize(
    "array",
    [
        np.array([np.nan, -0.0, np.inf]),
        np.zeros((0, 3)),
        np.array(2.0),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array([1 + 2j], np.complex64),
        np.array([1.0], ">f8"),
    ],
    ids=["nan", "empty", "0-d", "Fortran", "complex", "big-endian"],
)
def test_any_numeric_array_comes_back(array, tmp_path):
    write(tmp_path / "x", array)
    assert same(read(tmp_path / "x"), array)


def test_keys_that_look_alike_in_a_path_stay_apart(tmp_path):
    tree = {"a/b": np.zeros(1), "a": {"b": np.ones(1)}, "\0é": np.ones(2)}
    write(tmp_path / "x", tree)
    assert same(read(tmp_path / "x"), tree)


def test_numpy_opens_the_arrays_by_their_path(file):
    with np.load(file) as arrays:
        assert np.array_equal(arrays["W/0"], TREE["W"][0])


def test_classes_of_the_user_come_back_with_a_container_like_theirs(tmp_path):
    net = Net(Pair(np.ones(2), np.zeros(1)), 2.0)
    write(tmp_path / "x", [net])
    (back,) = read(tmp_path / "x", like=[net])
    assert isinstance(back, Net)
    assert same(back.first, net.first)


def test_classes_of_the_user_are_refused_without_one(tmp_path):
    write(tmp_path / "x", Pair(np.ones(2), np.zeros(1)))
    with pytest.raises(UserError, match=r"(?s)has a Pair.*like=params"):
        read(tmp_path / "x")


def test_what_a_checkpoint_cannot_hold_is_refused_with_its_path(tmp_path):
    with pytest.raises(UserError, match="the object at /model/1"):
        write(tmp_path / "x", {"model": [1, object()]})
    assert not list(tmp_path.iterdir())


def test_arrays_of_objects_are_refused(tmp_path):
    with pytest.raises(UserError, match="ndarray"):
        write(tmp_path / "x", np.array([None, {}]))


# --------------------------------------------------------------------- damage


def test_no_flipped_byte_gives_other_numbers(file):
    good = file.read_bytes()
    for i in range(len(good)):
        file.write_bytes(good[:i] + bytes([good[i] ^ 0xFF]) + good[i + 1 :])
        try:
            tree = read(file)
        except UserError:
            continue
        assert same(tree, TREE), f"byte {i} of {len(good)}"


def test_a_flipped_byte_of_an_array_is_refused(file):
    good = file.read_bytes()
    i = good.index(TREE["W"][0].tobytes()) + 20
    file.write_bytes(good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :])
    with pytest.raises(UserError, match="cannot be read as a checkpoint"):
        read(file)


def test_an_array_that_was_exchanged_is_refused(file):
    contents = checkpoint.members(file)
    contents["W/0.npy"] = checkpoint.encode(np.zeros((2, 3)))
    checkpoint.replace(file, contents)
    with pytest.raises(UserError, match=r"W/0\.npy does not match its SHA-256"):
        read(file)


def test_an_array_that_is_missing_is_refused(file):
    contents = checkpoint.members(file)
    del contents["W/0.npy"]
    checkpoint.replace(file, contents)
    with pytest.raises(UserError, match=r"W/0\.npy is missing"):
        read(file)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(file, part):
    good = file.read_bytes()
    file.write_bytes(good[: int(part * len(good))])
    with pytest.raises(UserError, match="truncated"):
        read(file)


def test_another_version_is_refused_by_its_number(file):
    rewrite_manifest(file, version=99)
    with pytest.raises(UserError, match=r"version 99.*reads version 1"):
        read(file)


def test_a_zip_file_of_something_else_is_refused(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "dear reader")
    with pytest.raises(UserError, match="no manifest"):
        read(file)


def test_a_manifest_of_something_else_is_refused(file):
    rewrite_manifest(file, format="another")
    with pytest.raises(UserError, match="something else"):
        read(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match="there is no file"):
        read(tmp_path / "none.npz")


# -------------------------------------------------------------------- writing


def test_a_folder_that_is_not_there_is_named(tmp_path):
    folder = tmp_path / "runs"
    with pytest.raises(UserError, match="there is no folder") as caught:
        write(folder / "first.npz", TREE)
    assert caught.value.remedy == f"Path({str(folder)!r}).mkdir(parents=True)"
    assert not folder.exists()


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file(file, monkeypatch, fault):
    def fail(descriptor):
        raise fault

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(fault)):
        write(file, {"W": np.zeros(3)})
    assert same(read(file), TREE)
    assert list(file.parent.iterdir()) == [file]


def test_the_same_container_gives_the_same_manifest(file, tmp_path):
    write(tmp_path / "again.npz", TREE)
    first, second = map(checkpoint.members, (file, tmp_path / "again.npz"))
    assert first == second
