"""What is claimed of all inputs: a label that is never named, or always; what is ignored, what rises, what is equal.

Each is a claim about pairs of an input and another, which is the same but for some parts: their labels, of one network
or of two, are none that refute it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.tables.labels import listed, place_among
from bnnsat.tables.table import Label
from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class Property:
    """A claim.

    Attributes:
        models: the network that names the first label, and the one that names the second.
        orders: (n,) which bit each input of either reads.
        inputs: that there are; the last `changing` parts may differ in a pair.
        changing: how many these are.
        rising: whether the only one of them goes up by one value; without, they are anything.
        bad: (labels + 1, labels + 1) which labels, the first and the second, refute it; the last of either is none.
            Two networks may have different numbers of labels.
    """

    models: tuple[Model, Model]
    orders: tuple[Integers, Integers]
    inputs: Inputs
    changing: int
    rising: bool
    bad: Bits

    @property
    def width(self) -> int:
        """Inputs that differ in nothing but the parts that may."""
        return Inputs(self.inputs.parts[len(self.inputs.parts) - self.changing :], self.orders[0], ()).total

    @property
    def pairs(self) -> tuple[Integers, Integers]:
        """Which of them, (pairs,) each, are compared: neighbours; where labels are to be equal, all with the first."""
        every = np.arange(self.width)
        return (every[:-1], every[1:]) if self.rising else (np.zeros_like(every), every)


def reach(model: Model, label: Label, where: Sequence[str] = ()) -> Property:
    """That a label is never named.

    Args:
        model: the network.
        label: as it is called; "none" for none at all.
        where: conditions, as `Inputs.where` takes them.

    Raises:
        InputError: there is no such label, or no such input.
    """
    return _of((model, model), Inputs.of(model).where(where), (), _named(model, label))


def keeps(model: Model, label: Label, where: Sequence[str] = ()) -> Property:
    """That a label is always named.

    Args:
        model: the network.
        label: as it is called; "none" for none at all.
        where: conditions, as `Inputs.where` takes them.

    Raises:
        InputError: there is no such label, or no such input.
    """
    return _of((model, model), Inputs.of(model).where(where), (), ~_named(model, label))


def ignores(model: Model, names: Sequence[str], where: Sequence[str] = ()) -> Property:
    """That the label does not depend on some inputs.

    Args:
        model: the network.
        names: of columns, or numbers of raw inputs from 0.
        where: conditions, as `Inputs.where` takes them.

    Raises:
        InputError: there is no such input.
    """
    inputs = Inputs.of(model).where(where)
    return _of((model, model), inputs, sorted({inputs.part(name) for name in names}), _unequal(model))


def monotone(model: Model, name: str, where: Sequence[str] = (), *, falling: bool = False) -> Property:
    """That the label never goes down where the value of an input goes up.

    Args:
        model: the network; its labels ascend as they are listed.
        name: of a column of numbers or truth values, or the number of a raw input from 0.
        where: conditions, as `Inputs.where` takes them.
        falling: the label never goes up.

    Raises:
        InputError: there is no such input, or its values have no order.
    """
    if model.network.shape.head == "onehot":
        raise InputError("a network that may name no label (onehot) rises in nothing")
    inputs = Inputs.of(model).where(where)
    place = inputs.part(name)
    part = inputs.parts[place]
    if not len(part.ascending):
        raise InputError(f"the values of {name!r} have no order; ask whether it is ignored")
    new = np.append(True, (part.ascending[1:] != part.ascending[:-1]).any(axis=1))
    chain = replace(part, patterns=part.ascending[new])
    inputs = replace(inputs, parts=(*inputs.parts[:place], chain, *inputs.parts[place + 1 :]))
    labels = np.arange(model.network.shape.classes + 1)
    bad = labels[:, np.newaxis] > labels
    return replace(_of((model, model), inputs, [place], bad.T if falling else bad), rising=True)


def equal(model: Model, other: Model, where: Sequence[str] = (), label: Label | None = None) -> Property:
    """That two networks name the same label, or that the other one says where a label is named.

    Args:
        model: a network.
        other: one that reads the same inputs.
        where: conditions, as `Inputs.where` takes them.
        label: of the network, where the other one tells it from the rest: by the second of two labels.

    Raises:
        InputError: they read other inputs, or name other labels.
    """
    ours, theirs = Inputs.of(model), Inputs.of(other)
    if model.preprocessing.binarizer != other.preprocessing.binarizer or ours.names != theirs.names:
        raise InputError(
            f"the networks do not read the same inputs: {ours.bits} bits ({model.preprocessing.binarizer.way}) and "
            f"{theirs.bits} ({other.preprocessing.binarizer.way})"
        )
    if label is not None:
        if other.network.shape.classes != 2:
            raise InputError("a network that tells a label from the rest has two labels; the other one has more")
        named = _named(model, label)[:, 0]
        # Of the other network's labels the last is none, which is the rest, too.
        bad = named[:, np.newaxis] != np.array([False, True, False])
        return Property((model, other), (ours.order, theirs.order), ours.where(where), 0, False, bad)
    if model.labels != other.labels or model.network.shape.classes != other.network.shape.classes:
        called = [one.labels or tuple(range(one.network.shape.classes)) for one in (model, other)]
        raise InputError(f"the networks name other labels: {listed(called[0])}, and {listed(called[1])}")
    made = _of((model, other), ours.where(where), (), _unequal(model))
    return replace(made, orders=(ours.order, theirs.order))


def _named(model: Model, label: Label) -> Bits:
    """(labels + 1, labels + 1) where the first label is one; the last is none."""
    called = model.labels or tuple(range(model.network.shape.classes))
    place = place_among(label, called)
    if place is None and not (label == "none" and model.network.shape.head == "onehot"):
        raise InputError(f"the network has no label {label!r}; its labels are {listed(called)}")
    named = np.zeros((len(called) + 1,) * 2, dtype=np.bool_)
    named[-1 if place is None else place] = True
    return named


def _unequal(model: Model) -> Bits:
    return ~np.eye(model.network.shape.classes + 1, dtype=np.bool_)


def _of(models: tuple[Model, Model], inputs: Inputs, changing: Sequence[int], bad: Bits) -> Property:
    return Property(models, (inputs.order, inputs.order), inputs.with_last(changing), len(changing), False, bad)
