"""Every neuron as the set of examples it gets wrong: small popcount networks by enumeration.

With up to some twenty inputs all 2^n neurons can be written down as bit masks over the examples. The
output's weights over m hidden neurons are absorbed by taking neurons and their complements, so a
network n-m-1 is m *voters*, of which at least T have to say 1. With one voter the best is the
least of the table; with three and T = 2 the examples that any two get wrong are wrong, which prunes
a search over triples in the order of their errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.problem import Problem
from bnnsat.network import Network
from bnnsat.search.found import Found
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

Masks = NDArray[np.uint64]
Floats = NDArray[np.float32]

BLOCK = 1 << 13
"""Neurons whose outputs are computed at once."""
PAIRS = 256
"""Voters that are paired with all others at once."""
STARTS = 60
"""Random triples from which a descent starts."""


def fits(shape: Shape, examples: int) -> bool:
    """Whether a shape is n-1, n-1-1 or n-3-1 of popcounts, and small enough for its table to beat a solver."""
    if shape.activation != "popcount" or shape.head != "bit" or len(set(shape.thresholds[0])) > 1:
        return False
    n = shape.sizes[0]
    if shape.layers == 1 or (shape.layers == 2 and shape.sizes[1] == 1):
        return n <= 22 and examples << n <= 1 << 33
    three = shape.layers == 2 and shape.sizes[1] == 3 and shape.thresholds[1] == (2,)
    return three and n <= 15 and examples <= 1000


@dataclass(frozen=True, eq=False)
class Table:
    """Voters by their number of wrong examples, ascending; those with equal masks once.

    `masks` (voters, words) mark the wrong examples; `errors` (voters,) counts them; `codes` and
    `complemented` (voters,) say which neuron it is: its weights as a number, first bit the highest.
    """

    masks: Masks
    errors: Integers
    codes: Integers
    complemented: Bits

    @classmethod
    def of(cls, problem: Problem, n: int, threshold: int, *, complements: bool) -> Table:
        """All neurons of n inputs with that threshold, and their complements if wanted."""
        signs = 2 * np.repeat(problem.inputs, problem.weights, axis=0).astype(np.float32) - 1
        labels = np.repeat(problem.labels, problem.weights) == 1
        parts = []
        for start in range(0, 1 << n, BLOCK):
            weights = 2 * _bits(np.arange(start, min(start + BLOCK, 1 << n)), n).astype(np.float32) - 1
            wrong = ((weights @ signs.T + n) / 2 >= threshold) != labels
            parts.append(_packed(wrong))
        masks, codes = np.concatenate(parts), np.arange(1 << n)
        complemented = np.zeros(len(codes), dtype=np.bool_)
        if complements:
            whole = _packed(np.ones((1, len(labels)), dtype=np.bool_))
            masks = np.concatenate([masks, masks ^ whole])
            complemented = np.arange(2 << n) >= 1 << n
            codes = np.concatenate([codes, codes])
        _, first = np.unique(masks, axis=0, return_index=True)
        errors = np.bitwise_count(masks[first]).sum(axis=1, dtype=np.int64)
        order = first[np.argsort(errors, kind="stable")]
        return cls(masks[order], np.sort(errors), codes[order], complemented[order])


def enumerate_networks(problem: Problem, shape: Shape, errors: int) -> Iterator[Found | None]:
    """Ever better networks, with fewer than `errors` errors; nothing better exists once this ends.

    A None now and then gives the caller time to look at the clock.
    """
    n, layers = shape.sizes[0], shape.layers
    table = Table.of(problem, n, shape.thresholds[0][0], complements=layers == 2)
    yield None
    voters = shape.sizes[1] if layers == 2 else 1
    if voters == 1:
        if layers == 2 and shape.thresholds[1] != (1,):
            raise ValueError("an output over one neuron has threshold 1")
        if table.errors[0] < errors:
            yield _network(shape, table, [0]), int(table.errors[0])
        return
    for triple in _triples(table, problem.examples, errors):
        yield None if triple is None else (_network(shape, table, triple), _together(table.masks[triple]))


def _triples(table: Table, examples: int, errors: int) -> Iterator[list[int] | None]:
    """Places of three voters with ever fewer examples that two of them get wrong, below `errors`."""
    for triple in _descents(table, examples):
        wrong = _together(table.masks[triple])
        if wrong < errors:
            errors = wrong
            yield triple
    wrong_examples = _unpacked(table.masks, examples)
    first = 0
    # The three numbers of errors add up to at most examples + 2 * wrong: each example that is
    # right has at most one voter wrong, each that is wrong at most three.
    while first < len(table.errors) and 3 * table.errors[first] <= examples + 2 * (errors - 1):
        for triple in _with_first(table, wrong_examples, first, errors):
            errors = _together(table.masks[triple])
            yield triple
        yield None
        first += 1


def _with_first(table: Table, wrong_examples: Floats, first: int, errors: int) -> Iterator[list[int]]:
    """The search over the other two voters, neither of them before `first` in the table."""
    examples, own = wrong_examples.shape[1], int(table.errors[first])
    spare = examples + 2 * (errors - 1) - own
    last = int(np.searchsorted(table.errors, spare - own, side="right"))
    shared = np.bitwise_count(table.masks[first:last] & table.masks[first]).sum(axis=1, dtype=np.int64)
    kept = np.flatnonzero(shared < errors)
    # Where `first` is right, errors of the other two overlap at least by what exceeds that room.
    rest = table.errors[first:last][kept] - shared[kept]
    kept, rest = kept[np.argsort(rest, kind="stable")], np.sort(rest)
    shared, room = shared[kept], examples - own
    ends = np.searchsorted(rest, room + errors - 1 - shared - rest, side="right")
    ends = np.minimum(ends, np.arange(1, len(kept) + 1))
    live = np.flatnonzero(ends > 0)
    voters = wrong_examples[first + kept[: live[-1] + 1 if len(live) else 0]]
    # Where `first` is wrong, an example is lost unless both others are right; where it is right, only if
    # both are wrong: with a sign per example both cases are one product.
    signed = voters * (1 - 2 * wrong_examples[first])
    for start in range(0, len(live), PAIRS):
        some = live[start : start + PAIRS]
        end = int(ends[some].max())
        wrong = signed[some] @ voters[:end].T + shared[some, np.newaxis] + shared[:end]
        best = int(np.argmin(wrong))
        if wrong.flat[best] < errors:
            errors = int(wrong.flat[best])
            yield [first, first + int(kept[some[best // end]]), first + int(kept[best % end])]


def _descents(table: Table, examples: int) -> Iterator[list[int]]:
    """Good triples: from random ones, exchange one voter at a time for the best while that helps."""
    rng = np.random.default_rng(0)
    good = min(len(table.errors), max(3, int(np.searchsorted(table.errors, examples / 3))))
    for _ in range(STARTS):
        triple = rng.integers(good, size=3).tolist()
        fewest, stuck, place = examples + 1, 0, 0
        while stuck < 3:
            a, b = (table.masks[triple[other]] for other in range(3) if other != place)
            wrong = np.bitwise_count((table.masks & (a ^ b)) | (a & b)).sum(axis=1, dtype=np.int64)
            best = int(np.argmin(wrong))
            stuck = 0 if wrong[best] < fewest else stuck + 1
            if wrong[best] < fewest:
                triple[place], fewest = best, int(wrong[best])
            place = (place + 1) % 3
        yield triple


def _together(masks: Masks) -> int:
    """The examples that at least two of three voters get wrong."""
    a, b, c = masks
    return int(np.bitwise_count((a & b) | (a & c) | (b & c)).sum())


def _network(shape: Shape, table: Table, places: list[int]) -> Network:
    weights = _bits(table.codes[places], shape.sizes[0])
    return Network.of(shape, [weights, [~table.complemented[places]]][: shape.layers])


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
