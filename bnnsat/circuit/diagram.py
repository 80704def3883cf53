"""The decision diagram of "at least k": one input after the other, a node for each number still needed."""

from __future__ import annotations

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE, TRUE
from bnnsat.circuit.templates import Circuit, Template
from bnnsat.types import Literals


def diagram(circuit: Circuit, node: Template, literals: Literals, k: int) -> Literals:
    """ "At least k" of each row, (batch,), read from the first literal up, one template a node.

    Nodes of the first i literals are shared between rows that agree on those.

    Args:
        circuit: where the clauses go.
        node: the template of a node, STEP or NODE of `gates`.
        literals: (batch, n).
        k: one threshold for all rows, from 1 to n.
    """
    batch, n = literals.shape
    # Column j: at least j of the literals so far.
    state = np.full((batch, k + 1), FALSE, dtype=np.int32)
    state[:, 0] = TRUE
    for i in range(n):
        # Fewer than k - (n - i - 1) so far cannot become k any more; more than i + 1 there cannot be.
        j = np.arange(max(1, k - (n - i - 1)), min(k, i + 1) + 1)
        state[:, j] = gates.step(circuit, node, literals[:, i : i + 1], state[:, j - 1], state[:, j])
    return state[:, k]
