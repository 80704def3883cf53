"""The columns of a table that rules read, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bnnsat.errors import InputError
from bnnsat.tables.table import Column, Table


class Reads(Protocol):
    """What reads one column."""

    @property
    def column(self) -> str:
        """Its name."""

    @property
    def TYPES(self) -> tuple[str, ...]:  # noqa: N802 (a constant of each kind)
        """Kinds of columns that it reads."""


def matched(table: Table, rules: Sequence[Reads]) -> Table:
    """The columns that the rules read, in their order.

    Args:
        table: with these columns in any order, and maybe others.
        rules: of a model.

    Raises:
        InputError: a column is missing or of another type.
    """
    columns = []
    for rule in rules:
        if rule.column not in table.names:
            raise InputError(
                f"{table.source}: column {rule.column!r} is missing; the model was trained with "
                f"{', '.join(known.column for known in rules)}"
            )
        column = table.column(rule.column)
        if column.missing.all():
            # Nothing says of what type a column without values is.
            column = Column.blank(column.name, rule.TYPES[0], len(table))
        if column.kind not in rule.TYPES:
            there = next(value for value in column.said() if value is not None)
            raise InputError(
                f"{table.source}: column {rule.column!r} holds {column.kind}s like {there!r}; "
                f"the model was trained with {' or '.join(rule.TYPES)}s there"
            )
        columns.append(column)
    return Table(tuple(columns), table.source)
