"""Text tables of numbers with a label column: csv, and CP4IM's format."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError

LABEL_NAMES = ("label", "labels", "class", "target", "y")


def read_csv(path: Path, target: str | None) -> Dataset:
    """Comma-separated numbers, with or without a header.

    Args:
        path: the file.
        target: the label's column, first or last; None for that which a header calls label, class, target or y, else
            the last.

    Raises:
        InputError: it is no such table.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in _decoded(path, csv.reader(file)) if row]
    header = [name.strip().lower() for name in rows[0]] if rows else []
    named = bool(header) and (header[0] in LABEL_NAMES or header[-1] in LABEL_NAMES)
    # A first row without any number is a header too; one with some is a row with a mistake.
    if header and (named or not any(map(_is_number, header))):
        _understood(path, header, target)
        del rows[0]
        if rows and len(header) != len(rows[0]):
            raise InputError(f"{path}: the header has {len(header)} columns and the first example {len(rows[0])}")
        if target is None and header[0] in LABEL_NAMES and header[-1] not in LABEL_NAMES:
            target = "first"
    elif _counts(rows):
        raise InputError(
            f"{path}: the first row counts the columns, as a data frame's header does; delete that row, "
            "or put a header above it if it is an example"
        )
    return _table(path, rows, target or "last")


def _understood(path: Path, header: list[str], target: str | None) -> None:
    """Raise InputError for a header by which a column would be learned that nobody means to be."""
    if header[0] == "":
        raise InputError(
            f"{path}: column 1 has no name, as a data frame's index has none; leave it out (index=False), or name it"
        )
    labels = [place for place, name in enumerate(header, 1) if name in LABEL_NAMES]
    if target is None and labels and not {1, len(header)} & set(labels):
        raise InputError(
            f"{path}: {header[labels[0] - 1]!r} is column {labels[0]} of {len(header)}; move it to the first or last "
            "place, or say which of these is the target"
        )


def _counts(rows: list[list[str]]) -> bool:
    """Whether the first row is 0, 1, 2, ..., as no example is: bits are 0 and 1, and labels come more than once."""
    if len(rows) < 2 or rows[0] != list(map(str, range(len(rows[0])))):
        return False
    return len(rows[0]) > 3 or (len(rows[0]) == 3 and all(row[-1] != "2" for row in rows[1:]))


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
    return _table(path, rows, "first")


def _decoded(path: Path, rows: object) -> list[list[str]]:
    try:
        return list(rows)  # type: ignore[call-overload, no-any-return]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a text table ({error})") from None


def _table(path: Path, rows: list[list[str]], target: str) -> Dataset:
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
    inputs, labels = (table[:, 1:], table[:, 0]) if target == "first" else (table[:, :-1], table[:, -1])
    return Dataset.of(path.name, Examples.of(inputs, labels, str(path)), None, "bits")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
