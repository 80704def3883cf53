"""Operations that make bits: Sign, and QONNX's BipolarQuant and Quant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from bnnsat.errors import InputError
from bnnsat.foreign.exact import fractions
from bnnsat.foreign.fold import compared, folded
from bnnsat.foreign.graph import Node
from bnnsat.foreign.maps import spread
from bnnsat.foreign.values import Known, Mapped, Raw, Signs, Sums, Value, unit
from bnnsat.foreign.walk import Made, Walk

STARTS = {"ROUND": Fraction(1, 2), "FLOOR": Fraction(1), "CEIL": Fraction(0)}
"""From which quotient on, or just behind it, Quant says 1."""


def sign(walk: Walk, node: Node, values: Sequence[Value | None]) -> Signs:
    """Sign, or BipolarQuant.

    Args:
        walk: what has been read; a layer is added.
        node: the operation.
        values: what it reads.

    Raises:
        InputError: it is of something else than the input, sums or signs.
    """
    value, sure, factor = values[0], node.kind == "BipolarQuant", None
    if sure and len(values) > 1:
        other = values[1]
        if not isinstance(other, Known) or other.array.size != 1 or not other.array.ravel()[0] > 0:
            raise InputError(f"{node.told}: its scale is not one number above 0")
        factor = other.array
    if not isinstance(value, Mapped):
        raise InputError(f"{node.told}: the sign of a constant under another scale is not supported")
    if isinstance(value, Signs):
        made = _again(walk, node, value, sure)
    else:
        if isinstance(value, Raw):
            if walk.signs or walk.layers:
                raise InputError(f"{node.told}: the input is read twice, which is not supported")
            walk.first = compared(value, Fraction(1) if walk.numbers else walk.divisor, node.told)
            layer, zeros = 0, walk.first.zeros
        else:
            assert isinstance(value, Sums)
            if value.layer != len(walk.layers):
                raise InputError(f"{node.told}: does not follow the layer before it; layers in one row are supported")
            walk.layers.append(folded(value, node.told))
            layer, zeros = len(walk.layers), walk.layers[-1].zeros
        made = Signs(*unit(value.dims, value.order), layer, zeros[value.order] & (not sure))
        walk.signs.append(Made(node.outputs[0], value.order))
    return made if factor is None else made.times(spread(factor, made, node)[1])


def quantised(walk: Walk, node: Node, values: Sequence[Value | None]) -> Signs:
    """Quant of one bit without a sign: 0 or 1, of the value divided by a scale, as it is rounded.

    Args:
        walk: what has been read; a layer is added.
        node: the operation.
        values: what it reads: the value, scale, zero point and width.

    Raises:
        InputError: it has more bits, or is of something else than the input or sums.
    """
    value, *known = values
    if not isinstance(value, Raw | Sums) or len(known) != 3 or not all(isinstance(one, Known) for one in known):
        raise InputError(f"{node.told}: takes the input or sums, and three constants")
    parts = [fractions(one.array, node.told).ravel().tolist() for one in known if isinstance(one, Known)]
    if any(len({*part}) != 1 for part in parts) or parts[2][0] != 1 or node.attributes.get("signed", 1):
        raise InputError(
            f"{node.told}: has more than one bit, a sign, or several scales; one bit, 0 or 1, is supported"
        )
    (scale, *_), (zero, *_), _ = parts
    mode = str(node.attributes.get("rounding_mode", "ROUND")).upper()
    if scale <= 0 or zero != 0 or mode not in STARTS:
        raise InputError(
            f"{node.told}: scale {float(scale):g}, zero point {float(zero):g} and {mode} are not supported; a scale "
            f"above 0, zero point 0, and {', '.join(STARTS)} are"
        )
    n = len(value)
    bits = sign(walk, node, [value.times(np.full(n, 1 / scale)).plus(np.full(n, -STARTS[mode]))])
    if mode != "FLOOR" and bits.zeros.any():
        # Half is rounded to the even 0, and nothing is above 0 at 0: neither is a 1.
        bits = _again(walk, node, bits.plus(np.full(n, Fraction(-1, 2))), sure=False)
    sure = replace(bits, zeros=np.zeros(n, dtype=np.bool_))
    # Signs -1 and +1 as 0 and 1.
    return sure.plus(np.full(n, Fraction(1))).times(np.full(n, scale / 2))


def _again(walk: Walk, node: Node, value: Signs, sure: bool) -> Signs:
    """The signs of signs, under a map that leaves them what they are; and what becomes of 0."""
    walk.current(value, node)
    if value.rounded.any() or not all(value.scale > abs(value.shift)):
        raise InputError(f"{node.told}: the sign of signs is not these signs, which is not supported")
    down = value.zeros & np.array([shift < 0 for shift in value.shift])
    left = value.zeros & np.array([shift == 0 for shift in value.shift]) & (not sure)
    of_input = int(not walk.numbers or walk.first is not None)
    walk.signs[value.layer - 1 + of_input] = Made(node.outputs[0], value.order)
    if down.any():
        # What is 0 becomes -1: it has to be above, or below where an input's bit is the other way round.
        moved = down[np.argsort(value.order)].tolist()
        if walk.numbers and value.layer < 2:
            raise InputError(f"{node.told}: makes -1 of a sum of numbers that is 0, which is not supported")
        if value.layer == 0:
            assert walk.first is not None
            steps = walk.first.turned.tolist()
            least = [at + step * int(one) for at, step, one in zip(walk.first.least, steps, moved, strict=True)]
            walk.first = replace(walk.first, least=least)
        else:
            made = walk.layers[value.layer - 1]
            above = [at + int(one) for at, one in zip(made.least, moved, strict=True)]
            walk.layers[value.layer - 1] = replace(made, least=above)
    return Signs(*unit(value.dims, value.order), value.layer, left, walk.changed(value))
