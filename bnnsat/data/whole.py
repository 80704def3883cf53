"""Examples as whole numbers, without making bits of them: what networks of whole numbers learn from.

Bits, grey levels and tables that hold whole numbers from 0 to 255 stay as they are; other tables have levels, by a
`FixedPoint` that is fitted on the training examples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.chosen import DEFAULT_EXAMPLES, DEFAULT_POSITIVE, TaskOptions
from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.draws import held_back, sample
from bnnsat.data.sets import SETS
from bnnsat.data.steps import chosen_dataset, labelled, parted
from bnnsat.errors import InputError
from bnnsat.tables.fixed import DEFAULT_BITS, FixedPoint, complete, unread
from bnnsat.tables.table import TEXT, Label, Table
from bnnsat.types import Integers

GREY_BITS = 8


@dataclass(frozen=True, eq=False)
class WholeTask:
    """What is to be learned from whole numbers.

    Attributes:
        name: of the data set.
        positive: the label that is learned against the rest; None for the labels as they are.
        inputs: (examples, n) training inputs, from 0.
        labels: (examples,), from 0.
        test_inputs: (test examples, n); None without any.
        test_labels: (test examples,); None without any.
        bits: of each input.
        shift: lower bits of grey levels that were left out.
        names: what the labels 0, 1, ... are called; none where they are those numbers themselves.
        options: what the task was chosen by; of a table with levels with the target's name.
        columns: what made levels of a table; None where the numbers stayed as they are.
        notes: what was decided while the data were read, in words.
    """

    name: str
    positive: Label | None
    inputs: Integers
    labels: Integers
    test_inputs: Integers | None
    test_labels: Integers | None
    bits: int
    shift: int
    names: tuple[Label, ...]
    options: TaskOptions
    columns: FixedPoint | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def chosen(
        cls,
        options: TaskOptions,
        outputs: int,
        bits: int | None = None,
        shift: int | None = None,
        columns: FixedPoint | None = None,
    ) -> WholeTask:
        """The task by its options.

        Args:
            options: which data; no way to bits is among them.
            outputs: of the network that is to learn it.
            bits: of each input; the upper ones of grey levels. None for as many as the data need, or of levels 4.
            shift: lower bits that are left out, as in an earlier training; None for what the data ask for.
            columns: what made levels in an earlier training, where `shift` is given; None for none.

        Raises:
            InputError: that cannot be.
        """
        if options.way is not None or options.rules:
            raise InputError("networks with relu read numbers, not bits; leave binarize and levels out")
        dataset, positive, examples = chosen_dataset(options), options.positive, options.examples
        if options.data in SETS:
            positive = DEFAULT_POSITIVE if positive is None and outputs == 1 else positive
            examples = DEFAULT_EXAMPLES if examples is None else examples
        train, test, names = labelled(dataset, positive)
        if options.test_size is not None:
            if test is not None:
                raise InputError(f"{dataset.name} has test examples of its own; leave the test size out")
            held = held_back(train.labels, options.test_size, options.seed, dataset.groups)
            train, test, _, _ = parted(train, held, None, dataset.groups)
        if examples is not None:
            classes = 2 if positive is not None else max(2, dataset.classes)
            train = train.take(sample(train.labels, classes, examples, options.seed, positive))
        if columns is None and shift is None and _has_levels(dataset, bits):
            columns = FixedPoint.fit(train.inputs, DEFAULT_BITS if bits is None else bits)
        if columns is not None:
            own, tested = columns(train.inputs), None if test is None else columns(test.inputs)
            bits, shift, options = columns.bits, 0, replace(options, target=dataset.target)
            notes = unread(train.inputs, columns)
            rest = (train.labels, tested, None if test is None else test.labels, bits, shift, names, options, columns)
            return cls(dataset.name, positive, own, *rest, (*dataset.notes, *notes))
        parts = [train] if test is None else [train, test]
        need = max(1, int(max(part.grey.max() for part in parts)).bit_length())
        bits = need if bits is None else bits
        if shift is None:
            shift = _shift(bits, need)
        own, tested = narrowed(train, bits, shift), None if test is None else narrowed(test, bits, shift)
        labels = None if test is None else test.labels
        return cls(dataset.name, positive, own, train.labels, tested, labels, bits, shift, names, options)


def _has_levels(dataset: Dataset, bits: int | None) -> bool:
    """Whether a table's columns are to have levels: they are no whole numbers from 0 to 255, or need more bits.

    All of its rows say of what kind columns are, also those that are held back; how levels lie they do not say.
    """
    table = dataset.train.inputs
    if not isinstance(table, Table):
        return False
    for part in (dataset.train, dataset.test):
        if part is not None and isinstance(part.inputs, Table):
            # Said here, where rows have the numbers that they have in the file.
            complete(part.inputs)
    if any(column.kind == TEXT or not _is_grey(column.values) for column in table.columns):
        return True
    need = int(max(column.values.max() for column in table.columns)).bit_length()
    return bits is not None and bits < need < GREY_BITS


def _is_grey(values: NDArray[Any]) -> bool:
    return bool(((values >= 0) & (values <= 255) & (values == np.floor(values))).all())


def _shift(bits: int, need: int) -> int:
    """The lower bits of grey levels that are left out; InputError for numbers that are none."""
    if need <= bits:
        return 0
    # Numbers that take fewer bits than grey levels do are counts or classes: their lower bits are no noise.
    if need < GREY_BITS:
        raise InputError(f"the inputs have {need} bits; give as many, not {bits}")
    return GREY_BITS - bits


def narrowed(examples: Examples, bits: int, shift: int) -> Integers:
    """Inputs without their lower bits.

    Args:
        examples: whole numbers from 0 to 255.
        bits: of each that is left.
        shift: so many are left out.

    Raises:
        InputError: more are left.
    """
    left = examples.grey.astype(np.int64) >> shift
    if left.size and int(left.max()) >> bits:
        raise InputError(
            f"the inputs are numbers up to {int(left.max()) << shift}, and {(1 << bits + shift) - 1} are the most"
        )
    return left
