"""A member that equals a network on all inputs, or the proof that there is none, by counterexamples.

Counterexample-guided synthesis, as for sketches (`synthesis/forall`): a member that agrees with the network on the
inputs seen so far is held against it; inputs on which they differ join, until there are none, or no member agrees.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bnnsat.distilling.differing import labels_of, told_apart
from bnnsat.distilling.families import CARD, CARDS, Member
from bnnsat.distilling.fit import fitted
from bnnsat.distilling.manner import Fit, Manner
from bnnsat.distilling.source import Source
from bnnsat.model import Model
from bnnsat.types import Bits, Integers
from bnnsat.verification.answer import PROVED, REFUTED

EQUAL, IMPOSSIBLE, UNKNOWN, CONSISTENT = "EQUAL", "IMPOSSIBLE", "UNKNOWN", "CONSISTENT"
RANDOM, NEAR = 8192, 512
"""Random inputs that are tried before a solver is asked, and those near its answer."""
FIRST, NEW = 64, 32
"""Inputs to begin with, and that join in a round."""
CARD_FIRST, CARD_NEW = 20, 2
"""The same of cards, for each input: few answers leave it open for long whether a card fits them, many decide it."""
CARDS_FIRST = 5_000
"""The least number of several cards to begin with: they are trained, which goes well with many."""
ROUND_SECONDS, ROUND_GROWTH = 20.0, 3
"""For each shape of several cards in a first round, and in each next one: larger ones may be found sooner."""
NEAR_SHARE = 0.08
"""Of the parts of an input that are drawn anew for one near it."""


@dataclass(frozen=True)
class Attempt:
    """What became of a shape.

    Attributes:
        topology: of the shape.
        status: EQUAL, CONSISTENT (with random queries), IMPOSSIBLE or UNKNOWN.
        examples: inputs whose labels the search knew in the end.
        seconds: it took.
    """

    topology: str
    status: str
    examples: int
    seconds: float


@dataclass(eq=False)
class Progress:
    """How far a search has come; what there is when it is interrupted.

    Attributes:
        rows: (examples, bits) inputs whose labels are known.
        labels: (examples,) these.
        attempts: shapes that are done.
        member: the shape of the best program.
        fit: the best program, with its errors as of when it was found.
        status: of the whole search.
        on_step: is told of each attempt, and of each round.
    """

    rows: Bits
    labels: Integers
    attempts: tuple[Attempt, ...] = ()
    member: Member | None = None
    fit: Fit | None = None
    status: str = UNKNOWN
    on_step: Callable[[str], object] = lambda _: None

    def errors(self, source: Source) -> int | None:
        """How many of the inputs whose labels are known the best program gets wrong; None without one.

        Args:
            source: that is distilled.
        """
        if self.fit is None or self.member is None:
            return None
        program = source.program(self.fit.network, self.member.order)
        # Some may have joined since it was found.
        return int((labels_of(program, self.rows) != self.labels).sum())

    def seen(self, rows: Bits, labels: Integers) -> None:
        """Examples join.

        Args:
            rows: (examples, bits).
            labels: (examples,).
        """
        self.rows, self.labels = np.concatenate([self.rows, rows]), np.concatenate([self.labels, labels])

    def done(self, member: Member, status: str, began: float) -> None:
        """A shape is done, or its turn is over.

        Args:
            member: the shape.
            status: what became of it.
            began: the `time.monotonic` value of its beginning.
        """
        made = Attempt(member.topology, status, len(self.rows), time.monotonic() - began)
        tried = {attempt.topology: attempt for attempt in self.attempts}
        if (before := tried.get(made.topology)) is not None:
            made = replace(made, seconds=made.seconds + before.seconds)
        self.attempts = tuple({**tried, made.topology: made}.values())
        self.on_step(f"{member.topology}: {status.lower()}, {len(self.rows)} inputs")


def searched(source: Source, shapes: list[Member], manner: Manner, progress: Progress) -> None:
    """Shape by shape, until one has an equal member: what is found stands in `progress`.

    Args:
        source: with a network.
        shapes: the smallest first.
        manner: how members are searched for, and for how long.
        progress: is written to.

    Raises:
        KeyboardInterrupt: it was interrupted.
    """
    rng = np.random.default_rng(manner.seed)
    family = shapes[0].family
    many = CARD_FIRST * source.inputs.bits if family in (CARD, CARDS) else FIRST
    rows = source.some(max(CARDS_FIRST, many) if family == CARDS else max(FIRST, many), rng)
    progress.seen(rows, source.ask(rows))
    left, statuses = shapes, set[str]()
    seconds = ROUND_SECONDS if family == CARDS else None
    while left and EQUAL not in statuses and manner.left != 0.0:
        statuses, open_ = set(), []
        for place, member in enumerate(left):
            began = time.monotonic()
            status = _turn(source, member, _share(manner, seconds, len(left) - place), progress, rng)
            progress.done(member, status, began)
            statuses.add(status)
            open_ += [member] * (status == UNKNOWN)
            if status == EQUAL or (status == UNKNOWN and manner.left == 0.0):
                break
        # Without turns what a shape left open it leaves open for good.
        if seconds is None:
            break
        left, seconds = open_, seconds * ROUND_GROWTH
    statuses = {attempt.status for attempt in progress.attempts}
    untried = len(progress.attempts) < len(shapes)
    progress.status = EQUAL if EQUAL in statuses else UNKNOWN if UNKNOWN in statuses or untried else IMPOSSIBLE
    if progress.status == IMPOSSIBLE:
        # The last one agreed with some inputs only.
        progress.fit = progress.member = None


def _share(manner: Manner, seconds: float | None, shapes: int) -> Manner:
    """The time of a shape's turn: what is left is for all shapes alike."""
    if seconds is None:
        return manner
    return manner.within(seconds if manner.left is None else min(seconds, manner.left / shapes))


def _turn(source: Source, member: Member, manner: Manner, progress: Progress, rng: np.random.Generator) -> str:
    try:
        return _one(source, member, manner, progress, rng)
    except TimeoutError:
        return UNKNOWN


def _one(source: Source, member: Member, manner: Manner, progress: Progress, rng: np.random.Generator) -> str:
    most = max(NEW, CARD_NEW * source.inputs.bits if member.family in (CARD, CARDS) else 0)
    while True:
        fit = fitted(member, progress.rows, progress.labels, manner)
        if fit.lower:
            return IMPOSSIBLE
        if fit.errors:
            best = progress.errors(source)
            if best is None or fit.errors < best:
                progress.member, progress.fit = member, fit
            return UNKNOWN
        progress.member, progress.fit = member, fit
        program = source.program(fit.network, member.order)
        new = _differing(source, program, source.inputs.drawn(RANDOM, rng))
        if not len(new):
            status, found = told_apart(source, program, fit.tree, manner)
            if found is None:
                return EQUAL if status == PROVED else UNKNOWN
            assert status == REFUTED
            near = source.inputs.drawn(NEAR, rng)
            for part in source.inputs.parts:
                kept = rng.random(NEAR) >= NEAR_SHARE
                near[np.ix_(kept, part.places)] = found[part.places]
            new = np.concatenate([found[np.newaxis], _differing(source, program, near)])
        progress.seen(new[:most], source.ask(new[:most]))
        progress.on_step(f"{member.topology}: {len(progress.rows)} inputs")


def _differing(source: Source, program: Model, rows: Bits) -> Bits:
    return np.asarray(rows[source.ask(rows) != labels_of(program, rows)])
