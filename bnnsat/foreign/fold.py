"""Signs of affine maps as thresholds: of weighted sums, of grey levels, and of numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from bnnsat.errors import InputError
from bnnsat.foreign.exact import NEAR
from bnnsat.foreign.linear import Linear, Signed
from bnnsat.foreign.values import Mapped, Raw, Sums
from bnnsat.types import Bits

LEVELS = 256
"""An input is a grey level below that."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The input's comparisons.

    Attributes:
        turned: (n,) -1 where a bit is the other way round: 1 up to a level.
        least: (n,) levels from which on the value is at least 0, or, where it is turned, no longer.
        edges: (n,) numbers from which on (turned: up to which) it is; None where it is always the same.
        always: (n,) whether it is, where it is always the same.
        zeros: (n,) where it is exactly 0 for some level.
        vague: (n,) where the edge is that of a rounded root.
    """

    turned: Signed
    least: list[int]
    edges: list[Fraction | None]
    always: Bits
    zeros: Bits
    vague: Bits


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of comparisons.

    Attributes:
        linear: what is added.
        least: (outputs,) the sums from which on a bit is 1; whole numbers where signs are added.
        vague: (outputs,) where it is a rounded root.
        zeros: (outputs,) where the value whose sign the bit is may be exactly 0.
    """

    linear: Linear
    least: list[Fraction]
    vague: Bits
    zeros: Bits


def folded(sums: Sums, name: str) -> Layer:
    """Where sums are at least 0.

    Args:
        sums: of signs or of numbers.
        name: of the node, for errors.

    Raises:
        InputError: one is nearer to 0 than can be told, or a channel is compared in both directions.
    """
    linear, back = sums.linear, np.argsort(sums.order)
    scale, shift, vague = sums.scale[back], sums.shift[back], sums.vague[back]
    channels, falls = len(linear.kernels), np.array([one < 0 for one in scale])
    rises = np.array([one > 0 for one in scale])
    falling = np.asarray(falls.reshape(-1, channels).any(axis=0))
    if (falling & rises.reshape(-1, channels).any(axis=0)).any():
        raise InputError(f"{name}: some places of a channel are multiplied by positive and some by negative numbers")
    try:
        linear = linear.turned(falling)
    except ValueError:
        raise InputError(f"{name}: a maximum is multiplied by a negative number, which is not supported") from None
    most, present = linear.windows.shape[1], (linear.windows < linear.values).sum(axis=1)
    least, zeros = list[Fraction](), list[bool]()
    for j, (step, start, unsure) in enumerate(zip(scale, shift, vague, strict=True)):
        edge, zero = _edge(abs(step), start, most, bool(unsure), not sums.numbers, f"{name}: neuron {j + 1}")
        # A sum of signs is even or odd as their number is.
        parity = linear.padded or linear.pooled is not None or (edge - int(present[j // channels])) % 2 == 0
        zeros.append(sums.numbers or (zero and parity))
        least.append(edge)
    return Layer(linear, least, vague, np.array(zeros))


def _edge(step: Fraction, start: Fraction, most: int, vague: bool, whole: bool, where: str) -> tuple[Fraction, bool]:
    """The least sum with step * sum + start >= 0, a whole one from -most to most + 1 if it has to be; and whether it
    is 0 there."""
    if step == 0:
        if vague and abs(start) < NEAR:
            raise InputError(f"{where} is nearer to 0 than can be told")
        if not whole:
            raise InputError(f"{where} does not depend on the input, which is not supported where numbers are added")
        return Fraction(-most if start >= 0 else most + 1), start == 0
    edge = -start / step
    if not whole:
        return edge, True
    if vague and abs(edge - round(edge)) < NEAR:
        raise InputError(f"{where} is nearer to 0 than can be told")
    least = ceil(edge)
    return Fraction(min(max(least, -most), most + 1)), edge == least and -most <= least <= most


def compared(raw: Raw, divisor: Fraction, name: str) -> Compared:
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
    least, signs, zeros, edges = list[int](), list[int](), list[bool](), list[Fraction | None]()
    back = np.argsort(raw.order)
    maps = zip(raw.scale[back], raw.shift[back], raw.vague[back], strict=True)
    for i, (scale, shift, vague) in enumerate(maps):
        edge = -shift / scale if scale else None
        if edge is None:
            near, zero = abs(shift) < NEAR, shift == 0
            start = 0 if shift >= 0 else LEVELS
        else:
            near, zero = min(abs(level - edge) for level in levels) < NEAR, edge in levels
            # At least 0 from the edge on, or up to it.
            start = bisect_left(levels, edge) if scale > 0 else bisect_right(levels, edge)
        if vague and near:
            raise InputError(f"{name}: input {i + 1} is nearer to 0 than can be told")
        edges.append(edge)
        least.append(start)
        signs.append(-1 if scale < 0 else 1)
        zeros.append(zero)
    always = np.array([shift >= 0 for shift in raw.shift[back]])
    return Compared(
        np.array(signs, dtype=np.int8), least, edges, always, np.array(zeros, dtype=np.bool_), raw.vague[back]
    )


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
