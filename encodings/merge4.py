"""Four-way odd-even merge sorting network, two-sided: four sorted quarters are merged at once.

Places 0, 2, ... of the quarters are merged, and places 1, 3, ...; the first then hold up to four more
ones than the second. Comparing each of the second with the one of the first two further on, then one
further on, makes the whole sorted. Fewer comparators than two-way merges for wide counts.
"""

from functools import cache

from bnnsat.circuit.sorting import Comparators, network_count, power_of_two
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Karpinski, Piotrow: Encoding cardinality constraints using multiway merges, Constraints 24 (2019)"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    return network_count(circuit, literals, network(power_of_two(literals.shape[1])))


@cache
def network(size: int) -> Comparators:
    return tuple(_sort(range(size)))


def _sort(places: range) -> list[tuple[int, int]]:
    if len(places) <= 2:
        return [(places[0], places[1])] if len(places) == 2 else []
    quarter = len(places) // 4
    quarters = [places[i : i + quarter] for i in range(0, len(places), quarter)]
    return [*(pair for part in quarters for pair in _sort(part)), *_merge(places)]


def _merge(places: range) -> list[tuple[int, int]]:
    """Merges the four sorted quarters of the places."""
    if len(places) == 4:
        a, b, c, d = places
        return [(a, b), (c, d), (a, c), (b, d), (b, c)]
    two_on = list(zip(places[1:-3:2], places[4::2], strict=True))
    one_on = list(zip(places[1:-1:2], places[2::2], strict=True))
    return [*_merge(places[0::2]), *_merge(places[1::2]), *two_on, *one_on]
