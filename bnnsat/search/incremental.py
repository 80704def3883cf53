"""The SAT loop: ask for fewer errors under an assumption until the answer is "impossible"."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bnnsat import formula, lists, tries
from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.network import Network
from bnnsat.objective import ErrorCounter
from bnnsat.search.search import Search
from bnnsat.solver import SolverProcess
from bnnsat.symmetry import break_popcount
from bnnsat.types import Bits


def sat(search: Search, *, conflicts: int | None = None, symmetry: bool = False) -> None:
    """The plain loop over the plain formula: bounds from above, assumptions, nothing else, unless it is wished."""
    with SolverProcess(search.cnf, search.solver) as solver:
        with writing(search, search.encoding.name) as circuit:
            made = formula.encode(
                search.problem, search.shape, circuit, [search.encoding], literal_order=search.literal_order
            )
            if symmetry and search.shape.activation == "popcount":
                break_popcount(circuit, search.shape, made.weights, search.problem.inputs)
            # What is wrong whatever the weights (a neuron that is always 1, say) shows while encoding.
            search.run.bound(made.objective.constant, "formula")
            counter = ErrorCounter(circuit, made.objective, search.run.errors)
        tighten(search, solver, counter, made.network, conflicts=conflicts)


def listed(search: Search) -> None:
    """The loop over decision lists, with the errors counted along the trie of the examples."""
    search.cnf, search.solver = Cnf(), "minisat22"
    with SolverProcess(search.cnf, search.solver) as solver:
        with writing(search, "lists") as circuit:
            made = lists.encode(search.problem, search.shape, circuit, symmetry=search.symmetry)
            plan, groups = tries.plan(search.problem)
            counter = ErrorCounter(circuit, made.objective, search.run.errors, plan)
            tries.add_group_clauses(circuit, counter, search.problem, groups, made.differs)
        tighten(search, solver, counter, made.network)


@contextmanager
def writing(search: Search, name: str) -> Iterator[Circuit]:
    """A circuit for the search's formula; the time that writing it takes is noted."""
    began = time.monotonic()
    try:
        yield Circuit(search.cnf, deadline=search.deadline)
    finally:
        search.seconds_encode = time.monotonic() - began
        search.encoded_as = name


def tighten(
    search: Search,
    solver: SolverProcess,
    counter: ErrorCounter,
    network: Callable[[Bits], Network],
    *,
    conflicts: int | None = None,
) -> None:
    """Solve until the optimum is proved. With a budget of `conflicts` a call, others' networks are taken up between."""
    run = search.run
    while not run.proved:
        search.check()
        bound = run.errors - 1
        answer = solver.solve(
            counter.at_most(bound), seconds=search.left, conflicts=conflicts, until=lambda: run.proved
        )
        if answer.status:
            run.offer(network(answer.model), bound, "sat")
        elif answer.status is False:
            run.bound(bound + 1, "sat")
        elif conflicts is None and not run.proved:
            raise TimeoutError
