"""Two methods at a time: one in a thread beside the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bnnsat.errors import ResourceError
from bnnsat.search.context import Search, StoppedError


@contextmanager
def alongside(search: Search, method: Callable[[Search], object]) -> Iterator[None]:
    """Run a method in a thread until the block is over; a false claim made there is raised here.

    Args:
        search: the run.
        method: is run until it ends or `search.stop` is set.

    Raises:
        SoundnessError: the method claimed what is false; any other error of it, but for limits, is raised, too.
    """
    errors: list[BaseException] = []

    def body() -> None:
        try:
            method(search)
        except (TimeoutError, StoppedError, MemoryError, ResourceError):
            # Its time is over, or there is too little room for it: whatever it found is in the run already.
            return
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=body, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # There are no more threads to be had: the block does without.
        yield
        return
    try:
        yield
    finally:
        search.stop.set()
        thread.join()
        # Also where the block itself ended by its time limit: a false claim must not go unheard.
        if errors:
            raise errors[0]
