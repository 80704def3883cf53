"""What a training run says in the end: the JSON object of `bnnsat train --json`.

docs/train-result.schema.json describes it; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bnnsat import scores
from bnnsat.data.task import Task
from bnnsat.model import Model
from bnnsat.readings import packed
from bnnsat.search.progress import Event
from bnnsat.spelling import GIVEN, LEARNED, WEIGHTS
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.training import Training
from bnnsat.typed import typed


def summary(task: Task, training: Training, *, curve: bool = False) -> dict[str, Any]:
    """The result as plain values. Accuracies are shares from 0 to 1, or None without test examples.

    Args:
        task: the examples.
        training: what came of them.
        curve: say of each step how right its network is on the test examples.
    """
    typed(task, Task, "task")
    typed(training, Training, "training")
    shape, options = training.shape, training.options
    result: dict[str, Any] = {
        "status": training.status,
        "errors": training.errors,
        "lower_bound": training.lower_bound,
        "examples": training.examples,
        "wrong": training.wrong,
        "train_accuracy": 1 - training.wrong / len(task.labels),
        "then": [{**asdict(level), "status": level.status} for level in training.then],
    }
    result |= _test_scores(task, training)
    result |= {
        "seconds": training.seconds,
        "seconds_encode": training.seconds_encode,
        "seconds_to_best": training.seconds_to_best,
        "seconds_to_proof": training.seconds_to_proof,
        "stopped": training.stopped,
        "variables": training.variables,
        "clauses": training.clauses,
        "data": task.name,
        "digest": task.digest,
        "positive": task.positive,
        "classes": list(task.names) if task.names else task.classes,
        "target": task.target,
        "bits": names_of_bits(task),
        "binarize": task.preprocessing.binarizer.way,
        "input_order": "raw" if task.preprocessing.raw else "informative",
        "topology": shape.topology,
        "activation": shape.activation,
        "head": shape.head,
        "weights": WEIGHTS[shape.repeat - 1],
        "thresholds": LEARNED if any(shape.constants) else GIVEN,
        "costs": list(options.costs) or None,
        "goal": options.goal,
        "method": options.method,
        "encoding": training.encoding,
        "solver": training.solver,
        "seed": options.seed,
        "task": None if task.options is None else task.options.noted(),
        "events": [_step(task, event, curve) for event in training.events],
    }
    return result


def _step(task: Task, event: Event, curve: bool) -> dict[str, Any]:
    """A step as JSON, with how right its network is on the test examples where that is asked for."""
    noted = event.noted()
    if curve and event.network is not None and task.test_inputs is not None and task.test_labels is not None:
        predicted = packed.predict(event.network.shape, event.network.matrices(), task.test_inputs)
        noted["test_accuracy"] = scores.accuracy(predicted, task.test_labels)
    return noted


def model_of(task: Task, training: Training) -> Model:
    """The trained network as a model that knows where it comes from.

    Args:
        task: the examples.
        training: what came of them.
    """
    typed(task, Task, "task")
    typed(training, Training, "training")
    grey = () if isinstance(task.preprocessing.binarizer, TableBinarizer) else task.columns
    origin = training.origin(
        task=task.options, columns=grey, target=task.target, positive=task.positive, classes=task.classes
    )
    return Model(training.network, task.preprocessing, origin, task.names)


def names_of_bits(task: Task) -> list[str] | None:
    """What each input of the network says, where that is known.

    Args:
        task: the examples.
    """
    names = task.preprocessing.names(task.inputs.shape[1])
    return None if names is None else list(names)


def _test_scores(task: Task, training: Training) -> dict[str, Any]:
    keys = ("test_accuracy", "test_balanced_accuracy", "unseen_test_accuracy", "unseen_test_balanced_accuracy")
    if task.test_inputs is None or task.test_labels is None:
        return {"test_examples": 0, "unseen_test_examples": 0, **dict.fromkeys(keys)}
    predicted = packed.predict(training.network.shape, training.network.matrices(), task.test_inputs)
    labels = task.test_labels
    new = scores.unseen(task.test_inputs, task.inputs)
    values = [
        score(p, y)
        for p, y in ((predicted, labels), (predicted[new], labels[new]))
        for score in (scores.accuracy, scores.balanced_accuracy)
    ]
    counts = {"test_examples": len(labels), "unseen_test_examples": int(new.sum())}
    return {**counts, **dict(zip(keys, values, strict=True))}
