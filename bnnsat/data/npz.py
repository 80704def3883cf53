"""npz files, generic and Keras', of bits and grey levels."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.archives import array, names_in, said
from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError
from bnnsat.types import Grey

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
    with said(path):
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
    with said(path), zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        key = next((keys[0] for keys in KEYS if keys[0] in members), None)
        if key is None:
            raise InputError(f"{path}: holds {', '.join(map(repr, members)) or 'nothing'}; X is due")
        inputs = array(path, archive, members[key])
        return Examples.of(inputs, np.zeros(len(inputs), dtype=np.int64), str(path)).grey


def is_unlabelled(path: Path) -> bool:
    """Whether a file holds inputs, and no labels to them.

    Args:
        path: an npz file, or anything else.
    """
    names = names_in(path)
    return any(keys[0] in names for keys in KEYS) and not any(keys[1] in names for keys in KEYS)


def _arrays(path: Path) -> tuple[list[NDArray[Any]], tuple[str, ...]]:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        keys = next((keys for keys in KEYS if keys[0] in members and keys[1] in members), None)
        if keys is None:
            names = ", ".join(map(repr, members)) or "nothing"
            raise InputError(f"{path}: holds {names}; X and y are due")
        if (keys[2] in members) != (keys[3] in members):
            raise InputError(f"{path}: holds only one of {keys[2]} and {keys[3]}; both or none are due")
        return [array(path, archive, members[key]) for key in keys if key in members], keys
