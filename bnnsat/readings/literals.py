"""The fast reading of the algebra: values are batches of literals, operations write clauses."""

from __future__ import annotations

from typing import Any

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE, TRUE
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding
from bnnsat.types import Bits, Integers, Literals


class LiteralAlgebra:
    """Reads the forward pass as a formula.

    Args:
        circuit: where the clauses go.
        popcount: the encoding of counts; None where the pass has none.
        half: the encoding of half-comparisons; None where the pass has none.
        order: permutes the literals of counts of that width, (fan-in,), before they are encoded: a count does not
            depend on their order, but its encoding's size and strength in search do.
    """

    def __init__(
        self, circuit: Circuit, *, popcount: Encoding | None, half: Encoding | None, order: Integers | None = None
    ) -> None:
        self.circuit = circuit
        self._order = order
        self._popcount = popcount
        self._half = half

    def constant(self, bits: Bits | bool) -> Literals:
        return np.where(bits, TRUE, FALSE)

    def negated(self, values: Literals) -> Literals:
        return np.negative(values)

    def xnor(self, a: Literals, b: Literals) -> Literals:
        return -gates.xor(self.circuit, a, b)

    def parity(self, a: Literals, b: Literals, c: Literals) -> Literals:
        return gates.xor3(self.circuit, a, b, c)

    def majority(self, a: Literals, b: Literals, c: Literals) -> Literals:
        return gates.maj(self.circuit, a, b, c)

    def at_least(self, values: Literals, k: Integers | int) -> Literals:
        if self._popcount is None:
            raise ValueError("this reading has no popcount encoding")
        if self._order is not None and len(self._order) == values.shape[-1]:
            values = values[..., self._order]
        batch = values.shape[:-1]
        thresholds = np.broadcast_to(np.asarray(k, dtype=np.int64), batch).reshape(-1)
        rows = values.reshape(len(thresholds), values.shape[-1])
        return self._popcount.at_least(self.circuit, rows, thresholds).reshape(batch)

    def exceeds(self, a: Literals, b: Literals, by: Integers | int) -> Literals:
        # The count of a and that of b's zeros in one: comparing two counts would be twice as large.
        batch = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
        a, b = (np.broadcast_to(values, (*batch, values.shape[-1])) for values in (a, b))
        return self.at_least(np.concatenate([a, -b], axis=-1), b.shape[-1] + np.asarray(by))

    def greater(self, upper: Literals, lower: Literals) -> Literals:
        if self._half is None:
            raise ValueError("this reading has no half-comparison encoding")
        upper, lower = np.broadcast_arrays(upper, lower)
        batch, half = upper.shape[:-1], upper.shape[-1]
        result = self._half.greater(self.circuit, upper.reshape(-1, half), lower.reshape(-1, half))
        return result.reshape(batch)

    def conj(self, values: Any) -> Literals:
        return gates.conj_all(self.circuit, values)
