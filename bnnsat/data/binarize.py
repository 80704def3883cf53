"""From grey values to bits, in ways that a model can carry with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.errors import InputError

if TYPE_CHECKING:
    from bnnsat.types import Bits, Grey

WAYS = ("bits", "threshold:T", "levels:N", "image-mean", "pixel-mean")


@dataclass(frozen=True)
class Binarizer:
    """A way from grey values to bits.

    Attributes:
        way: one of WAYS.
        means: the pixels' means over the training sample, (n,), for pixel-mean.
    """

    way: str
    means: tuple[float, ...] = ()

    @classmethod
    def fit(cls, way: str, inputs: Grey) -> Binarizer:
        """The binariser of that way.

        Args:
            way: one of WAYS.
            inputs: the training sample, (examples, n) grey values, from which means are taken.

        Raises:
            InputError: the way is unknown or does not take the values.
        """
        binarizer = cls(way, tuple(inputs.mean(axis=0).tolist()) if way == "pixel-mean" else ())
        binarizer(inputs[:1])
        return binarizer

    def __call__(self, inputs: Grey) -> Bits:
        """Bits (examples, n): 1 where grey >= T, or where grey > the mean of the image or of the pixel.

        With N levels (examples, N n): one block of n bits for each threshold 256 k / (N + 1), ascending.

        Args:
            inputs: (examples, n) grey values.

        Raises:
            InputError: the way is unknown or does not take the values.
        """
        if self.way == "bits":
            if inputs.size and inputs.max() > 1:
                raise InputError(
                    f"an input is {inputs.max()} where bits 0 or 1 are due; for grey levels "
                    "binarize by threshold:T, image-mean or pixel-mean"
                )
            return inputs.astype(np.bool_)
        if self.way == "image-mean":
            return np.asarray(inputs > inputs.mean(axis=1, keepdims=True), dtype=np.bool_)
        if self.way == "pixel-mean":
            return inputs > np.array(self.means)
        kind, _, level = self.way.partition(":")
        if (
            kind not in ("threshold", "levels")
            or not (level.isascii() and level.isdecimal())
            or len(level) > 3
            or not 1 <= int(level) <= 255
        ):
            raise InputError(
                f"unknown binarisation {self.way!r}; there are {', '.join(WAYS)} with T and N from 1 to 255"
            )
        if kind == "threshold":
            return inputs >= int(level)
        return np.concatenate([inputs >= step for step in self.steps], axis=1)

    @property
    def steps(self) -> list[float]:
        """The thresholds of levels:N, ascending."""
        return [256 * k / (self.levels + 1) for k in range(1, self.levels + 1)]

    @property
    def levels(self) -> int:
        """How many bits a grey value becomes."""
        several = re.fullmatch("levels:([1-9][0-9]{0,2})", self.way)
        return int(several[1]) if several else 1
