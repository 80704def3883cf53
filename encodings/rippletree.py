"""Tree of ripple-carry adders: the counts of two halves, in binary, are added.

About n - log2(n) full adders of 14 clauses and n / 2 half adders, then one comparator per threshold.
Counts of sub-ranges are shared across examples that agree on them up to sign of single gates.
"""

from bnnsat.circuit.binary import BinaryCount, Column, ripple
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Warners: A linear-time transformation of linear inequalities into CNF, Inf. Process. Lett. 68 (1998)"
STRENGTH = (23, 35)


def count(circuit: Circuit, literals: Literals) -> BinaryCount:
    return BinaryCount(circuit, _sum(circuit, literals))


def _sum(circuit: Circuit, literals: Literals) -> Column:
    n = literals.shape[1]
    if n == 1:
        return [literals[:, 0]]
    return ripple(circuit, _sum(circuit, literals[:, : n // 2]), _sum(circuit, literals[:, n // 2 :]))
