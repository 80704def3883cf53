"""The one forward pass, written against the algebra of bits: inference and formulas alike.

XNOR networks after Rastegari et al., "XNOR-Net", ECCV 2016 (z = xnor(x, w), output by popcount);
the half-comparison reads z's upper and lower half as unsigned integers and compares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.shape import Shape
    from bnnsat.types import Bits, Integers

PRODUCTS = 1 << 20
"""Products of inputs and weights that are made at once."""


def products(algebra: Algebra, inputs: Value, weights: Value) -> Value:
    """xnor of inputs (examples, n) with weights (neurons, n): (examples, neurons, n)."""
    return algebra.xnor(inputs[:, np.newaxis, :], weights[np.newaxis, :, :])


def read(algebra: Algebra, shape: Shape, index: int, inputs: Value) -> Value:
    """What a neuron of layer `index` reads, (examples, fan-in), of the layer's inputs (examples, n)."""
    return shape.read(index, inputs, algebra.constant(True))


def layer(algebra: Algebra, shape: Shape, index: int, inputs: Value, weights: Value) -> Value:
    """The outputs (examples, neurons) of layer `index` for inputs (examples, n)."""
    z = products(algebra, read(algebra, shape, index, inputs), weights)
    if shape.activation == "half":
        half = z.shape[-1] // 2
        return algebra.greater(z[..., :half], z[..., half:])
    return algebra.at_least(z, np.array(shape.thresholds[index], dtype=np.int64))


def outputs(algebra: Algebra, shape: Shape, weights: Sequence[Value], inputs: Value, first: int = 0) -> Value:
    """The output bits (examples, outputs) of the layers from `first` on, for the inputs of that layer."""
    for index in range(first, shape.layers):
        inputs = layer(algebra, shape, index, inputs, weights[index])
    return inputs


def head_inputs(algebra: Algebra, shape: Shape, weights: Sequence[Value], inputs: Value, margin: int = 0) -> Value:
    """What the head reads: output bits (examples, outputs), or the last layer's products for argmax and margins."""
    if not (margin or shape.head == "argmax"):
        return outputs(algebra, shape, weights, inputs)
    for index in range(shape.layers - 1):
        inputs = layer(algebra, shape, index, inputs, weights[index])
    return products(algebra, read(algebra, shape, shape.layers - 1, inputs), weights[-1])


def right(algebra: Algebra, shape: Shape, seen: Value, labels: Integers, margin: int = 0) -> Value:
    """1 for each example whose label the head names, (examples,), from what `head_inputs` returned.

    With a margin its counts are also that far from naming another: each from T, or the label's from others (argmax).
    """
    if shape.head == "argmax":
        leads = np.tri(shape.classes, k=-1, dtype=np.int64)
        if shape.offsets:
            from bnnsat.offsets import due

            leads = due(shape.offsets)
        return algebra.conj(_wins(algebra, seen, labels, margin + leads[labels]))
    wanted = wanted_bits(shape, labels)
    if margin:
        thresholds = np.array(shape.thresholds[-1], dtype=np.int64)
        seen = algebra.at_least(seen, np.clip(np.where(wanted, thresholds + margin, thresholds - margin), 0, None))
    return algebra.conj(algebra.xnor(seen, algebra.constant(wanted)))


def judged(
    algebra: Algebra, shape: Shape, weights: Sequence[Value], inputs: Value, labels: Integers, margin: int = 0
) -> Value:
    """1 for each of the inputs (examples, n) whose label is named, (examples,), with a margin (see `right`)."""
    found = [
        right(algebra, shape, head_inputs(algebra, shape, weights, inputs[part], margin), labels[part], margin)
        for part in parts(shape, len(inputs))
    ]
    return np.concatenate(found)


def parts(shape: Shape, examples: int) -> list[slice]:
    """The examples in parts whose products, all there at once, fit into little memory; at least one part."""
    step = max(1, PRODUCTS // max(m * n for m, n in shape.matrices))
    return [slice(start, start + step) for start in range(0, max(1, examples), step)]


def wanted_bits(shape: Shape, labels: Integers) -> Bits:
    """The outputs (examples, outputs) that the heads bit and onehot take for each label."""
    return np.asarray(labels[:, np.newaxis] == (1 if shape.head == "bit" else np.arange(shape.classes)))


def _wins(algebra: Algebra, z: Value, labels: Integers, leads: Integers) -> Value:
    """Whether the label's count exceeds each other class's by its lead (examples, classes): (examples, classes - 1)."""
    others = np.array([[c for c in range(z.shape[1]) if c != y] for y in labels], dtype=np.int64)
    others = others.reshape(len(labels), z.shape[1] - 1)
    own = np.take_along_axis(z, labels[:, np.newaxis, np.newaxis], axis=1)
    other = np.take_along_axis(z, others[:, :, np.newaxis], axis=1)
    return algebra.exceeds(own, other, np.take_along_axis(leads, others, axis=1))
