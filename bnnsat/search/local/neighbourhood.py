"""A network over a problem's examples, with the exact change of the objective for every single flip.

Flipping weight i of a popcount neuron moves its count by one, up where weight and input disagree and
down where they agree: with the change of each example's loss per neuron and direction, the gains of a
whole layer are one matrix product. A half-comparison's output depends on its first pair of unequal
bits, and on the second once the first is made equal: the examples that a flip changes follow from
these two.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats


class Popcount:
    """A popcount layer: `weights` (neurons, fan-in) and `counts` (rows, neurons) of agreements, as floats."""

    def __init__(self, weights: Bits, shape: Shape, index: int) -> None:
        self.weights = weights
        self._shape, self._index = shape, index
        self._signs = _signs(weights)
        self._thresholds = np.array(shape.thresholds[index], dtype=np.float32)
        self._sources = shape.sources(index)
        # What a change of each input does to the counts, through all the weights that read it.
        self._pulls = np.zeros((len(weights), shape.sizes[index] + 1), dtype=np.float32)
        np.add.at(self._pulls.T, self._sources, self._signs.T)

    def read(self, inputs: Bits) -> None:
        """Take new inputs (rows, n)."""
        self._inputs = self._shape.read(self._index, _signs(inputs), 1)
        self.counts = (self._inputs @ self._signs.T + self.weights.shape[1]) / 2

    def flip(self, neuron: int, weight: int) -> None:
        """Change one weight."""
        self.weights[neuron, weight] ^= True
        self._signs[neuron, weight] *= -1
        self._pulls[neuron, self._sources[weight]] += 2 * self._signs[neuron, weight]
        self.counts[:, neuron] += self._signs[neuron, weight] * self._inputs[:, weight]

    def outputs(self, counts: Floats | None = None) -> Bits:
        """The output bits."""
        return np.asarray((self.counts if counts is None else counts) >= self._thresholds)

    def counts_with(self, changes: Floats) -> Floats:
        """The counts (rows, alternatives, neurons) after changes (rows, alternatives, n), +1 for 0 to 1, to inputs."""
        return np.asarray(self.counts[:, np.newaxis] + changes @ self._pulls[:, :-1].T, dtype=np.float32)

    def counts_with_each(self, changes: Floats) -> Floats:
        """The same where alternative i changes input i only: changes (rows, n)."""
        return np.asarray(
            self.counts[:, np.newaxis] + changes[:, :, np.newaxis] * self._pulls[:, :-1].T[np.newaxis],
            dtype=np.float32,
        )

    def gains_of_outputs(self, losses: Floats) -> Floats:
        """The gains (neurons, n), from the change of loss (rows, neurons) where one output flips."""
        return self.gains_of_counts(
            losses * (self.counts == self._thresholds), losses * (self.counts == self._thresholds - 1)
        )

    def gains_of_counts(self, fall: Floats, rise: Floats) -> Floats:
        """The gains (neurons, n), from the change of loss (rows, neurons) where a count falls or rises by one."""
        even = (fall + rise).sum(axis=0)[:, np.newaxis]
        return np.asarray((even + self._signs * ((fall - rise).T @ self._inputs)) / 2, dtype=np.float32)


class Half:
    """A half-comparison layer: `weights` (neurons, n), n even."""

    def __init__(self, weights: Bits) -> None:
        self.weights = weights

    def read(self, inputs: Bits) -> None:
        """Take new inputs (rows, n)."""
        self._inputs = inputs
        self._outputs = np.empty((len(inputs), len(self.weights)), dtype=np.bool_)
        self._changes = np.empty((len(inputs), *self.weights.shape), dtype=np.float32)
        self._decide(slice(None))

    def flip(self, neuron: int, weight: int) -> None:
        """Change one weight."""
        self.weights[neuron, weight] ^= True
        self._decide(slice(neuron, neuron + 1))

    def outputs(self) -> Bits:
        """The output bits (rows, neurons)."""
        return self._outputs

    def gains_of_outputs(self, losses: Floats) -> Floats:
        """The gains (neurons, n), from the change of loss (rows, neurons) where one output flips."""
        return np.asarray(np.einsum("sj,sji->ji", losses, self._changes), dtype=np.float32)

    def _decide(self, part: slice) -> None:
        """Outputs of some neurons, and where flips change them."""
        half = self.weights.shape[1] // 2
        z = self._inputs[:, np.newaxis] == self.weights[part][np.newaxis]
        upper, lower = z[..., :half], z[..., half:]
        unequal = upper ^ lower
        seen = np.logical_or.accumulate(unequal, axis=-1)
        before = ~seen
        # The first unequal pair, and the first after it.
        first = unequal & np.concatenate([np.ones_like(seen[..., :1]), before[..., :-1]], axis=-1)
        later = unequal & ~first
        second = later & ~np.concatenate(
            [np.zeros_like(seen[..., :1]), np.logical_or.accumulate(later, axis=-1)[..., :-1]], axis=-1
        )
        output = (upper & first).any(axis=-1)
        made_equal = ((upper & second).any(axis=-1) != output)[..., np.newaxis]
        out = output[..., np.newaxis]
        # A pair before the first, made unequal, decides; the first, made equal, leaves it to the second.
        self._changes[:, part, :half] = (before & (upper == out)) | (first & made_equal)
        self._changes[:, part, half:] = (before & (upper != out)) | (first & made_equal)
        self._outputs[:, part] = output


class Neighbourhood:
    """Weights that change one at a time, the errors they make, and what each change would do."""

    def __init__(self, problem: Problem, network: Network) -> None:
        self.shape = shape = network.shape
        self._problem = problem
        self._weights = problem.costs.astype(np.float32)
        self._layers: list[Popcount | Half] = [
            Half(matrix.copy()) if shape.activation == "half" else Popcount(matrix.copy(), shape, index)
            for index, matrix in enumerate(network.matrices())
        ]
        self._layers[0].read(problem.inputs)
        self._pass_on(0)

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return Network.of(self.shape, [layer.weights for layer in self._layers])

    def flip(self, layer: int, neuron: int, weight: int) -> None:
        """Change one weight."""
        self._layers[layer].flip(neuron, weight)
        self._pass_on(layer)

    def gains(self) -> list[Floats]:
        """The change of the objective for each single flip: one array (neurons, fan-in) per layer."""
        return [self._gains(index) for index in range(self.shape.layers)]

    def _pass_on(self, index: int) -> None:
        """Bring everything above a layer up to date, and the errors."""
        for below, layer in zip(self._layers[index:], self._layers[index + 1 :], strict=False):
            layer.read(below.outputs())
        last = self._layers[-1]
        seen = last.counts if isinstance(last, Popcount) else last.outputs()
        self._wrong = self._is_wrong(seen[:, np.newaxis])[:, 0]
        self.errors = int(self._problem.costs[self._wrong].sum())

    def _is_wrong(self, seen: NDArray[Any]) -> Bits:
        """Whether the head is wrong (rows, alternatives) about counts, or bits, (rows, alternatives, outputs)."""
        labels, margin = self._problem.labels, self._problem.margin
        wanted = forward.wanted_bits(self.shape, labels)[:, np.newaxis]
        if self.shape.activation == "half":
            return np.asarray((seen != wanted).any(axis=-1))
        if self.shape.head != "argmax":
            thresholds = np.array(self.shape.thresholds[-1], dtype=np.float32)
            return np.asarray(((seen >= thresholds + (2 * wanted - 1) * margin) != wanted).any(axis=-1))
        # The label beats those before it by one more than those behind it.
        own = np.take_along_axis(seen, labels[:, np.newaxis, np.newaxis], axis=-1)
        before = np.arange(self.shape.classes) < labels[:, np.newaxis, np.newaxis]
        return np.asarray(((own - seen < margin + before) & ~wanted).any(axis=-1))

    def _losses(self, seen: NDArray[Any]) -> Floats:
        """The change of loss (rows, alternatives) where the head sees that instead."""
        wrong = self._is_wrong(seen).astype(np.float32) - self._wrong[:, np.newaxis]
        return np.asarray(wrong * self._weights[:, np.newaxis], dtype=np.float32)

    def _gains(self, index: int) -> Floats:
        layer, last = self._layers[index], index == self.shape.layers - 1
        if last and isinstance(layer, Popcount):
            each = np.eye(layer.counts.shape[1], dtype=np.float32)
            counts = layer.counts[:, np.newaxis]
            return layer.gains_of_counts(self._losses(counts - each), self._losses(counts + each))
        outputs = layer.outputs()
        if last:
            each_bit = np.eye(outputs.shape[1], dtype=np.bool_)
            return layer.gains_of_outputs(self._losses(outputs[:, np.newaxis] ^ each_bit))
        return layer.gains_of_outputs(self._losses(self._read_above(index, outputs)))

    def _read_above(self, index: int, outputs: Bits) -> NDArray[Any]:
        """What the head would see (rows, neurons, outputs) if one output (rows, neurons) of a layer flipped."""
        if self.shape.activation == "half":
            return self._read_above_half(index, outputs)
        changes = 1 - 2 * outputs.astype(np.float32)
        above = [layer for layer in self._layers[index + 1 :] if isinstance(layer, Popcount)]
        counts = above[0].counts_with_each(changes)
        for below, layer in pairwise(above):
            # From here on an alternative may change several outputs at once, or none.
            several = below.outputs(counts).astype(np.float32) - below.outputs()[:, np.newaxis]
            counts = layer.counts_with(several)
        return counts

    def _read_above_half(self, index: int, outputs: Bits) -> Bits:
        rows, neurons = outputs.shape
        bits = (outputs[:, np.newaxis] ^ np.eye(neurons, dtype=np.bool_)).reshape(rows * neurons, neurons)
        for above in range(index + 1, self.shape.layers):
            bits = forward.layer(NUMPY, self.shape, above, bits, self._layers[above].weights)
        return bits.reshape(rows, neurons, -1)


def _signs(bits: Bits) -> Floats:
    return 2 * bits.astype(np.float32) - 1
