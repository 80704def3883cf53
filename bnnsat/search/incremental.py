"""The SAT loop: ask for fewer errors under an assumption until the answer is "impossible"."""

from __future__ import annotations

from collections.abc import Callable

from bnnsat import formula, lists, tries
from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.network import Network
from bnnsat.objective import ErrorCounter
from bnnsat.search.beside import alongside
from bnnsat.search.search import Search
from bnnsat.solverprocess import SolverProcess
from bnnsat.symmetry import break_popcount
from bnnsat.types import Bits, Literals

FIRST, SECOND = "minisat22", "cadical195"
"""The solvers for decision lists: the one is quicker at easy ones, the other at times much quicker at hard ones."""
PATIENCE = 1.0
"""Seconds after which the second one joins where there is a processor for it."""
SLICE = 10_000
"""Conflicts after which one takes up what the other has found."""


def sat(
    search: Search,
    *,
    conflicts: int | None = None,
    assisted: bool = False,
    between: Callable[[], object] | None = None,
) -> None:
    """The plain loop over the plain formula: bounds from above, assumptions, nothing else.

    It is `assisted` by symmetry breaking, if the search allows that, and by the incumbent's weights as phases.
    """
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            made = plain(search, circuit, symmetry=assisted and search.symmetry)
            counter = ErrorCounter(circuit, made.objective, search.run.wanted + 1)
        phases = made.literals if assisted else None
        tighten(search, solver, counter, made.network, conflicts=conflicts, phases=phases, between=between)


def plain(search: Search, circuit: Circuit, *, symmetry: bool) -> formula.Formula:
    """The plain formula; what is wrong whatever the weights (a neuron that is always 1, say) shows in it already."""
    made = encoded(search, circuit, symmetry=symmetry)
    search.run.bound(made.objective.constant, "formula")
    return made


def encoded(search: Search, circuit: Circuit, *, symmetry: bool) -> formula.Formula:
    """The formula of the search's problem, which need not be that of its run."""
    made = formula.encode(search.problem, search.shape, circuit, [search.encoding], literal_order=search.literal_order)
    if symmetry and search.shape.activation == "popcount":
        break_popcount(circuit, search.shape, made.weights, search.problem.inputs)
    return made


def listed(search: Search) -> None:
    """The loop over decision lists, with the errors counted along the trie of the examples."""
    cnf = Cnf()
    with SolverProcess(cnf, FIRST) as solver:
        with search.writing(cnf, "lists", FIRST) as circuit:
            made = lists.encode(search.problem, search.shape, circuit, symmetry=search.symmetry)
            plan, groups = tries.plan(search.problem)
            counter = ErrorCounter(circuit, made.objective, search.run.errors, plan)
            tries.add_group_clauses(circuit, counter, search.problem, groups, made.differs)
        if search.jobs < 2:
            tighten(search, solver, counter, made.network)
            return

        def rival(search: Search) -> None:
            if not search.stop.wait(PATIENCE):
                with SolverProcess(cnf, SECOND) as other:
                    tighten(search, other, counter, made.network, conflicts=SLICE)

        with alongside(search, rival):
            tighten(search, solver, counter, made.network, conflicts=SLICE)


def tighten(
    search: Search,
    solver: SolverProcess,
    counter: ErrorCounter,
    network: Callable[[Bits], Network],
    *,
    conflicts: int | None = None,
    phases: Callable[[Network], Literals] | None = None,
    between: Callable[[], object] | None = None,
) -> None:
    """Solve until the optimum is proved. With a budget of `conflicts` a call, others' networks are taken up between.

    `between` is called after each call that ended without an answer. `phases` says which literals the solver should
    prefer to be near a network.
    """
    run = search.run
    while not run.done:
        search.check()
        bound = run.wanted
        if bound < counter.constant:
            # Another thread has found the optimum since.
            continue
        if phases is not None:
            solver.phases(phases(run.network).tolist())
        answer = solver.solve(
            counter.at_most(bound),
            seconds=search.left,
            conflicts=conflicts,
            until=lambda: run.done or search.stop.is_set(),
        )
        if answer.status:
            run.offer(network(answer.model), bound, "sat")
        elif answer.status is False:
            run.bound(bound + 1, "sat")
        elif conflicts is None and not run.done:
            search.check()
            raise TimeoutError
        elif between is not None and not run.done:
            between()
