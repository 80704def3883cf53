"""Block counter: groups of five inputs counted directly, the groups by a totalizer.

With known inputs a group has at most 32 patterns of signs, so few distinct counts serve all examples;
above the groups it is a two-sided totalizer.
"""

from functools import cache
from itertools import combinations

import numpy as np

from bnnsat.circuit.templates import Circuit, Template
from bnnsat.circuit.unary import UnaryCount, merge
from bnnsat.types import Literals

KIND = "popcount"
PAPER = (
    "our own; the groups as in Bailleux, Boufkhad: Efficient CNF encoding of boolean cardinality constraints, CP 2003"
)
STRENGTH = (100, 100)
GROUP = 5


def count(circuit: Circuit, literals: Literals) -> UnaryCount:
    n = literals.shape[1]
    sums = []
    for start in range(0, n, GROUP):
        group = np.ascontiguousarray(literals[:, start : start + GROUP])
        sums.append(circuit.instantiate(template(group.shape[1]), group))
    while len(sums) > 1:
        pairs = [merge(circuit, a, b, both=True) for a, b in zip(sums[0::2], sums[1::2], strict=False)]
        sums = pairs + sums[len(pairs) * 2 :]
    return UnaryCount(sums[0])


@cache
def template(n: int) -> Template:
    """The unary count of n inputs, each digit by its definition."""
    inputs = range(1, n + 1)
    clauses = []
    for k in inputs:
        clauses += [[-(n + k), *subset] for subset in combinations(inputs, n - k + 1)]
        clauses += [[n + k, *(-i for i in subset)] for subset in combinations(inputs, k)]
    return Template.of(f"block-{n}", n, range(n + 1, 2 * n + 1), clauses)
