"""How often a heuristic tells of what it finds: each network is replayed, which takes longer than many flips."""

from __future__ import annotations

import time

SHARE = 0.1
"""Of the time, at most, goes to what is done with what is found."""


class Pace:
    """When to tell next: call `begin` before each `yield` of something found, and `end` after it."""

    def __init__(self) -> None:
        self._next = self._began = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time to tell."""
        return time.monotonic() >= self._next

    def begin(self) -> None:
        """It is about to be told."""
        self._began = time.monotonic()

    def end(self) -> None:
        """It has been told."""
        now = time.monotonic()
        self._next = now + (now - self._began) * (1 / SHARE - 1)
