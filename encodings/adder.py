"""Carry-save adder tree: full adders (3:2 counters) reduce the bits column by column to one binary number.

About n - log2(n) full adders of 14 clauses each, then one comparator per threshold. Sum and carry
are separate gates, so both are shared across examples up to sign. Linear, but propagates weakly.
"""

from bnnsat.circuit.binary import BinaryCount, Column, columns_of, full_adder, half_adder
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Een, Sorensson: Translating pseudo-Boolean constraints into SAT, JSAT 2 (2006)"
STRENGTH = (28, 49)


def count(circuit: Circuit, literals: Literals) -> BinaryCount:
    column = columns_of(literals)
    digits: Column = []
    while column:
        carries: Column = []
        # Taking from the front and appending behind keeps the tree shallow (first in, first out).
        while len(column) > 1:
            adder = full_adder if len(column) > 2 else half_adder
            taken = 3 if len(column) > 2 else 2
            total, carry = adder(circuit, *column[:taken])
            column = [*column[taken:], total]
            carries.append(carry)
        digits.append(column[0])
        column = carries
    return BinaryCount(circuit, digits)
