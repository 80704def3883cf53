"""Shapes in question, and which of them contain which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from bnnsat.certificates.space import MOST_SHAPES, weights_of
from bnnsat.errors import InputError
from bnnsat.integers import containment
from bnnsat.integers.shape import RELU, IntegerShape
from bnnsat.shape import Shape


@dataclass(frozen=True)
class Family:
    """What is the same for all shapes of a space.

    Attributes:
        activation: popcount, half or relu.
        inputs: of each network.
        outputs: of each network.
        head: None for the usual one.
        thresholds: of popcounts: given or learned.
        weights: binary or ternary.
        weight_bits: of relu.
        input_bits: of relu.
        bias: of relu.
    """

    activation: str
    inputs: int
    outputs: int
    head: str | None = None
    thresholds: str = "given"
    weights: str = "binary"
    weight_bits: int = 4
    input_bits: int = 1
    bias: bool = False

    def shape(self, hidden: Sequence[int]) -> Shape | IntegerShape:
        """The shape with these hidden layers.

        Args:
            hidden: their sizes.

        Raises:
            InputError: there is none.
        """
        topology = "-".join(map(str, (self.inputs, *hidden, self.outputs)))
        if self.activation == RELU:
            return IntegerShape.parse(topology, self.head, self.weight_bits, self.input_bits, self.bias)
        learned = self.thresholds if self.thresholds == "learned" else ()
        return Shape.parse(topology, self.activation, self.head, learned, self.weights)


def hidden_of(topology: str) -> tuple[int, ...]:
    """The hidden layers of a topology.

    Args:
        topology: as "64-4-2-1".
    """
    return tuple(map(int, topology.split("-")))[1:-1]


def space(family: Family, layers: range, widths: range) -> list[Shape | IntegerShape]:
    """All shapes with so many hidden layers of such widths, those with fewer weights first.

    Half-comparisons read pairs, so that their layers have even numbers of neurons; shapes with odd ones are left out.

    Args:
        family: what is the same for all.
        layers: numbers of hidden layers.
        widths: numbers of neurons of each.

    Raises:
        InputError: there is no shape, or there are too many.
    """
    usable = [width for width in widths if family.activation != "half" or width % 2 == 0]
    if sum(len(usable) ** count for count in layers) > MOST_SHAPES:
        raise InputError(f"these are more than {MOST_SHAPES} shapes; name fewer layers or widths")
    found = [family.shape(hidden) for count in layers for hidden in product(usable, repeat=count)]
    if not found:
        raise InputError("there is no such shape; half-comparisons have layers of an even number of neurons")
    return sorted(found, key=lambda shape: (weights_of(shape), shape.topology))


def contains(large: Shape | IntegerShape, small: Shape | IntegerShape) -> bool:
    """Whether every network of the small shape can be written as one of the large shape.

    Of relu by `integers.containment`. Of popcounts where weights are ternary and thresholds learned: a neuron that
    nobody reads has weight 0 wherever it is read, and a layer hands bits on by neurons with one weight +1 that are 1
    from one agreement on. What reads a single neuron alone says the same, the opposite or a constant: neurons of the
    layer below say that, too. With other popcounts a neuron more moves thresholds, so nothing is known.

    Args:
        large: of networks.
        small: of others.
    """
    if isinstance(large, IntegerShape) or isinstance(small, IntegerShape):
        return (
            isinstance(large, IntegerShape) and isinstance(small, IntegerShape) and containment.contains(large, small)
        )
    same = large.sizes[0] == small.sizes[0] and large.sizes[-1] == small.sizes[-1] and large.head == small.head
    free = all(shape.repeat == 2 and all(shape.constants) for shape in (large, small))
    if large == small:
        return True
    if not (same and free):
        return False
    hidden, wanted = list(small.sizes[1:-1]), large.sizes[1:-1]
    written = [hidden]
    if small.head == "bit" and small.sizes[-1] == 1:
        written.append([*hidden, 1])
        while hidden and hidden[-1] == 1:
            hidden = hidden[:-1]
            written.append(hidden)
    return any(containment.plan(sizes, small.sizes[0], wanted) is not None for sizes in written)


def ranged(words: str, what: str, least: int) -> range:
    """Whole numbers from FIRST..LAST, or one.

    Args:
        words: as "0..2", or "3".
        what: names the option in errors.
        least: none is less.

    Raises:
        InputError: they are none.
    """
    found = re.fullmatch(r"([0-9]{1,6})(?:\.\.([0-9]{1,6}))?", words)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
    if not found or not least <= first <= last:
        raise InputError(f"{what} {words!r} is no range; write it like {least}..{least + 2}, or {least + 1}")
    return range(first, last + 1)
