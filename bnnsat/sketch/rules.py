"""The operations of sketches: what each takes, and between what its results are.

Every array has one least and one most for its elements. They follow from those of the arguments, so that each number
has as many bits as it needs: nothing can overflow, and what would need too many is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnnsat.errors import InputError

MOST_BITS = 61
"""Of any number: a sum of two is far from overflowing 64 bits."""
MOST_ELEMENTS = 1 << 24
"""Of any array."""


@dataclass(frozen=True)
class Form:
    """Of an array of whole numbers.

    Attributes:
        shape: sizes of its axes.
        low: no element is less.
        high: no element is more.
    """

    shape: tuple[int, ...]
    low: int
    high: int

    def __post_init__(self) -> None:
        if max(abs(self.low), abs(self.high)) >> MOST_BITS:
            raise InputError(
                f"numbers from {self.low} to {self.high} take more than {MOST_BITS} bits; use smaller ones"
            )
        if self.low > self.high:
            raise InputError(f"there is no number from {self.low} to {self.high}")
        if self.size > MOST_ELEMENTS:
            raise InputError(f"an array of shape {self.shape} is too large; the most are {MOST_ELEMENTS} numbers")

    @property
    def bits(self) -> bool:
        """Whether each element is 0 or 1."""
        return self.low >= 0 and self.high <= 1

    @property
    def signed(self) -> bool:
        """Whether an element can be below 0."""
        return self.low < 0

    @property
    def width(self) -> int:
        """Bits of each element, in two's complement where it is signed."""
        if self.signed:
            return max((-self.low - 1).bit_length(), max(self.high, 0).bit_length()) + 1
        return max(1, self.high.bit_length())

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))


Rule = Callable[[Sequence[Form], Any], Form]


def add(a: Form, b: Form, _: None) -> Form:
    """a + b."""
    return Form(_same(a, b), a.low + b.low, a.high + b.high)


def negative(a: Form, _: None) -> Form:
    """-a."""
    return Form(a.shape, -a.high, -a.low)


def multiply(a: Form, b: Form, _: None) -> Form:
    """a times b."""
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Form(_same(a, b), min(ends), max(ends))


def total(a: Form, _: None) -> Form:
    """The sum along the last axis."""
    n = _along(a)
    return Form(a.shape[:-1], n * a.low, n * a.high)


def shift(a: Form, places: int) -> Form:
    """a divided by 2 to the power of `places`, rounded down."""
    if type(places) is not int or not 0 <= places <= MOST_BITS:
        raise InputError(f"numbers are shifted by 0 to {MOST_BITS} places, not {places!r}")
    return Form(a.shape, a.low >> places, a.high >> places)


def maximum(a: Form, b: Form, _: None) -> Form:
    """The larger of a and b."""
    return Form(_same(a, b), max(a.low, b.low), max(a.high, b.high))


def less(a: Form, b: Form, _: None) -> Form:
    """Whether a < b."""
    return Form(_same(a, b), 0, 1)


def equal(a: Form, b: Form, _: None) -> Form:
    """Whether a = b."""
    return Form(_same(a, b), 0, 1)


def where(condition: Form, a: Form, b: Form, _: None) -> Form:
    """a where the condition is 1, else b."""
    _same(condition, a)
    return Form(_same(_bits(condition), b), min(a.low, b.low), max(a.high, b.high))


def invert(a: Form, _: None) -> Form:
    """1 where the bit is 0."""
    return Form(_bits(a).shape, 0, 1)


def every(a: Form, _: None) -> Form:
    """Whether all bits along the last axis are 1."""
    _along(_bits(a))
    return Form(a.shape[:-1], 0, 1)


def at_least(a: Form, least: int) -> Form:
    """Whether at least so many bits along the last axis are 1."""
    if type(least) is not int:
        raise InputError(f"at_least takes a whole number, not {least!r}")
    _along(_bits(a))
    return Form(a.shape[:-1], 0, 1)


def greater(a: Form, b: Form, _: None) -> Form:
    """Whether the bits of a along the last axis, the most significant first, are a larger number than those of b."""
    if not _along(_bits(a)):
        raise InputError("numbers without bits cannot be compared")
    return Form(_same(a, _bits(b))[:-1], 0, 1)


def gather(*given: Any) -> Form:
    """Elements of some arrays, all in one row, by their places."""
    forms, places = given[:-1], given[-1]
    count = sum(form.size for form in forms)
    if places.size and not 0 <= int(places.min()) <= int(places.max()) < count:
        raise InputError(f"a place is not among the {count} elements")
    return Form(places.shape, min(form.low for form in forms), max(form.high for form in forms))


def constant(values: Any) -> Form:
    """Known numbers."""
    return Form(values.shape, int(values.min()), int(values.max())) if values.size else Form(values.shape, 0, 0)


def variable(given: tuple[str, tuple[int, ...], int, int]) -> Form:
    """A hole or an input: its role, shape, least and most."""
    return Form(*given[1:])


RULES: dict[str, Callable[..., Form]] = {
    rule.__name__: rule
    for rule in (
        *(add, negative, multiply, total, shift, maximum, less, equal, where, invert, every, at_least, greater),
        *(gather, constant, variable),
    )
}
"""By the operation's name: the form of its result, from those of its arguments and its data."""


def _same(a: Form, b: Form) -> tuple[int, ...]:
    if a.shape != b.shape:
        raise InputError(f"arrays of shapes {a.shape} and {b.shape} do not fit")
    return a.shape


def _bits(a: Form) -> Form:
    if not a.bits:
        raise InputError(f"bits are due, and these are numbers from {a.low} to {a.high}; compare them first")
    return a


def _along(a: Form) -> int:
    if not a.shape:
        raise InputError("a single number has no axis to go along")
    return a.shape[-1]
