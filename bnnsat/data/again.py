"""Data for a network of whole numbers that is there: made into its inputs as its model says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bnnsat.data.chosen import TaskOptions
from bnnsat.data.read import found
from bnnsat.data.whole import WholeTask
from bnnsat.errors import InputError
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.shape import EXACT
from bnnsat.tables.archive import target_in
from bnnsat.tables.fixed import FixedPoint
from bnnsat.tables.labels import coded, one_of
from bnnsat.tables.source import is_table, read_table
from bnnsat.tables.table import Label, Table
from bnnsat.types import Integers


def trained_on(model: IntegerModel, data: str | None) -> WholeTask:
    """What a model was trained on, made again.

    Args:
        model: that says what it was.
        data: where the data set is, if it is not where it was.

    Raises:
        InputError: the model does not say, or the data are others.
    """
    noted = model.origin.get("task")
    if noted is None:
        raise InputError("the model does not say what it was trained on; train it with bnnsat train --out")
    return _task(model, noted if data is None else {**noted, "data": data})


@dataclass(frozen=True, eq=False)
class Again:
    """Examples as a network of whole numbers reads them.

    Attributes:
        inputs: (examples, n).
        labels: (examples,), -1 where there is none.
        table: the columns that they come from; None where they come from none.
        notes: what is odd about them, in words.
    """

    inputs: Integers
    labels: Integers
    table: Table | None = None
    notes: tuple[str, ...] = ()


def examples_of(
    model: IntegerModel,
    data: str,
    part: str | None = None,
    positive: Label | None = None,
    target: str | None = None,
    header: bool | None = None,
) -> Again:
    """Examples of a data set for a model.

    Args:
        model: that is to read them.
        data: the data set.
        part: train or test; None for test where there is one.
        positive: the label that label 1 stands for; None for as trained.
        target: the label's column of a table; None for that of the training, if it is there.
        header: whether the first row of a text names the columns; None to tell by what it holds.

    Raises:
        InputError: the data do not fit the model.
    """
    if model.columns is not None:
        return _of_levels(model, model.columns, data, part, positive, target, header)
    table: Table | None = None
    if is_table(data):
        found(data)
        table = read_table(data, header)
    elif target is not None or header is not None:
        raise InputError(f"{data} is no table with named columns; leave {'target' if target else 'header'} out")
    noted = model.origin.get("task") or {}
    # As in the training, but all examples that there are.
    chosen = {**noted, "data": data, "examples": None, "test_size": None}
    if data != noted.get("data"):
        chosen["test_data"] = None
    given = {"positive": positive, "target": target, "header": header}
    chosen |= {name: value for name, value in given.items() if value is not None}
    task = _task(model, chosen)
    learned = part == "train" or (part is None and task.test_inputs is None)
    if not learned and task.test_inputs is None:
        raise InputError(f"{data} has no test examples; say train")
    own, labels = (task.inputs, task.labels) if learned else (task.test_inputs, task.test_labels)
    assert own is not None and labels is not None
    # Rows without a label are left out of what is learned.
    return Again(own, labels, table if table is not None and len(table) == len(own) else None)


def _of_levels(
    model: IntegerModel,
    columns: FixedPoint,
    data: str,
    part: str | None,
    positive: Label | None,
    target: str | None,
    header: bool | None,
) -> Again:
    """Rows of a table for a model that makes levels of its columns."""
    if not is_table(data):
        named = ", ".join(columns.columns)
        raise InputError(f"the model reads the columns of a table ({named}); {data} is none: name one with data")
    if part == "test":
        raise InputError(f"{data} is one table, without a test part; leave --part out")
    found(data)
    table = read_table(data, header)
    return Again(columns(table), _labels(model, table, positive, target), table, table.notes)


def _task(model: IntegerModel, noted: dict[str, Any]) -> WholeTask:
    shape = model.network.shape
    return WholeTask.chosen(TaskOptions.of(noted), shape.sizes[-1], shape.input_bits, model.shift, model.columns)


def _labels(model: IntegerModel, table: Table, positive: Label | None, target: str | None) -> Integers:
    noted, shape = model.origin.get("task") or {}, model.network.shape
    own = target_in(table.source, noted.get("target"))
    name = own if target is None else table.names[table.place(target, "target")]
    if name not in table.names:
        return np.full(len(table), -1)
    answers, chosen = table.column(name), noted.get("positive") if positive is None else positive
    if chosen is not None:
        return one_of(answers, chosen, table.source, needed=positive is not None)
    if shape.head == EXACT and not model.labels:
        # The output itself is the label.
        return np.array([label if type(label) is int else -1 for label in answers.said()], dtype=np.int64)
    return coded(answers, model.labels or tuple(range(shape.classes)), table.source)
