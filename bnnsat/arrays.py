"""Tables of numbers as users hand them over: arrays, lists, data frames; everything else is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bnnsat.types import Bits


def whole(values: Any, what: str, most: int) -> NDArray[Any]:
    """An array of whole numbers from 0 to `most`, of the type that they come in.

    Args:
        values: an array, nested lists, or a data frame of numbers.
        what: names them in errors.
        most: the largest that is allowed.

    Raises:
        InputError: something else is among them; it is named with its place.
    """
    due = "bits 0 and 1 are due" if most == 1 else f"whole numbers from 0 to {most} are due"
    array = numbers(values, what, due)
    if array.dtype.kind == "b" or not array.size:
        return array
    # Whatever compares with NaN is false, so it is among what is bad.
    good = (array >= 0) & (array <= most)
    if array.dtype.kind == "f":
        good &= array == np.floor(array)
    if not good.all():
        place = tuple(np.argwhere(~good)[0].tolist())
        where = f" at [{', '.join(map(str, place))}]" if place else ""
        mend = "; write -1 as 0" if most == 1 and array[place] == -1 else ""
        value = "NaN" if array[place] != array[place] else array[place]
        raise InputError(f"{what} hold {value}{where}; {due}{mend}")
    return array


def numbers(values: Any, what: str, due: str) -> NDArray[Any]:
    """An array of truth values or real numbers, of the type that they come in.

    Args:
        values: an array, nested lists, or a data frame of numbers.
        what: names them in errors.
        due: says in errors what would be right.

    Raises:
        InputError: something else is among them.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O":
            # A data frame of several types, or Python's own numbers; a missing value becomes NaN, a text no number.
            if any(isinstance(value, (str, bytes)) for value in array.flat):
                raise ValueError("there is text in it")
            array = np.asarray(array.tolist(), dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{what} are no table of numbers ({error}); {due}") from None
    if np.ma.is_masked(values):
        raise InputError(f"{what} have masked values; {due}")
    if array.dtype.kind not in "biuf" and array.size:
        raise InputError(f"{what} are of type {array.dtype}; {due}")
    return array


def bits(values: Any, what: str) -> Bits:
    """The same of 0 and 1, as truth values.

    Args:
        values: an array, nested lists, or a data frame of 0 and 1.
        what: names them in errors.

    Raises:
        InputError: something else is among them.
    """
    if type(values) is np.ndarray and values.dtype == np.bool_:
        return values
    return whole(values, what, 1).astype(np.bool_)
