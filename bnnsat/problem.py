"""The training problem: distinct examples and what an error in each costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.exchanges import Pairs, exchanges, inversions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnnsat.types import Bits, Integers

MAX_COST = 1000
"""The most that an error may cost: costs are counted one by one."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Distinct pairs of an input and a label. Training's objective is the sum of the costs of the rows that are wrong.

    Attributes:
        inputs: (rows, n) bits.
        labels: (rows,), from 0.
        costs: (rows,), what it costs to be wrong about a row: how often it occurs, times the cost of its label.
        margin: a row is right only if the last layer's counts are so far from saying anything else.
    """

    inputs: Bits
    labels: Integers
    costs: Integers
    margin: int = 0

    @classmethod
    def of(cls, inputs: Bits, labels: Integers, costs: Sequence[int] = (), margin: int = 0) -> Problem:
        """The problem of some examples.

        Duplicates are merged; rows are in lexicographic order of their bits, then by label: that puts examples together
        which a half-comparison, whose first bits decide, can hardly tell apart, and mixes labels: counts stay small.

        Args:
            inputs: (examples, n) bits.
            labels: (examples,), from 0.
            costs: what an error costs for each label; 1 each without.
            margin: as above, 0 for none.
        """
        inputs, labels = np.asarray(inputs, dtype=np.bool_), np.asarray(labels, dtype=np.int64)
        last = labels.astype(">u8")[:, np.newaxis].view(np.uint8)
        table = np.concatenate([np.packbits(inputs, axis=1), last], axis=1)
        _, first, counts = np.unique(table, axis=0, return_index=True, return_counts=True)
        each = np.array(costs, dtype=np.int64)[labels[first]] if len(costs) else 1
        return cls(inputs[first], labels[first], counts.astype(np.int64) * each, margin)

    @property
    def total_cost(self) -> int:
        """What it costs to be wrong about everything."""
        return int(self.costs.sum())

    @property
    def lower_bound(self) -> int:
        """Errors that no network avoids: equal inputs with different labels, all but the commonest.

        >>> Problem.of(np.array([[0], [0], [0], [1]]), np.array([1, 1, 0, 0])).lower_bound
        1
        """
        _, group = np.unique(np.packbits(self.inputs, axis=1), axis=0, return_inverse=True)
        most = np.zeros(len(self.labels), dtype=np.int64)
        np.maximum.at(most, group.reshape(-1), self.costs)
        return self.total_cost - int(most.sum())

    @cached_property
    def exchanges(self) -> Pairs:
        """Inputs that may be exchanged: the rows stay the same, in another order."""
        return exchanges(self.inputs.astype(np.int64), self._about)

    @cached_property
    def inversions(self) -> Pairs:
        """Inputs that may both be inverted: the rows stay the same, in another order."""
        return inversions(self.inputs.astype(np.int64), self._about)

    @property
    def _about(self) -> Integers:
        return np.column_stack([self.labels, self.costs])

    def errors(self, right: Bits) -> int:
        """The objective, given which rows are `right`, (rows,)."""
        return int(self.costs[~right].sum())
