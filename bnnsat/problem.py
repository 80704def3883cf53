"""The training problem: distinct examples with multiplicities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.types import Bits, Integers

MAX_COST = 1000
"""The most that an error may cost: they are counted one by one."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Distinct (input, label) pairs with how often each occurs.

    `inputs` is (rows, n) bits, `labels` and `weights` are (rows,); the objective of training is the
    sum of the weights of the rows that a network gets wrong. With a `margin` a row is right only if the
    last layer's counts are so far from saying anything else.
    """

    inputs: Bits
    labels: Integers
    weights: Integers
    margin: int = 0

    @classmethod
    def of(cls, inputs: Bits, labels: Integers, costs: Sequence[int] = ()) -> Problem:
        """Merge duplicates; rows are in lexicographic order of their bits, then by label.

        `costs` says what an error counts for each label (1 without).

        That order puts examples next to each other that a half-comparison, which reads the first
        bits first, can hardly tell apart; it mixes the labels, which keeps partial counts small.
        """
        labels = np.asarray(labels, dtype=np.int64)
        table = np.concatenate([np.asarray(inputs, dtype=np.int64), labels[:, np.newaxis]], axis=1)
        rows, counts = np.unique(table, axis=0, return_counts=True)
        weights = counts.astype(np.int64)
        if len(costs):
            weights *= np.array(costs, dtype=np.int64)[rows[:, -1]]
        return cls(rows[:, :-1].astype(np.bool_), rows[:, -1], weights)

    @property
    def examples(self) -> int:
        """The number of examples, duplicates counted (and each as often as an error in it costs)."""
        return int(self.weights.sum())

    @property
    def lower_bound(self) -> int:
        """Errors that no network avoids: equal inputs with different labels, all but the commonest.

        >>> Problem.of(np.array([[0], [0], [0], [1]]), np.array([1, 1, 0, 0])).lower_bound
        1
        """
        _, group = np.unique(self.inputs, axis=0, return_inverse=True)
        most = np.zeros(len(self.labels), dtype=np.int64)
        np.maximum.at(most, group.reshape(-1), self.weights)
        return self.examples - int(most.sum())

    def errors(self, right: Bits) -> int:
        """The objective, given which rows are right."""
        return int(self.weights[~right].sum())
