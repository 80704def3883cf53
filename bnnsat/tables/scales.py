"""A column of numbers as a few levels: the nearest of evenly spaced values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bnnsat.errors import InputError
from bnnsat.tables.table import NUMBER, TRUTH, Column
from bnnsat.tables.ways import is_bit
from bnnsat.types import Doubles, Integers

MOST_BITS = 8


@dataclass(frozen=True)
class Scale:
    """Levels from 0 to 2^bits - 1, which stand for evenly spaced values from the least to the most.

    A value has the level of the nearest of these, of two the higher one, and none is below the least or above the
    most. Doubles are taken for the numbers that they are, without rounding.

    Attributes:
        column: its name.
        low: what level 0 stands for.
        high: what the highest level stands for.
        bits: of a level.
    """

    KIND: ClassVar[str] = "scale"
    TYPES: ClassVar[tuple[str, ...]] = (NUMBER, TRUTH)

    column: str
    low: float
    high: float
    bits: int

    def __post_init__(self) -> None:
        if type(self.bits) is not int or not 1 <= self.bits <= MOST_BITS:
            raise InputError(f"the levels of column {self.column!r} have 1 to {MOST_BITS} bits, not {self.bits!r}")
        ends = self.low, self.high
        if not all(type(end) in (int, float) and math.isfinite(end) for end in ends) or not self.low < self.high:
            raise InputError(f"the levels of column {self.column!r} do not go from a number to a larger one")

    @classmethod
    def fit(cls, column: Column, bits: int) -> Scale | None:
        """The levels between the least and the most of a column, of bits the bits; None where all values are equal.

        Args:
            column: numbers or truth values of training examples, none missing.
            bits: of a level.
        """
        low, high = float(column.values.min()), float(column.values.max())
        return None if low == high else cls(column.name, low, high, 1 if is_bit(column) else bits)

    @property
    def most(self) -> int:
        """The highest level."""
        return (1 << self.bits) - 1

    @cached_property
    def edges(self) -> Doubles:
        """The least double of each level but 0, ascending."""
        low, high, parts = Fraction(self.low), Fraction(self.high), 2 * self.most
        halves = (low + (high - low) * Fraction(part, parts) for part in range(1, parts, 2))
        return np.array([_upwards(half) for half in halves])

    def __call__(self, column: Column) -> Integers:
        """Levels (rows, 1) of a column.

        Args:
            column: of one of its types, no value of which is missing.
        """
        found = np.searchsorted(self.edges, column.values.astype(np.float64), side="right")
        return found.astype(np.int64)[:, np.newaxis]

    def value(self, level: int) -> float:
        """What a level stands for, as the nearest double.

        Args:
            level: from 0.
        """
        low, high = Fraction(self.low), Fraction(self.high)
        return float(low + (high - low) * Fraction(level, self.most))

    @property
    def names(self) -> tuple[str, ...]:
        """What its only input says."""
        return (self.column,)

    @property
    def words(self) -> str:
        """What its levels are."""
        step = (Fraction(self.high) - Fraction(self.low)) / self.most
        ends = f"0 is {written(self.low)}, {self.most} is {written(self.high)}"
        return ends if self.bits == 1 else f"{ends}, a step is {written(step)}"

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return {"kind": self.KIND, **asdict(self)}

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Scale:
        """The scale that was noted.

        Args:
            noted: what `noted` returned.

        Raises:
            InputError: it is anything else.
        """
        content = {key: value for key, value in noted.items() if key != "kind"}
        if set(content) != {"column", "low", "high", "bits"} or type(content["column"]) is not str:
            raise InputError("the levels of a column are not what they can be")
        return cls(**content)


def written(value: float | Fraction) -> str:
    """A number in few digits.

    Args:
        value: any.
    """
    return f"{float(value):.6g}"


def _upwards(value: Fraction) -> float:
    """The least double that is not below a number."""
    nearest = float(value)
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)
