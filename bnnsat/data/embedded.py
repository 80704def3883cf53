"""The two embedded sets of 8x8 digits; see `files/LICENSE`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.sets import SETS
from bnnsat.errors import InputError
from bnnsat.types import Grey

FILES = Path(__file__).parent / "files"


@lru_cache(maxsize=2)
def embedded(name: str) -> Dataset:
    """10,000 training and 10,000 test digits with 64 grey values each.

    Args:
        name: of the set.

    Raises:
        InputError: there is none of that name.
    """
    if name not in SETS:
        raise InputError(f"unknown data set {name!r}; there are {', '.join(SETS)}, or give a file or folder")
    with np.load(FILES / f"{name}.npz", allow_pickle=False) as file:
        train, test = (
            Examples(
                _nibbles(file[f"{part}_nibbles"]) * np.uint8(17), _nibbles(file[f"{part}_labels4"]).astype(np.int64)
            )
            for part in ("train", "test")
        )
    return Dataset.of(name, train, test, SETS[name])


def packed(levels: Grey) -> Grey:
    """Values 0..15 two a byte along the last axis, the first in the high half.

    Args:
        levels: (..., n) whole numbers, n even.
    """
    return np.asarray(levels[..., 0::2] << 4 | levels[..., 1::2], dtype=np.uint8)


def _nibbles(values: NDArray[np.uint8]) -> Grey:
    return np.stack([values >> 4, values & 15], axis=-1).reshape(*values.shape[:-1], -1)
