"""The steps from a data set to examples that can be learned: reading, labels, parts held back, bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bnnsat.data.binarize import WAYS, Binarizer
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.columns import COLUMNS, dataset_of
from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.data.read import found, read
from bnnsat.data.reduce import reduced
from bnnsat.errors import InputError
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.labels import place_of
from bnnsat.tables.source import is_table, read_table
from bnnsat.tables.table import Label, Table
from bnnsat.types import Bits, Grey, Integers


def parted(
    examples: Examples, held: Bits, images: Grey | None, groups: Integers | None
) -> tuple[Examples, Examples, Grey | None, Integers | None]:
    """The examples that are not held back, those that are, and images and groups of the former.

    Args:
        examples: all.
        held: (examples,) which are held back.
        images: their grey values, where they are images.
        groups: (examples,) which stay together, where that matters.
    """
    kept = ~held
    rest = None if groups is None else groups[kept]
    return examples.take(kept), examples.take(held), None if images is None else images[kept], rest


def chosen_dataset(options: TaskOptions) -> Dataset:
    """The data set that the options name, with its test examples.

    Args:
        options: which data.

    Raises:
        InputError: they are not there, or not what the options say.
    """
    if not is_table(options.data):
        stray = [name for name in ("drop", "columns", "rules", "group") if getattr(options, name)]
        if stray or options.header is not None:
            raise InputError(f"{options.data} is no table with named columns; leave {(stray or ['header'])[0]} out")
        dataset = read(options.data, reduce=options.reduce)
        if options.target is not None and not (options.test_data and is_table(options.test_data)):
            word = f"{options.data} is no table with named columns, so target {options.target!r} says nothing"
            dataset = replace(dataset, notes=(*dataset.notes, word))
        if options.test_data is None:
            return dataset
        other = read(options.test_data, target=options.target, reduce=options.reduce)
        made = Dataset.of(dataset.name, dataset.train, other.train, dataset.binarize)
        return replace(made, full=dataset.full, reduction=dataset.reduction)
    tables = []
    for source in (options.data, options.test_data):
        if source is not None:
            found(source)
            if not is_table(source):
                raise InputError(f"{source} is no table with named columns, as {options.data} is")
            tables.append(read_table(source, options.header))
    dataset = dataset_of(
        *tables, target=options.target, drop=options.drop, columns=options.columns, group=options.group
    )
    return dataset if options.reduce is None else reduced(dataset, options.reduce)


def binarized(
    dataset: Dataset, train: Examples, binarize: str | None, rules: Mapping[str, str] | None
) -> tuple[Examples, Preprocessing]:
    """The training examples as they are binarised, and how: a table's by its columns, unless they are grey levels.

    Args:
        dataset: where they are from.
        train: those that are learned.
        binarize: the way; the data set's own without.
        rules: other ways for some columns of a table, by name.

    Raises:
        InputError: a way does not fit.
    """
    way = binarize or (dataset.binarize if dataset.binarize != COLUMNS else None)
    grey = way is not None and way.partition(":")[0] in {known.partition(":")[0] for known in WAYS}
    if grey or not isinstance(train.inputs, Table):
        if rules:
            raise InputError(f"{dataset.name} is binarised by {way}, which has no rules for columns; leave one out")
        if way == "bits" and dataset.columns:
            return train, Preprocessing(TableBinarizer.of_bits(dataset.columns))
        return train, Preprocessing(Binarizer.fit(way or dataset.binarize, train.grey))
    return train, Preprocessing(TableBinarizer.fit(train.inputs, train.labels, way, rules))


def unused(dataset: Dataset, preprocessing: Preprocessing) -> list[str]:
    """A word on columns that no bit is made of.

    Args:
        dataset: with its columns.
        preprocessing: fitted.
    """
    binarizer = preprocessing.binarizer
    if not isinstance(binarizer, TableBinarizer):
        return []
    unused = [name for name in dataset.columns if name not in binarizer.columns]
    return [f"without a bit that says anything new, and left out: {', '.join(unused)}"] if unused else []


def labelled(dataset: Dataset, positive: Label | None) -> tuple[Examples, Examples | None, tuple[Label, ...]]:
    """Training and test examples, one label against the rest where that is asked for, and what labels are called.

    Args:
        dataset: where they are from.
        positive: the label that is learned against the rest; None for the labels as they are.

    Raises:
        InputError: there is no such label.
    """
    if positive is None:
        return dataset.train, dataset.test, dataset.names
    known = dataset.names or tuple(range(dataset.classes))
    place = place_of(positive, known, dataset.name)
    parts = [
        None if part is None else Examples(part.inputs, (part.labels == place).astype(np.int64))
        for part in (dataset.train, dataset.test)
    ]
    assert parts[0] is not None
    rest = known[1 - place] if len(known) == 2 else f"not {known[place]}"
    return parts[0], parts[1], (rest, known[place]) if dataset.target is not None or dataset.names else ()
