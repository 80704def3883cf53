"""Trained networks of whole numbers, for `bnnsat predict`, `show`, `certify`, `verify` and `conquer`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bnnsat import scores as rates
from bnnsat.certificates.prover import Prover
from bnnsat.cli.predictions import write_predictions
from bnnsat.data.again import examples_of, trained_on
from bnnsat.errors import InputError
from bnnsat.integers.forward import named
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.shape import IntegerShape
from bnnsat.plural import counted
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.synthesis.integers import certify_integers


def predicted(
    model: Path,
    data: str,
    *,
    part: str | None,
    positive: str | None,
    target: str | None,
    header: bool | None,
    scores: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print the label of each example, or write them, and say how many are right.

    Args:
        model: the file.
        data: the data set.
        part: train or test; None for test where there is one.
        positive: the label that label 1 stands for; None for as trained.
        target: the label's column of a table; None for that of the training, if it is there.
        header: whether the first row of a text names the columns; None to tell by what it holds.
        scores: say also what the outputs are.
        out: table to write; None for labels one a line.
        as_json: print JSON.
    """
    loaded = IntegerModel.load(model)
    found = examples_of(loaded, data, part, positive, target, header)
    outputs, labels = loaded.network.outputs(found.inputs), found.labels
    codes, judged = named(loaded.network.shape, outputs), labels >= 0
    called, right = loaded.called(codes), int((codes == labels)[judged].sum())
    accuracy = rates.accuracy(codes[judged], labels[judged])
    balanced = rates.balanced_accuracy(codes[judged], labels[judged])
    many = outputs.shape[1]
    titles = ["score"] if many == 1 else [f"score {name}" for name in loaded.labels or range(many)]
    columns = dict(zip(titles, outputs.T, strict=True)) if scores else {}
    if out is not None:
        write_predictions(out, data, found.table, {"prediction": called, **columns})
    if as_json:
        about = {"examples": len(codes), "accuracy": accuracy, "balanced_accuracy": balanced, "predictions": called}
        print(json.dumps({**about, **{title: values.tolist() for title, values in columns.items()}}))
        return
    if out is None:
        lines = zip(called, *(values.tolist() for values in columns.values()), strict=True)
        sys.stdout.write("".join(" ".join(map(str, line)) + "\n" for line in lines))
        sys.stdout.flush()
    for note in found.notes:
        print(note, file=sys.stderr)
    if accuracy is None or balanced is None:
        print(f"{counted(len(codes), 'example')}, none with a label", file=sys.stderr)
        return
    print(f"{right} of {judged.sum()} right: accuracy {accuracy:.2%}, balanced {balanced:.2%}", file=sys.stderr)


def shown(model: Path, form: str) -> str:
    """What a network does.

    Args:
        model: the file.
        form: text or json.
    """
    loaded = IntegerModel.load(model)
    if form == "json":
        columns = {} if loaded.columns is None else {"columns": loaded.columns.noted()}
        return json.dumps({**loaded.network.noted(), **columns}, indent=1) + "\n"
    if form != "text":
        raise InputError(f"networks with relu are shown as text or json, not {form}")
    inputs = [] if loaded.columns is None else ["inputs are the nearest of these levels:", *loaded.columns.words]
    return loaded.network.show() + "".join(f"{line}\n" for line in inputs)


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


def question_of(model: Path, data: str | None) -> tuple[IntegerModel, IntegersQuestion]:
    """A model, and the question that it was trained on.

    Args:
        model: the file.
        data: where the data set is, if it is not where it was.

    Raises:
        InputError: the data are others, or the model does not say.
    """
    loaded = IntegerModel.load(model)
    task = trained_on(loaded, data)
    question = IntegersQuestion(loaded.network.shape, task.inputs, task.labels)
    if question.noted()["digest"] != loaded.origin.get("digest"):
        raise InputError(
            "the data that the model names are not those that it was trained on; give those, or train it anew"
        )
    return loaded, question
