"""A network with its weights, and its numpy reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from bitarray import bitarray, frozenbitarray

from bnnsat.documents import Format, reading
from bnnsat.errors import InputError
from bnnsat.problem import Problem
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import WEIGHTS, Shape
from bnnsat.types import Bits, Integers

FORMAT = Format("bnnsat-model", 1, "a model file")


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
        """The output bits (examples, outputs) of inputs (examples, n), by the numpy reading."""
        matrices = self.matrices()
        parts = []
        for part in forward.parts(self.shape, len(inputs)):
            values = inputs[part]
            for index, matrix in enumerate(matrices):
                values = forward.layer(NUMPY, self.shape, index, values, matrix)
            parts.append(values)
        return np.concatenate(parts)

    def right(self, inputs: Bits, labels: Integers, margin: int = 0) -> Bits:
        """Whether the head names each label, with a margin (see `forward.right`), by the numpy reading."""
        return forward.judged(NUMPY, self.shape, self.matrices(), inputs, labels, margin)

    def errors(self, problem: Problem) -> int:
        """The problem's objective, by the numpy reading."""
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

    def noted(self) -> dict[str, Any]:
        """The network as JSON; it has to be folded."""
        shape = self.shape
        return {
            "topology": shape.topology,
            "activation": shape.activation,
            "head": shape.head,
            "thresholds": shape.thresholds,
            "weights": [[row.to01() for row in layer] for layer in self.weights],
            "repeat": shape.repeat,
        }

    @classmethod
    def of_noted(cls, content: Mapping[str, Any]) -> Network:
        """The network that was noted. InputError, KeyError or TypeError for anything else."""
        repeat = content.get("repeat", 1)
        if repeat not in (1, 2):
            raise InputError(f'"repeat" is {repeat}; 1 or 2 is due')
        topology, activation, head = (str(content[key]) for key in ("topology", "activation", "head"))
        shape = Shape.parse(topology, activation, head, weights=WEIGHTS[repeat - 1])
        weights = _weights(content["weights"], shape)
        return cls(shape.with_thresholds(content["thresholds"]), weights)

    @classmethod
    def loads(cls, text: bytes, name: str) -> Network:
        """The network alone of a model file of that name; InputError for anything else."""
        content = FORMAT.loads(text, name)
        with reading(name):
            return cls.of_noted(content)


def _unpacked(row: bitarray) -> Bits:
    return np.frombuffer(row.unpack(), dtype=np.bool_)


def _weights(layers: Any, shape: Shape) -> tuple[tuple[frozenbitarray, ...], ...]:
    """The packed weights; lengths and characters are looked at first, since bitarray takes nearly anything."""
    fits = isinstance(layers, list) and len(layers) == shape.layers
    for layer, (m, n) in zip(layers if fits else (), shape.matrices, strict=False):
        fits &= isinstance(layer, list) and len(layer) == m
        fits = fits and all(isinstance(row, str) and len(row) == n and set(row) <= {"0", "1"} for row in layer)
    if not fits:
        raise InputError(f"the weights do not fit topology {shape.topology}: a string of 0 and 1 per neuron is due")
    return tuple(tuple(frozenbitarray(row) for row in layer) for layer in layers)
