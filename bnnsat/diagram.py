"""The decision diagram of "at least k": one input after the other, a node for each number still needed."""

from __future__ import annotations

import numpy as np

from bnnsat import gates
from bnnsat.circuit import Circuit, Template
from bnnsat.cnf import FALSE, TRUE
from bnnsat.types import Integers, Literals


class DiagramCount:
    """Counts of literals (batch, n) as diagrams, read from the first literal up, with one template a node.

    Nodes of the first i literals are shared between rows that agree on those.
    """

    def __init__(self, circuit: Circuit, literals: Literals, node: Template) -> None:
        self._circuit = circuit
        self._literals = literals
        self._node = node

    def at_least(self, k: Integers) -> Literals:
        """The literal "at least k" of each row; k is (batch,), from 1 to n."""
        result = np.empty(len(k), dtype=np.int32)
        for threshold in np.unique(k):
            rows = k == threshold
            result[rows] = self._threshold(self._literals[rows], int(threshold))
        return result

    def _threshold(self, literals: Literals, k: int) -> Literals:
        batch, n = literals.shape
        # Column j: at least j of the literals so far.
        state = np.full((batch, k + 1), FALSE, dtype=np.int32)
        state[:, 0] = TRUE
        for i in range(n):
            # Fewer than k - (n - i - 1) so far cannot become k any more; more than i + 1 there cannot be.
            j = np.arange(max(1, k - (n - i - 1)), min(k, i + 1) + 1)
            state[:, j] = gates.step(self._circuit, self._node, literals[:, i : i + 1], state[:, j - 1], state[:, j])
        return state[:, k]
