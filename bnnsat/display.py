"""A live line on standard error: errors, bound, gap and time."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bnnsat.search.progress import Event

WIDTH = 60
"""Letters of a line that is written over another."""


class Progress:
    """Shows the last event and the time that passes; on anything but a terminal, one line per event.

    Args:
        live: without, nothing is shown.
        lines: without, nothing is shown on anything but a terminal or a notebook.
    """

    def __init__(self, *, live: bool, lines: bool = True) -> None:
        self._quiet, self._lines = not live, lines
        self._console = Console(stderr=True, highlight=False)
        self._started = time.monotonic()
        self._event: Event | None = None
        self._live: Live | None = None
        # A notebook shows one line, written over and over.
        self._over = live and self._console.is_jupyter
        if live and self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(get_renderable=self._line, console=self._console, transient=True, redirect_stdout=False)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            # The terminal may be gone, the result is not.
            with suppress(OSError):
                self._live.stop()
        elif self._over and self._event is not None:
            print(file=sys.stderr, flush=True)

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        self._event = event
        if self._live is None and not self._quiet and (self._over or self._lines):
            start, end = ("\r", "") if self._over else ("", "\n")
            line = f"{start}{_state(event)}  {event.seconds:.2f} s  {event.source}"
            try:
                print(line.ljust(WIDTH) if self._over else line, end=end, file=sys.stderr, flush=True)
            except OSError:
                # Nobody can read it (a full disk, a closed pipe): no reason to lose the run.
                self._quiet = True

    def note(self, words: str) -> None:
        """A line that stays."""
        if not self._quiet:
            with suppress(OSError):
                self._console.print(words, soft_wrap=True)

    def _line(self) -> Text:
        state = "reading the data" if self._event is None else _state(self._event)
        return Text(f"{state}  {time.monotonic() - self._started:.1f} s  (Ctrl-C stops and keeps the best)")


def _state(event: Event) -> str:
    gap = event.errors - event.lower_bound
    further = "".join(f"  {level.objective} {level.value} of {level.bound}" for level in event.then)
    return f"errors {event.errors}  bound {event.lower_bound}  gap {gap}{further}"
