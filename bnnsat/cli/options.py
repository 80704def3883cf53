"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from bnnsat.data.chosen import DEFAULT_DIGIT, DEFAULT_SAMPLES
from bnnsat.data.embedded import SETS

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
