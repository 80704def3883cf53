"""npz files, generic and Keras': each array's header is held against its size before anything is allocated."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError
from bnnsat.types import Grey

MAX_BYTES = 1 << 31
KEYS = (
    ("X", "y", "X_test", "y_test"),
    ("x_train", "y_train", "x_test", "y_test"),
    ("images", "labels", "test_images", "test_labels"),
)


def read_npz(path: Path) -> Dataset:
    """X, y (and X_test, y_test) as bits; Keras' x_train, y_train, x_test, y_test, or images, labels as grey levels.

    Nothing is unpickled.

    Args:
        path: the file.

    Raises:
        InputError: it is anything but whole arrays of numbers.
    """
    with _said(path):
        arrays, keys = _arrays(path)
    test = Examples.of(arrays[2], arrays[3], f"{path} (test)") if len(arrays) == 4 else None
    way = "bits" if keys == KEYS[0] else "image-mean"
    return Dataset.of(path.name, Examples.of(arrays[0], arrays[1], str(path)), test, way)


def read_inputs(path: Path) -> Grey:
    """X (or x_train, or images), (examples, n), whether there are labels or not.

    Args:
        path: the file.

    Raises:
        InputError: it is anything but whole arrays of numbers.
    """
    with _said(path), zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        key = next((keys[0] for keys in KEYS if keys[0] in members), None)
        if key is None:
            raise InputError(f"{path}: holds {', '.join(map(repr, members)) or 'nothing'}; X is due")
        array = _array(path, archive, members[key])
        return Examples.of(array, np.zeros(len(array), dtype=np.int64), str(path)).grey


def read_arrays(path: Path, names: Sequence[str]) -> list[NDArray[Any]]:
    """Arrays as they are, by their names. Nothing is unpickled.

    Args:
        path: the file.
        names: of the arrays, all of which are to be there.

    Raises:
        InputError: they are not, or are no arrays of numbers.
    """
    if not path.is_file():
        raise InputError(f"cannot read {path}: there is no such file")
    with _said(path), zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        if missing := [name for name in names if name not in members]:
            raise InputError(f"{path}: holds {', '.join(map(repr, members)) or 'nothing'}; {missing[0]} is due")
        return [_array(path, archive, members[name]) for name in names]


def is_unlabelled(path: Path) -> bool:
    """Whether a file holds inputs, and no labels to them.

    Args:
        path: an npz file, or anything else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {member.filename.removesuffix(".npy") for member in archive.infolist()}
    except (OSError, zipfile.BadZipFile):
        return False
    return any(keys[0] in names for keys in KEYS) and not any(keys[1] in names for keys in KEYS)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Whatever the readers of zip and npy raise on damaged files, which is nearly everything, as InputError."""
    try:
        yield
    except (InputError, OSError):
        raise
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: not a readable npz file ({text})") from None


def _arrays(path: Path) -> tuple[list[NDArray[Any]], tuple[str, ...]]:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        keys = next((keys for keys in KEYS if keys[0] in members and keys[1] in members), None)
        if keys is None:
            names = ", ".join(map(repr, members)) or "nothing"
            raise InputError(f"{path}: holds {names}; X and y are due")
        if (keys[2] in members) != (keys[3] in members):
            raise InputError(f"{path}: holds only one of {keys[2]} and {keys[3]}; both or none are due")
        return [_array(path, archive, members[key]) for key in keys if key in members], keys


def _array(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    if member.file_size > MAX_BYTES:
        raise InputError(f"{path}: {member.filename} unpacks to {member.file_size} bytes; at most {MAX_BYTES} are read")
    with archive.open(member) as file:
        version = npy.read_magic(file)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = header(file)
        if dtype.kind not in "biuf":
            raise InputError(f"{path}: {member.filename} is of type {dtype.kind!r}; numbers are due")
        announced, there = math.prod(shape) * dtype.itemsize, member.file_size - file.tell()
        if announced != there:
            raise InputError(f"{path}: {member.filename} announces {announced} bytes and holds {there}")
        return np.frombuffer(file.read(), dtype=dtype).reshape(shape, order="F" if fortran else "C")
