"""Tables from memory: data frames, arrays and lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.tables.kinds import column_of, finite
from bnnsat.tables.table import NUMBER, TRUTH, Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bnnsat.types import Bits


def is_frame(values: Any) -> bool:
    """Whether something is a data frame, of pandas or polars.

    Args:
        values: anything.
    """
    return hasattr(values, "columns") and hasattr(values, "dtypes")


def table_of(values: Any, what: str = "the data", names: Sequence[str] = ()) -> Table:
    """The table in a data frame, an array or nested lists.

    Args:
        values: a table, a data frame of pandas or polars, or rows of values.
        what: names it in errors.
        names: of the columns, where the values have none.

    Raises:
        InputError: it is no table, or a column is of another type.
    """
    if isinstance(values, Table):
        return values
    if is_frame(values):
        if hasattr(values, "get_columns"):
            table = Table(tuple(column_of(series, what) for series in values), what)
        else:
            columns = (_column(str(name), values.iloc[:, i], what) for i, name in enumerate(values.columns))
            table = Table(tuple(columns), what)
        if not len(table):
            raise InputError(f"{what} are a frame without rows or columns")
        table.distinct()
        return table
    if hasattr(values, "toarray"):
        values = values.toarray()
    array = np.asarray(values) if not isinstance(values, (list, tuple)) else _array(values, what)
    if array.ndim != 2 or not array.size:
        raise InputError(f"{what} have shape {array.shape}; a table of rows x columns is due")
    called = list(names) or [f"x{place}" for place in range(array.shape[1])]
    if len(called) != array.shape[1]:
        raise InputError(f"{what} have {array.shape[1]} columns; {len(called)} are due: {', '.join(called)}")
    return Table(tuple(_column(name, array[:, i], what) for i, name in enumerate(called)), what)


def column(values: Any, name: str, what: str) -> Column:
    """The column in a list, an array or a series.

    Args:
        values: (rows,).
        name: of the column.
        what: names it in errors.

    Raises:
        InputError: it is none, or of another type.
    """
    if hasattr(values, "to_frame") and hasattr(values, "cast"):
        return column_of(values.rename(name), what)
    array = values if hasattr(values, "dtype") else np.asarray(values, dtype=object)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0] if isinstance(array, np.ndarray) else array.iloc[:, 0]
    if array.ndim != 1:
        raise InputError(f"{what} have shape {array.shape}; one value for each row is due")
    return _column(name, array, what)


def _array(values: Any, what: str) -> NDArray[Any]:
    try:
        return np.array(values, dtype=object)
    except ValueError:
        raise InputError(f"{what} are rows of different lengths; all need the same number of columns") from None


def _column(name: str, values: Any, what: str) -> Column:
    """A column from an array or a pandas series."""
    kind = getattr(values.dtype, "kind", "O")
    if isinstance(values, np.ndarray) and kind in "biuf":
        return _plain(name, values, np.isnan(values) if kind == "f" else np.zeros(len(values), dtype=np.bool_), what)
    cells = np.asarray(values, dtype=object)
    missing = np.array([_is_missing(value) for value in cells.tolist()], dtype=np.bool_)
    there = [value for value, gone in zip(cells.tolist(), missing, strict=True) if not gone]
    if there and all(isinstance(value, (bool, np.bool_)) for value in there):
        truths = np.array(
            [
                value is not None and bool(value) if not gone else False
                for value, gone in zip(cells, missing, strict=True)
            ]
        )
        return Column(name, TRUTH, truths, missing)
    if all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in there):
        try:
            numbers = np.array([float("nan") if gone else float(v) for v, gone in zip(cells, missing, strict=True)])
        except OverflowError:
            raise InputError(f"{what}: column {name!r} holds a number that is too large") from None
        return finite(Column(name, NUMBER, numbers, missing), what)
    if not all(isinstance(value, str) for value in there):
        kinds = sorted({type(value).__name__ for value in there})
        if len(kinds) > 1 or kinds[0] in ("list", "dict", "tuple", "ndarray", "bytes", "complex"):
            raise InputError(
                f"{what}: column {name!r} holds {' and '.join(kinds)}; numbers, truth values or texts are due"
            )
    return Column.texts(
        name, np.array(["" if gone else str(v) for v, gone in zip(cells, missing, strict=True)]), missing
    )


def _plain(name: str, values: NDArray[Any], missing: Bits, what: str) -> Column:
    if values.dtype.kind == "b":
        return Column(name, TRUTH, values, missing)
    column = Column(name, NUMBER, values.astype(np.float64), missing)
    if values.dtype.kind in "iu" and column.beyond:
        import polars as pl

        return replace(column, cells=pl.Series(values.astype(str).tolist()))
    return finite(column, what)


def _is_missing(value: Any) -> bool:
    """None, NaN, or pandas' own signs for either."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and value != value
