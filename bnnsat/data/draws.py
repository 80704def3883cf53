"""Which examples are drawn, and which are held back."""

from __future__ import annotations

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import Label
from bnnsat.types import Bits, Integers


def held_back(labels: Integers, share: float, seed: int, groups: Integers | None = None) -> Bits:
    """Which examples (examples,) are held back: of each label the share, but never all; or whole groups.

    Args:
        labels: (examples,), from 0.
        share: between 0 and 1.
        seed: of the draw.
        groups: (examples,) which of them stay together; None for each by itself.
    """
    if groups is not None:
        # Groups in random order, until the next one would lead farther from the share.
        named, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        order = np.random.default_rng(seed).permutation(len(named))
        ends = np.cumsum(sizes[order])[:-1]
        if not len(ends):
            raise InputError("all examples are of one group; none can be held back")
        count = int(np.abs(ends - share * len(labels)).argmin()) + 1
        return np.isin(codes, order[:count])
    rng, held = np.random.default_rng(seed), np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        there = np.flatnonzero(labels == label)
        count = min(len(there) - 1, max(1, round(share * len(there))))
        held[rng.permutation(there)[:count]] = True
    return held


def folds(labels: Integers, count: int, seed: int, groups: Integers | None = None) -> Integers:
    """In which of the folds (examples,) each example is tested; each label is spread evenly.

    Args:
        labels: (examples,), from 0.
        count: of folds, from 2.
        seed: of the draw.
        groups: (examples,) which of them stay together; None for each by itself.

    Raises:
        InputError: there are fewer examples of all labels, or groups, than folds.
    """
    rng, found = np.random.default_rng(seed), np.zeros(len(labels), dtype=np.int64)
    if groups is None:
        most = int(np.bincount(labels).max())
        if not 2 <= count <= most:
            raise InputError(
                f"{count} folds do not fit {counted(most, 'example')} of the commonest label; give 2 to {most}"
            )
        start = 0
        for label in np.unique(labels):
            there = rng.permutation(np.flatnonzero(labels == label))
            found[there] = (start + np.arange(len(there))) % count
            # The next label goes on where this one ended, so that folds are of equal size.
            start += len(there)
        return found
    named, codes = np.unique(groups, return_inverse=True)
    if not 2 <= count <= len(named):
        raise InputError(f"{count} folds do not fit {counted(len(named), 'group')}; give 2 to {len(named)}")
    # Rows of each label in each group, and of all; the largest groups first, each where its rows are scarcest.
    table = np.zeros((len(named), int(labels.max()) + 2))
    np.add.at(table, (codes, labels), 1)
    table[:, -1] = table.sum(axis=1)
    shares, filled = table / np.maximum(1, table.sum(axis=0)), np.zeros((count, table.shape[1]))
    place = np.zeros(len(named), dtype=np.int64)
    for group in sorted(rng.permutation(len(named)).tolist(), key=lambda group: -table[group, -1]):
        place[group] = ((filled + shares[group]) ** 2 - filled**2).sum(axis=1).argmin()
        filled[place[group]] += shares[group]
    return np.asarray(place[codes], dtype=np.int64)


def sample(labels: Integers, classes: int, examples: int, seed: int, positive: Label | None) -> Integers:
    """Places (examples,) of as many examples as are asked for: of two labels half of each, of more as many of each.

    Args:
        labels: (all,), from 0.
        classes: how many labels there are.
        examples: how many are drawn.
        seed: of the draw.
        positive: what label 1 stands for against the rest, for errors.

    Raises:
        InputError: there are not as many, or they cannot be shared equally.
    """
    if examples < 1:
        raise InputError(f"{examples} examples are none; give at least 1")
    if classes == 2:
        shares = [(1, examples // 2), (0, examples - examples // 2)]
    elif examples % classes:
        raise InputError(
            f"{counted(examples, 'example')} cannot be shared equally by {classes} classes; give a multiple"
        )
    else:
        shares = [(label, examples // classes) for label in range(classes)]
    rng = np.random.default_rng(seed)
    parts = []
    for label, share in shares:
        there = np.flatnonzero(labels == label)
        if share > len(there):
            kind = f"label {label}" if positive is None else f"{'label' if label else 'other labels than'} {positive}"
            raise InputError(
                f"{examples} examples need {share} of {kind}, and there are only {len(there)}; ask for fewer"
            )
        parts.append(rng.choice(there, share, replace=False))
    return np.concatenate(parts)
