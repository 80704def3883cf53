"""That no input of a case meets a condition: the least of a weighted sum of scores, block by block.

The last hidden layer's places are parted into blocks that see few undecided bits of the layer before. Of each block
all patterns of these bits are tried together, and the least of what it adds is kept; the sum of these is a bound,
though patterns of different blocks may not go together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bnnsat import limits
from bnnsat.boxes.box import Box, Known, decided
from bnnsat.foreign.linear import Places
from bnnsat.types import Bits

CHUNK_BITS = 10
"""Patterns are tried 2^10 at a time."""


def least_sums(box: Box, weights: NDArray[np.int64], width: int, deadline: float | None) -> NDArray[np.int64]:
    """No more than the least of several weighted sums of the last hidden layer's bits, (sums,).

    Args:
        box: a case; its bounds are all that is used.
        weights: (bits, sums) what a bit of 1 gives.
        width: of how many undecided bits all patterns are tried together.
        deadline: a `time.monotonic` value.

    Raises:
        TimeoutError: the deadline is past.
    """
    layer, known = box.stack.layers[-1], box.known
    if len(known) == 1:
        return _alone(known[0], weights)
    before, linear = known[-2], layer.linear
    lower, upper = np.where(before == 1, 1.0, -1.0), np.where(before == 0, -1.0, 1.0)
    least = np.array([float(x) for x in layer.least])
    bits = decided(layer, lower, upper, least)
    seen = linear.windows if linear.pooled is None else linear.windows[linear.pooled].reshape(len(linear.pooled), -1)
    padded = np.append(before, np.int8(0))
    channels = len(linear.kernels)
    total = np.zeros(weights.shape[1], dtype=np.int64)
    for places in clusters(padded[seen] == -1, seen, width):
        outputs = (places[:, np.newaxis] * channels + np.arange(channels)).ravel()
        free = np.unique(seen[places][padded[seen[places]] == -1])
        if not 0 < len(free) <= width:
            total += _alone(bits[outputs], weights[outputs])
            continue
        total += _jointly(box, places, free, lower, least, weights[outputs], deadline)
    return total


def clusters(undecided: Bits, seen: Places, width: int) -> list[Places]:
    """Places in blocks that see at most so many undecided bits together; a place that sees more is alone.

    Args:
        undecided: (places, k) whether a bit is undecided.
        seen: (places, k) which bit it is.
        width: how many.
    """
    used = np.unique(seen[undecided])
    incidence = np.zeros((len(seen), len(used)), dtype=np.bool_)
    rows = np.nonzero(undecided)[0]
    incidence[rows, np.searchsorted(used, seen[undecided])] = True
    members = [[place] for place in range(len(seen))]
    shared = (incidence.astype(np.float32) @ incidence.T.astype(np.float32)).astype(np.int64)
    np.fill_diagonal(shared, 0)
    # Blocks that share most are joined first, as long as they fit.
    while shared.any():
        a, b = np.unravel_index(int(np.argmax(shared)), shared.shape)
        together = incidence[a] | incidence[b]
        if together.sum() > width:
            shared[a, b] = shared[b, a] = 0
            continue
        members[a] += members[b]
        members[b] = []
        incidence[a], incidence[b] = together, False
        again = (incidence.astype(np.float32) @ together.astype(np.float32)).astype(np.int64)
        # What did not fit with a part does not fit with the whole.
        again[(shared[a] == 0) & (shared[b] == 0)] = 0
        again[[a, b]] = 0
        shared[a] = shared[:, a] = again
        shared[b] = shared[:, b] = 0
    return [np.array(sorted(part)) for part in members if part]


def _alone(bits: Known, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each undecided bit as it is worst for each sum."""
    return np.asarray(weights[bits == 1].sum(axis=0) + np.minimum(weights[bits == -1], 0).sum(axis=0))


def _jointly(
    box: Box,
    places: Places,
    free: Places,
    base: NDArray[np.float64],
    least: NDArray[np.float64],
    weights: NDArray[np.int64],
    deadline: float | None,
) -> NDArray[np.int64]:
    """The least sums over all patterns of the free bits, (sums,)."""
    linear = box.stack.layers[-1].linear
    channels = len(linear.kernels)
    positions = places[:, np.newaxis] if linear.pooled is None else linear.pooled[places]
    windows = linear.windows[positions]
    edges = least.reshape(-1, channels)[places].ravel()
    fixed = np.append(base, 0.0)
    # Free bits are -1 in the base; one of 1 adds twice its weight.
    start = (fixed[windows] @ linear.kernels.T.astype(np.float64)).astype(np.float32)
    effect = np.zeros((len(free), *start.shape), dtype=np.float32)
    for place, bit in enumerate(free.tolist()):
        effect[place] = 2 * (windows == bit).astype(np.float32) @ linear.kernels.T.astype(np.float32)
    found = np.full(weights.shape[1], np.iinfo(np.int64).max)
    gains = weights.astype(np.float64)
    for first in range(0, 1 << len(free), 1 << CHUNK_BITS):
        limits.check(deadline)
        numbers = np.arange(first, min(first + (1 << CHUNK_BITS), 1 << len(free)))
        patterns = ((numbers[:, np.newaxis] >> np.arange(len(free))) & 1).astype(np.float32)
        sums = (patterns @ effect.reshape(len(free), -1)).reshape(len(numbers), *start.shape) + start
        bits = sums.max(axis=2).reshape(len(numbers), -1) >= edges
        found = np.minimum(found, (bits.astype(np.float64) @ gains).min(axis=0).astype(np.int64))
    return found
