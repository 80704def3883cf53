"""Every neuron as the set of examples it gets wrong: small popcount networks by enumeration.

With up to some twenty inputs all 2^n neurons can be written down as bit masks over the examples. The
output's weights over m hidden neurons are absorbed by taking neurons and their complements, so a
network n-m-1 is m *voters*, of which at least T have to say 1. With one voter the best is the
least of the table; with three and T = 2 the examples that any two get wrong are wrong, which prunes
a search over triples in the order of their errors; two voters are three with a constant one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.problem import Problem
from bnnsat.network import Network
from bnnsat.search.found import Found
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

Masks = NDArray[np.uint64]
Floats = NDArray[np.float32]
Integers32 = NDArray[np.int32]

BLOCK = 1 << 13
"""Neurons whose outputs are computed at once."""
PAIRS = 256
"""Voters that are paired with all others at once."""
FIRSTS = 64
"""After so many first voters one more is looked at in one go."""
STARTS = 30
"""Random triples from which a descent starts."""


def fits(shape: Shape, examples: int) -> bool:
    """Whether a shape is n-1, n-1-1, n-2-1 or n-3-1 of popcounts, and small enough for its table to beat a solver."""
    if shape.activation != "popcount" or shape.head != "bit" or shape.layers > 2 or len(set(shape.thresholds[0])) > 1:
        return False
    # Errors are counted in single precision, which is exact below 2^24.
    if not shape.plain or examples >= 1 << 24:
        return False
    n, voters = shape.sizes[0], _voters(shape)
    if voters == 1:
        return n <= 22 and examples << n <= 1 << 33 and (shape.layers == 1 or shape.thresholds[1] == (1,))
    wanted = shape.thresholds[1][0] in (1, 2) if voters == 2 else voters == 3 and shape.thresholds[1][0] == 2
    return wanted and n <= 16 and examples <= 1000


def enumerate_networks(problem: Problem, shape: Shape, errors: int, jobs: int = 1) -> Iterator[Found | None]:
    """Ever better networks, with fewer than `errors` errors; nothing better exists once this ends.

    A None now and then gives the caller time to look at the clock; `jobs` threads are used. Raises
    ValueError for shapes that do not fit.
    """
    if not fits(shape, problem.examples):
        raise ValueError(f"no tables for {shape.topology}")
    voters = _voters(shape)
    if voters == 1:
        yield from _singles(problem, shape, errors)
        return
    table = Table.of(problem, shape.sizes[0], shape.thresholds[0][0])
    yield None
    labels = np.repeat(problem.labels, problem.weights) == 1
    if voters == 2:
        # Two of which one has to say 1 are three with a third that always does; with both, that never does.
        always = ~labels if shape.thresholds[1] == (1,) else labels
        found = _pairs(table, always, errors)
    else:
        found = _triples(table, len(labels), errors, jobs)
    for places in found:
        if places is None:
            yield None
        else:
            yield _network(shape, table.codes[places[0]], table.complemented[places[0]]), places[1]


def _voters(shape: Shape) -> int:
    return shape.sizes[1] if shape.layers == 2 else 1


def _outputs(problem: Problem, n: int, threshold: int) -> Iterator[tuple[Integers, Bits]]:
    """All neurons in blocks: their weights as numbers, the first bit the highest, and outputs (neurons, rows)."""
    signs = 2 * problem.inputs.astype(np.float32) - 1
    for start in range(0, 1 << n, BLOCK):
        codes = np.arange(start, min(start + BLOCK, 1 << n))
        weights = 2 * _bits(codes, n).astype(np.float32) - 1
        yield codes, (weights @ signs.T + n) / 2 >= threshold


def _singles(problem: Problem, shape: Shape, errors: int) -> Iterator[Found | None]:
    """Single neurons, and their complements where a second layer of one neuron can make them."""
    weights = problem.weights.astype(np.float32)
    for codes, outputs in _outputs(problem, shape.sizes[0], shape.thresholds[0][0]):
        wrong = (outputs != (problem.labels == 1)).astype(np.float32) @ weights
        for complemented in (False, True)[: shape.layers]:
            counts = problem.examples - wrong if complemented else wrong
            best = int(np.argmin(counts))
            if counts[best] < errors:
                errors = int(counts[best])
                yield _network(shape, codes[[best]], np.array([complemented])), errors
        yield None


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
        masks = np.concatenate([_packed(outputs[:, rows] != labels) for _, outputs in _outputs(problem, n, threshold)])
        whole = _packed(np.ones((1, len(labels)), dtype=np.bool_))
        masks = np.concatenate([masks, masks ^ whole])
        _, first = np.unique(masks, axis=0, return_index=True)
        errors = np.bitwise_count(masks[first]).sum(axis=1, dtype=np.int64)
        order = first[np.argsort(errors, kind="stable")]
        return cls(masks[order], np.sort(errors), order & ((1 << n) - 1), order >= 1 << n)


Places = tuple[list[int], int]
"""Voters by their places in a table, and the examples that they get wrong together."""


def _pairs(table: Table, third: Bits, errors: int) -> Iterator[Places | None]:
    """Pairs that get ever fewer examples wrong together with a third voter, wrong where `third` (examples,) says."""
    for places, found in _descents(table, len(third), _packed(third[np.newaxis])[0]):
        if found < errors:
            errors = found
            yield places, errors
    wrong = _unpacked(table.masks, len(third))
    shared = np.bitwise_count(table.masks & _packed(third[np.newaxis])).sum(axis=1, dtype=np.int32)
    for a, b, fewer in _with(table, wrong, 0, third, errors, shared):
        yield [a, b], fewer
    yield None


def _triples(table: Table, examples: int, errors: int, jobs: int) -> Iterator[Places | None]:
    """Triples with ever fewer examples that two of them get wrong, below `errors`."""
    for triple, found in _descents(table, examples, None):
        if found < errors:
            errors = found
            yield triple, errors
    wrong = _unpacked(table.masks, examples)
    first = 0
    with ThreadPoolExecutor(jobs) as pool:
        # The three numbers of errors add up to at most examples + 2 * errors: each example that is
        # right has at most one voter wrong, each that is wrong at most three.
        while first < len(table.errors) and 3 * table.errors[first] <= examples + 2 * (errors - 1):
            # Few of the first ones, which have many partners, and many of the last, which have hardly any.
            each = 1 + first // FIRSTS
            blocks = [range(f, min(f + each, len(table.errors))) for f in range(first, first + 4 * each * jobs, each)]
            # Numpy lets go of Python's lock in the long operations.
            for places in pool.map(partial(_best_with, table, wrong, errors), blocks):
                if places is not None and places[1] < errors:
                    errors = places[1]
                    yield places
            yield None
            first = blocks[-1].stop


def _best_with(table: Table, wrong: Floats, errors: int, firsts: range) -> Places | None:
    """The best three voters, the first of which is one of those and neither other before it, if they beat `errors`."""
    best: Places | None = None
    if not firsts:
        return None
    spare = wrong.shape[1] + 2 * (errors - 1) - 2 * int(table.errors[firsts[0]])
    last = int(np.searchsorted(table.errors, spare, side="right"))
    overlaps = (wrong[firsts] @ wrong[firsts[0] : last].T).astype(np.int32)
    for first, shared in zip(firsts, overlaps, strict=True):
        for a, b, fewer in _with(table, wrong, first, wrong[first] > 0, errors, shared[first - firsts[0] :]):
            best, errors = ([first, a, b], fewer), fewer
    return best


def _with(
    table: Table, wrong: Floats, first: int, third: Bits, errors: int, shared: Integers32
) -> Iterator[tuple[int, int, int]]:
    """Two voters, neither before `first` in the table, that get fewer examples wrong together with a third.

    `wrong` are the table's masks as zeros and ones; `third` (examples,) marks the third voter's wrong ones, of which
    `shared` counts those of each voter from `first` on, as far as they may matter.
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
    kept, own_share = kept[: max(live, default=-1) + 1], shared.astype(np.float32)[:, np.newaxis]
    own_share, ones = own_share[: len(kept)], np.ones((len(kept), 1), dtype=np.float32)
    # Where the third is wrong, an example is lost unless both others are right; where it is right, only if
    # both are wrong: with a sign per example, and two columns for what each shares, all of it is one product.
    voters = np.concatenate([wrong[first + kept], ones, own_share], axis=1)
    signs = 1 - 2 * third.astype(np.float32)
    signed = np.concatenate([voters[:, :-2] * signs, own_share, ones], axis=1)
    for start in range(0, len(live), PAIRS):
        some = live[start : start + PAIRS]
        end = int(ends[some[0]])
        together = signed[some] @ voters[:end].T
        best = int(np.argmin(together))
        if together.flat[best] < errors:
            errors = int(together.flat[best])
            yield first + int(kept[some[best // end]]), first + int(kept[best % end]), errors


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


def _network(shape: Shape, codes: Integers, complemented: Bits) -> Network:
    return Network.of(shape, [_bits(codes, shape.sizes[0]), [~complemented]][: shape.layers])


def _bits(codes: Integers, n: int) -> Bits:
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
