"""A network from elsewhere as far as it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from bnnsat.errors import InputError
from bnnsat.foreign.exact import plain
from bnnsat.foreign.fold import Compared, Layer
from bnnsat.foreign.graph import Node
from bnnsat.foreign.linear import Places
from bnnsat.foreign.values import Mapped, Raw, Signs


@dataclass(frozen=True, eq=False)
class Made:
    """Where a file has the bits of a layer, or of the input.

    Attributes:
        name: of the value in the file; empty for the input itself.
        order: (n,) which bit each of its elements is.
    """

    name: str
    order: Places


@dataclass(eq=False)
class Walk:
    """A network as far as it has been read.

    Attributes:
        divisor: what a grey level is divided by before it comes in.
        numbers: whether an input that is not compared first is numbers; it is bits without.
        first: the comparisons of the input; None where it is bits or numbers.
        layers: one after the other.
        domain: where the input is bits, what stands for 0 and for 1 in the file.
        signs: the values that are the bits of the input (unless these are numbers) and of each layer, in their order.
        ended: how the classes have been compared, if they have.
        versions: how often each layer (0: the comparisons of the input) has been changed since it was made.
    """

    divisor: Fraction
    numbers: bool = False
    first: Compared | None = None
    layers: list[Layer] = field(default_factory=list)
    domain: tuple[int, int] | None = None
    signs: list[Made] = field(default_factory=list)
    ended: tuple[str, ...] = ()
    versions: dict[int, int] = field(default_factory=dict)

    def changed(self, value: Signs) -> int:
        """The next version of a layer, once its signs have become others.

        Args:
            value: the signs.
        """
        self.versions[value.layer] = value.version + 1
        return value.version + 1

    def current(self, value: Signs, node: Node) -> Signs:
        """Signs that nothing has changed.

        Args:
            value: the signs.
            node: that reads them.

        Raises:
            InputError: there are later ones of the same layer.
        """
        if value.version != self.versions.get(value.layer, 0):
            raise InputError(
                f"{node.told}: reads signs of which another operation makes others, which is not supported"
            )
        return value

    def added(self, value: Mapped, node: Node) -> Raw | Signs:
        """What a node can add: signs, or the numbers of the input; an input that is not compared is bits else.

        Args:
            value: what the node reads.
            node: that adds.

        Raises:
            InputError: it is neither.
        """
        if isinstance(value, Signs):
            return self.current(value, node)
        if not isinstance(value, Raw) or self.first is not None:
            raise InputError(f"{node.told}: reads sums that no Sign has made bits (was one lost on export?)")
        if self.signs or self.layers:
            raise InputError(f"{node.told}: the input is read twice, which is not supported")
        if self.numbers:
            return value
        half = value.scale / 2
        if all(value.shift == 0):
            self.domain, scale = (-1, 1), value.scale
        elif all(value.shift == -half):
            self.domain, scale = (0, 1), half
        else:
            raise InputError(f"{node.told}: the input is neither compared (Sign) nor -1 and +1, nor 0 and 1 made so")
        self.signs.append(Made("", np.arange(len(value))))
        no = np.zeros(len(scale), dtype=np.bool_)
        return Signs(scale, plain(0, len(scale)), value.rounded, value.vague, value.order, value.dims, 0, no)
