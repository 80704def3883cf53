"""The fewest bits of an example after whose change any network says something else, by a SAT solver from below."""

from __future__ import annotations

import time
from collections.abc import Collection

import numpy as np

from bnnsat import limits
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import InputError, SoundnessError
from bnnsat.model import Model
from bnnsat.questions.formula import Formula, encode
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits
from bnnsat.verification.answer import CHANGES, FEASIBLE, OPTIMAL, PROVED, REFUTED, UNKNOWN, Minimum

METHOD = "sat"
SOLVER = "cadical195"
FIRST_CAP = 16
"""Changes that are counted at first; twice as many when these do not suffice."""


def fewest(
    model: Model,
    bits: Bits,
    *,
    radius: int | None = None,
    tied: str = CHANGES,
    within: Collection[int] | None = None,
    seconds: float | None = None,
) -> Minimum:
    """The fewest bits that have to change until a network says something else, of inputs that there are.

    Args:
        model: any network.
        bits: (n,) the network's own input for the example.
        radius: whether so many suffice, in place of the fewest.
        tied: keeps, or changes where the classes' counts are not compared.
        within: places of the bits, in the order of columns and pixels, that may change; None for all.
        seconds: the time there is; None for no limit.

    Raises:
        InputError: the options do not fit.
        SoundnessError: what the solver found is none.
    """
    began, deadline = time.monotonic(), limits.deadline(seconds)
    if model.network.shape.head == "argmax" and tied == CHANGES:
        raise InputError("the solver takes the lowest of equal classes, as the network does; say so with tied keeps")
    question = RobustnessQuestion.on(model, bits)
    # Before anything is written: a network that names no label has none to be kept.
    label, best, refuted, done = question.label, None, 0, False
    search: _Bits | None = None
    try:
        search = _Bits(question, within, deadline)
        with SolverProcess(search.circuit.cnf, SOLVER) as solver:
            if radius is None:
                best = search.found(solver, None)
                done = best is None
            most = search.total if radius is None else min(radius, search.total)
            while not done and refuted < (most if best is None else search.changes(best) - 1):
                bound = refuted + 1 if radius is None else most
                found = search.found(solver, bound)
                if found is None:
                    refuted = bound
                    continue
                best = found
                if radius is not None:
                    break
            done = done or (best is None and refuted >= most)
    except TimeoutError:
        # What was found and refuted until then is the answer.
        pass
    if search is None:
        return Minimum(UNKNOWN, None, 1, label, None, (), None, time.monotonic() - began, METHOD)
    return _told(search, best, refuted + 1, done, radius, time.monotonic() - began)


def _told(search: _Bits, best: Bits | None, bound: int, done: bool, radius: int | None, seconds: float) -> Minimum:
    label = search.question.label
    if best is None:
        bound = search.total + 1 if done and radius is None else bound
        return Minimum(PROVED if done else UNKNOWN, None, bound, label, None, (), None, seconds, METHOD)
    value, new = search.changes(best), int(search.model.codes(best[np.newaxis])[0])
    if radius is not None:
        status, bound = REFUTED, min(bound, value)
    else:
        status = OPTIMAL if value == bound else FEASIBLE
    own = search.inputs.read
    changed = np.flatnonzero(best[own] != search.question.example[own])
    raw = best[own].astype(np.uint8)
    return Minimum(status, value, bound, label, new, tuple(changed.tolist()), raw, seconds, METHOD)


class _Bits:
    """The formula of what else the network says, and how many bits change.

    Args:
        question: about a network and an example.
        within: bits that may change; None for all.
        deadline: a `time.monotonic` value; None for none.
    """

    def __init__(self, question: RobustnessQuestion, within: Collection[int] | None, deadline: float | None) -> None:
        self.model, self.question, self.inputs = question.model, question, Inputs.of(question.model)
        self.circuit, self._deadline = Circuit(Cnf(), check=self._check), deadline
        self._formula: Formula = encode(self.question, self.circuit)
        own = self._formula.holes["inputs"][self.inputs.read]
        self.circuit.cnf.add(self.inputs.clauses(own), repeats=True)
        if within is not None:
            if wrong := [place for place in within if not 0 <= place < len(own)]:
                raise InputError(f"there is no bit {wrong[0]}; they are 0 to {len(own) - 1}")
            fixed = ~np.isin(np.arange(len(own)), list(within))
            kept = np.where(self.question.example[self.inputs.read], own, -own)
            self.circuit.cnf.add(kept[fixed][:, np.newaxis])
        self.total = len(own)
        self._counter: ErrorCounter | None = None

    def found(self, solver: SolverProcess, bound: int | None) -> Bits | None:
        """An input (n,) that changes at most so many bits, replayed; None if there is none.

        Args:
            solver: of the formula.
            bound: how many; None for any.

        Raises:
            TimeoutError: the deadline is past.
        """
        self._check()
        left = None if self._deadline is None else self._deadline - time.monotonic()
        answer = solver.solve([] if bound is None or bound >= self.total else self._at_most(bound), seconds=left)
        if answer.status is None:
            raise TimeoutError
        if not answer.status:
            return None
        bits = self._formula.solution(answer.model)["inputs"]
        try:
            self.question.facts({"inputs": bits})
        except InputError as error:
            raise SoundnessError(f"a model of the formula is no solution: {error}") from None
        if not self.inputs.hold(bits[self.inputs.read]) or (bound is not None and self.changes(bits) > bound):
            raise SoundnessError("the solver found bits that are no input's, or too many changes")
        return bits

    def changes(self, bits: Bits) -> int:
        """How many bits differ from the example's.

        Args:
            bits: (n,).
        """
        return int((bits != self.question.example)[self.inputs.read].sum())

    def _at_most(self, bound: int) -> list[int]:
        if self._counter is None or bound >= self._counter.cap:
            cap = max(FIRST_CAP, 2 * bound)
            self._counter = ErrorCounter(self.circuit, self._formula.objective, cap=cap)
        return self._counter.at_most(bound)

    def _check(self) -> None:
        limits.check(self._deadline)
