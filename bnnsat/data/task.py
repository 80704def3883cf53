"""From a data set to the examples to be learned: chosen, binarised, put in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bnnsat.data.augment import copies
from bnnsat.data.chosen import DEFAULT_EXAMPLES, DEFAULT_POSITIVE, TaskOptions
from bnnsat.data.dataset import Dataset
from bnnsat.data.draws import folds, held_back, sample
from bnnsat.data.lines import sha256, write_examples
from bnnsat.data.orders import ORDERS, informative_order
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.data.reduce import sixteen_levels
from bnnsat.data.sets import SETS
from bnnsat.data.steps import binarized, chosen_dataset, labelled, parted, unused
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.labels import listed
from bnnsat.tables.table import Label, Table
from bnnsat.typed import typed
from bnnsat.types import Bits, Grey, Integers


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
        preprocessing: what made bits of grey values, or of columns.
        classes: labels of the data set, before one is chosen; at least 2.
        images: the training examples' grey values, at full size where the data set was brought down from it; None of a
            table's columns.
        reduction: how it was brought down; None where it was not.
        names: what the labels 0, 1, ... are called; none where they are those numbers themselves.
        columns: what the inputs are called before they are binarised, where they are columns of a table.
        target: the column that the labels are from.
        notes: what was decided while the data were read, in words.
        options: what the task was chosen by, where it was.
    """

    name: str
    positive: Label | None
    inputs: Bits
    labels: Integers
    test_inputs: Bits | None
    test_labels: Integers | None
    preprocessing: Preprocessing
    classes: int
    images: Grey | None
    reduction: str | None
    names: tuple[Label, ...] = ()
    columns: tuple[str, ...] = ()
    target: str | None = None
    notes: tuple[str, ...] = ()
    options: TaskOptions | None = None

    @classmethod
    def chosen(cls, options: TaskOptions, outputs: int | None, fold: tuple[int, int] | None = None) -> Task:
        """The task by its options, with the defaults of an embedded set; InputError where that cannot be.

        Args:
            options: which data, and what is made of them.
            outputs: of the network that is to learn it; with one, an embedded set has one label against the rest. None
                for as many as the data need, of an embedded set one.
            fold: which of how many folds is tested and not learned; None for none.
        """
        typed(options, TaskOptions, "options")
        dataset = chosen_dataset(options)
        positive, examples = options.positive, options.examples
        if options.data in SETS:
            positive = DEFAULT_POSITIVE if positive is None and outputs in (1, None) else positive
            examples = DEFAULT_EXAMPLES if examples is None else examples
        task = cls.of(
            dataset,
            positive=positive,
            examples=examples,
            seed=options.seed,
            binarize=options.way,
            rules=options.named,
            input_order=options.input_order,
            even=options.even,
            test_size=options.test_size,
            fold=fold,
        )
        if outputs == 1 and task.positive is None and dataset.names and dataset.classes > 2:
            raise InputError(
                f"{dataset.name}: target {dataset.target!r} has {dataset.classes} labels "
                f"({listed(dataset.names)}); learn one against the rest (positive), or give the "
                "network as many outputs"
            )
        return replace(task, options=options)

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        *,
        positive: Label | None = None,
        examples: int | None = None,
        seed: int = 0,
        binarize: str | None = None,
        rules: Mapping[str, str] | None = None,
        input_order: str = "raw",
        even: bool = False,
        test_size: float | None = None,
        fold: tuple[int, int] | None = None,
    ) -> Task:
        """A task: label 1 for `positive` against the rest, or the labels as they are; InputError where that cannot be.

        Args:
            dataset: what has been read.
            positive: the label that is learned against the rest.
            examples: how many are drawn by `default_rng(seed)`; without, all are taken, in their order. Of two
                labels examples//2 of label 1 and then the rest of label 0; of more labels examples/classes of each.
            seed: of the draw.
            binarize: the way to bits; the data set's own without.
            rules: other ways for some columns of a table, by name.
            input_order: raw or informative.
            even: the first of an odd number of inputs is read again at the end, for a half-comparison.
            test_size: the share of each label that is held back to test with, drawn by the same seed.
            fold: which of how many folds of the rest is tested, in place of test examples.
        """
        if input_order not in ORDERS:
            raise InputError(f"unknown input order {input_order!r}; there are {', '.join(ORDERS)}")
        if seed < 0:
            raise InputError(f"seed {seed} is negative; give 0 or more")
        train, test, names = labelled(dataset, positive)
        classes = 2 if positive is not None else max(2, dataset.classes)
        images = dataset.full
        if images is None and not isinstance(train.inputs, Table):
            images = train.inputs
        groups = dataset.groups
        if test_size is not None:
            if test is not None:
                raise InputError(f"{dataset.name} has test examples of its own; leave the test size out")
            held = held_back(train.labels, test_size, seed, groups)
            train, test, images, groups = parted(train, held, images, groups)
        if fold is not None:
            # Of what is learned from alone: what is held back to test with is for nothing else.
            held = folds(train.labels, fold[1], seed, groups) == fold[0]
            train, test, images, groups = parted(train, held, images, groups)
        if examples is not None:
            chosen = sample(train.labels, classes, examples, seed, positive)
            train = train.take(chosen)
            images = None if images is None else images[chosen]
        train, preprocessing = binarized(dataset, train, binarize, rules)
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
            names,
            dataset.columns,
            dataset.target,
            (*dataset.notes, *unused(dataset, preprocessing)),
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
        if self.images is None:
            raise InputError(f"{self.name} holds columns, and no images; --augment swap:P is for such tables")
        warped = copies(self.images, how, count, np.random.default_rng(seed)).reshape(-1, self.images.shape[1])
        if self.reduction is not None:
            warped = sixteen_levels(warped, self.reduction) * np.uint8(17)
        return self.preprocessing(warped).reshape(count, len(self.inputs), -1)
