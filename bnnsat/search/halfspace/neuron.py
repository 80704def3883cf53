"""A single popcount neuron: the bound from below by branch and bound, networks by tabu search, in turn."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from bnnsat.search.context import Search
from bnnsat.search.found import Found
from bnnsat.search.halfspace import branching
from bnnsat.search.halfspace.halfspace import Halfspace
from bnnsat.search.halfspace.relaxation import Relaxation
from bnnsat.search.local.improving import Turns
from bnnsat.search.progress import Run

TABU_SHARE = 1 / 3
"""So much of the time that the proof has had goes to the tabu search in turn."""
SHORT_SECONDS = 1.0
"""Seconds of a question after which it is worth while to leave out the next one."""


def branch(search: Search) -> None:
    """Whether there is a neuron without errors, with one at most, with two, ..., or what errors can add up to.

    Each question takes several times as long as the one before, so every second one is left out where the time allows
    it. There is no thread for the tabu search: in one process its many short steps would slow down those of the
    branch and bound.
    """
    run, turns = search.run, Turns(search, TABU_SHARE)
    space = Halfspace.of(search.problem, search.shape, symmetry=search.symmetry)
    search.check()
    relaxation = Relaxation(space.signs, space.costs)
    search.check()
    run.bound(space.attainable(run.lower_bound), "branch")
    seconds, growth = 0.0, inf
    while not run.done:
        began, before = run.seconds, run.lower_bound
        # Not all of the time: the next question may well take somewhat longer than expected.
        expected, left = seconds * growth**2, inf if search.left is None else search.left * 2 / 3
        most = min(before + (seconds > SHORT_SECONDS and expected < left), run.wanted)
        steps = branching.search(space, relaxation, most, run.errors, search.jobs)
        ended = search.follow(turns.among(_while_open(steps, run, most)), "branch")
        if ended and run.errors > most:
            run.bound(space.attainable(most + 1), "branch")
            took = run.seconds - began
            growth = (took / seconds) ** (1 / (most + 1 - before)) if seconds else inf
            seconds = took


def _while_open(steps: Iterator[Found | None], run: Run, most: int) -> Iterator[Found | None]:
    """Steps until it is known that there are at most `most` errors, whoever finds that out."""
    for step in steps:
        if run.errors <= most:
            return
        yield step
