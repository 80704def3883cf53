"""How many hidden neurons a network has where nobody says: as few as do not lose on held-out examples."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bnnsat import scores
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.options import Options
from bnnsat.outline import Outline
from bnnsat.plan import Plan
from bnnsat.plural import counted
from bnnsat.readings import packed
from bnnsat.search.local.ensembles import widened
from bnnsat.trainer import train

AUTO = "auto"
WIDTHS = ("0", "2", "4", "8", "16")
FEWER, FEWEST = ("0", "4", "16"), ("0", "8")
"""Where there is less time."""
FOLDS = 3
SHARE, MOST_SECONDS = 0.1, 10.0
"""Of the time limit, at most so long."""
UNLIMITED_SECONDS = 5.0
"""Where there is no limit."""
LEAST_SECONDS = 0.2
"""A shorter training says nothing of its width."""
UNJUDGED = "4"
"""Where there is no time at all; of more than two labels none are hidden."""


def narrowest(plan: Plan, note: Callable[[str], object]) -> Plan:
    """The plan with the narrowest hidden layer that is within a standard error of the best, by short trainings.

    What they take of the time limit is gone.

    Args:
        plan: of a network whose width is to be found.
        note: is told what came of it.

    Raises:
        InputError: the plan does not fit the data.
    """
    limit = plan.options.time_limit
    seconds = UNLIMITED_SECONDS if limit is None else min(MOST_SECONDS, SHARE * limit)
    began, trainings = time.monotonic(), int(seconds / LEAST_SECONDS)
    whole, _, _ = _with(plan, WIDTHS[0]).made()
    if np.bincount(whole.labels).max() < FOLDS:
        return _chosen(plan, WIDTHS[0], "there are too few examples to find a width by", note)
    widths = WIDTHS if trainings >= len(WIDTHS) else FEWER if trainings >= len(FEWER) else FEWEST
    if trainings < len(widths):
        width = UNJUDGED if len(np.unique(whole.labels)) < 3 else WIDTHS[0]
        return _chosen(plan, width, f"a tenth of {limit:g} s is no time to find a width in", note)
    folds = min(FOLDS, trainings // len(widths))
    shares, examples = {width: list[float]() for width in widths}, 0
    for fold in range(folds):
        task, _, options = _with(plan, WIDTHS[0]).made((fold, FOLDS))
        options = replace(options, time_limit=seconds / folds / len(widths), then=(), method="auto", steps=None)
        for width in widths:
            shares[width].append(_balanced(task, _with(plan, width).outline, options))
        assert task.test_labels is not None
        examples += len(task.test_labels)
    means = {width: float(np.mean(found)) for width, found in shares.items()}
    # Of so many examples, one more right and one more wrong than there were: no share is sure.
    share = (max(means.values()) * examples + 1) / (examples + 2)
    error = float(np.sqrt(share * (1 - share) / examples))
    chosen = next(width for width in widths if means[width] >= max(means.values()) - error)
    told = ", ".join(f"{width}: {100 * mean:.1f}" for width, mean in means.items())
    how = f"by balanced accuracy in per cent on {counted(folds, 'fold')} ({told}), {time.monotonic() - began:.1f} s"
    left = None if limit is None else max(0.0, limit - (time.monotonic() - began))
    return _chosen(replace(plan, options=replace(plan.options, time_limit=left)), chosen, how, note)


def _chosen(plan: Plan, width: str, why: str, note: Callable[[str], object]) -> Plan:
    note(f"hidden {width}: {why}")
    return _with(plan, width)


def _with(plan: Plan, width: str) -> Plan:
    activation = plan.outline.activation or ("half" if plan.task.data in SETS else "popcount")
    return replace(plan, outline=replace(plan.outline, hidden=width, activation=activation))


def _balanced(task: Task, outline: Outline, options: Options) -> float:
    """The balanced accuracy of a short training on a fold."""
    shape = widened(outline.beside(task), options.ensemble)
    training = train(task.inputs, task.labels, shape, options, verbose=0)
    assert task.test_inputs is not None
    assert task.test_labels is not None
    predicted = packed.predict(training.network.shape, training.network.matrices(), task.test_inputs)
    return scores.balanced_accuracy(predicted, task.test_labels) or 0.0
