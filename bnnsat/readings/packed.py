"""Inference over packed words: whole batches at 64 inputs an instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.offsets import ordered
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnnsat.shape import Shape
    from bnnsat.types import Bits, Doubles, Integers

Words = NDArray[np.uint64]

CHUNK_EXAMPLES = 2048
"""Examples at a time: the (examples, neurons, words) table then stays in the cache."""


def outputs(shape: Shape, matrices: Sequence[Bits], inputs: Bits) -> Bits:
    """The output bits, (examples, outputs).

    Args:
        shape: of the network.
        matrices: weights (neurons, fan-in), one matrix per layer.
        inputs: (examples, n) bits.
    """
    return _over_chunks(shape, matrices, inputs, counts=False).astype(np.bool_)


def predict(shape: Shape, matrices: Sequence[Bits], inputs: Bits) -> Integers:
    """The label that the head names for each example, (examples,); -1 where onehot's bits name none.

    Args:
        shape: of the network.
        matrices: weights (neurons, fan-in), one matrix per layer.
        inputs: (examples, n) bits.
    """
    if shape.head == "argmax":
        counts = _over_chunks(shape, matrices, inputs, counts=True)
        if shape.offsets:
            counts = ordered(shape.offsets, counts)
        # argmax takes the first of equals, which is the head's own rule for ties.
        return np.asarray(np.argmax(counts, axis=1), dtype=np.int64)
    bits = outputs(shape, matrices, inputs)
    if shape.head == "bit":
        return bits[:, 0].astype(np.int64)
    return np.where(bits.sum(axis=1) == 1, np.argmax(bits, axis=1), -1)


def scores(shape: Shape, matrices: Sequence[Bits], inputs: Bits) -> Integers | Doubles:
    """How far each output is from its threshold, (examples, outputs), 0 being just reached; of argmax the points.

    Weights 0 count nothing, and what all classes have from the start is left out, as in score cards.

    Args:
        shape: of popcounts.
        matrices: weights (neurons, fan-in), one matrix per layer.
        inputs: (examples, n) bits.
    """
    counts = _over_chunks(shape, matrices, inputs, counts=True)
    if shape.head != "argmax":
        # Read twice, a weight agrees twice or not at all: two counts are one point.
        return (counts - np.array(shape.thresholds[-1], dtype=np.int64)) // shape.repeat
    if shape.offsets:
        moved: Doubles = counts + np.array([float(offset) for offset in shape.offsets])
        return moved
    parts = matrices[-1].reshape(shape.sizes[-1], shape.repeat, -1)
    starts = (parts[:, 0] != parts[:, -1]).sum(axis=1)
    scale = shape.repeat if ((starts - starts.min()) % shape.repeat == 0).all() else 1
    points: Integers = (counts - starts.min()) // scale
    return points


def _over_chunks(shape: Shape, matrices: Sequence[Bits], inputs: Bits, *, counts: bool) -> Integers:
    parts = [
        _chunk(shape, matrices, inputs[i : i + CHUNK_EXAMPLES], counts)
        for i in range(0, max(1, len(inputs)), CHUNK_EXAMPLES)
    ]
    return np.concatenate(parts)


def _chunk(shape: Shape, matrices: Sequence[Bits], inputs: NDArray[Any], counts: bool) -> Integers:
    for index, weights in enumerate(matrices):
        inputs = forward.read(NUMPY, shape, index, inputs)
        n = weights.shape[1]
        if shape.activation == "half":
            inputs = _greater(inputs, weights, n // 2)
            continue
        agree = n - _disagreements(_packed(inputs), _packed(weights))
        if counts and index == shape.layers - 1:
            return np.asarray(agree, dtype=np.int64)
        inputs = agree >= np.array(shape.thresholds[index], dtype=np.int64)
    return np.asarray(inputs, dtype=np.int64)


def _packed(bits: Bits) -> Words:
    """Rows of bits as rows of 64-bit words, the first bit the most significant, zeros behind the last."""
    packed = np.zeros((len(bits), -(-bits.shape[1] // 64) * 8), dtype=np.uint8)
    packed[:, : -(-bits.shape[1] // 8)] = np.packbits(bits, axis=1)
    return packed.view(">u8").astype(np.uint64)


def _disagreements(words: Words, weights: Words) -> Integers:
    """popcount(x xor w), shape (examples, neurons)."""
    total = np.zeros((len(words), len(weights)), dtype=np.int64)
    for word in range(words.shape[1]):
        total += np.bitwise_count(words[:, np.newaxis, word] ^ weights[np.newaxis, :, word])
    return total


def _greater(inputs: Bits, weights: Bits, half: int) -> Bits:
    """Whether the upper half of xnor(x, w) is the greater, shape (examples, neurons)."""
    upper, lower = (
        _packed(inputs[:, part])[:, np.newaxis] ^ _packed(weights[:, part])[np.newaxis]
        for part in (slice(half), slice(half, None))
    )
    # These are the complements of xnor's halves, and complementing both sides turns > into <.
    result = np.zeros(upper.shape[:2], dtype=np.bool_)
    for word in reversed(range(upper.shape[2])):
        result = np.where(upper[..., word] == lower[..., word], result, upper[..., word] < lower[..., word])
    return result
