"""Ctrl-C, SIGTERM and SIGHUP end long work in good order."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def signals() -> Iterator[Callable[[], None]]:
    """SIGTERM and SIGHUP like Ctrl-C for the time of a run; calling what this yields makes it deaf to all of them."""
    # What a terminal that closes sends; nohup has it ignored, and means it.
    hangup = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
    numbers = [signal.SIGINT, signal.SIGTERM, *hangup]
    before = [signal.getsignal(number) for number in numbers]

    def ignore() -> None:
        # What has been found is not lost to a second Ctrl-C.
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    # Also where Ctrl-C is ignored, as in the background of a shell script, SIGTERM ends a run in good order.
    for number in numbers[1:]:
        signal.signal(number, signal.default_int_handler)
    try:
        yield ignore
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
