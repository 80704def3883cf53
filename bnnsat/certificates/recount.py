"""That no affordable set of turned bits changes what a network says: every set is tried, by definition.

It shares nothing with the search but what a network is: sets in the order of what they cost, the first layer's sums by
addition, the rest by the numpy reading. Patterns of the first layer that were looked at are not looked at again.
"""

from __future__ import annotations

import numpy as np

from bnnsat.errors import RefusedError
from bnnsat.questions.change import ChangeQuestion
from bnnsat.readings.numpy import NUMPY
from bnnsat.types import Bits, Integers

BATCH = 4096
"""Patterns that go through the rest of the network at a time."""
MOST_FREE = 24
"""Bits all sets of which are tried."""


def recountable(question: ChangeQuestion, most: int) -> bool:
    """Whether sets are tried for such a question.

    Args:
        question: about any network.
        most: what a set may cost.
    """
    popcounts = question.shape.activation == "popcount" and question.shape.layers > 1
    free = int(((question.steps > 0) & (question.costs <= most)).sum())
    return popcounts and (question.norm != "linf" or free <= MOST_FREE)


def recounted(question: ChangeQuestion, most: int) -> int:
    """How many sets were tried, none of which changes the label.

    Args:
        question: about a network of popcounts with a hidden layer.
        most: what a set may cost; of linf what each of its bits may.

    Raises:
        RefusedError: one does, or such networks are not recounted.
    """
    shape, matrices = question.shape, question.model.network.matrices()
    if not recountable(question, most):
        raise RefusedError("sets are recounted for popcounts with a hidden layer, and all sets of 24 bits at most")
    costs = question.costs
    free = np.flatnonzero((question.steps > 0) & (costs <= most))
    # Under linf what is affordable is so in every company.
    costs = np.zeros_like(costs) if question.norm == "linf" else costs
    free = free[np.argsort(costs[free], kind="stable")]
    costs = costs[free]
    together = int((np.cumsum(costs) <= most).sum())
    signs = 2 * question.bits[free].astype(np.int64) - 1
    # Read twice, an input counts with both of its weights.
    weights = (2 * matrices[0].astype(np.int64) - 1).reshape(len(matrices[0]), shape.repeat, -1).sum(axis=1)
    far = weights @ (2 * question.bits.astype(np.int64) - 1)
    far -= 2 * np.array(shape.thresholds[0]) - matrices[0].shape[1]
    effect = (-2 * weights[:, free] * signs).T
    # So many turned bits cannot move the others over their thresholds.
    near = np.flatnonzero(np.abs(far) <= 2 * shape.repeat * together)
    base, effect = far >= 0, effect[:, near].astype(np.int32)
    seen, waiting, count = {np.packbits(base[near]).tobytes()}, list[bytes](), 1
    todo = [(far[near].astype(np.int32), 0, most)]
    _kept(question, base, near, list(seen))
    while todo:
        sums, start, left = todo.pop()
        end = int(np.searchsorted(costs, left, side="right"))
        made = sums + effect[start:end]
        count += len(made)
        found = {row.tobytes() for row in np.packbits(made >= 0, axis=1)} - seen
        seen |= found
        waiting += found
        if len(waiting) >= BATCH or not todo:
            _kept(question, base, near, waiting)
            waiting = []
        # A set grows by bits that cost as much as its last, or more.
        for place in range(start, end - 1):
            after = left - int(costs[place])
            if int(costs[place + 1]) > after:
                break
            todo.append((made[place - start], place + 1, after))
    _kept(question, base, near, waiting)
    return count


def _kept(question: ChangeQuestion, base: Bits, near: Integers, patterns: list[bytes]) -> None:
    """RefusedError where a pattern of the neurons near their thresholds changes the label."""
    for start in range(0, len(patterns), BATCH):
        part = patterns[start : start + BATCH]
        rows = np.tile(base, (len(part), 1))
        packed = np.frombuffer(b"".join(part), dtype=np.uint8).reshape(len(part), -1)
        rows[:, near] = np.unpackbits(packed, axis=1, count=len(near)).astype(np.bool_)
        if not question.kept(NUMPY, rows, first=1).all():
            raise RefusedError("there is an affordable change that the claim denies")
