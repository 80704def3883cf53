"""Tables from files and into files: CSV and its kin, Parquet, Arrow, plain or compressed, or from standard input."""

from __future__ import annotations

import functools
import gzip
import io
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import TRUTH, Column, Table
from bnnsat.tables.text import SEPARATORS, Cells, numeric

if TYPE_CHECKING:
    import polars as pl

TEXTS, BINARIES = (".csv", ".tsv", ".tab"), (".parquet", ".pq", ".feather", ".arrow", ".ipc")
INPUT = "-"
"""Standard input."""
MAX_BYTES = 1 << 31
FORMATTED = r"^[+-]?\d{1,3}([.,' ]?\d{3})*([.,]\d+)?$"
"""A number as people write it, maybe with its digits in groups of three."""
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+$"
"""One whose comma may stand between thousands."""
FEW = 20
"""Distinct numbers up to which numbers and texts in one column are categories, not a mistake."""
INDEX_NAMES = ("", "Unnamed: 0", "index", "__index_level_0__")
"""What pandas calls an index that it writes as a column, or nothing."""


def is_table(source: str) -> bool:
    """Whether a name is one of a table, of the kinds that are read here.

    Args:
        source: a path, or - for standard input.
    """
    return source == INPUT or Path(source.lower().removesuffix(".gz")).suffix in TEXTS + BINARIES


def read_table(source: str, header: bool | None = None) -> Table:
    """The table in a file.

    Args:
        source: its path, or - for standard input.
        header: whether the first row of a text names the columns; None to tell by what it holds.

    Raises:
        InputError: it cannot be read, or is no table.
    """
    content = _content(source)
    name = "standard input" if source == INPUT else source
    if content[:4] == b"PAR1" or content[:6] == b"ARROW1":
        if header is not None:
            raise InputError(f"{name}: its columns have names of their own; leave the header out")
        return _framed(_binary(content, name), name)
    if content[:4] == b"PARE":
        raise InputError(f"{name}: an encrypted Parquet file; save it without encryption")
    if Path(source.lower()).suffix in BINARIES:
        raise InputError(f"{name}: neither a Parquet nor an Arrow file, or cut off at its start")
    return _typed(Cells.of(content, name, header), name)


@functools.lru_cache(maxsize=1)
def _standard_input() -> bytes:
    """What came in; it can be read only once."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _content(source: str) -> bytes:
    try:
        if source == INPUT:
            content = _standard_input()
        else:
            if Path(source).stat().st_size > MAX_BYTES:
                raise InputError(f"{source}: larger than {MAX_BYTES >> 30} GiB; take some of its rows")
            with Path(source).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        if content[:2] == b"\x1f\x8b":
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{source}: damaged gzip ({error})") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MAX_BYTES:
        raise InputError(f"{source}: holds more than {MAX_BYTES >> 30} GiB; take some of its rows")
    return content


def _binary(content: bytes, name: str) -> pl.DataFrame:
    import polars as pl

    try:
        return (pl.read_parquet if content[:4] == b"PAR1" else pl.read_ipc)(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise InputError(f"{name}: damaged, cut off or encrypted ({str(error).splitlines()[0]})") from None


def _framed(frame: pl.DataFrame, name: str) -> Table:
    """The table of a typed frame."""
    return finished([column_of(series, name) for series in frame], name, [])


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


def _typed(cells: Cells, source: str) -> Table:
    """The table of a text, each column of the kind that all its cells are of."""
    notes = []
    if not cells.headed:
        notes.append(f"{source} has no header: its columns are called 1 to {len(cells.names)}")
    if cells.comma or cells.separator != SEPARATORS[0]:
        between = {"\t": "tabs"}.get(cells.separator, repr(cells.separator))
        notes.append(f"columns are separated by {between}" + (", decimals have a comma" if cells.comma else ""))
    columns = [_column(name, series, cells, source) for name, series in zip(cells.names, cells.frame, strict=True)]
    return finished(columns, source, notes)


def _column(name: str, series: pl.Series, cells: Cells, source: str) -> Column:
    missing = series.is_null().to_numpy()
    there = series.drop_nulls()
    lowered = there.str.to_lowercase()
    if len(there) and lowered.is_in(["true", "false"]).all():
        truths = (series.str.to_lowercase() == "true").fill_null(False).to_numpy()
        return Column(name, TRUTH, truths, missing, cells=series)
    numbers = numeric(series, cells.comma)
    failed = (numbers.is_null() & series.is_not_null()).to_numpy()
    if not failed.any():
        _unambiguous(name, there, cells, source)
        values = np.array(numbers.fill_null(float("nan")).to_numpy())
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


def _unambiguous(name: str, there: pl.Series, cells: Cells, source: str) -> None:
    """Raise InputError for numbers with a comma that may stand before decimals or between thousands."""
    with_comma = there.filter(there.str.contains(","))
    if cells.comma and len(with_comma) and with_comma.str.contains(THOUSANDS).all():
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


def written(table: Table, name: str) -> bytes:
    """A table as the content of a file.

    Args:
        table: the columns.
        name: of the file, whose ending says the format.

    Raises:
        InputError: the ending is another one.
    """
    import polars as pl

    suffix = Path(name.lower()).suffix
    if suffix not in TEXTS + BINARIES:
        raise InputError(f"{name}: the ending says no format of tables; give {', '.join(TEXTS + BINARIES)}")
    texts = suffix in TEXTS
    frame = pl.DataFrame(
        {
            column.name: column.cells if texts and column.cells is not None else pl.Series(_plain(column), strict=False)
            for column in table.columns
        }
    )
    buffer = io.BytesIO()
    if suffix in TEXTS:
        frame.write_csv(buffer, separator="," if suffix == ".csv" else "\t")
    elif suffix in (".parquet", ".pq"):
        frame.write_parquet(buffer)
    else:
        frame.write_ipc(buffer)
    return buffer.getvalue()


def _plain(column: Column) -> list[Any]:
    """A column's values; whole numbers that are too large stay doubles."""
    return column.values.tolist() if column.beyond and column.cells is None else column.said()
