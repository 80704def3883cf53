"""Labelled examples as they are read, before anything is chosen or binarised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bnnsat.arrays import whole
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.types import Grey, Integers


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled examples.

    Attributes:
        inputs: (examples, n) uint8.
        labels: (examples,) integers from 0.
    """

    inputs: Grey
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


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training examples, and test examples where there are any.

    Attributes:
        name: of the set.
        train: the training examples.
        test: the test examples, or None.
        binarize: the declared way to bits.
        classes: labels, one more than the largest.
        full: the training images before they were brought down, where that was done here.
        reduction: the way in which it was done.
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
