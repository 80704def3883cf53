"""`bnnsat export`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat.cli import options
from bnnsat.cli.signals import signals
from bnnsat.cli.submission import Submission, submit
from bnnsat.data.chosen import TaskOptions
from bnnsat.encodings.orders import LITERAL_ORDERS
from bnnsat.errors import InputError
from bnnsat.exports.exported import Exported, Form
from bnnsat.exports.formats import FORMATS
from bnnsat.model import Model
from bnnsat.questions.question import Best, Question
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.shape import Shape

OPTIMUM = "optimum"
MOST_DIGITS = 9
SUBMISSION = "Submission"
OF_SUBMISSION = {"submission", "count", "reference_limit", "limit", "program", "author", "parallel", "dask"}
OF_ROBUSTNESS = {"model", "example"}
OF_EVERY = {"out", "format_", "bound", "encoding", "time_limit", "as_json"}


def export_command(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; its ending says the format: " + ", ".join(FORMATS) + "; then .gz or .xz.",
            show_default=False,
        ),
    ] = None,
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
    model: Annotated[
        Path | None,
        typer.Option(
            help="Ask about this trained network instead: how few bits of an example have to change until it names "
            "another label (or none)? --bound is then the radius, and data and network come from the model.",
            rich_help_panel="Robustness",
            show_default=False,
        ),
    ] = None,
    example: Annotated[
        int,
        typer.Option(help="Which of the examples that the model was trained on.", rich_help_panel="Robustness"),
    ] = 0,
    bound: Annotated[
        str | None,
        typer.Option(
            "--bound",
            "--radius",
            help="At most so many errors (or changes): a number, optimum (satisfiable) or optimum-1 (not). wcnf and "
            "opb minimise: there optimum is only noted beside the file; opb takes a number or optimum-1, too. "
            "[default: optimum; icnf: optimum-1; opb, wcnf: none]",
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
    submission: Annotated[
        Path | None,
        typer.Option(
            help="Instead of one formula a folder for a competition: instances chosen by measuring them, a table with "
            "hashes and features, and a description. --format is cnf (default), wcnf or opb. The same command goes on.",
            rich_help_panel=SUBMISSION,
            show_default=False,
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="How many instances.", rich_help_panel=SUBMISSION)] = 20,
    reference_limit: Annotated[
        float,
        typer.Option(
            "--minisat-limit",
            help="Seconds of the reference solver: MiniSat for cnf, RC2 for wcnf, clasp for opb.",
            rich_help_panel=SUBMISSION,
        ),
    ] = 60.0,
    limit: Annotated[float, typer.Option(help="Seconds of the own solver.", rich_help_panel=SUBMISSION)] = 3600.0,
    program: Annotated[
        str | None,
        typer.Option(
            "--own",
            help="The own solver of cnf, a program that is given the file. [default: bnnsat train]",
            rich_help_panel=SUBMISSION,
            show_default=False,
        ),
    ] = None,
    author: Annotated[
        str, typer.Option(help="Who submits, for the description.", rich_help_panel=SUBMISSION)
    ] = "Anonymous",
    parallel: Annotated[
        int, typer.Option("--jobs", "-j", help="Measurements at a time.", rich_help_panel=SUBMISSION)
    ] = 2,
    dask: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler to measure on (extra dask).",
            rich_help_panel=SUBMISSION,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the training of a network, or the robustness of a trained one, as a formula for other solvers.

    cnf: is there a network with so few errors? wcnf, opb: the fewest errors. icnf: bound after bound as assumptions.
    knf: the errors as one cardinality constraint. bnn: a line for each neuron. The same options give the same bytes
    everywhere. OUT.json says what is expected, and which variables are the weights. With --submission it writes a
    whole entry for a competition of solvers.
    """
    _apply(context, submission is not None, model is not None)
    if submission is not None:
        asked = Submission(submission, format_ or "cnf", count, reference_limit, limit, program, author)
        submit(asked, parallel, dask)
        return
    if out is None:
        raise InputError("say where the formula is to be written: --out FILE.cnf (or a folder: --submission DIR)")
    name = _format(out, format_)
    question: Question
    if model is None:
        shape = Shape.parse(topology, activation, head, options.thresholds(threshold), weights)
        chosen = TaskOptions(data, digit, samples, seed, binarize, input_order, label, reduce, None, levels)
        task = chosen.task(shape.sizes[-1])
        question = TrainingQuestion(chosen, shape, tuple(options.costs(class_weight, task, shape)))
    else:
        question = _robustness(model, example)
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time limit {time_limit:g} is not above 0; give seconds")
    form = Form.of(name, question, encoding, literal_order, bounded=bound not in (None, OPTIMUM))
    _free(out)
    with signals():
        best, most = _bound(bound, form.kind, question, time_limit)
        side = Exported.of(question, form, most, best).write(out)
    if as_json:
        print(side.dumps().decode(), end="")
        return
    content = side.content
    print(f"{out}: {content['variables']} variables, {content['constraints']} constraints, {_words(content, question)}")


