"""Odd-even merge sorting network, two-sided.

About n log2(n)^2 / 4 comparators of 6 clauses; only those that the asked output depends on are made.
"""

from functools import cache

from bnnsat.circuit import Circuit
from bnnsat.networks import Comparators, network_count, power_of_two
from bnnsat.thresholds import ThresholdCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Batcher: Sorting networks and their applications, AFIPS 1968"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    return network_count(circuit, literals, network(power_of_two(literals.shape[1])))


@cache
def network(size: int) -> Comparators:
    return tuple(_sort(range(size)))


def _sort(places: range) -> list[tuple[int, int]]:
    if len(places) < 2:
        return []
    half = len(places) // 2
    return [*_sort(places[:half]), *_sort(places[half:]), *_merge(places)]


def _merge(places: range) -> list[tuple[int, int]]:
    """Merges the sorted halves of the places."""
    if len(places) == 2:
        return [(places[0], places[1])]
    inner = list(zip(places[1:-1:2], places[2::2], strict=True))
    return [*_merge(places[0::2]), *_merge(places[1::2]), *inner]
