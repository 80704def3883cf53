"""Every neuron, and its complement, as the set of examples that it gets wrong: a voter.

A table of voters has one bit mask over the examples for each, by the number of its errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bnnsat.problem import Problem
from bnnsat.types import Bits, Integers

Masks = NDArray[np.uint64]
Counts = NDArray[np.int32]

BLOCK_NEURONS = 1 << 11
"""Neurons whose outputs are computed at once: those on a thousand examples stay in the cache."""


@dataclass(frozen=True, eq=False)
class Table:
    """Voters, neurons and complements, by their number of wrong examples, ascending; those with equal masks once.

    `masks` (words, voters) mark the wrong ones of `examples`; `errors` (voters,) counts them; `codes` are the
    neurons' weights as numbers, `complemented` says whether the voter is the neuron's complement.
    """

    examples: int
    masks: Masks
    errors: Integers
    codes: Integers
    complemented: Bits

    @classmethod
    def of(cls, problem: Problem, n: int, threshold: int) -> Self:
        """All neurons of n inputs with that threshold, and their complements."""
        rows = np.repeat(np.arange(len(problem.labels)), problem.costs)
        labels = problem.labels[rows] == 1
        masks = np.concatenate([packed(outputs[:, rows] != labels) for _, outputs in outputs(problem, n, threshold)])
        whole = packed(np.ones((1, len(labels)), dtype=np.bool_))
        masks = np.concatenate([masks, masks ^ whole])
        least = np.flatnonzero(~_dominated(masks, n))
        return cls.listed(masks[least], least, n, len(labels))

    @classmethod
    def listed(cls, masks: Masks, codes: Integers, n: int, examples: int) -> Self:
        """Voters with these masks (voters, words) over the examples; the codes of complements begin at 2^n."""
        _, first = np.unique(masks, axis=0, return_index=True)
        errors = np.bitwise_count(masks[first]).sum(axis=1, dtype=np.int64)
        order = first[np.argsort(errors, kind="stable")]
        words, codes = np.ascontiguousarray(masks[order].T), codes[order]
        return cls(examples, words, np.sort(errors), codes & ((1 << n) - 1), codes >= 1 << n)


def outputs(problem: Problem, n: int, threshold: int) -> Iterator[tuple[Integers, Bits]]:
    """All neurons in blocks: their weights as numbers, the first bit the highest, and outputs (neurons, rows)."""
    for start in range(0, 1 << n, BLOCK_NEURONS):
        codes = np.arange(start, min(start + BLOCK_NEURONS, 1 << n))
        yield codes, _outputs(codes, problem.inputs, threshold)


def sharing(problem: Problem, n: int, threshold: int, label: int, errors: int) -> Iterator[tuple[Masks, Integers]]:
    """Voters that get fewer than `errors` examples with that label wrong, in blocks: masks (voters, words) and codes.

    The codes of complements begin at 2^n.
    """
    rows = np.repeat(np.arange(len(problem.labels)), problem.costs)
    labels, own = problem.labels[rows] == 1, problem.labels == label
    # Of most neurons no more has to be seen than what they say of these.
    inputs, costs = problem.inputs[own], problem.costs[own].astype(np.float32)
    for start in range(0, 1 << n, BLOCK_NEURONS):
        codes = np.arange(start, min(start + BLOCK_NEURONS, 1 << n))
        wrong = (_outputs(codes, inputs, threshold) != (label == 1)).astype(np.float32) @ costs
        for complemented, counts in ((False, wrong), (True, costs.sum() - wrong)):
            kept = codes[counts < errors]
            outputs = _outputs(kept, problem.inputs, threshold)[:, rows] ^ complemented
            yield packed(outputs != labels), kept + (complemented << n)


def _outputs(codes: Integers, inputs: Bits, threshold: int) -> Bits:
    """Of neurons (neurons, rows)."""
    n = inputs.shape[1]
    weights, signs = 2 * bits(codes, n).astype(np.float32) - 1, 2 * inputs.astype(np.float32) - 1
    return np.asarray(weights @ signs.T >= 2 * threshold - n, dtype=np.bool_)


def bits(codes: Integers, n: int) -> Bits:
    """Numbers as rows of n bits, the highest first."""
    return np.asarray((codes[:, np.newaxis] >> np.arange(n - 1, -1, -1)) & 1, dtype=np.bool_)


def _dominated(masks: Masks, n: int) -> Bits:
    """Which voters (neurons, then complements) get more wrong than one that differs in a weight or two, and all that
    it does: no network is worse with the other.
    """
    words, codes = np.ascontiguousarray(masks.T), np.arange(2 << n)
    dominated = np.zeros(2 << n, dtype=np.bool_)
    for one in range(n):
        for other in range(one + 1):
            changed = codes ^ (1 << one | 1 << other)
            fewer, more = np.zeros((2, 2 << n), dtype=np.bool_)
            for word in words:
                there = word[changed]
                fewer |= word & ~there != 0
                more |= there & ~word != 0
            dominated |= fewer & ~more
    return dominated


def packed(bits: Bits) -> Masks:
    """Rows of bits as rows of 64-bit words."""
    padded = np.zeros((len(bits), -(-bits.shape[1] // 64) * 64), dtype=np.bool_)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1).view(np.uint64)


def unpacked(masks: Masks, examples: int) -> Bits:
    """Masks (words, voters) as (voters, examples)."""
    bits = np.unpackbits(np.ascontiguousarray(masks.T).view(np.uint8), axis=1)
    return bits[:, :examples].view(np.bool_)


def ones(words: Iterable[Masks], count: int) -> Counts:
    """How many bits are set in `count` masks, whose words come one after the other."""
    total = np.zeros(count, dtype=np.int32)
    for word in words:
        total += np.bitwise_count(word)
    return total
