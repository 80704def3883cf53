"""Which sums of costs there are: no bound has to be in between."""

from __future__ import annotations

import numpy as np

from bnnsat.types import Integers


def attainable(costs: Integers, least: int) -> int:
    """The least sum of some of the costs that is not below a bound; the bound itself where all of them are below.

    Args:
        costs: (terms,), from 1.
        least: the bound.

    >>> attainable(np.array([3, 5, 5]), 6)
    8
    """
    sums = 1
    for cost, count in zip(*(part.tolist() for part in np.unique(costs, return_counts=True)), strict=True):
        # So many terms of one cost are a few bundles of 1, 2, 4, ... of them.
        bundle = 1
        while count:
            bundle = min(bundle, count)
            sums |= sums << cost * bundle
            count, bundle = count - bundle, 2 * bundle
    above = sums >> max(0, least)
    return max(0, least) + max(0, (above & -above).bit_length() - 1)
