"""Three voters that get the fewest examples wrong together, by branch and bound.

An example is lost where two of the three are wrong. So any two of them share few wrong examples, and the errors of
all three add up to little more than the examples: those that are right have one voter wrong at most. One of the
three is the *pivot*, whose partners are looked for, and then pairs of them. If it is the first in the order of their
errors, there are few pivots, and many pairs of partners behind them; if it is the middle one, there are more pivots,
but few partners before them, which often share too much, and few pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from threading import Event

import numpy as np

from bnnsat.search import threads
from bnnsat.search.tables.majority import Places, with_third
from bnnsat.search.tables.partners import Inspected, Partners, partners
from bnnsat.search.tables.voters import Masks, Table, ones, packed, unpacked
from bnnsat.types import Bits, Integers

PIVOTS = 128
"""So many pivots are taken at once."""
MIDDLE = 4
"""Pivots are middle ones unless that takes so many times as many comparisons: 2.2 times on the largest table, 7 to 13
times on those where the first ones are quicker.
"""
TICK_SECONDS = 0.1
"""Seconds between two looks at the clock."""
STARTS = 30
"""Random triples from which a descent starts."""


def pairs(table: Table, costs: Integers, third: Bits, errors: int) -> Iterator[Places | None]:
    """Pairs that get ever fewer examples wrong together with a third voter, wrong where `third` (examples,) says."""
    mask = packed(third[np.newaxis])[0]
    for pair, found in _descents(table, mask):
        if found < errors:
            errors = found
            yield pair, errors
        yield None
    shared = ones((word & own for word, own in zip(table.masks, mask, strict=True)), len(table.errors))
    kept = np.flatnonzero(shared < errors)
    near = Partners(kept.astype(np.int32), shared[kept])
    yield from with_third(table, Inspected.of(table, costs), third, errors, near, near)


def triples(table: Table, costs: Integers, errors: int, jobs: int) -> Iterator[Places | None]:
    """Triples with ever fewer examples that two of them get wrong, below `errors`."""
    for triple, found in _descents(table, None):
        if found < errors:
            errors = found
            yield triple, errors
        yield None
    look, count = Inspected.of(table, costs), len(table.errors)
    middle, pivot, stop = _middle(table, errors), 0, Event()
    look_around = _best_around if middle else _best_behind
    with threads.pool(jobs) as pool:
        try:
            while pivot < count and table.errors[0 if middle else pivot] + 2 * table.errors[pivot] <= _most(
                table, errors
            ):
                end = min(count, pivot + 4 * jobs * PIVOTS)
                blocks = [np.arange(start, min(start + PIVOTS, end)) for start in range(pivot, end, PIVOTS)]
                # Numpy lets go of Python's lock in the long operations.
                tasks = [pool.submit(look_around, table, look, errors, block, stop) for block in blocks]
                for task in tasks:
                    while not task.done():
                        yield None
                        wait([task], timeout=TICK_SECONDS)
                    best = task.result()
                    if best is not None and best[1] < errors:
                        errors = best[1]
                        yield best
                pivot = end
        finally:
            # Whoever has had enough waits for a fraction of what is under way, and for nothing else.
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _most(table: Table, errors: int) -> int:
    """What the errors of three voters add up to, at most, that lose fewer than `errors` examples together.

    Each example that is right has at most one voter wrong, each that is lost at most three.
    """
    return table.examples + 2 * (errors - 1)


def _middle(table: Table, errors: int) -> bool:
    """Whether pivots are better the middle ones than the first ones."""
    places, most = np.arange(len(table.errors)), _most(table, errors)
    behind = np.searchsorted(table.errors, most - 2 * table.errors, side="right") - places
    around = np.searchsorted(table.errors, most - table.errors[0] - table.errors, side="right") - places
    before = np.minimum(places, behind + places)
    last = table.errors[0] + 2 * table.errors <= most
    return bool((before + around)[last].sum() <= MIDDLE * behind[behind > 0].sum())


def _best_behind(table: Table, look: Inspected, errors: int, pivots: Integers, stop: Event) -> Places | None:
    """The best three voters that lose fewer than `errors` examples, of which the first is one of the pivots."""
    best: Places | None = None
    end = int(np.searchsorted(table.errors, _most(table, errors) - 2 * table.errors[pivots[0]], side="right"))
    if end <= pivots[0]:
        return None
    for pivot, near in zip(pivots, partners(table, look, pivots, range(pivots[0], end), errors), strict=True):
        behind = near[int(np.searchsorted(near.places, pivot)) :]
        third = unpacked(table.masks[:, [pivot]], table.examples)[0]
        for pair in with_third(table, look, third, errors, behind, behind):
            if stop.is_set():
                return None
            if pair is not None:
                errors = pair[1]
                best = [int(pivot), *pair[0]], errors
    return best


def _best_around(table: Table, look: Inspected, errors: int, pivots: Integers, stop: Event) -> Places | None:
    """The best three voters that lose fewer than `errors` examples, with one of the pivots in the middle."""
    best: Places | None = None
    own = table.errors[pivots]
    # Where the pivot is right, errors of the other two overlap at least by what exceeds that room.
    room = table.examples - own + errors - 1
    end = min(int(pivots[-1]) + 1, int(np.searchsorted(table.errors, room[0] + errors - 1 - own[0], side="right")))
    if not end:
        return None
    before, limits = [], []
    for place, near in enumerate(partners(table, look, pivots, range(end), errors)):
        rest = table.errors[near.places] - near.shared
        kept = np.flatnonzero((near.places <= pivots[place]) & (rest <= room[place] - own[place]))
        before.append(near[kept])
        limits.append(int(room[place] - rest[kept].min(initial=table.examples)))
    some = [place for place, near in enumerate(before) if len(near.places)]
    if not some or stop.is_set():
        return None
    ends = np.searchsorted(table.errors, limits, side="right")
    others = range(int(pivots[some[0]]), int(ends[some].max()))
    if not others:
        return None
    for place, near in zip(some, partners(table, look, pivots[some], others, errors), strict=True):
        pivot = int(pivots[place])
        behind = near[slice(*np.searchsorted(near.places, [pivot, ends[place]]).tolist())]
        third = unpacked(table.masks[:, [pivot]], table.examples)[0]
        for pair in with_third(table, look, third, errors, before[place], behind):
            if stop.is_set():
                return None
            if pair is not None:
                errors = pair[1]
                best = [pivot, *pair[0]], errors
    return best


def _descents(table: Table, third: Masks | None) -> Iterator[Places]:
    """Good triples, or pairs with a given third: from random ones, exchange one voter at a time while that helps."""
    rng = np.random.default_rng(0)
    voters, count = 3 if third is None else 2, len(table.errors)
    good = min(count, max(3, int(np.searchsorted(table.errors, table.examples / 3))))
    for _ in range(STARTS):
        places = rng.integers(good, size=voters).tolist()
        fewest, stuck, place = table.examples + 1, 0, 0
        while stuck < voters:
            others = [table.masks[:, p] for i, p in enumerate(places) if i != place]
            a, b = others if third is None else (others[0], third)
            wrong = ones(((word & (x ^ y)) | (x & y) for word, x, y in zip(table.masks, a, b, strict=True)), count)
            best = int(np.argmin(wrong))
            stuck = 0 if wrong[best] < fewest else stuck + 1
            if wrong[best] < fewest:
                places[place], fewest = best, int(wrong[best])
            place = (place + 1) % voters
        yield places, fewest
