"""Carry-save adder tree: full adders (3:2 counters) reduce the bits column by column to one binary number.

About n - log2(n) full adders of 14 clauses each, then one comparator per threshold. Sum and carry
are separate gates, so both are shared across examples up to sign. Linear, but propagates weakly.
"""

import numpy as np

from bnnsat import gates
from bnnsat.circuit import Circuit
from bnnsat.cnf import FALSE, TRUE
from bnnsat.types import Integers, Literals

KIND = "popcount"
PAPER = "Wallace: A suggestion for a fast multiplier, IEEE Trans. Electronic Computers 13 (1964)"
STRENGTH = "none claimed (finds 26 to 32 % of what is implied at n = 6)"


def count(circuit: Circuit, literals: Literals) -> "BinaryCount":
    column = [literals[:, i] for i in range(literals.shape[1])]
    digits = []
    while column:
        carries = []
        # Taking from the front and appending behind keeps the tree shallow (first in, first out).
        while len(column) > 1:
            if len(column) == 2:
                a, b = column
                total, carry = gates.xor(circuit, a, b), gates.conj(circuit, a, b)
                column = []
            else:
                a, b, c, *column = column
                total, carry = gates.xor3(circuit, a, b, c), gates.maj(circuit, a, b, c)
            column.append(total)
            carries.append(carry)
        digits.append(column[0])
        column = carries
    return BinaryCount(circuit, digits)


class BinaryCount:
    """Counts in binary, the least significant digit first, each digit (batch,)."""

    def __init__(self, circuit: Circuit, digits: list[Literals]) -> None:
        self.circuit = circuit
        self.digits = digits

    def at_least(self, k: Integers) -> Literals:
        # From the lowest digit up: "the digits so far are >= those of k" is maj(digit, not k's, before).
        result = np.full(len(k), TRUE, dtype=np.int32)
        for place, digit in enumerate(self.digits):
            negated = np.where((k >> place) & 1, FALSE, TRUE)
            result = gates.maj(self.circuit, digit, negated, result)
        return result
