"""Jobs by any executor, their results stored as they come."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

from bnnsat.campaigns.jobs.store import J, Store

Execute = Callable[[dict[str, Any]], dict[str, Any]]
"""From a job's fields to its result, wherever an executor takes it."""


def run(
    work: Sequence[J],
    store: Store[J],
    executor: Executor,
    execute: Execute,
    on_done: Callable[[J], object],
    *,
    ahead: int,
) -> None:
    """Do the jobs that the store does not have, each result stored as it comes.

    At most `ahead` jobs are with the executor at a time. The order is random, but the same for the
    same jobs, so that none gets the machine's quiet hours.
    """
    left = [job for job in work if not store.done(job)]
    random.Random(0).shuffle(left)
    running: dict[Future[dict[str, Any]], J] = {}
    try:
        while left or running:
            while left and len(running) < ahead:
                job = left.pop()
                running[executor.submit(execute, job.fields)] = job
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                store.add(job, future.result())
                on_done(job)
    finally:
        for future in running:
            future.cancel()
