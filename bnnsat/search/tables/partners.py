"""Voters that share few wrong examples with another one: found by matrix products, a part of the examples first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bnnsat.search.tables.voters import Counts, Masks, Table, ones, packed, unpacked
from bnnsat.types import Bits, Floats, Integers

LOOK_EXAMPLES = 96
"""Examples on which voters are compared before the others are looked at."""
TILE_VOTERS = 4096
"""With so many voters others are compared at once: their table stays in the cache."""
UNPACKED = 512
"""Voters whose masks are unpacked at once: so do these."""


@dataclass(frozen=True, eq=False)
class Inspected:
    """Some examples, each once, that the better voters often get wrong: what pairs cost there bounds what they cost.

    With n = LOOK_EXAMPLES, `places` (n,) say where they stand in the masks, `costs` (n,) how often, and `wrong`
    (voters, n + 2) is 1 where a voter is wrong, and in two more columns, which are of use in products. `others`
    (examples,) marks the examples that are not looked at, and `rest` (words, voters) are the masks of those alone.
    """

    places: Integers
    costs: Floats
    wrong: Floats
    others: Bits
    rest: Masks

    @classmethod
    def of(cls, table: Table, costs: Integers) -> Inspected:
        """From masks in which an example stands as often as `costs` say, one behind the other: those examples that
        the better half of the voters pay most for.
        """
        starts, count = np.cumsum(costs) - costs, len(table.errors)
        half = -(-count // 2)
        cost = costs * sum(
            unpacked(table.masks[:, start : min(start + UNPACKED, half)], table.examples)[:, starts].sum(axis=0)
            for start in range(0, half, UNPACKED)
        )
        chosen = np.argsort(-cost, kind="stable")[:LOOK_EXAMPLES]
        others = ~np.isin(np.repeat(np.arange(len(costs)), costs), chosen)
        looked = np.ones((count, len(chosen) + 2), dtype=np.float32)
        rest = np.empty((-(-np.count_nonzero(others) // 64), count), dtype=np.uint64)
        for start in range(0, count, UNPACKED):
            wrong = unpacked(table.masks[:, start : start + UNPACKED], table.examples)
            looked[start : start + UNPACKED, :-2] = wrong[:, starts[chosen]]
            rest[:, start : start + UNPACKED] = packed(wrong[:, others]).T
        return cls(starts[chosen], costs[chosen].astype(np.float32), looked, others, rest)


@dataclass(frozen=True, eq=False)
class Partners:
    """Voters that share few wrong examples with another: their `places`, ascending, and how many are `shared`."""

    places: Counts
    shared: Counts

    def __getitem__(self, which: slice | Integers) -> Partners:
        return Partners(self.places[which], self.shared[which])


def partners(table: Table, look: Inspected, pivots: Integers, others: range, errors: int) -> Iterator[Partners]:
    """For each pivot those of the others, of which there is one at least, that share fewer than `errors` with it."""
    weighted = look.wrong[pivots, :-2] * look.costs
    parts = []
    for start in range(others.start, others.stop, TILE_VOTERS):
        tile = slice(start, min(start + TILE_VOTERS, others.stop))
        shared = weighted @ look.wrong[tile, :-2].T
        # What is shared of the examples looked at bounds what is of all.
        pairs = np.flatnonzero(shared < errors)
        one, other = np.divmod(pairs, shared.shape[1])
        counts = shared.reshape(-1).take(pairs).astype(np.int32)
        counts += ones((word[pivots].take(one) & word[tile].take(other) for word in look.rest), len(pairs))
        kept = np.flatnonzero(counts < errors)
        ends = np.searchsorted(one.take(kept), np.arange(len(pivots) + 1))
        parts.append((ends.tolist(), other.take(kept).astype(np.int32) + start, counts.take(kept)))
    for place in range(len(pivots)):
        slices = [
            (places[ends[place] : ends[place + 1]], counts[ends[place] : ends[place + 1]])
            for ends, places, counts in parts
        ]
        yield Partners(*(np.concatenate(arrays) for arrays in zip(*slices, strict=True)))
