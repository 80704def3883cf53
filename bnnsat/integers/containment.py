"""Which networks of whole numbers are among those of another shape: the same network, written with more neurons.

- A neuron whose weights are 0, and which nobody reads, may join any layer.
- Behind inputs or ReLU, which are not below 0, a layer may stand that hands each number on: max(0, 1 x) = x.
- With head bit the output may pass another ReLU: it is above 0 before iff it is after.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import BIT, IntegerShape
from bnnsat.types import Integers

Layers = list[tuple[Integers, Integers]]
"""Weights (neurons, inputs) and what is added, (neurons,), layer by layer."""


def contains(large: IntegerShape, small: IntegerShape) -> bool:
    """Whether every network of the small shape can be written as one of the large shape, by these rules.

    Args:
        large: of networks.
        small: of others.
    """
    return embedded(_nothing(small), large) is not None


def embedded(network: IntegerNetwork, shape: IntegerShape) -> IntegerNetwork | None:
    """The network of another shape that does the same on all inputs; None where these rules give none.

    Args:
        network: any.
        shape: another.
    """
    own = network.shape
    same = own.sizes[0] == shape.sizes[0] and own.sizes[-1] == shape.sizes[-1] and own.head == shape.head
    fits = own.weight_bits <= shape.weight_bits and own.bias <= shape.bias and own.bias_bits <= shape.bias_bits
    if not (same and fits and own.input_bits == shape.input_bits):
        return None
    layers = _layers(network)
    made = _placed(layers, shape)
    if made is None and shape.head == BIT:
        passed = (np.ones((1, 1), dtype=np.int64), np.zeros(1, dtype=np.int64))
        made = _placed([*layers, passed], shape)
    if made is None:
        return None
    parameters = [part for w, b in made for part in ((w, b) if shape.bias else (w,))]
    return IntegerNetwork.of(shape, parameters)


def _placed(layers: Layers, shape: IntegerShape) -> Layers | None:
    """The layers among those of a shape, each as early as it fits, with layers that hand on between them."""
    places = plan([len(b) for _, b in layers[:-1]], shape.sizes[0], shape.sizes[1:-1])
    if places is None:
        return None
    found: Layers = []
    rest, width, before = list(layers), shape.sizes[0], shape.sizes[0]
    for own, size in zip(places, shape.sizes[1:-1], strict=True):
        w, b = rest.pop(0) if own else (np.eye(width, dtype=np.int64), np.zeros(width, dtype=np.int64))
        found.append(_padded(w, b, size, before))
        width, before = len(b), size
    return [*found, _padded(*rest[0], shape.sizes[-1], before)]


def plan(hidden: list[int], width: int, sizes: tuple[int, ...]) -> list[bool] | None:
    """Where hidden layers stand among larger ones: for each size whether the next of them does, or what is before is
    handed on; None if they do not fit.

    Args:
        hidden: sizes of the layers.
        width: of what is read first.
        sizes: of the larger ones.
    """
    if not sizes:
        return None if hidden else []
    if hidden and hidden[0] <= sizes[0]:
        rest = plan(hidden[1:], hidden[0], sizes[1:])
        if rest is not None:
            return [True, *rest]
    rest = plan(hidden, width, sizes[1:]) if width <= sizes[0] else None
    return None if rest is None else [False, *rest]


def _padded(w: Integers, b: Integers, rows: int, columns: int) -> tuple[Integers, Integers]:
    made, more = np.zeros((rows, columns), dtype=np.int64), np.zeros(rows, dtype=np.int64)
    made[: w.shape[0], : w.shape[1]], more[: len(b)] = w, b
    return made, more


def _layers(network: IntegerNetwork) -> Layers:
    weights = [np.array(rows, dtype=np.int64) for rows in network.weights]
    biases = [np.array(row, dtype=np.int64) for row in network.biases] or [
        np.zeros(len(w), dtype=np.int64) for w in weights
    ]
    return list(zip(weights, biases, strict=True))


def _nothing(shape: IntegerShape) -> IntegerNetwork:
    """The network whose weights are all 0."""
    return IntegerNetwork.of(shape, [np.zeros(size, dtype=np.int64) for size in shape.parameters])


def single(shape: IntegerShape) -> IntegerShape:
    """The same without hidden layers.

    Args:
        shape: any.
    """
    return replace(shape, sizes=(shape.sizes[0], shape.sizes[-1]))
