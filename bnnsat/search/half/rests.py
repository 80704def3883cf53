"""What two layers of half-comparisons make of the bits of the layer before: all functions, and weights for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product

import numpy as np

from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

MOST_INPUTS, MOST_BITS = 4, 20
"""Of the layer before, and weights of the two layers: so many networks are tried."""
BATCH = 1 << 13


def fits(shape: Shape) -> bool:
    """Whether a shape has two hidden layers of half-comparisons that are small enough."""
    small = shape.layers == 3 and shape.sizes[1] <= MOST_INPUTS
    return small and shape.activation == "half" and shape.head == "bit" and _rest_bits(shape) <= MOST_BITS


def _rest_bits(shape: Shape) -> int:
    return sum(m * n for m, n in shape.matrices[1:])


@dataclass(frozen=True, eq=False)
class Rests:
    """The functions of m bits that the last two layers of a shape compute.

    Attributes:
        shape: the whole network's.
        tables: (functions, 2^m) their values, inputs counting in binary, the first the highest.
        weights: (functions,) for each a number whose bits are weights that make it, layer by layer.
    """

    shape: Shape
    tables: Bits
    weights: Integers

    @classmethod
    def of(cls, shape: Shape, check: Callable[[], None] = lambda: None) -> Rests:
        """All functions of a shape that `fits`. `check` is called every now and then."""
        m, bits = shape.sizes[1], _rest_bits(shape)
        inputs = np.array(list(product((False, True), repeat=m)))
        found: dict[int, int] = {}
        values = np.int64(1) << np.arange(2**m)[::-1]
        for start in range(0, 1 << bits, BATCH):
            check()
            codes = np.arange(start, min(start + BATCH, 1 << bits))
            outputs = _outputs(shape, codes, inputs)
            tables, first = np.unique(outputs @ values, return_index=True)
            for table, place in zip(tables.tolist(), first.tolist(), strict=True):
                found.setdefault(table, int(codes[place]))
        numbers = np.array(sorted(found), dtype=np.int64)
        tables = (numbers[:, np.newaxis] // values % 2).astype(np.bool_)
        return cls(shape, tables, np.array([found[number] for number in numbers.tolist()], dtype=np.int64))

    def matrices(self, table: Bits) -> list[Bits]:
        """Weights (neurons, fan-in) of the two layers that compute a function, (2^m,) values."""
        place = int(np.flatnonzero((self.tables == table).all(axis=1))[0])
        return [matrix[0] for matrix in _unpacked(self.shape, self.weights[place : place + 1])]

    @cached_property
    def classes(self) -> Integers:
        """(classes,) a function of each class: others are the same with inputs exchanged or complemented."""
        m = self.shape.sizes[1]
        inputs = np.array(list(product((0, 1), repeat=m)))
        binary = 1 << np.arange(m)[::-1]
        values = np.int64(1) << np.arange(2**m)[::-1]
        least = np.full(len(self.tables), np.iinfo(np.int64).max)
        for order in permutations(range(m)):
            for mask in inputs:
                moved = (inputs[:, order] ^ mask) @ binary
                least = np.minimum(least, self.tables[:, moved] @ values)
        return np.unique(least, return_index=True)[1].astype(np.int64)


def _unpacked(shape: Shape, codes: Integers) -> list[Bits]:
    """The weights (networks, neurons, fan-in) that numbers say."""
    bits = (codes[:, np.newaxis] >> np.arange(_rest_bits(shape)) & 1).astype(np.bool_)
    found, start = [], 0
    for m, n in shape.matrices[1:]:
        found.append(bits[:, start : start + m * n].reshape(-1, m, n))
        start += m * n
    return found


def _outputs(shape: Shape, codes: Integers, inputs: Bits) -> Bits:
    """The outputs (networks, inputs) of networks for all inputs: each layer by the forward pass's own comparison."""
    x = np.broadcast_to(inputs, (len(codes), *inputs.shape))
    for weights in _unpacked(shape, codes):
        z = NUMPY.xnor(x[:, :, np.newaxis, :], weights[:, np.newaxis, :, :])
        half = z.shape[-1] // 2
        x = NUMPY.greater(z[..., :half], z[..., half:])
    return np.asarray(x[..., 0])
