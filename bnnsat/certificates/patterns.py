"""That no input within bounds violates a property: a condition of each case is impossible, which is counted again.

Intervals decide most bits (`questions/within`). The places of the last hidden layer are parted into blocks, and of each
block all patterns of the undecided bits that it reads are tried, by definition; the least of what the blocks add to a
condition's sum is then no more than the sum ever is. How places are parted, and which condition it is, the certificate
may say as it likes: it changes what can be shown, and not what is true. It shares nothing with the search.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import lcm

import numpy as np
from numpy.typing import NDArray

from bnnsat.certificates.claim import Statement
from bnnsat.certificates.noted import Noted, places_of
from bnnsat.errors import RefusedError
from bnnsat.foreign.linear import Places
from bnnsat.foreign.stack import Stack
from bnnsat.foreign.vnnlib import Condition
from bnnsat.plural import counted
from bnnsat.questions.box import BLOCKS, BoxQuestion
from bnnsat.questions.within import Known, known

MOST_STEPS = 1 << 39
"""Additions and comparisons that are done at most."""
TOGETHER, AT_ONCE = 128, 1 << 21
"""Conditions, and sums, that are looked at at a time."""
EXACT = 1 << 50
"""Whole numbers up to that, and twice that, are exact in floats."""


def retried(question: BoxQuestion, statement: Statement, others: Sequence[Statement]) -> str:
    """What was tried, in words, so that no case of a question occurs.

    Args:
        question: about any case.
        statement: about it.
        others: of the same claim; of a case with a formula its proof is checked, too.

    Raises:
        RefusedError: a case is missing, or is not shown to be impossible.
    """
    stack, cases = question.network.stack, question.cases
    noted = Noted.loads(question.contents[BLOCKS], places_of(stack), [len(case.conditions) for case in cases])
    none = {question.UNIT: 0}
    if statement.sums != none:
        raise RefusedError(f"{statement.name} says more than what is counted")
    proved = {s.changes["case"] for s in others if s.changes.keys() == {"case"} and s.sums == none and not s.counted}
    if missing := [number for number in question.asked if number not in noted.cases.keys() | proved]:
        raise RefusedError(f"nothing says that case {missing[0]} does not occur")
    alike: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for number in question.asked:
        if number in noted.cases:
            # Bounds that are the same object; others may be equal, which only takes longer.
            alike[id(cases[number].lower), id(cases[number].upper), noted.cases[number][1]].append(number)
    tried, count = Tried(stack), 0
    for (_, _, way), numbers in alike.items():
        bits = known(stack, cases[numbers[0]])
        tried.paid(
            stack.last.values + sum(layer.linear.windows.size * len(layer.linear.kernels) for layer in stack.layers)
        )
        for start in range(0, len(numbers), TOGETHER):
            some = numbers[start : start + TOGETHER]
            found = tried.impossible(bits, noted.parts[way], [cases[n].conditions[noted.cases[n][0]] for n in some])
            for number, impossible in zip(some, found, strict=True):
                if not impossible:
                    raise RefusedError(f"case {number} is not shown to be impossible by the blocks in {BLOCKS}")
            count += len(some)
    if not count:
        return "each by a proof"
    patterns = f"{counted(tried.patterns, 'pattern')} of undecided bits tried in {counted(tried.blocks, 'block')}"
    proofs = "" if count == len(question.asked) else ", the others by proofs"
    return f"{counted(count, 'case')} by counting, {patterns}{proofs}"


class Tried:
    """Conditions of one network that are tried, and what that has taken.

    Args:
        stack: the network.

    Attributes:
        patterns: that were tried.
        blocks: of which they were.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._steps = self.patterns = self.blocks = 0

    def paid(self, steps: int) -> None:
        """Count steps before they are done.

        Args:
            steps: how many.

        Raises:
            RefusedError: with these there are too many.
        """
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise RefusedError("it asks for more patterns than are tried")

    def impossible(
        self, bits: Sequence[Known], way: tuple[int, tuple[Places, ...]], conditions: Sequence[Condition]
    ) -> list[bool]:
        """Whether conditions are impossible, whatever the undecided bits are.

        Args:
            bits: of each layer, as far as they are known.
            way: of how many undecided bits all patterns are tried, and the blocks.
            conditions: on the outputs.
        """
        layer, (most, blocks) = self._stack.layers[-1], way
        channels = len(layer.linear.kernels)
        weighed = [_weighed(self._stack, condition) for condition in conditions]
        gains = np.stack([gain for gain, _, _ in weighed], axis=1).astype(np.float64)
        edges = np.array([float(one) for one in layer.least]).reshape(-1, channels)
        total, undecided = np.zeros(len(conditions)), [self._free(bits, places) for places in blocks]
        each = channels * (len(conditions) + (1 if layer.linear.pooled is None else layer.linear.pooled.shape[1]))
        both = list(zip(blocks, undecided, strict=True))
        self.paid(sum(each * len(places) << len(free) for places, free in both if len(free) <= most))
        for places, free in both:
            outputs = (places[:, np.newaxis] * channels + np.arange(channels)).ravel()
            if 0 < len(free) <= most:
                total += self._least(bits[-2], places, free, edges[places], gains[outputs])
                continue
            own = bits[-1][outputs, np.newaxis]
            total += np.where(own == -1, -np.abs(gains[outputs]), (2.0 * own - 1) * gains[outputs]).sum(axis=0)
        return [
            least - lost > bound
            for least, (_, bound, lost) in zip(total.astype(np.int64).tolist(), weighed, strict=True)
        ]

    def _free(self, bits: Sequence[Known], places: Places) -> Places:
        """Undecided bits that places read; none where they add numbers."""
        if len(bits) == 1:
            return np.zeros(0, dtype=np.int64)
        linear = self._stack.layers[-1].linear
        seen = np.unique(linear.windows[places if linear.pooled is None else linear.pooled[places]])
        seen = seen[seen < linear.values]
        return np.asarray(seen[bits[-2][seen] == -1])

    def _least(
        self, before: Known, places: Places, free: Places, edges: NDArray[np.float64], gains: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The least that places add, (conditions,), over all patterns of the bits that are free."""
        linear = self._stack.layers[-1].linear
        windows = linear.windows[places[:, np.newaxis] if linear.pooled is None else linear.pooled[places]]
        kernels = linear.kernels.T.astype(np.int32)
        # What is not there adds 0; free bits are -1 at first, and add 2 more, times their weight, where they are 1.
        start = np.append(2 * (before == 1).astype(np.int32) - 1, np.int32(0))[windows] @ kernels
        steps = [2 * (windows == bit).astype(np.int32) @ kernels for bit in free.tolist()]
        self.patterns += 1 << len(free)
        self.blocks += 1
        sums, rest = start[np.newaxis], steps
        while rest and 2 * sums.size <= AT_ONCE:
            sums, rest = np.concatenate([sums, sums + rest[0]]), rest[1:]
        least = np.full(gains.shape[1], np.inf)
        for pattern in product((0, 1), repeat=len(rest)):
            more = sum((step for step, bit in zip(rest, pattern, strict=True) if bit), np.zeros_like(start))
            ones = (sums + more).max(axis=2) >= edges
            signs = 2.0 * ones.reshape(len(ones), -1) - 1
            least = np.minimum(least, (signs @ gains).min(axis=0))
        return least


def _weighed(stack: Stack, condition: Condition) -> tuple[NDArray[np.int64], Fraction, int]:
    """A condition's sum in whole numbers: what each bit of the last layer gives, (bits,), as -1 or +1; what the sum of
    these must not be above; and by how much it may be less than that says, as weights were rounded."""
    factors = [w * a for w, a in zip(condition.weights, stack.scale, strict=True)]
    rest = sum((w * b for w, b in zip(condition.weights, stack.shift, strict=True)), Fraction(0))
    largest, unit, lost = stack.last.values * sum(map(abs, factors), Fraction(0)), Fraction(1), 0
    for one in factors:
        # What is too large for whole numbers need not be known in full.
        unit = unit if largest * unit > EXACT else Fraction(lcm(unit.numerator, one.denominator))
    if largest * unit > EXACT:
        # Rounded, each factor is off by less than 1, for each bit.
        digits = EXACT.bit_length() - 3 - (largest.numerator.bit_length() - largest.denominator.bit_length())
        unit, lost = Fraction(2) ** digits, stack.last.values * len(factors)
    gains = np.zeros(stack.last.values, dtype=np.int64)
    for factor, kernel in zip(factors, stack.last.kernels, strict=True):
        gains[stack.last.windows[0]] += int(factor * unit) * kernel.astype(np.int64)
    return gains, (condition.most - rest) * unit, lost
