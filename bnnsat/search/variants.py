"""Examples to learn from whose errors do not count."""

from __future__ import annotations

from dataclasses import dataclass

from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class Variants:
    """Further examples to learn from, whose errors do not count.

    Attributes:
        inputs: (examples, n) bits.
        labels: (examples,), from 0.
    """

    inputs: Bits
    labels: Integers
