"""Examples one by one: the fewest errors on some of them bound those on all from below.

A network with the fewest errors on the examples that are written down is tried on all; those that it gets wrong
beside are written down too, until there are none. So thousands of examples cost what the hard ones among them cost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.unary import merge
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions import formula
from bnnsat.questions.replay import network_of
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.context import Search
from bnnsat.search.sat.symmetry import break_popcount
from bnnsat.search.sums import attainable
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Integers, Literals

FIRST_EXAMPLES = 20
"""Examples that are written down at first."""
MORE_SHARE = 0.25
"""How many join at a time, as a share of those that are there."""


def lazy(search: Search) -> None:
    """Raise the bound, and let examples join, until a network attains the bound on all."""
    run, rng, cnf = search.run, np.random.default_rng(search.seed), Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            some = Some(search, circuit)
            some.join(rng.permutation(len(search.problem.labels))[:FIRST_EXAMPLES])
        bound = run.lower_bound
        while True:
            search.check()
            bound = max(bound, some.constant)
            run.bound(bound, "lazy")
            if run.done:
                return
            answer = solver.solve(some.at_most(bound), seconds=search.left, until=lambda: search.over)
            if answer.status is None:
                if not run.done:
                    raise TimeoutError
            elif answer.status is False:
                # No sum of costs lies between.
                bound = attainable(search.problem.costs, bound + 1)
                run.bound(bound, "lazy")
            else:
                network = some.network(answer.model)
                run.offer(network, search.problem.total_cost, "lazy")
                wrong = rng.permutation(some.missed(network))
                if len(wrong):
                    some.join(wrong[: max(FIRST_EXAMPLES, int(MORE_SHARE * some.written.sum()))])


class Some:
    """The examples that are `written`, and the count of their errors."""

    def __init__(self, search: Search, circuit: Circuit) -> None:
        self._search = search
        self._circuit = circuit
        self._question = TrainingQuestion(search.problem, search.shape)
        self._algebra = formula.reading(self._question, circuit, [search.encoding], search.order)
        self._digits: Literals = np.empty((1, 0), dtype=np.int32)
        self._literals, self._costs = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
        self._counter: weighted.Counter | None = None
        self._holes = formula.variables(circuit.cnf, self._question)
        self.written = np.zeros(len(search.problem.labels), dtype=np.bool_)
        self.constant = 0
        if search.symmetry and search.shape.activation == "popcount":
            # Over all examples: of the best networks one is left, and makes no more errors on some than on all.
            break_popcount(circuit, search.shape, list(self._holes.values()), search.problem)

    def network(self, model: Bits) -> Network:
        """The network of a model."""
        return network_of(self._question, {name: model[literals] for name, literals in self._holes.items()})

    def missed(self, network: Network) -> Integers:
        """Rows that are not written down and that the network gets wrong."""
        problem = self._search.problem
        right = network.right(problem.inputs, problem.labels, problem.margin)
        return np.flatnonzero(~right & ~self.written)

    def join(self, rows: Integers) -> None:
        """Write rows down and count their errors with the others'."""
        problem = self._search.problem
        part: Problem = replace(
            problem, inputs=problem.inputs[rows], labels=problem.labels[rows], costs=problem.costs[rows]
        )
        errors = replace(self._question, problem=part).sum("errors", self._algebra, self._holes)
        objective = Objective.of(errors.bits, errors.costs)
        self.written[rows] = True
        self.constant += objective.constant
        # The optimum is at most what the incumbent attains: higher counts need not be told apart.
        cap = max(1, self._search.run.errors)
        self._literals = np.append(self._literals, objective.literals)
        self._costs = np.append(self._costs, objective.costs)
        if self._counter is not None or weighted.far(self._costs, cap):
            # Counted anew, from then on each time: costs that are far apart are no digits to be merged.
            self._counter = weighted.counter(self._circuit, Objective(self._literals, self._costs, 0), cap)
            return
        digits = ErrorCounter(self._circuit, replace(objective, constant=0), cap)
        if digits.nodes:
            self._digits = merge(self._circuit, self._digits, digits.nodes[-1][np.newaxis], cap=cap, both=False)

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the rows written down have at most so many errors."""
        k = bound - self.constant
        if self._counter is not None:
            return self._counter.at_most(k) if k < self._search.run.errors else []
        return [-int(self._digits[0, k])] if k < self._digits.shape[1] else []
