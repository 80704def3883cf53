"""`bnnsat conquer`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bnnsat import files, limits
from bnnsat.campaigns.asked import same_question
from bnnsat.campaigns.conquer.prover import Conqueror, ModelError
from bnnsat.certificates.certify import certify
from bnnsat.certificates.models import examples_of, training_question
from bnnsat.cli import integer_models
from bnnsat.cli.executors import executor
from bnnsat.cli.models import ModelFile
from bnnsat.cli.options import Quiet, seconds
from bnnsat.cli.signals import signals
from bnnsat.data.task import Task
from bnnsat.errors import HaltedError, InputError, ResourceError, SoundnessError
from bnnsat.integers.model import IntegerModel, is_integers
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.replay import network_of
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.folding import folded
from bnnsat.synthesis.integers import certify_integers

CERTIFICATE, CUBES, FILE = "certificate", "cubes", "model.json"


def conquer_command(
    model: ModelFile,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for cubes, proofs, the best model and the certificate; the same command goes on from it.",
            show_default=False,
        ),
    ],
    cubes: Annotated[int, typer.Option(help="Cubes, rounded down to a power of two.")] = 32,
    data: Annotated[
        str | None, typer.Option(help="Where the data set is. (default: where it was)", show_default=False)
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Cubes at a time.")] = 1,
    dask: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler, whose workers see the same folder.", show_default=False),
    ] = None,
    solver: Annotated[str, typer.Option(help="The PySAT solver that writes the proofs.")] = "cadical195",
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds for all of it. (default: none)", show_default=False)
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Prove by cube and conquer that no network of a model's shape makes fewer errors, and certify it.

    The weights are split where propagation goes farthest, and each cube is a proof of its own; together they are one
    certificate. A cube that has a better network makes that the model, and the search goes on for fewer errors.
    """
    if cubes < 1 or jobs < 1:
        raise InputError("--cubes and --jobs are 1 or more")
    files.folder(out)
    # One that an earlier run found is where this one goes on, if it is an answer to the same question.
    _, question, _ = _read(model, data)
    same_question(out, {"question": question.KIND, **question.noted()})
    model = out / FILE if (out / FILE).exists() else model
    deadline = limits.deadline(seconds(time_limit))

    def told(done: int, total: int) -> None:
        if not quiet:
            print(f"{done} of {counted(total, 'cube')}", file=sys.stderr, flush=True)

    def note(words: str) -> None:
        if not quiet:
            print(words, file=sys.stderr, flush=True)

    with signals():
        try:
            with executor(jobs, dask) as (pool, ahead):
                prover = Conqueror(
                    solver,
                    deadline=deadline,
                    folder=out / CUBES,
                    executor=pool,
                    ahead=ahead,
                    leaves=cubes,
                    on_done=told,
                )
                while True:
                    found = _certified(model, out, data, prover, note)
                    if found is None:
                        break
                    model = found
        except KeyboardInterrupt:
            raise HaltedError(f"interrupted; the same command goes on from {out}") from None
        except ResourceError as error:
            better = f"; a better network is in {out / FILE}" if (out / FILE).exists() else ""
            raise ResourceError(f"{error}{better}; the same command goes on from {out}") from None
    print(f"{out / CERTIFICATE}: proved; `bnnsat check {out}` verifies it")


def _certified(model: Path, out: Path, data: str | None, prover: Conqueror, note: Any) -> Path | None:
    """Certify that nothing is better than a model; or the file of a better one."""
    loaded, question, task = _read(model, data)
    prover = replace(prover, holes=sum(int(np.prod(shape)) for shape in question.holes.values()))
    try:
        if isinstance(loaded, IntegerModel):
            assert isinstance(question, IntegersQuestion)
            errors = question.errors(loaded.network)
            certify_integers(question, loaded.network, errors, out / CERTIFICATE, prover=prover, note=note)
        else:
            errors = question.attained({FILE: loaded.dumps()})["errors"]
            certify(loaded, out / CERTIFICATE, bound=errors, data=data, prover=prover, note=note)
    except ModelError as better:
        holes, start = {}, 0
        for name, shape in question.holes.items():
            size = int(np.prod(shape))
            holes[name] = better.values[start : start + size].reshape(shape)
            start += size
        if isinstance(loaded, IntegerModel):
            assert isinstance(question, IntegersQuestion)
            network = question.network(holes)
            found = question.errors(network)
            origin = {**loaded.origin, "status": "FEASIBLE", "errors": found, "lower_bound": question.lower_bound}
            replace(loaded, network=network, origin=origin).save(out / FILE)
        else:
            assert isinstance(question, TrainingQuestion) and task is not None
            made = folded(network_of(question, holes))
            wrong = int((~made.right(task.inputs, task.labels)).sum())
            found = question.problem.errors(made.right(question.problem.inputs, question.problem.labels))
            told = replace(loaded.origin, status="FEASIBLE", errors=found, wrong=wrong, lower_bound=0, then=())
            replace(loaded, network=made, origin=told).save(out / FILE)
        if found >= errors:
            raise SoundnessError(
                f"a cube was to have fewer than {errors} errors, and its network makes {found}"
            ) from None
        note(f"a better network: {counted(found, 'error')}, before {errors}")
        return out / FILE
    return None


def _read(
    model: Path, data: str | None
) -> tuple[Model | IntegerModel, TrainingQuestion | IntegersQuestion, Task | None]:
    """A model, the question that it was trained on, and its examples where they are bits."""
    if is_integers(model):
        return *integer_models.question_of(model, data), None
    loaded = Model.load(model)
    task = examples_of(loaded, data)
    return loaded, training_question(loaded, task.inputs, task.labels), task
