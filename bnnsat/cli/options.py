"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from bnnsat.data.chosen import DEFAULT_DIGIT, DEFAULT_SAMPLES
from bnnsat.data.embedded import SETS
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.problem import MAX_COST
from bnnsat.shape import ACTIVATIONS, HEADS, LEARNED, Shape

DATA = "Data set: " + ", ".join(SETS) + ", a file (.npz, .csv, .txt) or a folder of IDX files."
Data = Annotated[str, typer.Option("--data", help=DATA, rich_help_panel="Data")]
Digit = Annotated[
    int | None,
    typer.Option(
        help=f"Learn this label against the rest. [default: {DEFAULT_DIGIT} with one output and an embedded set]",
        rich_help_panel="Data",
        show_default=False,
    ),
]
Samples = Annotated[
    int | None,
    typer.Option(
        help=f"Training examples, half of them of the digit; 10 classes: a tenth of each. "
        f"[default: {DEFAULT_SAMPLES} of an embedded set, all of a file]",
        rich_help_panel="Data",
        show_default=False,
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of the sample and of random starts.", rich_help_panel="Data")]
Binarize = Annotated[
    str | None,
    typer.Option(
        help="bits, threshold:T (grey >= T), levels:N, image-mean or pixel-mean. [default: the data set's own]",
        rich_help_panel="Data",
        show_default=False,
    ),
]
Order = Annotated[
    str,
    typer.Option(
        "--input-order",
        help="raw, or informative: the inputs that say most come first, which the half-comparison wants.",
        rich_help_panel="Data",
    ),
]
Label = Annotated[
    str | None,
    typer.Option(
        "--label",
        help="The label's column in a csv file: first or last. [default: by its header, else last]",
        rich_help_panel="Data",
        show_default=False,
    ),
]
Reduce = Annotated[
    str | None,
    typer.Option(help="Bring 28x28 images down to 8x8: crop24 or pad32.", rich_help_panel="Data", show_default=False),
]

Levels = Annotated[
    int | None,
    typer.Option(
        help="Bits per grey level, N thresholds evenly spaced (thermometer code): N times as many inputs; "
        "the same as --binarize levels:N.",
        rich_help_panel="Data",
        show_default=False,
    ),
]

TestData = Annotated[
    str | None,
    typer.Option(
        "--test-data",
        help="Data set whose training examples are the test examples. [default: the data set's own]",
        rich_help_panel="Data",
        show_default=False,
    ),
]

Topology = Annotated[str, typer.Option(help="Inputs, hidden neurons, outputs: 64-2-1.")]
Activation = Annotated[str, typer.Option(help=" or ".join(ACTIVATIONS))]
Head = Annotated[
    str | None,
    typer.Option(help=", ".join(HEADS) + ". [default: bit for one output, else onehot]", show_default=False),
]
Threshold = Annotated[
    str | None,
    typer.Option(
        help="Popcount thresholds, one per layer: 32,1; or learned, each neuron's own. "
        "[default: half the inputs, rounded up]",
        show_default=False,
    ),
]
Weights = Annotated[str, typer.Option(help="binary: +1 and -1. ternary: 0, too (popcount).")]
ClassWeight = Annotated[
    str | None,
    typer.Option(
        help="What an error costs for each label: 1,5; or balanced, by how rare the label is. [default: 1 each]",
        show_default=False,
    ),
]


def costs(text: str | None, task: Task, shape: Shape) -> list[int]:
    """What an error costs for each label; balanced is how many times rarer the label is than the commonest, rounded."""
    if text is None:
        return []
    if text == "balanced":
        # No label is so rare that its errors could not be counted.
        counts = np.maximum(1, np.bincount(task.labels, minlength=shape.classes))
        return [min(MAX_COST, int(cost)) for cost in np.rint(counts.max() / counts)]
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"class weights {text!r} are neither balanced nor whole numbers like 1,5") from None


def thresholds(text: str | None) -> list[int] | str:
    """What --threshold says, as `Shape.parse` takes it."""
    if text is None:
        return []
    if text == LEARNED:
        return LEARNED
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"thresholds {text!r} are not whole numbers; write one per layer, like 32,1, or {LEARNED}"
        ) from None
