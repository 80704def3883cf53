"""What it costs to flip each bit of a network's input, in grey levels under a norm."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bnnsat.data.binarize import Binarizer
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.types import Bits, Grey, Integers

NORMS = ("l0", "l1", "l2", "linf")
"""How many values change; by how much together; the sum of the squares; by how much the one that changes most."""
LEVELS = 256


@dataclass(frozen=True, eq=False)
class Flips:
    """The bits of an example, and what becomes of its raw values where one is flipped.

    Attributes:
        raw: (raw inputs,) grey levels or bits.
        bits: (n,) the network's input.
        places: (n,) which raw value each bit is of.
        values: (n,) what that becomes where the bit is flipped, by the smallest change.
        steps: (n,) by how much it changes.
        free: (n,) whether there is such a value.
    """

    raw: Grey
    bits: Bits
    places: Integers
    values: Integers
    steps: Integers
    free: Bits

    @classmethod
    def of(cls, model: Model, raw: Any) -> Flips:
        """The flips of an example.

        Args:
            model: each bit of whose input is of one raw value.
            raw: (raw inputs,) grey levels, or bits.

        Raises:
            InputError: the bits of its input depend on each other.
        """
        binarizer, n = model.preprocessing.binarizer, model.network.shape.sizes[0]
        if not isinstance(binarizer, Binarizer) or binarizer.levels > 1 or binarizer.way == "image-mean":
            raise InputError(
                f"the bits of the model's input ({binarizer.way}) depend on each other; changes are counted where each "
                "is of one value: bits, threshold:T, pixel-mean"
            )
        row = np.asarray(model.checked(np.asarray(raw)[np.newaxis]))[0].astype(np.int64)
        bits = model.bits(row[np.newaxis].astype(np.uint8))[0]
        order = model.preprocessing.order or tuple(range(n))
        if len(set(order)) < n:
            raise InputError("an input of the model is read twice, so its bits depend on each other")
        places = np.array(order, dtype=np.int64)
        if binarizer.way == "bits":
            return cls(
                row.astype(np.uint8), bits, places, 1 - row[places], np.ones(n, dtype=np.int64), np.ones(n, np.bool_)
            )
        least = _least(binarizer, len(row))[places]
        old = row[places]
        values = np.where(bits, least - 1, least)
        free = (values >= 0) & (values < LEVELS)
        return cls(row.astype(np.uint8), bits, places, np.where(free, values, old), np.abs(values - old), free)

    def costs(self, norm: str) -> Integers:
        """What each flip costs, (n,).

        Args:
            norm: one of NORMS; of linf the step itself, the largest of which counts.

        Raises:
            InputError: there is no such norm.
        """
        if norm not in NORMS:
            raise InputError(f"unknown norm {norm!r}; there are {', '.join(NORMS)}")
        if norm == "l0":
            return np.ones(len(self.steps), dtype=np.int64)
        squares: Integers = self.steps**2
        return squares if norm == "l2" else self.steps

    def within(self, places: Collection[int]) -> Flips:
        """The same where only some raw values may change.

        Args:
            places: of these, from 0.

        Raises:
            InputError: there is no such value.
        """
        if wrong := [place for place in places if not 0 <= place < len(self.raw)]:
            raise InputError(f"there is no input {wrong[0]}; they are 0 to {len(self.raw) - 1}")
        return replace(self, free=self.free & np.isin(self.places, list(places)))

    def changed(self, flipped: Integers) -> Grey:
        """The raw values with some bits flipped.

        Args:
            flipped: places of the network's bits.
        """
        made = self.raw.copy()
        made[self.places[flipped]] = self.values[flipped]
        return made


def _least(binarizer: Binarizer, n: int) -> Integers:
    """The grey level from which on each bit is 1, (n,)."""
    if binarizer.way == "pixel-mean":
        return np.array(np.floor(np.array(binarizer.means)) + 1, dtype=np.int64)
    return np.full(n, int(binarizer.way.partition(":")[2]), dtype=np.int64)
