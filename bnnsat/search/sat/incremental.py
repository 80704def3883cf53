"""The SAT loop: ask for fewer errors under an assumption until the answer is "impossible"."""

from __future__ import annotations

from collections.abc import Callable

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.network import Network
from bnnsat.search.context import Search
from bnnsat.search.sat.formula import bounding
from bnnsat.solvers.descent import descend
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer
from bnnsat.types import Bits, Literals


def sat(
    search: Search,
    *,
    conflicts: int | None = None,
    assisted: bool = False,
    between: Callable[[], object] | None = None,
) -> None:
    """The loop over the training formula: bounds from above, assumptions, nothing else.

    It is `assisted` by symmetry breaking, if the search allows that, and by the incumbent's weights as phases.
    """
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            made = bounding(search, circuit, symmetry=assisted and search.symmetry)
            errors = weighted.counter(circuit, made.objective, search.run.wanted + 1)
        phases = made.literals if assisted else None
        tighten(search, solver, errors, made.network, conflicts=conflicts, phases=phases, between=between)


def tighten(
    search: Search,
    solver: SolverProcess,
    counter: weighted.Counter,
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

    def solve(bound: int) -> Answer:
        if phases is not None:
            solver.phases(phases(run.network).tolist())
        return solver.solve(counter.at_most(bound), seconds=search.left, conflicts=conflicts, until=lambda: search.over)

    def undecided() -> None:
        if conflicts is None and not run.done:
            search.check()
            raise TimeoutError
        if between is not None and not run.done:
            between()

    descend(
        solve,
        lambda: search.wanted(counter.constant),
        lambda answer, bound: run.offer(network(answer.model), bound, "sat"),
        lambda _, bound: run.bound(bound + 1, "sat"),
        undecided,
    )
