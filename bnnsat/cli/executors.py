"""Where many runs are done, and how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bnnsat.campaigns.jobs.process import end_all
from bnnsat.errors import InputError
from bnnsat.search import threads

WORKERS_SECONDS = 15
"""Seconds that a cluster's first worker may take to appear."""


@contextmanager
def executor(parallel: int, dask: str | None) -> Iterator[tuple[Executor, int]]:
    """An executor and how many runs to hand it at a time: threads that start processes, or a Dask cluster."""
    if dask is None:
        with threads.pool(parallel) as pool:
            try:
                yield pool, parallel
            except BaseException:
                # The threads wait for their jobs, and this one for the threads.
                end_all()
                raise
        return
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--dask needs Dask: pip install 'bnnsat[dask]'") from None
    try:
        client = Client(dask, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"no Dask scheduler answers at {dask}: {error}") from None
    with client:
        # Two for each thread of the cluster: a worker never waits for its next run. A run is no pure
        # function: its time is its result, so equal ones are not to be merged.
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise InputError(f"the Dask scheduler at {dask} has no workers; start some: dask worker {dask}") from None
        count = sum(client.nthreads().values())
        yield client.get_executor(pure=False), max(2, 2 * count)


@contextmanager
def runs(total: int, completed: int) -> Iterator[Callable[[], None]]:
    """A bar of runs on standard error; each call of what it yields is one more."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("runs", total=total, completed=completed)
        yield lambda: progress.advance(task)
