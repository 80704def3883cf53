"""What is distilled: a model, an estimator or a function, as labels 0 and 1 of bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bnnsat import arrays
from bnnsat.data.preprocessing import AS_BITS, Preprocessing
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.origin import UNKNOWN, Origin
from bnnsat.plural import counted
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import Property, equal
from bnnsat.shape import Shape
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.frames import is_frame, table_of
from bnnsat.tables.labels import listed, place_among
from bnnsat.tables.table import Label
from bnnsat.training import Training
from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class Source:
    """A function from bits to labels 0 and 1.

    Attributes:
        model: the network whose weights are known; None of a black box.
        like: a model with the preprocessing and the names that programs take over.
        inputs: that there are.
        ask: the labels (rows,) of bits (rows, bits).
        place: of the label that is 1, where the network names more than two; None where it names two.
    """

    model: Model | None
    like: Model
    inputs: Inputs
    ask: Callable[[Bits], Integers]
    place: int | None = None

    @classmethod
    def of(cls, given: Any, inputs: int | None = None, label: Label | None = None, data: Any = None) -> Source:
        """What users hand over.

        Args:
            given: a Model, Network or Training; something with a method `predict`; or a function of bits (rows, n).
            inputs: how many bits a function takes; of models and estimators they are known.
            label: that is 1, where there are more than two.
            data: rows of bits, a data frame of which has names.

        Raises:
            InputError: it is none of these, or the rest does not fit it.
        """
        if isinstance(given, Training):
            given = given.model
        if isinstance(given, Network):
            given = Model(given)
        if isinstance(given, Model):
            if inputs is not None:
                raise InputError("a network knows how many inputs it has; leave inputs out")
            return cls._network(given, label)
        predict = getattr(given, "predict", given)
        if not callable(predict):
            raise InputError(
                f"a {type(given).__name__} cannot be distilled; give a bnnsat.Model, something with a method predict, "
                "or a function of bits"
            )
        names = tuple(table_of(data, "the data").names) if is_frame(data) else None
        said: tuple[Any, ...] = inputs, getattr(given, "n_features_in_", None), None if names is None else len(names)
        known = [n for n in said if n is not None]
        if not known and data is not None:
            known = [int(np.shape(data)[-1])] if np.ndim(data) == 2 else []
        if not known:
            raise InputError("a function does not say how many bits it takes; give inputs, or data")
        whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 1 for n in known)
        if not whole or len(set(known)) > 1:
            raise InputError(f"the numbers of inputs {', '.join(map(str, known))} do not fit; give one, from 1")
        classes = getattr(given, "classes_", None)
        called: tuple[Label, ...] = () if classes is None else tuple(np.asarray(classes).tolist())
        place = _chosen(called, label) if called else None
        kept = called if len(called) == 2 else ()
        like = _blank(int(known[0]), names, _names(called, place) if place is not None else _plain(kept))
        return cls(None, like, Inputs.of(like), _asked(predict, called, place))

    @classmethod
    def _network(cls, model: Model, label: Label | None) -> Source:
        inputs, shape = Inputs.of(model), model.network.shape
        called = model.labels or tuple(range(shape.classes))
        place = _chosen(called, label)
        if shape.head == "onehot" and place is None and label is not None:
            # That it is not named does not say that the other one of two is.
            place = 1
        if place is None and shape.head == "onehot":
            raise InputError(f"the network may name no label; say with label which of {listed(called)} is to be 1")

        def ask(bits: Bits) -> Integers:
            codes = model.codes(bits[:, inputs.order])
            return codes if place is None else (codes == place).astype(np.int64)

        like = model if place is None else replace(model, labels=_names(called, place))
        return cls(model, like, inputs, ask, place)

    @property
    def bits(self) -> tuple[int, ...]:
        """The bits that programs read, each once, in the network's own order."""
        return tuple(dict.fromkeys(self.inputs.order.tolist()))

    @property
    def label(self) -> Label | None:
        """The network's label that is 1, where it is told from the rest."""
        if self.model is None or self.place is None:
            return None
        return (self.model.labels or tuple(range(self.model.network.shape.classes)))[self.place]

    def some(self, count: int, rng: np.random.Generator) -> Bits:
        """All inputs (inputs, bits) where there are no more than so many, else random ones.

        Args:
            count: so many.
            rng: of what is random.
        """
        total = self.inputs.total
        return self.inputs.numbered(0, total) if total <= count else self.inputs.drawn(count, rng)

    def program(self, network: Network, order: tuple[int, ...]) -> Model:
        """A program with what its inputs mean.

        Args:
            network: with head bit.
            order: which bit each of its inputs reads.
        """
        plain = order == tuple(range(self.inputs.bits))
        made = replace(self.like.preprocessing, order=None if plain else order)
        known = self.like.origin
        told = Origin(target=known.target, columns=known.columns, positive=known.positive, classes=known.classes)
        return Model(network, made, told if self.place is None else UNKNOWN, self.like.labels)

    def same(self, program: Model) -> Property:
        """That a program says the same as the network.

        Args:
            program: as `program` makes it.
        """
        assert self.model is not None
        return equal(self.model, program, label=self.label)


def _chosen(called: tuple[Label, ...], label: Label | None) -> int | None:
    """The place of the label that is to be 1; None where the labels are two, in their order."""
    if label is None:
        if len(called) == 2:
            return None
        raise InputError(f"there are labels {listed(called)}; say with label which of them is to be 1")
    place = place_among(label, called)
    if place is None:
        raise InputError(f"there is no label {label!r}; there are {listed(called)}")
    return None if len(called) == 2 and place == 1 else place


def _names(called: tuple[Label, ...], place: int) -> tuple[Label, ...]:
    return f"not {called[place]}", str(called[place])


def _plain(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """Names of labels; none where they are 0 and 1 themselves."""
    numbers = all(isinstance(label, int) and not isinstance(label, bool) for label in labels)
    return () if numbers and labels == (0, 1) else labels


def _blank(inputs: int, names: tuple[str, ...] | None, labels: tuple[Label, ...]) -> Model:
    """A model that stands for what programs of so many inputs have in common."""
    preprocessing = AS_BITS if names is None else Preprocessing(TableBinarizer.of_bits(names))
    network = Network.of(Shape.parse(f"{inputs}-1"), [np.zeros((1, inputs), dtype=np.bool_)])
    return Model(network, preprocessing, labels=labels)


def _asked(predict: Callable[[Any], Any], called: tuple[Label, ...], place: int | None) -> Callable[[Bits], Integers]:
    """A black box as labels 0 and 1; InputError where it says something else."""

    def ask(bits: Bits) -> Integers:
        said = predict(bits.astype(np.uint8))
        if called:
            found = np.asarray(said)
            if found.shape != (len(bits),):
                raise InputError(
                    f"the black box answers {counted(len(bits), 'row')} with shape {found.shape}; a label each is due"
                )
            if place is not None:
                return np.asarray(found == np.asarray(called)[place], dtype=np.int64)
            if not np.isin(found, np.asarray(called)).all():
                raise InputError(f"the black box names a label that is none of its {listed(called)}")
            return np.asarray(found == np.asarray(called)[1], dtype=np.int64)
        codes = arrays.whole(said, "the black box's labels", 1)
        if codes.shape != (len(bits),):
            raise InputError(
                f"the black box answers {counted(len(bits), 'row')} with shape {codes.shape}; 0 or 1 for each is due"
            )
        return codes.astype(np.int64)

    return ask
