"""7:3 compressors: seven bits become a binary number at once, with redundant clauses that help propagation.

A compressor is four full adders and, redundantly, the definitions of its highest digit (at least 4 of 7)
and of "none" and "all": 56 + 70 + 14 clauses for 4 bits less. Four to six bits are
filled up with zeros, which fold away; then one comparator per threshold.
"""

from functools import cache
from itertools import combinations

import numpy as np

from bnnsat.circuit.binary import BinaryCount, Column, columns_of, full_adder, half_adder
from bnnsat.circuit.cnf import FALSE
from bnnsat.circuit.templates import Circuit, Template
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "7:3 counters as in Dadda, Alta Frequenza 34 (1965); the redundant clauses are our own"
STRENGTH = (42, 67)


def count(circuit: Circuit, literals: Literals) -> BinaryCount:
    columns = [columns_of(literals)]
    digits: Column = []
    while columns:
        column = columns.pop(0)
        columns += [[] for _ in range(2 - len(columns))]
        while len(column) > 1:
            taken = min(7, len(column))
            bits, column = column[:taken], column[taken:]
            if taken > 3:
                zeros = [np.full_like(bits[0], FALSE)] * (7 - taken)
                total, carry, high = compressor(circuit, [*bits, *zeros])
                columns[1].append(high)
            else:
                total, carry = (full_adder if taken == 3 else half_adder)(circuit, *bits)
            column.append(total)
            columns[0].append(carry)
        digits.append(column[0])
        columns = columns if any(columns) else []
    return BinaryCount(circuit, digits)


def compressor(circuit: Circuit, bits: Column) -> tuple[Literals, Literals, Literals]:
    """The digits of value 1, 2 and 4 of the sum of seven bits."""
    a, b, c, d, e, f, g = bits
    sum1, carry1 = full_adder(circuit, a, b, c)
    sum2, carry2 = full_adder(circuit, d, e, f)
    one, carry3 = full_adder(circuit, sum1, sum2, g)
    two, four = full_adder(circuit, carry1, carry2, carry3)
    # The redundant clauses add no output; instantiating them is all that is wanted.
    circuit.instantiate(redundant(), np.stack([*bits, one, two, four], axis=1))
    return one, two, four


@cache
def redundant() -> Template:
    """Clauses over the seven bits and the digits of value 1, 2 and 4 (locals 8, 9 and 10)."""
    bits, one, two, four = range(1, 8), 8, 9, 10
    clauses = [[-four, *some] for some in combinations(bits, 4)]
    clauses += [[four, *(-bit for bit in some)] for some in combinations(bits, 4)]
    # Less than all seven where a bit is 0; more than none where a bit is 1.
    clauses += [[bit, -one, -two, -four] for bit in bits] + [[-bit, one, two, four] for bit in bits]
    return Template.of("compressor7", 10, [], clauses)
