"""Which bits of a network over numbers are the same for all inputs within bounds, as far as intervals say it.

Each layer's least and largest sums are added from those of what it reads, as whole numbers that floats hold exactly.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bnnsat.foreign.linear import Linear
    from bnnsat.foreign.stack import Stack
    from bnnsat.foreign.vnnlib import Case

Known = NDArray[np.int8]
"""Bits: 0, 1, or -1 where they may be either."""
Whole = NDArray[np.float64]


def known(stack: Stack, case: Case) -> list[Known]:
    """The bits of the input's comparisons, if there are some, and of each layer.

    Args:
        stack: the network.
        case: bounds of its inputs.

    Raises:
        InputError: they have too many digits, or are nearer to where a bit changes than can be told.
    """
    found = list[Known]()
    if stack.first is not None:
        # A comparison of a single number that says the same at both ends says it everywhere between.
        low, high = stack.compared(case.lower), stack.compared(case.upper)
        found.append(np.where(low == high, low, -1).astype(np.int8))
        lower, upper = ends(found[0])
    else:
        unit = lcm(*{x.denominator for x in (*case.lower, *case.upper)})
        lower, upper = stack.whole(case.lower, unit), stack.whole(case.upper, unit)
    for place, layer in enumerate(stack.layers):
        numbers = place == 0 and stack.first is None
        edges = stack.least(unit) if numbers else np.array([float(one) for one in layer.least])
        low_sums, high_sums = sums(layer.linear, lower, upper)
        bits = np.full(layer.linear.outputs, -1, dtype=np.int8)
        bits[low_sums >= edges] = 1
        bits[high_sums < edges] = 0
        found.append(bits)
        lower, upper = ends(bits)
    return found


def ends(bits: Known) -> tuple[Whole, Whole]:
    """The least and the largest values of bits as they are added, (n,) -1 and +1.

    Args:
        bits: (n,).
    """
    return np.where(bits == 1, 1.0, -1.0), np.where(bits == 0, -1.0, 1.0)


def sums(linear: Linear, lower: Whole, upper: Whole) -> tuple[Whole, Whole]:
    """Bounds of a layer's sums, or of their maxima, (outputs,).

    Args:
        linear: what is added.
        lower: (values,) the least of each value.
        upper: (values,) the largest.
    """
    # What is not there is 0.
    low, high = (np.append(side, 0.0)[linear.windows] for side in (lower, upper))
    plus, minus = (linear.kernels == 1).T.astype(np.float64), (linear.kernels == -1).T.astype(np.float64)
    least, most = low @ plus - high @ minus, high @ plus - low @ minus
    if linear.pooled is not None:
        least, most = least[linear.pooled].max(axis=1), most[linear.pooled].max(axis=1)
    return least.ravel(), most.ravel()
