"""k-bounded totalizer, two-sided: no partial sum counts further than the threshold.

O(n k) variables and O(n k^2) clauses for each threshold k, which is mirrored where more than half the
literals are needed (at least k is at most n - k of the negations).
"""

import numpy as np

from bnnsat.circuit import Circuit
from bnnsat.types import Integers, Literals
from bnnsat.unary import merge

KIND = "popcount"
PAPER = "Buttner, Rintanen: Satisfiability planning with constraints on the number of actions, ICAPS 2005"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> "BoundedCount":
    return BoundedCount(circuit, literals)


class BoundedCount:
    def __init__(self, circuit: Circuit, literals: Literals) -> None:
        self._circuit = circuit
        self._literals = literals

    def at_least(self, k: Integers) -> Literals:
        n = self._literals.shape[1]
        result = np.empty(len(k), dtype=np.int32)
        for threshold in np.unique(k).tolist():
            rows = k == threshold
            sign, cap = (1, threshold) if 2 * threshold <= n + 1 else (-1, n + 1 - threshold)
            result[rows] = sign * self._capped(sign * self._literals[rows], cap)[:, cap - 1]
        return result

    def _capped(self, literals: Literals, cap: int) -> Literals:
        n = literals.shape[1]
        if n == 1:
            return literals
        left, right = self._capped(literals[:, : n // 2], cap), self._capped(literals[:, n // 2 :], cap)
        return merge(self._circuit, left, right, cap=cap, both=True)
