"""All sets of flips within a budget, as far as the first layer can tell them apart.

A neuron that no affordable set can turn is constant. For the others a set of flips is but a vector of net flips, and
with one flip left but two masks: who is turned whatever it is, and who is if it goes their way. Patterns of turned
neurons that were seen before are not looked at again; the few others go through the rest of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnnsat.network import Network
from bnnsat.types import Bits, Integers
from bnnsat.verification.rest import Rest

STATES, PAIRS = 1 << 16, 1 << 20
"""Sets that are extended at a time, and extensions that are looked at at a time."""
CACHE_BITS = 20
WORD, FAR = 64, 1 << 14
"""Bits of a word; a margin that no set of flips makes up for."""
FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], dtype=np.uint64)
"""Odd numbers by which words are multiplied to be spread."""

Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """The first layer of popcounts around an example.

    Attributes:
        towards: (n, neurons) +1 where a flip takes a neuron towards being turned, else -1; 0 where it is not read.
        needed: (neurons,) net flips that turn it.
    """

    towards: NDArray[np.int8]
    needed: Integers

    @classmethod
    def of(cls, network: Network, example: Bits) -> tuple[FirstLayer, Bits]:
        """The first layer around an example, and its bits.

        Args:
            network: of popcounts.
            example: (n,) bits.
        """
        shape, matrix = network.shape, network.matrices()[0]
        parts = (2 * matrix.astype(np.int64) - 1).reshape(len(matrix), shape.repeat, -1).sum(axis=1)
        signs = 2 * example.astype(np.int64) - 1
        sums, least = parts @ signs, 2 * np.array(shape.thresholds[0]) - matrix.shape[1]
        on = sums >= least
        # A flip moves a sum by twice a weight, which is 1, or 2 or 0 where inputs are read twice.
        over = np.where(on, sums - least + 1, least - sums)
        towards = np.where(on, 1, -1) * np.sign(parts * signs).T
        return cls(towards.astype(np.int8), -(-over // (2 * shape.repeat))), np.asarray(on, dtype=np.bool_)


def find(
    first: FirstLayer,
    rest: Rest,
    costs: Integers,
    flips: Integers,
    budget: int,
    refuted: int,
    check: Callable[[], None],
) -> Integers | None:
    """A set of flips that costs at most a budget and changes what the network says; None if there is none.

    Args:
        first: the first layer.
        rest: what stands behind it.
        costs: (n,) of each flip, above 0.
        flips: places of those that can be, the likeliest first.
        budget: what a set may cost together.
        refuted: no set that costs at most this does it.
        check: raises TimeoutError once there is no time left.

    Returns the places of the flips.
    """
    pixels = flips[costs[flips] <= budget]
    pixels = pixels[np.argsort(costs[pixels], kind="stable")]
    kept = np.flatnonzero(_reachable(first, costs, pixels, budget))
    if not len(pixels) or not len(kept):
        return None
    return _Search(first, rest, costs[pixels], pixels, kept, budget, refuted, check).run()


def _reachable(first: FirstLayer, costs: Integers, pixels: Integers, budget: int) -> Bits:
    """Which neurons a budget can turn: by the cheapest flips that go their way; these ascend by costs."""
    helps = first.towards[pixels] > 0
    spent = np.cumsum(np.where(helps, costs[pixels, np.newaxis], 0), axis=0)
    affordable = (helps & (spent <= budget)).sum(axis=0)
    return np.asarray(affordable >= first.needed)


class _Search:
    """One budget's sets: from the empty one on, each extended by later flips, those that cost more or as much."""

    def __init__(
        self,
        first: FirstLayer,
        rest: Rest,
        costs: Integers,
        pixels: Integers,
        kept: Integers,
        budget: int,
        refuted: int,
        check: Callable[[], None],
    ) -> None:
        self._rest, self._costs, self._pixels, self._kept = rest, costs, pixels, kept
        self._budget, self._refuted, self._check = budget, refuted, check
        self._towards, self._needed = first.towards[pixels][:, kept], first.needed[kept]
        self._with, self._against = _packed(self._towards > 0), _packed(self._towards < 0)
        self._plain = bool(self._towards.all())
        self._cache = np.zeros((1 << CACHE_BITS, self._with.shape[1]), dtype=np.uint64)

    def run(self) -> Integers | None:
        """The places of flips that do it; None if there are none."""
        margins = np.maximum(-self._needed, -FAR).astype(np.int16)[np.newaxis]
        return self._from(np.zeros((1, 0), dtype=np.int32), margins, np.zeros(1, dtype=np.int64))

    def _from(self, sets: NDArray[np.int32], margins: NDArray[np.int16], spent: Integers) -> Integers | None:
        """A set that does it among those that begin so; None if there is none."""
        self._check()
        last = sets[:, -1].astype(np.int64) if sets.shape[1] else np.full(len(sets), -1)
        if (found := self._ended(sets, margins, spent, last)) is not None:
            return found
        # Another flip has to be affordable behind the next one: the cheapest is the one that follows.
        price = np.append(self._costs[:-1] + self._costs[1:], [self._budget + 1] * 2)
        going = np.flatnonzero(spent + price[last + 1] <= self._budget)
        places = np.arange(len(self._costs))
        step = max(1, STATES // len(places))
        for start in range(0, len(going), step):
            part = going[start : start + step]
            fits = (places > last[part, np.newaxis]) & (spent[part, np.newaxis] + price[:-1] <= self._budget)
            row, flip = np.nonzero(fits)
            row = part[row]
            grown = np.concatenate([sets[row], flip[:, np.newaxis].astype(np.int32)], axis=1)
            found = self._from(grown, margins[row] + self._towards[flip], spent[row] + self._costs[flip])
            if found is not None:
                return found
        return None

    def _ended(
        self, sets: NDArray[np.int32], margins: NDArray[np.int16], spent: Integers, last: Integers
    ) -> Integers | None:
        """One of these sets with one flip more that does it."""
        states = self._told(margins)
        chosen = _earliest(np.concatenate([spent[:, np.newaxis].astype(np.uint64), *states], axis=1), last)
        begin = 0
        while begin < len(chosen):
            self._check()
            # Those with an early last flip stand first: the others have fewer flips to come.
            start = int(last[chosen[begin]]) + 1
            rows = chosen[begin : begin + max(1, PAIRS // max(1, len(self._costs) - start))]
            begin += len(rows)
            patterns = self._patterns([state[rows] for state in states], start)
            row, column = self._unseen(patterns)
            flip = column + start
            total = spent[rows[row]] + self._costs[flip]
            fits = (flip > last[rows[row]]) & (total <= self._budget) & (total > self._refuted)
            row, column = row[fits], column[fits]
            new = self._remembered(patterns[row, column])
            if not new.size:
                continue
            row, column = row[new], column[new]
            changes = self._rest.changes(self._kept, _unpacked(patterns[row, column], len(self._kept)))
            if changes.any():
                which = int(np.argmax(changes))
                places: Integers = self._pixels[np.append(sets[rows[row[which]]], column[which] + start)]
                return places
        return None

    def _told(self, margins: NDArray[np.int16]) -> list[Words]:
        """What of sets (rows, words) one flip more depends on.

        Neurons that it leaves turned, and those that it turns if it goes their way; or, where a flip may leave a neuron
        as it is, those that are turned unless it goes the other way, and those that it turns if it goes theirs.
        """
        if self._plain:
            return [_packed(margins >= 1), _packed((margins == 0) | (margins == -1))]
        return [_packed(margins >= 1), _packed(margins == 0), _packed(margins == -1)]

    def _patterns(self, states: list[Words], start: int) -> Words:
        """Turned neurons (rows, flips, words) with each of the flips from a place on."""
        on, near, *below = (state[:, np.newaxis] for state in states)
        turned: Words = on | (near & (~self._against if below else self._with)[start:])
        if below:
            turned |= below[0] & self._with[start:]
        return turned

    def _slots(self, patterns: Words) -> Integers:
        return (_hashed(patterns) >> np.uint64(WORD - CACHE_BITS)).view(np.int64)

    def _unseen(self, patterns: Words) -> tuple[Integers, Integers]:
        """Rows and columns of patterns that are not remembered."""
        differ = self._cache[self._slots(patterns)] != patterns
        # Most are remembered: what is left is found quickest in one row.
        places = np.flatnonzero(differ if differ.shape[-1] == 1 else differ.any(axis=-1))
        return np.divmod(places, patterns.shape[1])

    def _remembered(self, patterns: Words) -> Integers:
        """Places of the first of each of some patterns, which are remembered from now on, instead of older ones."""
        hashed = _hashed(patterns)
        order = np.argsort(hashed, kind="stable")
        once = order[_fresh(np.concatenate([hashed[order, np.newaxis], patterns[order]], axis=1))]
        self._cache[self._slots(patterns[once])] = patterns[once]
        return np.sort(once)


def _earliest(keys: Words, last: Integers) -> Integers:
    """Of rows with equal keys one with the earliest last flip, these flips ascending.

    It has the most flips to come, and what they make of it they make of the others.
    """
    order = np.lexsort((last, *keys.T))
    chosen = order[_fresh(keys[order])]
    return np.asarray(chosen[np.argsort(last[chosen], kind="stable")])


def _fresh(rows: Words) -> Bits:
    """Which rows are not equal to the one before them."""
    fresh = np.ones(len(rows), dtype=np.bool_)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return fresh


def _hashed(words: Words) -> Words:
    """A word for each row of words; of one word it is another for each."""
    hashed = words[..., 0] * FACTORS[0]
    for word in range(1, words.shape[-1]):
        hashed = (hashed ^ (hashed >> np.uint64(31)) ^ words[..., word]) * FACTORS[word % len(FACTORS)]
    return np.asarray(hashed)


def _packed(bits: Bits) -> Words:
    """Rows of bits as words, the first bit the lowest."""
    width = -(-bits.shape[1] // WORD) * WORD
    padded = np.zeros((len(bits), width), dtype=np.bool_)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


def _unpacked(words: Words, n: int) -> Bits:
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, :n].astype(np.bool_)
