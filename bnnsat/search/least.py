"""The least value of any question's objective, found and proved by the loop from above."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bnnsat import limits
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.errors import InputError, ResourceError, SoundnessError
from bnnsat.questions.formula import encode
from bnnsat.questions.question import Question
from bnnsat.questions.replay import replayed
from bnnsat.solvers.descent import descend
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer
from bnnsat.types import Bits
from bnnsat.version import __version__

SOLVER = "cadical195"


class NoSolutionError(InputError):
    """A question has no solution at all."""


@dataclass(frozen=True)
class Best:
    """The best value of the objective that is known.

    Attributes:
        value: the least that is attained.
        lower: proved; there is none below.
        by: who found them.
        solution: the free bits that attain the value, by name, where they are known.
    """

    value: int
    lower: int
    by: str
    solution: dict[str, Bits] | None = None

    @property
    def proved(self) -> bool:
        """Whether there is nothing better."""
        return self.value == self.lower

    def answer(self, bound: int | None) -> str:
        """SAT, UNSAT or UNKNOWN: whether a bound can be attained; OPTIMUM or UNKNOWN without one.

        Args:
            bound: on the objective; None for none.
        """
        if bound is None:
            return "OPTIMUM" if self.proved else "UNKNOWN"
        return "SAT" if bound >= self.value else "UNSAT" if bound < self.lower else "UNKNOWN"


def least(question: Question, seconds: float | None) -> Best:
    """The least value, proved by the loop from above; for any question.

    Args:
        question: what is asked.
        seconds: of wall-clock time; None for no limit.

    Raises:
        ResourceError: the seconds were too few.
        NoSolutionError: there is no solution at all.
        SoundnessError: a model of the formula is no solution.
    """
    deadline = limits.deadline(seconds)
    circuit = Circuit(Cnf())
    made = encode(question, circuit, [usable(encoding_for(question.shape), question.shape.activation)])
    incumbent: tuple[int, dict[str, Bits]] | None = None
    counter: ErrorCounter | None = None
    proved = False

    with SolverProcess(circuit.cnf, SOLVER) as solver:

        def solve(bound: int) -> Answer:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            return solver.solve([] if counter is None else counter.at_most(bound), seconds=left)

        def wanted() -> int | None:
            if proved or (incumbent is not None and incumbent[0] == made.objective.constant):
                return None
            return made.objective.most if incumbent is None else incumbent[0] - 1

        def found(answer: Answer, _: int) -> None:
            nonlocal incumbent, counter
            solution = made.solution(answer.model)
            try:
                value = replayed(question, solution).value
            except InputError as error:
                raise SoundnessError(f"a model of the formula is no solution: {error}") from None
            incumbent, counter = (value, solution), counter or ErrorCounter(circuit, made.objective, cap=max(1, value))

        def refuted(*_: object) -> None:
            nonlocal proved
            proved = True

        def undecided() -> None:
            raise ResourceError(
                f"{seconds:g} s were too short a time to find the fewest {question.UNIT}; give more, or a number"
            )

        descend(solve, wanted, found, refuted, undecided)
    if incumbent is None:
        raise NoSolutionError(f"{question.refuted({question.UNIT: made.objective.most})}; so there is no best one")
    return Best(incumbent[0], incumbent[0], f"bnnsat {__version__}: {SOLVER}", incumbent[1])
