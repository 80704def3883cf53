"""Symmetry breaking: of networks that are equal up to an exchange, one is kept."""

from __future__ import annotations

import numpy as np

from bnnsat.circuit import Circuit
from bnnsat.cnf import TRUE
from bnnsat.types import Literals


def lexicographic(circuit: Circuit, a: Literals, b: Literals) -> None:
    """Require each row of a to be lexicographically at most the same row of b, shapes (rows, n).

    Crawford, Ginsberg, Luks, Roy, "Symmetry-breaking predicates for search problems", KR 1996: three clauses
    a bit, with one variable that is true where the rows agree so far.
    """
    cnf = circuit.cnf
    rows, n = a.shape
    equal = np.full(rows, TRUE, dtype=np.int32)
    for i in range(n):
        x, y = a[:, i], b[:, i]
        cnf.add(np.stack([-equal, -x, y], axis=1), repeats=True)
        if i < n - 1:
            still = cnf.fresh(rows)
            cnf.add(np.stack([-equal, -x, -y, still], axis=1), repeats=True)
            cnf.add(np.stack([-equal, x, y, still], axis=1), repeats=True)
            equal = still
