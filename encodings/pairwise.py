"""Pairwise sorting network, two-sided.

As many comparators as the odd-even merge sort; pairs are ordered first, then sorted by their larger
and their smaller members.
"""

from functools import cache

from bnnsat.circuit.sorting import Comparators, network_count, power_of_two
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Parberry: The pairwise sorting network, Parallel Processing Letters 2 (1992)"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    return network_count(circuit, literals, network(power_of_two(literals.shape[1])))


@cache
def network(size: int) -> Comparators:
    return tuple(_sort(range(size)))


def _sort(places: range) -> list[tuple[int, int]]:
    if len(places) < 2:
        return []
    larger, smaller = places[0::2], places[1::2]
    comparators = [*zip(larger, smaller, strict=True), *_sort(larger), *_sort(smaller)]
    # Both are sorted and larger[i] >= smaller[i]; what is left is to move smaller members up past
    # larger ones, at distances that halve.
    step = len(larger) // 2
    while step:
        comparators += [(smaller[i], larger[i + step]) for i in range(len(larger) - step)]
        step //= 2
    return comparators
