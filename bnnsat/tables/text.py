"""Text with separated columns: what separates them, whether there is a header, and the cells."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice, pairwise
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted

if TYPE_CHECKING:
    import polars as pl

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 200
"""Rows by which it is told what separates the columns."""
MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None")
"""What stands for no value."""


@dataclass(frozen=True, eq=False)
class Cells:
    """A text table.

    Attributes:
        names: of its columns; numbered from 1 where there is no header.
        frame: all cells as text, stripped; null where there is no value.
        headed: whether the names are from a header.
        separator: between columns.
        comma: whether decimals have a comma.
    """

    names: list[str]
    frame: pl.DataFrame
    headed: bool
    separator: str
    comma: bool

    @classmethod
    def of(cls, content: bytes, source: str, header: bool | None) -> Cells:
        """The cells of a text.

        Args:
            content: UTF-8 or UTF-16, with or without a byte order mark.
            source: names it in errors.
            header: whether the first row names the columns; None to tell by what it holds.

        Raises:
            InputError: it is no text, or its rows have different numbers of columns.
        """
        import polars as pl

        text = _decoded(content, source)
        separator = _separator(text)
        _even(text, separator, source)
        try:
            frame = pl.read_csv(
                io.BytesIO(text.encode()), has_header=False, infer_schema=False, separator=separator, quote_char='"'
            )
        except pl.exceptions.PolarsError:
            # A quote within a cell, as in inches; Python's reader takes it as it is.
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
            frame = pl.DataFrame(rows, schema={f"{i}": pl.String for i in range(len(rows[0]))}, orient="row")
        frame = frame.with_columns(pl.all().str.strip_chars())
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null() | (pl.all() == "")))
        if not len(frame):
            raise InputError(f"{source}: holds no row")
        first = [cell or "" for cell in frame.row(0)]
        body = frame.slice(1)
        comma = separator != "," and _decimal_commas(body)
        headed = _is_header(first, body, comma) if header is None else header
        names = first if headed else [str(place) for place in range(1, len(first) + 1)]
        frame = (body if headed else frame).with_columns(
            pl.when(pl.all().is_in(MISSING)).then(None).otherwise(pl.all()).name.keep()
        )
        if not len(frame):
            raise InputError(f"{source}: there is a header and no row below it")
        repeated = [name for name, count in Counter(names).items() if count > 1 and name]
        if repeated:
            raise InputError(
                f"{source}: two columns are called {repeated[0]!r}; give them different names"
                + ("" if header else ", or say --no-header if the first row is an example")
            )
        return cls(names, frame, headed, separator, comma)


def _decoded(content: bytes, source: str) -> str:
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{source}: line {line} is no UTF-8 text ({error.reason}); save it as UTF-8") from None
    if "\0" in text:
        raise InputError(f"{source}: holds zero bytes, so it is no text table")
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")


def _separator(text: str) -> str:
    """What the first rows agree on, and has most columns; a comma where nothing does."""
    best, most = ",", 1
    for separator in SEPARATORS:
        # Half a row may be the last one that is looked at.
        rows = _rows(text[: 1 << 20], separator)
        widths = Counter(map(len, rows[:-1] or rows))
        if not widths:
            continue
        width, agreed = widths.most_common(1)[0]
        # A header has no decimal commas.
        if width > most and len(rows[0]) == width and agreed > 0.9 * sum(widths.values()):
            best, most = separator, width
    return best


def _rows(text: str, separator: str) -> list[list[str]]:
    """The first rows; none where they cannot be parted so."""
    if '"' not in text:
        return [line.split(separator) for line in text.split("\n", LOOKED_AT)[:LOOKED_AT] if line]
    try:
        return [row for row in islice(csv.reader(io.StringIO(text), delimiter=separator), LOOKED_AT) if row]
    except csv.Error:
        return []


def _even(text: str, separator: str, source: str) -> None:
    """Raise InputError for a row with more or fewer columns than the first."""
    if '"' in text:
        try:
            widths = np.array([len(row) for row in csv.reader(io.StringIO(text), delimiter=separator, strict=True)])
        except csv.Error as error:
            raise InputError(f"{source}: not a text table ({error})") from None
    else:
        raw = np.frombuffer(text.encode(), dtype=np.uint8)
        ends = np.flatnonzero(raw == ord("\n"))
        starts, ends = np.append(0, ends + 1), np.append(ends, len(raw))
        marks = np.append(0, np.cumsum(raw == ord(separator)))
        # An empty line is none.
        widths = np.where(starts == ends, 0, marks[ends] - marks[starts] + 1)
    filled = np.flatnonzero(widths)
    if not filled.size:
        raise InputError(f"{source}: holds no row")
    if (bad := filled[widths[filled] != widths[filled[0]]]).size:
        unit = "row" if '"' in text else "line"
        raise InputError(
            f"{source}: {unit} {bad[0] + 1} has {counted(int(widths[bad[0]]), 'column')} and the first has "
            f"{widths[filled[0]]}; all need the same number (a text that holds {separator!r} is put in double quotes)"
        )


def _decimal_commas(body: pl.DataFrame) -> bool:
    """Whether some column is of numbers with a comma, and none of numbers with a point."""
    import polars as pl

    some = body.head(LOOKED_AT).cast(pl.String)
    commas = points = False
    for column in some:
        cells = column.drop_nulls()
        cells = cells.filter(~cells.is_in(MISSING))
        if len(cells) and cells.str.contains(r"^[+-]?\d*,\d+$|^[+-]?\d+$").all():
            commas |= bool(cells.str.contains(",").any())
        points |= bool(cells.str.contains(r"^[+-]?\d*\.\d+$").any())
    return commas and not points


def numeric(column: pl.Series, comma: bool) -> pl.Series:
    """A column of texts as doubles; null where one is no number.

    Args:
        column: texts.
        comma: whether decimals have a comma.
    """
    import polars as pl

    return (column.str.replace(",", ".", literal=True) if comma else column).cast(pl.Float64, strict=False)


def _is_header(first: list[str], body: pl.DataFrame, comma: bool) -> bool:
    """Whether the first row names the columns: by what it says that no row says as well.

    A name stands above numbers; where there are none, names are different from each other and from all texts below. A
    row 0, 1, 2, ... counts the columns, as a data frame without names does.
    """
    import polars as pl

    names = numeric(pl.Series(first, dtype=pl.String), comma).to_list()
    if not len(body):
        return all(value is None for value in names)
    counts = [str(place) for place in range(len(first))]
    if len(first) > 2 and (first == counts or first[1:] == counts[:-1]):
        return len(first) > 3 or not bool((body[:, -1] == first[-1]).any())
    names = [value if value is not None and isfinite(value) else None for value in names]
    texts = [place for place, value in enumerate(names) if value is None and first[place] not in MISSING]
    # A number among the names is a whole one, like a year or a pixel's place.
    numbers = [value for value in names if value is not None]
    if not texts or not all(value == abs(int(value)) for value in numbers):
        return False
    above = (body[:, place].filter(~body[:, place].is_in(MISSING)) for place in texts)
    if any(len(cells) and numeric(cells, comma).is_not_null().all() for cells in above):
        return True
    if any(bool((body[:, place] == first[place]).any()) for place in texts):
        return False
    # Numbers above numbers are an example's, unless they count, as years do.
    if numbers and not (len(numbers) > 1 and all(high == low + 1 for low, high in pairwise(numbers))):
        return False
    return len(set(first)) == len(first) and "" not in first[1:]
