"""Limits of time: seconds as users give them, and the moment when they are over."""

from __future__ import annotations

import math
import time
from numbers import Real
from typing import Any

from bnnsat.errors import InputError

FOREVER_SECONDS = 1e8
"""What is longer, three years, is no limit: the clocks of operating systems do not go as far as floats."""
LONGEST_SECONDS = 1e6
"""What is waited for in one go, 11 days: operating systems count milliseconds in 32 bits."""


def seconds(limit: Any, what: str = "time limit") -> float | None:
    """A limit as a plain float; None where there is none, also for infinity.

    Args:
        limit: seconds from 0, any real number; None for none.
        what: names it in errors.

    Raises:
        InputError: it is anything else.

    >>> seconds(3), seconds(math.inf), seconds(1e10)
    (3.0, None, None)
    """
    if limit is None:
        return None
    number = math.nan
    if isinstance(limit, Real) and limit is not True and limit is not False:
        # Whole numbers may be beyond any float.
        number = math.inf if limit > FOREVER_SECONDS else float(max(limit, -1))  # type: ignore[operator, arg-type]
    if not number >= 0:
        raise InputError(f"{what} {limit!r} is none; give seconds, or None for none")
    return None if number == math.inf else number


def deadline(limit: Any, what: str = "time limit") -> float | None:
    """The `time.monotonic` value at which a limit that starts now is over; None where there is none.

    Args:
        limit: as above.
        what: names it in errors.

    Raises:
        InputError: the limit is none.
    """
    left = seconds(limit, what)
    return None if left is None else time.monotonic() + left


def check(deadline: float | None) -> None:
    """Raise TimeoutError where a deadline is past.

    Args:
        deadline: a `time.monotonic` value; None for none.
    """
    if deadline is not None and time.monotonic() > deadline:
        raise TimeoutError
