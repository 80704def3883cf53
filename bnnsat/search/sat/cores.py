"""The bound from below: assume that no example is wrong, and give way where the solver finds that impossible.

Core-guided MaxSAT as in OLL (Andres, Kaufmann, Matheis, Schaub, "Unsatisfiability-based optimization in clasp",
ICLP 2012; Morgado, Dodaro, Marques-Silva, "Core-guided MaxSAT with soft cardinality constraints", CP 2014):
each core raises the bound by its least weight, and its further errors are counted by a totalizer whose digits
become assumptions themselves. Cores are disjoint as long as there are such (weight-aware extraction: Berg,
Järvisalo, CP 2017), and heavy examples come first (stratification: Ansótegui et al., CP 2012).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import SoundnessError
from bnnsat.network import Network
from bnnsat.search.context import Search
from bnnsat.search.sat.formula import bounding
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer
from bnnsat.types import Bits

TRIAL_CONFLICTS = 300
"""Conflicts for finding out whether a core does without one of its literals."""
TRIAL_LITERALS = 40
"""The largest core that is made smaller so."""


def core(search: Search) -> None:
    """Raise the bound until it is attained."""
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            made = bounding(search, circuit, symmetry=search.symmetry)
        Climb(search, solver, circuit, made.objective).climb(made.network)


class Climb:
    """`soft` are the assumptions with their weights; `counts` says which digit of which count an assumption denies."""

    def __init__(self, search: Search, solver: SolverProcess, circuit: Circuit, objective: Objective) -> None:
        self._search = search
        self._solver = solver
        self._circuit = circuit
        self._soft = dict(zip((-objective.literals).tolist(), objective.costs.tolist(), strict=True))
        self._counts: dict[int, tuple[list[int], int]] = {}
        self._bound = objective.constant

    def climb(self, network: Callable[[Bits], Network]) -> None:
        """To the optimum; `network` reads a model."""
        run, found = self._search.run, list[tuple[list[int], int]]()
        heavy = max(self._soft.values(), default=0)
        while not run.done:
            self._search.check()
            answer = self._solve([literal for literal, weight in self._soft.items() if weight >= heavy])
            if answer.status is None:
                if not run.done:
                    raise TimeoutError
            elif answer.status is False:
                smaller = self._smaller(list(answer.core))
                found.append((smaller, self._give_way(smaller)))
                run.bound(self._bound, "core")
            else:
                run.offer(network(answer.model), self._search.problem.total_cost, "core")
                if found:
                    for literals, weight in found:
                        self._count(literals, weight)
                    found = []
                elif not heavy:
                    raise SoundnessError("all assumptions hold, and the errors are not those of the bound")
                else:
                    heavy = max((weight for weight in self._soft.values() if weight < heavy), default=0)

    def _solve(self, assumptions: list[int], conflicts: int | None = None) -> Answer:
        search = self._search
        return self._solver.solve(assumptions, conflicts=conflicts, seconds=search.left, until=lambda: search.over)

    def _smaller(self, literals: list[int]) -> list[int]:
        """The core without what a short trial shows to be needless."""
        if len(literals) > TRIAL_LITERALS:
            return literals
        for literal in sorted(literals, key=lambda key: self._soft[key]):
            self._search.check()
            if literal in literals and len(literals) > 1:
                answer = self._solve([other for other in literals if other != literal], TRIAL_CONFLICTS)
                if answer.status is False:
                    literals = list(answer.core)
        return literals

    def _give_way(self, literals: list[int]) -> int:
        """Take the core's least weight off its assumptions; the next digit of a count follows the one that gave way."""
        weight: int = min(self._soft[literal] for literal in literals)
        for literal in literals:
            self._soft[literal] -= weight
            if not self._soft[literal]:
                del self._soft[literal]
            if literal in self._counts:
                digits, k = self._counts[literal]
                if k + 1 < len(digits):
                    self._assume(digits, k + 1, weight)
        self._bound += weight
        return weight

    def _count(self, literals: list[int], weight: int) -> None:
        """At least one of the core's literals fails; each further one costs the weight again."""
        self._circuit.cnf.add([[-literal for literal in literals]])
        if len(literals) > 1:
            failing = -np.array(literals, dtype=np.int32)
            objective = Objective(failing, np.ones(len(literals), dtype=np.int64), 0)
            digits = ErrorCounter(self._circuit, objective, len(literals)).nodes[-1].tolist()
            self._assume(digits, 1, weight)

    def _assume(self, digits: list[int], k: int, weight: int) -> None:
        literal = -digits[k]
        self._soft[literal] = self._soft.get(literal, 0) + weight
        self._counts[literal] = digits, k
