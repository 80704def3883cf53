"""Whether some inputs of an example force what a network says: by trying all others, by patterns, or by a solver."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import numpy as np

from bnnsat import limits
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import InputError, SoundnessError
from bnnsat.questions.formula import reading, variables
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Integers
from bnnsat.verification.near import Near
from bnnsat.verification.turned import ManyError

SOLVER = "cadical195"
FEW, MOST, SAMPLES = 1 << 16, 1 << 20, 1 << 12
"""Inputs that are all tried without more ado, and at most; and so many at a time, of more so many at random."""
WIDE = 256
"""Inputs from which on those are freed first that bring the network nearest to something else: reasons are longer, but
found."""


class Oracle:
    """Whether some inputs, as they are in an example, force what the network says.

    Where few others are left, all of these are tried; else some, and then a solver is asked.

    Args:
        question: about the network and the example.
        solving: starts a solver of the formula "the inputs are possible, and the network says something else", and
            says which literals are the inputs as they are in the example, (n,); it is called once, if at all.
        there: the inputs that there are.
        deadline: a `time.monotonic` value; None for none.

    Attributes:
        forcing: the fewest inputs at once that were seen to force it; None for none so far.
    """

    def __init__(
        self,
        question: RobustnessQuestion,
        solving: Callable[[], tuple[SolverProcess, Integers]],
        there: Inputs,
        deadline: float | None,
    ) -> None:
        self._question, self._solving, self._there, self._deadline = question, solving, there, deadline
        self._started: tuple[SolverProcess, Integers] | None = None
        self.forcing: set[int] | None = None
        self._bits, self._label = question.example[there.read], question.label
        self._rng, shape = np.random.default_rng(0), question.shape
        popcounts = shape.activation == "popcount" and shape.layers > 1
        self._near = Near(question.model, question.example, question.label) if popcounts else None

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return len(self._question.example)

    @property
    def order(self) -> list[int]:
        """All places, part by part, what says more of a part before what says less: a reason is to need no more."""
        there, found = self._there, list[int]()
        for part in there.parts:
            agree = (part.patterns == self._bits[part.places]).sum(axis=0)
            for bit in part.places[np.argsort(agree, kind="stable")].tolist():
                found += np.flatnonzero(there.order == bit).tolist()
        return found

    def escaped(self, fixed: Collection[int]) -> tuple[Bits | None, set[int]]:
        """An input (n,) that agrees with the example on some places and makes the network say something else.

        Args:
            fixed: these places.

        Returns it and all of these places; or None, and those of them that force what the network says.

        Raises:
            TimeoutError: the deadline is past.
            SoundnessError: what was found is none.
        """
        self._check()
        found, whole = self._tried(fixed)
        core = set(fixed)
        if found is None and not whole:
            found, core = self._solved(fixed)
        if found is None:
            self.forcing = core if self.forcing is None or len(core) < len(self.forcing) else self.forcing
            return None, core
        try:
            self._question.facts({"inputs": found})
        except InputError as error:
            raise SoundnessError(f"what was found is no solution: {error}") from None
        if not self._there.hold(found[self._there.read]):
            raise SoundnessError("bits were found that are no input's")
        if any(found[place] != self._question.example[place] for place in fixed):
            raise SoundnessError("something was changed that was to be kept")
        return found, core

    def differing(self, found: Bits) -> set[int]:
        """Places at which an input is not the example.

        Args:
            found: (n,) bits.
        """
        return set(np.flatnonzero(found != self._question.example).tolist())

    def _tried(self, fixed: Collection[int]) -> tuple[Bits | None, bool]:
        """Such an input among those that there are, or some of them; and whether all were tried."""
        order = self._there.order
        kept = np.zeros(self._there.bits, dtype=np.bool_)
        kept[order[list(fixed)]] = True
        parts = []
        for part in self._there.parts:
            same = (part.patterns == self._bits[part.places]) | ~kept[part.places]
            parts.append(replace(part, patterns=part.patterns[same.all(axis=1)]))
        some = replace(self._there, parts=tuple(parts))
        # Some at random find most of what there is to be found.
        if some.total > FEW and (found := self._another(some.drawn(SAMPLES, self._rng))) is not None:
            return found, False
        if some.total > FEW and self._near is not None:
            with suppress(ManyError):
                if self._alone:
                    return self._near.escaped(sorted(set(range(self.inputs)) - set(fixed)), self._check), True
            if self._near.kept(some, self._check):
                return None, True
        if some.total > MOST:
            return None, False
        for start in range(0, some.total, SAMPLES):
            self._check()
            found = self._another(some.numbered(start, min(start + SAMPLES, some.total)))
            if found is not None:
                return found, True
        return None, True

    def _another(self, bits: Bits) -> Bits | None:
        """The nearest input, (n,), of some (rows, bits), of which the network says something else; None for none."""
        rows = bits[:, self._there.order]
        other = np.flatnonzero(self._question.model.codes(rows) != self._label)
        if not len(other):
            return None
        # What differs less is explained by less.
        near = (rows[other] != self._question.example).sum(axis=1)
        return np.asarray(rows[other[int(np.argmin(near))]])

    def needed(self, free: Collection[int], others: Collection[int]) -> set[int]:
        """Some of the other places that cannot be free, too, without another label.

        Args:
            free: places that may change.
            others: places that may not.
        """
        if self._near is None or not self._alone:
            return set()
        places = np.array(sorted(free), dtype=np.int64), np.array(sorted(others), dtype=np.int64)
        return {int(place) for place in self._near.needed(*places, self._rng)}

    def brink(self) -> tuple[set[int], set[int]] | None:
        """Places that force what the network says, and those of them that are known to be needed.

        Of popcounts over many inputs that are bits by themselves; None for others.
        """
        if self._near is None or not self._alone or self.inputs < WIDE:
            return None
        brink = self._near.brink(self._check)
        for _ in brink.grown():
            self.forcing = set(range(self.inputs)) - set(brink.free)
        return set(range(self.inputs)) - set(brink.free), set(np.flatnonzero(brink.needed).tolist())

    def _check(self) -> None:
        limits.check(self._deadline)

    @property
    def _alone(self) -> bool:
        """Whether each input is a bit by itself, and read once."""
        there = self._there
        bits = all(len(part.places) == 1 and len(part.patterns) == 2 for part in there.parts)
        return bits and len(there.order) == there.bits

    def _solved(self, fixed: Collection[int]) -> tuple[Bits | None, set[int]]:
        """The same by the solver."""
        self._started = self._started or self._solving()
        solver, literals = self._started
        left = None if self._deadline is None else self._deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        answer = solver.solve([int(literals[place]) for place in fixed], seconds=left)
        if answer.status is None:
            raise TimeoutError
        if answer.status:
            return answer.model[np.abs(literals)], set(fixed)
        places = {int(literal): place for place, literal in enumerate(literals)}
        return None, {places[literal] for literal in answer.core}


@contextmanager
def asked(question: RobustnessQuestion, seconds: float | None) -> Iterator[Oracle]:
    """An oracle for a question.

    Args:
        question: about a network and an example.
        seconds: of wall-clock time; None for no limit.
    """
    deadline, there = limits.deadline(seconds), Inputs.of(question.model)
    with ExitStack() as stack:

        def solving() -> tuple[SolverProcess, Integers]:
            circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
            holes = variables(circuit.cnf, question)
            required = question.required(reading(question, circuit), holes)
            circuit.cnf.add(required.reshape(-1, 1))
            circuit.cnf.add(there.clauses(holes["inputs"][there.read]), repeats=True)
            literals = np.where(question.example, holes["inputs"], -holes["inputs"])
            return stack.enter_context(SolverProcess(circuit.cnf, SOLVER)), literals

        yield Oracle(question, solving, there, deadline)
