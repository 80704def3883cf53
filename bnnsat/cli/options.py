"""Options that several commands share, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer

from bnnsat import limits
from bnnsat.data.chosen import DEFAULT_EXAMPLES, DEFAULT_POSITIVE, TaskOptions
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.encodings.orders import LITERAL_ORDERS
from bnnsat.errors import InputError
from bnnsat.problem import MAX_COST
from bnnsat.shape import ACTIVATIONS, HEADS, Shape
from bnnsat.spelling import LEARNED
from bnnsat.types import Integers

PANEL = "Data"
RAW, BETTER = "raw", "better"
"""Orders of inputs: as they are, and whichever does better."""

Data = Annotated[
    str,
    typer.Option(
        help="Data set: " + ", ".join(SETS) + ", a file (.npz, .csv, .txt) or a folder of IDX files.",
        rich_help_panel=PANEL,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        help="The label's column in a csv file: first or last. (default: by its header, else last)",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
Reduce = Annotated[
    str | None,
    typer.Option(help="Bring 28x28 images down to 8x8: crop24 or pad32.", rich_help_panel=PANEL, show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]


@dataclass(frozen=True)
class DataOptions:
    """Which data, and what is made of them."""

    data: Data = "mnist8x8"
    positive: Annotated[
        int | None,
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
        str | None,
        typer.Option(
            help="bits, threshold:T (grey >= T), levels:N, image-mean or pixel-mean. (default: the data set's own)",
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

    def chosen(self, test_data: str | None = None, *, even: bool = False) -> TaskOptions:
        """The task by its options; `even` makes an odd number of inputs even."""
        return TaskOptions(
            data=self.data,
            positive=self.positive,
            examples=self.examples,
            seed=self.seed,
            binarize=self.binarize,
            input_order=RAW if self.input_order == BETTER else self.input_order,
            target=self.target,
            reduce=self.reduce,
            test_data=test_data,
            levels=self.levels,
            even=even,
        )


@dataclass(frozen=True)
class NetworkOptions:
    """The shape of a network, and what its errors cost."""

    topology: Annotated[str, typer.Option(help="Inputs, hidden neurons, outputs: 64-2-1.")] = "64-2-1"
    activation: Annotated[str, typer.Option(help=" or ".join(ACTIVATIONS))] = "half"
    head: Annotated[
        str | None,
        typer.Option(help=", ".join(HEADS) + ". (default: bit for one output, else onehot)", show_default=False),
    ] = None
    thresholds: Annotated[
        str | None,
        typer.Option(
            help="Popcount thresholds, one per layer: 32,1; or learned, each neuron's own. "
            "(default: half the inputs, rounded up)",
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

    @property
    def shape(self) -> Shape:
        """The shape, a half-comparison's with an even number of inputs; InputError where the options do not fit."""
        topology = self.topology
        if self.evened:
            inputs, _, rest = topology.partition("-")
            topology = f"{int(inputs) + 1}-{rest}"
        return Shape.parse(topology, self.activation, self.head, self._thresholds, self.weights)

    @property
    def evened(self) -> bool:
        """Whether the network has one input more than the data, as a half-comparison wants an even number."""
        inputs, _, rest = self.topology.partition("-")
        return self.activation == "half" and inputs.isdecimal() and int(inputs) % 2 == 1 and bool(rest)

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
        if self.thresholds is None:
            return []
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