def _apply(context: typer.Context, submission: bool, model: bool) -> None:
    """Raise InputError for options that say nothing to what is asked for."""
    every = {str(parameter.name) for parameter in context.command.params}
    what, refused = "a question of training", OF_SUBMISSION | OF_ROBUSTNESS
    if submission:
        what, refused = "--submission", every - OF_SUBMISSION - {"format_"}
    elif model:
        what, refused = "a question about --model", every - OF_ROBUSTNESS - OF_EVERY
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if name in refused and source is not None and source.name == "COMMANDLINE":
            option = next(text for text in parameter.opts if text.startswith("--"))
            raise InputError(f"{option} says nothing to {what}; leave it out")


def _robustness(model: Path, example: int) -> RobustnessQuestion:
    file = model / "model.json" if model.is_dir() else model
    loaded = Model.load(file)
    if not isinstance(loaded.about.get("task"), dict):
        raise InputError(f"{file} does not say what it was trained on; give a model that `bnnsat train --out` wrote")
    try:
        task = TaskOptions(**loaded.about["task"]).task(loaded.network.shape.sizes[-1])
    except (AttributeError, TypeError) as error:
        raise InputError(f"{file} does not say what it was trained on: {error}") from None
    fits = task.preprocessing == loaded.preprocessing and task.inputs.shape[1] == loaded.network.shape.sizes[0]
    if "digest" not in loaded.about:
        raise InputError(f"{file} has no digest of the examples that it was trained on; train it anew")
    if not fits or task.digest != loaded.about["digest"]:
        raise InputError(f"the data that {file} names are not those that it was trained on")
    if not 0 <= example < len(task.inputs):
        raise InputError(f"there is no example {example}; they are 0 to {len(task.inputs) - 1}")
    return RobustnessQuestion(file, "".join(str(int(bit)) for bit in task.inputs[example]))


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
    for path in (out, out.with_name(out.name + ".json")):
        if path.exists() and not path.is_file():
            raise InputError(f"cannot write {path}: it is no ordinary file")


def _bound(text: str | None, kind: str, question: Question, time_limit: float | None) -> tuple[Best | None, int]:
    """The bound on the objective, and what is known of it where it is the least value or one less."""
    if kind == "optimisation" and text not in (None, OPTIMUM):
        raise InputError(
            f"this format asks for the fewest {question.UNIT}; leave --bound out, or say {OPTIMUM} to have it noted"
        )
    if text is None and kind == "optimisation":
        return None, 0
    text = {"loop": f"{OPTIMUM}-1"}.get(kind, OPTIMUM) if text is None else text
    if text not in (OPTIMUM, f"{OPTIMUM}-1"):
        if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
            raise InputError(
                f"bound {text[:20]!r} is none; give a number from 0 to {10**MOST_DIGITS - 1}, {OPTIMUM} or {OPTIMUM}-1"
            )
        return None, int(text)
    best = question.best(time_limit)
    return best, best.value - (text != OPTIMUM)


def _words(side: dict[str, Any], question: Question) -> str:
    bound, expected, unit = side["bound"], side["expected"], question.UNIT
    asked = f"the fewest {unit}" if bound is None else f"at most {bound} {unit}"
    return asked + ("" if expected is None else f", expected: {expected['answer']} (optimum {expected[unit]})")
