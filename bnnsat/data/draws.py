"""Which examples are drawn, and which are held back."""

from __future__ import annotations

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import Label
from bnnsat.types import Bits, Integers


def held_back(labels: Integers, share: float, seed: int) -> Bits:
    """Which examples (examples,) are not held back; of each label the share is, but never all.

    Args:
        labels: (examples,), from 0.
        share: between 0 and 1.
        seed: of the draw.
    """
    rng, kept = np.random.default_rng(seed), np.ones(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        there = np.flatnonzero(labels == label)
        held = min(len(there) - 1, max(1, round(share * len(there))))
        kept[rng.permutation(there)[:held]] = False
    return kept


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
