"""Odd-even merge sorting network, two-sided.

About n log2(n)^2 / 4 comparators of 6 clauses; only those that the asked output depends on are made.
"""

from functools import cache

from bnnsat.circuit.sorting import Comparators, network_count, odd_even_sort, power_of_two
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
    return tuple(odd_even_sort(range(size)))
