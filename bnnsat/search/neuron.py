"""A single popcount neuron: the bound from below by branch and bound, networks by tabu search, in turn."""

from __future__ import annotations

from bnnsat.search import branching
from bnnsat.search.halfspace import Halfspace
from bnnsat.search.local import Turns
from bnnsat.search.relaxation import Relaxation
from bnnsat.search.search import Search

SHARE = 1 / 3
"""So much of the time that the proof has had goes to the tabu search in turn."""


def branch(search: Search) -> None:
    """Whether there is a neuron without errors, with one at most, with two, ..., or what errors can add up to.

    Each question takes several times as long as the one before. There is no thread for the tabu search: in one
    process its many short steps would slow down those of the branch and bound.
    """
    run, turns = search.run, Turns(search, SHARE)
    space = Halfspace.of(search.problem, search.shape, symmetry=search.symmetry)
    relaxation = Relaxation(space.signs, space.costs)
    run.bound(space.attainable(run.lower_bound), "branch")
    while not run.done:
        most = run.lower_bound
        ended = search.follow(turns.among(branching.search(space, relaxation, most, run.errors)), "branch")
        if ended and run.errors > most:
            run.bound(space.attainable(most + 1), "branch")
