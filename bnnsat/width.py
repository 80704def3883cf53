"""How many hidden neurons a network has where nobody says: as few as do not lose on held-out examples."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bnnsat import scores
from bnnsat.options import Options
from bnnsat.plan import Plan
from bnnsat.readings import packed
from bnnsat.trainer import train

AUTO = "auto"
WIDTHS = ("0", "2", "4", "8", "16")
FOLDS = 3
SHARE, MOST_SECONDS = 0.1, 10.0
"""Of the time limit, at most so long."""
UNLIMITED_SECONDS = 5.0
"""Where there is no limit."""


def narrowest(plan: Plan, note: Callable[[str], object]) -> Plan:
    """The plan with the narrowest hidden layer that is within a standard error of the best, by short trainings.

    Args:
        plan: of a network whose width is to be found.
        note: is told what came of it.

    Raises:
        InputError: the plan does not fit the data.
    """
    limit = plan.options.time_limit
    seconds = UNLIMITED_SECONDS if limit is None else min(MOST_SECONDS, SHARE * limit)
    each, began = seconds / (len(WIDTHS) * FOLDS), time.monotonic()
    whole, _, _ = _with(plan, WIDTHS[0], each).made()
    if np.bincount(whole.labels).max() < FOLDS:
        note(f"hidden {WIDTHS[0]}: there are too few examples to find a width by")
        return replace(plan, outline=replace(plan.outline, hidden=WIDTHS[0]))
    means, examples = dict[str, float](), 0
    for width in WIDTHS:
        judged = [_balanced(_with(plan, width, each), fold) for fold in range(FOLDS)]
        means[width] = float(np.mean([share for share, _ in judged]))
        examples = sum(count for _, count in judged)
    # Of so many examples, one more right and one more wrong than there were: no share is sure.
    share = (max(means.values()) * examples + 1) / (examples + 2)
    error = float(np.sqrt(share * (1 - share) / examples))
    chosen = next(width for width in WIDTHS if means[width] >= max(means.values()) - error)
    told = ", ".join(f"{width}: {100 * mean:.1f}" for width, mean in means.items())
    note(
        f"hidden {chosen}, by balanced accuracy in per cent on {FOLDS} folds ({told}), {time.monotonic() - began:.1f} s"
    )
    return replace(plan, outline=replace(plan.outline, hidden=chosen))


def _with(plan: Plan, width: str, seconds: float) -> Plan:
    options: Options = replace(plan.options, time_limit=seconds, then=(), method="auto", steps=None)
    return replace(plan, outline=replace(plan.outline, hidden=width), options=options)


def _balanced(plan: Plan, fold: int) -> tuple[float, int]:
    """The balanced accuracy of a short training on a fold, and its examples."""
    task, shape, options = plan.made((fold, FOLDS))
    training = train(task.inputs, task.labels, shape, options, verbose=0)
    assert task.test_inputs is not None
    assert task.test_labels is not None
    predicted = packed.predict(training.network.shape, training.network.matrices(), task.test_inputs)
    return scores.balanced_accuracy(predicted, task.test_labels) or 0.0, len(task.test_labels)
