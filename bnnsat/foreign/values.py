"""What flows through a network from elsewhere: constants, its input, signs, sums of signs, under affine maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.exact import Fractions
from bnnsat.types import Bits

Signed = NDArray[np.int8]
"""Weights -1 and +1."""


@dataclass(frozen=True, eq=False)
class Known:
    """A constant.

    Attributes:
        array: its value.
    """

    array: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Mapped:
    """Values scale * base + shift, element by element.

    Attributes:
        scale: (n,).
        shift: (n,).
        rounded: (n,) where both hold one factor above 0, a root, that is rounded.
        vague: (n,) where something was added to that, so that their quotient is rounded, too.
    """

    scale: Fractions
    shift: Fractions
    rounded: Bits
    vague: Bits

    def __len__(self) -> int:
        return len(self.scale)

    def times(self, factor: Fractions, rounded: Bits | bool = False) -> Self:
        """The same, multiplied.

        Args:
            factor: (n,).
            rounded: (n,) where it is a rounded root, or its inverse.
        """
        made = {"scale": self.scale * factor, "shift": self.shift * factor, "rounded": self.rounded | rounded}
        return replace(self, **made)

    def plus(self, more: Fractions) -> Self:
        """The same with something added.

        Args:
            more: (n,).
        """
        return replace(self, shift=self.shift + more, vague=self.vague | (self.rounded & (more != 0)))


@dataclass(frozen=True, eq=False)
class Raw(Mapped):
    """The network's input.

    Attributes:
        dims: its shape in the file, with 1 for the batch.
    """

    dims: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Signs(Mapped):
    """Signs -1 and +1, of a layer or of the input.

    Attributes:
        layer: which layer's; 0 is the input.
        zeros: (n,) where the value whose sign it is may be 0, of which nobody has said yet what it is.
    """

    layer: int
    zeros: Bits


@dataclass(frozen=True, eq=False)
class Sums(Mapped):
    """Sums of signs with weights.

    Attributes:
        weights: (m, n).
        layer: whose signs are added.
    """

    weights: Signed
    layer: int


Value = Known | Raw | Signs | Sums


def unit(n: int) -> tuple[Fractions, Fractions, Bits, Bits]:
    """A map that changes nothing: scale, shift, rounded and vague, each (n,).

    Args:
        n: how many.
    """
    no = np.zeros(n, dtype=np.bool_)
    return np.full(n, Fraction(1), dtype=object), np.full(n, Fraction(0), dtype=object), no, no


def weighted(matrix: NDArray[Any], signs: Signs, name: str) -> Sums:
    """Signs times weights.

    Args:
        matrix: (m, n) fractions; each row has weights -a and +a.
        signs: what is added.
        name: of the node, for errors.

    Raises:
        InputError: the weights are others, or a sign may be 0.
    """
    if matrix.ndim != 2 or matrix.shape[1] != len(signs):
        raise InputError(f"{name}: weights of shape {matrix.shape} do not fit {len(signs)} values")
    if signs.zeros.any():
        neuron = int(np.argmax(signs.zeros))
        raise InputError(
            f"{name}: neuron {neuron + 1} of layer {signs.layer} can be exactly 0, whose Sign is 0 and no bit; "
            "a Sign that says +1 there is due"
        )
    product = matrix * signs.scale
    sizes = np.abs(product)
    if (
        bad := [(j, i) for j, i in np.argwhere(sizes != sizes[:, :1]).tolist()][:1]
        or [(j, 0) for j in np.flatnonzero(sizes[:, 0] == 0).tolist()][:1]
    ):
        j, i = bad[0]
        raise InputError(
            f"{name}: weight {float(matrix[j, i]):g} of input {i + 1} in neuron {j + 1} is not as large as its first; "
            "the weights of a binary network are -1 and +1 (of latent ones take the signs before export)"
        )
    if signs.rounded.any():
        raise InputError(f"{name}: signs are multiplied by roots before they are added, which is not supported")
    weights = np.where(product > 0, 1, -1).astype(np.int8)
    no = np.zeros(len(matrix), dtype=np.bool_)
    return Sums(sizes[:, 0], matrix @ signs.shift, no, no, weights, signs.layer)
