"""Bitonic sorting network, two-sided.

About n log2(n)^2 / 4 comparators of 6 clauses, a few more than the odd-even merge.
"""

from functools import cache

from bnnsat.circuit.sorting import Comparators, network_count, power_of_two
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Batcher: Sorting networks and their applications, AFIPS 1968"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    return network_count(circuit, literals, network(power_of_two(literals.shape[1])))


@cache
def network(size: int) -> Comparators:
    comparators = []
    block = 2
    while block <= size:
        # The halves of a block are sorted alike: its first comparators meet head to tail.
        for start in range(0, size, block):
            comparators += [(start + i, start + block - 1 - i) for i in range(block // 2)]
        step = block // 4
        while step:
            comparators += [(i, i + step) for i in range(size) if not i & step]
            step //= 2
        block *= 2
    return tuple(comparators)
