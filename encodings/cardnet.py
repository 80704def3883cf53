"""Cardinality network: blocks are sorted, then merged keeping only as many as the threshold, two-sided.

About n log2(k)^2 / 4 comparators of 6 clauses, where k is the threshold or, if that is less, n + 1
minus it (then over the negated literals).
"""

from functools import cache

from bnnsat.circuit.sorting import Comparators, odd_even_merge, odd_even_sort, power_of_two, run
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount, mirrored
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Asin, Nieuwenhuis, Oliveras, Rodriguez-Carbonell: Cardinality networks, Constraints 16 (2011)"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    def select(rows: Literals, k: int) -> Literals:
        comparators, place = network(rows.shape[1], k)
        return run(circuit, rows, comparators, [place])[:, place]

    return ThresholdCount(literals, mirrored(select))


@cache
def network(n: int, k: int) -> tuple[Comparators, int]:
    """Comparators on n positions, and where the k-th largest ends up."""
    block = power_of_two(k)
    # Blocks past the inputs hold only false; places beyond n are made by `run`.
    blocks = [list(range(start, start + block)) for start in range(0, n, block)]
    comparators = [pair for places in blocks for pair in odd_even_sort(places)]
    while len(blocks) > 1:
        merged = []
        for left, right in zip(blocks[0::2], blocks[1::2], strict=False):
            comparators += odd_even_merge(left + right)
            # The largest `block` of both: all that can still matter for the k-th.
            merged.append((left + right)[:block])
        blocks = merged + (blocks[-1:] if len(blocks) % 2 else [])
    return tuple(comparators), blocks[0][k - 1]
