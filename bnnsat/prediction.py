"""What a model says of the examples in a file, and how right it is where their labels are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bnnsat import scores
from bnnsat.data.images import is_pictures, read_pictures
from bnnsat.data.npz import is_unlabelled, read_inputs
from bnnsat.data.read import found, read
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.readings import packed
from bnnsat.tables.archive import target_in
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.frames import column
from bnnsat.tables.kinds import DATED
from bnnsat.tables.labels import coded, listed, one_of, place_among
from bnnsat.tables.source import is_table, read_table
from bnnsat.tables.table import Label, Table
from bnnsat.types import Bits, Doubles, Grey, Integers

PARTS = ("train", "test")


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model says of some examples.

    Attributes:
        model: the model.
        bits: (examples, n), the network's inputs.
        codes: (examples,), places of the predicted labels; -1 where onehot names none.
        known: (examples,), places of the right ones; -1 where there is none.
        table: the examples as they were read, where that was a table.
        notes: what is odd about them, in words.
    """

    model: Model
    bits: Bits
    codes: Integers
    known: Integers
    table: Table | None
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> list[Label]:
        """The predicted labels as they are called."""
        called: list[Label] = self.model.called(self.codes).tolist()
        return called

    @property
    def judged(self) -> Bits:
        """Which examples (examples,) have a known label."""
        return np.asarray(self.known >= 0, dtype=np.bool_)

    @property
    def right(self) -> int:
        """How many are right."""
        return int((self.codes == self.known)[self.judged].sum())

    @property
    def accuracy(self) -> float | None:
        """The share of right ones among those with a label; None without any."""
        return scores.accuracy(self.codes[self.judged], self.known[self.judged])

    @property
    def balanced_accuracy(self) -> float | None:
        """The mean over their labels of the share that is right; None without any."""
        return scores.balanced_accuracy(self.codes[self.judged], self.known[self.judged])

    @property
    def confusion(self) -> Integers:
        """(labels, labels + 1): how many of each label, by what is predicted; the last column is no label at all."""
        classes = self.model.network.shape.classes
        table = np.zeros((classes, classes + 1), dtype=np.int64)
        np.add.at(table, (self.known[self.judged], self.codes[self.judged]), 1)
        return table

    @property
    def scores(self) -> Integers | Doubles:
        """(examples, outputs): how far each output's count is from its threshold; of argmax the counts.

        Raises:
            InputError: the network has no counts.
        """
        shape = self.model.network.shape
        if shape.activation != "popcount":
            raise InputError("a half-comparison counts nothing, so it has no scores; leave them out")
        return packed.scores(shape, self.model.network.matrices(), self.bits)


def predicted(
    model: Model,
    data: str,
    *,
    target: str | None = None,
    header: bool | None = None,
    part: str | None = None,
    reduce: str | None = None,
    positive: Label | None = None,
    as_bits: bool = False,
) -> Prediction:
    """What a model says of a data set.

    Args:
        model: the model.
        data: an embedded set, a rule, a file or a folder.
        target: the label's column of a table; that of the training without, if it is there.
        header: whether the first row of a text names the columns; None to tell by what it holds.
        part: train or test; test where there is one without.
        reduce: WxH, crop24 or pad32, which bring images down; of a folder as in training without.
        positive: the label that label 1 of the model stands for; as trained without.
        as_bits: the data are the network's own inputs.

    Raises:
        InputError: the data do not fit the model.
    """
    if part not in (None, *PARTS):
        raise InputError(f"part {part!r} is neither train nor test")
    if positive is not None and model.network.shape.head != "bit":
        named = model.network.shape.classes
        raise InputError(f"the model names {named} labels of its own; leave --positive out")
    of_columns = isinstance(model.preprocessing.binarizer, TableBinarizer) or bool(model.origin.columns)
    if is_table(data) and of_columns and not as_bits:
        if part == "test":
            raise InputError(f"{data} is one table, without a test part; leave --part out")
        found(data)
        return _of_table(model, read_table(data, header), target, positive)
    trained = model.origin.task
    pictures = is_pictures(Path(data))
    if reduce is None and trained is not None and (pictures or Path(data).is_dir()) and not as_bits:
        # Images are brought down as they were for training.
        reduce = trained.reduce
    if pictures:
        files, grey = read_pictures(Path(data), reduce)
        bits = _bits(model, grey, data, as_bits)
        unknown = np.full(len(files), -1)
        return Prediction(model, bits, model.codes(bits), unknown, Table((column(files, "file", "file"),), data))
    if data.lower().endswith(".npz") and is_unlabelled(Path(data)):
        bits = _bits(model, read_inputs(Path(data)), data, as_bits)
        return Prediction(model, bits, model.codes(bits), np.full(len(bits), -1), None)
    dataset = read(data, target=target, reduce=reduce)
    examples = dataset.train if part == "train" or (part is None and dataset.test is None) else dataset.test
    if examples is None:
        raise InputError(f"{dataset.name} has no test examples; use --part train")
    bits = _bits(model, examples.grey, dataset.name, as_bits)
    known = _codes(model, examples.labels, dataset.names or range(dataset.classes), dataset.name, positive)
    return Prediction(model, bits, model.codes(bits), known, None, dataset.notes)


