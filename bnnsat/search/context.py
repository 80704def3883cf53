"""One training run as its methods see it: the problem, the state, the limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding
from bnnsat.encodings.orders import reading_order
from bnnsat.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.progress import Run
from bnnsat.search.variants import Augment
from bnnsat.shape import Shape
from bnnsat.types import Integers

MEGABYTE = 1_000_000
"""Bytes."""

LONG_SECONDS, MOST_SECONDS = 0.05, 0.5
"""A heuristic's step that takes so long is taken to take so long again; no more than that is lost of the time."""


class StoppedError(Exception):
    """Another method has finished, so this one need not go on."""


@dataclass(eq=False)
class Written:
    """What is told of the last formula that was written.

    Attributes:
        encoding: its name.
        solver: its name.
        seconds: that writing took.
        cnf: the formula.
    """

    encoding: str = ""
    solver: str = ""
    seconds: float = 0.0
    cnf: Cnf = field(default_factory=Cnf)


@dataclass(eq=False)
class Search:
    """What methods share.

    Attributes:
        run: the incumbent and the bound.
        problem: the training examples.
        shape: of the network.
        seed: of whatever is random.
        deadline: a `time.monotonic` value; None for none.
        jobs: processors that may be used.
        memory: bytes that the tables of a method may take.
        encoding: of the training formula.
        solver: of the training formula.
        literal_order: of the training formula's counts.
        symmetry: methods may look at one of several equal networks only.
        augment: what gradient descents learn from beside the examples.
        ensemble: of how many networks the hidden layer is to be put together.
        bootstrap: each of them learns from a sample of its own.
        written: what is told of the last formula.
        stop: is set when another method has finished.
    """

    run: Run
    problem: Problem
    shape: Shape
    seed: int
    deadline: float | None
    jobs: int
    memory: int
    encoding: Encoding
    solver: str
    literal_order: str
    symmetry: bool
    augment: Augment | None
    ensemble: int
    bootstrap: bool = False
    written: Written = field(default_factory=Written)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def order(self) -> Integers | None:
        """The order in which the first layer's counts take what they read."""
        return reading_order(self.problem, self.shape, self.literal_order)

    @property
    def products(self) -> int:
        """Products of weights and rows."""
        return self.shape.weight_bits * len(self.problem.labels)

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, None without one."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def check(self) -> None:
        """See whether it is time to end.

        Raises:
            TimeoutError: the deadline is past.
            StoppedError: another method has finished.
        """
        if self.stop.is_set():
            raise StoppedError
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError

    @property
    def over(self) -> bool:
        """Whether a solver need not go on: there is nothing left to find out, or another method has finished."""
        return self.run.done or self.stop.is_set()

    def wanted(self, least: int) -> int | None:
        """The errors to be asked for next; None once there is nothing left to find out.

        Raises TimeoutError and StoppedError like `check`.

        Args:
            least: fewer are not asked for.
        """
        while not self.run.done:
            self.check()
            if (bound := self.run.wanted) >= least:
                return bound
            # Another thread has found the optimum since.
        return None

    @contextmanager
    def writing(self, cnf: Cnf, encoding: str, solver: str) -> Iterator[Circuit]:
        """A circuit for a formula; the time that writing it takes is noted.

        Args:
            cnf: the formula.
            encoding: its name.
            solver: the name of the one that the formula is for.
        """
        began = time.monotonic()
        try:
            yield Circuit(cnf, check=self.check)
        finally:
            written = self.written
            written.encoding, written.solver, written.cnf = encoding, solver, cnf
            written.seconds = time.monotonic() - began

    def follow(
        self, candidates: Iterator[Found | None], source: str, seconds: float | None = None, *, to_end: bool = False
    ) -> bool:
        """Offer what a heuristic finds, until it ends, the optimum is proved, or its time is over.

        Returns whether it came to its end. Raises TimeoutError and StoppedError like `check`.

        Args:
            candidates: networks with their errors; None only gives a moment to look at the clock.
            source: the heuristic's name.
            seconds: of wall-clock time; None for no limit of its own.
            to_end: a proof is no reason to stop, and what comes later is taken before what is as good.
        """
        now = time.monotonic()
        end, longest = None if seconds is None else now + seconds, 0.0
        for candidate in candidates:
            if candidate is not None:
                self.run.offer(*candidate, source, equal=to_end)
            if (self.run.done and not to_end) or (end is not None and time.monotonic() > end):
                return False
            self.check()
            before, now = now, time.monotonic()
            longest = max(longest, now - before)
            # A step that would end too late is not begun.
            late = self.deadline is not None and now + min(longest, MOST_SECONDS) > self.deadline
            if late and longest > LONG_SECONDS:
                raise TimeoutError
        return True
