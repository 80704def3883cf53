"""Columns of bits that say nothing new."""

from __future__ import annotations

import numpy as np

from bnnsat.types import Bits


def repeated(inputs: Bits) -> Bits:
    """Which inputs, (n,), are equal or complementary to one before them, so that they say nothing new.

    Args:
        inputs: (examples, n) bits.
    """
    seen: set[bytes] = set()
    again = np.zeros(inputs.shape[1], dtype=np.bool_)
    for place, column in enumerate(np.packbits((inputs ^ inputs[:1]).T, axis=1)):
        again[place] = (key := column.tobytes()) in seen
        seen.add(key)
    return again
