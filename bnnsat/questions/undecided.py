"""What intervals leave undecided of a network over numbers, in the algebra of bits: layers, and conditions on scores.

What is known of all inputs within the bounds (`questions/within`) is not counted again, only added.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, lcm
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnnsat.foreign.fold import Layer
    from bnnsat.foreign.stack import Stack
    from bnnsat.foreign.vnnlib import Condition
    from bnnsat.questions.within import Known
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.types import Integers

MOST_COUNTED, MOST_UNARY, MOST_WEIGHT = 1 << 21, 1 << 16, 1 << 48
"""Gates of all counts of a formula, those of a condition that is counted bit by bit, and the weights of one."""


def keep_size(layers: Sequence[Layer], known: Sequence[Known]) -> None:
    """Raise InputError where a formula's counts were too large.

    Args:
        layers: behind the first bits.
        known: these bits and those of each layer.
    """
    size = 0
    for layer, before, own in zip(layers, known[:-1], known[1:], strict=True):
        linear = layer.linear
        seen = np.append(before == -1, False)[linear.windows].sum(axis=1) ** 2
        asked = (own == -1).reshape(-1, len(linear.kernels)).sum(axis=1)
        size += int((seen if linear.pooled is None else seen[linear.pooled].sum(axis=1)) @ asked)
    if size > MOST_COUNTED:
        raise InputError("a case leaves too many bits undecided to be written as a formula")


def behind(algebra: Algebra, layer: Layer, bits: Value, before: Known, own: Known) -> Value:
    """A layer's bits, (outputs,).

    Args:
        algebra: the reading.
        layer: the layer.
        bits: (values,) that it adds.
        before: (values,) what is known of these.
        own: (outputs,) what is known of the layer's.
    """
    linear, found = layer.linear, algebra.constant(own == 1)
    for output in np.flatnonzero(own == -1).tolist():
        place, channel = divmod(output, len(linear.kernels))
        reached = []
        for position in [place] if linear.pooled is None else linear.pooled[place].tolist():
            there = linear.windows[position] < linear.values
            seen, plus = linear.windows[position][there], linear.kernels[channel][there] > 0
            free = before[seen] == -1
            # Of n signs the sum is twice those that agree with their weights, less n.
            agreeing = int(((before[seen] == 1) == plus)[~free].sum())
            needed = ceil((layer.least[output] + len(seen)) / 2) - agreeing
            agree = algebra.xnor(bits[seen[free]], algebra.constant(plus[free]))
            reached.append(algebra.at_least(agree, min(max(needed, 0), int(free.sum()) + 1)))
        # A maximum is so large where one of its sums is.
        found[output] = algebra.negated(algebra.conj(algebra.negated(np.stack(reached))[np.newaxis]))[0]
    return found


def met(algebra: Algebra, stack: Stack, condition: Condition, bits: Value, own: Known) -> Value:
    """Whether a condition holds, exactly; one bit.

    Args:
        algebra: the reading.
        stack: the network.
        condition: on its outputs.
        bits: (values,) of its last layer.
        own: (values,) what is known of these.
    """
    factors = [w * a for w, a in zip(condition.weights, stack.scale, strict=True)]
    rest = sum((w * b for w, b in zip(condition.weights, stack.shift, strict=True)), Fraction(0))
    largest, unit = sum(map(abs, factors), Fraction(0)), 1
    for one in factors:
        unit = lcm(unit, one.denominator)
        if largest * unit > MOST_WEIGHT:
            raise InputError("a case weighs outputs too finely to be written as a formula")
    gains = np.zeros(stack.last.values, dtype=np.int64)
    for factor, kernel in zip(factors, stack.last.kernels, strict=True):
        gains[stack.last.windows[0]] += int(factor * unit) * kernel.astype(np.int64)
    # The sum is what bits can give at most, less twice what those do not that are against it; these have to be enough.
    each, free = np.abs(gains), (own == -1) & (gains != 0)
    needed = (sum(each.tolist()) - (condition.most - rest) * unit) / 2
    needed -= sum(each[((own == 1) & (gains < 0)) | ((own == 0) & (gains > 0))].tolist())
    divisor = int(np.gcd.reduce(each[free])) or 1
    against = np.where(gains[free] > 0, algebra.negated(bits[free]), bits[free])
    return _enough(algebra, against, each[free] // divisor, ceil(needed / divisor))


def _enough(algebra: Algebra, bits: Value, costs: Integers, least: int) -> Value:
    """Whether the costs of the bits that are 1 are at least so much together."""
    total = sum(costs.tolist())
    least = min(max(least, 0), total + 1)
    if least in (0, total + 1):
        return algebra.constant(least == 0).reshape(())
    if total * least <= MOST_UNARY:
        return algebra.at_least(np.repeat(bits, costs), least)
    # As binary numbers: of three bits that weigh the same two become one, and one that weighs twice as much.
    no = algebra.constant(np.zeros(1, dtype=np.bool_))
    digits: list[Value] = []
    carried: list[Value] = []
    for place in range(total.bit_length()):
        column = [*carried, *(bits[i : i + 1] for i in np.flatnonzero(costs >> place & 1).tolist())]
        carried = []
        while len(column) > 1:
            a, b, c = column.pop(0), column.pop(0), column.pop(0) if column else no
            column.append(algebra.parity(a, b, c))
            carried.append(algebra.majority(a, b, c))
        digits.append(column[0] if column else no)
    number = np.concatenate(digits[::-1])
    below = np.array([(least - 1) >> place & 1 for place in range(len(digits))][::-1], dtype=np.bool_)
    return algebra.greater(number, algebra.constant(below))
