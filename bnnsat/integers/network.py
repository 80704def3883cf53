"""A network of whole numbers with its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.integers import forward
from bnnsat.integers.shape import IntegerShape
from bnnsat.sketch.expression import whole
from bnnsat.types import Integers


@dataclass(frozen=True)
class IntegerNetwork:
    """A shape and its weights.

    Attributes:
        shape: everything but the weights.
        weights: `weights[l][j]` are those of neuron j in layer l, in the order of its inputs.
        biases: `biases[l][j]` is what it adds; empty without a bias.

    >>> xor = IntegerNetwork(IntegerShape.parse("2-2-1", "exact"), (((1, -1), (-1, 1)), ((1, 1),)))
    >>> xor.predict(np.array([[0, 1], [1, 1]])).tolist()
    [1, 0]
    """

    shape: IntegerShape
    weights: tuple[tuple[tuple[int, ...], ...], ...]
    biases: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        sizes = [(len(layer), {len(row) for row in layer}) for layer in self.weights]
        if sizes != [(m, {n}) for m, n in self.shape.matrices]:
            raise InputError(f"the weights do not have the topology {self.shape.topology}")
        if [len(row) for row in self.biases] != [m for m, _ in self.shape.matrices] * self.shape.bias:
            raise InputError(f"the biases do not have the topology {self.shape.topology}")
        low, high = self.shape.ends
        if not all(type(w) is int and low <= w <= high for layer in self.weights for row in layer for w in row):
            raise InputError(f"a weight is no whole number from {low} to {high}")
        most = 1 << self.shape.bias_bits - 1
        if not all(type(b) is int and -most <= b < most for row in self.biases for b in row):
            raise InputError(f"a bias is no whole number from {-most} to {most - 1}")

    @classmethod
    def of(cls, shape: IntegerShape, parameters: forward.Parameters) -> IntegerNetwork:
        """From arrays.

        Args:
            shape: everything but the weights.
            parameters: for each layer its weights and, with a bias, what its neurons add.
        """
        step = 2 if shape.bias else 1
        weights = tuple(tuple(tuple(row) for row in w.tolist()) for w in parameters[::step])
        return cls(shape, weights, tuple(tuple(b.tolist()) for b in parameters[1::2]) if shape.bias else ())

    def parameters(self) -> list[Integers]:
        """For each layer its weights (neurons, inputs) and, with a bias, what its neurons add, (neurons,)."""
        found: list[Integers] = []
        for layer, rows in enumerate(self.weights):
            found.append(np.array(rows, dtype=np.int64))
            if self.shape.bias:
                found.append(np.array(self.biases[layer], dtype=np.int64))
        return found

    def outputs(self, inputs: Any) -> Integers:
        """What the last layer says, (examples, outputs).

        Args:
            inputs: (examples, n) whole numbers, as the shape has them.

        Raises:
            InputError: they are others.
        """
        return forward.outputs(self.shape, self.parameters(), checked(self.shape, inputs))

    def predict(self, inputs: Any) -> Integers:
        """The label of each example, (examples,).

        Args:
            inputs: (examples, n) whole numbers, as the shape has them.

        Raises:
            InputError: they are others.
        """
        return forward.named(self.shape, self.outputs(inputs))

    def show(self) -> str:
        """The network as text: each neuron's weights."""
        lines = [f"network {self.shape.words}"]
        for layer, rows in enumerate(self.weights):
            last = layer == len(self.weights) - 1
            for neuron, row in enumerate(rows):
                read, plus = ("h" * layer if layer else "x"), f" + {self.biases[layer][neuron]}" if self.biases else ""
                terms = [f"{w:+d} {read}{place}" for place, w in enumerate(row) if w]
                body = f"{' '.join(terms) or '0'}{plus}"
                lines.append(f"output {neuron} = {body}" if last else f"{'h' * (layer + 1)}{neuron} = max(0, {body})")
        return "\n".join([*lines, ""])

    def noted(self) -> dict[str, Any]:
        """The network as JSON."""
        shape = {**self.shape.noted(), "topology": self.shape.topology, "activation": "relu"}
        return {**shape, "weights": self.weights, "biases": self.biases}

    @classmethod
    def read(cls, noted: Mapping[str, Any]) -> IntegerNetwork:
        """The network that was noted.

        Args:
            noted: what `noted` returned, and more.

        Raises:
            InputError: it is none; KeyError, TypeError and ValueError may be raised, too.
        """
        names = ("sizes", "head", "weight_bits", "input_bits", "bias")
        shape = IntegerShape.of({name: noted[name] for name in names})
        weights = tuple(tuple(tuple(row) for row in layer) for layer in noted["weights"])
        return cls(shape, weights, tuple(tuple(row) for row in noted["biases"]))


def checked(shape: IntegerShape, inputs: Any) -> Integers:
    """Inputs of a network, (examples, n).

    Args:
        shape: of the network.
        inputs: whole numbers in any form that numpy takes.

    Raises:
        InputError: they have another shape, or other values.
    """
    try:
        array = whole(inputs, "the inputs")
    except InputError as error:
        raise InputError(f"{error}; bnnsat.FixedPoint makes whole numbers of others") from None
    if array.ndim != 2 or array.shape[1] != shape.sizes[0]:
        raise InputError(f"the network takes {shape.sizes[0]} numbers, and the inputs have shape {array.shape}")
    most = (1 << shape.input_bits) - 1
    if array.size and not 0 <= array.min() <= array.max() <= most:
        raise InputError(f"the network takes numbers from 0 to {most}, and the inputs have others")
    return array


def labelled(shape: IntegerShape, labels: Sequence[int] | Integers) -> Integers:
    """Labels that the head can name, (examples,).

    Args:
        shape: of the network.
        labels: whole numbers.

    Raises:
        InputError: they are others.
    """
    array = whole(labels, "the labels")
    if array.ndim != 1:
        raise InputError("the labels are no row of whole numbers")
    if shape.classes and array.size and not 0 <= array.min() <= array.max() < shape.classes:
        raise InputError(f"{shape.topology} takes labels from 0 to {shape.classes - 1}; there are others")
    return array
