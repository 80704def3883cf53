"""The plain ripple comparison: a borrow chain of majorities from the least significant pair up.

Six clauses a pair for every neuron and example; nothing is shared but whole comparisons of equal inputs.
"""

from functools import cache

import numpy as np

from bnnsat.circuit.templates import Circuit, Template
from bnnsat.types import Literals

KIND = "half"
PAPER = "the borrow chain of a subtractor; Tseitin: On the complexity of derivation in propositional calculus, 1968"
STRENGTH = (100, 100)


def greater(circuit: Circuit, upper: Literals, lower: Literals) -> Literals:
    both = np.concatenate([upper, lower], axis=1)
    return circuit.instantiate(comparison(upper.shape[1]), both)[:, 0]


@cache
def comparison(half: int) -> Template:
    """output <-> locals 1..half > locals half+1..2*half, the most significant bit first."""
    upper, lower = range(1, half + 1), range(half + 1, 2 * half + 1)
    output = 2 * half + 1
    u, v = upper[-1], lower[-1]
    clauses = [[-output, u], [-output, -v], [output, -u, v]]
    for u, v in reversed(list(zip(upper[:-1], lower[:-1], strict=True))):
        below, output = output, output + 1
        for a, b in ((u, -v), (u, below), (-v, below)):
            clauses += [[-a, -b, output], [a, b, -output]]
    return Template.of(f"ripple-{half}", 2 * half, [output], clauses)
