"""One fold, in a process of its own: `python -m bnnsat.campaigns.judging.fold` with its fields on standard input."""

from __future__ import annotations

import json
import sys
from typing import Any

from bnnsat import scores
from bnnsat.baselines import baselines
from bnnsat.errors import BnnsatError
from bnnsat.plan import Plan
from bnnsat.readings import packed
from bnnsat.solvers.worker import die_with_parent
from bnnsat.trainer import train


def done(plan: Plan, fold: int, folds: int, beside: bool = True) -> dict[str, Any]:
    """What came of a fold.

    Args:
        plan: the training.
        fold: which of the folds is tested, from 0.
        folds: how many there are.
        beside: whether others are judged, too.
    """
    task, shape, options = plan.made((fold, folds))
    training = train(task.inputs, task.labels, shape, options, verbose=0)
    assert task.test_inputs is not None
    assert task.test_labels is not None
    network = training.network
    predicted = packed.predict(network.shape, network.matrices(), task.test_inputs)
    return {
        "fold": fold,
        "status": training.status,
        "topology": shape.topology,
        "errors": training.errors,
        "lower_bound": training.lower_bound,
        "examples": training.examples,
        "test_examples": len(task.test_labels),
        "accuracy": scores.accuracy(predicted, task.test_labels),
        "balanced_accuracy": scores.balanced_accuracy(predicted, task.test_labels),
        "baselines": baselines(task.inputs, task.labels, task.test_inputs, task.test_labels) if beside else {},
    }


def main() -> None:
    """Read the fields of a fold, and say what came of it."""
    fields = json.loads(sys.stdin.read())
    die_with_parent()
    try:
        print(json.dumps(done(Plan.of(fields["plan"]), fields["fold"], fields["folds"], fields["beside"])))
    except BnnsatError as error:
        print(json.dumps({"status": "refused", "error": str(error)}))


if __name__ == "__main__":
    main()
