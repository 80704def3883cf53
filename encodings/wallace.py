"""Wallace tree: in every stage each column is reduced as far as it goes by full and half adders.

About n full adders of 14 clauses and some half adders, in log1.5(n) stages; then a ripple adder and one
comparator per threshold.
"""

from bnnsat.circuit.binary import BinaryCount, Column, columns_of, full_adder, half_adder, ripple_columns
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Wallace: A suggestion for a fast multiplier, IEEE Trans. Electronic Computers 13 (1964)"
STRENGTH = (28, 49)


def count(circuit: Circuit, literals: Literals) -> BinaryCount:
    columns = [columns_of(literals)]
    while max(map(len, columns)) > 2:
        reduced: list[Column] = [[] for _ in range(len(columns) + 1)]
        for place, column in enumerate(columns):
            for start in range(0, len(column), 3):
                bits = column[start : start + 3]
                if len(bits) == 1:
                    reduced[place].append(bits[0])
                    continue
                total, carry = (full_adder if len(bits) == 3 else half_adder)(circuit, *bits)
                reduced[place].append(total)
                reduced[place + 1].append(carry)
        columns = reduced if reduced[-1] else reduced[:-1]
    return ripple_columns(circuit, columns)
