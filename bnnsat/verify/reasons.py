"""Why a network says what it says: inputs that force it (AXp), and inputs by whose change it says something else (CXp).

Sets are of the network's own input bits. After Ignatiev, Narodytska and Marques-Silva: "Abduction-based explanations
for machine learning models" (AAAI 2019) and "From contrastive to abductive explanations and back again" (AIxIA 2020).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from pysat.examples.hitman import Hitman
from pysat.solvers import Solver as PysatSolver

from bnnsat import limits
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.errors import InputError, SoundnessError
from bnnsat.questions.formula import reading, variables
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Integers

SOLVER = "cadical195"


class Oracle:
    """Whether some inputs, as they are in an example, force what the network says.

    Args:
        question: about the network and the example.
        solver: of the formula "the inputs are possible, and the network says something else".
        literals: (n,) of the inputs as they are in the example.
        there: the inputs that there are.
        deadline: a `time.monotonic` value; None for none.
    """

    def __init__(
        self,
        question: RobustnessQuestion,
        solver: SolverProcess,
        literals: Integers,
        there: Inputs,
        deadline: float | None,
    ) -> None:
        self._question, self._solver, self._deadline = question, solver, deadline
        self._there = there
        self._literals = literals
        self._inputs = {int(literal): place for place, literal in enumerate(literals)}

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return len(self._literals)

    def escaped(self, fixed: Collection[int]) -> tuple[Bits | None, set[int]]:
        """An input (n,) that agrees with the example on some places and makes the network say something else.

        Args:
            fixed: these places.

        Returns it and all of these places; or None, and those of them that force what the network says.

        Raises:
            TimeoutError: the deadline is past.
            SoundnessError: what the solver found is none.
        """
        left = None if self._deadline is None else self._deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        answer = self._solver.solve([int(self._literals[place]) for place in fixed], seconds=left)
        if answer.status is None:
            raise TimeoutError
        if not answer.status:
            return None, {self._inputs[literal] for literal in answer.core}
        found = answer.model[np.abs(self._literals)]
        try:
            self._question.facts({"inputs": found})
        except InputError as error:
            raise SoundnessError(f"a model of the formula is no solution: {error}") from None
        if not self._there.hold(found[self._there.read]):
            raise SoundnessError("the solver found bits that are no input's")
        if any(found[place] != self._question.example[place] for place in fixed):
            raise SoundnessError("the solver changed what it was to keep")
        return found, set(fixed)

    def differing(self, found: Bits) -> set[int]:
        """Places at which an input is not the example.

        Args:
            found: (n,) bits.
        """
        return set(np.flatnonzero(found != self._question.example).tolist())


@contextmanager
def asked(question: RobustnessQuestion, seconds: float | None) -> Iterator[Oracle]:
    """An oracle for a question.

    Args:
        question: about a network and an example.
        seconds: of wall-clock time; None for no limit.
    """
    circuit, deadline = Circuit(Cnf()), limits.deadline(seconds)
    holes = variables(circuit.cnf, question)
    encodings = [usable(encoding_for(question.shape), question.shape.activation)]
    required = question.required(reading(question, circuit, encodings), holes)
    circuit.cnf.add(required.reshape(-1, 1))
    there = Inputs.of(question.model)
    circuit.cnf.add(there.clauses(holes["inputs"][there.read]), repeats=True)
    literals = np.where(question.example, holes["inputs"], -holes["inputs"])
    with SolverProcess(circuit.cnf, SOLVER) as solver:
        yield Oracle(question, solver, literals, there, deadline)


def axp(oracle: Oracle, order: Sequence[int] | None = None) -> set[int]:
    """Inputs that force what the network says, and no proper part of which does.

    Args:
        oracle: of the network and the example.
        order: in which inputs are tried to be left out; as they are without.

    Raises:
        TimeoutError: the deadline is past.
    """
    found, forcing = oracle.escaped(range(oracle.inputs))
    if found is not None:
        raise SoundnessError("the example itself makes the network say something else")
    return _shrunk(oracle, forcing, range(oracle.inputs) if order is None else order)


def _shrunk(oracle: Oracle, forcing: set[int], order: Sequence[int]) -> set[int]:
    """Of inputs that force it some no proper part of which does."""
    for place in order:
        if place in forcing:
            found, core = oracle.escaped(forcing - {place})
            # What could not be left out of more cannot be left out of less.
            forcing = forcing if found is not None else core
    return forcing


def cxp(oracle: Oracle, order: Sequence[int] | None = None, within: Collection[int] | None = None) -> set[int] | None:
    """Inputs by whose change the network says something else, and no proper part of which does; None if none does.

    Args:
        oracle: of the network and the example.
        order: in which inputs are tried to be kept; as they are without.
        within: of which inputs; of all without.

    Raises:
        TimeoutError: the deadline is past.
    """
    every = set(range(oracle.inputs))
    found, _ = oracle.escaped(every - (every if within is None else set(within)))
    if found is None:
        return None
    changing = oracle.differing(found)
    for place in order if order is not None else range(oracle.inputs):
        if place in changing:
            found, _ = oracle.escaped(every - changing | {place})
            changing = changing if found is None else oracle.differing(found)
    return changing


def smallest_axp(oracle: Oracle) -> set[int]:
    """Fewest inputs that force what the network says: a least set that hits every CXp.

    Args:
        oracle: of the network and the example.

    Raises:
        TimeoutError: the deadline is past.
    """
    places = set(range(oracle.inputs))

    def missed(tried: set[int]) -> set[int] | None:
        if oracle.escaped(tried)[0] is None:
            return None
        return cxp(oracle, within=places - tried)

    return _least_hitting(missed)


def smallest_cxp(oracle: Oracle) -> set[int] | None:
    """Fewest inputs by whose change the network says something else: a least set that hits every AXp; None if none.

    Args:
        oracle: of the network and the example.

    Raises:
        TimeoutError: the deadline is past.
    """
    places = set(range(oracle.inputs))
    if oracle.escaped(())[0] is None:
        return None

    def missed(tried: set[int]) -> set[int] | None:
        found, core = oracle.escaped(places - tried)
        return None if found is not None else _shrunk(oracle, core, sorted(core))

    return _least_hitting(missed)


def _least_hitting(missed: Callable[[set[int]], set[int] | None]) -> set[int]:
    """A least set that hits all others, which are told one by one: `missed` names one that a set does not hit."""
    with Hitman(solver="g4", htype="sorted") as hitting:
        while True:
            tried = set(hitting.get() or ())
            if (other := missed(tried)) is None:
                return tried
            hitting.hit(sorted(other))


def every(oracle: Oracle, most: int) -> tuple[list[set[int]], list[set[int]], bool]:
    """AXps and CXps, up to so many of both together, and whether these are all (by their duality, as MARCO does).

    Args:
        oracle: of the network and the example.
        most: at most so many.

    Raises:
        TimeoutError: the deadline is past.
    """
    places, reasons, changes = range(oracle.inputs), list[set[int]](), list[set[int]]()
    # Variable i + 1 says that input i is kept. What is above an AXp, or below the rest of a CXp, is known.
    with PysatSolver(name="g4", bootstrap_with=[[place + 1, -place - 1] for place in places]) as seeds:
        while seeds.solve():
            if len(reasons) + len(changes) >= most:
                return reasons, changes, False
            seed = {v - 1 for v in seeds.get_model() or [] if v > 0}
            found, core = oracle.escaped(seed)
            if found is None:
                reasons.append(_shrunk(oracle, core, places))
                seeds.add_clause([-place - 1 for place in sorted(reasons[-1])])
            else:
                part = cxp(oracle, within=set(places) - seed)
                assert part is not None
                changes.append(part)
                seeds.add_clause([place + 1 for place in sorted(part)])
    return reasons, changes, True
