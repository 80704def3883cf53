"""CP4IM's text format of bits, which the optimal-tree literature uses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError


def read_cp4im(path: Path) -> Dataset:
    """The text format of CP4IM and DL8.5: the label first, then the bits, separated by spaces.

    Args:
        path: the file.

    Raises:
        InputError: it is no such table.
    """
    with path.open(encoding="utf-8-sig") as file:
        rows = [row for row in _decoded(path, (line.split() for line in file)) if row]
    if rows and "," in "".join(rows[0]):
        raise InputError(f"{path}: its columns are separated by commas, here blanks are due; name it .csv")
    return _table(path, rows)


def _decoded(path: Path, rows: object) -> list[list[str]]:
    try:
        return list(rows)  # type: ignore[call-overload, no-any-return]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text table ({error})") from None


def _table(path: Path, rows: list[list[str]]) -> Dataset:
    if not rows:
        raise InputError(f"{path}: holds no example")
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width or width < 2:
            raise InputError(f"{path}: example {number} has {len(row)} columns; all need the same number, 2 or more")
    try:
        # Python's numbers may have underscores; those of tables have none.
        if stray := next((cell for row in rows for cell in row if "_" in cell), None):
            raise ValueError(f": {stray!r}")
        table: NDArray[np.float64] = np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise InputError(f"{path}: not a number: {str(error).split(': ')[-1]}") from None
    return Dataset.of(path.name, Examples.of(table[:, 1:], table[:, 0], str(path)), None, "bits")
