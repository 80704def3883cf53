"""How a rule for one column is made: the ways to cut numbers, and to part texts."""

from __future__ import annotations

import numpy as np

from bnnsat.errors import InputError
from bnnsat.tables.cuts import quantiles, supervised, uniform
from bnnsat.tables.rules import Cuts, Groups, Rule, Truth, texts_of
from bnnsat.tables.table import NUMBER, TEXT, TRUTH, Column, Table
from bnnsat.types import Integers

WAYS = ("quantiles:N", "uniform:N", "supervised:N", "onehot:N", "bit")
"""N cuts, or the N commonest texts; `:intervals` behind a number of cuts makes a bit of each interval."""
MOST_BITS = 255
RARE_SHARE = 0.01
"""Texts of a smaller share of the rows, or that come once, have one bit together."""
DEFAULT_NUMBERS, DEFAULT_TEXTS = "quantiles:5", "onehot:16"
"""For columns that nobody has named a rule for."""


def usual(column: Column, way: str) -> str:
    """The way for a column that nobody has named one for.

    Args:
        column: of the training examples.
        way: for numbers.
    """
    if column.kind == TEXT:
        return DEFAULT_TEXTS
    if column.kind == TRUTH or is_bit(column):
        return "bit"
    return way


def is_bit(column: Column) -> bool:
    """Whether a column holds nothing but 0 and 1, or truth values.

    Args:
        column: of any kind.
    """
    if column.kind == NUMBER:
        return bool(np.isin(column.values[~column.missing], (0, 1)).all())
    return column.kind == TRUTH


def bits_only(table: Table) -> bool:
    """Whether a table holds bits already, and none is missing.

    Args:
        table: any.
    """
    return all(is_bit(column) and not column.missing.any() for column in table.columns)


def fitted(way: str, column: Column, labels: Integers) -> Rule:
    """The rule of a way for a column.

    Args:
        way: one of WAYS.
        column: of the training examples.
        labels: (rows,), from 0.

    Raises:
        InputError: the way is unknown, or not one for such a column.
    """
    kind, count, intervals = _understood(way)
    there, missing = ~column.missing, bool(column.missing.any())
    if kind == "bit":
        if column.kind == TEXT or (column.kind == NUMBER and not np.isin(column.values[there], (0, 1)).all()):
            raise InputError(f"column {column.name!r} holds other values than 0 and 1, so it is no bit")
        return Truth(column.name, missing)
    if kind == "onehot":
        spelled = column.kind == TEXT
        texts, counts = np.unique(texts_of(column, spelled)[there], return_counts=True)
        ranked = np.argsort(-counts, kind="stable")
        often = counts[ranked] >= max(2, RARE_SHARE * there.sum())
        common = sorted(ranked[:count][often[:count]].tolist())
        rare = sorted(set(range(len(texts))) - set(common))
        if len(rare) == 1 and len(common) < count:
            # One alone keeps its name.
            common, rare = sorted([*common, *rare]), []
        names = [str(text) for text in texts]
        return Groups(column.name, missing, tuple(names[i] for i in common), tuple(names[i] for i in rare), spelled)
    if column.kind != NUMBER:
        raise InputError(f"column {column.name!r} holds no numbers, which {kind} would cut; take onehot")
    values = column.values[there]
    if kind == "supervised":
        cuts = supervised(values, labels[there], count)
    else:
        cuts = (quantiles if kind == "quantiles" else uniform)(values, count)
    return Cuts(column.name, missing, tuple(cuts), intervals)


def checked(way: str) -> None:
    """Raise InputError for a way that is unknown.

    Args:
        way: one of WAYS.
    """
    _understood(way)


def _understood(way: str) -> tuple[str, int, bool]:
    kind, _, rest = way.partition(":")
    number, _, intervals = rest.partition(":")
    cuts = kind in ("quantiles", "uniform", "supervised")
    if kind == "bit" and not rest:
        return kind, 1, False
    if kind == "onehot" and not rest:
        return kind, MOST_BITS, False
    good = number.isascii() and number.isdecimal() and len(number) <= 3 and 1 <= int(number) <= MOST_BITS
    if not (cuts or kind == "onehot") or not good or intervals not in (("", "intervals") if cuts else ("",)):
        raise InputError(
            f"unknown binarisation {way!r}; there are {', '.join(WAYS)} with N from 1 to {MOST_BITS}, "
            "and :intervals behind a number of cuts"
        )
    return kind, int(number), intervals == "intervals"
