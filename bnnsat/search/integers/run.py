"""A training of a network of whole numbers: descents and moves for an incumbent, then the loop from above."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from bnnsat import limits
from bnnsat.errors import InputError, SoundnessError
from bnnsat.integers.containment import contains, embedded, single
from bnnsat.integers.forward import Parameters
from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import IntegerShape
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.search.integers.alike import alike
from bnnsat.search.integers.descent import descents
from bnnsat.search.integers.moves import moves
from bnnsat.search.least import Descent, descended
from bnnsat.search.sat.symmetry import break_integers
from bnnsat.types import Bits, Integers

DESCENT, MOVES, SAT, GIVEN = "descent", "moves", "sat", "given"
LOCAL_SHARE = 0.5
"""Of a time limit, what descents and moves take at most."""
SMALL, SMALL_SECONDS, SECONDS = 2_000, 0.05, 5.0
"""Products of weights' bits and examples of what a solver is asked at once; and how long descents and moves take alone
then, and of larger ones."""
DESCENT_SHARE, ALONE_SHARE = 0.3, 0.3
"""Of the time of descents and moves: of descents (as much of moves, where there is no hidden layer), and of a single
layer, with which larger networks begin."""
ALIKE_SHARE, ALIKE_SECONDS = 0.3, 20.0
"""Of the time that is left, and at most, for networks that treat inputs alike which the examples do not tell apart."""
GROWTH = 2
"""Each round takes so many times as long as the one before."""
FIRST_SECONDS, SLICE_SECONDS = 0.01, 0.5
"""Of descents and moves between looks at a solver that works in another process: at first, and later."""


@dataclass(frozen=True)
class Event:
    """A better network, or a better bound.

    Attributes:
        seconds: since the beginning.
        errors: of the best network; None before there is one.
        lower_bound: proved.
        source: what found it: descent, moves, sat or given.
    """

    seconds: float
    errors: int | None
    lower_bound: int
    source: str


@dataclass(eq=False)
class IntegersRun:
    """What is known of the best network.

    Attributes:
        question: what is asked.
        network: the best; None before there is one.
        errors: its errors.
        lower_bound: proved.
        events: on the way.
    """

    question: IntegersQuestion
    network: IntegerNetwork | None
    errors: int
    lower_bound: int
    events: list[Event]

    @property
    def done(self) -> bool:
        """Whether there is nothing better."""
        return self.network is not None and self.errors == self.lower_bound


def integers(
    question: IntegersQuestion,
    seconds: float | None = None,
    seed: int = 0,
    *,
    start: IntegerNetwork | None = None,
    on_event: Callable[[Event, IntegerNetwork | None], object] | None = None,
) -> IntegersRun:
    """The network with the fewest errors, as far as there is time to find and prove it.

    Args:
        question: what is asked.
        seconds: of wall-clock time; None for no limit.
        seed: of whatever is random.
        start: a network of the shape that is known.
        on_event: is told of each event, with the best network.

    Raises:
        InputError: the network to begin with is of another shape.
        SoundnessError: a network is not what the solver says.
        KeyboardInterrupt: it was interrupted; what `on_event` was told stands.
    """
    began, deadline = time.monotonic(), limits.deadline(seconds)
    _, _, costs = question.merged
    run = IntegersRun(question, None, int(costs.sum()) + 1, question.lower_bound, [])

    def tell(source: str) -> None:
        known = None if run.network is None else run.errors
        run.events.append(Event(time.monotonic() - began, known, run.lower_bound, source))
        if on_event is not None:
            on_event(run.events[-1], run.network)

    def offer(network: IntegerNetwork, source: str) -> None:
        # The judge of sketches has the last word.
        errors = question.errors(network)
        if errors < run.lower_bound:
            raise SoundnessError(f"{source} found {errors} errors, below the proved bound {run.lower_bound}")
        if errors < run.errors:
            run.network, run.errors = network, errors
            tell(source)

    def further(seconds: float) -> None:
        """Go on with descents and moves for so long, or until there is nothing better."""
        end = time.monotonic() + seconds
        # However short the time is, there is some network.
        while not run.done and (run.network is None or time.monotonic() < end):
            found = next(local)
            if found is not None:
                offer(*found)

    def holes() -> tuple[int, dict[str, Bits]] | None:
        if run.network is None:
            return None
        return run.errors, question.inner.bits(dict(zip(question.holes, run.network.parameters(), strict=True)))

    slice_ = FIRST_SECONDS

    def meanwhile() -> tuple[int, dict[str, Bits]] | None:
        nonlocal slice_
        before = run.errors
        further(slice_ if deadline is None else min(slice_, deadline - time.monotonic()))
        slice_ = min(2 * slice_, SLICE_SECONDS)
        return holes() if run.errors < before else None

    if start is not None:
        if start.shape != question.shape:
            raise InputError(f"the network to begin with is one {start.shape.words}, not {question.shape.words}")
        offer(start, GIVEN)
    budget = _budget(question, seconds)
    local = _local(question, budget, np.random.default_rng(seed), run)
    further(budget)
    if run.done or (deadline is not None and time.monotonic() >= deadline):
        return run

    def better(state: Descent) -> None:
        if state.solution is not None and state.value is not None and state.value < run.errors:
            offer(question.network(state.solution), SAT)

    if question.exchanges:
        alone = ALIKE_SECONDS if deadline is None else min(ALIKE_SECONDS, ALIKE_SHARE * (deadline - time.monotonic()))
        if found := alike(question, holes(), alone):
            offer(question.network(found[1]), SAT)
            if run.errors == run.lower_bound:
                return run

    state = descended(
        question,
        None if deadline is None else max(0.0, deadline - time.monotonic()),
        start=holes(),
        narrow=partial(break_integers, question),
        on_better=better,
        meanwhile=meanwhile,
        least=run.lower_bound,
    )
    if state.done and state.value != run.errors:
        raise SoundnessError(f"{state.value} errors were proved to be the fewest, but {run.errors} are attained")
    lower = run.errors if state.done else max(run.lower_bound, state.lower)
    if lower > run.lower_bound:
        run.lower_bound = lower
        tell(SAT)
    return run


def _budget(question: IntegersQuestion, seconds: float | None) -> float:
    """The seconds of descents and moves alone, before a solver is asked."""
    shape = question.shape
    asked = shape.weights * shape.weight_bits * len(question.merged[1])
    alone = SMALL_SECONDS if asked <= SMALL else SECONDS
    return alone if seconds is None else min(alone, LOCAL_SHARE * seconds)


def _local(
    question: IntegersQuestion, budget: float, rng: np.random.Generator, run: IntegersRun
) -> Iterator[tuple[IntegerNetwork, str] | None]:
    """What descents and moves find, for ever; None to look at the clock."""
    shape, (x, labels, costs) = question.shape, question.merged
    alone, share = single(shape), 1.0
    if alone != shape and contains(shape, alone):
        # A single layer is learned best; the others begin with it.
        share = 1 - ALONE_SHARE
        for found in _searched(alone, x, labels, costs, ALONE_SHARE * budget, None, rng):
            network = None if found is None else embedded(IntegerNetwork.of(alone, found[0]), shape)
            yield None if network is None or found is None else (network, found[1])
    while True:
        start = None if run.network is None else run.network.parameters()
        for found in _searched(shape, x, labels, costs, share * budget, start, rng):
            yield None if found is None else (IntegerNetwork.of(shape, found[0]), found[1])
        budget *= GROWTH


def _searched(
    shape: IntegerShape,
    x: Integers,
    labels: Integers,
    costs: Integers,
    seconds: float,
    start: Parameters | None,
    rng: np.random.Generator,
) -> Iterator[tuple[Parameters, str] | None]:
    """Descents, then moves from the best of them, or from what is known, for so long."""
    began, best, share = time.monotonic(), start, DESCENT_SHARE if shape.layers > 1 else 1 - DESCENT_SHARE
    for found in descents(shape, x, labels, costs, rng):
        if found is not None and start is None:
            best = found[0]
        yield None if found is None else (found[0], DESCENT)
        if best is not None and time.monotonic() - began > share * seconds:
            break
    assert best is not None
    for found in moves(shape, x, labels, costs, best, rng):
        yield None if found is None else (found[0], MOVES)
        if time.monotonic() - began > seconds:
            return
