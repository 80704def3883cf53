"""Networks of whole numbers for `bnnsat train`, `predict`, `show`, `certify`, `export` and `verify`."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import files, scores
from bnnsat.certificates.prover import Prover
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.whole import WholeTask
from bnnsat.errors import InputError
from bnnsat.exports.source import Source, TextSource
from bnnsat.integers.model import FILE, IntegerModel
from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import EXACT, IntegerShape
from bnnsat.plural import counted
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.question import Question
from bnnsat.search.integers.run import Event
from bnnsat.synthesis.changes import changed, reached
from bnnsat.synthesis.integers import IntegerTraining, certify_integers, train_integers
from bnnsat.types import Integers

ROBUST, REACH = "robust", "reach"


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
            training.model(task.names, options.noted(), task.shift).save(out / FILE)
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


def predicted(model: Path, data: str, part: str | None, positive: str | None, as_json: bool) -> None:
    """Print the label of each example, and how many are right.

    Args:
        model: the file.
        data: the data set.
        part: train or test; None for test where there is one.
        positive: the label that label 1 stands for; None for as trained.
        as_json: print JSON.
    """
    loaded = IntegerModel.load(model)
    inputs, labels = _read(loaded, data, part, positive)
    codes = loaded.network.predict(inputs)
    called, right = loaded.called(codes), int((codes == labels).sum())
    accuracy, balanced = scores.accuracy(codes, labels), scores.balanced_accuracy(codes, labels)
    if as_json:
        about = {"examples": len(codes), "accuracy": accuracy, "balanced_accuracy": balanced}
        print(json.dumps({**about, "predictions": called}))
        return
    sys.stdout.write("".join(f"{label}\n" for label in called))
    sys.stdout.flush()
    print(f"{right} of {len(codes)} right: accuracy {accuracy:.2%}, balanced {balanced:.2%}", file=sys.stderr)


def shown(model: Path, form: str) -> str:
    """What a network does.

    Args:
        model: the file.
        form: text or json.
    """
    loaded = IntegerModel.load(model)
    if form == "json":
        return json.dumps(loaded.network.noted(), indent=1) + "\n"
    if form != "text":
        raise InputError(f"networks with relu are shown as text or json, not {form}")
    return loaded.network.show()


def certified(
    model: Path,
    out: Path,
    bound: int | None,
    impossible: list[str],
    data: str | None,
    prover: Prover,
    note: Callable[[str], object],
) -> str:
    """Write a certificate of a training; a line about it.

    Args:
        model: the file.
        out: the certificate's folder.
        bound: no network makes fewer errors; None for what training proved.
        impossible: topologies of which no network makes as few errors.
        data: where the data set is, if it is not where it was.
        prover: how proofs are made.
        note: is told what is being done.
    """
    loaded, question = question_of(model, data)
    known = loaded.origin.get("lower_bound") if bound is None else bound
    if known is None:
        raise InputError("the model does not say what was proved of it; say which bound is to be claimed")
    shape = loaded.network.shape
    others = tuple(
        IntegerShape.parse(topology, shape.head, shape.weight_bits, shape.input_bits, shape.bias)
        for topology in impossible
    )
    claim = certify_integers(question, loaded.network, known, out, impossible=others, prover=prover, note=note)
    errors = claim.attained[0].sums["errors"]
    proofs = sum(statement.trees is not None for statement in claim.impossible)
    return f"{out}: {counted(errors, 'error')}, {counted(proofs, 'proof') if proofs else 'no proofs'} needed"


def asked(options: TaskOptions, shape: Mapping[str, Any]) -> tuple[Question, Source]:
    """The question of a training, and what it is about.

    Args:
        options: which data.
        shape: as `NetworkOptions.integers` says it.
    """
    task, made = _made(options, shape)
    question = IntegersQuestion(made, task.inputs, task.labels)
    return question, TextSource.of(question)


def verified(
    model: Path,
    what: str,
    *,
    data: str | None,
    example: int,
    norm: str,
    radius: int | None,
    label: str | None,
    certificate: Path | None,
    time_limit: float | None,
    as_json: bool,
) -> None:
    """Decide a fact about a network of whole numbers, and print the answer.

    Args:
        model: the file.
        what: robust or reach.
        data: where the example is.
        example: its number.
        norm: of its change.
        radius: of the change; None for the least.
        label: of reach, as labels are called.
        certificate: folder for a certificate; None for none.
        time_limit: seconds; None for none.
        as_json: print JSON.
    """
    loaded = IntegerModel.load(model)
    network = loaded.network
    about: dict[str, Any] = {"property": what}
    if what == REACH:
        if label is None:
            raise InputError("reach needs --label")
        codes = [str(name) for name in loaded.labels] or [str(code) for code in range(network.shape.classes)]
        if not codes and re.fullmatch(r"-?[0-9]{1,15}", label):
            # The output itself is the label, and can be any number.
            code = int(label)
        elif label in codes:
            code = codes.index(label)
        else:
            raise InputError(f"there is no label {label!r}; there are {', '.join(codes) or 'whole numbers'}")
        found = reached(network, code, time_limit=time_limit)
    elif what == ROBUST:
        if data is None:
            raise InputError("robust needs --data, where the example is")
        row = example_of(loaded, data, example)
        found = changed(network, row, norm, radius=radius, time_limit=time_limit)
        about |= {"norm": norm, "radius": radius, "example": row.tolist()}
    else:
        raise InputError(f"networks with relu can be asked {ROBUST} and {REACH}, not {what}")
    there = found.inputs or found.holes
    inputs = np.asarray(there["x"]) if there else None
    labels = None if inputs is None else loaded.called(network.predict(inputs[np.newaxis]))[0]
    try:
        if certificate is not None:
            found.certify(certificate)
    finally:
        told = {"status": found.status, "value": found.value, "bound": found.bound, "label": labels}
        result = {**about, **told, "input": None if inputs is None else inputs.tolist(), "seconds": found.seconds}
        print(json.dumps(result) if as_json else "\n".join(_said(result)))


def _said(result: dict[str, Any]) -> list[str]:
    lines = [f"{result['status']} ({result['property']}, {result['seconds']:.2f} s)"]
    if result["value"] is not None:
        lines[0] += f": least change {result['value']} ({result['norm']}), at least {result['bound']}"
    if result["input"] is not None:
        lines.append(f"label {result['label']}: {' '.join(map(str, result['input']))}")
    return lines


def question_of(model: Path, data: str | None) -> tuple[IntegerModel, IntegersQuestion]:
    """A model, and the question that it was trained on.

    Args:
        model: the file.
        data: where the data set is, if it is not where it was.

    Raises:
        InputError: the data are others, or the model does not say.
    """
    loaded = IntegerModel.load(model)
    noted, shape = loaded.origin.get("task"), loaded.network.shape
    if noted is None:
        raise InputError("the model does not say what it was trained on; train it with bnnsat train --out")
    options = TaskOptions.of(noted if data is None else {**noted, "data": data})
    task = WholeTask.chosen(options, shape.sizes[-1], shape.input_bits, loaded.shift)
    question = IntegersQuestion(shape, task.inputs, task.labels)
    if question.noted()["digest"] != loaded.origin.get("digest"):
        raise InputError(
            "the data that the model names are not those that it was trained on; give those, or train it anew"
        )
    return loaded, question


def example_of(model: IntegerModel, data: str, number: int) -> Integers:
    """One example of a data set, (n,).

    Args:
        model: that it is for.
        data: the data set.
        number: from 0.
    """
    inputs, _ = _read(model, data, None, None)
    if not 0 <= number < len(inputs):
        raise InputError(f"there is no example {number}; they are 0 to {len(inputs) - 1}")
    row: Integers = inputs[number]
    return row


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


def _read(model: IntegerModel, data: str, part: str | None, positive: str | None) -> tuple[Integers, Integers]:
    shape, noted = model.network.shape, model.origin.get("task") or {}
    label = positive if positive is not None else noted.get("positive")
    # As in the training, but all examples that there are.
    own = {**noted, "data": data, "positive": label, "examples": None, "test_size": None}
    task = WholeTask.chosen(TaskOptions.of(own), shape.sizes[-1], shape.input_bits, model.shift)
    learned = part == "train" or (part is None and task.test_inputs is None)
    if not learned and task.test_inputs is None:
        raise InputError(f"{data} has no test examples; say train")
    inputs, labels = (task.inputs, task.labels) if learned else (task.test_inputs, task.test_labels)
    assert inputs is not None and labels is not None
    return inputs, labels


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
