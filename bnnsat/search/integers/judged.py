"""By how much outputs of networks of whole numbers miss what the head takes for the label."""

from __future__ import annotations

import numpy as np

from bnnsat.integers.shape import BIT, EXACT, IntegerShape
from bnnsat.types import Doubles, Integers


def missed(shape: IntegerShape, out: Doubles, labels: Integers) -> Doubles:
    """How far each output is from being right, (..., examples): 0 where it is right.

    Args:
        shape: of the network.
        out: (..., examples, outputs).
        labels: (examples,).
    """
    if shape.head == EXACT:
        return np.asarray(np.abs(out[..., 0] - labels))
    if shape.head == BIT:
        return np.asarray(np.where(labels == 1, np.maximum(1 - out[..., 0], 0), np.maximum(out[..., 0], 0)))
    own = np.take_along_axis(out, np.broadcast_to(labels[:, np.newaxis], (*out.shape[:-1], 1)), axis=-1)
    classes = np.arange(out.shape[-1])
    # A class before the label's has to be smaller, one behind it may be as large.
    lead = own - out - (classes < labels[:, np.newaxis])
    lead = np.where(classes == labels[:, np.newaxis], np.inf, lead)
    return np.asarray(np.maximum(-lead.min(axis=-1), 0))


def slopes(shape: IntegerShape, out: Doubles, labels: Integers) -> Doubles:
    """The gradient of a smooth loss at the outputs, (..., examples, outputs); outputs are measured by their own size.

    Args:
        shape: of the network.
        out: (..., examples, outputs).
        labels: (examples,).
    """
    size = np.maximum(np.abs(out).mean(axis=(-2, -1), keepdims=True), 1.0)
    if shape.head == EXACT:
        return np.asarray(np.clip(out - labels[:, np.newaxis], -2, 2))
    z = np.clip(4 * (out - 0.5 * (shape.head == BIT)) / size, -30, 30)
    if shape.head == BIT:
        return np.asarray(1 / (1 + np.exp(-z)) - labels[:, np.newaxis])
    odds = np.exp(z - z.max(axis=-1, keepdims=True))
    odds /= odds.sum(axis=-1, keepdims=True)
    return np.asarray(odds - (np.arange(out.shape[-1]) == labels[:, np.newaxis]))
