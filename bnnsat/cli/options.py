"""Options that several commands share, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import limits
from bnnsat.data.chosen import DEFAULT_EXAMPLES, DEFAULT_POSITIVE, TaskOptions
from bnnsat.data.orders import ORDERS
from bnnsat.data.sets import SETS
from bnnsat.encodings import VARIABLE
from bnnsat.encodings.catalogue import add
from bnnsat.encodings.orders import LITERAL_ORDERS
from bnnsat.errors import InputError
from bnnsat.integers.shape import HEADS as INTEGER_HEADS
from bnnsat.integers.shape import RELU
from bnnsat.outline import DEFAULT_TOPOLOGY, Outline, layers
from bnnsat.shape import ACTIVATIONS, HEADS
from bnnsat.spelling import GIVEN, LEARNED
from bnnsat.tables.ways import DEFAULT_NUMBERS, DEFAULT_TEXTS
from bnnsat.width import AUTO

PANEL = "Data"
RAW, BETTER = "raw", "better"
"""Orders of inputs: as they are, and whichever does better."""

Data = Annotated[
    str,
    typer.Option(
        help="Data set: " + ", ".join(SETS) + ", a table (.csv, .tsv, .parquet, .feather, .arrow, also .gz; - for "
        "standard input), .npz, .txt (CP4IM), a folder of images by class, of IDX files or of CIFAR-10's; with "
        "scikit-learn digits, iris, wine, breast_cancer, openml:NAME.",
        rich_help_panel=PANEL,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        help="The column that is learned: its name or its number from 1, first or last. (default: label, class, target "
        "or y, else the last)",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
Reduce = Annotated[
    str | None,
    typer.Option(
        help="Bring images down: WxH (means over areas), or 28x28 to 8x8: crop24 or pad32.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first row of a text names the columns. (default: by what it holds)",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
EncodingsPath = Annotated[
    Path | None,
    typer.Option(
        help=f"Folder of further encodings, like the catalogue's own (or {VARIABLE}, which may name several).",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]


@dataclass(frozen=True)
class DataOptions:
    """Which data, and what is made of them."""

    data: Data = "mnist8x8"
    positive: Annotated[
        str | None,
        typer.Option(
            help="Learn this label against the rest. "
            f"(default: {DEFAULT_POSITIVE} with one output and an embedded set)",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None
    examples: Annotated[
        int | None,
        typer.Option(
            help="Training examples, half of them of the label; 10 classes: a tenth of each. "
            f"(default: {DEFAULT_EXAMPLES} of an embedded set, all of a file)",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None
    seed: Annotated[int, typer.Option(help="Seed of the draw and of random starts.", rich_help_panel=PANEL)] = 0
    binarize: Annotated[
        list[str] | None,
        typer.Option(
            help="Grey levels: bits, threshold:T (grey >= T), levels:N, image-mean or pixel-mean. Columns of numbers: "
            "quantiles:N, uniform:N or supervised:N cuts (:intervals behind it: a bit for each interval). COLUMN=WAY, "
            "as often as needed, is for one column: also onehot:N (its N commonest values) and bit. "
            f"(default: the data set's own; {DEFAULT_NUMBERS}, texts {DEFAULT_TEXTS})",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None
    input_order: Annotated[
        str,
        typer.Option(
            help="raw, or informative: the inputs that say most come first, which the half-comparison wants. better: "
            "training takes what does better in a short search (half-comparisons on data of one's own), else raw.",
            rich_help_panel=PANEL,
        ),
    ] = BETTER
    target: Target = None
    reduce: Reduce = None
    levels: Annotated[
        int | None,
        typer.Option(
            help="Bits per grey level, N thresholds evenly spaced (thermometer code): N times as many inputs; "
            "the same as --binarize levels:N.",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None

    drop: Annotated[
        list[str] | None,
        typer.Option(
            help="Columns that are not learned from, by name or number, separated by commas.",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None
    columns: Annotated[
        list[str] | None,
        typer.Option(
            help="Columns that are learned from. (default: all but the target)",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None
    header: Header = None
    group: Annotated[
        str | None,
        typer.Option(
            help="A column whose equal values stay together where examples are held back; it is not learned from.",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None

    def chosen(self, test_data: str | None = None, test_size: float | None = None) -> TaskOptions:
        """The task by its options."""
        ways = [way for way in self.binarize or () if "=" not in way]
        if self.input_order not in (*ORDERS, BETTER):
            raise InputError(f"unknown input order {self.input_order!r}; there are {', '.join((*ORDERS, BETTER))}")
        if len(ways) > 1:
            raise InputError(f"binarize is {' and '.join(ways)}; give one for all columns, and COLUMN=WAY for others")
        return TaskOptions(
            data=self.data,
            positive=self.positive,
            examples=self.examples,
            seed=self.seed,
            binarize=ways[0] if ways else None,
            input_order=RAW if self.input_order == BETTER else self.input_order,
            target=self.target,
            reduce=self.reduce,
            test_data=test_data,
            levels=self.levels,
            drop=tuple(self.drop or ()),
            columns=tuple(self.columns or ()),
            header=self.header,
            rules=tuple(way for way in self.binarize or () if "=" in way),
            test_size=test_size,
            group=self.group,
        )


@dataclass(frozen=True)
class NetworkOptions:
    """The shape of a network, and what its errors cost."""

    hidden: Annotated[
        str | None,
        typer.Option(
            help="Hidden neurons: 3; of several layers 8-4; 0 for none. Inputs and outputs come from the data. "
            "auto: a width by a short cross-validation. (default: auto, unless there is a topology)",
            show_default=False,
        ),
    ] = None
    topology: Annotated[
        str | None,
        typer.Option(
            help=f"Inputs, hidden neurons, outputs. (default: {DEFAULT_TOPOLOGY} for embedded sets)", show_default=False
        ),
    ] = None
    activation: Annotated[
        str | None,
        typer.Option(
            help=", ".join(ACTIVATIONS)
            + f", or {RELU}: weights are whole numbers. (default: half for embedded sets and "
            "with a topology, else popcount)",
            show_default=False,
        ),
    ] = None
    head: Annotated[
        str | None,
        typer.Option(
            help=", ".join(HEADS)
            + f"; of {RELU} {', '.join(INTEGER_HEADS)} (exact: the output is the label). (default: "
            "bit for one output; else onehot, or with --hidden argmax)",
            show_default=False,
        ),
    ] = None
    thresholds: Annotated[
        str | None,
        typer.Option(
            help="Popcount thresholds, one per layer: 32,1; learned: each neuron's own; given: half the inputs, "
            "rounded up. (default: given; learned with --hidden)",
            show_default=False,
        ),
    ] = None
    weights: Annotated[
        str | None,
        typer.Option(
            help="binary: +1 and -1. ternary: 0, too (popcount). (default: binary; ternary for a table with --hidden)",
            show_default=False,
        ),
    ] = None
    costs: Annotated[
        str | None,
        typer.Option(
            help="What an error costs for each label: 1,5; or balanced, by how rare the label is, in multiples of the "
            "commonest one's (balanced:10: in tenths of it). (default: 1 each)",
            show_default=False,
        ),
    ] = None

    weight_bits: Annotated[
        int | None,
        typer.Option(help=f"Of {RELU}: bits of a weight, with its sign, 2 to 8. (default: 4)", show_default=False),
    ] = None
    input_bits: Annotated[
        int | None,
        typer.Option(
            help=f"Of {RELU}: bits of an input, the upper ones of grey levels; of a table with other numbers than "
            "whole ones from 0 to 255, of the levels between the least and the most of each column. (default: as many "
            "as the data need; 4 of such a table)",
            show_default=False,
        ),
    ] = None
    bias: Annotated[bool, typer.Option("--bias", help=f"Of {RELU}: each neuron adds a number of its own.")] = False

    @property
    def integers(self) -> dict[str, Any] | None:
        """What `IntegerShape.parse` takes, and `hidden`, of networks with relu; None of others.

        Raises:
            InputError: an option belongs to the other kind.
        """
        own = (("--weight-bits", self.weight_bits), ("--input-bits", self.input_bits), ("--bias", self.bias))
        if self.activation != RELU:
            if stray := [name for name, value in own if value not in (None, False)]:
                raise InputError(f"{stray[0]} is for networks with --activation {RELU}; leave it out")
            return None
        others = (("--thresholds", self.thresholds), ("--weights", self.weights), ("--costs", self.costs))
        if stray := [name for name, value in others if value is not None]:
            raise InputError(f"networks with {RELU} take no {stray[0]}; leave it out")
        if (self.topology is None) == (self.hidden is None):
            raise InputError(f"networks with {RELU} need --topology, or --hidden (0 for no hidden neurons)")
        if self.hidden == AUTO:
            raise InputError(f"networks with {RELU} take no --hidden {AUTO}; give a number")
        if self.hidden is not None:
            layers(self.hidden)
        return {
            "topology": self.topology,
            "hidden": self.hidden,
            "head": self.head,
            "weight_bits": 4 if self.weight_bits is None else self.weight_bits,
            "input_bits": self.input_bits,
            "bias": self.bias,
        }

    @property
    def outline(self) -> Outline:
        """The shape before the data are known; InputError for thresholds that are none."""
        return Outline(self.hidden, self.topology, self.activation, self.head, self._thresholds, self.weights)

    @property
    def _thresholds(self) -> tuple[int, ...] | str | None:
        """What --thresholds says."""
        if self.thresholds in (None, LEARNED, GIVEN):
            return self.thresholds
        assert self.thresholds is not None
        try:
            return tuple(int(part) for part in self.thresholds.split(","))
        except ValueError:
            raise InputError(
                f"thresholds {self.thresholds!r} are not whole numbers; write one per layer, like 32,1, or {LEARNED}"
            ) from None


@dataclass(frozen=True)
class FormulaOptions:
    """How counts are written."""

    encoding: Annotated[str, typer.Option(help="Encoding of the activation, from the catalogue, or auto.")] = "auto"
    literal_order: Annotated[
        str, typer.Option(help="Order of a count's literals: " + ", ".join(LITERAL_ORDERS) + ".")
    ] = "given"
    encodings_path: EncodingsPath = None

    def __post_init__(self) -> None:
        if self.encodings_path is not None:
            add(self.encodings_path)


def seconds(limit: float | None) -> float | None:
    """A time limit; InputError for one that is none."""
    if limit is not None and not limit > 0:
        raise InputError(f"time limit {limit:g} is not above 0; give seconds")
    return limits.seconds(limit)
