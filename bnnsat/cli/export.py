"""`bnnsat export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat.certificates.models import trained_on
from bnnsat.cli import integers
from bnnsat.cli.options import DataOptions, FormulaOptions, NetworkOptions, Quiet, seconds
from bnnsat.cli.signals import signals
from bnnsat.costs import costs_of
from bnnsat.display import Progress
from bnnsat.errors import InputError
from bnnsat.exports.export import export
from bnnsat.exports.formats import FORMATS
from bnnsat.exports.source import ExamplesSource, ModelSource, Source
from bnnsat.fitting import fitted
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.questions.question import Question
from bnnsat.questions.robustness import RobustnessQuestion, digits
from bnnsat.questions.training import TrainingQuestion

OF_ROBUSTNESS = {"model", "example"}
OF_EVERY = {"data", "out", "format_", "bound", "encoding", "encodings_path", "time_limit", "as_json", "quiet"}


def export_command(
    context: typer.Context,
    data: DataOptions,
    network: NetworkOptions,
    formula: FormulaOptions,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; its ending says the format: "
            + ", ".join(FORMATS)
            + "; then .gz or .xz. - for standard output, with --format.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="Ask about this trained network instead: how few bits of an example have to change until it names "
            "another label (or none)? --bound is then the radius, and data and network come from the model (--data: "
            "where its data are now).",
            rich_help_panel="Robustness",
            show_default=False,
        ),
    ] = None,
    example: Annotated[
        int,
        typer.Option(help="Which of the examples that the model was trained on, from 0.", rich_help_panel="Robustness"),
    ] = 0,
    bound: Annotated[
        str | None,
        typer.Option(
            "--bound",
            "--radius",
            help="At most so many errors (or changes): a number, optimum (satisfiable) or optimum-1 (not). wcnf and "
            "opb minimise: there optimum is only noted beside the file; opb takes a number or optimum-1, too. "
            "(default: optimum; icnf: optimum-1; opb, wcnf: none)",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="The format, whatever the file is called.", show_default=False)
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds to find the optimum. (default: none)", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is written beside the file.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write the training of a network, or the robustness of a trained one, as a formula for other solvers.

    cnf: is there a network with so few errors? wcnf, opb: the fewest errors. icnf: bound after bound as assumptions.
    knf: the errors as one cardinality constraint. bnn: a line for each neuron (popcount only). The same options give
    the same bytes everywhere. OUT.json says what is expected, and which variables are the weights.
    """
    _apply(context, model is not None)
    moved = data.data if _given(context, "data") else None
    if out is None:
        raise InputError("say where the formula is to be written: --out FILE.cnf")
    stream = str(out) == "-"
    if model is None and (whole := network.integers) is not None:
        question, source = integers.asked(data.chosen(), whole)
    else:
        question, source = _training(data, network) if model is None else _robustness(model, example, moved)
    if stream and as_json:
        raise InputError("--json and --out - would both be printed; give one")
    with signals(), Progress(live=not quiet) as progress:
        side = export(
            question,
            sys.stdout.buffer if stream else out,
            source=source,
            bound=bound,
            format=format_,
            encoding=formula.encoding,
            literal_order=formula.literal_order,
            time_limit=seconds(time_limit),
            on_event=progress,
        )
    if as_json:
        print(side.dumps().decode(), end="")
        return
    content = side.content
    size = f"{counted(content['variables'], 'variable')}, {counted(content['constraints'], 'constraint')}"
    if stream:
        sys.stdout.buffer.flush()
    print(f"{out}: {size}, {_words(content, question)}", file=sys.stderr if stream else sys.stdout)


def _apply(context: typer.Context, model: bool) -> None:
    """Raise InputError for options that say nothing to what is asked for."""
    every = {str(parameter.name) for parameter in context.command.params}
    what, refused = "a question of training", OF_ROBUSTNESS
    if model:
        what, refused = "a question about --model", every - OF_ROBUSTNESS - OF_EVERY
    for parameter in context.command.params:
        name = str(parameter.name)
        if name in refused and _given(context, name):
            option = next(text for text in parameter.opts if text.startswith("--"))
            raise InputError(f"{option} says nothing to {what}; leave it out")


def _given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _training(data: DataOptions, network: NetworkOptions) -> tuple[Question, Source]:
    task, shape = network.outline.on(data.chosen())
    assert task.options is not None
    source = ExamplesSource(task.options, shape.sizes[-1])
    inputs, labels = fitted(task.inputs, task.labels, shape)
    return TrainingQuestion.on(inputs, labels, shape, costs_of(network.costs, task.labels, shape.classes)), source


def _robustness(file: Path, example: int, moved: str | None) -> tuple[Question, Source]:
    source = ModelSource(file)
    task = trained_on(Model.load(file), str(file), moved)
    if not 0 <= example < len(task.inputs):
        raise InputError(f"there is no example {example}; they are 0 to {len(task.inputs) - 1}")
    return RobustnessQuestion.of({"example": digits(task.inputs[example])}, source.files()), source


def _words(side: dict[str, Any], question: Question) -> str:
    bound, expected, unit = side["bound"], side["expected"], question.UNIT
    if bound is None and side["constant"]:
        unit = f"{unit}, the solver's cost + {side['constant']}"
    asked = f"the fewest {unit}" if bound is None else f"at most {counted(bound, unit)}"
    if side["kind"] == "loop":
        # No bound is below what is certain.
        asked = f"bound after bound, the last at most {counted(max(bound, side['constant']), unit)}"
    return asked + ("" if expected is None else f", expected: {expected['answer']} (optimum {expected[question.UNIT]})")
