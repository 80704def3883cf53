"""A data set from a table: one column is learned from others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bnnsat.data.dataset import Dataset, Examples, greyed
from bnnsat.errors import InputError
from bnnsat.tables.labels import coded
from bnnsat.tables.roles import parted
from bnnsat.tables.table import Table
from bnnsat.tables.ways import bits_only

COLUMNS = "columns"
"""The declared way to bits: a rule for each column."""


def dataset_of(
    table: Table,
    test: Table | None = None,
    *,
    target: str | None = None,
    drop: Sequence[str] = (),
    columns: Sequence[str] = (),
    group: str | None = None,
) -> Dataset:
    """Training examples from a table. Columns of 0 and 1 are bits as they are, in their order.

    Args:
        table: all columns.
        test: another one with the same columns, for test examples; rows without a label are left out.
        target: the label's column: its name or number from 1, first or last; None to tell by its name, else the last.
        drop: columns that are not learned from.
        columns: those that are; all others without.
        group: a column whose equal values stay together where examples are held back; it is not learned from.

    Raises:
        InputError: a column is not there, or nothing can be learned.
    """
    roles = parted(table, target=target, drop=drop, columns=columns, group=group)
    parts = [(roles.inputs, roles.labels)]
    if test is not None:
        answers = test.column(test.names[test.place(roles.target, "target")])
        codes = coded(answers, roles.classes, test.source)
        if missing := [name for name in roles.inputs.names if name not in test.names]:
            raise InputError(f"{test.source}: column {missing[0]!r} is missing, which {table.source} has")
        inputs = test.keep(roles.inputs.names)
        parts.append((inputs.take(codes >= 0), codes[codes >= 0]))
    # What is only tested has no say in how the model reads its columns.
    bits = bits_only(roles.inputs)
    examples = [Examples(greyed(inputs) if bits else inputs, labels) for inputs, labels in parts]
    made = Dataset.of(Path(table.source).name, examples[0], ([*examples, None])[1], "bits" if bits else COLUMNS)
    counting = all(type(label) is int for label in roles.classes) and roles.classes == tuple(range(len(roles.classes)))
    return replace(
        made,
        classes=len(roles.classes),
        names=() if counting else roles.classes,
        columns=tuple(roles.inputs.names),
        target=roles.target,
        notes=(*table.notes, *roles.notes),
        groups=roles.groups,
    )
