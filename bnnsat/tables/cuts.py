"""Where a column of numbers is cut: by quantiles, evenly, or where a cut tells most of the label."""

from __future__ import annotations

import heapq
from math import floor, log2

import numpy as np

from bnnsat.types import Doubles, Integers


def between(low: float, high: float, *, whole: bool) -> float:
    """A cut that parts two neighbours, low <= cut < high, with few digits.

    >>> between(1.9, 3.0, whole=False), between(3, 6, whole=True)
    (2.45, 4)

    Args:
        low: the lower one.
        high: the higher one.
        whole: all values are whole numbers.
    """
    middle = low / 2 + high / 2
    if whole:
        return floor(middle)
    for digits in range(3, 17):
        if low <= (cut := float(f"{middle:.{digits}g}")) < high:
            return cut
    return low


def quantiles(values: Doubles, count: int) -> list[float]:
    """Cuts into parts of about as many values.

    Args:
        values: (rows,), without missing ones.
        count: of cuts, at most.
    """
    ranked, places = _neighbours(values)
    if len(places) > count:
        wanted = np.arange(1, count + 1) * len(ranked) / (count + 1)
        nearest = np.abs(places[np.newaxis] - wanted[:, np.newaxis]).argmin(axis=1)
        places = places[np.unique(nearest)]
    return _cuts(ranked, places)


def uniform(values: Doubles, count: int) -> list[float]:
    """Cuts into parts of the same width, those that part any values.

    Args:
        values: (rows,), without missing ones.
        count: of cuts, at most.
    """
    ranked, _ = _neighbours(values)
    steps = ranked[0] + (ranked[-1] - ranked[0]) * np.arange(1, count + 1) / (count + 1)
    places = np.unique(np.searchsorted(ranked, steps, side="right"))
    return _cuts(ranked, places[(places > 0) & (places < len(ranked))])


def supervised(values: Doubles, labels: Integers, count: int) -> list[float]:
    """The cuts that tell most of the label, each of which pays for its description; the first one in any case.

    Fayyad and Irani, "Multi-interval discretization of continuous-valued attributes", IJCAI 1993: a part is cut where
    the entropy of the labels falls most, if that gain is worth its minimum description length. Here the part with the
    largest gain, in bits over all its rows, goes first.

    Args:
        values: (rows,), without missing ones.
        labels: (rows,), from 0.
        count: of cuts, at most.
    """
    order = np.argsort(values, kind="stable")
    ranked, classes = values[order], int(labels.max(initial=0)) + 1
    counts = np.zeros((len(ranked) + 1, classes), dtype=np.int64)
    np.cumsum(labels[order, np.newaxis] == np.arange(classes), axis=0, out=counts[1:])
    places = np.flatnonzero(np.diff(ranked) > 0) + 1
    found: list[int] = []
    parts = [_best(counts, places, 0, len(ranked))]
    while parts and len(found) < count:
        gain, place, first, last, pays = heapq.heappop(parts)
        if place < 0 or not (pays or not found):
            continue
        found.append(place)
        for start, end in ((first, place), (place, last)):
            heapq.heappush(parts, _best(counts, places, start, end))
        del gain
    return _cuts(ranked, np.array(sorted(found), dtype=np.int64))


def _best(counts: Integers, places: Integers, first: int, last: int) -> tuple[float, int, int, int, bool]:
    """Of rows from first to last: minus the gain of the best cut, where it is (-1: nowhere), and whether it pays."""
    inside = places[(places > first) & (places < last)]
    if not inside.size:
        return 0.0, -1, first, last, False
    rows = last - first
    left, right = counts[inside] - counts[first], counts[last] - counts[inside]
    whole = (counts[last] - counts[first])[np.newaxis]
    here, below, above = _bits(whole), _bits(left), _bits(right)
    best = int(np.argmin(below + above))
    gain = float(here[0] - below[best] - above[best])
    kinds = [int((part > 0).sum()) for part in (whole[0], left[best], right[best])]
    # The entropies of the parts, weighted by how many classes each has.
    entropies = (here[0] / rows, below[best] / left[best].sum(), above[best] / right[best].sum())
    delta = log2(3 ** kinds[0] - 2) - sum(
        sign * kind * entropy for sign, kind, entropy in zip((1, -1, -1), kinds, entropies, strict=True)
    )
    return -gain, int(inside[best]), first, last, gain > log2(max(1, rows - 1)) + delta


def _bits(counts: Integers) -> Doubles:
    """The entropy of each row of counts, times how many they are, in bits."""
    totals = counts.sum(axis=1)
    logs = np.where(counts > 0, counts * np.log2(np.maximum(counts, 1)), 0.0).sum(axis=1)
    bits: Doubles = totals * np.log2(np.maximum(totals, 1)) - logs
    return bits


def _neighbours(values: Doubles) -> tuple[Doubles, Integers]:
    """The values in order, and the places before which they rise."""
    ranked = np.sort(values)
    return ranked, np.flatnonzero(np.diff(ranked) > 0) + 1


def _cuts(ranked: Doubles, places: Integers) -> list[float]:
    whole = bool((ranked == np.floor(ranked)).all())
    return [between(float(ranked[place - 1]), float(ranked[place]), whole=whole) for place in places]
