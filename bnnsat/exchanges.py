"""Inputs that examples do not tell apart: exchanged, or inverted together, they leave the examples as they are.

What a network says of the examples, another then says of them in another order, and with as many errors: the one whose
weights are exchanged, or inverted, in the same way. Both relations hold between any two inputs of a class if they
hold between neighbours in it, so neighbours are all that is told.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bnnsat.types import Integers

Numbers = NDArray[np.uint64]
Pairs = list[tuple[int, int]]
"""Inputs (i, j) with i < j."""
MOST_CLASSES = 8
"""Of inputs with one key, that a further one is held against."""


def exchanges(inputs: Integers, about: Integers) -> Pairs:
    """Neighbours that may be exchanged.

    Args:
        inputs: (rows, n), distinct together with what is known about them.
        about: (rows, facts) of each row, its label and how much it counts.

    >>> exchanges(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]]))
    [(0, 1)]
    """
    groups, places = _groups(about), _mixed(np.arange(inputs.shape[1]))
    line, total = _lines(inputs, groups, places)

    def same(i: int, j: int) -> bool:
        moved = (inputs[:, j] - inputs[:, i]).astype(np.uint64) * (places[i : i + 1] - places[j : j + 1])
        if _mixed(line + moved).sum() != total:
            return False
        rows = np.flatnonzero(inputs[:, i] != inputs[:, j])
        before = np.column_stack([inputs[rows], about[rows]])
        after = before.copy()
        after[:, [i, j]] = before[:, [j, i]]
        return _equal(before, after)

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
    groups, places = _groups(about), _mixed(np.arange(inputs.shape[1]))
    line, total = _lines(inputs, groups, places)
    turned = (1 - 2 * inputs).astype(np.uint64) * places

    def same(i: int, j: int) -> bool:
        if _mixed(line + turned[:, i] + turned[:, j]).sum() != total:
            return False
        after = before.copy()
        after[:, [i, j]] = 1 - before[:, [i, j]]
        return _equal(before, after)

    keys = [_key(column, groups) for column in inputs.T]
    opposite = [_key(1 - column, groups) for column in inputs.T]
    return _neighbours([a if a == b else None for a, b in zip(keys, opposite, strict=True)], same)


def _neighbours(keys: list[bytes | None] | list[bytes], same: Callable[[int, int], bool]) -> Pairs:
    """Each input with the next of its class, whose keys are equal; those without a key are in none.

    Each is held against few classes: where there are more some pairs are missed, so that many inputs take no long time.
    """
    classes: dict[bytes, list[list[int]]] = {}
    for place, key in enumerate(keys):
        if key is not None:
            alike = classes.setdefault(key, [])
            for one in alike[:MOST_CLASSES]:
                if same(one[0], place):
                    one.append(place)
                    break
            else:
                alike.append([place])
    return sorted(pair for alike in classes.values() for one in alike for pair in pairwise(one))


def _lines(inputs: Integers, groups: Integers, places: Numbers) -> tuple[Numbers, np.uint64]:
    """A number for each row, and one for all rows in whatever order; that two are equal says nothing for certain."""
    line = inputs.astype(np.uint64) @ places + _mixed(groups + len(places))
    return line, _mixed(line).sum()


def _mixed(numbers: NDArray[Any]) -> Numbers:
    """Numbers of 64 bits that look like random ones (Steele, Lea, Flood, OOPSLA 2014), the same for the same."""
    made = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        made = (made ^ (made >> np.uint64(shift))) * np.uint64(factor)
    return made ^ (made >> np.uint64(31))


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
