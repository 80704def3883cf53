"""The state of a training run: the best network so far, the proved bound, and how they came about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bnnsat.criterion import Criterion
from bnnsat.errors import SoundnessError
from bnnsat.network import Network
from bnnsat.problem import Problem


@dataclass(frozen=True)
class Event:
    """One step.

    Attributes:
        seconds: since the start.
        errors: of the incumbent.
        lower_bound: proved.
        source: who found it.
        then: the further objectives begun so far.
        network: the incumbent, for whoever judges it otherwise, too.
    """

    seconds: float
    errors: int
    lower_bound: int
    source: str
    then: tuple[Criterion, ...] = ()
    network: Network | None = field(default=None, compare=False, repr=False)

    def noted(self) -> dict[str, Any]:
        """The step as JSON, without the network."""
        then = [asdict(criterion) for criterion in self.then]
        return {
            "seconds": self.seconds,
            "errors": self.errors,
            "lower_bound": self.lower_bound,
            "source": self.source,
            "then": then,
        }


Listener = Callable[[Event], None]


class Run:
    """Incumbent and bound of a run. Every network is replayed here before it is believed.

    Several threads may use it.

    Args:
        problem: the training examples.
        start: the first incumbent.
        started: the `time.monotonic` value from which the run's seconds count.
        on_event: is called at each step.
        goal: it is enough to know whether there is a network with so many errors or fewer.
        base: errors beside those of the problem, which all networks make; events count them, too.
    """

    def __init__(
        self,
        problem: Problem,
        start: Network,
        started: float,
        on_event: Listener | None = None,
        goal: int | None = None,
        base: int = 0,
    ) -> None:
        self.then: tuple[Criterion, ...] = ()
        self.base = base
        self._goal = goal
        self._problem = problem
        self._on_event = on_event
        self._started = started
        self._lock = threading.RLock()
        self.events: list[Event] = []
        self.lower_bound = problem.lower_bound
        self.network = start
        self.errors = start.quick_errors(problem)

    def begin(self) -> None:
        """Announce the first network. (Not part of making the run: an interrupt here must find it made.)"""
        if not self.events:
            self._record("start")

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @property
    def proved(self) -> bool:
        """Whether no network of this shape has fewer errors than the incumbent."""
        return self.errors == self.lower_bound

    @property
    def done(self) -> bool:
        """Whether there is nothing left to find out."""
        return self.proved or (self._goal is not None and not self.lower_bound <= self._goal < self.errors)

    @property
    def wanted(self) -> int:
        """The errors to be asked for next."""
        return self.errors - 1 if self._goal is None else min(self.errors - 1, self._goal)

    def further(self, network: Network, criterion: Criterion, source: str) -> None:
        """A step on a further objective, the last or a new one.

        Args:
            network: with no more errors than the incumbent.
            criterion: the objective, and how far it is.
            source: who found it.
        """
        with self._lock:
            self.offer(network, self.errors, source, equal=True)
            self.then = (*(old for old in self.then if old.objective != criterion.objective), criterion)
            self._record(source)

    def offer(self, network: Network, claim: int, source: str, *, equal: bool = False) -> None:
        """A network that may be better than the incumbent.

        Args:
            network: is replayed.
            claim: it is said to make at most so many errors.
            source: who found it.
            equal: it also replaces one as good.

        Raises:
            SoundnessError: the replay finds more errors, or fewer than the proved bound: then an encoding, a
                solver or a bound is wrong, and no result of this run can be trusted.
        """
        errors = network.quick_errors(self._problem)
        if errors > claim:
            raise SoundnessError(f"{source} claimed {claim} errors, but replaying the network gives {errors}")
        with self._lock:
            if errors < self.lower_bound:
                raise SoundnessError(f"{source} found {errors} errors, below the proved bound {self.lower_bound}")
            better = errors < self.errors
            if better or (equal and errors == self.errors):
                self.network, self.errors = network, errors
            if better:
                # They told of a network with more errors.
                self.then = ()
            if better:
                self._record(source)

    @property
    def best(self) -> tuple[Network, int, int]:
        """The incumbent, its errors and the proved bound, as of one moment."""
        with self._lock:
            return self.network, self.errors, self.lower_bound

    def bound(self, lower_bound: int, source: str) -> None:
        """A proof that no network makes fewer errors.

        Args:
            lower_bound: the errors.
            source: who proved it.

        Raises:
            SoundnessError: fewer are attained.
        """
        with self._lock:
            if lower_bound > self.errors:
                raise SoundnessError(f"{source} claims {lower_bound} errors at least, but {self.errors} are attained")
            if lower_bound > self.lower_bound:
                self.lower_bound = lower_bound
                self._record(source)

    def _record(self, source: str) -> None:
        event = Event(
            self.seconds, self.base + self.errors, self.base + self.lower_bound, source, self.then, self.network
        )
        self.events.append(event)
        if self._on_event is not None:
            self._on_event(event)
