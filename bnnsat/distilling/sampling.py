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
from bnnsat.distilling.fit import fitted
from bnnsat.distilling.manner import Manner
from bnnsat.distilling.source import Source
from bnnsat.errors import InputError, ResourceError
from bnnsat.types import Bits

Draw = Callable[[int], Bits]
"""So many random queries, (queries, bits)."""
LAST_SECONDS = 10.0
"""For the fewest errors where none agrees with all, without a time limit."""
MOST_FRESH, MOST_BITS = 1_000_000, 1 << 31
"""Queries that a program was not chosen by, and bits of all others."""


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
        fresh: queries that it was not chosen by.
        wrong: of how many of these it says something else.
        due: queries that a claim takes of a program that agrees with all, where these were too few for any; else 0.
    """

    epsilon: float | None
    fresh: int = 0
    wrong: int = 0
    due: int = 0


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
    for member in shapes:
        began = time.monotonic()
        due = bound.queries(member.programs, terms.epsilon, terms.delta, len(shapes))
        needed = due if terms.most is None else min(due, terms.most)
        if needed * source.inputs.bits > MOST_BITS:
            raise ResourceError(
                f"{needed:,} queries of {source.inputs.bits} bits are too many; take a larger epsilon, or fewer queries"
            )
        if (lacking := needed - len(progress.labels)) > 0:
            more = draw(lacking)
            progress.seen(more, source.ask(more))
            _consistent(progress)
        status = UNKNOWN
        try:
            fit = fitted(member, progress.rows, progress.labels, manner)
            status = IMPOSSIBLE if fit.lower else UNKNOWN if fit.errors else CONSISTENT
            progress.member, progress.fit = member, fit
            reached = bound.reached(member.programs, len(progress.labels), terms.delta, len(shapes))
            if status == CONSISTENT and reached >= 1:
                # That they differ on at most all inputs is no claim.
                progress.done(member, UNKNOWN, began)
                progress.status = UNKNOWN
                return Sampled(None, due=due)
        except TimeoutError:
            # There was no time for any program of this shape.
            pass
        progress.done(member, status, began)
        if status == CONSISTENT:
            progress.status = CONSISTENT
            # Shapes are tried with ever more queries, so the first ones are enough for those before.
            return Sampled(bound.reached(member.programs, len(progress.labels), terms.delta, len(shapes)))
        if manner.left == 0.0:
            break
    statuses = {attempt.status for attempt in progress.attempts}
    # What there was no time to try is not known to be impossible.
    untried = len(progress.attempts) < len(shapes)
    progress.status = UNKNOWN if untried or statuses != {IMPOSSIBLE} else IMPOSSIBLE
    return _closest(source, shapes[-1], draw, terms, manner, progress)


def _consistent(progress: Progress) -> None:
    """InputError where the black box said different labels of the same input: no program does."""
    rows, first, place = np.unique(progress.rows, axis=0, return_index=True, return_inverse=True)
    other = progress.labels[first][place.reshape(-1)] != progress.labels
    if other.any():
        row = "".join(str(int(bit)) for bit in rows[place.reshape(-1)[int(np.argmax(other))]])
        raise InputError(f"the black box says different labels of the same input ({row[:64]}); ask one that does not")


def _closest(
    source: Source,
    member: Member,
    draw: Draw,
    terms: Terms,
    manner: Manner,
    progress: Progress,
) -> Sampled | None:
    """The fewest errors, and what queries say of it that it was not chosen by."""
    best(member, progress, manner)
    if progress.fit is None or progress.member is None:
        return None
    fresh = min(bound.fresh(terms.epsilon, terms.delta), MOST_FRESH)
    if terms.most is not None:
        fresh = min(fresh, terms.most - len(progress.labels))
    if fresh < 1:
        return Sampled(None)
    rows = draw(fresh)
    program = source.program(progress.fit.network, progress.member.order)
    wrong = int((source.ask(rows) != labels_of(program, rows)).sum())
    return Sampled(None, fresh, wrong)


def best(member: Member, progress: Progress, manner: Manner) -> None:
    """The member with the fewest errors on the inputs so far becomes the best program, if there is time for one.

    Args:
        member: the shape.
        progress: is written to.
        manner: how members are searched for, and for how long.
    """
    limited = manner.within(LAST_SECONDS)
    try:
        progress.fit = fitted(member, progress.rows, progress.labels, limited, fewest=True)
        progress.member = member
    except TimeoutError:
        return
