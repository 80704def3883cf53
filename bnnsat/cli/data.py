"""`bnnsat data`: what there is, what is in it, and the same instance for others."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bnnsat import files
from bnnsat.cli.arguments import grouped
from bnnsat.cli.options import AsJson, DataOptions
from bnnsat.data.embedded import embedded
from bnnsat.data.sets import SETS
from bnnsat.data.steps import chosen_dataset
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.problem import Problem
from bnnsat.tables.binarizer import TableBinarizer

app = typer.Typer(help="List, describe and sample data sets.", no_args_is_help=True)


@app.command("list")
def list_command() -> None:
    """The embedded data sets and the files that are read."""
    for name, way in SETS.items():
        dataset = embedded(name)
        assert dataset.test is not None
        print(
            f"{name:16}{len(dataset.train)} training and {len(dataset.test)} test digits, "
            f"{dataset.inputs} pixels, binarised by {way}"
        )
    print("FILE.npz        X, y (and X_test, y_test); or Keras' x_train, y_train, x_test, y_test")
    print("FILE.csv        a table: .csv, .tsv, .parquet, .feather, .arrow, also .gz; - for standard input (--target)")
    print("FILE.txt        CP4IM: the label, then the bits, separated by spaces")
    print("FOLDER          images by class (PNG, JPEG), MNIST's IDX files, plain or .gz, or CIFAR-10's")
    print("digits, iris, wine, breast_cancer, openml:NAME   tables that scikit-learn has")


@app.command("describe")
@grouped
def describe_command(data: DataOptions, as_json: AsJson = False) -> None:
    """Count examples, labels, duplicates and contradictions, after sampling and binarisation.

    With --positive it is what `bnnsat train` learns with the same options; without, all labels, and all examples
    unless --examples says how many.
    """
    options = data.chosen()
    dataset = chosen_dataset(options)
    if data.positive is None:
        task = Task.of(dataset, examples=data.examples, seed=data.seed, binarize=options.way, rules=options.named)
    else:
        task = Task.chosen(options, 1)
    problem = Problem.of(task.inputs, task.labels)
    labels, counts = np.unique(task.labels, return_counts=True)
    called = {int(label): str(task.names[label]) if task.names else str(label) for label in labels}
    bits = task.preprocessing.names(task.inputs.shape[1])
    facts = {
        "name": dataset.name,
        **({} if task.target is None else {"target": task.target}),
        "inputs": task.inputs.shape[1],
        "examples": problem.total_cost,
        "distinct_examples": len(problem.labels),
        "test_examples": 0 if dataset.test is None else len(dataset.test),
        "labels": {called[int(value)]: int(count) for value, count in zip(labels, counts, strict=True)},
        "ones": float(task.inputs.mean()),
        "binarize": task.preprocessing.binarizer.way,
        "lower_bound": problem.lower_bound,
    }
    if as_json:
        print(json.dumps({**facts, **({} if bits is None else {"bits": bits})}))
        return
    for note in task.notes:
        print(note, file=sys.stderr)
    for key, value in facts.items():
        text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(
            f"{key.replace('_', ' '):18}{text:.3f}" if isinstance(text, float) else f"{key.replace('_', ' '):18}{text}"
        )
    if isinstance(task.preprocessing.binarizer, TableBinarizer) and task.preprocessing.binarizer.way != "bits":
        print(f"{'bits':18}" + f"\n{'':18}".join(task.preprocessing.binarizer.listed()))


@app.command("sample")
@grouped
def sample_command(
    out: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    data: DataOptions,
    classes: Annotated[int, typer.Option(help="2: a label against the rest; more: all labels.")] = 2,
) -> None:
    """Write exactly the instance that `bnnsat train` learns with the same options.

    (Where a half-comparison chooses its order of inputs, name that order.)
    The file holds bits: X (examples, inputs), y, X_test and y_test.
    """
    if out.suffix != ".npz":
        raise InputError(f"{out} does not end with .npz, which it will be; name it {out.name}.npz")
    labels = chosen_dataset(data.chosen()).classes
    if classes not in (2, labels):
        raise InputError(
            f"--classes {classes} does not fit {data.data}; give 2 (one label against the rest) or {labels}"
        )
    task = Task.chosen(data.chosen(), 1 if classes == 2 else classes)
    arrays = {"X": task.inputs.astype(np.uint8), "y": task.labels.astype(np.uint8)}
    if task.test_inputs is not None and task.test_labels is not None:
        arrays |= {"X_test": task.test_inputs.astype(np.uint8), "y_test": task.test_labels.astype(np.uint8)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    files.write(out, buffer.getvalue())
    print(f"{out}: {counted(len(task.labels), 'example')}, {counted(task.inputs.shape[1], 'input')}, from {task.name}")
