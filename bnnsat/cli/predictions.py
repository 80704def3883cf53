"""Predictions as a table, for `bnnsat predict --out`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bnnsat import files
from bnnsat.errors import InputError
from bnnsat.tables import frames
from bnnsat.tables.files import written
from bnnsat.tables.table import Table


def write_predictions(out: Path, data: str, table: Table | None, columns: Mapping[str, Any]) -> None:
    """Write the rows that were read, where they were a table, with further columns.

    Args:
        out: file of a table, or - for csv on standard output.
        data: what was read, for the words.
        table: its columns; None for none.
        columns: (rows,) values by name.

    Raises:
        InputError: the table has a column of such a name already, or the file's ending says no format.
    """
    own = () if table is None else table.columns
    if clash := [column.name for column in own if column.name in columns]:
        raise InputError(f"{data} has a column {clash[0]!r} already, which the predictions would replace; rename it")
    made = Table((*own, *(frames.column(values, name, name) for name, values in columns.items())), str(out))
    if str(out) == "-":
        sys.stdout.write(written(made, "-.csv").decode())
    else:
        files.write(out, written(made, str(out)))
