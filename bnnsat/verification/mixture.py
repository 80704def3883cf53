"""How many inputs have each pattern of bits of popcounts and half-comparisons together.

Pair by pair of the bits that half-comparisons compare: the inputs with each vector of counts, and each status of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.types import Bits, Integers
from bnnsat.verification.distribution import STATUSES, Sums, Threshold, decided, exact, greater


def by_both(
    inputs: Inputs,
    neurons: Sequence[Threshold],
    halves: Sequence[tuple[Network, Integers]],
    check: Callable[[], None],
) -> Integers:
    """Numbers of inputs by all bits, an axis of two for each: first those of popcounts, then of half-comparisons.

    Args:
        inputs: whose parts are single bits.
        neurons: sums of these.
        halves: networks of half-comparisons, each with which bit each of its inputs reads: the same, each bit once.
        check: raises TimeoutError once there is no time left.
    """
    sums, order = Sums(inputs, neurons), halves[0][1]
    weights = np.concatenate([network.matrices()[0] for network, _ in halves]).astype(np.bool_)
    found = exact(inputs.total, lambda modulus: _table(inputs, sums, order, weights, modulus, check).reshape(-1))
    return np.array(found, dtype=object).reshape((2,) * (len(neurons) + len(weights)))


def _table(
    inputs: Inputs, sums: Sums, order: Integers, weights: Bits, modulus: int | None, check: Callable[[], None]
) -> Integers:
    half, counts = len(order) // 2, len(sums.spans)
    bits = {
        int(part.places[0]): list(zip(part.patterns[:, 0].tolist(), steps, strict=True))
        for part, steps in zip(inputs.parts, sums.steps, strict=True)
    }
    table = np.zeros((1,) * counts + (STATUSES,) * len(weights), dtype=np.int64)
    table[(0,) * table.ndim] = 1
    for place in range(half):
        check()
        upper, lower = bits[int(order[place])], bits[int(order[place + half])]
        most = sum(np.max([step for _, step in values], axis=0) for values in (upper, lower))
        grown = np.zeros((*(np.array(table.shape[:counts]) + most), *table.shape[counts:]), dtype=np.int64)
        for (above, first), (below, second) in product(upper, lower):
            says = weights[:, place] == above
            moved = decided(table, counts, says, says != (weights[:, place + half] == below))
            at = (slice(int(v), int(v) + n) for v, n in zip(first + second, table.shape[:counts], strict=True))
            grown[tuple(at)] += moved
        table = grown if modulus is None else grown % modulus
    return greater(sums.compared(table, modulus), counts)
