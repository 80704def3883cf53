"""`bnnsat export` and `bnnsat import-model`."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import sys
import zlib
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import __version__, files
from bnnsat.certify.claim import sha256, write_examples
from bnnsat.choices import encoding_for
from bnnsat.cli import options
from bnnsat.cli.signals import signals
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.task import Task
from bnnsat.encodings import usable
from bnnsat.errors import InputError, ResourceError
from bnnsat.export import answers
from bnnsat.export.formats import FORMATS, constant, constraints
from bnnsat.export.instance import instance
from bnnsat.export.side import Side, described
from bnnsat.model import Model
from bnnsat.ordering import LITERAL_ORDERS
from bnnsat.shape import Shape
from bnnsat.training import Training, problem_of, start, train

OPTIMUM = "optimum"


def export_command(
    out: Annotated[
        Path,
        typer.Option(
            help="The file to write; its ending says the format: " + ", ".join(FORMATS) + "; then .gz or .xz."
        ),
    ],
    data: options.Data = "mnist8x8",
    digit: options.Digit = None,
    samples: options.Samples = None,
    seed: options.Seed = 0,
    binarize: options.Binarize = None,
    input_order: options.Order = "raw",
    label: options.Label = None,
    reduce: options.Reduce = None,
    levels: options.Levels = None,
    topology: options.Topology = "64-2-1",
    activation: options.Activation = "half",
    head: options.Head = None,
    threshold: options.Threshold = None,
    weights: options.Weights = "binary",
    class_weight: options.ClassWeight = None,
    bound: Annotated[
        str | None,
        typer.Option(
            help="At most so many errors: a number, optimum (satisfiable) or optimum-1 (not). With opb and wcnf, which "
            "minimise, optimum is only noted beside the file. [default: optimum; icnf: optimum-1; opb, wcnf: none]",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="The format, whatever the file is called.", show_default=False)
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the activation, from the catalogue, or auto.")] = "auto",
    literal_order: Annotated[
        str, typer.Option(help="Order of a count's literals: " + ", ".join(LITERAL_ORDERS) + ".")
    ] = "given",
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds to find the optimum. [default: none]", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is written beside the file.")] = False,
) -> None:
    """Write the training of a network as a formula for other solvers.

    cnf: is there a network with so few errors? wcnf, opb: the fewest errors. icnf: bound after bound as assumptions.
    knf: the errors as one cardinality constraint. bnn: a line for each neuron. The same options give the same bytes
    everywhere. OUT.json says what is expected, and which variables are the weights.
    """
    name = _format(out, format_)
    kind, pieces = FORMATS[name]
    shape = Shape.parse(topology, activation, head, options.thresholds(threshold), weights)
    chosen = TaskOptions(data, digit, samples, seed, binarize, input_order, label, reduce, None, levels)
    task = chosen.task(shape.sizes[-1])
    costs = options.costs(class_weight, task, shape)
    problem = problem_of(task.inputs, task.labels, shape, costs)
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time limit {time_limit:g} is not above 0; give seconds")
    if encoding == "auto":
        encoding = "native" if name == "bnn" or (name == "opb" and activation == "popcount") else encoding_for(shape)
    entry = usable(encoding, shape.activation)
    if name == "bnn" and encoding != "native":
        raise InputError("format bnn has a line for each popcount neuron; leave --encoding out, and use popcount")
    if encoding == "native" and name not in ("bnn", "opb"):
        raise InputError(f"format {name} has only clauses for counts; native is for bnn and opb")
    _free(out)
    with signals():
        trained, most = _bound(bound, kind, task, shape, costs, seed, time_limit)
        first = start(problem, shape, seed).errors(problem) if kind == "loop" else 0
        made = instance(problem, shape, [entry], kind, most, first, literal_order)
    parameters = {
        **{key: value for key, value in chosen.noted().items() if value is not None},
        "data": data,
        **described(shape),
        "class_weights": costs,
        "encoding": encoding,
        "literal_order": literal_order,
        "bound": most if kind != "optimisation" else None,
    }
    comments = [f"bnnsat export {__version__}: {kind}", *(f"{key} = {json.dumps(v)}" for key, v in parameters.items())]
    side = Side(
        {
            "file": out.name,
            "kind": kind,
            "bound": parameters["bound"],
            "task": chosen.noted(),
            "shape": described(shape),
            "class_weights": costs,
            "encoding": encoding,
            "literal_order": literal_order,
            "expected": _expected(trained, kind, most),
            "variables": made.cnf.variables,
            "constraints": constraints(made, name),
            "examples": _digest(task),
            "constant": constant(made, name),
            "groups": {key: literals.tolist() for key, literals in made.cnf.groups.items()},
        }
    )
    with signals():
        files.write(_beside(out), side.dumps())
        try:
            files.stream(out, pieces(made, comments))
        except BaseException:
            _beside(out).unlink()
            raise
    if as_json:
        print(side.dumps().decode(), end="")
        return
    print(f"{out}: {made.cnf.variables} variables, {constraints(made, name)} constraints, {_words(side.content)}")


def import_command(
    output: Annotated[
        Path,
        typer.Argument(
            help="What a solver printed, plain, .gz or .xz; - is standard input (plain).", metavar="SOLVER-OUTPUT"
        ),
    ],
    of: Annotated[Path, typer.Option(help="The exported formula that it solved.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="Folder for model.json.", show_default=False)] = None,
    data: Annotated[
        str | None, typer.Option(help="Where the data set is. [default: where it was]", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn a solver's solution of an exported formula into a network, and replay it on the training examples.

    A network with more errors than the formula allows is refused.
    """
    side = Side.load(_beside(of))
    found = answers.values(_text(output), side.content["variables"])
    network = side.network(found).folded()
    where = {} if data is None else {"data": data}
    chosen = TaskOptions(**{**side.content["task"], **where})
    task = chosen.task(network.shape.sizes[-1])
    if _digest(task) != side.content["examples"]:
        raise InputError(f"the data {chosen.data} do not give the examples that the formula was made of")
    costs = side.content["class_weights"]
    problem = problem_of(task.inputs, task.labels, network.shape, costs)
    errors, most = network.errors(problem), side.content["bound"]
    if most is not None and errors > most and side.content["kind"] != "loop":
        raise InputError(
            f"the network makes {errors} errors, and the formula asks for at most {most}: no solution of it"
        )
    result: dict[str, Any] = {"errors": errors, "bound": most, "examples": len(task.labels)}
    if out is not None:
        expected = side.content["expected"]
        least = problem.lower_bound if expected is None else expected["errors"]
        status = "OPTIMAL" if errors == least else "FEASIBLE"
        wrong = int((~network.right(task.inputs, task.labels)).sum())
        about: dict[str, Any] = {"status": status, "errors": errors, "lower_bound": least, "wrong": wrong, "then": []}
        about |= {"examples": len(task.labels), "task": chosen.noted(), "class_weights": costs or None}
        about |= {"threshold": "learned" if any(side.shape.constants) else "given", "digit": task.digit}
        about |= {"classes": task.classes}
        Model(network, task.preprocessing, about).save(files.folder(out) / "model.json")
        result["model"] = str(out / "model.json")
    cost = " in costs" if costs else ""
    print(json.dumps(result) if as_json else f"{errors} errors{cost} on {len(task.labels)} examples, replayed")


