"""What flows through a network from elsewhere: constants, its input, signs, weighted sums, under affine maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bnnsat.foreign.exact import Fractions, plain
from bnnsat.foreign.linear import Linear, Places
from bnnsat.types import Bits


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
        order: (n,) which one of the base each element is; each is there once.
        dims: the shape of these values in the file, with 1 for the batch; n is its product.
    """

    scale: Fractions
    shift: Fractions
    rounded: Bits
    vague: Bits
    order: Places
    dims: tuple[int, ...]

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

    def moved(self, axes: tuple[int, ...]) -> Self:
        """The same with its dimensions in another order.

        Args:
            axes: which dimension comes first, which second, and so on.
        """
        places = np.arange(len(self)).reshape(self.dims).transpose(axes)
        return replace(self._picked(places.ravel()), dims=places.shape)

    def _picked(self, places: Places) -> Self:
        kept = {name: getattr(self, name)[places] for name in ("scale", "shift", "rounded", "vague", "order")}
        return replace(self, **kept)

    @property
    def alike(self) -> bool:
        """Whether all elements have the same map."""
        return len({*self.scale.tolist()}) == 1 == len({*self.shift.tolist()})


@dataclass(frozen=True, eq=False)
class Raw(Mapped):
    """The network's input."""


@dataclass(frozen=True, eq=False)
class Signs(Mapped):
    """Signs -1 and +1, of a layer or of the input.

    Attributes:
        layer: which layer's; 0 is the input.
        zeros: (n,) where the value whose sign it is may be 0, of which nobody has said yet what it is.
        version: of the layer, which later operations may change.
    """

    layer: int
    zeros: Bits
    version: int = 0

    def _picked(self, places: Places) -> Self:
        return replace(super()._picked(places), zeros=self.zeros[places])


@dataclass(frozen=True, eq=False)
class Sums(Mapped):
    """Weighted sums.

    Attributes:
        linear: what is added.
        layer: whose signs are added; 0 are those of the input, or its numbers.
        numbers: whether the numbers of the input are added, not signs.
    """

    linear: Linear
    layer: int
    numbers: bool


Value = Known | Raw | Signs | Sums


def unit(
    dims: tuple[int, ...], order: Places | None = None
) -> tuple[Fractions, Fractions, Bits, Bits, Places, tuple[int, ...]]:
    """A map that changes nothing: the first six attributes of values.

    Args:
        dims: their shape.
        order: as they stand in their base without.
    """
    n = int(np.prod(dims))
    no = np.zeros(n, dtype=np.bool_)
    return plain(1, n), plain(0, n), no, no, np.arange(n) if order is None else order, dims
