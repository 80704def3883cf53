"""`bnnsat train`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import files
from bnnsat.baselines import baselines
from bnnsat.campaigns.judging.validation import enough, validated
from bnnsat.cli import integers
from bnnsat.cli.executors import executor, runs
from bnnsat.cli.idle import idle
from bnnsat.cli.options import BETTER, DataOptions, FormulaOptions, NetworkOptions, Quiet, seconds
from bnnsat.cli.signals import signals
from bnnsat.cli.words import words
from bnnsat.data.augment import WAYS
from bnnsat.data.orders import ORDERS
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.display import Progress
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.options import ERRORS, Options
from bnnsat.ordering import best, resumed, short
from bnnsat.plan import Plan
from bnnsat.plural import counted
from bnnsat.result import model_of, summary
from bnnsat.search.methods import METHODS
from bnnsat.search.then.criteria import CRITERIA
from bnnsat.shape import Shape
from bnnsat.tables.alike import repeated
from bnnsat.trainer import INTERRUPTED, train
from bnnsat.training import Training
from bnnsat.width import AUTO, narrowest


@dataclass(frozen=True)
class SearchOptions:
    """How the search is done."""

    then: Annotated[
        list[str] | None,
        typer.Option(
            help=", ".join(CRITERIA) + ": further objectives, in this order, among the networks with the fewest errors "
            "(margin: the largest distance of counts; sparse: the fewest ternary weights other than 0).",
            show_default=False,
        ),
    ] = None
    goal: Annotated[
        str,
        typer.Option(
            help="errors: the fewest on the training examples. accuracy: to be right about new ones (popcounts), by "
            "gradient descent from disturbed inputs with balanced labels."
        ),
    ] = ERRORS
    steps: Annotated[
        int | None,
        typer.Option(
            help="Gradient steps of goal accuracy in all, by which a run can be repeated exactly. (default: as many as "
            "there is time for)",
            show_default=False,
        ),
    ] = None
    method: Annotated[str, typer.Option(help=", ".join(METHODS) + ": how the search is done.")] = "auto"
    jobs: Annotated[
        int | None, typer.Option(help="Processors to use. (default: all there are)", show_default=False)
    ] = None
    memory_limit: Annotated[
        int, typer.Option(help="Megabytes that the tables of dynamic programming may take (half-comparisons).")
    ] = 1_000
    augment: Annotated[
        str | None,
        typer.Option(
            help=", ".join(WAYS)
            + ": gradient descents also learn from random copies of the images. flip:P, for tables, "
            "too: in what they learn from, each bit is inverted with probability P. swap:P: it is another example's.",
            show_default=False,
        ),
    ] = None
    copies: Annotated[int, typer.Option(help="Random copies of each image for --augment.")] = 99
    ensemble: Annotated[
        int,
        typer.Option(help="Networks of this topology that vote with the sum of their popcounts, as one wider network."),
    ] = 1
    bootstrap: Annotated[
        bool, typer.Option("--bootstrap", help="Each network of an ensemble learns from a sample of its own.")
    ] = False
    solver: Annotated[str, typer.Option(help="A PySAT solver that takes assumptions, or auto.")] = "auto"
    symmetry: Annotated[
        bool,
        typer.Option("--symmetry/--no-symmetry", help="Leave out networks that are others but for an exchange."),
    ] = True
    time_limit: Annotated[
        float | None,
        typer.Option(help="Seconds for training, once the data are read. (default: until proved)", show_default=False),
    ] = None

    def check_whole(self) -> None:
        """Raise InputError for options that networks of whole numbers do not take."""
        usual = SearchOptions()
        for field in fields(self):
            if field.name != "time_limit" and getattr(self, field.name) != getattr(usual, field.name):
                raise InputError(f"networks with relu take no --{field.name.replace('_', '-')}; leave it out")

    def options(self, formula: FormulaOptions, seed: int) -> Options:
        """The same as `train` takes it, but for costs and augment; InputError for what cannot be."""
        return Options(
            goal=self.goal,
            steps=self.steps,
            method=self.method,
            time_limit=seconds(self.time_limit),
            memory_limit=self.memory_limit,
            jobs=self.jobs,
            seed=seed,
            then=tuple(self.then or ()),
            ensemble=self.ensemble,
            bootstrap=self.bootstrap,
            encoding=formula.encoding,
            solver=self.solver,
            literal_order=formula.literal_order,
            symmetry=self.symmetry,
        )


def train_command(
    data: DataOptions,
    network: NetworkOptions,
    search: SearchOptions,
    formula: FormulaOptions,
    test_data: Annotated[
        str | None,
        typer.Option(
            help="Data set whose training examples are the test examples. (default: the data set's own)",
            rich_help_panel="Data",
            show_default=False,
        ),
    ] = None,
    test_size: Annotated[
        float | None,
        typer.Option(
            help="Share of the examples of each label that is held back to test with: 0.25.",
            rich_help_panel="Data",
            show_default=False,
        ),
    ] = None,
    cv: Annotated[
        int | None,
        typer.Option(
            help="Folds of a cross-validation that comes first, each with the time limit; several at a time (--jobs).",
            rich_help_panel="Data",
            show_default=False,
        ),
    ] = None,
    others: Annotated[
        bool | None,
        typer.Option(
            "--baselines/--no-baselines",
            help="Say beside test results what the commonest label, logistic regression and a tree of depth 3 reach on "
            "the same bits (the last two where scikit-learn is installed). (default: with --test-size and --cv)",
            rich_help_panel="Data",
            show_default=False,
        ),
    ] = None,
    test_curve: Annotated[
        bool,
        typer.Option("--test-curve", help="In results: how right the best network was on test examples at each step."),
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps the best so far; an interrupted or killed run goes on from it.", show_default=False
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for model.json and result.json.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Quiet = False,
) -> None:
    """Train a network to the fewest errors there can be, and prove it.

    Without any option a digit of the embedded data is learned. A run that is stopped, by Ctrl-C or
    its time limit, returns the best network so far and how far from the best it may be.
    """
    chosen = data.chosen(test_data, test_size)
    if (whole := network.integers) is not None:
        search.check_whole()
        usual = FormulaOptions()
        if stray := [n for n in ("encoding", "literal_order") if getattr(formula, n) != getattr(usual, n)]:
            raise InputError(f"networks with relu take no --{stray[0].replace('_', '-')}; leave it out")
        if data.input_order != BETTER:
            raise InputError("networks with relu take no --input-order; leave it out")
        if stray := [
            name for name, there in (("--cv", cv), ("--checkpoint", checkpoint), ("--baselines", others)) if there
        ]:
            raise InputError(f"networks with {network.activation} take no {stray[0]}; leave it out")
        limit = seconds(search.time_limit)
        with signals():
            integers.trained(chosen, whole, time_limit=limit, out=out, as_json=as_json, quiet=quiet, curve=test_curve)
        return
    if cv is not None:
        enough(cv, chosen.data)
    beside = others if others is not None else test_size is not None or cv is not None
    plan = Plan(
        chosen, network.outline, search.options(formula, data.seed), network.costs, search.augment, search.copies
    )
    progress = Progress(live=not quiet)
    free = plan.outline.hidden in (None, AUTO) and plan.outline.given(chosen) is None
    if cv is not None:
        # Whether there are so many folds is seen before anything takes time.
        (replace(plan, outline=replace(plan.outline, hidden="0")) if free else plan).made((0, cv))
    if free:
        plan = narrowest(plan, progress.note)
    task, shape, options = plan.made()
    assert task.options is not None
    chosen = task.options
    for word in idle(options, shape, augmented=search.augment):
        progress.note(word)
    if out is not None and (out / "model.json").exists():
        progress.note(f"{out}: model.json and result.json are there already, and will be replaced")
    validation = None if cv is None else _validated(plan, cv, search.jobs, quiet, beside)
    for note in task.notes:
        progress.note(note)
    if chosen.even:
        odd = counted(shape.sizes[0] - 1, "input")
        progress.note(f"{odd}, an odd number: one is read twice, and the topology is {shape.topology}")

    def prepare() -> None:
        # Bad input must not leave a folder behind, and a folder that takes no files must not cost a run.
        if out is not None:
            files.folder(out)

    with signals() as ignore_signals:
        with progress:
            training, began = None, time.monotonic()
            if data.input_order == BETTER and shape.activation == "half" and data.data not in SETS:
                tasks = [task, Task.chosen(replace(chosen, input_order="informative"), shape.sizes[-1])]
                task, training = _better(tasks, shape, options, checkpoint, began, prepare, progress)
            if training is None:
                training = train(
                    task.inputs,
                    task.labels,
                    shape,
                    options,
                    checkpoint=checkpoint,
                    on_event=progress,
                    on_start=prepare,
                    keep_interrupted=True,
                    began=began,
                    verbose=0,
                )
            if shape.activation == "half":
                _tell_repeated(task, chosen.even, progress)
        ignore_signals()
        result = summary(task, training, curve=test_curve)
        if validation is not None:
            result["cv"] = validation
        if task.test_inputs is not None and task.test_labels is not None and beside:
            result["baselines"] = baselines(task.inputs, task.labels, task.test_inputs, task.test_labels)
        try:
            if out is not None:
                result = _saved(result, out, model_of(task, training))
        finally:
            # The result is printed even if it cannot be saved.
            print(json.dumps(result) if as_json else "\n".join(words(result)), flush=True)


def _validated(plan: Plan, folds: int, jobs: int | None, quiet: bool, beside: bool) -> dict[str, Any]:
    """A cross-validation in processes, with a bar of its folds."""
    parallel = jobs or os.cpu_count() or 1
    with executor(parallel, None) as (pool, _), nullcontext(lambda: None) if quiet else runs(folds, 0) as done:
        return validated(plan, folds, pool, done, beside)


def _better(
    tasks: list[Task],
    shape: Shape,
    options: Options,
    checkpoint: Path | None,
    began: float,
    prepare: Callable[[], None],
    progress: Progress,
) -> tuple[Task, Training | None]:
    """The task in the order of its inputs in which a short search does better, or a checkpoint has it.

    With its training, where that need not go on.
    """
    place = None if checkpoint is None else resumed(tasks, shape, options.costs, checkpoint)
    if place is not None:
        return tasks[place], None
    trainings = short(tasks, shape, options, began, prepare)
    place = best(trainings)
    words = ", ".join(f"{o} {counted(t.errors, 'error')}" for o, t in zip(ORDERS, trainings, strict=False))
    progress.note(f"input order {ORDERS[place]}, after a short search: {words}")
    found = replace(trainings[place], options=options)
    if trainings[-1].stopped == INTERRUPTED:
        return tasks[place], replace(found, stopped=INTERRUPTED)
    over = found.status == "OPTIMAL" and not options.then and checkpoint is None
    return tasks[place], found if over else None


def _tell_repeated(task: Task, evened: bool, progress: Progress) -> None:
    """A word on inputs that say nothing new; a pair of such parts no examples."""
    if again := int(repeated(task.inputs).sum()) - evened:
        where = "--input-order informative puts them last" if task.preprocessing.raw else "they come last"
        progress.note(f"{counted(again, 'input')} equal or complementary to others: {where}")


def _saved(result: dict[str, Any], out: Path, model: Model) -> dict[str, Any]:
    """The result with the path of its model, once both are on the disk."""
    named = {**result, "model": str(out / "model.json")}
    files.folder(out)
    files.write(out / "result.json", (json.dumps(named, indent=1) + "\n").encode())
    model.save(out / "model.json")
    return named
