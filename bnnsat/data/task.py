"""From a data set to the examples to be learned: chosen, binarised, put in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bnnsat.data.augment import copies
from bnnsat.data.binarize import Binarizer
from bnnsat.data.chosen import DEFAULT_EXAMPLES, DEFAULT_POSITIVE, TaskOptions
from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.lines import sha256, write_examples
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.data.read import read
from bnnsat.data.reduce import sixteen_levels
from bnnsat.data.sets import SETS
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.typed import typed
from bnnsat.types import Bits, Grey, Integers

ORDERS = ("raw", "informative")


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be learned, and how it came about.

    Attributes:
        name: of the data set.
        positive: the label that is learned against the rest; None for the labels as they are.
        inputs: (examples, n) training bits.
        labels: (examples,), from 0.
        test_inputs: (test examples, n) bits; None without any.
        test_labels: (test examples,); None without any.
        preprocessing: what made bits of grey values.
        classes: labels of the data set, before one is chosen; at least 2.
        images: the training examples' grey values, at full size where the data set was brought down from it.
        reduction: how it was brought down; None where it was not.
        options: what the task was chosen by, where it was.
    """

    name: str
    positive: int | None
    inputs: Bits
    labels: Integers
    test_inputs: Bits | None
    test_labels: Integers | None
    preprocessing: Preprocessing
    classes: int
    images: Grey
    reduction: str | None
    options: TaskOptions | None = None

    @classmethod
    def chosen(cls, options: TaskOptions, outputs: int) -> Task:
        """The task by its options, with the defaults of an embedded set; InputError where that cannot be.

        Args:
            options: which data, and what is made of them.
            outputs: of the network that is to learn it; with one, an embedded set has one label against the rest.
        """
        typed(options, TaskOptions, "options")
        dataset = read(options.data, target=options.target, reduce=options.reduce)
        positive, examples = options.positive, options.examples
        if options.test_data is not None:
            other = read(options.test_data, target=options.target, reduce=options.reduce)
            made = Dataset.of(dataset.name, dataset.train, other.train, dataset.binarize)
            dataset = replace(made, full=dataset.full, reduction=dataset.reduction)
        if options.data in SETS:
            positive = DEFAULT_POSITIVE if positive is None and outputs == 1 else positive
            examples = DEFAULT_EXAMPLES if examples is None else examples
        task = cls.of(
            dataset,
            positive=positive,
            examples=examples,
            seed=options.seed,
            binarize=options.way,
            input_order=options.input_order,
            even=options.even,
        )
        return replace(task, options=options)

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        *,
        positive: int | None = None,
        examples: int | None = None,
        seed: int = 0,
        binarize: str | None = None,
        input_order: str = "raw",
        even: bool = False,
    ) -> Task:
        """A task: label 1 for `positive` against the rest, or the labels as they are; InputError where that cannot be.

        Args:
            dataset: what has been read.
            positive: the label that is learned against the rest.
            examples: how many are drawn by `default_rng(seed)`; without, all are taken, in their order. Of two
                labels examples//2 of label 1 and then the rest of label 0; of more labels examples/classes of each.
            seed: of the draw.
            binarize: the way to bits; the data set's own without.
            input_order: raw or informative.
            even: the first of an odd number of inputs is read again at the end, for a half-comparison.
        """
        if input_order not in ORDERS:
            raise InputError(f"unknown input order {input_order!r}; there are {', '.join(ORDERS)}")
        if seed < 0:
            raise InputError(f"seed {seed} is negative; give 0 or more")
        train, test = _labelled(dataset.train, positive, dataset), dataset.test
        test = None if test is None else _labelled(test, positive, dataset)
        classes = 2 if positive is not None else max(2, dataset.classes)
        images = train.inputs if dataset.full is None else dataset.full
        if examples is not None:
            chosen = _sample(train.labels, classes, examples, seed, positive)
            train = Examples(train.inputs[chosen], train.labels[chosen])
            images = images[chosen]
        preprocessing = Preprocessing(Binarizer.fit(binarize or dataset.binarize, train.inputs))
        bits = preprocessing(train.inputs)
        if even and bits.shape[1] % 2 == 0:
            raise InputError(f"the data have {counted(bits.shape[1], 'input')}; start the topology with as many")
        if input_order == "informative":
            preprocessing = replace(preprocessing, order=informative_order(bits, train.labels, even))
        elif even:
            preprocessing = replace(preprocessing, order=(*range(bits.shape[1]), 0))
        return cls(
            dataset.name,
            positive,
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
        """Random copies of the training inputs, (count, examples, n).

        Args:
            how: shift, affine or wide; see `augment`, also for its InputError.
            count: of copies.
            seed: of what is random.
        """
        warped = copies(self.images, how, count, np.random.default_rng(seed)).reshape(-1, self.images.shape[1])
        if self.reduction is not None:
            warped = sixteen_levels(warped, self.reduction) * np.uint8(17)
        return self.preprocessing(warped).reshape(count, len(self.inputs), -1)


def informative_order(inputs: Bits, labels: Integers, even: bool = False) -> tuple[int, ...]:
    """Inputs by how much they say of the label, the 1st, 3rd, ... to the upper half, the others below.

    Half-comparisons compare input i with input n/2 + i, the first pairs first: so the two most informative inputs make
    the deciding pair. By absolute correlation with the label (of more than two, the largest); ties keep their order.
    Inputs that are equal or complementary to one before them come last.

    Args:
        inputs: (examples, n) bits.
        labels: (examples,), from 0.
        even: an odd number of inputs is made even by the first of them.
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
    # A pair of inputs that say the same parts no examples.
    again = repeated(inputs[:, ranks])
    ranks = np.concatenate([ranks[~again], ranks[again], ranks[:even]])
    return tuple(np.concatenate([ranks[0::2], ranks[1::2]]).tolist())


def repeated(inputs: Bits) -> Bits:
    """Which inputs, (n,), are equal or complementary to one before them, so that they say nothing new.

    Args:
        inputs: (examples, n) bits.
    """
    seen: set[bytes] = set()
    again = np.zeros(inputs.shape[1], dtype=np.bool_)
    for place, column in enumerate(np.packbits((inputs ^ inputs[:1]).T, axis=1)):
        again[place] = (key := column.tobytes()) in seen
        seen.add(key)
    return again


def _labelled(examples: Examples, positive: int | None, dataset: Dataset) -> Examples:
    if positive is None:
        return examples
    if not 0 <= positive < dataset.classes:
        raise InputError(f"{dataset.name} has no label {positive}; its labels are 0 to {dataset.classes - 1}")
    return Examples(examples.inputs, (examples.labels == positive).astype(np.int64))


def _sample(labels: Integers, classes: int, examples: int, seed: int, positive: int | None) -> Integers:
    if examples < 1:
        raise InputError(f"{examples} examples are none; give at least 1")
    if classes == 2:
        shares = [(1, examples // 2), (0, examples - examples // 2)]
    elif examples % classes:
        raise InputError(
            f"{counted(examples, 'example')} cannot be shared equally by {classes} classes; give a multiple"
        )
    else:
        shares = [(label, examples // classes) for label in range(classes)]
    rng = np.random.default_rng(seed)
    parts = []
    for label, share in shares:
        there = np.flatnonzero(labels == label)
        if share > len(there):
            kind = f"label {label}" if positive is None else f"{'label' if label else 'other labels than'} {positive}"
            raise InputError(
                f"{examples} examples need {share} of {kind}, and there are only {len(there)}; ask for fewer"
            )
        parts.append(rng.choice(there, share, replace=False))
    return np.concatenate(parts)
