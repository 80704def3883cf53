"""Signs of affine maps as thresholds: each neuron counts agreements, each input is compared with a level."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from bnnsat.errors import InputError
from bnnsat.foreign.exact import NEAR
from bnnsat.foreign.values import Mapped, Raw, Signed, Sums
from bnnsat.types import Bits

LEVELS = 256
"""An input is a grey level below that."""


@dataclass(frozen=True, eq=False)
class Folded:
    """A layer of popcounts, or the input's comparisons.

    Attributes:
        weights: (m, n), or (n,) of the input: -1 where its bit is the other way round.
        least: (m,) agreements, or levels, from which on the value is at least 0.
        zeros: (m,) where it is exactly 0 for so many.
    """

    weights: Signed
    least: list[int]
    zeros: Bits


def folded(sums: Sums, name: str) -> Folded:
    """Where sums are at least 0.

    Args:
        sums: of signs.
        name: of the node, for errors.

    Raises:
        InputError: one is nearer to 0 than can be told.
    """
    n = sums.weights.shape[1]
    turned = np.array([scale < 0 for scale in sums.scale])
    # sum = 2 * agreements - n
    maps = zip(sums.scale, sums.shift, sums.vague, strict=True)
    steps = [
        _least(2 * abs(scale), shift - n * abs(scale), n, vague, f"{name}: neuron {j + 1}")
        for j, (scale, shift, vague) in enumerate(maps)
    ]
    weights = np.where(turned[:, np.newaxis], -sums.weights, sums.weights)
    return Folded(weights, [least for least, _ in steps], np.array([zero for _, zero in steps]))


def compared(raw: Raw, divisor: Fraction, name: str) -> Folded:
    """Where mapped grey levels, divided first, are at least 0.

    Args:
        raw: the network's input.
        divisor: what a grey level is divided by.
        name: of the node, for errors.

    Raises:
        InputError: one is nearer to 0 than can be told.
    """
    # What comes in is a quotient in single precision.
    levels = [Fraction(float(np.float32(g) / np.float32(divisor))) for g in range(LEVELS)]
    least, signs, zeros = list[int](), list[int](), list[bool]()
    for i, (scale, shift, vague) in enumerate(zip(raw.scale, raw.shift, raw.vague, strict=True)):
        where = f"{name}: input {i + 1}"
        if scale == 0:
            start, zero = _least(scale, shift, LEVELS - 1, vague, where)
        else:
            edge = -shift / scale
            if vague and min(abs(level - edge) for level in levels) < NEAR:
                raise InputError(f"{where} is nearer to 0 than can be told")
            zero = edge in levels
            # At least 0 from the edge on, or up to it.
            start = bisect_left(levels, edge) if scale > 0 else bisect_right(levels, edge)
        least.append(start)
        signs.append(-1 if scale < 0 else 1)
        zeros.append(zero)
    return Folded(np.array(signs, dtype=np.int8), least, np.array(zeros, dtype=np.bool_))


def offsets(mapped: Mapped, name: str) -> list[Fraction]:
    """What is added to each class's agreements before they are compared.

    Args:
        mapped: the last layer's sums.
        name: of the node, for errors.

    Raises:
        InputError: classes count differently, or offsets are nearer to each other than can be told.
    """
    if len(set(mapped.scale)) > 1 or mapped.scale[0] <= 0:
        raise InputError(f"{name}: the classes' counts are multiplied by different or negative numbers")
    found = [shift / (2 * mapped.scale[0]) for shift in mapped.shift]
    for i, one in enumerate(found):
        for other in found[:i]:
            gap = abs((one - other) - round(one - other))
            if mapped.vague.any() and gap < NEAR:
                raise InputError(f"{name}: class {i} is nearer to a tie than can be told")
    return found


def _least(step: Fraction, start: Fraction, most: int, vague: bool, where: str) -> tuple[int, bool]:
    """The least k from 0 to most + 1 with step * k + start >= 0, and whether it is 0 there."""
    if step == 0:
        if vague and abs(start) < NEAR:
            raise InputError(f"{where} is nearer to 0 than can be told")
        return (0 if start >= 0 else most + 1), start == 0
    edge = -start / step
    gap = abs(edge - round(edge))
    if vague and gap < NEAR:
        raise InputError(f"{where} is nearer to 0 than can be told")
    least = ceil(edge)
    return min(max(least, 0), most + 1), edge == least and 0 <= least <= most
