"""Waiting for a pipe, whatever its number: `select` refuses descriptors from 1,024 on."""

from __future__ import annotations

import select

from bnnsat.limits import LONGEST_SECONDS


def readable(pipe: int, seconds: float | None) -> bool:
    """Whether there is something to be read, or the other end is closed, before some time is over.

    Args:
        pipe: a file descriptor.
        seconds: how long to wait; None for as long as can be waited in one go.
    """
    return _ready(pipe, select.POLLIN, seconds)


def writable(pipe: int, seconds: float | None) -> bool:
    """Whether there is room to write, or nobody reads any more, before some time is over.

    Args:
        pipe: a file descriptor.
        seconds: how long to wait; None for as long as can be waited in one go.
    """
    return _ready(pipe, select.POLLOUT, seconds)


def _ready(pipe: int, event: int, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(pipe, event)
    wait = LONGEST_SECONDS if seconds is None else min(seconds, LONGEST_SECONDS)
    # Rounded up, so that a wait for less than a millisecond is one.
    return bool(poll.poll(-int(-wait * 1000 // 1)))
