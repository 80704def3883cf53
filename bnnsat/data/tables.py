"""Tables of numbers with a label column: npz (generic and Keras'), csv, and CP4IM text."""

from __future__ import annotations

import csv
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError

MAX_BYTES = 1 << 31
KEYS = (("X", "y", "X_test", "y_test"), ("x_train", "y_train", "x_test", "y_test"))
LABEL_NAMES = ("label", "labels", "class", "target", "y")


def read_npz(path: Path) -> Dataset:
    """X, y (and X_test, y_test), or Keras' x_train, y_train, x_test, y_test."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise InputError(f"{path}: unpacks to {size} bytes; at most {MAX_BYTES} are read")
        with np.load(path, allow_pickle=False) as file:
            keys = next((keys for keys in KEYS if keys[0] in file and keys[1] in file), None)
            if keys is None:
                raise InputError(f"{path}: holds {', '.join(file.files) or 'nothing'}; X and y are due")
            if (keys[2] in file) != (keys[3] in file):
                raise InputError(f"{path}: holds only one of {keys[2]} and {keys[3]}; both or none are due")
            arrays = [file[key] for key in keys if key in file]
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not a readable npz file ({error})") from None
    test = Examples.of(arrays[2], arrays[3], f"{path} (test)") if len(arrays) == 4 else None
    way = "bits" if keys == KEYS[0] else "image-mean"
    return Dataset.of(path.name, Examples.of(arrays[0], arrays[1], str(path)), test, way)


def read_csv(path: Path, label: str | None) -> Dataset:
    """Comma-separated numbers, with or without a header; `label` is the label's column, first or last.

    Without `label` a header that calls one of the two label, class, target or y decides, else the last.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in _decoded(path, csv.reader(file)) if row]
    if rows and not all(map(_is_number, rows[0])):
        header = [name.strip().lower() for name in rows.pop(0)]
        if label is None and header[0] in LABEL_NAMES and header[-1] not in LABEL_NAMES:
            label = "first"
    return _table(path, rows, label or "last")


def read_cp4im(path: Path) -> Dataset:
    """The text format of CP4IM and DL8.5: the label first, then the bits, separated by spaces."""
    with path.open(encoding="utf-8") as file:
        rows = [row for row in _decoded(path, (line.split() for line in file)) if row]
    return _table(path, rows, "first")


def _decoded(path: Path, rows: object) -> list[list[str]]:
    try:
        return list(rows)  # type: ignore[call-overload, no-any-return]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a text table ({error})") from None


def _table(path: Path, rows: list[list[str]], label: str) -> Dataset:
    if label not in ("first", "last"):
        raise InputError(f"the label column is first or last, not {label!r}")
    if not rows:
        raise InputError(f"{path}: holds no example")
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width or width < 2:
            raise InputError(f"{path}: example {number} has {len(row)} columns; all need the same number, 2 or more")
    try:
        table: NDArray[np.float64] = np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise InputError(f"{path}: not a number: {str(error).split(': ')[-1]}") from None
    inputs, labels = (table[:, 1:], table[:, 0]) if label == "first" else (table[:, :-1], table[:, -1])
    return Dataset.of(path.name, Examples.of(inputs, labels, str(path)), None, "bits")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
