"""Tensors of least costs over the statuses of pairs of lists, and what happens to them where statuses change.

The lists of a half-comparison network come in pairs (see `lists`), whose two can be exchanged. So a tensor has one axis
for each pair, and a place on it for each unordered pair of statuses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from bnnsat.types import Bits, Integers

Options = tuple[tuple[int, ...], ...]
"""For each new status the old ones that it may be."""

BLOCK = 1 << 20
"""Numbers chosen at once: memory for so many is needed beside the tensors."""

Pairs = tuple[tuple[int, int], ...]
"""Statuses of the two lists of a pair."""


def size(statuses: int) -> int:
    """Unordered pairs of so many statuses.

    >>> size(3), len(unordered(3)), int(places(3)[2, 1])
    (6, 6, 4)
    """
    return statuses * (statuses + 1) // 2


def unordered(statuses: int) -> Integers:
    """The pairs (size, 2), the lesser status first."""
    return np.stack(np.triu_indices(statuses), axis=1)


@lru_cache(maxsize=256)
def places(statuses: int) -> Integers:
    """The place on an axis of any two statuses, (statuses, statuses)."""
    result = np.zeros((statuses, statuses), dtype=np.int64)
    first, second = np.triu_indices(statuses)
    result[first, second] = result[second, first] = np.arange(len(first))
    return result


def least(tensor: Integers, options: Options, old: int, check: Callable[[], None] = lambda: None) -> Integers:
    """The tensor over new statuses: the least that is found over `options` in one over `old` statuses.

    `check` is called every now and then.

    >>> least(np.array([5, 3, 7]), ((0,), (0, 1)), 2).tolist()  # statuses 00, 01, 11
    [5, 3, 3]
    """
    chosen = _choices(options, tuple(map(tuple, unordered(len(options)).tolist())), old)
    for _ in range(tensor.ndim):
        tensor = _first_axis(tensor, *chosen, check)
    return tensor


def least_at(tensor: Integers, options: Options, old: int, wanted: Sequence[Pairs]) -> Integers:
    """The same for some new pairs of statuses only: those that are `wanted` of each axis."""
    for pairs in wanted:
        tensor = _first_axis(tensor, *_choices(options, pairs, old))
    return tensor


def _first_axis(
    tensor: Integers, wanted: Integers, offsets: Integers, check: Callable[[], None] = lambda: None
) -> Integers:
    """Choose along the first axis, which then is the last one."""
    flat = tensor.reshape(len(tensor), -1)
    result = np.empty((flat.shape[1], len(offsets)), dtype=tensor.dtype)
    step = max(1, BLOCK // len(wanted))
    for start in range(0, len(result), step):
        check()
        chosen = flat[:, start : start + step].take(wanted, axis=0)
        if len(offsets) < len(wanted):
            chosen = np.minimum.reduceat(chosen, offsets, axis=0)
        result[start : start + step] = chosen.T
    return result.reshape(*tensor.shape[1:], len(offsets))


@lru_cache(maxsize=4096)
def _choices(options: Options, pairs: Pairs, old: int) -> tuple[Integers, Integers]:
    """The old places of all new pairs, one after the other, and where those of each begin."""
    place = places(old)
    choices = [np.unique(place[np.ix_(options[a], options[b])]) for a, b in pairs]
    return np.concatenate(choices), np.cumsum([0, *map(len, choices)])[:-1]


def outputs(values: tuple[bool, ...], axes: int) -> Bits:
    """The network's output for lists that have these values by status: a tensor.

    It is F_1 of F_k = majority(p_k, q_k, F_k+1), where the last F is 0.
    """
    p, q = np.array(values)[unordered(len(values))].T
    result: Bits = p & q
    for _ in range(axes - 1):
        shape = (-1,) + (1,) * result.ndim
        result = ((p | q).reshape(shape) & result) | (p & q).reshape(shape)
    return result
