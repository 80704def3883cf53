"""Layers of a network over a problem's examples, and what a flip of a weight does to their outputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats, Integers

Rows = slice | Integers
"""Some of the rows."""
Check = Callable[[], object]
"""Is called now and then, and ends the work by what it raises."""
PRODUCTS = 1 << 24
"""Products that are made between two looks at the clock."""
MOST_CHANGES = 1 << 26
"""Changes of outputs that are kept as numbers, 4 bytes each."""


class Popcount:
    """A popcount layer: `weights` (neurons, fan-in), inputs' `signs` (rows, n), agreements `counts` (rows, neurons)."""

    def __init__(self, weights: Bits, shape: Shape, index: int) -> None:
        self.weights = weights
        self._shape, self._index = shape, index
        self._signs = _signs(weights)
        self._thresholds = np.array(shape.thresholds[index], dtype=np.float32)
        self._sources = shape.sources(index)
        # What a change of each input does to the counts, through all the weights that read it.
        self._pulls = np.zeros((len(weights), shape.sizes[index] + 1), dtype=np.float32)
        np.add.at(self._pulls.T, self._sources, self._signs.T)

    def read(self, inputs: Bits, _: Check) -> None:
        """Take new inputs (rows, n)."""
        self.signs = _signs(inputs)
        self._inputs = self._shape.read(self._index, self.signs, 1)
        self.counts = (self._inputs @ self._signs.T + self.weights.shape[1]) / 2

    def take(self, place: int, column: Bits) -> None:
        """Take other values, (rows,), of one input."""
        rows = np.flatnonzero((self.signs[:, place] > 0) != column)
        changes = _signs(column[rows])
        self.signs[rows, place] = changes
        if self._inputs is not self.signs:
            for source in np.flatnonzero(self._sources == place):
                self._inputs[rows, source] = changes
        self.counts[rows] += changes[:, np.newaxis] * self._pulls[:, place]

    @property
    def strongest(self) -> float:
        """The most that a change of one input does to a count."""
        return float(np.abs(self._pulls[:, :-1]).max())

    def flip(self, neuron: int, weight: int) -> None:
        """Change one weight."""
        self.weights[neuron, weight] ^= True
        self._signs[neuron, weight] *= -1
        self._pulls[neuron, self._sources[weight]] += 2 * self._signs[neuron, weight]
        self.counts[:, neuron] += self._signs[neuron, weight] * self._inputs[:, weight]

    def replace(self, neuron: int, weights: Bits) -> None:
        """Give a neuron other weights, (fan-in,)."""
        self.weights[neuron] = weights
        self._signs[neuron] = _signs(weights)
        self._pulls[neuron] = 0
        np.add.at(self._pulls[neuron], self._sources, self._signs[neuron])
        self.counts[:, neuron] = (self._inputs @ self._signs[neuron] + len(weights)) / 2

    def outputs(self, counts: Floats | None = None) -> Bits:
        """The output bits."""
        return np.asarray((self.counts if counts is None else counts) >= self._thresholds)

    def output(self, neuron: int) -> Bits:
        """The output bits of one neuron, (rows,)."""
        return np.asarray(self.counts[:, neuron] >= self._thresholds[neuron])

    def counts_with(self, changes: Floats, part: Rows) -> Floats:
        """The counts (rows, alternatives, neurons) of some rows after changes (rows, alternatives, n) to inputs.

        A change is +1 for 0 to 1, and -1 for 1 to 0.
        """
        return np.asarray(self.counts[part, np.newaxis] + changes @ self._pulls[:, :-1].T, dtype=np.float32)

    def counts_with_one(self, changes: Floats, place: int) -> Floats:
        """The same, (rows, 1, neurons), where only input `place` changes: changes (rows,)."""
        return np.asarray((self.counts + changes[:, np.newaxis] * self._pulls[:, place])[:, np.newaxis])

    def counts_with_each(self, changes: Floats, part: Rows) -> Floats:
        """The same where alternative i changes input i only: changes (rows, n)."""
        return np.asarray(
            self.counts[part, np.newaxis] + changes[:, :, np.newaxis] * self._pulls[:, :-1].T[np.newaxis],
            dtype=np.float32,
        )

    def gains_of_outputs(self, losses: Floats, rows: Rows) -> Floats:
        """The gains (neurons, n), from the change of loss (rows, neurons) where one output flips, in some rows."""
        counts = self.counts[rows]
        return self.gains_of_counts(
            losses * (counts == self._thresholds), losses * (counts == self._thresholds - 1), rows
        )

    def gains_of_counts(self, fall: Floats, rise: Floats, rows: Rows) -> Floats:
        """The gains (neurons, n), from the change of loss (rows, neurons) where a count falls or rises by one."""
        even, odd = (fall + rise).sum(axis=0)[:, np.newaxis], fall - rise
        return np.asarray((even + self._signs * (odd.T @ self._inputs[rows])) / 2, dtype=np.float32)


class Half:
    """A half-comparison layer: `weights` (neurons, n), n even."""

    def __init__(self, weights: Bits) -> None:
        self.weights = weights

    def read(self, inputs: Bits, check: Check) -> None:
        """Take new inputs (rows, n)."""
        neurons, n = self.weights.shape
        self._inputs = inputs
        self._outputs = np.empty((len(inputs), neurons), dtype=np.bool_)
        # Numbers for a sum that is quick, bits where there are too many of them.
        single = len(inputs) * self.weights.size <= MOST_CHANGES
        self._changes: Floats | Bits = np.empty((len(inputs), neurons, n), dtype=np.float32 if single else np.bool_)
        step = max(1, PRODUCTS // (len(inputs) * n))
        for start in range(0, neurons, step):
            check()
            self._decide(slice(start, start + step))

    def flip(self, neuron: int, weight: int) -> None:
        """Change one weight."""
        self.weights[neuron, weight] ^= True
        self._decide(slice(neuron, neuron + 1))

    def outputs(self) -> Bits:
        """The output bits (rows, neurons)."""
        return self._outputs

    def gains_of_outputs(self, losses: Floats, rows: Rows) -> Floats:
        """The gains (neurons, n), from the change of loss (rows, neurons) where one output flips, in some rows."""
        changes = self._changes[rows]
        if changes.dtype == np.float32:
            return np.asarray(np.einsum("sj,sji->ji", losses, changes), dtype=np.float32)
        return np.stack([column @ changes[:, j].astype(np.float32) for j, column in enumerate(losses.T)])

    def _decide(self, part: Rows) -> None:
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


def _signs(bits: Bits) -> Floats:
    return 2 * bits.astype(np.float32) - 1
