"""Networks with real numbers in place of weights: what gradient descent changes.

A latent value stands for a weight by its sign, and, where weights are ternary, for 0 near 0. A learned threshold is
one number for each neuron, however many constants the shape has for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats

ONE = np.float32(1)
ZERO = 0.05
"""Latent values nearer to 0 stand for the weight 0 where weights are ternary."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer as the descent computes it: an output is 1 iff inputs @ weights.T > centre, all of it in signs.

    Attributes:
        weights: (neurons, n) of +1, -1 and, if ternary, 0.
        centre: (neurons,), half-way between the sums that give 0 and those that give 1.
    """

    weights: Floats
    centre: Floats


@dataclass(frozen=True, eq=False)
class Latent:
    """Latent values of a shape's networks, changed in place.

    Attributes:
        shape: of the networks.
        every: (latent values,) all of them, the weights' first.
        values: per layer the weights' (neurons, n), all in [-1, 1], views of `every`.
        biases: per layer the thresholds', (neurons,), in units of sqrt(n); empty where thresholds are given.
    """

    shape: Shape
    every: Floats
    values: list[Floats]
    biases: list[Floats]

    @classmethod
    def random(cls, shape: Shape, rng: np.random.Generator) -> Latent:
        """Values from which a descent can go anywhere.

        Args:
            shape: of the networks.
            rng: of what is random.
        """
        sizes = [m * n for n, m in pairwise(shape.sizes)]
        free = shape.constants or (0,) * shape.layers
        biases = [m if c else 0 for m, c in zip(shape.sizes[1:], free, strict=True)]
        every = np.zeros(sum(sizes) + sum(biases), dtype=np.float32)
        every[: sum(sizes)] = rng.uniform(-0.5, 0.5, size=sum(sizes))
        parts = np.split(every, np.cumsum(sizes + biases)[:-1])
        values = [part.reshape(m, -1) for part, m in zip(parts, shape.sizes[1:], strict=False)]
        return cls(shape, every, values, parts[shape.layers :])

    def layer(self, index: int) -> Layer:
        """What a layer's values stand for."""
        values, n = self.values[index], self.shape.sizes[index]
        weights = np.copysign(ONE, values)
        if self.shape.repeat == 2:
            weights *= np.abs(values) >= ZERO
        if self.shape.head == "argmax" and index == self.shape.layers - 1:
            return Layer(weights, np.zeros(len(values), dtype=np.float32))
        half = np.float32(0.5)
        if len(self.biases[index]):
            return Layer(weights, np.clip(np.rint(-self.biases[index] * np.float32(np.sqrt(n))), -n, n + 1) - half)
        thresholds = np.array(self.shape.thresholds[index], dtype=np.float32)
        return Layer(weights, thresholds - n - half if self.shape.repeat == 2 else 2 * thresholds - n - 1)

    def network(self, layers: Sequence[Layer]) -> Network:
        """The network of layers that the values stood for.

        Args:
            layers: all of them, as `layer` made them.
        """
        matrices, repeat = [], self.shape.repeat
        for index, (layer, (_, fan_in)) in enumerate(zip(layers, self.shape.matrices, strict=True)):
            n = self.shape.sizes[index]
            parts: list[Bits] = [layer.weights > 0, layer.weights >= 0][:repeat]
            if constants := fan_in - n * repeat:
                least = layer.centre + 0.5
                threshold = least + n if repeat == 2 else np.ceil((least + n) / 2)
                parts.append(np.arange(constants) < (constants - threshold)[:, np.newaxis])
            matrices.append(np.concatenate(parts, axis=1))
        return Network.of(self.shape, matrices)
