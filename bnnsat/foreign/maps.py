"""Operations that map each value by itself: arithmetic with constants, and normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.exact import Fractions, fractions, is_square, plain, root
from bnnsat.foreign.graph import Node
from bnnsat.foreign.values import Known, Mapped, Raw, Signs, Sums, Value

Flowing = TypeVar("Flowing", bound=Mapped)


def arithmetic(node: Node, values: Sequence[Value | None]) -> Value:
    """Add, Sub, Mul or Div of values and a constant.

    Args:
        node: the operation.
        values: what it reads.

    Raises:
        InputError: it is of other values, or the constant does not fit.
    """
    if len(values) != 2:
        raise InputError(f"{node.told}: reads {len(values)} values where 2 are due")
    a, b = values
    backwards = isinstance(b, Mapped)
    value, other = (b, a) if backwards else (a, b)
    if not isinstance(value, Raw | Signs | Sums) or not isinstance(other, Known):
        raise InputError(f"{node.told}: joins two parts of the network, which is not supported")
    value, more = spread(other.array, value, node)
    match node.kind:
        case "Add":
            return value.plus(more)
        case "Mul":
            return value.times(more)
        case "Sub":
            return value.times(plain(-1, len(value))).plus(more) if backwards else value.plus(-more)
        case "Div" if not backwards:
            if not all(more):
                raise InputError(f"{node.told}: divides by 0")
            return value.times(1 / more)
    raise InputError(f"{node.told}: not supported on what depends on the input")


def spread(array: NDArray[Any], value: Flowing, node: Node) -> tuple[Flowing, Fractions]:
    """A constant for each value, as ONNX spreads it; and the values with the dimensions that both have.

    Args:
        array: the constant.
        value: the values.
        node: that joins them.

    Raises:
        InputError: the constant has other dimensions.
    """
    exact = fractions(array, node.told)
    try:
        dims = np.broadcast_shapes(value.dims, array.shape)
        if int(np.prod(dims)) != len(value):
            raise ValueError
    except ValueError:
        raise InputError(
            f"{node.told}: a constant of shape {array.shape} does not fit {len(value)} values of shape {value.dims}"
        ) from None
    return replace(value, dims=dims), np.broadcast_to(exact, dims).ravel()


def normalised(node: Node, values: Sequence[Value | None]) -> Value:
    """BatchNormalization.

    Args:
        node: the operation.
        values: what it reads.

    Raises:
        InputError: its constants do not fit, or a variance leaves no scale.
    """
    value, *known = values
    if not isinstance(value, Raw | Signs | Sums) or len(known) != 4 or not all(isinstance(one, Known) for one in known):
        raise InputError(f"{node.told}: takes a value and four constants")
    names = ("scale", "bias", "mean", "variance")
    parts = [
        fractions(one.array, f"{node.told}: {what}").ravel()
        for one, what in zip(known, names, strict=True)
        if isinstance(one, Known)
    ]
    channels = value.dims[1] if len(value.dims) > 1 else 1
    if any(len(part) != channels for part in parts):
        raise InputError(f"{node.told}: its constants, {len(parts[0])} of them, do not fit {channels} channels")
    scale, bias, mean, variance = parts
    if node.attributes.get("training_mode", 0):
        raise InputError(f"{node.told}: is in training, and takes its mean from the examples")
    wide = variance + fractions(node.attributes.get("epsilon", 1e-5), f"{node.told}: epsilon").item()
    if bad := [i for i, one in enumerate(wide) if one <= 0]:
        raise InputError(
            f"{node.told}: the variance of value {bad[0] + 1} is {float(variance[bad[0]]):g}, so it has no scale"
        )
    roots = np.array([root(one) for one in wide], dtype=object)
    rounded = np.array([not is_square(one) for one in wide])

    def along(parts: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(parts.reshape(channels, *[1] * (len(value.dims) - 2)), value.dims).ravel()

    return value.plus(along(-mean)).times(along(scale / roots), along(rounded)).plus(along(bias))
