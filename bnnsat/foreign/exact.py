"""Exact numbers: floats as the fractions that they are, and roots so near that no decision depends on the rest."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError

Fractions = NDArray[np.object_]
ROOT_BITS = 240
"""Binary digits behind the point of a root that is no fraction."""
NEAR = Fraction(1, 1 << 100)
"""What is nearer to a decision than that is not decided, unless it is exact."""


def plain(number: int, n: int) -> Fractions:
    """One whole number n times, (n,).

    Args:
        number: the number.
        n: how often.
    """
    return np.full(n, Fraction(number), dtype=object)


def finite(values: Any, what: str) -> NDArray[Any]:
    """An array of numbers.

    Args:
        values: any shape.
        what: they are, for the error.

    Raises:
        InputError: one is no finite number.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{what}: {array.dtype} are no numbers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        place = np.unravel_index(int(np.argmin(np.isfinite(array))), array.shape)
        raise InputError(f"{what}: holds {array[place]} at {list(map(int, place))}; finite numbers are due")
    return array


def fractions(values: Any, what: str) -> Fractions:
    """An array of numbers as fractions.

    Args:
        values: any shape.
        what: they are, for the error.

    Raises:
        InputError: one is no finite number.
    """
    array = finite(values, what)
    return np.array([Fraction(value) for value in array.ravel().tolist()], dtype=object).reshape(array.shape)


def root(number: Fraction) -> Fraction:
    """The square root, exact where it is a fraction, else rounded down at `ROOT_BITS` digits.

    Args:
        number: above 0.
    """
    above, below = isqrt(number.numerator), isqrt(number.denominator)
    if above * above == number.numerator and below * below == number.denominator:
        return Fraction(above, below)
    scaled = (number.numerator << (2 * ROOT_BITS)) // number.denominator
    return Fraction(isqrt(scaled), 1 << ROOT_BITS)


def is_square(number: Fraction) -> bool:
    """Whether the square root is a fraction.

    Args:
        number: above 0.
    """
    return isqrt(number.numerator) ** 2 == number.numerator and isqrt(number.denominator) ** 2 == number.denominator
