"""Examples whose labels nobody needs to know."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bnnsat.data.npz import read_inputs
from bnnsat.data.read import found, read
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.tables.source import is_table, read_table
from bnnsat.types import Grey


def row_of(model: Model, data: str, place: int) -> Grey:
    """An example of a data set, as the model takes it.

    Args:
        model: that is asked.
        data: an embedded set, a file or a folder; of an .npz file X is enough.
        place: which example, from 0.

    Raises:
        InputError: it is not there, or does not fit the model.
    """
    rows = _rows(model, data)
    if not 0 <= place < len(rows):
        raise InputError(f"{data} has {counted(len(rows), 'example')}, 0 to {len(rows) - 1}; there is no {place}")
    row: Grey = np.asarray(model.checked(rows[place : place + 1]))[0]
    return row


def _rows(model: Model, data: str) -> Grey:
    if data.lower().endswith(".npz"):
        found(data)
        return read_inputs(Path(data))
    if is_table(data):
        found(data)
        table, columns = read_table(data), list(model.origin.columns)
        missing = [name for name in columns if name not in table.names]
        if not columns or missing:
            why = f"column {missing[0]!r} is missing" if missing else "the model reads no columns by their names"
            raise InputError(f"{data}: {why}")
        grey: Grey = np.asarray(model.checked(table.keep(columns)))
        return grey
    dataset = read(data)
    return (dataset.train if dataset.test is None else dataset.test).grey
