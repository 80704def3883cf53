"""Data for a network of whole numbers that is there: made into its inputs as its model says."""

from __future__ import annotations

from typing import Any

import numpy as np

from bnnsat.data.chosen import TaskOptions
from bnnsat.data.read import found
from bnnsat.data.whole import WholeTask
from bnnsat.errors import InputError
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.shape import EXACT
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


def examples_of(
    model: IntegerModel, data: str, part: str | None, positive: Label | None
) -> tuple[Integers, Integers, tuple[str, ...]]:
    """Inputs of a model, (examples, n), their labels, (examples,), -1 where there is none, and words on the data.

    Args:
        model: that is to read them.
        data: the data set.
        part: train or test; None for test where there is one.
        positive: the label that label 1 stands for; None for as trained.

    Raises:
        InputError: the data do not fit the model.
    """
    if model.columns is not None:
        if not is_table(data):
            named = ", ".join(model.columns.columns)
            raise InputError(f"the model reads the columns of a table ({named}); {data} is none: name one with data")
        if part == "test":
            raise InputError(f"{data} is one table, without a test part; leave --part out")
        found(data)
        table = read_table(data)
        inputs = model.columns(table)
        return inputs, _labels(model, table, positive), table.notes
    noted = model.origin.get("task") or {}
    label = positive if positive is not None else noted.get("positive")
    # As in the training, but all examples that there are.
    task = _task(model, {**noted, "data": data, "positive": label, "examples": None, "test_size": None})
    learned = part == "train" or (part is None and task.test_inputs is None)
    if not learned and task.test_inputs is None:
        raise InputError(f"{data} has no test examples; say train")
    own, labels = (task.inputs, task.labels) if learned else (task.test_inputs, task.test_labels)
    assert own is not None and labels is not None
    return own, labels, ()


def _task(model: IntegerModel, noted: dict[str, Any]) -> WholeTask:
    shape = model.network.shape
    return WholeTask.chosen(TaskOptions.of(noted), shape.sizes[-1], shape.input_bits, model.shift, model.columns)


def _labels(model: IntegerModel, table: Table, positive: Label | None) -> Integers:
    noted, shape = model.origin.get("task") or {}, model.network.shape
    if noted.get("target") not in table.names:
        return np.full(len(table), -1)
    answers, chosen = table.column(noted["target"]), noted.get("positive") if positive is None else positive
    if chosen is not None:
        return one_of(answers, chosen, table.source, needed=positive is not None)
    if shape.head == EXACT and not model.labels:
        # The output itself is the label.
        return np.array([label if type(label) is int else -1 for label in answers.said()], dtype=np.int64)
    return coded(answers, model.labels or tuple(range(shape.classes)), table.source)
