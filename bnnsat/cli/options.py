"""Options that several commands share, and what they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from bnnsat.data.dataset import Dataset
from bnnsat.data.embedded import SETS
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.errors import InputError

DEFAULT_DIGIT = 0
DEFAULT_SAMPLES = 250

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


def way_to_bits(binarize: str | None, levels: int | None) -> str | None:
    """The way that --binarize or --levels names."""
    if levels is None:
        return binarize
    if binarize is not None:
        raise InputError("--levels is a way to binarize; leave --binarize out")
    return f"levels:{levels}"


@dataclass(frozen=True)
class TaskOptions:
    """What the options above said."""

    data: str
    digit: int | None
    samples: int | None
    seed: int
    binarize: str | None
    input_order: str
    label: str | None
    reduce: str | None
    test_data: str | None = None
    levels: int | None = None

    def task(self, outputs: int) -> Task:
        """The task for a network with that many outputs, with the defaults of an embedded set."""
        dataset = read(self.data, label=self.label, reduce=self.reduce)
        digit, samples = self.digit, self.samples
        if self.test_data is not None:
            other = read(self.test_data, label=self.label, reduce=self.reduce)
            made = Dataset.of(dataset.name, dataset.train, other.train, dataset.binarize)
            dataset = replace(made, full=dataset.full, reduction=dataset.reduction)
        if self.data in SETS:
            digit = DEFAULT_DIGIT if digit is None and outputs == 1 else digit
            samples = DEFAULT_SAMPLES if samples is None else samples
        return Task.of(
            dataset,
            digit=digit,
            samples=samples,
            seed=self.seed,
            binarize=way_to_bits(self.binarize, self.levels),
            input_order=self.input_order,
        )
