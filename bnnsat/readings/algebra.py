"""The algebra of bits in which networks, and what is asked of them, are written once.

`forward` and the questions use only these operations. Values are arrays of any shape that broadcast as numpy does:
booleans in the numpy reading, literals in the others. "Along the last axis" is always the axis of a neuron's inputs.
"""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from bnnsat.types import Bits, Integers

Value = NDArray[Any]
"""An array of bits in some algebra."""


class Algebra(Protocol):
    """What a reading has to provide."""

    def constant(self, bits: Bits | bool) -> Value:
        """Known bits as values of this algebra."""

    def negated(self, values: Value) -> Value:
        """1 where the value is 0."""

    def xnor(self, a: Value, b: Value) -> Value:
        """1 where a and b agree."""

    def at_least(self, values: Value, k: Integers | int) -> Value:
        """1 where at least k values along the last axis are 1; k broadcasts to the other axes."""

    def exceeds(self, a: Value, b: Value, by: Integers | int) -> Value:
        """1 where sum(a) >= sum(b) + by along the last axis; `by` broadcasts to the other axes."""

    def greater(self, upper: Value, lower: Value) -> Value:
        """1 where upper > lower, unsigned, the most significant bit first along the last axis."""

    def conj(self, values: Value) -> Value:
        """1 where all values along the last axis are 1."""
