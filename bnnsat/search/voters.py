"""Three voters, neurons or their complements, that get the fewest examples wrong together, by branch and bound.

Each voter is the set of examples that it gets wrong, as a bit mask; an example is lost where two of the three are
wrong. In the order of their errors, the first voter's and the overlaps of any two bound what a triple can cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.problem import Problem
from bnnsat.types import Bits, Floats, Integers

Masks = NDArray[np.uint64]
Integers32 = NDArray[np.int32]

BLOCK = 1 << 13
"""Neurons whose outputs are computed at once."""
PAIRS, TILE = 256, 2048
"""So many voters are paired with so many others at once: their table stays in the cache."""
LOOK = 96
"""Examples on which pairs are compared before the others are looked at."""
FIRSTS = 64
"""After so many first voters one more is looked at in one go."""
STARTS = 30
"""Random triples from which a descent starts."""


@dataclass(frozen=True, eq=False)
class Table:
    """Voters, neurons and complements, by their number of wrong examples, ascending; those with equal masks once.

    `masks` (voters, words) mark the wrong examples; `errors` (voters,) counts them; `codes` are the
    neurons' weights as numbers, `complemented` says whether the voter is the neuron's complement.
    """

    masks: Masks
    errors: Integers
    codes: Integers
    complemented: Bits

    @classmethod
    def of(cls, problem: Problem, n: int, threshold: int) -> Table:
        """All neurons of n inputs with that threshold, and their complements."""
        rows = np.repeat(np.arange(len(problem.labels)), problem.weights)
        labels = problem.labels[rows] == 1
        masks = np.concatenate([_packed(outputs[:, rows] != labels) for _, outputs in outputs(problem, n, threshold)])
        whole = _packed(np.ones((1, len(labels)), dtype=np.bool_))
        masks = np.concatenate([masks, masks ^ whole])
        _, first = np.unique(masks, axis=0, return_index=True)
        errors = np.bitwise_count(masks[first]).sum(axis=1, dtype=np.int64)
        order = first[np.argsort(errors, kind="stable")]
        return cls(masks[order], np.sort(errors), order & ((1 << n) - 1), order >= 1 << n)


@dataclass(frozen=True, eq=False)
class Look:
    """Some examples, each once, that the better voters often get wrong: what pairs cost there bounds what they cost.

    `places` (LOOK,) say where they stand in the masks, `weights` (LOOK,) how often, and `wrong` (voters, LOOK) is 1
    where a voter is wrong.
    """

    places: Integers
    weights: Floats
    wrong: Floats

    @classmethod
    def of(cls, wrong: Floats, weights: Integers) -> Look:
        """From the masks as zeros and ones, in which an example stands as often as `weights` say, one behind the
        other: those that the better half of the voters pay most for.
        """
        places = np.cumsum(weights) - weights
        cost = wrong[: -(-len(wrong) // 2)].sum(axis=0)[places] * weights
        chosen = np.argsort(-cost, kind="stable")[:LOOK]
        places = places[chosen]
        return cls(places, weights[chosen].astype(np.float32), np.ascontiguousarray(wrong[:, places]))


Places = tuple[list[int], int]
"""Voters by their places in a table, and the examples that they get wrong together."""


def pairs(table: Table, weights: Integers, third: Bits, errors: int) -> Iterator[Places | None]:
    """Pairs that get ever fewer examples wrong together with a third voter, wrong where `third` (examples,) says."""
    for places, found in _descents(table, len(third), _packed(third[np.newaxis])[0]):
        if found < errors:
            errors = found
            yield places, errors
    look = Look.of(_unpacked(table.masks, len(third)), weights)
    shared = np.bitwise_count(table.masks & _packed(third[np.newaxis])).sum(axis=1, dtype=np.int32)
    for a, b, fewer in _with(table, look, 0, third, errors, shared):
        yield [a, b], fewer
    yield None


def triples(table: Table, weights: Integers, errors: int, jobs: int) -> Iterator[Places | None]:
    """Triples with ever fewer examples that two of them get wrong, below `errors`."""
    examples = int(weights.sum())
    for triple, found in _descents(table, examples, None):
        if found < errors:
            errors = found
            yield triple, errors
    wrong = _unpacked(table.masks, examples)
    look = Look.of(wrong, weights)
    first = 0
    with ThreadPoolExecutor(jobs) as pool:
        # The three numbers of errors add up to at most examples + 2 * errors: each example that is
        # right has at most one voter wrong, each that is wrong at most three.
        while first < len(table.errors) and 3 * table.errors[first] <= examples + 2 * (errors - 1):
            # Few of the first ones, which have many partners, and many of the last, which have hardly any.
            each = 1 + first // FIRSTS
            blocks = [range(f, min(f + each, len(table.errors))) for f in range(first, first + 4 * each * jobs, each)]
            # Numpy lets go of Python's lock in the long operations.
            for places in pool.map(partial(_best_with, table, wrong, look, errors), blocks):
                if places is not None and places[1] < errors:
                    errors = places[1]
                    yield places
            yield None
            first = blocks[-1].stop


def _best_with(table: Table, wrong: Floats, look: Look, errors: int, firsts: range) -> Places | None:
    """The best three voters, the first of which is one of those and neither other before it, if they beat `errors`."""
    best: Places | None = None
    if not firsts:
        return None
    spare = wrong.shape[1] + 2 * (errors - 1) - 2 * int(table.errors[firsts[0]])
    last = int(np.searchsorted(table.errors, spare, side="right"))
    overlaps = (wrong[firsts] @ wrong[firsts[0] : last].T).astype(np.int32)
    for first, shared in zip(firsts, overlaps, strict=True):
        for a, b, fewer in _with(table, look, first, wrong[first] > 0, errors, shared[first - firsts[0] :]):
            best, errors = ([first, a, b], fewer), fewer
    return best


def _with(
    table: Table, look: Look, first: int, third: Bits, errors: int, shared: Integers32
) -> Iterator[tuple[int, int, int]]:
    """Two voters, neither before `first` in the table, that get fewer examples wrong together with a third.

    `third` (examples,) marks the third voter's wrong examples, of which `shared` counts those of each voter from
    `first` on, as far as they may matter.
    """
    examples, own = len(third), int(third.sum())
    # Where the third is right, errors of the other two overlap at least by what exceeds that room.
    rest, room = table.errors[first : first + len(shared)] - shared, examples - own
    kept = np.flatnonzero(shared < errors)
    if not len(kept):
        return
    # Whoever cannot go with the best of all is out.
    kept = kept[rest[kept] + shared[kept] <= room + errors - 1 - rest[kept].min()]
    kept = kept[np.argsort(rest[kept], kind="stable")]
    rest, shared = rest[kept], shared[kept]
    ends = np.searchsorted(rest, room + errors - 1 - shared - rest, side="right")
    ends = np.minimum(ends, np.arange(1, len(kept) + 1))
    live = np.argsort(-ends, kind="stable")[: np.count_nonzero(ends)]
    kept = first + kept[: max(live, default=-1) + 1]
    # Where the third is wrong, an example is lost unless both others are right; where it is right, only if
    # both are wrong: with a sign per example, and two columns for what each shares, all of it is one product.
    wrong, lost = look.wrong[kept], third[look.places]
    own_share, ones = (wrong @ (look.weights * lost))[:, np.newaxis], np.ones((len(kept), 1), dtype=np.float32)
    voters = np.concatenate([wrong, ones, own_share], axis=1)
    signed = np.concatenate([wrong * np.where(lost, -look.weights, look.weights), own_share, ones], axis=1)
    masks, third_mask = table.masks[kept], _packed(third[np.newaxis])[0]
    for start in range(0, len(live), PAIRS):
        some = live[start : start + PAIRS]
        end = int(ends[some[0]])
        for tile in range(0, end, TILE):
            at_least = signed[some] @ voters[tile : min(tile + TILE, end)].T
            # What the examples looked at cost bounds what all do; few pairs are left to be counted.
            one, other = np.divmod(np.flatnonzero(at_least < errors), at_least.shape[1])
            if not len(one):
                continue
            one, other = some[one], tile + other
            left, right = masks[one], masks[other]
            together = np.bitwise_count((left & right) | (left | right) & third_mask).sum(axis=1, dtype=np.int64)
            best = int(np.argmin(together))
            if together[best] < errors:
                errors = int(together[best])
                yield int(kept[one[best]]), int(kept[other[best]]), errors


def _descents(table: Table, examples: int, third: Masks | None) -> Iterator[Places]:
    """Good triples, or pairs with a given third: from random ones, exchange one voter at a time while that helps."""
    rng = np.random.default_rng(0)
    voters = 3 if third is None else 2
    good = min(len(table.errors), max(3, int(np.searchsorted(table.errors, examples / 3))))
    for _ in range(STARTS):
        places = rng.integers(good, size=voters).tolist()
        fewest, stuck, place = examples + 1, 0, 0
        while stuck < voters:
            others = [table.masks[p] for i, p in enumerate(places) if i != place]
            a, b = others if third is None else (others[0], third)
            wrong = np.bitwise_count((table.masks & (a ^ b)) | (a & b)).sum(axis=1, dtype=np.int64)
            best = int(np.argmin(wrong))
            stuck = 0 if wrong[best] < fewest else stuck + 1
            if wrong[best] < fewest:
                places[place], fewest = best, int(wrong[best])
            place = (place + 1) % voters
        yield places, fewest


def outputs(problem: Problem, n: int, threshold: int) -> Iterator[tuple[Integers, Bits]]:
    """All neurons in blocks: their weights as numbers, the first bit the highest, and outputs (neurons, rows)."""
    signs = 2 * problem.inputs.astype(np.float32) - 1
    for start in range(0, 1 << n, BLOCK):
        codes = np.arange(start, min(start + BLOCK, 1 << n))
        weights = 2 * bits(codes, n).astype(np.float32) - 1
        yield codes, (weights @ signs.T + n) / 2 >= threshold


def bits(codes: Integers, n: int) -> Bits:
    """Numbers as rows of n bits, the highest first."""
    return np.asarray((codes[:, np.newaxis] >> np.arange(n - 1, -1, -1)) & 1, dtype=np.bool_)


def _packed(bits: Bits) -> Masks:
    """Rows of bits as rows of 64-bit words."""
    padded = np.zeros((len(bits), -(-bits.shape[1] // 64) * 64), dtype=np.bool_)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1).view(np.uint64)


def _unpacked(masks: Masks, examples: int) -> Floats:
    bits = np.unpackbits(np.ascontiguousarray(masks).view(np.uint8), axis=1)
    return bits[:, :examples].astype(np.float32)
