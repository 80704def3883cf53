"""Threads: those of linear algebra, which are kept at one while anything is trained, and a pool of our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from threadpoolctl import threadpool_limits

from bnnsat.errors import ResourceError

_lock = threading.Lock()
_inside = 0
_limits: threadpool_limits | None = None


@contextmanager
def algebra_alone() -> Iterator[None]:
    """One thread for linear algebra; the setting of before comes back with the last of those that overlap.

    The matrices are small: threads would only take the processors from the solver.
    """
    global _inside, _limits
    with _lock:
        _inside += 1
        if _inside == 1:
            # Those of OpenMP are each thread's own. Without a file to be opened nothing can be set.
            with suppress(OSError):
                _limits = threadpool_limits(1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _limits is not None:
                _limits.restore_original_limits()
                _limits = None


@contextmanager
def pool(jobs: int) -> Iterator[Executor]:
    """An executor of threads.

    Args:
        jobs: how many work at a time.

    Raises:
        ResourceError: there are no more threads to be had.
    """
    try:
        with ThreadPoolExecutor(jobs) as executor:
            yield executor
    except RuntimeError as error:
        if "start new thread" in str(error):
            raise ResourceError(f"no thread could be started: {error}") from None
        raise
