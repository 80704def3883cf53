"""Counts that are built anew for each threshold that is asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bnnsat.types import Integers, Literals

Build = Callable[[Literals, int], Literals]
"""From literals (batch, n) and one threshold k, 1 <= k <= n, to the literals "at least k" (batch,)."""


class ThresholdCount:
    """Counts that are built once for each distinct threshold.

    Args:
        literals: (batch, n).
        build: makes the literals "at least k" of some rows.
    """

    def __init__(self, literals: Literals, build: Build) -> None:
        self._literals = literals
        self._build = build

    def at_least(self, k: Integers) -> Literals:
        """The literal "at least k" of each row, (batch,).

        Args:
            k: (batch,), from 1 to n.
        """
        result = np.empty(len(k), dtype=np.int32)
        for threshold in np.unique(k).tolist():
            rows = k == threshold
            result[rows] = self._build(self._literals[rows], threshold)
        return result


def mirrored(build: Build) -> Build:
    """`build` for the lower half of the thresholds only: at least k is not "at least n + 1 - k of the negations".

    Args:
        build: is asked for thresholds up to (n + 1) / 2.
    """

    def either(literals: Literals, k: int) -> Literals:
        n = literals.shape[1]
        return build(literals, k) if 2 * k <= n + 1 else -build(-literals, n + 1 - k)

    return either
