"""A member that agrees with a black box on as many random queries as its shape asks for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bnnsat.distilling import bound
from bnnsat.distilling.differing import labels_of
from bnnsat.distilling.equality import CONSISTENT, IMPOSSIBLE, UNKNOWN, Progress
from bnnsat.distilling.families import Member
from bnnsat.distilling.fit import Manner, fitted
from bnnsat.distilling.source import Source
from bnnsat.types import Bits, Integers

Draw = Callable[[int], Bits]
"""So many random queries, (queries, bits)."""
LAST_SECONDS = 10.0
"""For the fewest errors where none agrees with all, without a time limit."""
MOST_FRESH = 1_000_000


@dataclass(frozen=True)
class Terms:
    """What the claim is to be.

    Attributes:
        epsilon: disagreement that is allowed.
        delta: the probability that the claim is wrong.
        most: queries in all, at most; None for any number.
    """

    epsilon: float
    delta: float
    most: int | None = None


@dataclass(frozen=True)
class Sampled:
    """What the queries say.

    Attributes:
        epsilon: disagreement is at most this, of a program that agrees with all queries; None without one.
        errors: queries of which the program says something else, of those that it was chosen by.
        fresh: queries that it was not chosen by.
        wrong: of how many of these it says something else.
    """

    epsilon: float | None
    errors: int
    fresh: int = 0
    wrong: int = 0


def sampled(
    source: Source, shapes: list[Member], draw: Draw, terms: Terms, manner: Manner, progress: Progress
) -> Sampled | None:
    """Shape by shape, until a member agrees with all queries; None where there was no time for any program.

    Args:
        source: what is asked.
        shapes: the smallest first.
        draw: makes queries.
        terms: of the claim.
        manner: how members are searched for, and for how long.
        progress: is written to.

    Raises:
        KeyboardInterrupt: it was interrupted.
    """
    progress.rows = draw(0)
    labels: Integers = np.zeros(0, dtype=np.int64)
    for member in shapes:
        began = time.monotonic()
        needed = bound.queries(member.programs, terms.epsilon, terms.delta, len(shapes))
        needed = needed if terms.most is None else min(needed, terms.most)
        if needed > len(labels):
            more = draw(needed - len(labels))
            progress.rows, labels = np.concatenate([progress.rows, more]), np.concatenate([labels, source.ask(more)])
            progress.asked = len(labels)
        status = UNKNOWN
        try:
            fit = fitted(member, progress.rows, labels, manner)
            status = IMPOSSIBLE if fit.lower else UNKNOWN if fit.errors else CONSISTENT
            progress.member, progress.fit = member, fit
        except TimeoutError:
            pass
        progress.done(member, status, began)
        if status == CONSISTENT:
            progress.status = CONSISTENT
            # Shapes are tried with ever more queries, so the first ones are enough for those before.
            return Sampled(bound.reached(member.programs, len(labels), terms.delta, len(shapes)), 0)
        if manner.left == 0.0:
            break
    statuses = {attempt.status for attempt in progress.attempts}
    progress.status = UNKNOWN if UNKNOWN in statuses else IMPOSSIBLE
    return _closest(source, shapes[-1], labels, draw, terms, manner, progress)


def _closest(
    source: Source,
    member: Member,
    labels: Integers,
    draw: Draw,
    terms: Terms,
    manner: Manner,
    progress: Progress,
) -> Sampled | None:
    """The fewest errors, and what queries say of it that it was not chosen by."""
    best(member, progress, labels, manner)
    if progress.fit is None or progress.member is None:
        return None
    fresh = min(bound.fresh(terms.epsilon, terms.delta), MOST_FRESH)
    if terms.most is not None:
        fresh = min(fresh, terms.most - len(labels))
    errors = progress.fit.errors
    if fresh < 1:
        return Sampled(None, errors)
    rows = draw(fresh)
    program = source.program(progress.fit.network, progress.member.order)
    wrong = int((source.ask(rows) != labels_of(program, rows)).sum())
    progress.asked += fresh
    return Sampled(None, errors, fresh, wrong)


def best(member: Member, progress: Progress, labels: Integers, manner: Manner) -> None:
    """The member with the fewest errors on the inputs so far becomes the best program, if there is time for one.

    Args:
        member: the shape.
        progress: is written to.
        labels: of its rows.
        manner: how members are searched for, and for how long.
    """
    until = time.monotonic() + LAST_SECONDS
    limited = Manner(manner.seed, manner.jobs, until if manner.deadline is None else min(until, manner.deadline))
    try:
        progress.fit, progress.member = fitted(member, progress.rows, labels, limited, fewest=True), member
    except TimeoutError:
        return
