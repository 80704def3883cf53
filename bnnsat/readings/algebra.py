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
        """Known bits as values of this algebra.

        Args:
            bits: an array of any shape, or one bit.
        """

    def negated(self, values: Value) -> Value:
        """1 where the value is 0.

        Args:
            values: an array of any shape.
        """

    def xnor(self, a: Value, b: Value) -> Value:
        """1 where a and b agree.

        Args:
            a: an array of any shape.
            b: another, which broadcasts against it.
        """

    def parity(self, a: Value, b: Value, c: Value) -> Value:
        """1 where one or three of three bits are 1: the sum bit of an adder.

        Args:
            a: an array of any shape.
            b: another, which broadcasts against it.
            c: another, which broadcasts against both.
        """

    def majority(self, a: Value, b: Value, c: Value) -> Value:
        """1 where at least two of three bits are 1: the carry of an adder.

        Args:
            a: an array of any shape.
            b: another, which broadcasts against it.
            c: another, which broadcasts against both.
        """

    def at_least(self, values: Value, k: Integers | int) -> Value:
        """1 where at least k values along the last axis are 1.

        Args:
            values: (..., n).
            k: broadcasts to the other axes; below 1 the result is 1, above n it is 0.
        """

    def exceeds(self, a: Value, b: Value, by: Integers | int) -> Value:
        """1 where sum(a) >= sum(b) + by along the last axis.

        Args:
            a: (..., n).
            b: (..., m); its other axes broadcast against those of a.
            by: broadcasts to the other axes; may be negative.
        """

    def greater(self, upper: Value, lower: Value) -> Value:
        """1 where upper > lower as unsigned integers along the last axis.

        Args:
            upper: (..., n), the most significant bit first.
            lower: the same of the other number.
        """

    def conj(self, values: Value) -> Value:
        """1 where all values along the last axis are 1.

        Args:
            values: (..., n); without any (n = 0) the result is 1.
        """
