"""Whether a user's examples are such that networks of a shape can learn them."""

from __future__ import annotations

from typing import Any

import numpy as np

from bnnsat.arrays import bits, numbers
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.shape import Shape
from bnnsat.typed import typed
from bnnsat.types import Bits, Integers


def fitted(inputs: Any, labels: Any, shape: Shape) -> tuple[Bits, Integers]:
    """Inputs as bits and labels as integers.

    Args:
        inputs: (examples, n), of 0 and 1.
        labels: (examples,), from 0.
        shape: of the network.

    Raises:
        InputError: they are not such, or do not fit the shape.
    """
    typed(shape, Shape, "shape")
    inputs, labels = bits(inputs, "the inputs"), numbers(labels, "the labels", "whole numbers from 0 are due")
    if inputs.ndim != 2 or not len(inputs):
        raise InputError(f"the inputs have shape {inputs.shape}; a table of examples x bits is due")
    if inputs.shape[1] != shape.sizes[0]:
        raise InputError(
            f"topology {shape.topology} starts with {shape.sizes[0]}, "
            f"but the data have {counted(inputs.shape[1], 'input')}; start it with {inputs.shape[1]}"
        )
    if labels.shape != (len(inputs),):
        raise InputError(
            f"the labels have shape {labels.shape} for {counted(len(inputs), 'example')}; one label each is due"
        )
    if not np.isin(labels, np.arange(shape.classes)).all():
        wrong = labels[~np.isin(labels, np.arange(shape.classes))][0]
        raise InputError(
            f"label {wrong} is not one that topology {shape.topology} can name: 0 to {shape.classes - 1}; "
            "choose one label as the positive one, or as many outputs as there are labels"
        )
    return inputs, labels.astype(np.int64)