def _of_table(model: Model, table: Table, target: str | None, positive: Label | None) -> Prediction:
    binarizer, grey = model.preprocessing.binarizer, model.origin.columns
    if grey:
        if missing := [name for name in grey if name not in table.names]:
            raise InputError(f"{table.source}: column {missing[0]!r} is missing; the model was trained with it")
        bits = model.bits(table.keep(list(grey)))
    else:
        bits = model.bits(table)
    known = np.full(len(table), -1)
    own = target_in(table.source, model.origin.target)
    name = own if target is None else table.names[table.place(target, "target")]
    if name in table.names:
        answers = table.column(name)
        chosen = model.origin.positive if positive is None else positive
        if chosen is not None:
            known = one_of(answers, chosen, table.source, needed=positive is not None)
        else:
            known = coded(answers, model.labels or tuple(range(model.network.shape.classes)), table.source)
    # How dates are learned is decided.
    read = [note for note in table.notes if not note.endswith(DATED)]
    notes = (*read, *(binarizer.notes(table) if isinstance(binarizer, TableBinarizer) else ()))
    return Prediction(model, bits, model.codes(bits), known, table, notes)


def _bits(model: Model, grey: Grey, name: str, as_bits: bool) -> Bits:
    """The network's inputs for examples that are bits or grey levels."""
    way = model.preprocessing.binarizer.way
    if as_bits:
        if grey.max() > 1:
            raise InputError(f"{name} holds other values than bits; leave out --as-bits")
        return grey.astype(np.bool_)
    if isinstance(model.preprocessing.binarizer, TableBinarizer) and way != "bits":
        columns = ", ".join(model.preprocessing.binarizer.columns)
        raise InputError(f"the model reads the columns of a table ({columns}); {name} is none: name one with data")
    if way != "bits" and grey.max() <= 1:
        raise InputError(
            f"the model binarises grey levels ({way}), and {name} holds only bits; give the grey levels, "
            "or --as-bits if they are what `bnnsat data sample` wrote for this task"
        )
    return model.bits(grey)


def _codes(model: Model, labels: Integers, called: Sequence[Label], name: str, positive: Label | None) -> Integers:
    """Labels of a data set as places of the model's."""
    known, classes, named = model.origin.positive, model.origin.classes, model.network.shape.classes
    # A model of one label of many meets labels 0 and 1 where somebody made the same task already.
    chosen = known if positive is None and not (len(called) == 2 and classes != 2) else positive
    if chosen is not None:
        place = place_among(chosen, called)
        if place is None and positive is not None:
            raise InputError(f"{name} has no label {positive}; its labels are {listed(tuple(called))}")
        return np.asarray(labels == place, dtype=np.int64)
    own = model.labels or range(named)
    ours = [place_among(label, own) for label in called]
    places = np.array([-1 if place is None else place for place in ours])
    if (places[labels] < 0).any():
        if model.labels:
            strange = called[int(labels[places[labels] < 0][0])]
            raise InputError(f"{name} has label {strange!r}; the model knows {listed(model.labels)}")
        raise InputError(
            f"the model names labels 0 to {named - 1}, and {name} has labels up to {called[int(labels.max())]}; "
            "say with --positive which one it was trained for"
        )
    return np.asarray(places[labels], dtype=np.int64)
