"""Examples to learn from whose errors do not count."""

from __future__ import annotations

from dataclasses import dataclass

from bnnsat.errors import InputError
from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class Variants:
    """Further examples to learn from, whose errors do not count.

    Attributes:
        inputs: (examples, n) bits.
        labels: (examples,), from 0.
    """

    inputs: Bits
    labels: Integers


@dataclass(frozen=True)
class Flips:
    """The examples with some of their bits inverted, other ones each time.

    Attributes:
        share: the probability with which a bit is inverted.

    Raises:
        InputError: it is none below a half.
    """

    share: float

    def __post_init__(self) -> None:
        if not (isinstance(self.share, int | float) and 0 <= self.share < 0.5):
            raise InputError(f"bits are flipped with a probability from 0 to below 0.5, not {self.share}")


@dataclass(frozen=True)
class Swaps:
    """The examples with some of their bits taken from other examples, other ones each time.

    So each bit is 1 as often as before (swap noise, as for denoising autoencoders of tables): of bits that are rarely 1
    inverted ones would be like those of no example.

    Attributes:
        share: the probability with which a bit is another example's.

    Raises:
        InputError: it is none below 1.
    """

    share: float

    def __post_init__(self) -> None:
        if not (isinstance(self.share, int | float) and 0 <= self.share < 1):
            raise InputError(f"bits are swapped with a probability from 0 to below 1, not {self.share}")


Noise = Flips | Swaps
Augment = Variants | Flips | Swaps
