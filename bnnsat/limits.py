"""Limits of time: seconds as users give them, and the moment when they are over."""

from __future__ import annotations

import math
import time
from numbers import Real
from typing import Any

from bnnsat.errors import InputError

FOREVER_SECONDS = 1e8
"""What is longer, three years, is no limit: the clocks of operating systems do not go as far as floats."""


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
    if not isinstance(limit, Real) or isinstance(limit, bool) or math.isnan(limit) or limit < 0:
        raise InputError(f"{what} {limit!r} is none; give seconds, or None for none")
    return None if limit > FOREVER_SECONDS else float(limit)


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
