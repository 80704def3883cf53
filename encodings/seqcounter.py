"""PySAT's sequential counter, made reified: one counter for "at least k", one for "fewer than k".

PySAT gives "at most" one way only. Its clauses are Horn: those with a positive literal define the
counter's registers, the others forbid. Only the forbidding ones are guarded by the output; the
definitions hold unguarded, so propagation finds the output too (guarding them all loses half of it).
About 4 k (n - k) clauses for each distinct k.
"""

from functools import cache

import numpy as np
from pysat.card import CardEnc, EncType

from bnnsat.circuit import Circuit, Template
from bnnsat.types import Integers, Literals

KIND = "popcount"
PAPER = "Sinz: Towards an optimal CNF encoding of boolean cardinality constraints, CP 2005"
STRENGTH = "arc-consistent in both directions"


def count(circuit: Circuit, literals: Literals) -> "Counter":
    return Counter(circuit, literals)


class Counter:
    def __init__(self, circuit: Circuit, literals: Literals) -> None:
        self.circuit = circuit
        self.literals = literals

    def at_least(self, k: Integers) -> Literals:
        result = np.empty(len(k), dtype=np.int32)
        for threshold in np.unique(k):
            rows = k == threshold
            template = reified(self.literals.shape[1], int(threshold))
            result[rows] = self.circuit.instantiate(template, self.literals[rows])[:, 0]
        return result


@cache
def reified(n: int, k: int) -> Template:
    """output <-> at least k of n, for 1 <= k <= n."""
    output = n + 1
    more, top = _at_most(n, k - 1, sign=1, guard=output, top=output)
    fewer, _ = _at_most(n, n - k, sign=-1, guard=-output, top=top)
    return Template.of(f"seqcounter-{n}-{k}", n, [output], more + fewer)


def _at_most(n: int, bound: int, sign: int, guard: int, top: int) -> tuple[list[list[int]], int]:
    """At most `bound` of the literals sign * 1..n unless `guard`; and the highest variable used."""
    literals = [sign * i for i in range(1, n + 1)]
    if bound == 0:
        return [[-literal, guard] for literal in literals], top
    cnf = CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.seqcounter)
    clauses = []
    for clause in cnf.clauses:
        forbids = not any(literal > n for literal in clause)
        clauses.append([*clause, guard] if forbids else list(clause))
    return clauses, max(top, cnf.nv)
