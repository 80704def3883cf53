"""Cross-validation by any executor, and what its folds say together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bnnsat.campaigns.jobs.process import outcome
from bnnsat.errors import InputError, ResourceError
from bnnsat.plan import Plan
from bnnsat.plural import counted
from bnnsat.tables.files import INPUT

MODULE = "bnnsat.campaigns.judging.fold"
READING_SECONDS, UNLIMITED_SECONDS = 60.0, 1e6
"""Beyond the time limit of a training, for reading and judging; and where there is no limit."""
SCORES = ("accuracy", "balanced_accuracy")


def validated(
    plan: Plan, folds: int, executor: Executor, on_done: Callable[[], object], beside: bool = True
) -> dict[str, Any]:
    """The folds' results and their means, as JSON.

    Args:
        plan: the training; each fold has its time limit.
        folds: how many there are.
        executor: takes as many folds at a time as there are processors for.
        on_done: is called after each fold.
        beside: whether others are judged on the same bits.

    Raises:
        InputError: the plan does not fit the data, or there are too few examples for so many folds.
        ResourceError: a fold ended without a result.
    """
    enough(folds, plan.task.data)
    plan = replace(plan, task=replace(plan.task, test_data=None))
    # What does not fit is seen before any process is started.
    plan.made((0, folds))
    limit = plan.options.time_limit
    seconds = UNLIMITED_SECONDS if limit is None else limit + READING_SECONDS
    # One processor for each fold: they run beside each other.
    noted = replace(plan, options=replace(plan.options, jobs=1)).noted()
    work = partial(outcome, MODULE, seconds=seconds)
    futures = [
        executor.submit(work, {"plan": noted, "fold": fold, "folds": folds, "beside": beside}) for fold in range(folds)
    ]
    results = []
    for future in futures:
        results.append(future.result())
        on_done()
    for result in results:
        if result["status"] == "refused":
            raise InputError(result["error"])
        if "accuracy" not in result:
            raise ResourceError(f"a fold ended without a result: {result.get('error', result['status'])}")
    return {"folds": results, **summary(results)}


def enough(folds: int, data: str) -> None:
    """Raise InputError for folds that there cannot be.

    Args:
        folds: how many.
        data: what is parted, as users call it.
    """
    if folds < 2:
        raise InputError(f"{counted(folds, 'fold')} cannot be learned from and tested; give 2 or more")
    if data == INPUT:
        raise InputError("standard input can be read only once, and each fold reads its data; give a file")


def summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Means and standard deviations over folds, also of the baselines.

    Args:
        results: of the folds.
    """
    names = results[0]["baselines"]
    return {
        **{score: float(np.mean([result[score] for result in results])) for score in SCORES},
        **{f"{score}_deviation": float(np.std([result[score] for result in results])) for score in SCORES},
        "proved": sum(result["status"] == "OPTIMAL" for result in results),
        "baselines": {
            name: {score: float(np.mean([result["baselines"][name][score] for result in results])) for score in SCORES}
            for name in names
        },
    }
