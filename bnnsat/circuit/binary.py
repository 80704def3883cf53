"""Binary numbers and the adders that every binary counter is made of."""

from __future__ import annotations

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE, TRUE
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Integers, Literals

Column = list[Literals]
"""Bits of one place value, each a batch of literals (batch,)."""


class BinaryCount:
    """Counts in binary.

    Args:
        circuit: where comparisons are written.
        digits: the least significant first, each (batch,).
    """

    def __init__(self, circuit: Circuit, digits: Column) -> None:
        self.circuit = circuit
        self.digits = digits

    def at_least(self, k: Integers) -> Literals:
        """The literal "at least k" of each row, (batch,).

        Args:
            k: (batch,), from 1 to n.
        """
        # From the lowest digit up: "the digits so far are >= those of k" is maj(digit, not k's, before).
        result = np.full(len(k), TRUE, dtype=np.int32)
        for place, digit in enumerate(self.digits):
            negated = np.where((k >> place) & 1, FALSE, TRUE)
            result = gates.maj(self.circuit, digit, negated, result)
        return result


def columns_of(literals: Literals) -> Column:
    """Literals as a column of place value 1.

    Args:
        literals: (batch, n).
    """
    return [literals[:, i] for i in range(literals.shape[1])]


def half_adder(circuit: Circuit, a: Literals, b: Literals) -> tuple[Literals, Literals]:
    """Sum and carry of two bits.

    Args:
        circuit: where the clauses go.
        a: (batch,).
        b: (batch,).
    """
    return gates.xor(circuit, a, b), gates.conj(circuit, a, b)


def full_adder(circuit: Circuit, a: Literals, b: Literals, c: Literals) -> tuple[Literals, Literals]:
    """Sum and carry of three bits.

    Args:
        circuit: where the clauses go.
        a: (batch,).
        b: (batch,).
        c: (batch,).
    """
    return gates.xor3(circuit, a, b, c), gates.maj(circuit, a, b, c)


def ripple(circuit: Circuit, a: Column, b: Column) -> Column:
    """The sum of two binary numbers by a ripple-carry adder.

    Args:
        circuit: where the clauses go.
        a: digits, the least significant first, each (batch,).
        b: the same of the other number; it may have another length.
    """
    total: Column = []
    carry: Literals | None = None
    for place in range(max(len(a), len(b))):
        bits = [number[place] for number in (a, b) if place < len(number)] + ([] if carry is None else [carry])
        if len(bits) == 1:
            digit, carry = bits[0], None
        elif len(bits) == 2:
            digit, carry = half_adder(circuit, bits[0], bits[1])
        else:
            digit, carry = full_adder(circuit, bits[0], bits[1], bits[2])
        total.append(digit)
    return total if carry is None else [*total, carry]


def ripple_columns(circuit: Circuit, columns: list[Column]) -> BinaryCount:
    """The sum of columns by a ripple-carry adder.

    Args:
        circuit: where the clauses go.
        columns: by place value, the least significant first; at most two bits (batch,) each.
    """
    zero = np.full_like(columns[0][0], FALSE)
    first = [column[0] if column else zero for column in columns]
    second = [column[1] if len(column) > 1 else zero for column in columns]
    while second and np.array_equal(second[-1], zero):
        second.pop()
    return BinaryCount(circuit, ripple(circuit, first, second))
