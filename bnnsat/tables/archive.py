"""npz files of numbers that are no bits or grey levels, as tables: X has the columns x0, x1 and so on, then comes y."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from bnnsat.archives import names_in, read_arrays
from bnnsat.errors import InputError
from bnnsat.tables.frames import column, table_of
from bnnsat.tables.table import Table

INPUTS, LABELS = "X", "y"


def is_archive(source: str) -> bool:
    """Whether a name is one of an npz file whose X holds decimals, gaps, or numbers below 0 or above 255.

    Args:
        source: a path.
    """
    path = Path(source)
    if path.suffix.lower() != ".npz" or INPUTS not in names_in(path):
        return False
    found = path.stat()
    return _is_table(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=16)
def _is_table(path: Path, time: int, size: int) -> bool:
    """What the file holds; asked often, and large."""
    try:
        (inputs,) = read_arrays(path, [INPUTS])
    except (InputError, OSError):
        # Said by whoever reads it then.
        return False
    if inputs.dtype.kind not in "iuf" or not inputs.size:
        return False
    return not bool(((inputs >= 0) & (inputs <= 255) & (inputs == np.floor(inputs))).all())


def target_in(source: str, named: str | None) -> str | None:
    """The label's column in a table: as the model has it; who trained on arrays named none, but a file of arrays does.

    Args:
        source: of the table.
        named: by the model; None for none.
    """
    return LABELS if named is None and is_archive(source) else named


def archive_table(source: str, header: bool | None = None) -> Table:
    """The table in such a file.

    Args:
        source: its path.
        header: None, for there is none.

    Raises:
        InputError: it cannot be read, or is no table.
    """
    if header is not None:
        raise InputError(f"{source}: its columns are x0, x1 and so on; leave the header out")
    path = Path(source)
    there = names_in(path)
    if others := [name for name in there if name not in (INPUTS, LABELS)]:
        raise InputError(
            f"{source}: holds {others[0]!r} beside numbers that are no bits or grey levels; save those to test with "
            "as X and y of a file of their own (--test-data)"
        )
    arrays = dict(zip(there, read_arrays(path, there), strict=True))
    inputs = arrays[INPUTS]
    if inputs.ndim < 2:
        raise InputError(f"{source}: X has shape {inputs.shape}; rows x columns are due")
    table = table_of(inputs.reshape(len(inputs), -1), source)
    if LABELS not in arrays:
        return table
    labels = arrays[LABELS]
    if labels.shape not in ((len(inputs),), (len(inputs), 1)):
        raise InputError(f"{source}: y has shape {labels.shape} for {len(inputs)} rows; one label each is due")
    return Table((*table.columns, column(labels.reshape(-1), LABELS, source)), source)
