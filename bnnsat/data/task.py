"""From a data set to the examples to be learned: chosen, binarised, put in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.data.augment import copies
from bnnsat.data.binarize import Binarizer
from bnnsat.data.dataset import Dataset, Examples, Grey
from bnnsat.data.lines import sha256, write_examples
from bnnsat.data.reduce import sixteen_levels
from bnnsat.errors import InputError
from bnnsat.types import Bits, Integers

ORDERS = ("raw", "informative")


@dataclass(frozen=True)
class Preprocessing:
    """What turns raw inputs into a network's: the binariser, then the order of the inputs."""

    binarizer: Binarizer
    order: tuple[int, ...] | None = None

    def __call__(self, inputs: Grey) -> Bits:
        """Bits (examples, n), column i of which is raw input order[i]."""
        bits = self.binarizer(inputs)
        return bits if self.order is None else bits[:, list(self.order)]


@dataclass(frozen=True, eq=False)
class Task:
    """Training bits and labels, test bits and labels (or None), and how they came about."""

    name: str
    digit: int | None
    inputs: Bits
    labels: Integers
    test_inputs: Bits | None
    test_labels: Integers | None
    preprocessing: Preprocessing
    classes: int
    """How many labels the data set has, before a digit is chosen; at least 2."""
    images: Grey
    """The training examples' grey values, at full size where the data set was brought down from it."""
    reduction: str | None

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        *,
        digit: int | None = None,
        samples: int | None = None,
        seed: int = 0,
        binarize: str | None = None,
        input_order: str = "raw",
    ) -> Task:
        """A task: label 1 for `digit` against the rest, or without a digit the labels as they are.

        `samples` examples are drawn by `default_rng(seed)` (all are taken, in their order, without):
        for a digit, or for labels 0 and 1, samples//2 of label 1 and then the rest of label 0;
        for more labels samples/classes of each. Raises InputError where that cannot be.
        """
        if input_order not in ORDERS:
            raise InputError(f"unknown input order {input_order!r}; there are {', '.join(ORDERS)}")
        if seed < 0:
            raise InputError(f"seed {seed} is negative; give 0 or more")
        train, test = _labelled(dataset.train, digit, dataset), dataset.test
        test = None if test is None else _labelled(test, digit, dataset)
        classes = 2 if digit is not None else max(2, dataset.classes)
        images = train.inputs if dataset.full is None else dataset.full
        if samples is not None:
            chosen = _sample(train.labels, classes, samples, seed, digit)
            train = Examples(train.inputs[chosen], train.labels[chosen])
            images = images[chosen]
        preprocessing = Preprocessing(Binarizer.fit(binarize or dataset.binarize, train.inputs))
        if input_order == "informative":
            order = informative_order(preprocessing(train.inputs), train.labels)
            preprocessing = Preprocessing(preprocessing.binarizer, order)
        return cls(
            dataset.name,
            digit,
            preprocessing(train.inputs),
            train.labels,
            None if test is None else preprocessing(test.inputs),
            None if test is None else test.labels,
            preprocessing,
            max(2, dataset.classes),
            images,
            dataset.reduction,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the training examples as text, by which they are known again."""
        return sha256(write_examples(self.inputs, self.labels))

    def variants(self, how: str, count: int, seed: int = 0) -> Bits:
        """`count` random copies of the training inputs, (count, examples, n); see `augment`."""
        warped = copies(self.images, how, count, np.random.default_rng(seed)).reshape(-1, self.images.shape[1])
        if self.reduction is not None:
            warped = sixteen_levels(warped, self.reduction) * np.uint8(17)
        return self.preprocessing(warped).reshape(count, len(self.inputs), -1)


def informative_order(inputs: Bits, labels: Integers) -> tuple[int, ...]:
    """Inputs by how much they say of the label, the 1st, 3rd, ... to the upper half, the others below.

    The half-comparison compares input i with input n/2 + i, the first pairs first: so the two most
    informative inputs make up the deciding pair. By absolute correlation with the label (with more
    than two labels, the largest over the labels); ties keep their order.
    """
    wanted = np.unique(labels) if labels.max() > 1 else np.array([1])
    x = inputs - inputs.mean(axis=0)
    best = np.zeros(inputs.shape[1])
    for label in wanted:
        y = (labels == label) - (labels == label).mean()
        scale = np.sqrt((x**2).sum(axis=0) * (y**2).sum())
        best = np.maximum(best, np.abs(x.T @ y) / np.where(scale > 0, scale, 1))
    # Rounded, so that equal correlations stay ties whatever the machine's last digit.
    ranks = np.argsort(-np.round(best, 9), kind="stable")
    return tuple(np.concatenate([ranks[0::2], ranks[1::2]]).tolist())


def _labelled(examples: Examples, digit: int | None, dataset: Dataset) -> Examples:
    if digit is None:
        return examples
    if not 0 <= digit < dataset.classes:
        raise InputError(f"{dataset.name} has no digit {digit}; its labels are 0 to {dataset.classes - 1}")
    return Examples(examples.inputs, (examples.labels == digit).astype(np.int64))


def _sample(labels: Integers, classes: int, samples: int, seed: int, digit: int | None) -> Integers:
    if samples < 1:
        raise InputError(f"{samples} samples; give at least 1")
    if classes == 2:
        shares = [(1, samples // 2), (0, samples - samples // 2)]
    elif samples % classes:
        raise InputError(f"{samples} samples cannot be shared equally by {classes} classes; give a multiple")
    else:
        shares = [(label, samples // classes) for label in range(classes)]
    rng = np.random.default_rng(seed)
    parts = []
    for label, share in shares:
        there = np.flatnonzero(labels == label)
        if share > len(there):
            kind = f"label {label}" if digit is None else f"{'' if label else 'not '}digit {digit}"
            raise InputError(
                f"{samples} samples need {share} of {kind}, and there are only {len(there)}; ask for fewer"
            )
        parts.append(rng.choice(there, share, replace=False))
    return np.concatenate(parts)
