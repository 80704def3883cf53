"""Sorting networks as lists of comparators, and their instances over batches of literals.

A comparator (i, j) puts the larger of positions i and j at i and the smaller at j. Run on literals,
largest first, position k - 1 of a sorted row is "at least k". All networks are built on a power of
two positions; what lies beyond the inputs is false and folds away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

Comparators = Sequence[tuple[int, int]]


def power_of_two(n: int) -> int:
    """The smallest power of two that is at least n.

    Args:
        n: from 0; below 2 the result is 1.
    """
    return 1 << max(0, n - 1).bit_length()


def run(circuit: Circuit, literals: Literals, comparators: Comparators, wanted: Iterable[int]) -> Literals:
    """Positions (batch, size) after the comparators; only wanted ones are right.

    Halves of comparators that no wanted position depends on are left out (the cone of influence);
    comparators that touch disjoint positions go through one gate call.

    Args:
        circuit: where the clauses go.
        literals: (batch, n).
        comparators: in their order.
        wanted: positions that are read afterwards.
    """
    batch, n = literals.shape
    size = 1 + max([n - 1, *(max(pair) for pair in comparators)])
    values = np.full((batch, size), FALSE, dtype=np.int32)
    values[:, :n] = literals
    for layer in _layers(_cone(comparators, set(wanted))):
        i, j, upper, lower = (np.array(column) for column in zip(*layer, strict=True))
        a, b = values[:, i], values[:, j]
        values[:, i[upper]] = gates.disj(circuit, a[:, upper], b[:, upper])
        values[:, j[lower]] = gates.conj(circuit, a[:, lower], b[:, lower])
    return values


def _cone(comparators: Comparators, wanted: set[int]) -> list[tuple[int, int, bool, bool]]:
    """The comparators that matter, each with whether its larger and its smaller side does."""
    kept = []
    for i, j in reversed(comparators):
        if i in wanted or j in wanted:
            kept.append((i, j, i in wanted, j in wanted))
            wanted |= {i, j}
    return kept[::-1]


def _layers(comparators: list[tuple[int, int, bool, bool]]) -> list[list[tuple[int, int, bool, bool]]]:
    """The comparators in the fewest layers of disjoint ones, order kept where they touch."""
    depth: dict[int, int] = {}
    layers: list[list[tuple[int, int, bool, bool]]] = []
    for comparator in comparators:
        i, j = comparator[:2]
        level = max(depth.get(i, 0), depth.get(j, 0))
        depth[i] = depth[j] = level + 1
        if level == len(layers):
            layers.append([])
        layers[level].append(comparator)
    return layers


def odd_even_sort(places: Sequence[int]) -> list[tuple[int, int]]:
    """Batcher's odd-even merge sort ("Sorting networks and their applications", AFIPS 1968).

    Args:
        places: positions, a power of two of them.
    """
    if len(places) < 2:
        return []
    half = len(places) // 2
    return [*odd_even_sort(places[:half]), *odd_even_sort(places[half:]), *odd_even_merge(places)]


def odd_even_merge(places: Sequence[int]) -> list[tuple[int, int]]:
    """Batcher's merge of two sorted halves.

    Args:
        places: positions of both, a power of two of them, two at least.
    """
    if len(places) == 2:
        return [(places[0], places[1])]
    inner = list(zip(places[1:-1:2], places[2::2], strict=True))
    return [*odd_even_merge(places[0::2]), *odd_even_merge(places[1::2]), *inner]


def network_count(circuit: Circuit, literals: Literals, comparators: Comparators) -> ThresholdCount:
    """A count whose outputs are the positions of one sorting network, each made when it is asked for.

    Args:
        circuit: where the clauses go.
        literals: (batch, n).
        comparators: of a network that sorts so many, the largest first.
    """
    return ThresholdCount(literals, lambda rows, k: run(circuit, rows, comparators, [k - 1])[:, k - 1])
