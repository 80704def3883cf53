"""Layers that were read, as tables of one row for each neuron: 0 where it does not read a value, maxima as ors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bnnsat.errors import InputError
from bnnsat.foreign.fold import Layer
from bnnsat.foreign.linear import Linear, Signed
from bnnsat.types import Integers

Rows = tuple[Signed, Integers]
"""Weights (neurons, values) of -1, 0 and +1, and from which sum of signs on each neuron is 1."""
MOST_WEIGHTS = 1 << 28
"""Of all layers; beyond that a convolution is no table of weights any more."""


def as_rows(layer: Layer) -> list[Rows]:
    """A layer as one without maxima, and behind it the maxima, if it has them.

    Args:
        layer: of thresholds over sums of signs.
    """
    linear, least = layer.linear, np.array([int(one) for one in layer.least], dtype=np.int64)
    if linear.pooled is None:
        return [(weights(linear), least)]
    # The largest of some sums reaches a threshold where one of them does: a neuron each, and an or of these.
    channels, seen = len(linear.kernels), linear.pooled
    sums = (seen[:, np.newaxis] * channels + np.arange(channels)[:, np.newaxis]).reshape(-1, seen.shape[1])
    each = np.stack([sums.ravel(), np.repeat(least, seen.shape[1])], axis=1)
    neurons, which = np.unique(each, axis=0, return_inverse=True)
    behind = np.zeros((len(sums), len(neurons)), dtype=np.int8)
    behind[np.repeat(np.arange(len(sums)), seen.shape[1]), which.ravel()] = 1
    return [(weights(linear)[neurons[:, 0]], neurons[:, 1]), (behind, 2 - behind.sum(axis=1, dtype=np.int64))]


def weights(linear: Linear) -> Signed:
    """The weights of all sums before maxima are taken, (sums, values).

    Args:
        linear: what is added.
    """
    positions, channels = len(linear.windows), len(linear.kernels)
    # What stands for a padding is cut off.
    found = np.zeros((positions, channels, linear.values + 1), dtype=np.int8)
    found[np.arange(positions)[:, np.newaxis], :, linear.windows] = linear.kernels.T
    return found[:, :, :-1].reshape(positions * channels, linear.values)


def _ors(linear: Linear) -> int:
    """How many weights maxima have, at most."""
    if linear.pooled is None:
        return 0
    neurons = linear.pooled.size * len(linear.kernels)
    return linear.outputs * neurons


def affordable(linears: Sequence[Linear], name: str) -> None:
    """Refuse a network whose convolutions would be too large as tables.

    Args:
        linears: of its layers.
        name: of the file, for errors.

    Raises:
        InputError: they would be.
    """
    sizes = [len(one.windows) * len(one.kernels) * one.values + _ors(one) for one in linears]
    if sum(sizes) > MOST_WEIGHTS:
        place = int(np.argmax(sizes))
        raise InputError(
            f"{name}: layer {place + 1} has {sizes[place]:,} weights, one for each neuron and value; models have up to "
            f"{MOST_WEIGHTS:,} (bnnsat verify FILE --vnnlib PROPERTY takes larger convolutions)"
        )
