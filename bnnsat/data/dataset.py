"""Labelled examples as they are read, before anything is chosen or binarised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.types import Grey, Integers


@dataclass(frozen=True, eq=False)
class Examples:
    """`inputs` (examples, n) uint8 and `labels` (examples,) integers from 0."""

    inputs: Grey
    labels: Integers

    @classmethod
    def of(cls, inputs: ArrayLike, labels: ArrayLike, where: str) -> Examples:
        """Checked: numbers 0..255 and as many whole labels from 0; `where` names the source in errors."""
        x = _whole(np.asarray(inputs), f"{where}: inputs", 255).astype(np.uint8)
        y = _whole(np.asarray(labels), f"{where}: labels", 255).astype(np.int64)
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


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and, where there are any, test examples; `binarize` is the declared way to bits.

    `full` are the training images before they were brought down by `reduction`, where that was done here.
    """

    name: str
    train: Examples
    test: Examples | None
    binarize: str
    classes: int
    full: Grey | None = None
    reduction: str | None = None

    @classmethod
    def of(cls, name: str, train: Examples, test: Examples | None, binarize: str) -> Dataset:
        """A data set, its parts held against each other."""
        parts = [train] if test is None else [train, test]
        if test is not None and test.inputs.shape[1] != train.inputs.shape[1]:
            raise InputError(
                f"{name}: training examples have {counted(train.inputs.shape[1], 'input')} and test examples "
                f"{test.inputs.shape[1]}; both need the same"
            )
        classes = 1 + max(int(part.labels.max()) for part in parts)
        return cls(name, train, test, binarize, classes)

    @property
    def inputs(self) -> int:
        """The number of inputs of an example."""
        return int(self.train.inputs.shape[1])


def _whole(values: NDArray[Any], what: str, most: int) -> NDArray[Any]:
    """The values, if all are whole numbers from 0 to `most`."""
    if values.dtype.kind == "b" or not values.size:
        return values
    if values.dtype.kind not in "iuf":
        raise InputError(f"{what} are of type {values.dtype}; numbers are due")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"{what} hold NaN or infinity; whole numbers from 0 to {most} are due")
    bad = values[(values < 0) | (values > most) | (values != np.floor(values))]
    if len(bad):
        raise InputError(f"{what} hold {bad[0]}; whole numbers from 0 to {most} are due")
    return values
