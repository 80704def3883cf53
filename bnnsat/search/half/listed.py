"""The SAT loop over decision lists, with a second solver beside it."""

from __future__ import annotations

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.search.beside import alongside
from bnnsat.search.context import Search
from bnnsat.search.half import lists, tries
from bnnsat.search.sat.incremental import sat, tighten
from bnnsat.solvers.process import SolverProcess

FIRST_SOLVER, SECOND_SOLVER = "minisat22", "cadical195"
"""The solvers for decision lists: the one is quicker at easy ones, the other at times much quicker at hard ones."""
PATIENCE_SECONDS = 1.0
"""Seconds after which the second one joins where there is a processor for it."""
SLICE_CONFLICTS = 10_000
"""Conflicts after which one takes up what the other has found."""


def listed(search: Search) -> None:
    """The loop over decision lists, with the errors counted along the trie of the examples.

    Where costs are far apart it is the loop over the training formula.

    Args:
        search: the run.
    """
    if weighted.far(search.problem.costs, search.run.errors):
        # Group clauses want a digit for each unit of cost.
        sat(search, assisted=True)
        return
    cnf = Cnf()
    with SolverProcess(cnf, FIRST_SOLVER) as solver:
        with search.writing(cnf, "lists", FIRST_SOLVER) as circuit:
            made = lists.encode(search.problem, search.shape, circuit, symmetry=search.symmetry)
            plan, groups = tries.plan(search.problem)
            counter = ErrorCounter(circuit, made.objective, search.run.errors, plan)
            tries.add_group_clauses(circuit, counter, search.problem, groups, made.differs)
        if search.jobs < 2:
            tighten(search, solver, counter, made.network)
            return

        def rival(search: Search) -> None:
            if not search.stop.wait(PATIENCE_SECONDS):
                with SolverProcess(cnf, SECOND_SOLVER) as other:
                    tighten(search, other, counter, made.network, conflicts=SLICE_CONFLICTS)

        with alongside(search, rival):
            tighten(search, solver, counter, made.network, conflicts=SLICE_CONFLICTS)
