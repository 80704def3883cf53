"""The bound from below, a formula for each limit: is there a network with no more errors than are certain?

The limit is no assumption but part of the formula, so that examples that cost more have to be right, and clauses
shrink before the search. As long as few errors are allowed that is much easier to refute than what the incumbent's are;
and where the incumbent is nearly the best, the two meet. A network that is found is the best.
"""

from __future__ import annotations

from collections.abc import Sequence

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import SoundnessError
from bnnsat.search.context import Search
from bnnsat.search.least import SOLVER
from bnnsat.search.sat.formula import bounding
from bnnsat.solvers.process import SolverProcess

MOST_SUMS = 1 << 16
"""Sums up to which it is looked which of them costs can add up to."""


def rising(search: Search) -> None:
    """Raise the bound until it is attained.

    Args:
        search: the run.
    """
    run = search.run
    while not run.done:
        search.check()
        cnf = Cnf()
        with search.writing(cnf, search.encoding.name, SOLVER) as circuit:
            made = bounding(search, circuit, symmetry=search.symmetry)
            objective, most = made.objective, run.lower_bound
            if most < objective.most:
                counter = weighted.counter(circuit, objective, most + 1)
                cnf.add([[literal] for literal in counter.at_most(most)])
        with SolverProcess(cnf, SOLVER) as solver:
            answer = solver.solve(seconds=search.left, until=lambda: search.over)
        if answer.status is None:
            if not run.done:
                search.check()
                raise TimeoutError
        elif answer.status:
            run.offer(made.network(answer.model), most, "rising")
            if not run.done:
                raise SoundnessError(f"a network has {most} errors, which was the bound, and the search goes on")
        else:
            run.bound(objective.constant + following(objective.costs.tolist(), most - objective.constant), "rising")


def following(costs: Sequence[int], most: int) -> int:
    """The least sum of some of the costs that is above another, or one more than that if there are too many to look.

    >>> following([4, 4, 6], 8)
    10
    >>> following([4, 4, 6], 14)
    15

    Args:
        costs: whole numbers from 1.
        most: the other.
    """
    end = most + max(costs, default=0) + 1
    if end > MOST_SUMS:
        return most + 1
    sums, kept = 1, (1 << end + 1) - 1
    for cost in costs:
        sums |= sums << cost & kept
    above = sums >> most + 1
    return most + 1 + ((above & -above).bit_length() - 1 if above else 0)
