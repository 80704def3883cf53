"""The forward pass of networks of whole numbers: as a sketch, whose weights are holes, and over batches in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bnnsat.integers.shape import ARGMAX, BIT, EXACT, IntegerShape
from bnnsat.sketch.expression import Expression, expression, stack
from bnnsat.sketch.language import Hole, Input, if_, relu
from bnnsat.types import Bits, Integers

Parameters = Sequence[Integers]
"""For each layer its weights (neurons, inputs) and, with a bias, then what its neurons add, (neurons,)."""


def holes(shape: IntegerShape) -> dict[str, Expression]:
    """The weights of a network as holes, by name, in the order of `Parameters`.

    Args:
        shape: of the network.
    """
    found = {}
    for layer, (m, n) in enumerate(shape.matrices):
        found[f"weights.{layer}"] = Hole(m, n, bits=shape.weight_bits, signed=True)
        if shape.bias:
            found[f"bias.{layer}"] = Hole(m, bits=shape.bias_bits, signed=True)
    return found


def inputs(shape: IntegerShape) -> Expression:
    """The inputs of one example, (n,).

    Args:
        shape: of the network.
    """
    return Input(shape.sizes[0], bits=shape.input_bits)


def output(shape: IntegerShape, parameters: Sequence[Expression], x: Expression) -> Expression:
    """What the last layer says of one example, (outputs,).

    Args:
        shape: of the network.
        parameters: as in `Parameters`.
        x: (n,).
    """
    for layer, (w, b) in enumerate(_layers(shape, parameters)):
        x = w @ x if b is None else w @ x + b
        x = relu(x) if layer < shape.layers - 1 else x
    return x


def right(shape: IntegerShape, out: Expression, label: Expression) -> Expression:
    """Whether the head names the label, a bit.

    Args:
        shape: of the network.
        out: (outputs,).
        label: a number.
    """
    if shape.head == EXACT:
        return out[0] == label
    if shape.head == BIT:
        return (out[0] > 0) == (label == 1)
    found = []
    for c in range(shape.sizes[-1]):
        others = [out[c] > out[o] if o < c else out[c] >= out[o] for o in range(shape.sizes[-1]) if o != c]
        found.append(if_(label == c, stack(others).all(), expression(False)))
    return stack(found).any()


def outputs(shape: IntegerShape, parameters: Parameters, x: Integers) -> Integers:
    """What the last layer says, (examples, outputs).

    Args:
        shape: of the network.
        parameters: its weights.
        x: (examples, n).
    """
    for layer, (w, b) in enumerate(_layers(shape, parameters)):
        x = x @ w.T if b is None else x @ w.T + b
        x = np.maximum(x, 0) if layer < shape.layers - 1 else x
    return x


def named(shape: IntegerShape, out: Integers) -> Integers:
    """The label of each example, (examples,).

    Args:
        shape: of the network.
        out: (examples, outputs).
    """
    if shape.head == ARGMAX:
        return np.asarray(np.argmax(out, axis=1), dtype=np.int64)
    return out[:, 0] if shape.head == EXACT else (out[:, 0] > 0).astype(np.int64)


def agree(shape: IntegerShape, parameters: Parameters, x: Integers, labels: Integers) -> Bits:
    """Whether the head names each label, (examples,).

    Args:
        shape: of the network.
        parameters: its weights.
        x: (examples, n).
        labels: (examples,).
    """
    return np.asarray(named(shape, outputs(shape, parameters, x)) == labels, dtype=np.bool_)


def _layers(shape: IntegerShape, parameters: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each layer's weights, and what it adds or None."""
    if not shape.bias:
        return [(w, None) for w in parameters]
    return list(zip(parameters[::2], parameters[1::2], strict=True))
