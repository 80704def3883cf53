"""A network with its weights, and its plain reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from bitarray import bitarray, frozenbitarray

from bnnsat.problem import Problem
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

CHUNK = 1 << 23
"""Products computed at once by the plain reading."""


@dataclass(frozen=True)
class Network:
    """A shape and its weights: `weights[l][j]` holds the bits of neuron j in layer l, packed.

    >>> xor = Network.of(Shape.parse("2-2-1"), [[[1, 1], [0, 0]], [[1, 1]]])
    >>> xor.weights[0]
    (frozenbitarray('11'), frozenbitarray('00'))
    >>> xor.outputs(np.array([[0, 1], [1, 1]], dtype=bool)).tolist()
    [[True], [True]]
    """

    shape: Shape
    weights: tuple[tuple[frozenbitarray, ...], ...]

    def __post_init__(self) -> None:
        found = [(len(layer), {len(row) for row in layer}) for layer in self.weights]
        if found != [(m, {n}) for m, n in self.shape.matrices]:
            raise ValueError(f"the weights do not have the topology {self.shape.topology}")

    @classmethod
    def of(cls, shape: Shape, matrices: Sequence[object]) -> Network:
        """From one 0/1 matrix (neurons, fan-in) per layer."""
        arrays = [np.asarray(matrix, dtype=np.bool_) for matrix in matrices]
        return cls(shape, tuple(tuple(frozenbitarray(row.tolist()) for row in array) for array in arrays))

    def matrices(self) -> list[Bits]:
        """The weights as one boolean matrix (neurons, fan-in) per layer."""
        return [np.array([_unpacked(row) for row in layer], dtype=np.bool_) for layer in self.weights]

    def outputs(self, inputs: Bits) -> Bits:
        """The output bits (examples, outputs) of inputs (examples, n), by the plain numpy reading."""
        matrices = self.matrices()
        parts = []
        for part in self._parts(len(inputs)):
            values = inputs[part]
            for index, matrix in enumerate(matrices):
                values = forward.layer(NUMPY, self.shape, index, values, matrix)
            parts.append(values)
        return np.concatenate(parts)

    def right(self, inputs: Bits, labels: Integers, margin: int = 0) -> Bits:
        """Whether the head names each label, with a margin (see `forward.right`), by the plain numpy reading."""
        matrices = self.matrices()
        parts = []
        for part in self._parts(len(inputs)):
            seen = forward.head_inputs(NUMPY, self.shape, matrices, inputs[part], margin)
            parts.append(forward.right(NUMPY, self.shape, seen, labels[part], margin))
        return np.concatenate(parts)

    def errors(self, problem: Problem) -> int:
        """The problem's objective, by the plain numpy reading."""
        return problem.errors(self.right(problem.inputs, problem.labels, problem.margin))

    def folded(self) -> Network:
        """The same function without constants: those whose weight is 1 lower the neuron's threshold."""
        shape = self.shape
        if not any(shape.constants):
            return replace(self, shape=replace(shape, constants=()))
        matrices, thresholds = [], []
        for index, matrix in enumerate(self.matrices()):
            kept = shape.sources(index) >= 0
            matrices.append(matrix[:, kept])
            lowered = np.array(shape.thresholds[index], dtype=np.int64) - matrix[:, ~kept].sum(axis=1)
            thresholds.append(lowered.tolist())
        return Network.of(replace(shape, constants=()).with_thresholds(thresholds), matrices)

    def _parts(self, examples: int) -> list[slice]:
        """The examples in parts whose products, all there at once, fit into little memory."""
        step = max(1, CHUNK // max(m * n for m, n in self.shape.matrices))
        return [slice(start, start + step) for start in range(0, max(1, examples), step)]


def _unpacked(row: bitarray) -> Bits:
    return np.frombuffer(row.unpack(), dtype=np.bool_)
