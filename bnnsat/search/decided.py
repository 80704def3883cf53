"""Whether a sum can be as small as that: one call of a solver, which knows of the limit from the beginning.

Where only that is asked, it is much easier than what the least sum is: of training with no errors each example has to
be right, and the limit is no assumption, so that formulas shrink before the search.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Literal

from bnnsat import limits
from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import InputError, SoundnessError
from bnnsat.questions.formula import encode
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.question import Question
from bnnsat.questions.replay import replayed
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.least import SOLVER
from bnnsat.search.sat.symmetry import break_integers, break_popcount
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Literals

Narrow = Callable[[Circuit, dict[str, Literals]], object]
"""Writes clauses that leave some solution, if there is one with such a sum."""


def narrowing(question: Question) -> Narrow | None:
    """What breaks the symmetries of a question of training; None for other questions, and for half-comparisons.

    Args:
        question: what is asked.
    """
    if isinstance(question, IntegersQuestion):
        return partial(break_integers, question)
    if isinstance(question, TrainingQuestion) and question.shape.activation == "popcount":
        shape, problem = question.shape, question.problem
        return lambda circuit, holes: break_popcount(circuit, shape, [holes[name] for name in question.holes], problem)
    return None


def decided(
    question: Question, most: int, seconds: float | None = None, narrow: Narrow | None = None
) -> tuple[int, dict[str, Bits]] | Literal[False] | None:
    """A solution and its sum, which is at most so large; False where there is none, None where time was too short.

    Args:
        question: what is asked.
        most: the sum is at most so large.
        seconds: of wall-clock time; None for no limit.
        narrow: breaks symmetries.

    Raises:
        SoundnessError: a model of the formula is no solution.
    """
    deadline = limits.deadline(seconds)
    try:
        circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
        made = encode(question, circuit)
        if narrow is not None:
            narrow(circuit, made.holes)
        if most < made.objective.constant:
            return False
        if most < made.objective.most:
            counter = weighted.counter(circuit, made.objective, most + 1)
            made.cnf.add([[literal] for literal in counter.at_most(most)])
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        with SolverProcess(made.cnf, SOLVER) as process:
            answer = process.solve(seconds=left)
    except TimeoutError:
        return None
    if not answer.status:
        return False if answer.status is False else None
    solution = made.solution(answer.model)
    try:
        value = replayed(question, solution).value
    except InputError as error:
        raise SoundnessError(f"a model of the formula is no solution: {error}") from None
    if value > most:
        raise SoundnessError(f"the formula says a sum of at most {most}, and it is {value}")
    return value, solution
