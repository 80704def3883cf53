"""Which column of a table is learned, and from which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.labels import classes_of
from bnnsat.tables.table import Label, Table
from bnnsat.types import Integers

TARGET_NAMES = ("label", "labels", "class", "target", "y")
"""What a target is called, where nobody says which column it is."""
MANY_CLASSES, MANY_SHARE = 20, 0.05
"""So many classes, and as a share of the rows, are told: they may be no classes."""


@dataclass(frozen=True, eq=False)
class Roles:
    """A table parted into what is learned, and what from.

    Attributes:
        inputs: the columns that are learned from.
        target: its column's name.
        labels: (rows,) places in `classes`; of rows without a label there are none here.
        classes: what the labels are called, ascending.
        notes: what was decided, in words.
        groups: (rows,) which of them stay together where some are held back; None for each by itself.
    """

    inputs: Table
    target: str
    labels: Integers
    classes: tuple[Label, ...]
    notes: tuple[str, ...] = ()
    groups: Integers | None = None


def target_of(table: Table, target: str | None) -> tuple[str, str | None]:
    """The target's name, and a word on it where nobody has said which one it is.

    Args:
        table: all columns.
        target: its name or number from 1, first or last; None for a column called label, class, target or y, else
            the last.

    Raises:
        InputError: there is no such column, or several are called so.
    """
    if target is not None:
        return table.names[table.place(target, "target")], None
    called = [name for name in table.names if name.strip().lower() in TARGET_NAMES]
    if len(called) > 1:
        raise InputError(f"{table.source}: {' and '.join(map(repr, called))} may be the target; say which one is")
    if called:
        return called[0], None
    return table.names[-1], f"the target is the last column, {table.names[-1]!r} (--target names another)"


def parted(
    table: Table,
    *,
    target: str | None = None,
    drop: Sequence[str] = (),
    columns: Sequence[str] = (),
    group: str | None = None,
) -> Roles:
    """Inputs and labels of a table; rows without a label are left out, with a word.

    Args:
        table: all columns.
        target: as `target_of` takes it.
        drop: columns that are not learned from.
        columns: those that are; all others without.
        group: a column whose equal values stay together where rows are held back; it is not learned from.

    Raises:
        InputError: a column is not there, or the target has one class, too many, or no value.
    """
    name, note = target_of(table, target)
    dropped = {table.names[table.place(column, "drop")] for column in _listed(drop, table)}
    kept = [table.names[table.place(column, "columns")] for column in _listed(columns, table)] or table.names
    together = None if group is None else table.names[table.place(group, "group")]
    dropped |= set() if together is None else {together}
    if name in dropped:
        raise InputError(f"{table.source}: {name!r} is the target, which cannot be dropped")
    kept = [column for column in dict.fromkeys(kept) if column != name and column not in dropped]
    notes = [] if note is None else [note]
    answers = table.column(name)
    if answers.missing.all():
        raise InputError(f"{table.source}: all labels of target {name!r} are missing; nothing can be learned")
    if answers.missing.any():
        notes.append(f"{counted(int(answers.missing.sum()), 'row')} without a label left out")
        table, answers = table.take(~answers.missing), answers.take(~answers.missing)
    if empty := [column.name for column in table.columns if column.missing.all() and column.name in kept]:
        notes.append(f"without any value, and left out: {', '.join(empty)}")
        kept = [column for column in kept if column not in empty]
    if not kept:
        raise InputError(f"{table.source}: beside target {name!r} there is no column to learn from")
    labels, classes = classes_of(answers, table.source)
    if len(classes) > MANY_CLASSES and len(classes) > MANY_SHARE * len(labels):
        notes.append(
            f"target {name!r} has {len(classes)} distinct values in {counted(len(labels), 'row')}: each is a class "
            "of its own, for numbers are not predicted"
        )
    groups = None
    if together is not None:
        grouped = table.columns[table.names.index(together)]
        # Texts that are no numbers tell groups apart as well; what cannot be read does not.
        said = (grouped if grouped.cells is not None else table.column(together)).said()
        groups = np.unique([repr(value) for value in said], return_inverse=True)[1].astype(np.int64)
    return Roles(table.keep(kept), name, labels, classes, tuple(notes), groups)


def _listed(names: Sequence[str], table: Table) -> list[str]:
    """Columns one by one; commas part names unless they are in one."""
    return [part for name in names for part in ([name] if name in table.names else name.split(","))]
