"""The algebra of bits in which a network is written once, and its plain numpy reading.

`forward` and everything above it use only these operations. Read with `NUMPY` they are inference;
read with `encodings.LiteralAlgebra` they write the formula. Values are arrays of any shape that
broadcast as numpy does; "along the last axis" is always the axis of a neuron's inputs.
"""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from bnnsat.types import Bits, Integers

Value = NDArray[Any]
"""An array of bits in some algebra: booleans in numpy's, literals in the encoder's."""


class Algebra(Protocol):
    """What a reading of the forward pass has to provide."""

    def constant(self, bits: Bits) -> Value:
        """Known bits as values of this algebra."""

    def xnor(self, a: Value, b: Value) -> Value:
        """1 where a and b agree."""

    def at_least(self, values: Value, k: Integers | int) -> Value:
        """1 where at least k values along the last axis are 1; k broadcasts to the other axes."""

    def greater(self, upper: Value, lower: Value) -> Value:
        """1 where upper > lower, unsigned, the most significant bit first along the last axis."""

    def conj(self, values: Value) -> Value:
        """1 where all values along the last axis are 1."""
