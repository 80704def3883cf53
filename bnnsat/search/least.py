"""The least value of any question's objective, found and proved by the loop from above."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bnnsat import limits
from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import InputError, ResourceError, SoundnessError
from bnnsat.questions.formula import Formula, encode
from bnnsat.questions.question import Question
from bnnsat.questions.replay import replayed
from bnnsat.solvers.descent import descend
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer
from bnnsat.types import Bits, Literals
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


@dataclass(eq=False)
class Descent:
    """How far the loop from above has come.

    Attributes:
        value: the least that is attained, None before there is a solution.
        solution: the free bits that attain it, by name.
        lower: proved; there is none below.
        most: no sum is above.
        ended: whether nothing is left to be found out: the value is the least, or there is no solution at all.
    """

    value: int | None = None
    solution: dict[str, Bits] | None = None
    lower: int = 0
    most: int = 0
    ended: bool = False

    @property
    def done(self) -> bool:
        """Whether the value is the least, or there is none."""
        return self.ended or (self.value is not None and self.value == self.lower)


def descended(
    question: Question,
    seconds: float | None = None,
    *,
    start: tuple[int, dict[str, Bits]] | None = None,
    narrow: Callable[[Circuit, dict[str, Literals]], object] | None = None,
    on_better: Callable[[Descent], object] | None = None,
    meanwhile: Callable[[], tuple[int, dict[str, Bits]] | None] | None = None,
    least: int = 0,
) -> Descent:
    """Solutions with a smaller and smaller sum, until there is none, or the time is over.

    Args:
        question: what is asked.
        seconds: of wall-clock time; None for no limit.
        start: a solution and its sum, where one is known.
        narrow: writes clauses that leave some best solution (of equal ones all but one may go).
        on_better: is told of each solution, and of a better bound.
        meanwhile: is called now and then while the solver works; returns a better solution with its sum, or None.
        least: a lower bound that is known.

    Raises:
        SoundnessError: a model of the formula is no solution.
        KeyboardInterrupt: it was interrupted; what `on_better` was told stands.
    """
    deadline = limits.deadline(seconds)
    state = Descent() if start is None else Descent(*start)
    try:
        circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
        made = encode(question, circuit)
        if narrow is not None:
            narrow(circuit, made.holes)
        state.lower, state.most = max(least, made.objective.constant), made.objective.most
        if start is not None and on_better is not None:
            on_better(state)
        _lowered(question, made, state, deadline, on_better, meanwhile)
    except TimeoutError:
        # What was found by then stands.
        return state
    return state


def _lowered(
    question: Question,
    made: Formula,
    state: Descent,
    deadline: float | None,
    on_better: Callable[[Descent], object] | None,
    meanwhile: Callable[[], tuple[int, dict[str, Bits]] | None] | None,
) -> None:
    sums: weighted.Counter | None = None
    overtaken = False

    with SolverProcess(made.cnf, SOLVER) as process:

        def solve(bound: int) -> Answer:
            nonlocal sums
            if state.value is not None and sums is None:
                sums = weighted.counter(made.circuit, made.objective, cap=max(state.value, made.objective.constant + 1))
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            return process.solve([] if sums is None else sums.at_most(bound), seconds=left, until=other)

        def other() -> bool:
            nonlocal overtaken
            found = None if meanwhile is None else meanwhile()
            if found is not None and (state.value is None or found[0] < state.value):
                state.value, state.solution = found
                overtaken = True
            return overtaken

        def wanted() -> int | None:
            if state.done:
                return None
            return made.objective.most if state.value is None else state.value - 1

        def found(answer: Answer, _: int) -> None:
            solution = made.solution(answer.model)
            try:
                state.value = replayed(question, solution).value
            except InputError as error:
                raise SoundnessError(f"a model of the formula is no solution: {error}") from None
            state.solution = solution
            if state.value < state.lower:
                raise SoundnessError(f"{state.value} is attained, below the proved bound {state.lower}")
            if on_better is not None:
                on_better(state)

        def refuted(*_: object) -> None:
            state.ended = True
            if state.value is not None:
                state.lower = state.value

        def undecided() -> None:
            nonlocal overtaken
            if not overtaken:
                raise TimeoutError
            # Whoever found it has told of it.
            overtaken = False

        descend(solve, wanted, found, refuted, undecided)


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
    found = descended(question, seconds)
    if not found.done:
        raise ResourceError(
            f"{seconds:g} s were too short a time to find the fewest {question.UNIT}; give more, or a number"
        )
    if found.value is None:
        raise NoSolutionError(f"{question.refuted({question.UNIT: found.most})}; so there is no best one")
    return Best(found.value, found.value, f"bnnsat {__version__}: {SOLVER}", found.solution)
