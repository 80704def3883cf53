"""Options that several commands share, in groups."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import typer

from bnnsat import limits
from bnnsat.data.chosen import DEFAULT_EXAMPLES, DEFAULT_POSITIVE, TaskOptions
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.encodings.orders import LITERAL_ORDERS
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.problem import MAX_COST
from bnnsat.shape import ACTIVATIONS, HEADS, Shape
from bnnsat.spelling import GIVEN, LEARNED
from bnnsat.tables.binarizer import DEFAULT_NUMBERS, DEFAULT_TEXTS
from bnnsat.types import Integers

PANEL = "Data"
DEFAULT_TOPOLOGY, DEFAULT_HIDDEN = "64-2-1", "4"
"""Of the embedded sets, and of other data."""
RAW, BETTER = "raw", "better"
"""Orders of inputs: as they are, and whichever does better."""

Data = Annotated[
    str,
    typer.Option(
        help="Data set: " + ", ".join(SETS) + ", a table (.csv, .tsv, .parquet, .feather, .arrow, also .gz; - for "
        "standard input), .npz, .txt (CP4IM) or a folder of IDX files.",
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
    typer.Option(help="Bring 28x28 images down to 8x8: crop24 or pad32.", rich_help_panel=PANEL, show_default=False),
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

    def chosen(
        self, test_data: str | None = None, *, even: bool = False, test_size: float | None = None
    ) -> TaskOptions:
        """The task by its options; `even` makes an odd number of inputs even."""
        ways = [way for way in self.binarize or () if "=" not in way]
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
            even=even,
            drop=tuple(self.drop or ()),
            columns=tuple(self.columns or ()),
            header=self.header,
            rules=tuple(way for way in self.binarize or () if "=" in way),
            test_size=test_size,
        )


@dataclass(frozen=True)
class NetworkOptions:
    """The shape of a network, and what its errors cost."""

    hidden: Annotated[
        str | None,
        typer.Option(
            help="Hidden neurons: 3; of several layers 8-4; 0 for none. Inputs and outputs come from the data. "
            f"(default: {DEFAULT_HIDDEN}, unless there is a topology)",
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
            help=" or ".join(ACTIVATIONS) + ". (default: half for embedded sets and with a topology, else popcount)",
            show_default=False,
        ),
    ] = None
    head: Annotated[
        str | None,
        typer.Option(
            help=", ".join(HEADS) + ". (default: bit for one output; else onehot, or with --hidden argmax)",
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
    weights: Annotated[str, typer.Option(help="binary: +1 and -1. ternary: 0, too (popcount).")] = "binary"
    costs: Annotated[
        str | None,
        typer.Option(
            help="What an error costs for each label: 1,5; or balanced, by how rare the label is, in multiples of the "
            "commonest one's (balanced:10: in tenths of it). (default: 1 each)",
            show_default=False,
        ),
    ] = None

    def on(self, data: DataOptions, **more: Any) -> tuple[Task, Shape]:
        """The task, and a shape that fits it: a half-comparison's has an even number of inputs.

        InputError where the options do not fit each other or the data.
        """
        if self.hidden is not None and self.topology is not None:
            raise InputError(f"--hidden {self.hidden} and --topology {self.topology} are two shapes; give one")
        topology = self.topology
        if topology is None and self.hidden is None and data.data in SETS:
            topology = DEFAULT_TOPOLOGY
        if topology is None:
            return self._around(data, more)
        shape, even = self._shape(topology, "half"), self._odd(topology)
        task = Task.chosen(data.chosen(even=even, **more), shape.sizes[-1])
        if even and task.inputs.shape[1] != shape.sizes[0]:
            there = task.inputs.shape[1] - 1
            raise InputError(
                f"topology {topology} starts with {shape.sizes[0] - 1}, but the data have "
                f"{counted(there, 'input')}; start it with {there}"
            )
        return task, shape

    def _around(self, data: DataOptions, more: dict[str, Any]) -> tuple[Task, Shape]:
        """The task, and the shape with as many inputs and outputs as it has."""
        hidden = DEFAULT_HIDDEN if self.hidden is None else self.hidden
        if not re.fullmatch(r"\d{1,6}(-\d{1,6})*", hidden) or ("-" in hidden and "0" in hidden.split("-")):
            raise InputError(
                f"hidden {hidden!r} is no number of neurons; write 3, of several layers 8-4, or 0 for none"
            )
        usual = "half" if data.data in SETS else "popcount"
        task = Task.chosen(data.chosen(**more), None)
        outputs = 1 if task.positive is not None or task.classes == 2 else task.classes
        between = "" if hidden == "0" else f"-{hidden}"
        topology = f"{task.inputs.shape[1]}{between}-{outputs}"
        if (self.activation or usual) == "half" and task.inputs.shape[1] % 2:
            task = Task.chosen(data.chosen(even=True, **more), None)
        head = self.head or (
            "bit" if outputs == 1 else "argmax" if (self.activation or usual) == "popcount" else "onehot"
        )
        learned = self.thresholds is None and (self.activation or usual) == "popcount"
        return task, replace(self, head=head, thresholds=LEARNED if learned else self.thresholds)._shape(
            topology, usual
        )

    def _shape(self, topology: str, usual: str) -> Shape:
        """The shape of a topology, with an even number of inputs for a half-comparison."""
        activation = self.activation or usual
        if replace(self, activation=activation)._odd(topology):
            inputs, _, rest = topology.partition("-")
            topology = f"{int(inputs) + 1}-{rest}"
        return Shape.parse(topology, activation, self.head, self._thresholds, self.weights)

    def _odd(self, topology: str) -> bool:
        """Whether the network has one input more than the data, as a half-comparison wants an even number."""
        inputs, _, rest = topology.partition("-")
        half = (self.activation or "half") == "half"
        return half and inputs.isdecimal() and int(inputs) % 2 == 1 and bool(rest)

    def costs_of(self, task: Task, shape: Shape) -> tuple[int, ...]:
        """What an error costs for each label; balanced is how many times rarer the label is than the commonest."""
        if self.costs is None:
            return ()
        if self.costs.partition(":")[0] == "balanced":
            return balanced(task.labels, shape.classes, self.costs.partition(":")[2] or "1")
        try:
            return tuple(int(part) for part in self.costs.split(","))
        except ValueError:
            raise InputError(f"costs {self.costs!r} are neither balanced nor whole numbers like 1,5") from None

    @property
    def _thresholds(self) -> list[int] | str:
        """What --thresholds says, as `Shape.parse` takes it."""
        if self.thresholds in (None, GIVEN):
            return []
        assert self.thresholds is not None
        if self.thresholds == LEARNED:
            return LEARNED
        try:
            return [int(part) for part in self.thresholds.split(",")]
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


def balanced(labels: Integers, classes: int, resolution: str) -> tuple[int, ...]:
    """Costs by which all labels together cost about the same.

    Args:
        labels: (examples,), from 0.
        classes: how many labels there are.
        resolution: a whole number: costs are rounded to that share of the commonest label's.

    Raises:
        InputError: the resolution is none.
    """
    if not resolution.isdecimal() or not 1 <= int(resolution) <= MAX_COST:
        raise InputError(f"costs balanced:{resolution} have no resolution from 1 to {MAX_COST}; write balanced:10")
    # No label is so rare that its errors could not be counted.
    counts = np.maximum(1, np.bincount(labels, minlength=classes))
    costs = np.rint(int(resolution) * counts.max() / counts).astype(np.int64)
    costs //= np.gcd.reduce(costs)
    if costs.max() > MAX_COST:
        # With fewer digits; the least cost is 1 all the same.
        costs = np.maximum(1, np.rint(costs * (MAX_COST / costs.max())).astype(np.int64))
    return tuple(costs.tolist())


def seconds(limit: float | None) -> float | None:
    """A time limit; InputError for one that is none."""
    if limit is not None and not limit > 0:
        raise InputError(f"time limit {limit:g} is not above 0; give seconds")
    return limits.seconds(limit)
