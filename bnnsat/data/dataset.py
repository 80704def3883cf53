"""Labelled examples as they are read, before anything is chosen or binarised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bnnsat.arrays import whole
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import TEXT, Label, Table
from bnnsat.types import Bits, Grey, Integers


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled examples.

    Attributes:
        inputs: (examples, n) uint8, or the columns of a table.
        labels: (examples,) integers from 0.
    """

    inputs: Grey | Table
    labels: Integers

    @classmethod
    def of(cls, inputs: ArrayLike, labels: ArrayLike, where: str) -> Examples:
        """Checked examples.

        Args:
            inputs: (examples, ...) whole numbers from 0 to 255.
            labels: (examples,) or (examples, 1), whole numbers from 0 to 255.
            where: names the source in errors.

        Raises:
            InputError: the numbers are others, or not as many labels as examples.
        """
        x = whole(inputs, f"{where}: inputs", 255).astype(np.uint8)
        y = whole(labels, f"{where}: labels", 255).astype(np.int64)
        if x.ndim < 2 or not x.size:
            raise InputError(f"{where}: inputs have shape {x.shape}; a table of examples x inputs is due")
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        if y.shape != (len(x),):
            raise InputError(
                f"{where}: labels have shape {y.shape} for {counted(len(x), 'example')}; one label each is due"
            )
        return cls(x.reshape(len(x), -1), y)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def width(self) -> int:
        """Inputs of an example: grey values, or columns."""
        return len(self.inputs.columns) if isinstance(self.inputs, Table) else int(self.inputs.shape[1])

    @property
    def grey(self) -> Grey:
        """The inputs as bits or grey levels.

        Raises:
            InputError: they are columns of other values.
        """
        return greyed(self.inputs) if isinstance(self.inputs, Table) else self.inputs

    def take(self, rows: Integers | Bits) -> Examples:
        """Some of them.

        Args:
            rows: their places, or whether each is taken.
        """
        inputs = self.inputs.take(rows) if isinstance(self.inputs, Table) else self.inputs[rows]
        return Examples(inputs, self.labels[rows])


def greyed(table: Table) -> Grey:
    """The columns of a table as bits or grey levels, (rows, columns).

    Args:
        table: of whole numbers from 0 to 255.

    Raises:
        InputError: a value is another one.
    """
    due = "bits and grey levels are whole numbers from 0 to 255"
    for column in table.columns:
        if column.kind == TEXT or column.missing.any():
            held = "texts" if column.kind == TEXT else "no value"
            where = "" if column.kind == TEXT else f" in row {int(np.argmax(column.missing)) + 1}"
            raise InputError(f"{table.source}: column {column.name!r} holds {held}{where}; {due}")
        bad = ~((column.values >= 0) & (column.values <= 255) & (column.values == np.floor(column.values)))
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(
                f"{table.source}: column {column.name!r} holds {column.values[row]:g} in row {row + 1}; {due}"
            )
    return np.stack([column.values.astype(np.uint8) for column in table.columns], axis=1)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training examples, and test examples where there are any.

    Attributes:
        name: of the set.
        train: the training examples.
        test: the test examples, or None.
        binarize: the declared way to bits.
        classes: labels, one more than the largest.
        names: what the labels 0, 1, ... are called; none where they are those numbers themselves.
        columns: what the inputs are called, where they are from a table.
        target: the column that the labels are from.
        notes: what was decided while it was read, in words.
        groups: (training examples,) which of them stay together where some are held back; None for each by itself.
        sides: height and width of images, where they are known.
        full: the training images before they were brought down, where that was done here.
        reduction: the way in which it was done.
    """

    name: str
    train: Examples
    test: Examples | None
    binarize: str
    classes: int
    names: tuple[Label, ...] = ()
    columns: tuple[str, ...] = ()
    target: str | None = None
    notes: tuple[str, ...] = ()
    groups: Integers | None = None
    sides: tuple[int, int] | None = None
    full: Grey | None = None
    reduction: str | None = None

    @classmethod
    def of(cls, name: str, train: Examples, test: Examples | None, binarize: str) -> Dataset:
        """A data set, its parts held against each other.

        Args:
            name: of the set.
            train: the training examples.
            test: the test examples, or None.
            binarize: the declared way to bits.

        Raises:
            InputError: training and test examples have different numbers of inputs.
        """
        parts = [train] if test is None else [train, test]
        if test is not None and test.width != train.width:
            raise InputError(
                f"{name}: training examples have {counted(train.width, 'input')} and test examples "
                f"{test.width}; both need the same"
            )
        classes = 1 + max(int(part.labels.max()) for part in parts)
        return cls(name, train, test, binarize, classes)

    @property
    def inputs(self) -> int:
        """The number of inputs of an example."""
        return self.train.width
