"""`bnnsat predict` and `bnnsat show`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import files
from bnnsat.cli import integer_models, options
from bnnsat.cli.networks import network_of
from bnnsat.cli.predictions import write_predictions
from bnnsat.drawing.html import page
from bnnsat.drawing.show import FORMATS, show, title
from bnnsat.errors import InputError
from bnnsat.integers.model import is_integers
from bnnsat.plural import counted
from bnnsat.prediction import Prediction, predicted
from bnnsat.types import Doubles, Integers

ModelFile = Annotated[Path, typer.Argument(help="A model.json, or the folder that holds it.", metavar="MODEL")]
AnyModel = Annotated[
    Path, typer.Argument(help="A model.json, its folder, or a file that `bnnsat import` takes.", metavar="MODEL")
]
InputScale = Annotated[
    int | None,
    typer.Option(
        help="Of another program's file: what a grey level is divided by before it comes in. (default: 1)",
        show_default=False,
    ),
]


def predict_command(
    model: AnyModel,
    data: options.Data = "mnist8x8",
    part: Annotated[
        str | None, typer.Option(help="train or test. (default: test where there is one)", show_default=False)
    ] = None,
    target: options.Target = None,
    header: options.Header = None,
    reduce: options.Reduce = None,
    positive: Annotated[
        str | None,
        typer.Option(help="The label that label 1 of the model stands for. (default: as trained)", show_default=False),
    ] = None,
    as_bits: Annotated[
        bool, typer.Option("--as-bits", help="The data are the network's own inputs, as `data sample` writes them.")
    ] = False,
    scores: Annotated[
        bool,
        typer.Option(
            "--scores", help="Say also how far the count is from its threshold; of several classes the counts."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Table to write (.csv, .tsv, .parquet, .feather; - for csv on standard output): the rows with a "
            "column prediction (and score, or a score for each class).",
            show_default=False,
        ),
    ] = None,
    input_scale: InputScale = None,
    as_json: options.AsJson = False,
) -> None:
    """Print the label of each example, one a line (-1 where the outputs name none), and how many are right.

    The model binarises and orders the inputs itself; of a table it takes the columns by their names, with or without
    the target. For a model of one label against the rest, label 1 is that one.
    """
    if is_integers(model):
        others = {"--as-bits": as_bits, "--reduce": reduce, "--input-scale": input_scale}
        if stray := [name for name, there in others.items() if there]:
            raise InputError(f"networks with relu take no {stray[0]}; leave it out")
        integer_models.predicted(
            model,
            data,
            part=part,
            positive=positive,
            target=target,
            header=header,
            scores=scores,
            out=out,
            as_json=as_json,
        )
        return
    found = predicted(
        network_of(model, input_scale),
        data,
        target=target,
        header=header,
        part=part,
        reduce=reduce,
        positive=positive,
        as_bits=as_bits,
    )
    counts = {name: column.tolist() for name, column in _scores(found).items()} if scores else {}
    if out is not None:
        write_predictions(out, data, found.table, {"prediction": found.labels, **counts})
    if as_json:
        result: dict[str, Any] = {"examples": len(found.codes)}
        result |= {"accuracy": found.accuracy, "balanced_accuracy": found.balanced_accuracy}
        if found.judged.any():
            labels = list(found.model.labels or range(len(found.confusion)))
            result |= {"judged": int(found.judged.sum()), "labels": labels, "confusion": found.confusion.tolist()}
        print(json.dumps({**result, "predictions": found.labels, **counts}))
        return
    if out is None:
        lines = zip(found.labels, *counts.values(), strict=True)
        sys.stdout.write("".join(" ".join(map(str, line)) + "\n" for line in lines))
        sys.stdout.flush()
    for line in [*found.notes, *_judgement(found)]:
        print(line, file=sys.stderr)


def _scores(found: Prediction) -> dict[str, Integers | Doubles]:
    """Scores by the names of their columns."""
    if found.scores.shape[1] == 1:
        return {"score": found.scores[:, 0]}
    labels = found.model.labels or range(found.scores.shape[1])
    return {f"score {label}": column for label, column in zip(labels, found.scores.T, strict=True)}


def _judgement(found: Prediction) -> list[str]:
    """How right the predictions are, where that is known."""
    judged = int(found.judged.sum())
    if not judged or found.accuracy is None or found.balanced_accuracy is None:
        return [f"{counted(len(found.codes), 'example')}, none with a label"]
    lines = [f"{found.right} of {judged} right: accuracy {found.accuracy:.2%}, balanced {found.balanced_accuracy:.2%}"]
    if found.table is not None:
        labels = [*map(str, found.model.labels or range(len(found.confusion))), "none"]
        confusion = found.confusion if found.confusion[:, -1].any() else found.confusion[:, :-1]
        names = labels[: confusion.shape[1]]
        width = max(map(len, [*names, *map(str, confusion.ravel())]))
        first = max(map(len, labels))
        lines.append(f"{'':{first}}  predicted " + " ".join(name.rjust(width) for name in names))
        lines += [
            f"{label:{first}}            " + " ".join(str(cell).rjust(width) for cell in row)
            for label, row in zip(labels, confusion.tolist(), strict=False)
        ]
    return lines


def show_command(
    model: AnyModel,
    format_: Annotated[str, typer.Option("--format", help=", ".join(FORMATS) + ".")] = "text",
    out: Annotated[Path | None, typer.Option(help="The file to write. (default: print)", show_default=False)] = None,
    input_scale: InputScale = None,
) -> None:
    """Say what a network does: of a table each neuron as a score card, of images its weights as pictures.

    A card lists what is counted, and how many of it make the neuron 1; weights 0 are left out. In pictures of text a
    full block is weight 1, in the pixels' own order.
    """
    if is_integers(model):
        said = integer_models.shown(model, format_)
    else:
        loaded = network_of(model, input_scale)
        said = show(loaded, format_)
        if format_ == "html" and out is not None:
            said = page(said, title(loaded))
    if out is None or str(out) == "-":
        print(said, end="")
    else:
        files.write(out, said.encode())
