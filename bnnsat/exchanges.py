"""Inputs that examples do not tell apart: exchanged, or inverted together, they leave the examples as they are.

What a network says of the examples, another then says of them in another order, and with as many errors: the one whose
weights are exchanged, or inverted, in the same way. Both relations hold between any two inputs of a class if they
hold between neighbours in it, so neighbours are all that is told.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bnnsat.types import Integers

Pairs = list[tuple[int, int]]
"""Inputs (i, j) with i < j."""


def exchanges(inputs: Integers, about: Integers) -> Pairs:
    """Neighbours that may be exchanged.

    Args:
        inputs: (rows, n), distinct together with what is known about them.
        about: (rows, facts) of each row, its label and how much it counts.

    >>> exchanges(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]]))
    [(0, 1)]
    """

    def same(i: int, j: int) -> bool:
        rows = np.flatnonzero(inputs[:, i] != inputs[:, j])
        before = np.column_stack([inputs[rows], about[rows]])
        after = before.copy()
        after[:, [i, j]] = before[:, [j, i]]
        return _equal(before, after)

    groups = _groups(about)
    return _neighbours([_key(column, groups) for column in inputs.T], same)


def inversions(inputs: Integers, about: Integers) -> Pairs:
    """Neighbours that may both be inverted.

    Args:
        inputs: (rows, n), each 0 or 1, distinct together with what is known about them.
        about: (rows, facts) of each row, its label and how much it counts.

    >>> inversions(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]]))
    [(0, 1)]
    """
    before = np.column_stack([inputs, about])

    def same(i: int, j: int) -> bool:
        after = before.copy()
        after[:, [i, j]] = 1 - before[:, [i, j]]
        return _equal(before, after)

    groups = _groups(about)
    keys = [_key(column, groups) for column in inputs.T]
    opposite = [_key(1 - column, groups) for column in inputs.T]
    return _neighbours([a if a == b else None for a, b in zip(keys, opposite, strict=True)], same)


def _neighbours(keys: list[bytes | None] | list[bytes], same: Callable[[int, int], bool]) -> Pairs:
    """Each input with the next of its class, whose keys are equal; those without a key are in none."""
    classes: dict[bytes, list[list[int]]] = {}
    for place, key in enumerate(keys):
        if key is not None:
            alike = classes.setdefault(key, [])
            for one in alike:
                if same(one[0], place):
                    one.append(place)
                    break
            else:
                alike.append([place])
    return sorted(pair for alike in classes.values() for one in alike for pair in pairwise(one))


def _groups(about: Integers) -> Integers:
    """A number for each row, equal where all that is known is."""
    return np.unique(about, axis=0, return_inverse=True)[1].reshape(-1)


def _key(column: Integers, groups: Integers) -> bytes:
    """How often each value of a column is in each group: inputs that differ in that cannot be exchanged."""
    values, counts = np.unique(groups * (int(column.max()) + 1) + column, return_counts=True)
    return bytes(values) + b"|" + bytes(counts)


def _equal(before: Integers, after: Integers) -> bool:
    """Whether two tables have the same rows in whatever order."""
    first, second = (rows[np.lexsort(rows.T)] for rows in (before, after))
    return bool(np.array_equal(first, second))
