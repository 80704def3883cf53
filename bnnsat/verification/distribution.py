"""How many inputs have each pattern of a first layer's bits.

Neurons of popcounts see nothing of an input but as many counts. Part by part, the inputs with each vector of counts are
a table, which few neurons keep small. Half-comparisons are followed likewise: each has not decided yet, or said 0 or 1.
Numbers beyond a word are counted modulo several primes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.types import Bits, Integers
from bnnsat.verification.alike import alike, spread

MOST_STATES = 1 << 25
"""Of the table."""
WORD_BITS, PRIME_BITS = 62, 30
"""Numbers below 2^62 are counted as they are; each prime tells 30 bits of others."""
STATUSES = 3
"""Of a half-comparison: undecided, 0, 1."""


@dataclass(frozen=True, eq=False)
class Threshold:
    """A sum of bits that is compared with a number.

    Attributes:
        weights: (bits,) of each bit that is 1.
        least: the result is 1 from this sum on.
    """

    weights: Integers
    least: int


def thresholds(network: Network, order: Integers, bits: int) -> list[Threshold]:
    """The neurons of a network's first layer.

    Args:
        network: of popcounts.
        order: (n,) which bit each of its inputs reads.
        bits: how many there are.
    """
    shape, weights = network.shape, network.matrices()[0]
    read = np.zeros((len(weights), bits), dtype=np.int64)
    np.add.at(read.T, order[shape.sources(0)], (2 * weights.astype(np.int64) - 1).T)
    # A weight 0 agrees with each input that is 0.
    base = (~weights.astype(np.bool_)).sum(axis=1)
    return [Threshold(row, int(t - b)) for row, t, b in zip(read, shape.thresholds[0], base, strict=True)]


def states(inputs: Inputs, neurons: Sequence[Threshold]) -> int:
    """How many numbers there are in the table of some neurons, those that are alike once, or in that of all their bits.

    Args:
        inputs: that there are.
        neurons: sums of their bits.
    """
    left, _, _ = alike([(neuron.weights, neuron.least) for neuron in neurons])
    return max(Sums(inputs, [neurons[place] for place in left]).states, 1 << len(neurons))


def by_counts(inputs: Inputs, neurons: Sequence[Threshold], check: Callable[[], None]) -> list[int]:
    """How many inputs make these neurons' bits each number, (2^neurons), the first neuron's the highest.

    Args:
        inputs: that there are.
        neurons: sums of their bits.
        check: raises TimeoutError once there is no time left.
    """
    left, places, opposite = alike([(neuron.weights, neuron.least) for neuron in neurons])
    sums = Sums(inputs, [neurons[place] for place in left])
    return spread(exact(inputs.total, lambda modulus: sums.table(modulus, check)), places, opposite)


def by_pairs(inputs: Inputs, networks: Sequence[tuple[Network, Integers]], check: Callable[[], None]) -> list[int]:
    """The same for half-comparisons that read the same pairs of bits in the same order, the first network's first.

    Args:
        inputs: whose parts are single bits, each read once.
        networks: each with which bit each of its inputs reads.
        check: raises TimeoutError once there is no time left.
    """
    order = networks[0][1]
    weights = np.concatenate([network.matrices()[0] for network, _ in networks]).astype(np.bool_)
    return exact(inputs.total, lambda modulus: _decided(inputs, order, weights, modulus, check))


class Sums:
    """The sums of some neurons, part by part.

    Args:
        inputs: that there are.
        neurons: sums of their bits.

    Attributes:
        steps: of each part the vector (patterns, neurons) that each pattern adds, from the least of any.
        spans: (neurons,) how far the sums go.
    """

    def __init__(self, inputs: Inputs, neurons: Sequence[Threshold]) -> None:
        weights = np.stack([neuron.weights for neuron in neurons], axis=1)
        vectors = [part.patterns.astype(np.int64) @ weights[part.places] for part in inputs.parts]
        low = [vector.min(axis=0) for vector in vectors]
        steps = [vector - least for vector, least in zip(vectors, low, strict=True)]
        # Ternary weights change sums by two.
        self._unit = np.maximum(1, np.gcd.reduce(np.concatenate(steps), axis=0))
        self.steps = [step // self._unit for step in steps]
        self.spans = np.sum([step.max(axis=0) for step in self.steps], axis=0)
        due = np.array([neuron.least for neuron in neurons]) - np.sum(low, axis=0)
        self._split = np.clip(-(-due // self._unit), 0, self.spans + 1)

    @property
    def states(self) -> int:
        """How many numbers there are in the table of all sums."""
        return prod(int(span) + 1 for span in self.spans)

    def table(self, modulus: int | None, check: Callable[[], None]) -> Integers:
        """Numbers of inputs by the neurons' bits, (2^neurons,).

        Args:
            modulus: of the numbers; None for none.
            check: raises TimeoutError once there is no time left.
        """
        table = np.ones((1,) * len(self.spans), dtype=np.int64)
        for steps in self.steps:
            check()
            grown = np.zeros(np.array(table.shape) + steps.max(axis=0), dtype=np.int64)
            for vector in steps:
                grown[tuple(slice(v, v + size) for v, size in zip(vector, table.shape, strict=True))] += table
            table = grown if modulus is None else grown % modulus
        return self.compared(table, modulus).reshape(-1)

    def compared(self, table: Integers, modulus: int | None) -> Integers:
        """A table by the neurons' bits in place of their sums, its first axes.

        Args:
            table: (spans + 1, ...) numbers of inputs.
            modulus: of the numbers; None for none.
        """
        for axis, split in enumerate(self._split):
            below, above = np.split(table, [split], axis=axis)
            table = np.stack([below.sum(axis=axis), above.sum(axis=axis)], axis=axis)
            table = table if modulus is None else table % modulus
        return table


def _decided(
    inputs: Inputs, order: Integers, weights: Bits, modulus: int | None, check: Callable[[], None]
) -> Integers:
    """Numbers of inputs by what half-comparisons say, (2^neurons,)."""
    half, neurons = len(order) // 2, len(weights)
    values = {int(part.places[0]): part.patterns[:, 0] for part in inputs.parts}
    table = np.zeros((STATUSES,) * neurons, dtype=np.int64)
    table[(0,) * neurons] = 1
    for place in range(half):
        check()
        grown = np.zeros_like(table)
        for upper in values[int(order[place])]:
            for lower in values[int(order[place + half])]:
                says = weights[:, place] == upper
                differ = says != (weights[:, place + half] == lower)
                grown += decided(table, 0, says, differ)
        table = grown if modulus is None else grown % modulus
    return greater(table, 0).reshape(-1)


def decided(table: Integers, first: int, says: Bits, differ: Bits) -> Integers:
    """A table after a pair of bits: of what has not decided, some half-comparisons do.

    Args:
        table: numbers of inputs, an axis of statuses for each half-comparison.
        first: the axis of the first.
        says: (neurons,) what each would say.
        differ: (neurons,) whether the pair decides.
    """
    moved = table.copy()
    for neuron in np.flatnonzero(differ).tolist():
        view = np.moveaxis(moved, first + neuron, 0)
        view[1 + int(says[neuron])] += view[0]
        view[0] = 0
    return moved


def greater(table: Integers, first: int) -> Integers:
    """A table by the bits of half-comparisons in place of their statuses: numbers that are equal are not greater.

    Args:
        table: numbers of inputs, from the axis `first` on one of statuses for each half-comparison.
        first: that axis.
    """
    for axis in range(first, table.ndim):
        view = np.moveaxis(table, axis, 0)
        table = np.moveaxis(np.stack([view[0] + view[1], view[2]]), 0, axis)
    return table


def exact(total: int, counted: Callable[[int | None], Integers]) -> list[int]:
    """Whole numbers of any size, of what is counted modulo primes.

    Args:
        total: none is larger.
        counted: makes the numbers, modulo its argument where that is not None.
    """
    if total < 1 << WORD_BITS:
        return [int(number) for number in counted(None)]
    found, product = list[int](), 1
    for prime in _primes():
        residues = [int(number) % prime for number in counted(prime)]
        inverse = pow(product, -1, prime)
        known = found or [0] * len(residues)
        found = [a + product * ((r - a) * inverse % prime) for a, r in zip(known, residues, strict=True)]
        product *= prime
        if product > total:
            return found
    raise AssertionError("there are enough primes")


def _primes() -> Iterator[int]:
    """Primes below 2^31, descending."""
    small = np.arange(2, 1 << 16)
    for number in range((1 << PRIME_BITS + 1) - 1, 1 << PRIME_BITS, -2):
        if (number % small).all():
            yield number
