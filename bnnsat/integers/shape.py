"""The shape of a network of whole numbers: everything about it but its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from bnnsat.errors import InputError

RELU = "relu"
BIT, EXACT, ARGMAX = HEADS = "bit", "exact", "argmax"
LEAST_BITS, MOST_BITS = 2, 8
"""Of a weight."""
MOST_SIZE = 100_000


@dataclass(frozen=True)
class IntegerShape:
    """A network whose hidden neurons are sums of inputs times weights, and 0 where these are below 0.

    Attributes:
        sizes: the inputs, then each layer's neurons.
        head: bit: label 1 iff the output is above 0; exact: the output is the label; argmax: the label's output is the
            largest, ties to the lowest class.
        weight_bits: of each weight, two's complement, from 2 to 8.
        input_bits: of each input, which is not negative, from 1 to 8.
        bias: whether each neuron adds a number of its own, of `weight_bits + input_bits` bits.
    """

    sizes: tuple[int, ...]
    head: str = BIT
    weight_bits: int = 4
    input_bits: int = 1
    bias: bool = False

    @classmethod
    def parse(
        cls, topology: str, head: str | None = None, weight_bits: int = 4, input_bits: int = 1, bias: bool = False
    ) -> IntegerShape:
        """A shape by the words of users.

        Args:
            topology: the sizes, as "64-4-1".
            head: bit, exact or argmax; without, bit for one output, argmax for more.
            weight_bits: of each weight.
            input_bits: of each input.
            bias: whether each neuron adds a number of its own.

        Raises:
            InputError: the parts do not fit.
        """
        parts = topology.split("-")
        if not all(part.isascii() and part.isdecimal() and len(part) < 8 for part in parts):
            raise InputError(f"topology {topology!r} is none; write sizes like 64-4-1")
        sizes = tuple(map(int, parts))
        given = (BIT if sizes[-1] == 1 else ARGMAX) if head is None else head
        return cls(sizes, given, weight_bits, input_bits, bias).checked()

    @property
    def topology(self) -> str:
        """The sizes as users write them."""
        return "-".join(map(str, self.sizes))

    @property
    def layers(self) -> int:
        """The number of layers that have weights."""
        return len(self.sizes) - 1

    @property
    def matrices(self) -> list[tuple[int, int]]:
        """The size (neurons, inputs) of each layer's weights."""
        return [(m, n) for n, m in pairwise(self.sizes)]

    @property
    def parameters(self) -> list[tuple[int, ...]]:
        """The sizes of all arrays of weights and, with a bias, of what neurons add, layer by layer."""
        return [size for m, n in self.matrices for size in (((m, n), (m,)) if self.bias else ((m, n),))]

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the most that a weight can be."""
        return -(1 << self.weight_bits - 1), (1 << self.weight_bits - 1) - 1

    @property
    def bias_bits(self) -> int:
        """Of what a neuron adds."""
        return self.weight_bits + self.input_bits

    @property
    def weights(self) -> int:
        """The number of weights, with what neurons add."""
        return sum(m * (n + self.bias) for m, n in self.matrices)

    @property
    def classes(self) -> int:
        """The number of labels that the head can name, from 0; of exact, that there is no such number is said by 0."""
        return {BIT: 2, EXACT: 0, ARGMAX: self.sizes[-1]}[self.head]

    @property
    def words(self) -> str:
        """The networks in question."""
        bias = ", bias" * self.bias
        return (
            f"{self.topology} (relu, weights of {self.weight_bits} bits, inputs of {self.input_bits}{bias}, "
            f"head {self.head})"
        )

    def noted(self) -> dict[str, Any]:
        """The shape as JSON."""
        return {**asdict(self), "sizes": list(self.sizes)}

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> IntegerShape:
        """The shape that was noted.

        Args:
            noted: what `noted` returned.

        Raises:
            InputError: it is none; KeyError, TypeError and ValueError may be raised, too.
        """
        shape = cls(**{**noted, "sizes": tuple(noted["sizes"])}).checked()
        numbers = (*shape.sizes, shape.weight_bits, shape.input_bits)
        if not all(type(number) is int for number in numbers) or type(shape.bias) is not bool:
            raise InputError("the shape of a network is not as it is written")
        return shape

    def checked(self) -> IntegerShape:
        """The shape; InputError, with what would be right, for one that cannot be."""
        if self.head not in HEADS:
            raise InputError(f"head {self.head} is none of networks with relu; there are {', '.join(HEADS)}")
        if len(self.sizes) < 2 or not all(1 <= size <= MOST_SIZE for size in self.sizes):
            raise InputError(f"topology {self.topology} is none: two sizes or more, each from 1 to {MOST_SIZE}")
        if (self.head == ARGMAX) != (self.sizes[-1] > 1):
            raise InputError(
                f"head {self.head} does not fit {self.sizes[-1]} outputs; bit and exact take 1, argmax takes more"
            )
        if not LEAST_BITS <= self.weight_bits <= MOST_BITS:
            raise InputError(f"weights have {LEAST_BITS} to {MOST_BITS} bits, not {self.weight_bits}")
        if not 1 <= self.input_bits <= MOST_BITS:
            raise InputError(f"inputs have 1 to {MOST_BITS} bits, not {self.input_bits}")
        return self
