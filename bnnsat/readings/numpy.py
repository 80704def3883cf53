"""The numpy reading of the algebra: slow, obvious, and the judge of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bnnsat.readings.algebra import Value
    from bnnsat.types import Bits, Integers


class NumpyAlgebra:
    """Values are booleans."""

    def constant(self, bits: Bits | bool) -> Bits:
        return np.asarray(bits, dtype=np.bool_)

    def negated(self, values: Value) -> Bits:
        return np.logical_not(values)

    def xnor(self, a: Value, b: Value) -> Bits:
        return np.asarray(a == b, dtype=np.bool_)

    def parity(self, a: Value, b: Value, c: Value) -> Bits:
        return np.asarray((a ^ b) ^ c, dtype=np.bool_)

    def majority(self, a: Value, b: Value, c: Value) -> Bits:
        return np.asarray((a & b) | (a & c) | (b & c), dtype=np.bool_)

    def at_least(self, values: Value, k: Integers | int) -> Bits:
        return np.asarray(values.sum(axis=-1, dtype=np.int32) >= k, dtype=np.bool_)

    def exceeds(self, a: Value, b: Value, by: Integers | int) -> Bits:
        return np.asarray(a.sum(axis=-1, dtype=np.int32) >= b.sum(axis=-1, dtype=np.int32) + by, dtype=np.bool_)

    def greater(self, upper: Value, lower: Value) -> Bits:
        differ = upper != lower
        first = np.argmax(differ, axis=-1)[..., np.newaxis]
        return np.asarray(np.take_along_axis(upper & differ, first, axis=-1)[..., 0], dtype=np.bool_)

    def conj(self, values: Value) -> Bits:
        return np.asarray(values.all(axis=-1), dtype=np.bool_)


NUMPY = NumpyAlgebra()
