"""k-bounded totalizer, two-sided: no partial sum counts further than the threshold.

O(n k) variables and O(n k^2) clauses for each threshold k, which is mirrored where more than half the
literals are needed (at least k is at most n - k of the negations).
"""

from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount, mirrored
from bnnsat.circuit.unary import merge
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Buttner, Rintanen: Satisfiability planning with constraints on the number of actions, ICAPS 2005"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    def total(rows: Literals, cap: int) -> Literals:
        n = rows.shape[1]
        if n == 1:
            return rows
        return merge(circuit, total(rows[:, : n // 2], cap), total(rows[:, n // 2 :], cap), cap=cap, both=True)

    return ThresholdCount(literals, mirrored(lambda rows, k: total(rows, k)[:, k - 1]))
