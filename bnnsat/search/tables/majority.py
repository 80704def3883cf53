"""Two voters that lose few examples together with a third, among given partners of it: by matrix products.

An example is lost where two of the three are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bnnsat.search.tables.partners import Inspected, Partners
from bnnsat.search.tables.voters import Table, ones, packed
from bnnsat.types import Bits, Integers

PAIRS, TILE = 256, 2048
"""So many partners before a pivot are paired with so many behind it at once."""

Places = tuple[list[int], int]
"""Voters by their places in a table, and the examples that they get wrong together."""


def with_third(
    table: Table, look: Inspected, third: Bits, errors: int, before: Partners, behind: Partners
) -> Iterator[Places | None]:
    """Two voters, one of either, that lose ever fewer than `errors` examples together with a third.

    `third` (examples,) marks the third voter's wrong examples. If both are the same, each pair is looked at once. A
    None now and then is time to stop.
    """
    # Where the third is right, errors of the other two overlap at least by what exceeds that room.
    room = table.examples - int(third.sum())
    (first, rest_before), (second, rest_behind) = (_sorted(table, some) for some in (before, behind))
    ends = np.searchsorted(rest_behind, room + errors - 1 - first.shared - rest_before, side="right")
    if before is behind:
        ends = np.minimum(ends, np.arange(1, len(ends) + 1))
    live = np.argsort(-ends, kind="stable")[: np.count_nonzero(ends)]
    if not len(live):
        return
    ends, one_places, other_places = ends[live], first.places[live], second.places[: ends.max()]
    # Where the third is wrong, an example is lost unless both others are right; where it is right, only if
    # both are wrong: with a sign per example, and two columns for what each shares, all of it is one product.
    lost, own = third[look.places], packed(third[look.others][np.newaxis])[0]
    signs = np.where(lost, -look.costs, look.costs)
    left, right = look.wrong.take(one_places, axis=0), look.wrong.take(other_places, axis=0)
    left[:, -2], right[:, -1] = left[:, :-2] @ (look.costs * lost), right[:, :-2] @ (look.costs * lost)
    left[:, :-2] *= signs
    for start in range(0, len(live), PAIRS):
        end = int(ends[start])
        for tile in range(0, end, TILE):
            at_least = left[start : start + PAIRS] @ right[tile : min(tile + TILE, end)].T
            # What the examples looked at cost bounds what all do; few pairs are left to be counted.
            pairs = np.flatnonzero(at_least < errors)
            yield None
            if not len(pairs):
                continue
            one, other = np.divmod(pairs, at_least.shape[1])
            one, other = one_places.take(start + one), other_places.take(tile + other)
            together = at_least.reshape(-1)[pairs].astype(np.int32)
            words = ((word.take(one), word.take(other), third) for word, third in zip(look.rest, own, strict=True))
            together += ones(((a & b) | (a | b) & c for a, b, c in words), len(pairs))
            best = int(np.argmin(together))
            if together[best] < errors:
                errors = int(together[best])
                yield [int(one[best]), int(other[best])], errors


def _sorted(table: Table, partners: Partners) -> tuple[Partners, Integers]:
    """Partners by the number of wrong examples that they do not share, ascending, and that."""
    rest = table.errors[partners.places] - partners.shared
    order = np.argsort(rest, kind="stable")
    return partners[order], rest[order]
