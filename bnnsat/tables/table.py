"""A table: named columns of numbers, truth values or texts, some values of which may be missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.types import Bits, Doubles, Integers

NUMBER, TRUTH, TEXT = KINDS = ("number", "truth", "text")
EXACT = 2.0**53
"""From it on doubles do not tell all whole numbers apart."""
Label = int | float | str | bool
"""What a table calls a class."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes:
        name: from the header, or its place.
        kind: number, truth or text.
        values: (rows,) doubles, truth values, or places in `levels`; anything where a value is missing.
        missing: (rows,) whether there is no value.
        levels: the distinct texts, ascending; none for other kinds.
        cells: the texts as they stood in a file, a series of polars; None where there were none.
        original: the same as it stood in a frame, a series of polars; None where it stood in none.
        fault: why it cannot be learned from, in words; it is a column of texts then.
    """

    name: str
    kind: str
    values: NDArray[Any]
    missing: Bits
    levels: tuple[str, ...] = ()
    cells: Any = None
    original: Any = None
    fault: str = ""

    @classmethod
    def numbers(cls, name: str, values: Doubles) -> Column:
        """A column of numbers, of which NaN are missing.

        Args:
            name: of the column.
            values: (rows,).
        """
        return cls(name, NUMBER, values, np.isnan(values))

    @classmethod
    def texts(cls, name: str, values: NDArray[Any], missing: Bits) -> Column:
        """A column of texts.

        Args:
            name: of the column.
            values: (rows,) of str; anything where a value is missing.
            missing: (rows,).
        """
        levels, places = np.unique(values[~missing].astype(np.dtypes.StringDType()), return_inverse=True)
        codes = np.zeros(len(values), dtype=np.int64)
        codes[~missing] = places
        return cls(name, TEXT, codes, missing, tuple(map(str, levels)))

    @classmethod
    def blank(cls, name: str, kind: str, rows: int) -> Column:
        """A column without any value.

        Args:
            name: of the column.
            kind: number, truth or text.
            rows: how many.
        """
        return cls(name, kind, np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.bool_), ("",))

    def take(self, rows: Integers | Bits) -> Column:
        """Some of its rows.

        Args:
            rows: their places, or whether each is taken.
        """

        def taken(series: Any) -> Any:
            if series is None:
                return None
            return series.filter(rows) if rows.dtype == np.bool_ else series.gather(rows)

        cells, original = taken(self.cells), taken(self.original)
        return replace(self, values=self.values[rows], missing=self.missing[rows], cells=cells, original=original)

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        there = self.values[~self.missing]
        return self.kind == NUMBER and bool((there == np.floor(there)).all())

    @property
    def beyond(self) -> bool:
        """Whether some numbers are too large for doubles to be told apart."""
        there = np.abs(self.values[~self.missing])
        return self.kind == NUMBER and bool((there >= EXACT).any())

    def texts_of(self) -> list[str | None]:
        """Each row's value as a text: as it stood in a file, or as it is written; None where it is missing."""
        if self.cells is not None:
            return list(self.cells)
        return [value if value is None else str(value) for value in self.said()]

    def said(self) -> list[Label | None]:
        """Each row's value as a plain one; None where it is missing."""
        if self.kind == TEXT:
            plain: list[Any] = [self.levels[code] for code in self.values] if self.levels else [None] * len(self.values)
        elif self.whole and self.cells is not None and self.beyond:
            # Doubles do not tell such numbers apart.
            plain = [None if cell is None else int(cell) for cell in self.cells]
        elif self.whole:
            plain = [int(value) if value == value else None for value in self.values.tolist()]
        else:
            plain = self.values.tolist()
        return [None if gone else value for value, gone in zip(plain, self.missing.tolist(), strict=True)]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equally many rows.

    Attributes:
        columns: in their order.
        source: names the table in errors.
        notes: what was decided while it was read, in words.
    """

    columns: tuple[Column, ...]
    source: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    @property
    def names(self) -> list[str]:
        """Those of its columns."""
        return [column.name for column in self.columns]

    def place(self, name: str, what: str) -> int:
        """Where the column of that name, or of that number from 1, is.

        Args:
            name: of the column; first and last are the outer ones, unless one is called so.
            what: the column is to be, for the error.

        Raises:
            InputError: there is none.
        """
        names = self.names
        if name in names:
            return names.index(name)
        if name in ("first", "last"):
            return 0 if name == "first" else len(names) - 1
        if name.isdecimal() and 1 <= int(name) <= len(names):
            return int(name) - 1
        near = get_close_matches(name, names, 1, 0.0)
        hint = f"; did you mean {near[0]!r}?" if near and len(names) > 12 else f"; its columns are {', '.join(names)}"
        raise InputError(f"{self.source}: there is no column {name!r} for {what}{hint}")

    def distinct(self) -> None:
        """Raise InputError where two columns have one name."""
        names = self.names
        if len(set(names)) < len(names):
            name = next(name for place, name in enumerate(names) if name in names[:place])
            raise InputError(f"{self.source}: two columns are called {name!r}; give them different names")

    def take(self, rows: Integers | Bits) -> Table:
        """Some of its rows.

        Args:
            rows: their places, or whether each is taken.
        """
        return replace(self, columns=tuple(column.take(rows) for column in self.columns))

    def column(self, name: str) -> Column:
        """The column of that name.

        Args:
            name: of a column that is there.

        Raises:
            InputError: it has a fault.
        """
        column = self.columns[self.names.index(name)]
        if column.fault:
            raise InputError(column.fault)
        return column

    def keep(self, names: list[str]) -> Table:
        """Some of its columns, in that order.

        Args:
            names: of them.

        Raises:
            InputError: one has a fault.
        """
        there = {column.name: column for column in self.columns}
        if faulty := [name for name in names if there[name].fault]:
            self.column(faulty[0])
        return replace(self, columns=tuple(there[name] for name in names))
