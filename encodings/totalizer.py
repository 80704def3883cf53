"""Two-sided totalizer: a balanced tree of unary sums, every node written in both directions.

Needs about n^2 clauses (n log n variables) for one count of n literals; equal sub-trees are shared.
Deviates from the paper in that outputs imply inputs too, which makes it a reified count.
"""

import numpy as np

from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.unary import UnaryCount, merge
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Bailleux, Boufkhad: Efficient CNF encoding of boolean cardinality constraints, CP 2003"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> UnaryCount:
    return UnaryCount(_total(circuit, literals))


def _total(circuit: Circuit, literals: Literals) -> Literals:
    """Unary sums (batch, n) of literals (batch, n). The two halves of a level go through one merge."""
    batch, n = literals.shape
    if n == 1:
        return literals
    if n % 2:
        return merge(circuit, _total(circuit, literals[:, : n // 2]), _total(circuit, literals[:, n // 2 :]), both=True)
    sums = _total(circuit, literals.reshape(batch * 2, n // 2)).reshape(batch, 2, n // 2)
    return merge(circuit, np.ascontiguousarray(sums[:, 0]), np.ascontiguousarray(sums[:, 1]), both=True)
