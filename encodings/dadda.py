"""Dadda tree: each stage reduces columns only down to the next height of 2, 3, 4, 6, 9, 13, ...

About n full adders of 14 clauses and fewer half adders than Wallace's; then a ripple adder and one
comparator per threshold.
"""

from bnnsat.circuit.binary import BinaryCount, Column, columns_of, full_adder, half_adder, ripple_columns
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Dadda: Some schemes for parallel multipliers, Alta Frequenza 34 (1965)"
STRENGTH = (25, 37)


def count(circuit: Circuit, literals: Literals) -> BinaryCount:
    columns = [columns_of(literals)]
    heights = [2]
    while heights[-1] < literals.shape[1]:
        heights.append(heights[-1] * 3 // 2)
    for height in reversed(heights):
        columns = _reduced(circuit, columns, height)
    return ripple_columns(circuit, columns)


def _reduced(circuit: Circuit, columns: list[Column], height: int) -> list[Column]:
    """The columns brought down to `height` bits each, carries into a column counted in."""
    result: list[Column] = []
    carries: Column = []
    for column in [*columns, []]:
        bits, made = [*column, *carries], []
        while len(bits) > height:
            taken = 2 if len(bits) == height + 1 else 3
            total, carry = (half_adder if taken == 2 else full_adder)(circuit, *bits[:taken])
            bits = [*bits[taken:], total]
            made.append(carry)
        result.append(bits)
        carries = made
    return result if result[-1] else result[:-1]
