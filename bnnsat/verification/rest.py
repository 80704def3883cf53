"""The layers behind the first: which patterns of the first layer make the network say something else."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.network import Network
from bnnsat.offsets import due
from bnnsat.types import Bits, Floats, Integers

BATCH = 8192


@dataclass(frozen=True, eq=False)
class Rest:
    """A network of popcounts behind its first layer, around what it says of an example.

    Attributes:
        signs: weights (neurons, fan-in) of each further layer, -1 and +1, as floats.
        least: (neurons,) of each, from which sum of signs on a neuron is 1.
        base: (neurons of the first layer,) signs for the example.
        wanted: the outputs for the example; of argmax by how much the label's sum has to exceed each class's, and
            which it is.
        label: of argmax; -1 of other heads.
    """

    signs: tuple[Floats, ...]
    least: tuple[Integers, ...]
    base: Floats
    wanted: NDArray[Any]
    label: int

    @classmethod
    def of(cls, network: Network, first: Bits, label: int, *, tied_changes: bool) -> Rest:
        """What stands behind a first layer.

        Args:
            network: of popcounts, two layers or more.
            first: (neurons,) the first layer's bits for the example.
            label: what the network says of it.
            tied_changes: whether an equal count of another class is a change.
        """
        shape, signs, least = network.shape, [], []
        for index, matrix in enumerate(network.matrices()[1:], 1):
            # Read twice, a pair of weights is -2, 0 or 2, and sums are those of all that is read.
            parts = (2.0 * matrix - 1).reshape(len(matrix), shape.repeat, -1).sum(axis=1)
            signs.append(parts.astype(np.float32))
            least.append(2 * np.array(shape.thresholds[index]) - matrix.shape[1])
        base = (2.0 * first - 1).astype(np.float32)
        if shape.head != "argmax":
            blank = cls(tuple(signs), tuple(least), base, np.zeros(0), -1)
            outputs = blank._outputs(base[np.newaxis] @ signs[0].T)[0] >= least[-1]
            return cls(tuple(signs), tuple(least), base, outputs, -1)
        if tied_changes:
            offsets = shape.offsets or (0,) * shape.classes
            needed = np.array([floor(other - offsets[label]) + 1 for other in offsets])
        else:
            needed = due(shape.offsets)[label] if shape.offsets else np.tri(shape.classes, k=-1, dtype=np.int64)[label]
        needed[label] = 0
        # Sums of signs differ by twice as much as counts.
        return cls(tuple(signs), tuple(least), base, 2 * needed, label)

    def changes(self, flipped: Integers, patterns: Bits) -> Bits:
        """Which patterns, (rows,), make the network say something else.

        Args:
            flipped: places of some neurons of the first layer.
            patterns: (rows, such neurons) which of them are the other way round.
        """
        first, batches = self.signs[0], range(0, max(1, len(patterns)), BATCH)
        # Only what is turned is added anew.
        turned, base = -2 * self.base[flipped, np.newaxis] * first.T[flipped], first @ self.base
        parts = (base + patterns[i : i + BATCH].astype(np.float32) @ turned for i in batches)
        return np.concatenate([self._margins(self._outputs(sums)) < 0 for sums in parts])

    def margins(self, values: Floats, *, smooth: bool = False) -> Floats:
        """How far the network is from saying something else, (rows,); below 0 where it does.

        Args:
            values: (rows, neurons) of the first layer, signs or between them.
            smooth: further layers are no signs, but between them, too.
        """
        return self._margins(self._outputs(values @ self.signs[0].T, smooth=smooth))

    def _outputs(self, sums: Floats, *, smooth: bool = False) -> Floats:
        """The last layer's sums, of the second layer's."""
        for index, matrix in enumerate(self.signs[1:]):
            # An odd number, whose sign is the neuron's.
            far = sums - (self.least[index] - 1).astype(np.float32)
            values = np.tanh(far / np.float32(matrix.shape[1] ** 0.5)) if smooth else np.sign(far)
            sums = values @ matrix.T
        return sums

    def _margins(self, sums: Floats) -> Floats:
        if self.label < 0:
            # An output is a change where it is another bit.
            far = np.where(self.wanted, sums - self.least[-1], self.least[-1] - 1 - sums)
            return np.asarray(far.min(axis=1), dtype=np.float32)
        far = sums[:, self.label, np.newaxis] - sums - self.wanted
        far[:, self.label] = np.inf
        return np.asarray(far.min(axis=1), dtype=np.float32)
