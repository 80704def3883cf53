"""Which column of a table is learned, and from which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import NUMBER, TRUTH, Column, Label, Table
from bnnsat.types import Integers

TARGET_NAMES = ("label", "labels", "class", "target", "y")
"""What a target is called, where nobody says which column it is."""
MOST_CLASSES = 1_000
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
        said = table.columns[table.names.index(together)].said()
        groups = np.unique([repr(value) for value in said], return_inverse=True)[1].astype(np.int64)
    return Roles(table.keep(kept), name, labels, classes, tuple(notes), groups)


def _listed(names: Sequence[str], table: Table) -> list[str]:
    """Columns one by one; commas part names unless they are in one."""
    return [part for name in names for part in ([name] if name in table.names else name.split(","))]


def classes_of(column: Column, source: str) -> tuple[Integers, tuple[Label, ...]]:
    """Labels as places among the classes, and the classes, ascending.

    Args:
        column: the target, without missing values.
        source: names the table in errors.

    Raises:
        InputError: there is one class, or too many.
    """
    said = column.said() if column.beyond else column.values.tolist()
    distinct = sorted(set(said))
    if len(distinct) < 2:
        raise InputError(f"{source}: target {column.name!r} has one value only, {column.said()[0]!r}; two are due")
    if len(distinct) > MOST_CLASSES:
        raise InputError(
            f"{source}: target {column.name!r} has {len(distinct):,} distinct values; at most {MOST_CLASSES:,} classes "
            "can be learned, and numbers are not predicted"
        )
    places = {value: place for place, value in enumerate(distinct)}
    codes = np.array([places[value] for value in said], dtype=np.int64)
    return codes, tuple(_plain(column, value) for value in distinct)


def coded(column: Column, classes: Sequence[Label], source: str) -> Integers:
    """Labels as places among known classes; -1 for a missing one.

    Args:
        column: the target.
        classes: what the model calls them.
        source: names the table in errors.

    Raises:
        InputError: a label is none of them.
    """
    # Labels that were texts are read as they are spelled.
    spelled = all(isinstance(label, str) for label in classes)
    said = column.texts_of() if spelled else column.said()
    places = {label: place_among(label, classes) for label in {*said} if label is not None}
    for row, label in enumerate(said):
        if label is not None and places[label] is None:
            raise InputError(
                f"{source}: row {row + 1} has label {label!r} in {column.name!r}; the model knows {listed(classes)}"
            )
    return np.array([-1 if label is None else places[label] for label in said], dtype=np.int64)


def place_among(label: Label, classes: Sequence[Label]) -> int | None:
    """The place of a class: the one that is spelled so, else the only one that means the same; None for none.

    Args:
        label: what it is called.
        classes: all of them.
    """
    texts = [str(known) for known in classes]
    if str(label) in texts:
        return texts.index(str(label))
    same = [place for place, known in enumerate(classes) if key(known) == key(label)]
    return same[0] if len(same) == 1 else None


def place_of(label: Label, classes: Sequence[Label], what: str) -> int:
    """The place of a class, however it is written.

    Args:
        label: what it is called: 3, "3" and 3.0 are the same.
        classes: all of them.
        what: the data, for the error.

    Raises:
        InputError: it is none of them.
    """
    place = place_among(label, classes)
    if place is None:
        raise InputError(f"{what} has no label {label!r}; its labels are {listed(classes)}")
    return place


def listed(classes: Sequence[Label]) -> str:
    """The classes in words, the first of many.

    Args:
        classes: what they are called.
    """
    if len(classes) > 2 and list(classes) == list(range(len(classes))):
        return f"0 to {len(classes) - 1}"
    return ", ".join(map(str, classes[:12])) + (", ..." if len(classes) > 12 else "")


def _plain(column: Column, value: float | int) -> Label:
    if column.kind == NUMBER:
        return int(value) if value == int(value) else float(value)
    return bool(value) if column.kind == TRUTH else column.levels[int(value)]


def key(label: Label) -> str:
    """What spellings of a label have in common: 3, 3.0 and "3" are one.

    Args:
        label: of any type.
    """
    text = str(label).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        return repr(float(text))
    except ValueError:
        return text
