"""The SAT loop: ask for fewer errors under an assumption until the answer is "impossible"."""

from __future__ import annotations

from collections.abc import Callable

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.circuit.templates import Circuit
from bnnsat.network import Network
from bnnsat.questions import formula
from bnnsat.search.context import Search
from bnnsat.search.sat.symmetry import break_popcount
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Literals


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
