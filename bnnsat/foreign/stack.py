"""A network whose first layer adds the numbers of its input, dense or convolutional, as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.assemble import walked
from bnnsat.foreign.exact import NEAR
from bnnsat.foreign.fold import Compared, Layer
from bnnsat.foreign.graph import Graph, read_graph
from bnnsat.foreign.linear import Linear
from bnnsat.foreign.values import Signs
from bnnsat.foreign.walk import Walk
from bnnsat.types import Bits

EXACT = 1 << 52
"""Whole numbers up to that, and sums of two, are exact in floats."""


@dataclass(frozen=True, eq=False)
class Stack:
    """A network over real numbers.

    Attributes:
        inputs: how many numbers.
        dims: their shape in the file, with 1 for the batch.
        first: comparisons of single inputs, whose bits are added; None where the numbers are.
        layers: one behind the other.
        last: what the classes add.
        scale: (classes,) what the sums of the last are multiplied by.
        shift: (classes,) what is added then.
    """

    inputs: int
    dims: tuple[int, ...]
    first: Compared | None
    layers: tuple[Layer, ...]
    last: Linear
    scale: tuple[Fraction, ...]
    shift: tuple[Fraction, ...]

    def bits(self, inputs: Sequence[Fraction]) -> list[Bits]:
        """What the network makes of an input: the bits of its comparisons, if it has them, and of each layer.

        Args:
            inputs: (n,) numbers.

        Raises:
            InputError: they have too many digits to be added exactly.
        """
        found = list[Bits]()
        if self.first is None:
            unit = lcm(*{one.denominator for one in inputs})
            whole = self.whole(inputs, unit)
            found.append(self.layers[0].linear.sums(whole[np.newaxis])[0] >= self.least(unit))
        else:
            found.append(self.compared(inputs))
        return [*found, *self.behind(found[0][np.newaxis])]

    def compared(self, inputs: Sequence[Fraction]) -> Bits:
        """The bits of the input's comparisons, (n,).

        Args:
            inputs: (n,) numbers.

        Raises:
            InputError: one is nearer to where its bit changes than can be told.
        """
        first, found = self.first, list[bool]()
        assert first is not None
        parts = first.turned.tolist(), first.always.tolist(), first.vague.tolist()
        for place, (x, edge, turned, always, vague) in enumerate(zip(inputs, first.edges, *parts, strict=True)):
            # The others are known exactly.
            if edge is not None and vague and abs(x - edge) < NEAR:
                raise InputError(f"input {place + 1} is nearer to where its bit changes than can be told")
            found.append(always if edge is None else x >= edge if turned > 0 else x <= edge)
        return np.array(found, dtype=np.bool_)

    def behind(self, bits: Bits) -> list[Bits]:
        """The bits of all further layers, each (n,) or (rows, n) as given.

        Args:
            bits: (rows, n) of the comparisons, or of the first layer where there are none.
        """
        found, rows = list[Bits](), bits
        for layer in self.layers if self.first is not None else self.layers[1:]:
            least = np.array([float(one) for one in layer.least], dtype=np.float32)
            rows = layer.linear.sums(2 * rows.astype(np.float32) - 1) >= least
            found.append(rows if len(rows) > 1 else rows[0])
        return found

    def scores(self, bits: Bits) -> list[Fraction]:
        """What each class counts, (classes,).

        Args:
            bits: (n,) of the last layer.
        """
        sums = self.last.sums(2 * bits[np.newaxis].astype(np.float32) - 1)[0]
        return [a * int(s) + b for a, s, b in zip(self.scale, sums.tolist(), self.shift, strict=True)]

    def whole(self, inputs: Sequence[Fraction], unit: int) -> NDArray[np.float64]:
        """Inputs as whole numbers of units, exact in floats.

        Args:
            inputs: (n,) numbers.
            unit: how many make 1; a multiple of all denominators.

        Raises:
            InputError: they have too many digits to be added exactly.
        """
        found = [int(one * unit) for one in inputs]
        if max(map(abs, found)) * self.layers[0].linear.windows.shape[1] >= EXACT:
            raise InputError(f"the inputs have too many digits to be added exactly (multiples of 1/{unit})")
        return np.array(found, dtype=np.float64)

    def least(self, unit: int) -> NDArray[np.float64]:
        """Sums of the first layer from which on its bits are 1, (outputs,), of numbers that were multiplied.

        Args:
            unit: by what.

        Raises:
            InputError: a root is nearer to one of them than can be told.
        """
        layer, found = self.layers[0], list[float]()
        for j, (least, vague) in enumerate(zip(layer.least, layer.vague.tolist(), strict=True)):
            edge = least * unit
            if vague and abs(edge - round(edge)) < NEAR * unit:
                raise InputError(f"neuron {j + 1} of layer 1 is nearer to 0 than can be told")
            found.append(float(max(min(ceil(edge), EXACT), -EXACT)))
        return np.array(found)

    def margins(self, weights: Sequence[Fraction]) -> tuple[NDArray[np.int64], Fraction, Fraction]:
        """A weighted sum of the scores, never more than it is: what each bit of the last layer gives, and the rest.

        Args:
            weights: (classes,) of the scores.

        Returns (bits,) what a bit of 1 gives instead of 0, what all 0 give together, and how many units make 1. No sum
        of these is beyond what floats hold exactly.
        """
        each = [w * a for w, a in zip(weights, self.scale, strict=True)]
        start = sum((w * b for w, b in zip(weights, self.shift, strict=True)), Fraction(0))
        largest = 4 * (self.last.values * sum(map(abs, each)) + abs(start))
        # 2^room times that is below what floats hold exactly.
        room = EXACT.bit_length() - 3 - (largest.numerator.bit_length() - largest.denominator.bit_length())
        whole = room >= 0 and all(factor.denominator == 1 for factor in each)
        unit = Fraction(1) if whole else Fraction(2) ** room
        parts = np.zeros(self.last.values, dtype=np.int64)
        for factor, kernel in zip(each, self.last.kernels, strict=True):
            parts[self.last.windows[0]] += floor(factor * unit) * kernel.astype(np.int64)
        # Each factor is rounded by less than one unit, for each bit.
        lost = 0 if whole else len(each) * self.last.values
        return 2 * parts, start * unit - int(parts.sum()) - lost, unit


def read_stack(path: Path, divisor: int = 1) -> tuple[Graph, Walk, Stack]:
    """The network of an ONNX file over real numbers.

    Args:
        path: the file.
        divisor: what inputs are divided by before they come in.

    Raises:
        InputError: it cannot be read, or something in it is not supported.
    """
    graph = read_graph(path)
    walk, result = walked(graph, Fraction(divisor), numbers=True)
    if isinstance(result, Signs) or not result.linear.dense or not walk.layers:
        raise InputError(f"{path}: does not end with the counts of classes behind a layer of signs")
    if "ArgMax" in walk.ended:
        raise InputError(f"{path}: ends with ArgMax, so that its output has no scores to ask about; save it without")
    last = replace(result.linear, kernels=result.linear.kernels[result.order])
    scale, shift = tuple(result.scale.tolist()), tuple(result.shift.tolist())
    return graph, walk, Stack(int(np.prod(graph.dims)), graph.dims, walk.first, tuple(walk.layers), last, scale, shift)
