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
from bnnsat.search.local.annealing import Duty
from bnnsat.search.local.layers import PRODUCTS, Check, Half, Popcount, Rows
from bnnsat.types import Bits, Floats

WHOLE = slice(None)
"""All rows."""


class Neighbourhood:
    """Weights that change one at a time, the errors they make, and what each change would do."""

    def __init__(self, problem: Problem, network: Network, check: Check = lambda: None) -> None:
        self._check = check
        self.shape = shape = network.shape
        self._problem = problem
        self._weights = problem.costs.astype(np.float32)
        self._layers: list[Popcount | Half] = [
            Half(matrix.copy()) if shape.activation == "half" else Popcount(matrix.copy(), shape, index)
            for index, matrix in enumerate(network.matrices())
        ]
        self._layers[0].read(problem.inputs, check)
        self._pass_on(0)

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return Network.of(self.shape, [layer.weights for layer in self._layers])

    def flip(self, layer: int, neuron: int, weight: int) -> None:
        """Change one weight."""
        self._layers[layer].flip(neuron, weight)
        self._changed(layer, neuron)

    def weights(self, layer: int) -> Bits:
        """The weights of a layer, (neurons, fan-in)."""
        return self._layers[layer].weights

    def replace(self, layer: int, neuron: int, weights: Bits) -> None:
        """Give a popcount neuron other weights, (fan-in,)."""
        changed = self._layers[layer]
        assert isinstance(changed, Popcount)
        changed.replace(neuron, weights)
        self._changed(layer, neuron)

    def duty(self, index: int, neuron: int) -> Duty:
        """What a neuron of a popcount layer (not of argmax) is to say, with all others as they are.

        Its rows are those about which the head would be right, or wrong, by what it says.
        """
        layer, last = self._layers[index], self.shape.layers - 1
        assert isinstance(layer, Popcount)
        costs, margin = self._problem.costs, self._problem.margin
        if index == last:
            wanted = forward.wanted_bits(self.shape, self._problem.labels)
            thresholds = np.array(self.shape.thresholds[last], dtype=np.float32)
            wrong = (layer.counts >= thresholds + (2 * wanted - 1) * margin) != wanted
            # Where another output is wrong it does not matter.
            rows = np.flatnonzero(~np.delete(wrong, neuron, axis=1).any(axis=1))
            right = wanted[rows, neuron]
        else:
            bits, margin = layer.output(neuron), 0
            losses = self._losses(self._read_above_one(index, neuron, 1 - 2 * bits.astype(np.float32)))[:, 0]
            rows = np.flatnonzero(losses)
            right = bits[rows] ^ (losses[rows] < 0)
        free = bool(self.shape.constants and self.shape.constants[index])
        return Duty(layer.signs[rows], right, costs[rows], margin, self.shape.repeat == 2, free)

    def _read_above_one(self, index: int, neuron: int, change: Floats) -> Floats:
        """What the head would see (rows, 1, outputs) if one output of a popcount layer changed, (rows,)."""
        above = [layer for layer in self._layers[index + 1 :] if isinstance(layer, Popcount)]
        counts = above[0].counts_with_one(change, neuron)
        return self._carried(above, counts, WHOLE)

    def _carried(self, above: list[Popcount], counts: Floats, part: Rows) -> Floats:
        """The counts of the last layer (rows, alternatives, outputs) for those of the first."""
        for below, layer in pairwise(above):
            # From here on an alternative may change several outputs at once, or none.
            several = below.outputs(counts).astype(np.float32) - below.outputs()[part, np.newaxis]
            counts = layer.counts_with(several, part)
        return counts

    def gains(self) -> list[Floats]:
        """The change of the objective for each single flip: one array (neurons, fan-in) per layer."""
        return [self._gains(index) for index in range(self.shape.layers)]

    def _changed(self, index: int, neuron: int) -> None:
        """Bring everything above a neuron up to date, and the errors."""
        layer = self._layers[index]
        above = self._layers[index + 1] if index + 1 < len(self._layers) else None
        if isinstance(layer, Popcount) and isinstance(above, Popcount):
            # One of its inputs is another: much less than to read all of them.
            above.take(neuron, layer.output(neuron))
            index += 1
        self._pass_on(index)

    def _pass_on(self, index: int) -> None:
        """Bring everything above a layer up to date, and the errors."""
        for below, layer in zip(self._layers[index:], self._layers[index + 1 :], strict=False):
            layer.read(below.outputs(), self._check)
        last = self._layers[-1]
        seen = last.counts if isinstance(last, Popcount) else last.outputs()
        self._wrong = self._is_wrong(seen[:, np.newaxis], WHOLE)[:, 0]
        self.errors = int(self._problem.costs[self._wrong].sum())

    def _is_wrong(self, seen: NDArray[Any], part: Rows) -> Bits:
        """Whether the head is wrong (rows, alternatives) about counts, or bits, (rows, alternatives, outputs)."""
        labels, margin = self._problem.labels[part], self._problem.margin
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

    def _losses(self, seen: NDArray[Any], part: Rows = WHOLE) -> Floats:
        """The change of loss (rows, alternatives) where the head sees that instead."""
        wrong = self._is_wrong(seen, part).astype(np.float32) - self._wrong[part, np.newaxis]
        return np.asarray(wrong * self._weights[part, np.newaxis], dtype=np.float32)

    def _gains(self, index: int) -> Floats:
        layer, last = self._layers[index], index == self.shape.layers - 1
        rows = self._near(index)
        if last and isinstance(layer, Popcount):
            each = np.eye(layer.counts.shape[1], dtype=np.float32)
            counts = layer.counts[rows][:, np.newaxis]
            return layer.gains_of_counts(self._losses(counts - each, rows), self._losses(counts + each, rows), rows)
        outputs = layer.outputs()[rows]
        if last:
            each_bit = np.eye(outputs.shape[1], dtype=np.bool_)
            return layer.gains_of_outputs(self._losses(outputs[:, np.newaxis] ^ each_bit, rows), rows)
        losses = np.empty(outputs.shape, dtype=np.float32)
        products = outputs.shape[1] * sum(above.weights.size for above in self._layers[index + 1 :])
        step = max(1, PRODUCTS // products)
        for start in range(0, len(outputs), step):
            self._check()
            part = slice(start, start + step)
            chosen = rows[part] if isinstance(rows, np.ndarray) else part
            losses[part] = self._losses(self._read_above(index, outputs[part], chosen), chosen)
        return layer.gains_of_outputs(losses, rows)

    def _near(self, index: int) -> Rows:
        """The rows about which a flip in a layer can change what the head says, and perhaps others."""
        last = self._layers[-1]
        if not isinstance(last, Popcount) or self.shape.head == "argmax":
            return WHOLE
        if index == self.shape.layers - 1:
            reach = 1.0
        elif index == self.shape.layers - 2:
            reach = float(last.strongest)
        else:
            return WHOLE
        away = last.counts - (np.array(self.shape.thresholds[-1], dtype=np.float32) - np.float32(0.5))
        return np.flatnonzero((np.abs(away) < reach + self._problem.margin + 1).any(axis=1))

    def _read_above(self, index: int, outputs: Bits, part: Rows) -> NDArray[Any]:
        """What the head would see (rows, neurons, outputs) if one output (rows, neurons) of a layer flipped."""
        if self.shape.activation == "half":
            return self._read_above_half(index, outputs)
        changes = 1 - 2 * outputs.astype(np.float32)
        above = [layer for layer in self._layers[index + 1 :] if isinstance(layer, Popcount)]
        return self._carried(above, above[0].counts_with_each(changes, part), part)

    def _read_above_half(self, index: int, outputs: Bits) -> Bits:
        rows, neurons = outputs.shape
        bits = (outputs[:, np.newaxis] ^ np.eye(neurons, dtype=np.bool_)).reshape(rows * neurons, neurons)
        for above in range(index + 1, self.shape.layers):
            bits = forward.layer(NUMPY, self.shape, above, bits, self._layers[above].weights)
        return bits.reshape(rows, neurons, -1)
