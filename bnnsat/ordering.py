"""The order of its inputs in which a half-comparison does better, by a short search in each.

A half-comparison compares input i with input n/2 + i and lets the first pair decide that differs, so the order is a
part of what it can say; of popcounts it is none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bnnsat.checkpoint import Checkpoint
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.options import Options
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.then import criteria
from bnnsat.shape import Shape
from bnnsat.trainer import INTERRUPTED, train
from bnnsat.training import Training

SHORT_SECONDS, SHORT_SHARE = 2.0, 0.1
"""Of a search in one order, at most, and as a share of the time limit."""


def short(
    tasks: Sequence[Task], shape: Shape, options: Options, began: float, on_start: Callable[[], object]
) -> list[Training]:
    """A short search for each task; with Ctrl-C the one that it ends is the last.

    Args:
        tasks: the same examples in several orders of their inputs.
        shape: of the network.
        options: of the whole run.
        began: the `time.monotonic` value of its start.
        on_start: is called once, when the input has been found to be good.

    Raises:
        InputError: the options do not fit the tasks.
    """
    criteria.check(options.then, shape)
    limit = options.time_limit
    seconds = SHORT_SECONDS if limit is None else min(SHORT_SECONDS, SHORT_SHARE * limit)
    trainings: list[Training] = []
    for task in tasks:
        hasty = replace(options, time_limit=time.monotonic() - began + seconds, then=())
        first = None if trainings else on_start
        trainings.append(
            train(task.inputs, task.labels, shape, hasty, on_start=first, keep_interrupted=True, began=began, verbose=0)
        )
        if trainings[-1].stopped == INTERRUPTED:
            break
    return trainings


def best(trainings: Sequence[Training]) -> int:
    """The place of the one with the fewest errors, the first of equals.

    Args:
        trainings: of several orders.
    """
    return min(range(len(trainings)), key=lambda place: trainings[place].errors)


def resumed(tasks: Sequence[Task], shape: Shape, costs: Sequence[int], checkpoint: Path) -> int | None:
    """The place of the task to which a checkpoint belongs; None if it belongs to none, or there is none.

    Args:
        tasks: the same examples in several orders of their inputs.
        shape: of the network.
        costs: what an error costs for each label.
        checkpoint: its file.
    """
    for place, task in enumerate(tasks):
        try:
            problem = TrainingQuestion.on(task.inputs, task.labels, shape, costs).problem
            if Checkpoint(checkpoint, problem, shape).load() is not None:
                return place
        except InputError:
            # The run says so itself, if it is of none.
            continue
    return None
