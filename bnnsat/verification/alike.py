"""Neurons of popcounts that say the same of all inputs, or the opposite: one of them says it for all.

Networks that are much alike have neurons in common, and a table of counts has an axis for each that it is not spared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bnnsat.types import Bits, Integers

Neuron = tuple[Integers, int]
"""Weights (bits,), and the least sum of bits that are 1 from which it says 1."""


def alike(neurons: Sequence[Neuron]) -> tuple[list[int], Integers, Bits]:
    """Those that are left, for each which of these it is, (neurons,), and whether it says the opposite, (neurons,).

    Args:
        neurons: in the order that is kept.

    >>> same = np.array([2, 0, -2]), 1
    >>> alike([same, (np.array([1, 0, -1]), 1), (np.array([-1, 0, 1]), 0)])
    ([0], array([0, 0, 0]), array([False, False,  True]))
    """
    kept: dict[tuple[bytes, int], int] = {}
    left: list[tuple[int, bool]] = []
    places: list[int] = []
    opposite: list[bool] = []
    for number, (weights, least) in enumerate(neurons):
        key, negated = _plain(weights, least)
        if key not in kept:
            kept[key] = len(left)
            left.append((number, negated))
        places.append(kept[key])
        opposite.append(negated != left[kept[key]][1])
    return [number for number, _ in left], np.array(places), np.array(opposite)


def spread(numbers: Sequence[int], places: Integers, opposite: Bits) -> list[int]:
    """Numbers of inputs by the bits of all neurons, (2^neurons), the first one's the highest.

    Args:
        numbers: by the bits of those that were left.
        places: which of these each neuron is.
        opposite: whether it says the opposite.
    """
    bits = len(numbers).bit_length() - 1
    patterns = (np.arange(len(numbers))[:, np.newaxis] >> np.arange(bits)[::-1]) & 1
    every = patterns[:, places] ^ opposite
    found = [0] * (1 << len(places))
    for place, number in zip(every @ (1 << np.arange(len(places))[::-1]), numbers, strict=True):
        found[int(place)] = number
    return found


def _plain(weights: Integers, least: int) -> tuple[tuple[bytes, int], bool]:
    """A neuron as all that say the same are written, and whether it says the opposite of that."""
    unit = int(np.gcd.reduce(weights))
    if not unit:
        # It says the same of all inputs: the opposite of never, or never.
        return (weights.tobytes(), 1), least <= 0
    weights, least = weights // unit, -(-least // unit)
    if weights[np.flatnonzero(weights)[0]] > 0:
        return (weights.tobytes(), least), False
    # Not w x >= t: -w x >= 1 - t.
    return ((-weights).tobytes(), 1 - least), True
