"""The least value of a question's objective: of training by all its methods, of others by the loop from above."""

from __future__ import annotations

import numpy as np

from bnnsat.errors import InputError, ResourceError
from bnnsat.options import Options
from bnnsat.questions.question import Question
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.least import Best, least
from bnnsat.search.progress import Listener
from bnnsat.search.start import start
from bnnsat.trainer import train
from bnnsat.training import Training
from bnnsat.version import __version__


def known(trained: Training) -> Best:
    """What a training says of its question.

    Args:
        trained: what a run returned.
    """
    return Best(trained.errors, trained.lower_bound, f"bnnsat {__version__}: {trained.events[-1].source}")


def attained(question: Question, seed: int) -> int:
    """A value that is attained, or above it: where a loop from above begins.

    Args:
        question: what is asked.
        seed: of the networks that are tried.
    """
    if isinstance(question, TrainingQuestion):
        return start(question.problem, question.shape, seed).errors(question.problem)
    return sum(int(np.prod(shape)) for shape in question.holes.values()) + 1


def best(
    question: Question,
    seconds: float | None,
    seed: int = 0,
    jobs: int | None = None,
    on_event: Listener | None = None,
) -> Best:
    """The least value, proved: of training by all its methods, of other questions by the loop from above.

    Args:
        question: what is asked.
        seconds: of wall-clock time; None for no limit.
        seed: of whatever is random.
        jobs: processors; None for all there are.
        on_event: is called at each step of a training.

    Raises:
        ResourceError: the seconds were too few.
        InputError: there is no solution at all.
        KeyboardInterrupt: it was interrupted.
    """
    if not isinstance(question, TrainingQuestion):
        return least(question, seconds)
    trained = solved(question, seconds, seed, jobs, on_event)
    if trained.status != "OPTIMAL":
        raise ResourceError(
            f"the optimum is from {trained.lower_bound} to {trained.errors} errors ({trained.stopped}); "
            "give it more time, or a number for the bound"
        )
    return known(trained)


def solved(
    question: TrainingQuestion,
    seconds: float | None,
    seed: int = 0,
    jobs: int | None = None,
    on_event: Listener | None = None,
) -> Training:
    """The best network within some time.

    Args:
        question: of training.
        seconds: of wall-clock time; None for no limit.
        seed: of whatever is random.
        jobs: processors; None for all there are.
        on_event: is called at each step.

    Raises:
        InputError: the question does not know its examples before they were merged.
        KeyboardInterrupt: it was interrupted.
    """
    if question.examples is None:
        raise InputError("the question does not know its examples before they were merged; TrainingQuestion.on does")
    options = Options(seed=seed, costs=question.costs, time_limit=seconds, jobs=jobs)
    return train(*question.examples, question.shape, options, on_event=on_event, verbose=0)
