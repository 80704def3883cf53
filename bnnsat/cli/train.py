"""`bnnsat train`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bnnsat import files
from bnnsat.cli import options
from bnnsat.cli.progress import Progress
from bnnsat.cli.signals import signals
from bnnsat.cli.words import words
from bnnsat.data.augment import WAYS
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.task import Task
from bnnsat.encodings.orders import LITERAL_ORDERS
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.result import model_of, summary
from bnnsat.search.local.gradient import Variants
from bnnsat.search.methods import METHODS
from bnnsat.search.then.levels import LEVELS
from bnnsat.shape import WEIGHTS, Shape
from bnnsat.training import train

FOREVER = 1e8
"""Seconds beyond which a time limit is none."""


def train_command(
    data: options.Data = "mnist8x8",
    digit: options.Digit = None,
    samples: options.Samples = None,
    seed: options.Seed = 0,
    binarize: options.Binarize = None,
    input_order: options.Order = "raw",
    label: options.Label = None,
    reduce: options.Reduce = None,
    test_data: options.TestData = None,
    levels: options.Levels = None,
    topology: options.Topology = "64-2-1",
    activation: options.Activation = "half",
    head: options.Head = None,
    threshold: options.Threshold = None,
    weights: options.Weights = "binary",
    class_weight: options.ClassWeight = None,
    then: Annotated[
        list[str] | None,
        typer.Option(
            help=", ".join(LEVELS) + ": further objectives, in this order, among the networks with the fewest errors "
            "(margin: the largest distance of counts; sparse: the fewest ternary weights other than 0).",
            show_default=False,
        ),
    ] = None,
    method: Annotated[str, typer.Option(help=", ".join(METHODS) + ": how the search is done.")] = "auto",
    jobs: Annotated[
        int | None, typer.Option(help="Processors to use. [default: all there are]", show_default=False)
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            help=", ".join(WAYS) + ": gradient descents learn from random copies of the images too.",
            show_default=False,
        ),
    ] = None,
    copies: Annotated[int, typer.Option(help="Random copies of each image for --augment.")] = 99,
    ensemble: Annotated[
        int,
        typer.Option(help="Networks of this topology that vote with the sum of their popcounts, as one wider network."),
    ] = 1,
    encoding: Annotated[str, typer.Option(help="Encoding of the activation, from the catalogue, or auto.")] = "auto",
    solver: Annotated[str, typer.Option(help="A PySAT solver that takes assumptions, or auto.")] = "auto",
    literal_order: Annotated[
        str, typer.Option(help="Order of a count's literals: " + ", ".join(LITERAL_ORDERS) + ".")
    ] = "given",
    symmetry: Annotated[
        bool, typer.Option("--symmetry/--no-symmetry", help="Leave out networks that do the same as others.")
    ] = True,
    time_limit: Annotated[
        float | None,
        typer.Option(help="Seconds for training, once the data are read. [default: until proved]", show_default=False),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps the best so far; an interrupted or killed run goes on from it.", show_default=False
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for model.json and result.json.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Train a network to the fewest errors there can be, and prove it.

    Without any option a digit of the embedded data is learned. A run that is stopped, by Ctrl-C or
    its time limit, returns the best network so far and how far from the best it may be.
    """
    shape = Shape.parse(topology, activation, head, options.thresholds(threshold), weights)
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time limit {time_limit:g} is not above 0; give seconds")
    if time_limit is not None and time_limit > FOREVER:
        time_limit = None
    chosen = TaskOptions(data, digit, samples, seed, binarize, input_order, label, reduce, test_data, levels)
    task = chosen.task(shape.sizes[-1])
    shape = _widened(shape, ensemble)
    variants = None if augment is None else _variants(task, augment, copies, seed)
    costs = options.costs(class_weight, task, shape)
    progress = Progress(live=not quiet)

    def prepare() -> None:
        # Bad input must not leave a folder behind, and a folder that takes no files must not cost a run.
        if out is not None:
            files.folder(out)

    with signals() as ignore_signals:
        with progress:
            training = train(
                task.inputs,
                task.labels,
                shape,
                method=method,
                jobs=jobs,
                encoding=encoding,
                solver=solver,
                literal_order=literal_order,
                symmetry=symmetry,
                time_limit=time_limit,
                seed=seed,
                variants=variants,
                members=ensemble,
                costs=costs,
                then=then or (),
                checkpoint=checkpoint,
                on_event=progress,
                on_start=prepare,
            )
        ignore_signals()
        result = {**summary(task, shape, training, seed=seed, costs=costs), "task": chosen.noted()}
        try:
            if out is not None:
                result = _saved(result, out, model_of(task, training, result))
        finally:
            # The result is printed even if it cannot be saved.
            print(json.dumps(result) if as_json else "\n".join(words(result)), flush=True)


def _widened(shape: Shape, members: int) -> Shape:
    """The one network that an ensemble is."""
    if members == 1:
        return shape
    if members < 1 or shape.layers != 2 or shape.activation != "popcount" or len(set(shape.thresholds[0])) > 1:
        raise InputError(
            "an ensemble is made of popcount networks n-m-k; give --ensemble 1 or more, and such a topology"
        )
    if any(shape.constants):
        raise InputError("an ensemble votes with sums, not with learned thresholds; leave one of the two out")
    n, m, k = shape.sizes
    given, kind = [shape.thresholds[0][0], (m * members * shape.repeat + 1) // 2], WEIGHTS[shape.repeat - 1]
    return Shape.parse(f"{n}-{m * members}-{k}", head=shape.head, thresholds=given, weights=kind)


def _variants(task: Task, how: str, count: int, seed: int) -> Variants:
    if count < 1:
        raise InputError(f"{count} copies are too few; give at least 1, or leave --augment out")
    inputs = task.variants(how, count, seed)
    return Variants(inputs.reshape(-1, inputs.shape[-1]), np.tile(task.labels, count))


def _saved(result: dict[str, Any], out: Path, model: Model) -> dict[str, Any]:
    """The result with the path of its model, once both are on the disk."""
    named = {**result, "model": str(out / "model.json")}
    files.folder(out)
    files.write(out / "result.json", (json.dumps(named, indent=1) + "\n").encode())
    model.save(out / "model.json")
    return named
