"""One shape, trained for a while.

`python -m bnnsat.campaigns.shapes.trial` reads such a trial as JSON on standard input, and prints what it found.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bnnsat.campaigns.jobs.process import outcome
from bnnsat.campaigns.shapes.space import Family, hidden_of
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.task import Task
from bnnsat.data.whole import WholeTask
from bnnsat.errors import BnnsatError
from bnnsat.integers.containment import embedded
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.shape import IntegerShape
from bnnsat.options import Options
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.result import model_of
from bnnsat.solvers.worker import die_with_parent
from bnnsat.synthesis.integers import train_integers
from bnnsat.trainer import train

READING_SECONDS, UNLIMITED_SECONDS = 60.0, 1e6
"""Beyond the limit, for reading data and starting; and where there is no limit."""
NOT_TOLD = ("start",)
"""What a trial is given by others: it is the same trial without."""


@dataclass(frozen=True)
class Trial:
    """A shape and a time.

    Attributes:
        task: `TaskOptions` as JSON.
        family: `Family` as JSON.
        topology: of the shape.
        digest: of the examples.
        seconds_limit: for training; None for none.
        seed: of whatever is random.
        start: a model of a shape that it contains, as text; None for none.
    """

    task: dict[str, Any]
    family: dict[str, Any]
    topology: str
    digest: str
    seconds_limit: float | None
    seed: int
    start: str | None = None

    @property
    def key(self) -> str:
        """What tells trials apart, also in files."""
        return json.dumps({k: v for k, v in asdict(self).items() if k not in NOT_TOLD}, sort_keys=True)

    @property
    def fields(self) -> dict[str, Any]:
        """What an executor carries."""
        return asdict(self)

    @classmethod
    def needs(cls, result: dict[str, Any]) -> dict[str, type | tuple[type, ...]]:
        """What is read of a result."""
        done: dict[str, type | tuple[type, ...]] = {"errors": int, "lower": int, "model": str, "took": float}
        return done if result["status"] == "done" else {}


def question_of(
    task: Mapping[str, Any], family: Family, topology: str
) -> tuple[TrainingQuestion | IntegersQuestion, Task | WholeTask]:
    """The question of training a shape of a family, and the examples.

    Args:
        task: `TaskOptions` as JSON.
        family: what is the same for all shapes.
        topology: of the shape.

    Raises:
        InputError: they do not fit.
    """
    options, shape = TaskOptions.of(task), family.shape(hidden_of(topology))
    if isinstance(shape, IntegerShape):
        whole = WholeTask.chosen(options, family.outputs, family.input_bits)
        return IntegersQuestion(shape, whole.inputs, whole.labels), whole
    made = Task.chosen(options, family.outputs)
    return TrainingQuestion.on(made.inputs, made.labels, shape), made


def execute(fields: dict[str, Any]) -> dict[str, Any]:
    """What the trial with those fields found, in a process of its own; `status` is done, or why not.

    Args:
        fields: of a trial.
    """
    limit = fields["seconds_limit"]
    seconds = UNLIMITED_SECONDS if limit is None else limit + READING_SECONDS
    return outcome("bnnsat.campaigns.shapes.trial", fields, seconds)


def found(trial: Trial) -> dict[str, Any]:
    """What training finds, as JSON.

    Args:
        trial: the shape.
    """
    family = Family(**trial.family)
    question, task = question_of(trial.task, family, trial.topology)
    if isinstance(question, IntegersQuestion):
        start = None
        if trial.start is not None:
            start = embedded(IntegerModel.loads(trial.start.encode(), "start").network, question.shape)
        made = train_integers(
            question.inputs,
            question.labels,
            question.shape,
            time_limit=trial.seconds_limit,
            seed=trial.seed,
            start=start,
        )
        assert isinstance(task, WholeTask)
        model = made.model(task.names, trial.task, task.shift).dumps().decode()
        told = {"errors": made.errors, "lower": made.lower_bound, "took": made.seconds}
        return {**told, "model": model, "stopped": made.status != "OPTIMAL"}
    assert isinstance(task, Task)
    options = Options(time_limit=trial.seconds_limit, seed=trial.seed, jobs=1)
    trained = train(task.inputs, task.labels, question.shape, options, verbose=0)
    told = {"errors": trained.errors, "lower": trained.lower_bound, "took": trained.seconds}
    return {**told, "model": model_of(task, trained).dumps().decode(), "stopped": trained.status != "OPTIMAL"}


def main() -> None:
    """Read a trial, and say what came of it."""
    trial = Trial(**json.loads(sys.stdin.read()))
    die_with_parent()
    try:
        print(json.dumps({"status": "done", **found(trial)}))
    except BnnsatError as error:
        print(json.dumps({"status": "failed", "error": str(error)}))


if __name__ == "__main__":
    main()
