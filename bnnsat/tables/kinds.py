"""What kind of values each column of a table holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import TRUTH, Column, Table
from bnnsat.tables.text import SEPARATORS, Cells, numeric

if TYPE_CHECKING:
    import polars as pl

FORMATTED = r"^[+-]?\d{1,3}([.,' ]?\d{3})*([.,]\d+)?$"
"""A number as people write it, maybe with its digits in groups of three."""
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+$"
"""One whose comma may stand between thousands."""
DATE = r"\d{4}-\d{2}-\d{2}([T ]|$)"
"""A day, or a moment, as ISO 8601 writes it."""
FEW = 20
"""Distinct numbers up to which numbers and texts in one column are categories, not a mistake."""
TRUTHS = ("true", "false")
INDEX_NAMES = ("", "Unnamed: 0", "index", "__index_level_0__")
"""What pandas calls an index that it writes as a column, or nothing."""


def framed(frame: pl.DataFrame, name: str) -> Table:
    """The table of a frame.

    Args:
        frame: its columns have types.
        name: names the table in errors.

    Raises:
        InputError: it has no column, or no row.
    """
    columns = [replace(_sound_or_not(column_of, series, name), original=series) for series in frame]
    dated = [series.name for series in frame if series.dtype.is_temporal()]
    return finished(columns, name, _dated(dated))


def _sound_or_not(read: Callable[..., Column], series: pl.Series, *more: Any) -> Column:
    """The column, or its texts and what is wrong with it: nobody may want it."""
    import polars as pl

    try:
        return read(series, *more)
    except InputError as error:
        whole = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
        texts = pl.Series(series.name, [""] * len(series)) if whole else series.cast(pl.String).fill_null("")
        column = Column.texts(series.name, texts.to_numpy(), series.is_null().to_numpy())
        return replace(column, cells=texts if series.dtype == pl.String else None, fault=str(error))


def column_of(series: pl.Series, source: str) -> Column:
    """A column of a frame.

    Args:
        series: the column.
        source: names the table in errors.

    Raises:
        InputError: it holds infinite numbers, or values that are neither numbers, nor truth values, nor texts.
    """
    import polars as pl

    kind, missing = series.dtype, series.is_null().to_numpy()
    if kind == pl.Boolean:
        return Column(series.name, TRUTH, series.fill_null(False).to_numpy().astype(np.bool_), missing)
    if kind.is_numeric() or kind == pl.Null:
        values = np.array(series.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)
        column = finite(Column.numbers(series.name, values), source)
        return replace(column, cells=series.cast(pl.String)) if kind.is_integer() and column.beyond else column
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise InputError(f"{source}: column {series.name!r} holds {kind}; numbers, truth values and texts are taken")
    texts = series.cast(pl.String).fill_null("").to_numpy()
    return Column.texts(series.name, texts, missing)


def finite(column: Column, source: str) -> Column:
    """The column of numbers itself.

    Args:
        column: of numbers.
        source: names the table in errors.

    Raises:
        InputError: one is infinite.
    """
    if (places := np.flatnonzero(np.isinf(column.values))).size:
        raise InputError(
            f"{source}: column {column.name!r} holds {column.values[places[0]]} in row {places[0] + 1}; "
            "finite numbers are due, or none where the value is missing"
        )
    return column


def typed(cells: Cells, source: str) -> Table:
    """The table of a text, each column of the kind that all its cells are of.

    Args:
        cells: of the text.
        source: names the table in errors.

    Raises:
        InputError: it has no column, or no row.
    """
    notes = []
    if not cells.headed:
        notes.append(f"{source} has no header: its columns are called 1 to {len(cells.names)}")
    if cells.comma or cells.separator != SEPARATORS[0]:
        between = {"\t": "tabs"}.get(cells.separator, repr(cells.separator))
        notes.append(f"columns are separated by {between}" + (", decimals have a comma" if cells.comma else ""))
    named = (series.alias(name) for name, series in zip(cells.names, cells.frame, strict=True))
    columns = [_sound_or_not(_column, series, cells, source) for series in named]
    dated = [column.name for column in columns if column.levels and all(re.match(DATE, text) for text in column.levels)]
    return finished(columns, source, [*notes, *_dated(dated)])


DATED = "dates are categories; to compare them write numbers, such as days"


def _dated(names: list[str]) -> list[str]:
    """A word about columns of dates."""
    if not names:
        return []
    listed = ", ".join(map(repr, names))
    return [f"{listed}: {DATED}"]


def _column(series: pl.Series, cells: Cells, source: str) -> Column:
    name, missing = series.name, series.is_null().to_numpy()
    there = series.drop_nulls()
    if len(there) and there[0].lower() in TRUTHS and there.str.to_lowercase().is_in(TRUTHS).all():
        truths = (series.str.to_lowercase() == "true").fill_null(False).to_numpy()
        return Column(name, TRUTH, truths, missing, cells=series)
    numbers = numeric(series, cells.comma)
    failed = numbers.is_null().to_numpy() & ~missing
    if not failed.any():
        if cells.comma:
            _unambiguous(name, there, source)
        # Null is NaN there.
        values = np.array(numbers.to_numpy(), dtype=np.float64)
        return replace(finite(Column.numbers(name, values), source), cells=series)
    if numbers.n_unique() > FEW and failed.sum() < (len(there) - failed.sum()):
        place = int(np.flatnonzero(failed)[0])
        raise InputError(
            f"{source}: column {name!r} holds {series[place]!r} in row {place + 1} among numbers; "
            "make it a number, or empty where the value is missing"
        )
    if there.str.contains(FORMATTED).all():
        raise InputError(
            f"{source}: column {name!r} holds {series[int(np.flatnonzero(failed)[0])]!r}, which is no plain number in "
            "this table; write 1234.5, without groups of digits"
        )
    return Column.texts(name, series.fill_null("").to_numpy(), missing)


def _unambiguous(name: str, there: pl.Series, source: str) -> None:
    """Raise InputError for numbers with a comma that may stand before decimals or between thousands."""
    with_comma = there.filter(there.str.contains(","))
    if len(with_comma) and with_comma.str.contains(THOUSANDS).all():
        raise InputError(
            f"{source}: column {name!r} holds {with_comma[0]!r}, where the comma may stand before decimals or between "
            "thousands; write 1234.5, without groups of digits"
        )


def finished(columns: list[Column], source: str, notes: list[str]) -> Table:
    """The table of some columns: without an index, and each column with a name.

    Args:
        columns: in their order.
        source: names the table in errors.
        notes: what was decided so far.

    Raises:
        InputError: there is no column, or no row.
    """
    if columns and columns[0].name in INDEX_NAMES and _counts(columns[0]):
        called = repr(columns[0].name) if columns[0].name else "without a name"
        notes = [*notes, f"the first column, {called}, numbers the rows and is left out"]
        columns = columns[1:]
    taken = {column.name for column in columns}
    named = []
    for place, column in enumerate(columns, 1):
        free = next(
            name for name in (f"column {place}" + "'" * i for i in range(len(columns) + 1)) if name not in taken
        )
        named.append(column if column.name else replace(column, name=free))
    table = Table(tuple(named), source, tuple(notes))
    table.distinct()
    if not len(table):
        raise InputError(f"{source}: holds {counted(len(columns), 'column')} and no row")
    return table


def _counts(column: Column) -> bool:
    """Whether it numbers the rows, as an index does: each once, and one after the other if it has a usual name."""
    values: Any = column.values
    if not column.whole or column.missing.any() or len(values) < 2:
        return False
    if column.name == "index":
        return bool((np.diff(values) == 1).all() and values[0] in (0, 1))
    return len(np.unique(values)) == len(values)
