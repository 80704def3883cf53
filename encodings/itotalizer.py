"""PySAT's incremental totalizer (ITotalizer), once over the literals and once over their negations.

About n^2 / 2 clauses each way, for all thresholds at once. The two counts are joined by k outputs:
"at least k" of the literals is "at most n - k" of the negations.
"""

from functools import cache

import numpy as np
from pysat.card import ITotalizer

from bnnsat.circuit.templates import Circuit, Template
from bnnsat.circuit.unary import UnaryCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Martins, Joshi, Manquinho, Lynce: Incremental cardinality constraints for MaxSAT, CP 2014"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> UnaryCount:
    return UnaryCount(circuit.instantiate(template(literals.shape[1]), np.ascontiguousarray(literals)))


@cache
def template(n: int) -> Template:
    inputs = list(range(1, n + 1))
    with ITotalizer(inputs, ubound=n, top_id=n) as up:
        clauses, ones, top = [list(c) for c in up.cnf.clauses], list(up.rhs), max(n, up.top_id)
    with ITotalizer([-i for i in inputs], ubound=n, top_id=top) as down:
        clauses += [list(c) for c in down.cnf.clauses]
        zeros = list(down.rhs)
    # ones[k-1] is implied by k literals, zeros[n-k] by n - k + 1 negations: the output is the first
    # and not the second.
    clauses += [c for k in range(1, n + 1) for c in ([-ones[k - 1], -zeros[n - k]], [ones[k - 1], zeros[n - k]])]
    return Template.of(f"itotalizer-{n}", n, ones[:n], clauses)
