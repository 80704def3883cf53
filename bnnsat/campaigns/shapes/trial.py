"""One shape, trained for a while.

`python -m bnnsat.campaigns.shapes.trial` reads such a trial as JSON on standard input, and prints what it found.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
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
from bnnsat.questions.replay import network_of
from bnnsat.questions.training import TrainingQuestion
from bnnsat.result import model_of
from bnnsat.search.decided import decided, narrowing
from bnnsat.search.folding import folded
from bnnsat.solvers.worker import die_with_parent
from bnnsat.synthesis.integers import IntegerTraining, train_integers
from bnnsat.trainer import train
from bnnsat.training import Training
from bnnsat.types import Bits

READING_SECONDS, UNLIMITED_SECONDS = 60.0, 1e6
"""Beyond the limit, for reading data and starting; and where there is no limit."""
NOT_TOLD = ("start",)
"""What a trial is given by others: it is the same trial without."""
TRAINING_SHARE = 0.25
"""Of a trial's time, where only few enough errors are asked for: then a solver is asked for these."""


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
        most: so many errors are few enough, and fewer no better; None for the fewest.
        start: a model of a shape that it contains, as text; None for none.
    """

    task: dict[str, Any]
    family: dict[str, Any]
    topology: str
    digest: str
    seconds_limit: float | None
    seed: int
    most: int | None = None
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
    began, limit = time.monotonic(), trial.seconds_limit
    question, task = question_of(trial.task, Family(**trial.family), trial.topology)
    narrow = narrowing(question)
    most = None if narrow is None else trial.most
    if limit is not None and most is not None:
        limit *= TRAINING_SHARE
    made: IntegerTraining | Training
    if isinstance(question, IntegersQuestion):
        start = None
        if trial.start is not None:
            start = embedded(IntegerModel.loads(trial.start.encode(), "start").network, question.shape)
        made = train_integers(
            question.inputs, question.labels, question.shape, time_limit=limit, seed=trial.seed, start=start
        )
    else:
        assert isinstance(task, Task)
        options = Options(time_limit=limit, seed=trial.seed, jobs=1)
        made = train(task.inputs, task.labels, question.shape, options, verbose=0)
    if most is not None and made.lower_bound <= most < made.errors:
        # Reading the data may have taken all of it.
        left = None if trial.seconds_limit is None else max(0.0, began + trial.seconds_limit - time.monotonic())
        answer = decided(question, most, left, narrow)
        if answer is False:
            made = replace(made, lower_bound=most + 1)
        elif answer:
            made = _better(made, question, *answer)
    if isinstance(made, IntegerTraining):
        assert isinstance(task, WholeTask)
        model = made.model(task.names, trial.task, task.shift, task.columns).dumps()
    else:
        assert isinstance(task, Task)
        model = model_of(task, made).dumps()
    told = {"errors": made.errors, "lower": made.lower_bound, "took": time.monotonic() - began}
    return {**told, "model": model.decode(), "stopped": made.status != "OPTIMAL"}


def _better(
    made: IntegerTraining | Training,
    question: IntegersQuestion | TrainingQuestion,
    errors: int,
    holes: Mapping[str, Bits],
) -> IntegerTraining | Training:
    """The same training with a network that was found afterwards."""
    if isinstance(made, IntegerTraining):
        assert isinstance(question, IntegersQuestion)
        return replace(made, network=question.network(holes), errors=errors)
    assert isinstance(question, TrainingQuestion)
    # Each example costs one.
    return replace(made, network=folded(network_of(question, holes)), errors=errors, wrong=errors)


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
