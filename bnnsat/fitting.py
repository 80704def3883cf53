"""What users hand over to be learned: bits or a data frame, labels of any kind, a shape or its topology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bnnsat.arrays import bits, numbers
from bnnsat.data.dataset import greyed
from bnnsat.data.preprocessing import AS_BITS, Preprocessing
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.shape import Shape
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.frames import column, is_frame, table_of
from bnnsat.tables.labels import classes_of, listed
from bnnsat.tables.table import NUMBER, Label, Table
from bnnsat.tables.ways import bits_only
from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class Given:
    """Examples that can be learned.

    Attributes:
        inputs: (examples, n) bits.
        labels: (examples,), from 0.
        shape: of the network.
        preprocessing: from what was handed over to the bits.
        names: what the labels 0, 1, ... are called; none where they are those numbers themselves.
        table: what the inputs are made of, where that is a data frame of other values.
    """

    inputs: Bits
    labels: Integers
    shape: Shape
    preprocessing: Preprocessing = AS_BITS
    names: tuple[Label, ...] = ()
    table: Table | None = None


def given(inputs: Any, labels: Any, shape: Shape | str) -> Given:
    """What is learned.

    Args:
        inputs: (examples, n) of 0 and 1; or a data frame, or with a topology numbers, whose columns become bits.
        labels: (examples,), from 0, or any others, which are then taken in their order.
        shape: of the network, or the topology of popcounts; of a frame it may start with the number of columns.

    Raises:
        InputError: they do not fit each other.
    """
    if not isinstance(shape, (Shape, str)):
        raise InputError(f"shape is of type {type(shape).__name__}; give a bnnsat.Shape or a topology like '30-3-1'")
    said = Shape.parse(shape) if isinstance(shape, str) else shape
    codes, names = _labels(labels, said)
    if not (isinstance(inputs, Table) or is_frame(inputs) or (isinstance(shape, str) and _other_numbers(inputs))):
        return Given(*fitted(inputs, codes, said), said, names=names)
    table = table_of(inputs, "the inputs")
    if bits_only(table):
        rows, found = fitted(greyed(table), codes, said)
        return Given(rows, found, said, Preprocessing(TableBinarizer.of_bits(table.names)), names)
    if len(codes) != len(table):
        raise InputError(f"the labels are {len(codes)} for {counted(len(table), 'example')}; one label each is due")
    binarizer = TableBinarizer.fit(table, codes)
    made = _resized(shape, len(table.names), len(binarizer.kept))
    rows, found = fitted(binarizer(table), codes, made)
    return Given(rows, found, made, Preprocessing(binarizer), names, table)


def _other_numbers(inputs: Any) -> bool:
    """Whether arrays or lists are a table of numbers other than bits."""
    try:
        array = np.asarray(inputs)
    except ValueError:
        return False
    table = array.ndim == 2 and array.size and array.dtype.kind in "iuf" and not np.ma.is_masked(inputs)
    return bool(table and not np.isin(array, (0, 1)).all())


def fitted(inputs: Any, labels: Any, shape: Shape) -> tuple[Bits, Integers]:
    """Inputs as bits and labels as integers.

    Args:
        inputs: (examples, n), of 0 and 1.
        labels: (examples,), from 0.
        shape: of the network.

    Raises:
        InputError: they are not such, or do not fit the shape.
    """
    inputs, labels = bits(inputs, "the inputs"), numbers(labels, "the labels", "whole numbers from 0 are due")
    if inputs.ndim != 2 or not len(inputs):
        raise InputError(f"the inputs have shape {inputs.shape}; a table of examples x bits is due")
    if inputs.shape[1] != shape.sizes[0]:
        raise InputError(
            f"topology {shape.topology} starts with {shape.sizes[0]}, "
            f"but the data have {counted(inputs.shape[1], 'input')}; start it with {inputs.shape[1]}"
        )
    if labels.shape != (len(inputs),):
        raise InputError(
            f"the labels have shape {labels.shape} for {counted(len(inputs), 'example')}; one label each is due"
        )
    if not np.isin(labels, np.arange(shape.classes)).all():
        wrong = labels[~np.isin(labels, np.arange(shape.classes))][0]
        raise InputError(
            f"label {wrong} is not one that topology {shape.topology} can name: 0 to {shape.classes - 1}; "
            "choose one label as the positive one, or as many outputs as there are labels"
        )
    return inputs, labels.astype(np.int64)


def _labels(labels: Any, shape: Shape) -> tuple[Any, tuple[Label, ...]]:
    """Labels from 0 as they are; others as places among the classes, if the shape can name as many."""
    if np.ma.is_masked(labels):
        raise InputError("the labels have masked values; leave these rows out")
    try:
        array = labels.to_numpy() if hasattr(labels, "to_numpy") else np.asarray(labels)
    except ValueError as error:
        raise InputError(f"the labels are no list of labels ({error})") from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    known = np.arange(shape.classes)
    if array.ndim != 1 or not len(array) or (array.dtype.kind in "biuf" and np.isin(array, known).all()):
        return (array.astype(np.int64) if array.dtype.kind == "b" else array), ()
    answers = column(array, "label", "the labels")
    if answers.missing.any():
        raise InputError(f"the labels have none in row {int(np.argmax(answers.missing)) + 1}; leave the row out")
    if answers.kind == NUMBER and len(np.unique(answers.values)) != shape.classes:
        return array if array.dtype.kind in "iuf" else answers.values, ()
    codes, classes = classes_of(answers, "the labels")
    if len(classes) != shape.classes:
        raise InputError(
            f"the labels are {listed(classes)}, and topology {shape.topology} can name {shape.classes}; choose one "
            "label as the positive one, or as many outputs as there are labels"
        )
    return codes, classes


def _resized(shape: Shape | str, columns: int, inputs: int) -> Shape:
    """The shape, starting with the number of bits where a topology starts with the number of columns."""
    if isinstance(shape, Shape):
        if shape.sizes[0] != inputs:
            raise InputError(
                f"the {counted(columns, 'column')} become {counted(inputs, 'bit')}, and topology {shape.topology} "
                f"starts with {shape.sizes[0]}; start it with {inputs}, or give it as text"
            )
        return shape
    first, _, rest = shape.partition("-")
    if first not in (str(columns), str(inputs)):
        raise InputError(
            f"the {counted(columns, 'column')} become {counted(inputs, 'bit')}, and topology {shape} starts with "
            f"{first}; start it with {inputs}"
        )
    return Shape.parse(f"{inputs}-{rest}")
