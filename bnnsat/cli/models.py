"""`bnnsat predict` and `bnnsat show`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bnnsat import scores
from bnnsat.cli import options
from bnnsat.cli.pictures import network_pictures
from bnnsat.data.read import read
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.plural import counted

ModelFile = Annotated[Path, typer.Argument(help="A model.json, or the folder that holds it.", metavar="MODEL")]


def predict_command(
    model: ModelFile,
    data: options.Data = "mnist8x8",
    part: Annotated[
        str | None, typer.Option(help="train or test. (default: test where there is one)", show_default=False)
    ] = None,
    target: options.Target = None,
    reduce: options.Reduce = None,
    positive: Annotated[
        int | None,
        typer.Option(help="The label that label 1 of the model stands for. (default: as trained)", show_default=False),
    ] = None,
    as_bits: Annotated[
        bool, typer.Option("--as-bits", help="The data are the network's own inputs, as `data sample` writes them.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Print the label of each example, one a line (-1 where the outputs name none), and how many are right.

    The model binarises and orders the inputs itself. For a model of one label against the rest,
    label 1 is that one.
    """
    loaded = Model.load(model)
    dataset = read(data, target=target, reduce=reduce)
    if part not in (None, "train", "test"):
        raise InputError(f"part {part!r} is neither train nor test")
    examples = dataset.train if part == "train" or (part is None and dataset.test is None) else dataset.test
    if examples is None:
        raise InputError(f"{dataset.name} has no test examples; use --part train")
    way = loaded.preprocessing.binarizer.way
    if as_bits:
        if examples.inputs.max() > 1:
            raise InputError(f"{dataset.name} holds other values than bits; leave out --as-bits")
        predicted = loaded.predict_bits(examples.inputs.astype(np.bool_))
    elif way != "bits" and examples.inputs.max() <= 1:
        raise InputError(
            f"the model binarises grey levels ({way}), and {dataset.name} holds only bits; give the grey levels, "
            "or --as-bits if they are what `bnnsat data sample` wrote for this task"
        )
    else:
        predicted = loaded.predict(examples.inputs)
    labels = examples.labels
    known, classes, named = loaded.origin.positive, loaded.origin.classes, loaded.network.shape.classes
    # A model of one label of many meets labels 0 and 1 where somebody made the same task already.
    chosen = known if positive is None and not (dataset.classes == 2 and classes != 2) else positive
    if positive is not None and loaded.network.shape.head != "bit":
        raise InputError(f"the model names {named} labels of its own; leave --positive out")
    if positive is not None and not 0 <= positive < dataset.classes:
        raise InputError(f"{dataset.name} has no label {positive}; its labels are 0 to {dataset.classes - 1}")
    if chosen is not None:
        labels = (labels == chosen).astype(labels.dtype)
    elif labels.max() >= named:
        raise InputError(
            f"the model names labels 0 to {named - 1}, and {dataset.name} has labels up to {labels.max()}; "
            "say with --positive which one it was trained for"
        )
    accuracy, balanced = scores.accuracy(predicted, labels), scores.balanced_accuracy(predicted, labels)
    if as_json:
        result: dict[str, Any] = {"examples": len(labels), "accuracy": accuracy, "balanced_accuracy": balanced}
        print(json.dumps({**result, "predictions": predicted.tolist()}))
        return
    sys.stdout.write("".join(f"{value}\n" for value in predicted.tolist()))
    sys.stdout.flush()
    print(
        f"{int((predicted == labels).sum())} of {len(labels)} right: accuracy {accuracy:.2%}, balanced {balanced:.2%}",
        file=sys.stderr,
    )


def show_command(model: ModelFile) -> None:
    """Draw each neuron's weights as a picture of blocks (a full block is weight 1), in the pixels' own order."""
    loaded = Model.load(model)
    shape, origin = loaded.network.shape, loaded.origin
    print(f"network {shape.topology}, {shape.activation}, head {shape.head}")
    order = "raw" if loaded.preprocessing.raw else "of its own"
    print(f"inputs: {loaded.preprocessing.binarizer.way}, order {order}")
    known = None not in (origin.status, origin.lower_bound)
    if known and origin.errors is not None and origin.examples is not None:
        wrong = origin.errors if origin.wrong is None else origin.wrong
        costs = " in costs" if origin.costs else ""
        print(
            f"trained: {origin.status}, {counted(wrong, 'error')} on {counted(origin.examples, 'example')}, "
            f"at least {origin.lower_bound}{costs} proved"
        )
    for line in network_pictures(loaded):
        print(line)
