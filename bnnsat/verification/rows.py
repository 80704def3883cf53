"""Examples whose labels nobody needs to know."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bnnsat.data.images import is_pictures, read_pictures
from bnnsat.data.npz import is_unlabelled, read_inputs
from bnnsat.data.read import found, read
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.tables.archive import is_archive
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.source import is_table, read_table
from bnnsat.types import Bits, Grey


def row_of(model: Model, data: str, place: int) -> Grey:
    """An example of a data set, as the model takes it.

    Args:
        model: that is asked.
        data: an embedded set, a file or a folder; of an .npz file X is enough.
        place: which example, from 0.

    Raises:
        InputError: it is not there, or does not fit the model.
    """
    rows = every_row(model, data)
    _there(len(rows), data, place)
    row: Grey = np.asarray(model.checked(rows[place : place + 1]))[0]
    return row


def bits_of(model: Model, data: str, place: int) -> Bits:
    """The network's own input for an example of a data set, (n,).

    Args:
        model: that is asked.
        data: as `row_of` takes it, or a table with the columns that the model reads.
        place: which example, from 0.

    Raises:
        InputError: it is not there, or does not fit the model.
    """
    if is_table(data) and isinstance(model.preprocessing.binarizer, TableBinarizer):
        found(data)
        bits = model.bits(read_table(data))
        _there(len(bits), data, place)
        return np.asarray(bits[place])
    return np.asarray(model.bits(row_of(model, data, place)[np.newaxis])[0])


def _there(rows: int, data: str, place: int) -> None:
    if not 0 <= place < rows:
        raise InputError(f"{data} has {counted(rows, 'example')}, 0 to {rows - 1}; there is no {place}")


def rows_of(data: str, reduce: str | None) -> Grey:
    """Inputs of a data set, (examples, n): those to test with where there are any.

    Args:
        data: an embedded set, a file or a folder; labels are not needed.
        reduce: how images are brought down; None for as they are.

    Raises:
        InputError: they cannot be read.
    """
    found(data)
    if data.lower().endswith(".npz") and is_unlabelled(Path(data)):
        return read_inputs(Path(data))
    if is_pictures(Path(data)):
        return read_pictures(Path(data), reduce)[1]
    dataset = read(data, reduce=reduce if Path(data).is_dir() else None)
    return (dataset.train if dataset.test is None else dataset.test).grey


def every_row(model: Model, data: str) -> Grey:
    """All examples of a data set, (examples, raw inputs), those to test with where there are any.

    Args:
        model: that is asked.
        data: as `row_of` takes it.

    Raises:
        InputError: it cannot be read, or does not fit the model.
    """
    if is_table(data):
        found(data)
        table, columns = read_table(data), list(model.origin.columns)
        if not columns and is_archive(data):
            raise InputError(
                f"{data}: X holds other numbers than whole ones from 0 to 255; the model reads bits or grey levels; "
                "where it divides these --input-scale says so"
            )
        if not columns:
            raise InputError(
                f"{data}: changes of values are counted for bits and grey levels, not for the columns of a table; "
                "`certify --example` asks for the fewest bits"
            )
        if missing := [name for name in columns if name not in table.names]:
            raise InputError(f"{data}: column {missing[0]!r} is missing")
        grey: Grey = np.asarray(model.checked(table.keep(columns)))
        return grey
    task = model.origin.task
    return rows_of(data, None if task is None else task.reduce)
