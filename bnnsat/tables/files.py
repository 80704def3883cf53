"""Tables from files and into files: CSV and its kin, Parquet, Arrow, plain or compressed, or from standard input."""

from __future__ import annotations

import functools
import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bnnsat.errors import InputError
from bnnsat.tables.kinds import framed, typed
from bnnsat.tables.table import NUMBER, Column, Table
from bnnsat.tables.text import Cells

if TYPE_CHECKING:
    import polars as pl

TEXTS, BINARIES = (".csv", ".tsv", ".tab"), (".parquet", ".pq", ".feather", ".arrow", ".ipc")
INPUT = "-"
"""Standard input."""
MAX_BYTES = 1 << 31


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
        return framed(_binary(content, name), name)
    if content[:4] == b"PARE":
        raise InputError(f"{name}: an encrypted Parquet file; save it without encryption")
    if Path(source.lower()).suffix in BINARIES:
        raise InputError(f"{name}: neither a Parquet nor an Arrow file, or cut off at its start")
    return typed(Cells.of(content, name, header), name)


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
    frame = pl.DataFrame({column.name: _series(column, texts) for column in table.columns})
    buffer = io.BytesIO()
    if texts:
        frame.write_csv(buffer, separator="," if suffix == ".csv" else "\t")
    elif suffix in (".parquet", ".pq"):
        frame.write_parquet(buffer)
    else:
        frame.write_ipc(buffer)
    return buffer.getvalue()


def _series(column: Column, texts: bool) -> pl.Series:
    """A column as it stood, as far as the format has that."""
    import polars as pl

    kept: pl.Series | None = column.cells if texts else column.original
    if kept is not None:
        # A decimal comma would stand between columns.
        return kept.str.replace(",", ".", literal=True) if texts and column.kind == NUMBER else kept
    return pl.Series(_plain(column), strict=False)


def _plain(column: Column) -> list[Any]:
    """A column's values; whole numbers that are too large stay doubles."""
    return column.values.tolist() if column.beyond and column.cells is None else column.said()
