"""Training networks of whole numbers, for `bnnsat train` and `export`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bnnsat import files, scores
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.whole import WholeTask
from bnnsat.errors import InputError
from bnnsat.exports.source import Source, TextSource
from bnnsat.integers.model import FILE
from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import EXACT, IntegerShape
from bnnsat.plural import counted
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.question import Question
from bnnsat.search.integers.run import Event
from bnnsat.synthesis.integers import IntegerTraining, train_integers


def trained(
    options: TaskOptions,
    shape: Mapping[str, Any],
    *,
    time_limit: float | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    curve: bool = False,
) -> None:
    """Train a network of whole numbers, and print what came of it.

    Args:
        options: which data.
        shape: as `NetworkOptions.integers` says it.
        time_limit: seconds; None for none.
        out: folder for model.json and result.json; None for none.
        as_json: print JSON.
        quiet: no progress.
        curve: say of each event how right its network is on the test examples.
    """
    task, made = _made(options, shape)
    # What does not fit is seen before anything is written.
    IntegersQuestion(made, task.inputs, task.labels)
    if out is not None:
        files.folder(out)
    if not quiet:
        for note in task.notes:
            print(note, file=sys.stderr)
    told: list[tuple[Event, IntegerNetwork | None]] = []
    began = time.monotonic()

    def tell(event: Event, network: IntegerNetwork | None) -> None:
        told.append((event, network))
        if not quiet:
            print(
                f"{event.seconds:7.2f} s  errors {event.errors}  bound {event.lower_bound}  ({event.source})",
                file=sys.stderr,
                flush=True,
            )

    stopped = "proved"
    try:
        training = train_integers(
            task.inputs, task.labels, made, time_limit=time_limit, seed=options.seed, on_event=tell
        )
        stopped = "proved" if training.status == "OPTIMAL" else "time limit"
    except KeyboardInterrupt:
        last, best = told[-1] if told else (None, None)
        if last is None or best is None:
            raise
        seconds = time.monotonic() - began
        question, events = IntegersQuestion(made, task.inputs, task.labels), tuple(event for event, _ in told)
        training = IntegerTraining(best, question.errors(best), last.lower_bound, seconds, events, question)
        stopped = "interrupted"
    result = summary(task, training, stopped)
    if curve and task.test_inputs is not None and task.test_labels is not None:
        for step, (_, network) in zip(result["events"], told, strict=True):
            found = None if network is None else network.predict(task.test_inputs)
            step["test_accuracy"] = None if found is None else scores.accuracy(found, task.test_labels)
    try:
        if out is not None:
            training.model(task.names, task.options.noted(), task.shift, task.columns).save(out / FILE)
            result["model"] = str(out / FILE)
            files.write(out / "result.json", (json.dumps(result, indent=1) + "\n").encode())
    finally:
        print(json.dumps(result) if as_json else "\n".join(_words(result)), flush=True)


def summary(task: WholeTask, training: IntegerTraining, stopped: str) -> dict[str, Any]:
    """A training as JSON.

    Args:
        task: the examples.
        training: what came of them.
        stopped: why it ended.
    """
    shape, last = training.network.shape, training.events[-1]
    tested: dict[str, Any] = {"test_examples": 0, "test_accuracy": None, "test_balanced_accuracy": None}
    if task.test_inputs is not None and task.test_labels is not None:
        predicted = training.predict(task.test_inputs)
        tested = {
            "test_examples": len(predicted),
            "test_accuracy": scores.accuracy(predicted, task.test_labels),
            "test_balanced_accuracy": scores.balanced_accuracy(predicted, task.test_labels),
        }
    return {
        "status": training.status,
        "errors": training.errors,
        "lower_bound": training.lower_bound,
        "examples": training.examples,
        "train_accuracy": 1 - training.errors / training.examples,
        **tested,
        "seconds": training.seconds,
        "seconds_to_best": next(e.seconds for e in training.events if e.errors == training.errors),
        "seconds_to_proof": last.seconds if training.status == "OPTIMAL" else None,
        "stopped": stopped,
        "data": task.name,
        "positive": task.positive,
        "topology": shape.topology,
        "activation": "relu",
        "head": shape.head,
        "weight_bits": shape.weight_bits,
        "input_bits": shape.input_bits,
        "bias": shape.bias,
        "seed": task.options.seed,
        "weights": training.network.weights,
        "biases": training.network.biases,
        "events": [asdict(event) for event in training.events],
    }


def asked(options: TaskOptions, shape: Mapping[str, Any]) -> tuple[Question, Source]:
    """The question of a training, and what it is about.

    Args:
        options: which data.
        shape: as `NetworkOptions.integers` says it.
    """
    task, made = _made(options, shape)
    question = IntegersQuestion(made, task.inputs, task.labels)
    return question, TextSource.of(question)


def _made(options: TaskOptions, shape: Mapping[str, Any]) -> tuple[WholeTask, IntegerShape]:
    """The examples and a shape that fits them."""
    topology, hidden = shape["topology"], shape["hidden"]
    outputs = None if topology is None else topology.rpartition("-")[2]
    task = WholeTask.chosen(options, int(outputs) if outputs and outputs.isdecimal() else 1, shape["input_bits"])
    there = task.inputs.shape[1]
    if topology is None:
        classes = int(task.labels.max()) + 1
        last = 1 if classes <= 2 or shape["head"] == EXACT else classes
        topology = "-".join(map(str, [there, *([] if hidden == "0" else [hidden]), last]))
    rest = {name: shape[name] for name in ("head", "weight_bits", "bias")}
    made = IntegerShape.parse(topology, input_bits=task.bits, **rest)
    if made.sizes[0] != there:
        raise InputError(
            f"topology {made.topology} starts with {made.sizes[0]}, but the data have {counted(there, 'input')}; "
            f"start it with {there}"
        )
    return task, made


def _words(result: dict[str, Any]) -> list[str]:
    errors, bound = counted(result["errors"], "error"), result["lower_bound"]
    verdict = (
        f"{errors}, and it is proved that no weights of this network make fewer"
        if result["status"] == "OPTIMAL"
        else f"{errors}; the fewest possible are proved to be at least {bound} (stopped: {result['stopped']})"
    )
    bias = ", bias" * result["bias"]
    lines = [
        f"{counted(result['examples'], 'example')} of {result['data']}",
        f"network {result['topology']}, relu, weights of {result['weight_bits']} bits, inputs of "
        f"{result['input_bits']}{bias}, head {result['head']}",
        f"{result['status']}: {verdict}.",
        f"  training accuracy  {result['train_accuracy']:.2%}",
    ]
    if result["test_examples"]:
        lines.append(
            f"  test accuracy      {result['test_accuracy']:.2%}, balanced {result['test_balanced_accuracy']:.2%} "
            f"({counted(result['test_examples'], 'example')})"
        )
    lines.append(
        f"  time               {result['seconds']:.2f} s, best network after {result['seconds_to_best']:.2f} s"
    )
    return lines
