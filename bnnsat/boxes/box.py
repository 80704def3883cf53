"""What a network's first layer adds, within bounds: numbers as whole multiples of a fraction, or bits -1 and +1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.fold import Layer
from bnnsat.foreign.stack import Stack
from bnnsat.foreign.vnnlib import Case
from bnnsat.types import Bits

PARTS = 4
"""Of each range of numbers, whose ends and quarters are tried."""
Whole = NDArray[np.float64]
"""Whole numbers that floats hold exactly."""
Known = NDArray[np.int8]
"""Bits: 0, 1, or -1 where they are undecided."""


@dataclass(frozen=True, eq=False)
class Box:
    """A case of a network.

    Attributes:
        stack: the network.
        lower: (values,) the least of what the first layer adds, in `unit`s.
        upper: (values,) the most.
        unit: how many make 1.
        least: (outputs,) sums from which on a bit of the first layer is 1.
        number: which case it is.
    """

    stack: Stack
    case: Case
    lower: Whole
    upper: Whole
    unit: int
    least: Whole
    number: int = 0

    @classmethod
    def of(cls, stack: Stack, case: Case, number: int = 0) -> Box:
        """The box of a case.

        Args:
            stack: the network.
            case: its bounds.
            number: which case it is.

        Raises:
            InputError: it has other inputs or outputs than the network, or too many digits.
        """
        sizes = len(case.lower), len(case.conditions[0].weights) if case.conditions else len(stack.scale)
        if sizes != (stack.inputs, len(stack.scale)):
            raise InputError(
                f"the property has {sizes[0]} inputs and {sizes[1]} outputs, and the network {stack.inputs} and "
                f"{len(stack.scale)}"
            )
        if stack.first is not None:
            low, high = stack.compared(case.lower), stack.compared(case.upper)
            lower, upper = (2 * bits.astype(np.float64) - 1 for bits in (low & high, low | high))
            return cls(stack, case, lower, upper, 1, np.array([float(x) for x in stack.layers[0].least]), number)
        # Each quarter of a range is whole.
        unit = PARTS * lcm(*{x.denominator for x in (*case.lower, *case.upper)})
        lower, upper = stack.whole(case.lower, unit), stack.whole(case.upper, unit)
        return cls(stack, case, lower, upper, unit, stack.least(unit), number)

    def at(self, part: NDArray[np.float64]) -> Whole:
        """A point, (values,).

        Args:
            part: (values,) from 0 (the least) to 1, rounded to what is tried.
        """
        steps = 1 if self.stack.first is not None else PARTS
        return np.asarray(self.lower + np.rint(part * steps) * ((self.upper - self.lower) / steps))

    def layers(self, point: Whole) -> list[Bits]:
        """The bits of each layer.

        Args:
            point: (values,) what the first layer adds.
        """
        first = self.stack.layers[0].linear.sums(point[np.newaxis])[0] >= self.least
        rest = replace(self.stack, first=None).behind(first[np.newaxis])
        return [first, *rest]

    def inputs(self, point: Whole) -> list[Fraction]:
        """The network's inputs at a point, (n,).

        Args:
            point: (values,) what the first layer adds.
        """
        if self.stack.first is None:
            return [Fraction(int(x), self.unit) for x in point.tolist()]
        low = self.stack.compared(self.case.lower)
        pairs = zip(self.case.lower, self.case.upper, low.tolist(), (point > 0).tolist(), strict=True)
        return [a if bit == wanted else b for a, b, bit, wanted in pairs]

    @cached_property
    def known(self) -> list[Known]:
        """The bits of the comparisons, if there are some, and of each layer, as far as intervals decide them."""
        found, lower, upper = list[Known](), self.lower, self.upper
        if self.stack.first is not None:
            found.append(np.where(lower == upper, lower > 0, -1).astype(np.int8))
        for place, layer in enumerate(self.stack.layers):
            least = self.least if place == 0 else np.array([float(x) for x in layer.least])
            bits = decided(layer, lower, upper, least)
            found.append(bits)
            lower, upper = np.where(bits == 1, 1.0, -1.0), np.where(bits == 0, -1.0, 1.0)
        return found


def decided(layer: Layer, lower: Whole, upper: Whole, least: Whole) -> Known:
    """A layer's bits as far as the bounds of what it adds decide them, (outputs,).

    Args:
        layer: the layer.
        lower: (values,) the least of what it adds.
        upper: (values,) the most.
        least: (outputs,) the sums from which on a bit is 1.
    """
    linear = layer.linear
    each = replace(linear, pooled=None)
    # Of weights -1 and +1 the sum's range is as wide as all ranges together.
    middle = each.sums((lower + upper)[np.newaxis])[0].reshape(-1, len(linear.kernels))
    width = np.append(upper - lower, 0)[linear.windows].sum(axis=1)[:, np.newaxis]
    low, high = middle - width, middle + width
    if linear.pooled is not None:
        low, high = low[linear.pooled].max(axis=1), high[linear.pooled].max(axis=1)
    bits = np.full(linear.outputs, -1, dtype=np.int8)
    bits[low.ravel() >= 2 * least] = 1
    bits[high.ravel() < 2 * least] = 0
    return bits