def _format(out: Path, given: str | None) -> str:
    name = out.with_suffix("").suffix if out.suffix in (".gz", ".xz") else out.suffix
    name = name.removeprefix(".") if given is None else given
    if name not in FORMATS:
        raise InputError(
            f"the format of {out.name} is unknown; end the file with .{', .'.join(FORMATS)}, or say --format"
        )
    return name


def _free(out: Path) -> None:
    """Raise InputError for a place that takes no file, before anything is searched for."""
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise InputError(f"cannot write {out}: there is no folder {out.parent} that can be written")
    for path in (out, _beside(out)):
        if path.exists() and not path.is_file():
            raise InputError(f"cannot write {path}: it is no ordinary file")


def _digest(task: Task) -> str:
    return sha256(write_examples(task.inputs, task.labels))


def _beside(out: Path) -> Path:
    return out.with_name(out.name + ".json")


def _bound(
    text: str | None, kind: str, task: Task, shape: Shape, costs: list[int], seed: int, time_limit: float | None
) -> tuple[Training | None, int]:
    """The bound on the errors, and the training that found it where it is the optimum or one less."""
    if kind == "optimisation" and text not in (None, OPTIMUM):
        raise InputError(
            f"this format asks for the fewest errors; leave --bound out, or say {OPTIMUM} to have it noted"
        )
    if text is None and kind == "optimisation":
        return None, 0
    text = {"loop": f"{OPTIMUM}-1"}.get(kind, OPTIMUM) if text is None else text
    if text not in (OPTIMUM, f"{OPTIMUM}-1"):
        if not text.isdecimal():
            raise InputError(f"bound {text!r} is none; give a number from 0, {OPTIMUM} or {OPTIMUM}-1")
        return None, int(text)
    trained = train(task.inputs, task.labels, shape, seed=seed, costs=costs, time_limit=time_limit)
    if trained.stopped == "interrupted":
        raise KeyboardInterrupt
    if trained.status != "OPTIMAL":
        raise ResourceError(
            f"the optimum is from {trained.lower_bound} to {trained.errors} errors ({trained.stopped}); "
            "give it more time, or a number for the bound"
        )
    return trained, trained.errors - (text != OPTIMUM)


def _expected(trained: Training | None, kind: str, most: int) -> dict[str, Any] | None:
    if trained is None:
        return None
    by = f"bnnsat {__version__}: {trained.events[-1].source}"
    if kind in ("optimisation", "loop"):
        return {"answer": "OPTIMUM", "errors": trained.errors, "by": by}
    return {"answer": "SAT" if most >= trained.errors else "UNSAT", "errors": trained.errors, "by": by}


def _words(side: dict[str, Any]) -> str:
    bound, expected = side["bound"], side["expected"]
    asked = "the fewest errors" if bound is None else f"at most {bound} errors"
    return asked + ("" if expected is None else f", expected: {expected['answer']} (optimum {expected['errors']})")


def _text(path: Path) -> str:
    try:
        if str(path) == "-":
            return sys.stdin.read()
        content = path.read_bytes()
        unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)
        return unpack(content).decode()
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"cannot read {path}: {error}") from None
