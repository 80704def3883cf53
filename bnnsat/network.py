"""A network with its weights, and its numpy reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from bitarray import bitarray, frozenbitarray

import bnnsat
from bnnsat.arrays import bits
from bnnsat.errors import InputError
from bnnsat.readings import forward, packed
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnnsat.model import Model
    from bnnsat.problem import Problem
    from bnnsat.types import Bits, Integers

QUICK_PRODUCTS = 1 << 20
"""Products of weights and examples up to which the numpy reading takes a thousandth of a second."""


@dataclass(frozen=True)
class Network:
    """A shape and its weights.

    Attributes:
        shape: everything but the weights.
        weights: `weights[l][j]` holds the bits of neuron j in layer l, packed; 1 is +1, 0 is -1.

    Raises:
        ValueError: the weights do not have the shape's topology.

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
        """From one matrix per layer.

        Args:
            shape: everything but the weights.
            matrices: one per layer, (neurons, fan-in), of 0 and 1.

        Raises:
            InputError: the matrices hold something else.
            ValueError: they do not have the shape's topology.
        """
        arrays = [bits(matrix, f"weights of layer {number}") for number, matrix in enumerate(matrices)]
        return cls(shape, tuple(tuple(map(_packed, array)) for array in arrays))

    def matrices(self) -> list[Bits]:
        """The weights as one boolean matrix (neurons, fan-in) per layer."""
        return [np.array([_unpacked(row) for row in layer], dtype=np.bool_) for layer in self.weights]

    def outputs(self, inputs: Bits) -> Bits:
        """The output bits, (examples, outputs), by the numpy reading.

        Args:
            inputs: (examples, n) bits.
        """
        return np.asarray(forward.outputs(NUMPY, self.shape, self.matrices(), self._read(inputs)))

    def right(self, inputs: Bits, labels: Integers, margin: int = 0) -> Bits:
        """Whether the head names each label, (examples,), by the numpy reading.

        Args:
            inputs: (examples, n) bits.
            labels: (examples,), from 0.
            margin: by how much the last layer's counts have to say so (see `forward.right`).
        """
        return forward.judged(NUMPY, self.shape, self.matrices(), self._read(inputs), labels, margin)

    def errors(self, problem: Problem) -> int:
        """The problem's objective, by the numpy reading.

        Args:
            problem: distinct examples and what they cost.
        """
        return problem.errors(self.right(problem.inputs, problem.labels, problem.margin))

    def show(self, format: str = "text") -> str:
        """What the network does, as `Model.show` says it of bits.

        Args:
            format: text, markdown, html, svg or json.

        Raises:
            InputError: the format is unknown.
        """
        return self._model.show(format)

    def _repr_html_(self) -> str:
        return self._model._repr_html_()

    @property
    def _model(self) -> Model:
        # Models are drawn, and built on networks: their module is loaded when one is wanted.
        return bnnsat.Model(self)

    def _read(self, inputs: Bits) -> Bits:
        read = bits(inputs, "the inputs")
        if read.ndim != 2 or read.shape[1] != self.shape.sizes[0]:
            raise InputError(f"the network takes {self.shape.sizes[0]} bits, and the inputs have shape {read.shape}")
        return read

    def quick_errors(self, problem: Problem) -> int:
        """The same by packed words where the numpy reading would take long; for networks on the way to an answer.

        Args:
            problem: distinct examples and what they cost.
        """
        if problem.margin or len(problem.labels) * self.shape.weight_bits < QUICK_PRODUCTS:
            return self.errors(problem)
        return problem.errors(packed.predict(self.shape, self.matrices(), problem.inputs) == problem.labels)


def _packed(row: Bits) -> frozenbitarray:
    read = bitarray(endian="big")
    read.frombytes(np.packbits(row).tobytes())
    return frozenbitarray(read[: len(row)])


def _unpacked(row: bitarray) -> Bits:
    return np.frombuffer(row.unpack(), dtype=np.bool_)
